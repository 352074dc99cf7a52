"""What lore is looked for in, and what comes of it: the values that go into and out of `fire`."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cards.lorebook import Lorebook, Position, Role
from bot.lore.timers import Timer


@dataclass(frozen=True, slots=True)
class Book:
    """A lorebook in use; its `id` is stable and names it in timers and reports."""

    id: str
    name: str
    book: Lorebook


@dataclass(frozen=True, slots=True)
class Heard:
    """What entries are looked for in: `messages`, the newest last, in the words that stand in the prompt.

    `depth_of_path` is how many messages the whole path has, in which timers count, `assistant_messages` how many of
    them are the character's, and `is_greeting` the number of the greeting that opens it, None if that is not known.
    """

    messages: tuple[str, ...]
    depth_of_path: int
    is_greeting: int | None = None
    assistant_messages: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry that goes into the prompt: its text, with macros filled in and decorators taken off, and its place.

    `depth` counts for at_depth alone; `reverse_depth` is the same place counted from the oldest message. Entries of
    the lowest `rank` go first where the whole prompt is too long, those with `ignore_on_max_context` before any.
    """

    key: str
    title: str
    text: str
    tokens: int
    position: Position
    depth: int
    role: Role
    order: float
    is_constant: bool
    reverse_depth: int | None = None
    ignore_on_max_context: bool = False
    rank: float = 0


@dataclass(frozen=True, slots=True)
class Told:
    """The report of one entry: whether it fired, and why or why not, as a phrase for its author."""

    key: str
    title: str
    book: str
    fired: bool
    why: str


@dataclass(frozen=True, slots=True)
class Lore:
    """What a reply reads of its lorebooks: the entries in order of standing, a report of every one, and the timers."""

    placed: tuple[Placed, ...]
    told: tuple[Told, ...]
    timers: Mapping[str, Timer]
