"""Notices: what a person should read when they come by next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Notice as Row
from storage.tables import User

BY_DM = "notices_by_dm"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two for one person."""

    id: UUID
    text: str
    created_at: datetime


async def add_notice(session: Session, user_id: int, text: str) -> bool:
    """Leaves a notice; returns whether the person wants such things by direct message too."""
    await session.execute(sa.insert(Row).values(id=new_id(), user_id=user_id, text=text))
    return await wants_messages(session, user_id)


async def list_unread(session: Session, user_id: int, *, limit: int = 5) -> list[Notice]:
    """What a person has not read yet, the newest first."""
    rows = await session.execute(
        sa.select(Row.id, Row.text, Row.created_at)
        .where(Row.user_id == user_id, Row.read_at.is_(None))
        .order_by(Row.id.desc())
        .limit(limit)
    )
    return [Notice(*row) for row in rows]


async def mark_read(session: Session, user_id: int, *, up_to: UUID) -> None:
    """A person has read everything up to this notice."""
    await session.execute(
        sa.update(Row)
        .where(Row.user_id == user_id, Row.id <= up_to, Row.read_at.is_(None))
        .values(read_at=sa.func.now())
    )


async def wants_messages(session: Session, user_id: int) -> bool:
    """Whether a person asked for notices by direct message."""
    chosen = await session.execute(sa.select(User.preferences[BY_DM].as_boolean()).where(User.id == user_id))
    return bool(chosen.scalar_one_or_none())


async def choose_messages(session: Session, user_id: int, *, wanted: bool) -> None:
    """Remembers whether a person wants notices by direct message."""
    choice = sa.func.jsonb_build_object(BY_DM, wanted)
    await session.execute(
        sa.update(User).where(User.id == user_id).values(preferences=User.preferences.op("||")(choice))
    )
