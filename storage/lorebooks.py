"""Books of lore that belong to people, sealed with their keys; a character's own stands in its card."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Lorebook, LoreEntry
from storage.vault import DataKey, Place


@dataclass(frozen=True, slots=True)
class Book:
    """A book as it is stored: its name, what stands around its entries and the entries, as JSON; None: key gone."""

    id: UUID
    name: str
    frame: bytes | None
    entries: tuple[bytes, ...]
    entry_ids: tuple[UUID, ...] = ()
    """The ids of the entries, in the same order."""
    owner_user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """A book without what stands in it: its name, and how many entries it has."""

    id: UUID
    name: str
    entries: int


BOOKS = sa.select(Lorebook.id, Lorebook.name, Lorebook.frame, Lorebook.owner_user_id)


async def add_lorebook(
    session: Session,
    *,
    owner_user_id: int,
    name: str,
    frame: bytes,
    entries: Sequence[bytes] = (),
    source_sha256: str | None = None,
) -> UUID:
    """Keeps a person's book, in its order; `source_sha256` names the file that it was read from."""
    key, book_id = await session.key("user", owner_user_id), new_id()
    await session.execute(
        sa.insert(Lorebook).values(
            id=book_id,
            owner_user_id=owner_user_id,
            name=key.seal(Place("lorebooks", "name", book_id), name.encode()),
            frame=key.seal(Place("lorebooks", "frame", book_id), frame),
            source_sha256=source_sha256,
        )
    )
    await _add_entries(session, key, book_id, entries)
    return book_id


async def find_imported(session: Session, *, owner_user_id: int, source_sha256: str) -> UUID | None:
    """The book that a person made from this very file before."""
    query = sa.select(Lorebook.id)
    query = query.where(Lorebook.owner_user_id == owner_user_id, Lorebook.source_sha256 == source_sha256)
    return (await session.execute(query)).scalar_one_or_none()


async def find_lorebook(session: Session, book_id: UUID) -> Book | None:
    """One book with all its entries."""
    return next(iter(await open_books(session, BOOKS.where(Lorebook.id == book_id))), None)


async def list_lorebooks(session: Session, owner_user_id: int) -> list[Book]:
    """A person's books with all their entries, the oldest first."""
    return await open_books(session, BOOKS.where(Lorebook.owner_user_id == owner_user_id).order_by(Lorebook.id))


async def list_titles(session: Session, owner_user_id: int) -> list[Title]:
    """A person's books without their entries, the oldest first."""
    length = sa.select(sa.func.count()).where(LoreEntry.lorebook_id == Lorebook.id).scalar_subquery()
    query = sa.select(Lorebook.id, Lorebook.name, length.label("length"))
    rows = (await session.execute(query.where(Lorebook.owner_user_id == owner_user_id).order_by(Lorebook.id))).all()
    await session.vault.load(session, (row.name for row in rows))
    return [Title(row.id, name_of(session, row), row.length) for row in rows]


async def count_lorebooks(session: Session, owner_user_id: int) -> int:
    """How many books a person has."""
    query = sa.select(sa.func.count()).select_from(Lorebook).where(Lorebook.owner_user_id == owner_user_id)
    return (await session.execute(query)).scalar_one()


async def count_entries(session: Session, book_id: UUID) -> int:
    """How many entries a book has."""
    query = sa.select(sa.func.count()).select_from(LoreEntry).where(LoreEntry.lorebook_id == book_id)
    return (await session.execute(query)).scalar_one()


async def rename_lorebook(session: Session, book_id: UUID, name: str) -> bool:
    """Gives a person's book another name; False when there is no such book."""
    key = await _key(session, book_id)
    if key is not None:
        sealed = key.seal(Place("lorebooks", "name", book_id), name.encode())
        await session.execute(sa.update(Lorebook).where(Lorebook.id == book_id).values(name=sealed))
    return key is not None


async def save_frame(session: Session, book_id: UUID, *, name: str, frame: bytes) -> bool:
    """Gives a person's book another name and what stands around its entries; False when there is no such book."""
    key = await _key(session, book_id)
    if key is not None:
        sealed = {
            "name": key.seal(Place("lorebooks", "name", book_id), name.encode()),
            "frame": key.seal(Place("lorebooks", "frame", book_id), frame),
        }
        await session.execute(sa.update(Lorebook).where(Lorebook.id == book_id).values(**sealed))
    return key is not None


async def delete_lorebook(session: Session, book_id: UUID) -> bool:
    """Removes a book, from the chats too in which it is used; False when it was removed before."""
    gone = await session.execute(sa.delete(Lorebook).where(Lorebook.id == book_id).returning(Lorebook.id))
    return gone.first() is not None


