"""Logging in: who the bot is, its application, and where the gateway is."""

from __future__ import annotations

from typing import Any

from playground import application, permissions, wire
from playground.files import keep_avatar, read_image
from playground.refusals import Refused, bad_form
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]


@route("GET", "/users/@me")
async def me(call: Call) -> JsonObject:
    """Answers with the bot user."""
    return _own_user(call)


@route("PATCH", "/users/@me")
async def change_me(call: Call) -> JsonObject:
    """Renames the bot or changes its picture."""
    bot = call.world.bot
    if call.body.get("username"):
        bot.username = call.body["username"]
    if "avatar" in call.body:
        value = call.body["avatar"]
        bot.avatar = keep_avatar(call.world.files, bot.id, read_image("avatar", value)) if value else None
    call.world.emit("USER_UPDATE", wire.user_json(bot), only=bot.id)
    return _own_user(call)


def _own_user(call: Call) -> JsonObject:
    return wire.user_json(call.world.bot) | {
        "flags": 0, "mfa_enabled": True, "verified": True, "email": None, "locale": "en-US",
    }  # fmt: skip


@route("GET", "/oauth2/applications/@me")
@route("GET", "/applications/@me")
async def own_application(call: Call) -> JsonObject:
    """Answers with the application."""
    return application.application_json(call.play)


@route("GET", "/gateway", authorized=False)
async def gateway(call: Call) -> JsonObject:
    """Answers with the gateway's address."""
    return {"url": call.play.gateway_url}


@route("GET", "/gateway/bot")
async def gateway_bot(call: Call) -> JsonObject:
    """Answers with the gateway's address and how many shards to use."""
    start = call.play.gateway.start_limit()
    return {"url": call.play.gateway_url, "shards": call.play.shards, "session_start_limit": start}


@route("GET", "/users/@me/guilds")
async def my_guilds(call: Call) -> list[JsonObject]:
    """Answers with the servers that the bot is in."""
    return [
        {"id": str(guild.id), "name": guild.name, "icon": None, "banner": None, "owner": False,
         "permissions": str(permissions.in_guild(guild, call.bot_id)), "features": []}
        for guild in call.world.guilds.values()
        if call.bot_id in guild.members
    ]  # fmt: skip


@route("GET", "/users/{user_id}")
async def user(call: Call) -> JsonObject:
    """Answers with anyone."""
    return wire.user_json(call.world.user(call.id("user_id")))


@route("POST", "/users/@me/channels")
async def open_dm(call: Call) -> JsonObject:
    """Opens the direct channel with a person."""
    if call.body.get("recipient_id") is None:
        raise bad_form("access_tokens", "The playground has no group channels.", "NOT_BUILT")
    person = call.world.user(int(call.body["recipient_id"]))
    if person.bot:
        raise Refused(50007)
    return wire.channel_json(call.world.dm_with_bot(person.id))
