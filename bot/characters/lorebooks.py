"""People's own books of lore: making, writing in and deleting them."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import orjson

import storage.lorebooks
import storage.users
from bot.caller import Caller
from bot.cards.card_fields import Warnings
from bot.cards.lorebook import Lorebook, LoreEntry, read_lorebook, write_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.characters.lore_shelf import NO_ENTRY, BookSettings, OpenBook, configured, joined, require_room
from bot.errors import Invalid, NotFound, NotYours
from storage.database import Database, Session
from storage.lorebooks import Book, Title

MOST_BOOKS = 50
NO_BOOK = "This book is gone. `/chat lore` shows the books that are there."
NOT_YOUR_BOOK = "This book belongs to somebody else, who alone may read and change it."
TOO_MANY_BOOKS = f"You have {MOST_BOOKS} books, the most for one person. Delete one first: `/chat lore` opens them."
UNNAMED = "A book of lore"


class Lorebooks:
    """A Shelf of the books that belong to people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def titles(self, caller: Caller) -> list[Title]:
        """The caller's books, the oldest first."""
        async with self._database.transaction() as session:
            return await storage.lorebooks.list_titles(session, caller.user_id)

    async def open(self, caller: Caller, book_id: UUID) -> OpenBook:
        """One of the caller's books."""
        async with self._database.transaction() as session:
            return _opened(await _owned(session, caller, book_id))

    async def add(self, caller: Caller, book_id: UUID, entry: LoreEntry) -> None:
        """Adds an entry at the end; Invalid where the book is full."""
        async with self._database.transaction() as session:
            await _owned(session, caller, book_id)
            await storage.lorebooks.add_entry(session, book_id, _written(entry))
            # Behind the adding, which nobody else does to this book until it is done.
            require_room(await storage.lorebooks.count_entries(session, book_id))

    async def change(self, caller: Caller, book_id: UUID, key: str, entry: LoreEntry) -> None:
        """Puts another entry in the place of one."""
        async with self._database.transaction() as session:
            await _owned(session, caller, book_id)
            if not await storage.lorebooks.change_entry(session, book_id, _entry_id(key), _written(entry)):
                raise Invalid(NO_ENTRY)

    async def remove(self, caller: Caller, book_id: UUID, key: str) -> None:
        """Removes an entry."""
        async with self._database.transaction() as session:
            await _owned(session, caller, book_id)
            if not await storage.lorebooks.delete_entry(session, book_id, _entry_id(key)):
                raise Invalid(NO_ENTRY)

    async def configure(self, caller: Caller, book_id: UUID, settings: BookSettings) -> None:
        """Renames the book and changes how it is looked through."""
        async with self._database.transaction() as session:
            book = configured(_opened(await _owned(session, caller, book_id)).book, settings)
            await storage.lorebooks.save_frame(
                session, book_id, name=book.name or UNNAMED, frame=_framed(replace(book, entries=()))
            )

    async def take_in(self, caller: Caller, book_id: UUID, read: Lorebook, *, joins: bool) -> None:
        """Puts a file's book in the place of this one, which keeps its name, or adds its entries."""
        async with self._database.transaction() as session:
            before = _opened(await _owned(session, caller, book_id))
            book = joined(before.book, read.entries) if joins else replace(read, name=before.title)
            await storage.lorebooks.save_frame(session, book_id, name=before.title, frame=_framed(book))
            await storage.lorebooks.replace_entries(session, book_id, [_written(each) for each in book.entries])

    async def delete(self, caller: Caller, book_id: UUID) -> str:
        """Removes a book everywhere; its name."""
        async with self._database.transaction() as session:
            book = await _owned(session, caller, book_id)
            await storage.lorebooks.delete_lorebook(session, book_id)
        return book.name


async def add_book(session: Session, caller: Caller, book: Lorebook, *, source_sha256: str | None = None) -> UUID:
    """Keeps a book as the caller's own; Invalid where they have too many."""
    await storage.users.touch_user(session, caller.user_id, caller.username)
    if await storage.lorebooks.count_lorebooks(session, caller.user_id) >= MOST_BOOKS:
        raise Invalid(TOO_MANY_BOOKS)
    return await storage.lorebooks.add_lorebook(
        session,
        owner_user_id=caller.user_id,
        name=book.name or UNNAMED,
        frame=_framed(book),
        entries=[_written(entry) for entry in book.entries],
        source_sha256=source_sha256,
    )


def lorebook_of(stored: Book) -> Lorebook:
    """A person's book, read from what is stored."""
    frame: JsonObject = orjson.loads(stored.frame) if stored.frame else {}
    book = read_lorebook({**frame, "entries": [orjson.loads(entry) for entry in stored.entries]}, Warnings())
    return replace(book, name=stored.name)


async def _owned(session: Session, caller: Caller, book_id: UUID) -> Book:
    book = await storage.lorebooks.find_lorebook(session, book_id)
    if book is None:
        raise NotFound(NO_BOOK)
    if book.owner_user_id != caller.user_id:
        raise NotYours(NOT_YOUR_BOOK)
    return book


def _opened(stored: Book) -> OpenBook:
    keys = tuple(entry_id.hex for entry_id in stored.entry_ids)
    return OpenBook(stored.id, stored.name, lorebook_of(stored), keys, is_deletable=True)


def _entry_id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise Invalid(NO_ENTRY) from None


def _framed(book: Lorebook) -> bytes:
    return orjson.dumps({name: value for name, value in write_lorebook(book).items() if name != "entries"})


def _written(entry: LoreEntry) -> bytes:
    entries = write_lorebook(Lorebook(entries=(entry,)))["entries"]
    assert isinstance(entries, Sequence)  # noqa: S101 - as write_lorebook makes it
    return orjson.dumps(entries[0])
