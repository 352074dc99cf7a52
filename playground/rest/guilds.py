"""Servers, their channels, members and roles."""

from __future__ import annotations

from typing import Any

from playground import wire
from playground.channels import CATEGORY, Channel, Overwrite
from playground.guilds import Guild
from playground.permissions import bits, in_guild
from playground.refusals import Refused, bad_form
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]


def _guild(call: Call, *needed: str) -> Guild:
    guild = call.world.guild(call.id("guild_id"))
    if call.bot_id not in guild.members:
        raise Refused(50001)
    if in_guild(guild, call.bot_id) & bits(*needed) != bits(*needed):
        raise Refused(50013)
    return guild


@route("GET", "/guilds/{guild_id}")
async def guild(call: Call) -> JsonObject:
    """Answers with a server."""
    found = _guild(call)
    shown = wire.guild_json(found)
    if call.flag("with_counts"):
        shown |= {
            "approximate_member_count": len(found.members),
            "approximate_presence_count": len(found.members),
        }
    return shown


@route("GET", "/guilds/{guild_id}/channels")
async def channels(call: Call) -> list[JsonObject]:
    """Answers with a server's channels."""
    return [wire.channel_json(channel) for channel in _guild(call).channels]


@route("POST", "/guilds/{guild_id}/channels")
async def create_channel(call: Call) -> JsonObject:
    """Makes a text channel, a category or a forum."""
    found = _guild(call, "manage_channels")
    body = call.body
    kind = body.get("type") or 0
    if kind not in (0, 4, 15):
        raise bad_form("type", "The playground makes text channels, categories and forums.")
    channel = Channel(
        call.world,
        call.world.new_id(),
        kind,
        body["name"] if kind == CATEGORY else body["name"].lower().replace(" ", "-"),
        found.id,
        topic=body.get("topic"),
        nsfw=bool(body.get("nsfw")),
        parent_id=int(body["parent_id"]) if body.get("parent_id") else None,
        position=body.get("position") or len(found.channels),
    )
    for one in body.get("permission_overwrites") or []:
        target = int(one["id"])
        channel.overwrites[target] = Overwrite(
            target, one.get("type") or 0, int(one.get("allow") or 0), int(one.get("deny") or 0)
        )
    call.world.add_channel(channel)
    call.world.emit("CHANNEL_CREATE", wire.channel_json(channel), channel=channel, subject=channel)
    return wire.channel_json(channel)


@route("GET", "/guilds/{guild_id}/roles")
async def roles(call: Call) -> list[JsonObject]:
    """Answers with a server's roles."""
    return [wire.role_json(role) for role in _guild(call).roles.values()]


@route("GET", "/guilds/{guild_id}/members/{user_id}")
async def member(call: Call) -> JsonObject:
    """Answers with a member."""
    found = _guild(call)
    one = found.members.get(call.id("user_id"))
    if one is None:
        call.world.user(call.id("user_id"))
        raise Refused(10007)
    return wire.member_json(found, one)


@route("GET", "/guilds/{guild_id}/threads/active")
async def active_threads(call: Call) -> JsonObject:
    """Answers with a server's threads that are not archived."""
    found = [thread for thread in _guild(call).threads if not thread.archived]
    members = [wire.thread_member_json(thread, call.bot_id) for thread in found if call.bot_id in thread.thread_members]
    return {"threads": [wire.channel_json(thread) for thread in found], "members": members}


@route("GET", "/guilds/{guild_id}/webhooks")
async def guild_webhooks(call: Call) -> list[JsonObject]:
    """Answers with a server's webhooks."""
    found = _guild(call, "manage_webhooks")
    return [wire.webhook_json(call.world, one) for one in call.world.webhooks.values() if one.guild_id == found.id]
