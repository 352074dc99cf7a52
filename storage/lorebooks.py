"""Books of lore that belong to people, sealed with their keys; a character's own stands in its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Lorebook, LoreEntry
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Book:
    """A book as it is stored: its name, what stands around its entries and the entries, as JSON; None: key gone."""

    id: UUID
    name: str
    frame: bytes | None
    entries: tuple[bytes, ...]


async def add_lorebook(
    session: Session, *, owner_user_id: int, name: str, frame: bytes, entries: Sequence[bytes], source_sha256: str
) -> UUID:
    """Keeps a person's book, in its order."""
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
    return book_id


async def find_imported(session: Session, *, owner_user_id: int, source_sha256: str) -> UUID | None:
    """The book that a person made from this very file before."""
    query = sa.select(Lorebook.id)
    query = query.where(Lorebook.owner_user_id == owner_user_id, Lorebook.source_sha256 == source_sha256)
    return (await session.execute(query)).scalar_one_or_none()


async def list_lorebooks(session: Session, owner_user_id: int) -> list[Book]:
    """A person's books with all their entries, the oldest first."""
    query = sa.select(Lorebook.id, Lorebook.name, Lorebook.frame).where(Lorebook.owner_user_id == owner_user_id)
    books = (await session.execute(query.order_by(Lorebook.id))).all()
    await session.vault.load(session, (row.name for row in books))
    found: list[Book] = []
    for row in books:
        name = session.opened(Place("lorebooks", "name", row.id), row.name)
        frame = session.opened(Place("lorebooks", "frame", row.id), row.frame)
        found.append(Book(row.id, name.decode() if name else "removed", frame, await _entries(session, row.id)))
    return found


async def _entries(session: Session, book_id: UUID) -> tuple[bytes, ...]:
    rows = await session.execute(
        sa.select(LoreEntry.id, LoreEntry.entry).where(LoreEntry.lorebook_id == book_id).order_by(LoreEntry.position)
    )
    opened = (session.opened(Place("lore_entries", "entry", row.id), row.entry) for row in rows)
    return tuple(entry for entry in opened if entry is not None)
