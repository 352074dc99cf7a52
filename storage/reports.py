"""Complaints about characters, and what became of them."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from storage.database import Session
from storage.ids import new_id, time_of
from storage.tables import Character, User
from storage.tables import Report as Row

ServerOutcome = Literal["blocked", "dismissed"]
OperatorOutcome = Literal["taken down", "dismissed"]


@dataclass(frozen=True, slots=True)
class Report:
    """A complaint: about which character, by whom, from which server, and in which words."""

    id: UUID
    character_id: UUID
    character_name: str
    owner_user_id: int | None
    owner_name: str
    reporter_id: int
    reporter_name: str
    guild_id: int | None
    reason: str
    server_outcome: ServerOutcome | None
    operator_outcome: OperatorOutcome | None

    @property
    def when(self) -> int:
        """Seconds since 1970."""
        return int(time_of(self.id).timestamp())


async def add_report(
    session: Session, *, character_id: UUID, reporter_id: int, guild_id: int | None, reason: str
) -> bool:
    """Files a complaint; False when this person's last one about the character is still open."""
    added = await session.execute(
        insert(Row)
        .values(id=new_id(), character_id=character_id, reporter_id=reporter_id, guild_id=guild_id, reason=reason)
        .on_conflict_do_nothing()
        .returning(Row.id)
    )
    return added.first() is not None


async def list_open(
    session: Session, *, guild_id: int | None, after: UUID | None = None, limit: int = 1
) -> list[Report]:
    """Open complaints, the oldest first: those of one server, or all for the operator."""
    query = _select().where(_open(guild_id)).order_by(Row.id).limit(limit)
    if after is not None:
        query = query.where(Row.id > after)
    return [_report(row) for row in await session.execute(query)]


async def count_open(session: Session, *, guild_id: int | None) -> int:
    """How many complaints wait: for a server's admins, or for the operator."""
    return int((await session.execute(sa.select(sa.func.count()).select_from(Row).where(_open(guild_id)))).scalar_one())


async def count_of(session: Session, character_id: UUID) -> int:
    """How often a character was complained about."""
    counted = sa.select(sa.func.count()).select_from(Row).where(Row.character_id == character_id)
    return int((await session.execute(counted)).scalar_one())


async def count_by(session: Session, reporter_id: int) -> int:
    """How many complaints of a person are still open."""
    counted = sa.select(sa.func.count()).select_from(Row)
    counted = counted.where(Row.reporter_id == reporter_id, Row.operator_outcome.is_(None))
    return int((await session.execute(counted)).scalar_one())


async def list_taken_down(session: Session, typed: str, *, limit: int = 25) -> list[tuple[UUID, str, str]]:
    """Ids, names and owners of what the operator took down, of names that contain the typed text."""
    rows = await session.execute(
        sa.select(Character.id, Character.name, sa.func.coalesce(User.username, ""))
        .outerjoin(User, User.id == Character.owner_user_id)
        .where(
            Character.taken_down_at.is_not(None),
            Character.status != "deleted",
            sa.func.lower(Character.name).contains(" ".join(typed.lower().split()), autoescape=True),
        )
        .order_by(Character.taken_down_at.desc(), Character.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def find_report(session: Session, report_id: UUID, *, lock: bool = False) -> Report | None:
    """One complaint."""
    query = _select().where(Row.id == report_id)
    row = (await session.execute(query.with_for_update(of=Row) if lock else query)).one_or_none()
    return _report(row) if row else None


async def close_in_server(
    session: Session, *, character_id: UUID, guild_id: int, outcome: ServerOutcome, by: int, only: UUID | None = None
) -> list[int]:
    """A server's decision on the complaints about a character, or on one; returns who had complained."""
    where = [Row.character_id == character_id, Row.guild_id == guild_id, Row.server_outcome.is_(None)]
    if only is not None:
        where.append(Row.id == only)
    closed = await session.execute(
        sa.update(Row)
        .where(*where, Row.operator_outcome.is_(None))
        .values(server_outcome=outcome, server_decided_by=by)
        .returning(Row.reporter_id)
    )
    return list(closed.scalars())


async def close_for_all(
    session: Session, *, character_id: UUID, outcome: OperatorOutcome, by: int, only: UUID | None = None
) -> list[int]:
    """The operator's decision on the complaints about a character, or on one; returns who had complained."""
    where = [Row.character_id == character_id, Row.operator_outcome.is_(None)]
    if only is not None:
        where.append(Row.id == only)
    closed = await session.execute(
        sa.update(Row)
        .where(*where)
        .values(operator_outcome=outcome, operator_decided_by=by, decided_at=sa.func.now())
        .returning(Row.reporter_id)
    )
    return list(closed.scalars())


def _open(guild_id: int | None) -> sa.ColumnElement[bool]:
    if guild_id is None:
        return Row.operator_outcome.is_(None)
    return sa.and_(Row.guild_id == guild_id, Row.server_outcome.is_(None), Row.operator_outcome.is_(None))


def _select() -> sa.Select[*tuple[Any, ...]]:
    owner, reporter = aliased(User), aliased(User)
    return (
        sa.select(
            Row.id,
            Row.character_id,
            Character.name,
            Character.owner_user_id,
            sa.func.coalesce(owner.username, "").label("owner_name"),
            Row.reporter_id,
            reporter.username.label("reporter_name"),
            Row.guild_id,
            Row.reason,
            Row.server_outcome,
            Row.operator_outcome,
        )
        .join(Character, Character.id == Row.character_id)
        .join(reporter, reporter.id == Row.reporter_id)
        .outerjoin(owner, owner.id == Character.owner_user_id)
    )


def _report(row: sa.Row[*tuple[Any, ...]]) -> Report:
    return Report(*row)
