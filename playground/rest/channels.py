"""Channels: reading, changing, deleting, typing, overwrites."""

from __future__ import annotations

from typing import Any

from playground import threads, wire
from playground.channels import DM, Overwrite
from playground.permissions import in_channel, may
from playground.refusals import BadForm, Refused
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]
_THREAD_KEYS = frozenset(
    (
        "name",
        "archived",
        "locked",
        "invitable",
        "auto_archive_duration",
        "rate_limit_per_user",
        "flags",
        "applied_tags",
    )
)
_CHANNEL_KEYS = frozenset(
    (
        "name",
        "topic",
        "nsfw",
        "position",
        "rate_limit_per_user",
        "parent_id",
        "permission_overwrites",
        "flags",
    )
)


@route("GET", "/channels/{channel_id}")
async def channel(call: Call) -> JsonObject:
    """Answers with a channel."""
    return wire.channel_json(call.channel())


@route("PATCH", "/channels/{channel_id}", limit="channel")
async def change(call: Call) -> JsonObject:
    """Changes a channel or a thread."""
    found = call.channel()
    body: JsonObject = call.body
    if found.type == DM:
        raise Refused(50003)
    _only(body, _THREAD_KEYS if found.is_thread else _CHANNEL_KEYS)
    if found.is_thread:
        threads.require_update(found, call.bot_id, body)
        threads.update(found, body)
        return wire.channel_json(found)
    if not may(found, call.bot_id, "manage_channels"):
        raise Refused(50013)
    for key in ("name", "topic", "nsfw", "position", "rate_limit_per_user", "flags"):
        if key in body:
            setattr(found, key, body[key])
    if "parent_id" in body:
        found.parent_id = int(body["parent_id"]) if body["parent_id"] else None
    if body.get("permission_overwrites") is not None:
        found.overwrites = {int(one["id"]): _overwrite(int(one["id"]), one) for one in body["permission_overwrites"]}
    call.world.emit("CHANNEL_UPDATE", wire.channel_json(found), channel=found, subject=found)
    return wire.channel_json(found)


def _only(body: JsonObject, known: frozenset[str]) -> None:
    """Refuses keys that Discord has and the playground does not carry out."""
    foreign = [key for key in body if key not in known]
    if foreign:
        raise BadForm([([key], "NOT_BUILT", "The playground does not carry this key out.") for key in foreign])


def _overwrite(target: int, one: JsonObject) -> Overwrite:
    return Overwrite(target, one.get("type") or 0, int(one.get("allow") or 0), int(one.get("deny") or 0))


@route("DELETE", "/channels/{channel_id}")
async def delete(call: Call) -> JsonObject:
    """Deletes a channel or a thread."""
    found = call.channel()
    if found.type == DM:
        return wire.channel_json(found)
    if not may(found, call.bot_id, "manage_threads" if found.is_thread else "manage_channels"):
        raise Refused(50013)
    shown = wire.channel_json(found)
    threads.delete_channel(found)
    return shown


@route("POST", "/channels/{channel_id}/typing")
async def typing(call: Call) -> None:
    """Shows that the bot is writing."""
    found = call.channel()
    sending = "send_messages_in_threads" if found.is_thread else "send_messages"
    if not may(found, call.bot_id, sending):
        raise Refused(50013)
    call.play.typing(found, call.bot_id)


@route("PUT", "/channels/{channel_id}/permissions/{overwrite_id}")
async def set_overwrite(call: Call) -> None:
    """Sets what one role or member may do in a channel."""
    found = call.channel("manage_roles")
    target = call.id("overwrite_id")
    one = _overwrite(target, call.body)
    if (one.allow | one.deny) & ~in_channel(found, call.bot_id):
        raise Refused(50013)
    found.overwrites[target] = one
    call.world.emit("CHANNEL_UPDATE", wire.channel_json(found), channel=found, subject=found)


@route("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}")
async def drop_overwrite(call: Call) -> None:
    """Takes away what one role or member may do in a channel."""
    found = call.channel("manage_roles")
    found.overwrites.pop(call.id("overwrite_id"), None)
    call.world.emit("CHANNEL_UPDATE", wire.channel_json(found), channel=found, subject=found)
