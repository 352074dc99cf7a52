"""Whoever asks for something."""

from dataclasses import dataclass

from bot.errors import MissingPermission

ADMINS_ONLY = "Only people with the right Manage Server can do that, in their own server."


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of Discord, where they are, and what Discord and the operator let them do there."""

    user_id: int
    username: str
    display_name: str
    guild_id: int | None = None
    role_ids: frozenset[int] = frozenset()
    may_moderate: bool = False
    """Whether they hold Manage Threads in the place they speak from."""
    may_manage: bool = False
    """Whether they hold Manage Server in the server they speak from."""
    is_operator: bool = False
    sees_adults: bool = False
    """Whether 18+ characters may be shown here: the operator allows them, and the channel is age-restricted."""
    may_write: bool = True
    """Whether they may write in the place they speak from: Discord lets those press who may only read."""
    channel_id: int | None = None
    """The text channel or forum they speak from; in a thread the one above it."""

    @property
    def managed_guild(self) -> int | None:
        """The server whose own things they decide about here."""
        return self.guild_id if self.may_manage else None


def require_admin(caller: Caller) -> int:
    """The server whose admin the caller is; MissingPermission otherwise."""
    if caller.managed_guild is None:
        raise MissingPermission(ADMINS_ONLY)
    return caller.managed_guild
