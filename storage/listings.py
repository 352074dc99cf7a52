"""What servers decided about characters, and the queue of versions that wait for a decision."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from storage.database import Session
from storage.ids import new_id
from storage.tables import Character, CharacterVersion, Guild, Listing, User
from storage.tables import Review as Row


@dataclass(frozen=True, slots=True)
class Review:
    """A version that waits in a server's queue, or was decided about there."""

    id: UUID
    guild_id: int
    character_id: UUID
    character_name: str
    owner_user_id: int | None
    owner_name: str
    version_id: UUID
    version: int
    status: Literal["pending", "approved", "rejected"]
    reason: str
    approved_before: int | None
    """The number of the version that the server plays until it decides, None when it plays none."""


async def mark(
    session: Session,
    *,
    guild_id: int,
    character_id: UUID,
    featured: bool | None = None,
    blocked: bool | None = None,
) -> None:
    """Features or blocks a character in a server, or takes that back."""
    values: dict[str, object] = {}
    if featured is not None:
        values["featured_at"] = sa.func.now() if featured else None
    if blocked is not None:
        values["blocked_at"] = sa.func.now() if blocked else None
    row = insert(Listing).values(guild_id=guild_id, character_id=character_id, **values)
    await session.execute(
        row.on_conflict_do_update(index_elements=[Listing.guild_id, Listing.character_id], set_=values)
    )


async def enqueue(session: Session, *, guild_id: int, character_id: UUID, version_id: UUID, asked_by: int) -> bool:
    """Puts a version into a server's queue, in place of an older one; False when it was decided about before."""
    decided = await session.execute(sa.select(Row.status).where(Row.guild_id == guild_id, Row.version_id == version_id))
    status = decided.scalar_one_or_none()
    if status is not None:
        return status == "pending"
    await _drop_pending(session, character_id, Row.guild_id == guild_id)
    await session.execute(
        sa.insert(Row).values(
            id=new_id(), guild_id=guild_id, character_id=character_id, version_id=version_id, asked_by=asked_by
        )
    )
    return True


async def enqueue_everywhere(session: Session, *, character_id: UUID, version_id: UUID, asked_by: int) -> None:
    """Puts a new version into the queue of each reviewing server that has approved an older one."""
    approving = sa.select(Listing.guild_id).where(
        Listing.character_id == character_id,
        Listing.approved_version_id.is_not(None),
        Guild.id == Listing.guild_id,
        Guild.policy == "review",
    )
    for guild_id in (await session.execute(approving)).scalars().all():
        await enqueue(session, guild_id=guild_id, character_id=character_id, version_id=version_id, asked_by=asked_by)


async def drop_pending(session: Session, character_id: UUID) -> None:
    """Takes a character out of every queue: it is offered no longer."""
    await _drop_pending(session, character_id, sa.true())


async def list_queue(session: Session, guild_id: int, *, limit: int = 1, after: UUID | None = None) -> list[Review]:
    """What waits in a server's queue, the longest waiting first."""
    query = _select().where(Row.guild_id == guild_id, Row.status == "pending").order_by(Row.id).limit(limit)
    if after is not None:
        query = query.where(Row.id > after)
    return [_review(row) for row in await session.execute(query)]


async def count_queue(session: Session, guild_id: int) -> int:
    """How many versions wait in a server's queue."""
    counted = sa.select(sa.func.count()).select_from(Row).where(Row.guild_id == guild_id, Row.status == "pending")
    return int((await session.execute(counted)).scalar_one())


async def find_review(session: Session, review_id: UUID, *, lock: bool = False) -> Review | None:
    """One review."""
    query = _select().where(Row.id == review_id)
    row = (await session.execute(query.with_for_update(of=Row) if lock else query)).one_or_none()
    return _review(row) if row else None


async def list_decisions(session: Session, character_id: UUID, *, limit: int = 10) -> list[Review]:
    """Where a character stands in each server that reviews it, the newest first."""
    query = _select().where(Row.character_id == character_id).order_by(Row.id.desc()).limit(limit)
    return [_review(row) for row in await session.execute(query)]


async def decide(
    session: Session, review: Review, *, status: Literal["approved", "rejected"], reason: str, decided_by: int
) -> None:
    """Approves or rejects a version; an approved one is what the server plays from then on."""
    await session.execute(
        sa.update(Row)
        .where(Row.id == review.id)
        .values(status=status, reason=reason, decided_by=decided_by, decided_at=sa.func.now())
    )
    if status == "approved":
        row = insert(Listing).values(
            guild_id=review.guild_id, character_id=review.character_id, approved_version_id=review.version_id
        )
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[Listing.guild_id, Listing.character_id],
                set_={"approved_version_id": row.excluded.approved_version_id},
            )
        )


async def _drop_pending(session: Session, character_id: UUID, where: sa.ColumnElement[bool]) -> None:
    await session.execute(sa.delete(Row).where(Row.character_id == character_id, Row.status == "pending", where))


def _select() -> sa.Select[*tuple[Any, ...]]:
    approved = aliased(CharacterVersion)
    return (
        sa.select(
            Row.id,
            Row.guild_id,
            Row.character_id,
            Character.name,
            Character.owner_user_id,
            sa.func.coalesce(User.username, "").label("owner_name"),
            Row.version_id,
            CharacterVersion.number,
            Row.status,
            Row.reason,
            approved.number.label("approved_before"),
        )
        .join(Character, Character.id == Row.character_id)
        .join(CharacterVersion, CharacterVersion.id == Row.version_id)
        .outerjoin(User, User.id == Character.owner_user_id)
        .outerjoin(Listing, sa.and_(Listing.guild_id == Row.guild_id, Listing.character_id == Row.character_id))
        .outerjoin(approved, approved.id == Listing.approved_version_id)
    )


def _review(row: sa.Row[*tuple[Any, ...]]) -> Review:
    return Review(*row)
