"""Messages of channels, their reactions and pins."""

from __future__ import annotations

from typing import Any

from playground import posting, wire
from playground.application import takes_messages
from playground.channels import Channel
from playground.messages import SUPPRESS_EMBEDS, Message
from playground.permissions import may
from playground.posting import Author
from playground.refusals import Refused, bad_form
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]
FORTNIGHT_MS = 14 * 24 * 3600 * 1000


@route("GET", "/channels/{channel_id}/messages")
async def history(call: Call) -> list[JsonObject]:
    """Answers with messages, newest first: the last ones, or those around, before or after one."""
    channel = call.channel()
    limit = call.number("limit", 50, 1, 100)
    if not may(channel, call.bot_id, "read_message_history"):
        return []
    found = sorted(channel.messages, key=lambda message: message.id)
    if "around" in call.query:
        middle = int(call.query["around"])
        older = [one for one in found if one.id <= middle][-(limit // 2 + 1) :]
        found = older + [one for one in found if one.id > middle][: limit - len(older)]
    elif "before" in call.query:
        found = [one for one in found if one.id < int(call.query["before"])][-limit:]
    elif "after" in call.query:
        found = [one for one in found if one.id > int(call.query["after"])][:limit]
    else:
        found = found[-limit:]
    return [call.play.shown_to_bot(one) for one in reversed(found)]


@route("GET", "/channels/{channel_id}/messages/{message_id}")
async def message(call: Call) -> JsonObject:
    """Answers with one message."""
    return call.play.shown_to_bot(_message(call, call.channel("read_message_history")))


def _message(call: Call, channel: Channel) -> Message:
    found = call.world.message(channel.id, call.id("message_id"))
    if found.ephemeral:
        raise Refused(10008)
    return found


@route("POST", "/channels/{channel_id}/messages", limit="messages")
async def create(call: Call) -> JsonObject:
    """Writes a message as the bot."""
    channel = call.world.channel(call.id("channel_id"))
    body: JsonObject = call.body
    posting.require_send(channel, call.bot_id, body, files=len(call.uploads))
    _refuse_unbuilt(body)
    if channel.guild_id is None:
        _require_open_dm(call, channel)
    again = _same_nonce(call, channel, body)
    if again is None:
        again = posting.post(channel, Author(call.bot_id), body, call.uploads)
    return wire.message_json(again)


def _refuse_unbuilt(body: JsonObject) -> None:
    for key in ("poll", "sticker_ids", "shared_client_theme"):
        if body.get(key):
            raise bad_form(key, "The playground has none of these.", "NOT_BUILT")


def _require_open_dm(call: Call, channel: Channel) -> None:
    person = next(user for user in channel.recipients if user != call.bot_id)
    if not takes_messages(call.world, person):
        raise Refused(50007)


def _same_nonce(call: Call, channel: Channel, body: JsonObject) -> Message | None:
    """Returns the message that the bot has written with that nonce already, where it asks to be sure."""
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    recent = [one for one in channel.messages if one.created > call.world.clock.now() - 120]
    return next((one for one in recent if one.nonce == nonce and one.author_id == call.bot_id), None)


@route("PATCH", "/channels/{channel_id}/messages/{message_id}", limit="edits")
async def edit(call: Call) -> JsonObject:
    """Edits a message of the bot's; of others' messages it may only hide embeds."""
    channel = call.channel()
    found = _message(call, channel)
    body: JsonObject = call.body
    if found.author_id != call.bot_id or found.webhook_id is not None:
        if set(body) - {"tts"} != {"flags"} or not may(channel, call.bot_id, "manage_messages"):
            raise Refused(50005)
        found.flags = (found.flags & ~SUPPRESS_EMBEDS) | (body["flags"] & SUPPRESS_EMBEDS)
        posting.tell(found, "MESSAGE_UPDATE")
        return call.play.shown_to_bot(found)
    call.play.count_old_edit(found)
    return wire.message_json(posting.edit(found, body, call.uploads))


@route("DELETE", "/channels/{channel_id}/messages/{message_id}", limit="deletes")
async def delete(call: Call) -> None:
    """Deletes a message."""
    channel = call.channel()
    found = _message(call, channel)
    mine = found.author_id == call.bot_id and found.webhook_id is None
    if not mine and not may(channel, call.bot_id, "manage_messages"):
        raise Refused(50013)
    if not mine and channel.guild_id is None:
        raise Refused(50003)
    if channel.archived:
        raise Refused(50083)
    posting.delete(found)


@route("POST", "/channels/{channel_id}/messages/bulk-delete", limit="deletes")
async def bulk_delete(call: Call) -> None:
    """Deletes up to a hundred messages of the last fortnight."""
    channel = call.channel("manage_messages")
    if channel.guild_id is None:
        raise Refused(50003)
    wanted = [int(one) for one in call.body["messages"]]
    oldest = (int(call.world.clock.now() * 1000) - FORTNIGHT_MS - 1_420_070_400_000) << 22
    if any(one < oldest for one in wanted):
        raise Refused(50034)
    there = call.world.messages[channel.id]
    posting.delete_many(channel, [there[one] for one in wanted if one in there and not there[one].ephemeral])


_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions"


@route("PUT", _REACTIONS + "/{emoji_name}/@me", limit="reactions")
async def react(call: Call) -> None:
    """Adds a reaction of the bot's."""
    channel = call.channel("read_message_history")
    call.play.react(_message(call, channel), call.bot_id, call.params["emoji_name"])


@route("DELETE", _REACTIONS + "/{emoji_name}/@me", limit="reactions")
async def unreact(call: Call) -> None:
    """Takes a reaction of the bot's back."""
    call.play.unreact(_message(call, call.channel()), call.bot_id, call.params["emoji_name"])


@route("DELETE", _REACTIONS + "/{emoji_name}/{user_id}", limit="reactions")
async def remove_reaction(call: Call) -> None:
    """Takes someone's reaction away."""
    found = _message(call, call.channel("manage_messages"))
    call.play.unreact(found, call.id("user_id"), call.params["emoji_name"])


@route("GET", _REACTIONS + "/{emoji_name}")
async def who_reacted(call: Call) -> list[JsonObject]:
    """Answers with who reacted with an emoji."""
    found = _message(call, call.channel("read_message_history"))
    after = int(call.query.get("after", "0"))
    who = sorted(user for user in found.reactions.get(call.params["emoji_name"], []) if user > after)
    return [wire.user_json(call.world.users[user]) for user in who[: call.number("limit", 25, 1, 100)]]


@route("DELETE", _REACTIONS)
async def clear_reactions(call: Call) -> None:
    """Takes all reactions away."""
    found = _message(call, call.channel("manage_messages"))
    found.reactions.clear()
    data = {"channel_id": str(found.channel_id), "message_id": str(found.id)}
    if found.channel.guild_id is not None:
        data["guild_id"] = str(found.channel.guild_id)
    call.world.emit("MESSAGE_REACTION_REMOVE_ALL", data, channel=found.channel, subject=found)


@route("DELETE", _REACTIONS + "/{emoji_name}")
async def clear_reaction(call: Call) -> None:
    """Takes all reactions with one emoji away."""
    found = _message(call, call.channel("manage_messages"))
    for user_id in list(found.reactions.get(call.params["emoji_name"], [])):
        call.play.unreact(found, user_id, call.params["emoji_name"])


@route("PUT", "/channels/{channel_id}/messages/pins/{message_id}")
@route("PUT", "/channels/{channel_id}/pins/{message_id}")
async def pin(call: Call) -> None:
    """Pins a message."""
    _pin(call, pinned=True)


@route("DELETE", "/channels/{channel_id}/messages/pins/{message_id}")
@route("DELETE", "/channels/{channel_id}/pins/{message_id}")
async def unpin(call: Call) -> None:
    """Unpins a message."""
    _pin(call, pinned=False)


def _pin(call: Call, *, pinned: bool) -> None:
    channel = call.channel()
    if not may(channel, call.bot_id, "pin_messages"):
        raise Refused(50013)
    found = _message(call, channel)
    if pinned and not found.pinned and sum(one.pinned for one in channel.messages) >= 250:
        raise Refused(30003, "Maximum number of pins reached (250)")
    found.pinned = pinned
    posting.tell(found, "MESSAGE_UPDATE")
    data = {"channel_id": str(channel.id), "last_pin_timestamp": wire.iso(call.world.clock.now())}
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
    call.world.emit("CHANNEL_PINS_UPDATE", data, channel=channel)


@route("GET", "/channels/{channel_id}/messages/pins")
async def pins(call: Call) -> JsonObject:
    """Answers with pinned messages, newest first."""
    channel = call.channel("read_message_history")
    pinned = [one for one in reversed(channel.messages) if one.pinned]
    shown = [
        {"pinned_at": wire.iso(one.created), "message": call.play.shown_to_bot(one)}
        for one in pinned[: call.number("limit", 50, 1, 50)]
    ]
    return {"items": shown, "has_more": len(pinned) > len(shown)}
