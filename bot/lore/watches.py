"""Entries made ready to be listened for: what is known of each before anything is looked up."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from bot.cards.lorebook import LoreEntry
from bot.lore import words
from bot.lore.decorators import Decorators, read_decorators
from bot.lore.keys import Hit, Keys
from bot.lore.scene import Book, Heard, Placed
from bot.lore.timers import Timer, Timers

_USUAL_DEPTH = 4
_GREETING = frozenset({"is_greeting"})
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Watch:
    """One entry while lore is fired: what it says, and what has been found out about it so far.

    `why` is empty until it matched (`is_held`: if nothing but the budget can keep it out) or is out for good
    (`is_out`). `keys` are None until they are read; `heard` counts the texts that were looked through for them,
    and `doubt` is why it did not fire although a key was heard.
    """

    key: str
    title: str
    book: Book
    number: int
    entry: LoreEntry
    decorators: Decorators
    content: str
    timer: Timer | None
    why: str = ""
    is_held: bool = False
    is_out: bool = False
    keys: Keys | None = None
    heard: int = 0
    hit: Hit | None = None
    doubt: str = ""
    text: str | None = None
    hidden: tuple[str, ...] = ()
    tokens: int | None = None

    @property
    def rank(self) -> float:
        """Return what stays in when there is too much: the highest."""
        return self.entry.insertion_order if self.entry.priority is None else self.entry.priority

    @property
    def is_fed_back(self) -> bool:
        """Return whether its text is looked through for the keys of others."""
        return self.book.book.recursive_scanning is True and not self.entry.prevent_recursion

    @property
    def recurs(self) -> bool:
        """Return whether its keys are looked for in the texts of others."""
        return self.book.book.recursive_scanning is True and not self.entry.exclude_recursion

    @property
    def level(self) -> int:
        """Return the level of recursion from which it fires."""
        return 0 if self.entry.constant else self.entry.delay_until_recursion

    def refuse(self, why: str) -> None:
        """Decide that it does not fire."""
        self.why, self.is_out = why, True

    def scan_depth(self, usual: int) -> int:
        """Return in how many of the newest messages its keys are looked for."""
        depths = (self.decorators.scan_depth, self.entry.scan_depth, self.book.book.scan_depth)
        return max(0, next((depth for depth in depths if depth is not None), usual))


def watch_all(books: Sequence[Book], heard: Heard, timers: Timers) -> list[Watch]:
    """Return every entry of the books, a book that is there twice once; keys are told apart even if ids are not."""
    ignored = _GREETING if heard.is_greeting is None else _NONE
    watches: dict[str, Watch] = {}
    for book in {book.id: book for book in books}.values():
        for number, entry in enumerate(book.book.entries):
            key = _key(book, entry, number, watches)
            decorators, content = read_decorators(entry.content, ignored=ignored)
            timer = timers.get(key)
            if timer is not None and not timer.counts(heard.depth_of_path):
                timer = None
            titled = words.title(entry, number)
            watches[key] = Watch(key, titled, book, number, entry, decorators, content, timer)
    return list(watches.values())


def placed(watch: Watch, depth_of_path: int) -> Placed:
    """Return an entry that goes in; `@@position` counts before `@@depth`, and that before `@@reverse_depth`."""
    entry, decorators = watch.entry, watch.decorators
    position, reverse = decorators.position or entry.position, None
    depth = _USUAL_DEPTH if entry.depth is None else entry.depth
    if decorators.position is None and decorators.depth is not None:
        position, depth = "at_depth", decorators.depth
    elif decorators.position is None and decorators.reverse_depth is not None:
        position, reverse = "at_depth", max(0, decorators.reverse_depth)
        depth = depth_of_path - reverse
    return Placed(
        key=watch.key,
        title=watch.title,
        text=watch.text or "",
        tokens=watch.tokens or 0,
        position=position,
        depth=max(0, depth),
        role=decorators.role or entry.role,
        order=entry.insertion_order,
        is_constant=entry.constant,
        reverse_depth=reverse,
        ignore_on_max_context=decorators.ignore_on_max_context,
        rank=watch.rank,
    )


def _key(book: Book, entry: LoreEntry, number: int, taken: Container[str]) -> str:
    key = f"{book.id}:#{number}" if entry.id is None else f"{book.id}:{entry.id}"
    while key in taken:
        key = f"{key}#{number}"
    return key


def in_order(watches: Sequence[Watch], books: Sequence[Book]) -> Iterator[Watch]:
    """Yield entries in order of standing: the books in theirs, and in each the lower insertion order first."""
    ranks = {book.id: rank for rank, book in reversed(list(enumerate(books)))}
    yield from sorted(watches, key=lambda watch: (ranks[watch.book.id], watch.entry.insertion_order, watch.number))
