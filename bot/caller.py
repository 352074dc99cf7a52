"""Whoever asks for something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of Discord, where they are, and what Discord lets them do there."""

    user_id: int
    username: str
    display_name: str
    guild_id: int | None = None
    may_moderate: bool = False
    """Whether they hold Manage Threads in the place they speak from."""
