"""Channels of the playground: text channels, forums, direct channels and threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground import wire

if TYPE_CHECKING:
    from playground.guilds import Guild
    from playground.messages import Message
    from playground.world import World

TEXT, DM, CATEGORY, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 4, 11, 12, 15
JsonObject = dict[str, Any]


@dataclass(slots=True, eq=False)
class Overwrite:
    """What a channel allows and denies to one role or member."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel, forum, direct channel or thread; the thread's own fields are unused elsewhere."""

    world: World = field(repr=False)
    id: int
    type: int
    name: str | None = None
    guild_id: int | None = None
    topic: str | None = None
    nsfw: bool = False
    parent_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: list[int] = field(default_factory=list)
    rate_limit_per_user: int = 0
    last_message_id: int | None = None
    flags: int = 0
    available_tags: list[JsonObject] = field(default_factory=list)
    owner_id: int | None = None
    thread_members: dict[int, float] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_duration: int = 1440
    archive_moment: float = 0.0
    created: float = 0.0
    message_count: int = 0
    applied_tags: list[int] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.type in (10, PUBLIC_THREAD, PRIVATE_THREAD)

    @property
    def parent(self) -> Channel | None:
        """The channel that a thread or a channel of a category belongs to."""
        return self.world.channels.get(self.parent_id or 0)

    @property
    def guild(self) -> Guild | None:
        """The server, or None for a direct channel."""
        return self.world.guilds.get(self.guild_id or 0)

    @property
    def age_restricted(self) -> bool:
        """Whether the channel, or the channel a thread is in, is for adults only."""
        return self.parent.nsfw if self.is_thread and self.parent else self.nsfw

    def set_nsfw(self, on: bool = True) -> None:
        """Makes the channel one for adults only, or for all again, and tells everyone."""
        if self.is_thread or self.guild_id is None:
            raise ValueError("A thread is as its channel is, and a direct channel is never age-restricted.")
        self.nsfw = on
        self.world.emit("CHANNEL_UPDATE", wire.channel_json(self), channel=self, subject=self)

    @property
    def messages(self) -> list[Message]:
        """The messages that are not ephemeral, oldest first."""
        return [message for message in self.world.messages.get(self.id, {}).values() if message.ephemeral_to is None]
