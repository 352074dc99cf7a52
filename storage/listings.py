"""What servers decided about characters, and the queue of versions that wait for a decision."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from storage.characters import Frame
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


async def enqueue(
    session: Session,
    *,
    guild_id: int,
    character_id: UUID,
    version_id: UUID,
    asked_by: int,
    though_rejected: bool = False,
) -> bool:
    """Puts a version into a server's queue, in place of an older one; False when it was decided about before.

    `though_rejected` asks once more about one that was rejected.
    """
    decided = await session.execute(sa.select(Row.status).where(Row.guild_id == guild_id, Row.version_id == version_id))
    status = decided.scalar_one_or_none()
    if status == "rejected" and though_rejected:
        await session.execute(sa.delete(Row).where(Row.guild_id == guild_id, Row.version_id == version_id))
    elif status is not None:
        return status == "pending"
    await _drop_pending(session, character_id, Row.guild_id == guild_id)
    await session.execute(
        sa.insert(Row).values(
            id=new_id(), guild_id=guild_id, character_id=character_id, version_id=version_id, asked_by=asked_by
        )
    )
    return True


async def enqueue_everywhere(session: Session, *, character_id: UUID, version_id: UUID, asked_by: int) -> None:
    """Puts a new version into the queue of each reviewing server that has ever looked at the character.

    Whoever waits or was rejected is looked at as they are now; a server that has blocked them is left in peace.
    """
    looking = (
        sa.select(Row.guild_id)
        .distinct()
        .join(Guild, Guild.id == Row.guild_id)
        .outerjoin(Listing, sa.and_(Listing.guild_id == Row.guild_id, Listing.character_id == Row.character_id))
        .where(Row.character_id == character_id, Guild.policy == "review", Listing.blocked_at.is_(None))
        .order_by(Row.guild_id)
    )
    for guild_id in (await session.execute(looking)).scalars().all():
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


async def find_pending(session: Session, *, guild_id: int, character_id: UUID) -> Review | None:
    """The version of a character that waits in a server's queue."""
    query = _select().where(Row.guild_id == guild_id, Row.character_id == character_id, Row.status == "pending")
    row = (await session.execute(query)).one_or_none()
    return _review(row) if row else None


async def find_approved(session: Session, *, guild_id: int, character_id: UUID) -> UUID | None:
    """The version of a character that a server approved."""
    query = sa.select(Listing.approved_version_id)
    query = query.where(Listing.guild_id == guild_id, Listing.character_id == character_id)
    return (await session.execute(query)).scalar_one_or_none()


async def find_frame(session: Session, version_id: UUID) -> Frame | None:
    """The readable columns of a character as a version had them."""
    kept = await session.execute(sa.select(CharacterVersion.frame).where(CharacterVersion.id == version_id))
    frame: dict[str, Any] | None = kept.scalar_one_or_none()
    if not frame:
        return None
    columns: dict[str, Any] = {**frame, "tags": tuple(frame["tags"])}
    return Frame(**columns)


async def list_blocked(session: Session, guild_id: int, typed: str, *, limit: int = 25) -> list[tuple[UUID, str]]:
    """Ids and names of what a server has blocked, of those that contain the typed text."""
    name = sa.func.lower(Character.name)
    rows = await session.execute(
        sa.select(Character.id, Character.name)
        .join(Listing, Listing.character_id == Character.id)
        .where(
            Listing.guild_id == guild_id,
            Listing.blocked_at.is_not(None),
            Character.status != "deleted",
            name.contains(" ".join(typed.lower().split()), autoescape=True),
        )
        .order_by(name, Character.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


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
