"""Servers of the playground: members, roles, channels, and what the bot may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground import permissions, wire
from playground.channels import Channel, Overwrite

if TYPE_CHECKING:
    from playground.people import Person
    from playground.world import User, World


@dataclass(slots=True, eq=False)
class Role:
    """A role; `bot_id` marks the one that an application brought with it."""

    id: int
    name: str
    permissions: int
    position: int = 1
    bot_id: int | None = None


@dataclass(slots=True, eq=False)
class Member:
    """A user in a server."""

    user_id: int
    joined: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True, eq=False)
class Guild:
    """A server."""

    world: World = field(repr=False)
    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def channels(self) -> list[Channel]:
        """The channels that are not threads, in their order."""
        found = [
            channel for channel in self.world.channels.values() if channel.guild_id == self.id and not channel.is_thread
        ]
        return sorted(found, key=lambda channel: (channel.position, channel.id))

    @property
    def threads(self) -> list[Channel]:
        """All threads, archived ones too."""
        return [
            channel for channel in self.world.channels.values() if channel.guild_id == self.id and channel.is_thread
        ]

    @property
    def bot_role(self) -> Role:
        """The role that the bot brought with it."""
        return next(role for role in self.roles.values() if role.bot_id == self.world.bot_id)

    def add_text_channel(
        self, name: str, *, nsfw: bool = False, topic: str = "", parent: Channel | None = None
    ) -> Channel:
        """Makes a text channel and returns it."""
        return self._add_channel(0, name, nsfw=nsfw, topic=topic, parent=parent)

    def add_forum(self, name: str, *, nsfw: bool = False, topic: str = "") -> Channel:
        """Makes a forum and returns it."""
        return self._add_channel(15, name, nsfw=nsfw, topic=topic)

    def add_category(self, name: str) -> Channel:
        """Makes a category and returns it."""
        return self._add_channel(4, name)

    def _add_channel(
        self, kind: int, name: str, *, nsfw: bool = False, topic: str = "", parent: Channel | None = None
    ) -> Channel:
        world = self.world
        channel = Channel(
            world,
            world.new_id(),
            kind,
            name,
            self.id,
            topic=topic or None,
            nsfw=nsfw,
            parent_id=parent.id if parent else None,
            position=len(self.channels),
        )
        world.add_channel(channel)
        world.emit("CHANNEL_CREATE", wire.channel_json(channel), channel=channel, subject=channel)
        return channel

    def channel(self, name: str) -> Channel:
        """Returns the channel or thread of that name; LookupError names the ones there are."""
        found = [*self.channels, *self.threads]
        for channel in found:
            if channel.name == name:
                return channel
        raise LookupError(f"No channel {name!r} in {self.name}: {', '.join(str(it.name) for it in found)}")

    def add_role(self, name: str, granted: int = 0) -> Role:
        """Makes a role with those permissions and returns it."""
        role = Role(self.world.new_id(), name, granted, position=len(self.roles))
        self.roles[role.id] = role
        data = {"guild_id": str(self.id), "role": wire.role_json(role)}
        self.world.emit("GUILD_ROLE_CREATE", data, guild_id=self.id)
        return role

    def add_member(self, user_id: int, roles: list[int] | None = None) -> Member:
        """Lets a user join and returns the member."""
        member = Member(user_id, self.world.clock.now(), roles or [])
        self.members[user_id] = member
        data = wire.member_json(self, member) | {"guild_id": str(self.id)}
        self.world.emit("GUILD_MEMBER_ADD", data, guild_id=self.id)
        return member

    def remove_member(self, user_id: int) -> None:
        """Takes a user out of the server and its threads."""
        member = self.members.pop(user_id)
        for thread in self.threads:
            thread.thread_members.pop(user_id, None)
        data = {"guild_id": str(self.id), "user": wire.user_json(self.world.users[member.user_id])}
        self.world.emit("GUILD_MEMBER_REMOVE", data, guild_id=self.id)

    def give_role(self, whom: Person | User, role: Role) -> None:
        """Gives a member a role; one they have already changes nothing."""
        member = self.members[whom.id]
        if self.roles.get(role.id) is not role:
            raise ValueError(f"The role {role.name!r} is another server's.")
        if role.id not in member.roles:
            member.roles.append(role.id)
            self._tell_member(member)

    def take_role(self, whom: Person | User, role: Role) -> None:
        """Takes a role from a member."""
        member = self.members[whom.id]
        member.roles.remove(role.id)
        self._tell_member(member)

    def _tell_member(self, member: Member) -> None:
        data = wire.member_json(self, member) | {"guild_id": str(self.id)}
        self.world.emit("GUILD_MEMBER_UPDATE", data, guild_id=self.id)

    @property
    def has_bot(self) -> bool:
        """Whether the bot is in the server."""
        return self.world.bot_id in self.members

    def add_bot(self) -> None:
        """Lets the bot join with a role of its own, as an invitation does."""
        if self.has_bot:
            raise ValueError(f"The bot is in {self.name} already.")
        bot = self.world.bot
        role = Role(self.world.new_id(), bot.display_name, permissions.BOT, 1, bot.id)
        self.roles[role.id] = role
        self.add_member(bot.id, [role.id])
        self.world.emit("BOT_JOINED", {"id": str(self.id)}, guild_id=self.id, subject=self)

    def remove_bot(self) -> None:
        """Sends the bot away, and with it the role that it brought; what it wrote stays."""
        role = self.bot_role
        self.remove_member(self.world.bot_id)
        data = {"id": str(self.id)}
        self.world.emit("GUILD_DELETE", data, guild_id=self.id, only=self.world.bot_id)
        del self.roles[role.id]
        data = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.emit("GUILD_ROLE_DELETE", data, guild_id=self.id)

    def set_bot_permissions(self, granted: int) -> None:
        """Gives the bot's role exactly those permissions in the whole server; @everyone's stay."""
        self._set_role(self.bot_role, granted)

    def revoke_from_bot(self, *names: str, channel: Channel | None = None) -> None:
        """Takes permissions from the bot, in one channel or everywhere (then from @everyone too)."""
        taken = permissions.bits(*names)
        if channel is not None:
            self._overwrite(channel, self.world.bot_id, 1, deny=taken)
            return
        everyone = self.roles[self.id]
        self._set_role(everyone, everyone.permissions & ~taken)
        self._set_role(self.bot_role, self.bot_role.permissions & ~taken)

    def grant_to_bot(self, *names: str, channel: Channel | None = None) -> None:
        """Gives permissions to the bot, in one channel or everywhere."""
        given = permissions.bits(*names)
        if channel is not None:
            self._overwrite(channel, self.world.bot_id, 1, allow=given)
        else:
            self._set_role(self.bot_role, self.bot_role.permissions | given)

    def deny(self, whom: Person | Role, *names: str, channel: Channel) -> None:
        """Denies permissions in a channel to a person or a role."""
        kind = 0 if isinstance(whom, Role) else 1
        self._overwrite(channel, whom.id, kind, deny=permissions.bits(*names))

    def allow(self, whom: Person | Role, *names: str, channel: Channel) -> None:
        """Allows permissions in a channel to a person or a role."""
        kind = 0 if isinstance(whom, Role) else 1
        self._overwrite(channel, whom.id, kind, allow=permissions.bits(*names))

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    def _set_role(self, role: Role, granted: int) -> None:
        role.permissions = granted
        data = {"guild_id": str(self.id), "role": wire.role_json(role)}
        self.world.emit("GUILD_ROLE_UPDATE", data, guild_id=self.id)

    def _overwrite(self, channel: Channel, target: int, kind: int, allow: int = 0, deny: int = 0) -> None:
        place = channel.parent if channel.is_thread and channel.parent else channel
        found = place.overwrites.setdefault(target, Overwrite(target, kind))
        found.allow = (found.allow | allow) & ~deny
        found.deny = (found.deny | deny) & ~allow
        self.world.emit("CHANNEL_UPDATE", wire.channel_json(place), channel=place, subject=place)
