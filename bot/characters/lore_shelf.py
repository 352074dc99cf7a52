"""Books of lore that can be written in, wherever they are kept: what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

import orjson

from bot.caller import Caller
from bot.cards.card import MAX_LORE_ENTRIES
from bot.cards.lorebook import Lorebook, LoreEntry, write_lorebook
from bot.errors import Invalid

MOST_NAME = 80
MOST_SCANNED, MOST_BUDGET = 1_000, 1_000_000
FULL = f"A book of lore has room for {MAX_LORE_ENTRIES:,} entries. Delete some, or begin another book."
NO_ENTRY = "This entry is no longer in the book. Open the book again to see what is."


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A book with its entries; `keys` name them in the same order, `is_deletable` is whether the book may go."""

    id: UUID
    title: str
    book: Lorebook
    keys: tuple[str, ...]
    is_deletable: bool

    def entry(self, key: str) -> LoreEntry:
        """One of the entries; Invalid when it is gone."""
        if key not in self.keys:
            raise Invalid(NO_ENTRY)
        return self.book.entries[self.keys.index(key)]


@dataclass(frozen=True, slots=True)
class BookSettings:
    """What stands around the entries; None leaves a number to the program."""

    name: str
    scan_depth: int | None
    token_budget: int | None
    recursive_scanning: bool | None


class Shelf(Protocol):
    """Where books are kept. NotYours or NotFound for whoever may not write in one."""

    async def open(self, caller: Caller, book_id: UUID) -> OpenBook:
        """A book with all that is in it."""
        ...

    async def add(self, caller: Caller, book_id: UUID, entry: LoreEntry) -> None:
        """Adds an entry at the end."""
        ...

    async def change(self, caller: Caller, book_id: UUID, key: str, entry: LoreEntry) -> None:
        """Puts another entry in the place of one."""
        ...

    async def remove(self, caller: Caller, book_id: UUID, key: str) -> None:
        """Removes an entry."""
        ...

    async def configure(self, caller: Caller, book_id: UUID, settings: BookSettings) -> None:
        """Changes what stands around the entries."""
        ...

    async def take_in(self, caller: Caller, book_id: UUID, read: Lorebook, *, joins: bool) -> None:
        """Puts what was read from a file in the place of the book, or adds its entries to it."""
        ...


def configured(book: Lorebook, settings: BookSettings) -> Lorebook:
    """The book with other settings; Invalid names the one that cannot be."""
    name = " ".join(settings.name.replace("\x00", "").split())
    if len(name) > MOST_NAME:
        raise Invalid(f"The name has {len(name)} letters; {MOST_NAME} is the limit. Shorten it, please.")
    for what, number, most in (
        ("number of messages looked through", settings.scan_depth, MOST_SCANNED),
        ("budget", settings.token_budget, MOST_BUDGET),
    ):
        if number is not None and not 0 <= number <= most:
            raise Invalid(f"The {what} is between 0 and {most:,}. Leave the field empty for what is usual.")
    return replace(
        book,
        name=name,
        scan_depth=settings.scan_depth,
        token_budget=settings.token_budget,
        recursive_scanning=settings.recursive_scanning,
    )


def joined(book: Lorebook, more: Sequence[LoreEntry]) -> Lorebook:
    """The book with further entries; what files number themselves is numbered anew where a number is taken."""
    taken = {entry.id for entry in book.entries if entry.id is not None}
    added = [replace(entry, id=None) if entry.id in taken else entry for entry in more]
    require_room(len(book.entries) + len(added))
    return replace(book, entries=(*book.entries, *added))


def require_room(entries: int) -> None:
    """Raises Invalid where so many entries are too many for one book."""
    if entries > MAX_LORE_ENTRIES:
        raise Invalid(FULL)


def book_file(book: Lorebook) -> bytes:
    """A book as a file that other programs and this one read: `lorebook_v3`."""
    return orjson.dumps({"spec": "lorebook_v3", "data": write_lorebook(book)}, option=orjson.OPT_INDENT_2)
