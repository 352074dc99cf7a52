"""Bans: who may not use the bot, in one server or anywhere."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.ids import new_id
from storage.tables import Ban as Row
from storage.tables import Character, Review, User

NAMELESS = "somebody who has left"


@dataclass(frozen=True, slots=True)
class Ban:
    """A person who may not use the bot, and why."""

    user_id: int
    username: str
    reason: str


async def add_ban(session: Session, *, user_id: int, guild_id: int | None, reason: str, decided_by: int) -> bool:
    """Bans a person (everywhere, where no server is named); False when they were banned there already."""
    added = await session.execute(
        insert(Row)
        .values(id=new_id(), user_id=user_id, guild_id=guild_id, reason=reason, decided_by=decided_by)
        .on_conflict_do_nothing()
        .returning(Row.id)
    )
    if guild_id is None:
        await session.execute(sa.update(User).where(User.id == user_id).values(account_status="banned"))
    return added.first() is not None


async def lift_ban(session: Session, *, user_id: int, guild_id: int | None) -> bool:
    """Lets a person back in; False when they were not banned there."""
    here = Row.guild_id.is_(None) if guild_id is None else Row.guild_id == guild_id
    lifted = await session.execute(sa.delete(Row).where(Row.user_id == user_id, here).returning(Row.id))
    if guild_id is None:
        await session.execute(sa.update(User).where(User.id == user_id).values(account_status="active"))
    return lifted.first() is not None


async def list_bans(session: Session, guild_id: int | None, *, limit: int = 25) -> list[Ban]:
    """Who is banned in a server, or everywhere; the newest first."""
    here = Row.guild_id.is_(None) if guild_id is None else Row.guild_id == guild_id
    rows = await session.execute(
        sa.select(Row.user_id, sa.func.coalesce(User.username, NAMELESS), Row.reason)
        .outerjoin(User, User.id == Row.user_id)
        .where(here)
        .order_by(Row.id.desc())
        .limit(limit)
    )
    return [Ban(*row) for row in rows]


async def unpublish_all(session: Session, owner_user_id: int) -> int:
    """Takes back everything that a person has published; returns how many characters that were."""
    taken = await session.execute(
        sa.update(Character)
        .where(Character.owner_user_id == owner_user_id, Character.status == "published")
        .values(status="unpublished")
        .returning(Character.id)
    )
    gone = list(taken.scalars())
    # No admin need decide about what is no longer offered.
    await session.execute(sa.delete(Review).where(Review.character_id.in_(gone), Review.status == "pending"))
    return len(gone)
