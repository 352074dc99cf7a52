"""Guests: the characters that were invited into the scenes of a tree, beside whom it began with.

Who is there at which place of the tree is told by the events of its path; this says whom a tree may still need.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import TreeGuest as Row


async def add_guest(session: Session, *, tree_id: UUID, character_id: UUID) -> None:
    """A character was invited; a second time changes nothing."""
    await session.execute(insert(Row).values(tree_id=tree_id, character_id=character_id).on_conflict_do_nothing())


async def list_guests(session: Session, tree_id: UUID) -> list[UUID]:
    """Whom anybody ever invited into a tree, the first first."""
    rows = await session.execute(
        sa.select(Row.character_id).where(Row.tree_id == tree_id).order_by(Row.created_at, Row.character_id)
    )
    return list(rows.scalars())
