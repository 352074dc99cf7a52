"""Chance, the same for the same seed: whether a probable entry fires, and which entry of a group."""

from collections.abc import Sequence
from hashlib import blake2b
from math import inf, log
from typing import Protocol, TypeVar

from bot.cards.lorebook import LoreEntry

_USUAL_WEIGHT = 100.0


class _Drawn(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def entry(self) -> LoreEntry: ...


_Any = TypeVar("_Any", bound=_Drawn)


def luck(seed: str, key: str, matter: str) -> float:
    """Return a number from above 0 to below 1 that seems random, and is the same for the same words."""
    written = "\0".join((seed, key, matter)).encode(errors="replace")
    return (int.from_bytes(blake2b(written, digest_size=6).digest(), "big") + 0.5) / 2**48


def happens(entry: LoreEntry, seed: str, key: str) -> bool:
    """Return whether an entry's probability lets it fire this time."""
    return not entry.use_probability or luck(seed, key, "probability") * 100 < entry.probability


def groups_of(entry: LoreEntry) -> tuple[str, ...]:
    """Return the names of the groups of which an entry is one; only one of a group fires."""
    return tuple(name for part in entry.group.split(",") if (name := part.strip())) if entry.group else ()


def drawn(matched: Sequence[_Any], seed: str) -> _Any:
    """Return the one of a group that fires: of those that override the highest in order, else one by weight.

    Each draws its own number (Efraimidis and Spirakis, 2006), so one more in the group takes from the others evenly.
    """
    overriding = [each for each in matched if each.entry.group_override]
    if overriding:
        return max(overriding, key=lambda each: each.entry.insertion_order)
    return min(matched, key=lambda each: _wait(each.entry, luck(seed, each.key, "group")))


def _wait(entry: LoreEntry, number: float) -> float:
    weight = _USUAL_WEIGHT if entry.group_weight is None else entry.group_weight
    return -log(number) / weight if weight > 0 else inf
