"""Reactions and typing: adding, taking back, telling."""

from __future__ import annotations

from typing import Any

from playground import wire
from playground.channels import Channel
from playground.messages import Message
from playground.permissions import may
from playground.refusals import Refused

JsonObject = dict[str, Any]
MOST_KINDS = 20


def react(message: Message, user_id: int, emoji: str) -> None:
    """Adds a user's reaction, refusing what Discord refuses."""
    channel = message.channel
    if channel.archived:
        raise Refused(50083)
    if not emoji or len(emoji) > 64 or (emoji.isascii() and ":" not in emoji):
        raise Refused(10014)
    who = message.reactions.get(emoji)
    if who is None:
        if not may(channel, user_id, "add_reactions"):
            raise Refused(50013)
        if len(message.reactions) >= MOST_KINDS:
            raise Refused(30010, f"Maximum number of reactions reached ({MOST_KINDS})")
        who = message.reactions.setdefault(emoji, [])
    if user_id not in who:
        who.append(user_id)
        tell_reaction(message, user_id, emoji, added=True)


def unreact(message: Message, user_id: int, emoji: str) -> None:
    """Takes a user's reaction away."""
    if message.channel.archived:
        raise Refused(50083)
    who = message.reactions.get(emoji, [])
    if user_id in who:
        who.remove(user_id)
        if not who:
            del message.reactions[emoji]
        tell_reaction(message, user_id, emoji, added=False)


def tell_typing(channel: Channel, user_id: int) -> None:
    """Tells everyone in a channel that a user is writing."""
    world = channel.world
    data: JsonObject = {
        "channel_id": str(channel.id),
        "user_id": str(user_id),
        "timestamp": int(world.clock.now()),
    }
    guild = channel.guild
    if guild is not None:
        data |= {"guild_id": str(guild.id), "member": wire.member_json(guild, guild.members[user_id])}
    world.emit("TYPING_START", data, channel=channel, subject=world.users[user_id])


def tell_reaction(message: Message, user_id: int, emoji: str, *, added: bool) -> None:
    """Tells everyone in a channel that a reaction came or went."""
    world = message.world
    data: JsonObject = {
        "user_id": str(user_id),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "emoji": wire.emoji_json(emoji),
        "burst": False,
        "type": 0,
    }
    if added and message.webhook_id is None:
        data["message_author_id"] = str(message.author_id)
    guild = message.channel.guild
    if guild is not None:
        data["guild_id"] = str(guild.id)
        if added:
            data["member"] = wire.member_json(guild, guild.members[user_id])
    world.emit(
        "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE",
        data,
        channel=message.channel,
        subject=message,
    )
