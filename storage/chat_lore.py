"""Books of lore in use: which of people's books are read along in which chat."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.lorebooks import BOOKS, Book, name_of, open_books
from storage.tables import ChatLorebook as Row
from storage.tables import Lorebook, LoreEntry


@dataclass(frozen=True, slots=True)
class InUse:
    """A book that is read along in a chat, without what stands in it: its name, its length, and whose it is."""

    id: UUID
    name: str
    entries: int
    owner_user_id: int | None


async def use_lorebook(session: Session, *, chat_id: UUID, lorebook_id: UUID, added_by: int) -> bool:
    """Has a book read along in a chat from now on; False when it is already."""
    added = await session.execute(
        insert(Row)
        # Not the time of the transaction: two books that come in one keep their order.
        .values(chat_id=chat_id, lorebook_id=lorebook_id, added_by=added_by, created_at=sa.func.clock_timestamp())
        .on_conflict_do_nothing()
        .returning(Row.lorebook_id)
    )
    return added.first() is not None


async def drop_lorebook(session: Session, *, chat_id: UUID, lorebook_id: UUID) -> bool:
    """Has a book no longer read along in a chat; False when it was not."""
    gone = await session.execute(
        sa.delete(Row).where(Row.chat_id == chat_id, Row.lorebook_id == lorebook_id).returning(Row.lorebook_id)
    )
    return gone.first() is not None


async def copy_books(session: Session, *, from_chat_id: UUID, to_chat_id: UUID) -> None:
    """Has the books of a chat read along in another too, such as its fork, in the same order."""
    used = sa.select(sa.literal(to_chat_id), Row.lorebook_id, Row.added_by, Row.created_at)
    columns = [Row.chat_id, Row.lorebook_id, Row.added_by, Row.created_at]
    await session.execute(
        insert(Row).from_select(columns, used.where(Row.chat_id == from_chat_id)).on_conflict_do_nothing()
    )


async def list_in_use(session: Session, chat_id: UUID) -> list[InUse]:
    """The books that are read along in a chat without their entries, in the order in which they were added."""
    length = sa.select(sa.func.count()).where(LoreEntry.lorebook_id == Lorebook.id).scalar_subquery()
    query = (
        sa.select(Lorebook.id, Lorebook.name, Lorebook.owner_user_id, length.label("length"))
        .join(Row, Row.lorebook_id == Lorebook.id)
        .where(Row.chat_id == chat_id)
        .order_by(Row.created_at, Row.lorebook_id)
    )
    rows = (await session.execute(query)).all()
    await session.vault.load(session, (row.name for row in rows))
    return [InUse(row.id, name_of(session, row), row.length, row.owner_user_id) for row in rows]


async def list_chat_books(session: Session, chat_id: UUID) -> list[Book]:
    """The books that are read along in a chat with all their entries, in the order in which they were added."""
    used = BOOKS.join(Row, Row.lorebook_id == Lorebook.id).where(Row.chat_id == chat_id)
    return await open_books(session, used.order_by(Row.created_at, Row.lorebook_id))
