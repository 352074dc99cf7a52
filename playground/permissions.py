"""Permissions: Discord's bits, and what a member may do in a channel once overwrites are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.world import Channel, Guild

# Bit positions, from Discord's documentation of permissions.
BITS = {
    "create_instant_invite": 0, "kick_members": 1, "ban_members": 2, "administrator": 3,
    "manage_channels": 4, "manage_guild": 5, "add_reactions": 6, "view_audit_log": 7,
    "priority_speaker": 8, "stream": 9, "view_channel": 10, "send_messages": 11,
    "send_tts_messages": 12, "manage_messages": 13, "embed_links": 14, "attach_files": 15,
    "read_message_history": 16, "mention_everyone": 17, "use_external_emojis": 18,
    "view_guild_insights": 19, "connect": 20, "speak": 21, "mute_members": 22, "deafen_members": 23,
    "move_members": 24, "use_vad": 25, "change_nickname": 26, "manage_nicknames": 27, "manage_roles": 28,
    "manage_webhooks": 29, "manage_guild_expressions": 30, "use_application_commands": 31,
    "request_to_speak": 32, "manage_events": 33, "manage_threads": 34, "create_public_threads": 35,
    "create_private_threads": 36, "use_external_stickers": 37, "send_messages_in_threads": 38,
    "use_embedded_activities": 39, "moderate_members": 40, "create_guild_expressions": 43,
    "create_events": 44, "use_external_sounds": 45, "send_voice_messages": 46, "send_polls": 49,
    "use_external_apps": 50, "pin_messages": 51,
}  # fmt: skip
ALL = sum(1 << bit for bit in BITS.values())


def bits(*names: str) -> int:
    """Returns the permissions of those names as one number; an unknown name is a KeyError."""
    total = 0
    for name in names:
        total |= 1 << BITS[name]
    return total


# What @everyone may do in a new server, as Discord sets it.
EVERYONE = bits(
    "create_instant_invite", "add_reactions", "view_channel", "send_messages", "embed_links",
    "attach_files", "read_message_history", "use_external_emojis", "connect", "speak", "use_vad",
    "change_nickname", "use_application_commands", "create_public_threads", "create_private_threads",
    "send_messages_in_threads", "send_polls", "use_external_apps",
)  # fmt: skip
# What the bot's own role is invited with by default.
BOT = EVERYONE | bits(
    "manage_webhooks",
    "manage_messages",
    "manage_threads",
    "manage_channels",
    "pin_messages",
    "mention_everyone",
)
ADMIN = EVERYONE | bits("manage_guild", "manage_channels", "manage_messages", "manage_threads", "manage_roles")
_SENDING = bits("mention_everyone", "send_tts_messages", "attach_files", "embed_links")


def in_guild(guild: Guild, user_id: int) -> int:
    """Returns what the member's roles add up to; 0 for who is not a member."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return ALL
    total = guild.roles[guild.id].permissions
    for role_id in member.roles:
        total |= guild.roles[role_id].permissions
    return ALL if total & bits("administrator") else total


def in_channel(channel: Channel, user_id: int) -> int:
    """Returns what the user may do in that channel, its overwrites and implicit refusals counted."""
    if channel.guild_id is None:
        return ALL & ~bits("manage_webhooks", "manage_threads") if user_id in channel.recipients else 0
    guild = channel.world.guilds[channel.guild_id]
    base = in_guild(guild, user_id)
    if base == ALL or user_id not in guild.members:
        return base
    parent = channel.world.channels.get(channel.parent_id or 0) if channel.is_thread else channel
    if parent is None:
        return 0
    allowed = _with_overwrites(guild, parent, user_id, base)
    if channel.is_thread and not _in_thread(channel, user_id, allowed):
        return 0
    if not allowed & bits("view_channel"):
        return 0
    sending = "send_messages_in_threads" if channel.is_thread else "send_messages"
    if not allowed & bits(sending):
        allowed &= ~_SENDING
    return allowed


def _in_thread(thread: Channel, user_id: int, allowed: int) -> bool:
    """Returns whether a private thread is open to that user."""
    return thread.type != 12 or user_id in thread.thread_members or bool(allowed & bits("manage_threads"))


def _with_overwrites(guild: Guild, channel: Channel, user_id: int, base: int) -> int:
    everyone = channel.overwrites.get(guild.id)
    if everyone is not None:
        base = (base & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for role_id in guild.members[user_id].roles:
        role = channel.overwrites.get(role_id)
        if role is not None:
            allow |= role.allow
            deny |= role.deny
    base = (base & ~deny) | allow
    own = channel.overwrites.get(user_id)
    return (base & ~own.deny) | own.allow if own is not None else base


def may(channel: Channel, user_id: int, *names: str) -> bool:
    """Returns whether the user has all of those permissions in the channel."""
    wanted = bits(*names)
    return in_channel(channel, user_id) & wanted == wanted
