"""What exists in the playground: people, servers, channels, messages, webhooks, commands."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.channels import DM, Channel, Overwrite
from playground.clock import Clock, Pulse
from playground.files import FileStore
from playground.guilds import Guild, Member, Role
from playground.messages import Attachment, Message
from playground.refusals import Refused

__all__ = [
    "Attachment",
    "Channel",
    "Event",
    "Guild",
    "Member",
    "Message",
    "Overwrite",
    "Role",
    "User",
    "Webhook",
    "World",
]

DISCORD_EPOCH_MS = 1_420_070_400_000
JsonObject = dict[str, Any]


@dataclass(slots=True, eq=False)
class User:
    """Someone with an account: a person, or the bot; `installed` is whether they have the application themselves."""

    id: int
    username: str
    global_name: str | None = None
    avatar: str | None = None
    bot: bool = False
    admin: bool = False
    refuses_dms: bool = False
    installed: bool = False

    @property
    def display_name(self) -> str:
        """The name that others see."""
        return self.global_name or self.username


@dataclass(slots=True, eq=False)
class Webhook:
    """An incoming webhook of a channel."""

    id: int
    guild_id: int
    channel_id: int
    token: str
    name: str
    user_id: int
    avatar: str | None = None
    application_id: int | None = None


@dataclass(slots=True)
class Event:
    """Something that happened, with who may hear of it: members who see `channel`, or `only` one user.

    `subject` is the message or channel that `data` shows; `first` marks the update that fills in a
    deferred answer.
    """

    name: str
    data: JsonObject
    guild_id: int | None = None
    channel: Channel | None = None
    only: int | None = None
    subject: object = None
    first: bool = False


class World:
    """Everything that exists, by id, and who listens to its changes."""

    def __init__(self, clock: Clock, files: FileStore) -> None:
        self.clock = clock
        self.files = files
        self.pulse = Pulse()
        self.listeners: list[Callable[[Event], None]] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.commands: list[JsonObject] = []
        self.commands_seen = False
        self.avatar_sources: dict[str, str] = {}
        self.cdn_url = ""
        self.changed = False
        self._last_id = 0
        bot = User(self.new_id(), "dramatis", bot=True)
        self.users[bot.id] = bot
        self.bot_id = bot.id
        self.application_id = bot.id
        self.token = f"{bot.id}.{secrets.token_urlsafe(24)}"

    @property
    def bot(self) -> User:
        """The application's bot user."""
        return self.users[self.bot_id]

    def new_id(self) -> int:
        """Returns the next snowflake: it grows with the playground's clock."""
        moment = (int(self.clock.now() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, moment)
        return self._last_id

    def ids_after(self, known: int) -> None:
        """Makes the ids to come follow one that is in use, though the clock may have stood later then."""
        self._last_id = max(self._last_id, known)

    def emit(
        self,
        name: str,
        data: JsonObject,
        *,
        channel: Channel | None = None,
        guild_id: int | None = None,
        only: int | None = None,
        subject: object = None,
        first: bool = False,
    ) -> None:
        """Tells every listener, and marks the world as changed."""
        self.changed = True
        place = guild_id if guild_id is not None else (channel.guild_id if channel is not None else None)
        event = Event(name, data, place, channel, only, subject, first)
        for listener in list(self.listeners):
            listener(event)
        self.pulse.beat()

    def channel(self, channel_id: int) -> Channel:
        """Returns the channel, or refuses as Discord does (10003)."""
        found = self.channels.get(channel_id)
        if found is None:
            raise Refused(10003)
        return found

    def guild(self, guild_id: int) -> Guild:
        """Returns the server, or refuses as Discord does (10004)."""
        found = self.guilds.get(guild_id)
        if found is None:
            raise Refused(10004)
        return found

    def user(self, user_id: int) -> User:
        """Returns the user, or refuses as Discord does (10013)."""
        found = self.users.get(user_id)
        if found is None:
            raise Refused(10013)
        return found

    def message(self, channel_id: int, message_id: int) -> Message:
        """Returns the message, or refuses as Discord does (10008)."""
        found = self.messages.get(channel_id, {}).get(message_id)
        if found is None:
            raise Refused(10008)
        return found

    def add_channel(self, channel: Channel) -> Channel:
        """Keeps a new channel; telling about it is the caller's."""
        self.channels[channel.id] = channel
        self.messages.setdefault(channel.id, {})
        channel.created = channel.archive_moment = self.clock.now()
        return channel

    def dm_with_bot(self, user_id: int) -> Channel:
        """Returns the direct channel of that person and the bot, opening it at first use."""
        return self.dm_between(user_id, self.bot_id)

    def dm_between(self, one: int, other: int) -> Channel:
        """Returns the direct channel of two users, opening it at first use."""
        wanted = {one, other}
        for channel in self.channels.values():
            if channel.type == DM and set(channel.recipients) == wanted:
                return channel
        return self.add_channel(Channel(self, self.new_id(), DM, recipients=[one, other]))

    def threads_of(self, channel_id: int) -> list[Channel]:
        """Returns the threads whose parent is that channel, oldest first."""
        return [found for found in self.channels.values() if found.is_thread and found.parent_id == channel_id]
