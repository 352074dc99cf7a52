"""Keeping a playground in a folder: one JSON file, written whole and put in place at once."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from playground.channels import Channel, Overwrite
from playground.guilds import Guild, Member, Role
from playground.messages import Attachment, Message
from playground.world import User, Webhook, World

JsonObject = dict[str, Any]
VERSION = 1
_NAME = "playground.json"


def dump(world: World) -> JsonObject:
    """Returns everything that outlives the process; ephemeral and unfinished messages do not."""
    return {
        "version": VERSION,
        "token": world.token,
        "bot_id": world.bot_id,
        "users": [_plain(user) for user in world.users.values()],
        "guilds": [
            _plain(guild, roles=_values(guild.roles), members=_values(guild.members)) for guild in world.guilds.values()
        ],
        "channels": [
            _plain(
                channel,
                overwrites=_values(channel.overwrites),
                thread_members=[[user, since] for user, since in channel.thread_members.items()],
            )
            for channel in world.channels.values()
        ],
        "messages": [
            _plain(message, attachments=[_plain(one) for one in message.attachments])
            for kept in world.messages.values()
            for message in kept.values()
            if not message.ephemeral and not message.loading
        ],
        "webhooks": [_plain(webhook) for webhook in world.webhooks.values()],
        "commands": world.commands,
        "avatar_sources": world.avatar_sources,
        "cdn_url": world.cdn_url,
    }


def _values(kept: dict[int, Any]) -> list[JsonObject]:
    return [_plain(one) for one in kept.values()]


def _plain(thing: Any, **instead: object) -> JsonObject:
    shown = {one.name: getattr(thing, one.name) for one in fields(thing) if one.name != "world"}
    return shown | instead


def restore(world: World, saved: JsonObject) -> None:
    """Puts everything of a snapshot into a new world."""
    if saved["version"] != VERSION:
        raise ValueError(f"The playground's folder is of version {saved['version']}; this one reads {VERSION}.")
    world.token = saved["token"]
    world.bot_id = world.application_id = saved["bot_id"]
    world.users = {one["id"]: User(**one) for one in saved["users"]}
    for one in saved["guilds"]:
        roles = {role["id"]: Role(**role) for role in one.pop("roles")}
        members = {member["user_id"]: Member(**member) for member in one.pop("members")}
        world.guilds[one["id"]] = Guild(world, **one, roles=roles, members=members)
    for one in saved["channels"]:
        overwrites = {each["id"]: Overwrite(**each) for each in one.pop("overwrites")}
        thread_members = dict(one.pop("thread_members"))
        channel = Channel(world, **one, overwrites=overwrites, thread_members=thread_members)
        world.channels[channel.id] = channel
        world.ids_after(channel.id)
        world.messages[channel.id] = {}
    for one in saved["messages"]:
        attachments = [Attachment(**each) for each in one.pop("attachments")]
        message = Message(world, **one, attachments=attachments)
        world.messages[message.channel_id][message.id] = message
        world.ids_after(message.id)
    world.webhooks = {one["id"]: Webhook(**one) for one in saved["webhooks"]}
    world.commands = saved["commands"]
    world.avatar_sources = saved["avatar_sources"]


def write(folder: Path, world: World) -> None:
    """Writes the snapshot beside the old one and then in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / (_NAME + ".new")
    beside.write_bytes(orjson.dumps(dump(world)))
    beside.replace(folder / _NAME)


def read(folder: Path, world: World, *, cdn_url: str) -> bool:
    """Fills a new world from the folder and returns whether there was anything.

    Addresses in it lead to the server that wrote it, whose port may have been another: they are
    made to lead to `cdn_url`.
    """
    path = folder / _NAME
    if not path.exists():
        return False
    raw = path.read_bytes()
    old = orjson.loads(raw)["cdn_url"]
    if old and old != cdn_url:
        raw = raw.replace(old.encode() + b"/", cdn_url.encode() + b"/")
    restore(world, orjson.loads(raw))
    return True
