"""Threads: starting, joining, listing."""

from __future__ import annotations

from typing import Any

from playground import posting, threads, wire
from playground.channels import FORUM, PRIVATE_THREAD, PUBLIC_THREAD, Channel
from playground.permissions import may
from playground.posting import Author
from playground.refusals import Refused, bad_form
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]
THREAD_CREATED, STARTER = 18, 21


@route("POST", "/channels/{channel_id}/threads")
async def start(call: Call) -> JsonObject:
    """Starts a thread without a message, or a post in a forum."""
    parent = call.channel()
    body: JsonObject = call.body
    if parent.type == FORUM:
        return _forum_post(call, parent, body)
    if "message" in body:
        raise bad_form("message", "Only posts in forums have one.")
    kind = body.get("type") or PRIVATE_THREAD
    threads.require_start(parent, call.bot_id, kind)
    thread = threads.start(
        parent,
        call.bot_id,
        body["name"],
        kind=kind,
        auto_archive=body.get("auto_archive_duration") or 1440,
        invitable=body.get("invitable") is not False,
    )
    if kind == PUBLIC_THREAD:
        posting.system_message(parent, call.bot_id, THREAD_CREATED, body["name"])
    return wire.channel_json(thread)


def _forum_post(call: Call, forum: Channel, body: JsonObject) -> JsonObject:
    if "message" not in body:
        raise bad_form("message", "This field is required", "BASE_TYPE_REQUIRED")
    threads.require_start(forum, call.bot_id, PUBLIC_THREAD)
    posting.checks.message(body["message"])
    posting.checks.not_empty(body["message"], files=len(call.uploads))
    thread = threads.start(
        forum,
        call.bot_id,
        body["name"],
        auto_archive=body.get("auto_archive_duration") or 1440,
        applied_tags=[int(tag) for tag in body.get("applied_tags") or []],
    )
    message = posting.post(thread, Author(call.bot_id), body["message"], call.uploads, message_id=thread.id)
    return wire.channel_json(thread) | {"message": wire.message_json(message)}


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
async def start_from_message(call: Call) -> JsonObject:
    """Starts a thread from a message."""
    parent = call.channel("read_message_history")
    message = call.world.message(parent.id, call.id("message_id"))
    threads.require_start(parent, call.bot_id, PUBLIC_THREAD)
    thread = threads.start(
        parent,
        call.bot_id,
        call.body["name"],
        message=message,
        auto_archive=call.body.get("auto_archive_duration") or 1440,
    )
    posting.tell(message, "MESSAGE_UPDATE")
    return wire.channel_json(thread)


def _thread(call: Call) -> Channel:
    found = call.channel()
    if not found.is_thread:
        raise Refused(50024)
    return found


@route("PUT", "/channels/{channel_id}/thread-members/@me")
async def join(call: Call) -> None:
    """Lets the bot join a thread."""
    threads.add_member(_thread(call), call.bot_id)


@route("DELETE", "/channels/{channel_id}/thread-members/@me")
async def leave(call: Call) -> None:
    """Lets the bot leave a thread."""
    threads.remove_member(_thread(call), call.bot_id)


@route("PUT", "/channels/{channel_id}/thread-members/{user_id}")
async def add(call: Call) -> None:
    """Adds a member to a thread."""
    thread = _thread(call)
    user = call.world.user(call.id("user_id"))
    guild = thread.guild
    if guild is None or user.id not in guild.members or thread.parent is None:
        raise Refused(10007)
    if not may(thread, call.bot_id, "send_messages_in_threads"):
        raise Refused(50013)
    if not may(thread.parent, user.id, "view_channel"):
        raise Refused(50001)
    threads.add_member(thread, user.id)


@route("DELETE", "/channels/{channel_id}/thread-members/{user_id}")
async def remove(call: Call) -> None:
    """Removes a member from a thread."""
    thread = _thread(call)
    private_owner = thread.type == PRIVATE_THREAD and thread.owner_id == call.bot_id
    if not private_owner and not may(thread, call.bot_id, "manage_threads"):
        raise Refused(50013)
    threads.remove_member(thread, call.id("user_id"))


@route("GET", "/channels/{channel_id}/thread-members/{user_id}")
async def member(call: Call) -> JsonObject:
    """Answers with a member of a thread."""
    thread, user_id = _thread(call), call.id("user_id")
    if user_id not in thread.thread_members:
        raise Refused(10007)
    return wire.thread_member_json(thread, user_id)


@route("GET", "/channels/{channel_id}/thread-members")
async def members(call: Call) -> list[JsonObject]:
    """Answers with the members of a thread."""
    thread = _thread(call)
    return [wire.thread_member_json(thread, user_id) for user_id in thread.thread_members]


@route("GET", "/channels/{channel_id}/threads/archived/public")
async def archived_public(call: Call) -> JsonObject:
    """Answers with the archived public threads of a channel."""
    return _archived(call, call.channel("read_message_history"), PUBLIC_THREAD)


@route("GET", "/channels/{channel_id}/threads/archived/private")
async def archived_private(call: Call) -> JsonObject:
    """Answers with the archived private threads of a channel."""
    return _archived(call, call.channel("read_message_history", "manage_threads"), PRIVATE_THREAD)


def _archived(call: Call, parent: Channel, kind: int) -> JsonObject:
    found = [one for one in call.world.threads_of(parent.id) if one.archived and one.type == kind]
    found.sort(key=lambda thread: thread.archive_moment, reverse=True)
    before = call.query.get("before")
    if before is not None:
        found = [one for one in found if wire.iso(one.archive_moment) < before]
    limit = call.number("limit", 50, 1, 100)
    shown = found[:limit]
    members = [wire.thread_member_json(one, call.bot_id) for one in shown if call.bot_id in one.thread_members]
    more = len(found) > limit
    return {"threads": [wire.channel_json(one) for one in shown], "members": members, "has_more": more}
