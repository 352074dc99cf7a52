"""Who asks, and where, told from Discord's objects."""

import discord

from bot.caller import Caller
from bot.chat.stage import Place
from bot.client import services_of
from bot.errors import Invalid


def caller_of(interaction: discord.Interaction) -> Caller:
    """Whoever used a command or pressed something, with the rights that Discord sent along."""
    user, guild_id, services = interaction.user, interaction.guild_id, services_of(interaction)
    place = _place(interaction.channel, guild_id)
    return Caller(
        user_id=user.id,
        username=user.name,
        display_name=user.display_name,
        guild_id=guild_id,
        role_ids=_roles(user),
        may_moderate=guild_id is not None and interaction.permissions.manage_threads,
        may_manage=guild_id is not None and interaction.permissions.manage_guild,
        is_operator=user.id in services.operator_ids,
        sees_adults=services.scenes.shows_adults(place),
        may_write=guild_id is None or _may_write(interaction),
        channel_id=place.channel_id,
    )


def author_of(message: discord.Message) -> Caller:
    """Whoever wrote a message."""
    author, guild = message.author, message.guild
    return Caller(
        user_id=author.id,
        username=author.name,
        display_name=author.display_name,
        guild_id=guild.id if guild else None,
        role_ids=_roles(author),
        may_moderate=_moderates(message),
        may_manage=isinstance(author, discord.Member) and author.guild_permissions.manage_guild,
    )


def _may_write(interaction: discord.Interaction) -> bool:
    may = interaction.permissions
    return may.send_messages_in_threads if isinstance(interaction.channel, discord.Thread) else may.send_messages


def _roles(user: discord.abc.User) -> frozenset[int]:
    return frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset()


def _moderates(message: discord.Message) -> bool:
    """Whether whoever wrote a message holds Manage Threads there; a thread has the rights of the channel above it."""
    author, channel = message.author, message.channel
    if isinstance(channel, discord.Thread) and channel.parent is not None and isinstance(author, discord.Member):
        return channel.parent.permissions_for(author).manage_threads
    return False


def place_of(interaction: discord.Interaction) -> Place:
    """Where an interaction happened, as a place in which a chat may be played."""
    channel = interaction.channel
    if channel is None or interaction.channel_id is None:
        raise Invalid("I cannot see this channel. Try it in a text channel, or in a direct message with me.")
    return _place(channel, interaction.guild_id)


def place_of_message(message: discord.Message) -> Place:
    """Where a message was written."""
    return _place(message.channel, message.guild.id if message.guild else None)


def starting_place(interaction: discord.Interaction) -> Place:
    """Where a new chat would begin: in a thread that is the channel above it."""
    place = place_of(interaction)
    return Place(place.guild_id, place.channel_id)


def _place(channel: object, guild_id: int | None) -> Place:
    if isinstance(channel, discord.Thread):
        return Place(guild_id, channel.parent_id, channel.id)
    channel_id = getattr(channel, "id", 0)
    return Place(guild_id, int(channel_id))
