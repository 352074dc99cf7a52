"""Who is in a scene, who heard what of it, and who speaks next. Pure.

A character's comings and goings are events on the path, so a branch has its own cast. The four orders of turns are
those that role-players know from SillyTavern's group chats.
"""

import hashlib
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from storage.wishes import Turns

TALKATIVE = 0.5
"""How likely a character speaks up in natural order whose card does not say."""
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Stay:
    """One time in the scene: from which depth of the path on a character hears, and to which (None: it is there)."""

    character_id: UUID
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Every stay in the scene, in the order in which they began."""

    stays: tuple[Stay, ...] = ()

    @classmethod
    def of(cls, character_id: UUID | None) -> "Cast":
        """The cast of a scene to which nobody else came: whom it began with."""
        return cls((Stay(character_id, 0),) if character_id else ())

    @property
    def present(self) -> tuple[UUID, ...]:
        """Who is there now."""
        return tuple(stay.character_id for stay in self.stays if stay.until is None)

    def joined(self, character_id: UUID, *, depth: int, knows_before: bool) -> "Cast":
        """The cast once somebody came, by the message at this depth; who is there already stays."""
        if character_id in self.present:
            return self
        was_here = any(stay.character_id == character_id for stay in self.stays)
        since = 0 if knows_before and not was_here else depth
        return Cast((*self.stays, Stay(character_id, since)))

    def left(self, character_id: UUID, *, depth: int) -> "Cast":
        """The cast once somebody left; the message at this depth is the last that they heard."""
        return Cast(
            tuple(
                replace(stay, until=depth) if stay.character_id == character_id and stay.until is None else stay
                for stay in self.stays
            )
        )

    def heard(self, character_id: UUID, depth: int) -> bool:
        """Whether a character heard what was said at this depth."""
        stays = [stay for stay in self.stays if stay.character_id == character_id]
        return any(stay.since <= depth and (stay.until is None or depth <= stay.until) for stay in stays)


@dataclass(frozen=True, slots=True)
class Actor:
    """A character that may speak: its name, and how likely it speaks up unasked (0 to 1)."""

    id: UUID
    name: str
    talkativeness: float = TALKATIVE


def speakers(
    order: Turns, actors: Sequence[Actor], *, said: str, seed: str, lately: Sequence[UUID] = ()
) -> tuple[UUID, ...]:
    """Who answers what was said, one after the other; the same for the same `seed`.

    `lately` are those who spoke, the newest first. A character that is alone answers in any order; in *manual* nobody
    of several does before somebody asks.
    """
    if len(actors) < 2:
        return tuple(actor.id for actor in actors)
    chance = random.Random(hashlib.blake2b(seed.encode(), digest_size=16).digest())  # noqa: S311
    match order:
        case "manual":
            return ()
        case "list":
            return tuple(actor.id for actor in actors)
        case "pooled":
            resting = set(list(dict.fromkeys(lately))[: len(actors) // 2])
            return (chance.choice([actor for actor in actors if actor.id not in resting] or list(actors)).id,)
        case "natural":
            return _natural(actors, said, chance)


def next_speaker(
    order: Turns, actors: Sequence[Actor], *, said: str, seed: str, spoke: Collection[UUID], lately: Sequence[UUID] = ()
) -> UUID | None:
    """Who is next to answer what was said, after those who did already; None when everybody has."""
    return next(
        (each for each in speakers(order, actors, said=said, seed=seed, lately=lately) if each not in spoke), None
    )


def _natural(actors: Sequence[Actor], said: str, chance: random.Random) -> tuple[UUID, ...]:
    """Those who are spoken of first, then those who feel like speaking; at least one."""
    named = sorted((place, actor.id) for actor in actors if (place := _mentioned(actor.name, said)) is not None)
    shuffled = chance.sample(list(actors), len(actors))
    willing = [actor.id for actor in shuffled if chance.random() < actor.talkativeness]
    # Who is spoken to answers; others join in where nobody in particular was.
    answering = [each for _, each in named] or willing
    if not answering:
        answering = [chance.choice([actor for actor in actors if actor.talkativeness > 0] or list(actors)).id]
    return tuple(answering)


def _mentioned(name: str, said: str) -> int | None:
    """Where a name, or a part of it that is no mere particle, stands in a text first; None: nowhere."""
    words = [name, *(word for word in name.split() if len(word) >= SHORTEST_NAME)]
    found = (re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said, re.IGNORECASE) for word in words)
    return min((match.start() for match in found if match), default=None)