async def add_entry(session: Session, book_id: UUID, entry: bytes) -> UUID | None:
    """Adds an entry at the end of a person's book; None when there is no such book."""
    key = await _key(session, book_id)
    if key is None:
        return None
    last = sa.select(sa.func.coalesce(sa.func.max(LoreEntry.position), -1)).where(LoreEntry.lorebook_id == book_id)
    position = (await session.execute(last)).scalar_one() + 1
    entry_id = new_id()
    sealed = key.seal(Place("lore_entries", "entry", entry_id), entry)
    await session.execute(
        sa.insert(LoreEntry).values(id=entry_id, lorebook_id=book_id, position=position, entry=sealed)
    )
    return entry_id


async def change_entry(session: Session, book_id: UUID, entry_id: UUID, entry: bytes) -> bool:
    """Puts another entry in the place of one; False when the book has no such entry."""
    key = await _key(session, book_id)
    if key is None:
        return False
    sealed = key.seal(Place("lore_entries", "entry", entry_id), entry)
    changed = await session.execute(
        sa.update(LoreEntry).where(*_is_entry(book_id, entry_id)).values(entry=sealed).returning(LoreEntry.id)
    )
    return changed.first() is not None


async def delete_entry(session: Session, book_id: UUID, entry_id: UUID) -> bool:
    """Removes an entry from a book; False when the book has no such entry."""
    gone = await session.execute(sa.delete(LoreEntry).where(*_is_entry(book_id, entry_id)).returning(LoreEntry.id))
    return gone.first() is not None


async def replace_entries(session: Session, book_id: UUID, entries: Sequence[bytes]) -> bool:
    """Puts other entries in the place of all that a book has; False when there is no such book."""
    key = await _key(session, book_id)
    if key is None:
        return False
    await session.execute(sa.delete(LoreEntry).where(LoreEntry.lorebook_id == book_id))
    await _add_entries(session, key, book_id, entries)
    return True


async def find_owners(session: Session, book_ids: Collection[UUID]) -> dict[UUID, int]:
    """Whose each of these books is; those that are gone are missing."""
    query = sa.select(Lorebook.id, Lorebook.owner_user_id).where(Lorebook.id.in_(book_ids))
    return {row.id: row.owner_user_id for row in await session.execute(query) if row.owner_user_id is not None}


async def open_books(session: Session, which: sa.Select[*tuple[Any, ...]]) -> list[Book]:
    """The books that a query of BOOKS finds, with all their entries: three questions, however many books there are."""
    books = (await session.execute(which)).all()
    if not books:
        return []
    query = (
        sa.select(LoreEntry.lorebook_id, LoreEntry.id, LoreEntry.entry)
        .where(LoreEntry.lorebook_id.in_([row.id for row in books]))
        .order_by(LoreEntry.lorebook_id, LoreEntry.position)
    )
    entries = (await session.execute(query)).all()
    await session.vault.load(session, [*(row.name for row in books), *(row.entry for row in entries)])
    opened: dict[UUID, list[tuple[UUID, bytes]]] = {row.id: [] for row in books}
    for book_id, entry_id, sealed in entries:
        entry = session.opened(Place("lore_entries", "entry", entry_id), sealed)
        if entry is not None:
            opened[book_id].append((entry_id, entry))
    return [
        Book(
            id=row.id,
            name=name_of(session, row),
            frame=session.opened(Place("lorebooks", "frame", row.id), row.frame),
            entries=tuple(entry for _, entry in opened[row.id]),
            entry_ids=tuple(entry_id for entry_id, _ in opened[row.id]),
            owner_user_id=row.owner_user_id,
        )
        for row in books
    ]


async def _add_entries(session: Session, key: DataKey, book_id: UUID, entries: Sequence[bytes]) -> None:
    rows = [
        {
            "id": (entry_id := new_id()),
            "lorebook_id": book_id,
            "position": position,
            "entry": key.seal(Place("lore_entries", "entry", entry_id), entry),
        }
        for position, entry in enumerate(entries)
    ]
    if rows:
        await session.execute(sa.insert(LoreEntry), rows)


def _is_entry(book_id: UUID, entry_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return LoreEntry.lorebook_id == book_id, LoreEntry.id == entry_id


def name_of(session: Session, row: sa.Row[*tuple[Any, ...]]) -> str:
    """The name of a book in an opened row; “removed” where its key is gone."""
    name = session.opened(Place("lorebooks", "name", row.id), row.name)
    return name.decode() if name is not None else "removed"


async def _key(session: Session, book_id: UUID) -> DataKey | None:
    """The key of whoever owns a book; nobody else adds to that until this transaction ends."""
    query = sa.select(Lorebook.owner_user_id).where(Lorebook.id == book_id).with_for_update(key_share=True)
    owner_user_id = (await session.execute(query)).scalar_one_or_none()
    return None if owner_user_id is None else await session.key("user", owner_user_id)
