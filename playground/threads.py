"""Threads: starting, waking, archiving, locking, joining and leaving."""

from __future__ import annotations

from typing import Any

from playground import wire
from playground.channels import FORUM, PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel
from playground.messages import Message
from playground.permissions import may
from playground.refusals import Refused

JsonObject = dict[str, Any]
_HAS_THREAD = 1 << 5


def require_start(parent: Channel, user_id: int, kind: int) -> None:
    """Refuses a thread that the user may not start there."""
    if not may(parent, user_id, "view_channel"):
        raise Refused(50001)
    if parent.type not in (TEXT, FORUM):
        raise Refused(50024)
    if parent.type == FORUM:
        wanted = "send_messages"
    else:
        wanted = "create_private_threads" if kind == PRIVATE_THREAD else "create_public_threads"
    if not may(parent, user_id, wanted):
        raise Refused(50013)


def start(
    parent: Channel,
    owner_id: int,
    name: str,
    *,
    kind: int = PUBLIC_THREAD,
    message: Message | None = None,
    auto_archive: int = 1440,
    invitable: bool = True,
    applied_tags: list[int] | None = None,
) -> Channel:
    """Starts a thread and tells everyone; one started from a message has that message's id."""
    world = parent.world
    if message is not None and message.thread_id is not None:
        raise Refused(160004)
    thread = Channel(
        world,
        message.id if message is not None else world.new_id(),
        kind,
        name,
        parent.guild_id,
        parent_id=parent.id,
        owner_id=owner_id,
        auto_archive_duration=auto_archive,
        invitable=invitable,
        applied_tags=applied_tags or [],
    )
    world.add_channel(thread)
    thread.thread_members[owner_id] = world.clock.now()
    sleep_when_idle(thread)
    data = wire.channel_json(thread) | {"newly_created": True}
    world.emit("THREAD_CREATE", data, channel=thread, subject=thread)
    if message is not None:
        message.thread_id = thread.id
        message.flags |= _HAS_THREAD
    return thread


def sleep_when_idle(thread: Channel) -> None:
    """Archives a thread once nobody has written for as long as its setting says."""
    world = thread.world

    def look() -> None:
        if thread.id not in world.channels or thread.archived:
            return
        if _quiet_until(thread) <= world.clock.now():
            update(thread, {"archived": True})
        else:
            world.clock.at(_quiet_until(thread), look)

    if not thread.archived:
        world.clock.at(_quiet_until(thread), look)


def _quiet_until(thread: Channel) -> float:
    last = thread.world.messages[thread.id].get(thread.last_message_id or 0)
    active = max(thread.created, thread.archive_moment, last.created if last is not None else 0.0)
    return active + thread.auto_archive_duration * 60


def wake(thread: Channel, user_id: int | None) -> None:
    """Unarchives a thread that someone writes in; a locked one refuses who may not manage threads."""
    moderator = user_id is not None and may(thread, user_id, "manage_threads")
    if thread.locked and not moderator:
        raise Refused(160005)
    if thread.archived:
        update(thread, {"archived": False})


def require_update(thread: Channel, user_id: int, changes: JsonObject) -> None:
    """Refuses a change that the user may not make."""
    if not may(thread, user_id, "view_channel"):
        raise Refused(50001)
    if may(thread, user_id, "manage_threads"):
        return
    if thread.locked or "locked" in changes or "rate_limit_per_user" in changes:
        raise Refused(50013)
    unarchives = set(changes) <= {"archived", "auto_archive_duration"} and changes.get("archived") is False
    if unarchives and may(thread, user_id, "send_messages_in_threads"):
        return
    if thread.owner_id != user_id:
        raise Refused(50013)


def update(thread: Channel, changes: JsonObject) -> None:
    """Changes a thread and tells everyone; an archived one takes no change but being unarchived."""
    if thread.archived and changes.get("archived") is not False:
        raise Refused(50083)
    for key in ("name", "locked", "invitable", "auto_archive_duration", "rate_limit_per_user", "flags"):
        if changes.get(key) is not None:
            setattr(thread, key, changes[key])
    if changes.get("applied_tags") is not None:
        thread.applied_tags = [int(tag) for tag in changes["applied_tags"]]
    if changes.get("archived") is not None and changes["archived"] != thread.archived:
        thread.archived = changes["archived"]
        thread.archive_moment = thread.world.clock.now()
        sleep_when_idle(thread)
    thread.world.emit("THREAD_UPDATE", wire.channel_json(thread), channel=thread, subject=thread)


def add_member(thread: Channel, user_id: int) -> None:
    """Lets a user into a thread and tells everyone."""
    if thread.archived:
        raise Refused(50083)
    if user_id in thread.thread_members:
        return
    thread.thread_members[user_id] = thread.world.clock.now()
    if thread.type == PRIVATE_THREAD:
        data = wire.channel_json(thread, user_id)
        thread.world.emit("THREAD_CREATE", data, channel=thread, only=user_id, subject=thread)
    _tell_members(thread, added=[wire.thread_member_json(thread, user_id)])


def remove_member(thread: Channel, user_id: int) -> None:
    """Takes a user out of a thread and tells everyone."""
    if thread.archived:
        raise Refused(50083)
    if thread.thread_members.pop(user_id, None) is None:
        return
    _tell_members(thread, removed=[str(user_id)])
    if thread.type == PRIVATE_THREAD and not may(thread, user_id, "view_channel"):
        data = deleted_json(thread)
        thread.world.emit("THREAD_DELETE", data, channel=thread, only=user_id, subject=thread)


def _tell_members(thread: Channel, added: list[JsonObject] | None = None, removed: list[str] | None = None) -> None:
    data: JsonObject = {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "member_count": min(50, len(thread.thread_members)),
    }
    if added:
        data["added_members"] = added
    if removed:
        data["removed_member_ids"] = removed
    thread.world.emit("THREAD_MEMBERS_UPDATE", data, channel=thread, subject=thread)


def deleted_json(thread: Channel) -> JsonObject:
    """Returns what a deleted thread's event tells."""
    return {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "parent_id": str(thread.parent_id),
        "type": thread.type,
    }


def delete_channel(channel: Channel) -> None:
    """Deletes a channel or thread with its messages, threads and webhooks, and tells everyone."""
    world = channel.world
    if channel.is_thread:
        world.emit("THREAD_DELETE", deleted_json(channel), channel=channel, subject=channel)
    else:
        for thread in world.threads_of(channel.id):
            delete_channel(thread)
        world.emit("CHANNEL_DELETE", wire.channel_json(channel), channel=channel, subject=channel)
        for webhook in [one for one in world.webhooks.values() if one.channel_id == channel.id]:
            del world.webhooks[webhook.id]
    for message in world.messages.pop(channel.id, {}).values():
        message.deleted = True
    del world.channels[channel.id]
    world.pulse.beat()
