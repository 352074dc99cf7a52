"""People of Discord, as far as something of theirs is stored."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import User


async def touch_user(session: Session, user_id: int, username: str) -> None:
    """Makes sure that a person has a row, with the username they have today."""
    row = insert(User).values(id=user_id, username=username)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[User.id],
            set_={"username": row.excluded.username},
            where=User.username != row.excluded.username,
        )
    )


async def find_username(session: Session, user_id: int) -> str | None:
    """The username a person had when they were last here."""
    return (await session.execute(sa.select(User.username).where(User.id == user_id))).scalar_one_or_none()
