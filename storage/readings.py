"""Readings: the report of what went into the prompt of a reply, kept with the reply."""

import zlib
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.messages import Message
from storage.tables import Reading
from storage.vault import Place

QUICK = 1


async def keep_reading(session: Session, message: Message, report: bytes) -> None:
    """Keeps the report of a reply, compressed and sealed with its tree's key, in the place of an earlier one."""
    key = await session.key("tree", message.tree_id)
    sealed = key.seal(_place(message.id), zlib.compress(report, QUICK))
    row = insert(Reading).values(message_id=message.id, report=sealed)
    await session.execute(
        row.on_conflict_do_update(index_elements=[Reading.message_id], set_={"report": row.excluded.report})
    )


async def find_reading(session: Session, message: Message) -> bytes | None:
    """The report of a reply; None where none was kept, or its key is gone."""
    sealed = await session.scalar(sa.select(Reading.report).where(Reading.message_id == message.id))
    if sealed is None:
        return None
    await session.vault.load(session, [sealed])
    report = session.opened(_place(message.id), sealed)
    return None if report is None else zlib.decompress(report)


def _place(message_id: UUID) -> Place:
    return Place("readings", "report", message_id)
