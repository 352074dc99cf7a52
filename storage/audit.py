"""The log of decisions: who did what, in a server or as the operator."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storage.database import Session
from storage.ids import new_id, time_of
from storage.tables import AuditEvent as Row
from storage.tables import Character, User

Kind = Literal[
    "settings",
    "policy",
    "approve",
    "reject",
    "feature",
    "unfeature",
    "block",
    "unblock",
    "ban",
    "unban",
    "report blocked",
    "report dismissed",
    "take over",
    "takedown",
    "restore",
    "queue",
    "key",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One decision: who made it, about which character or person, and in which words."""

    id: UUID
    actor: str
    kind: str
    character: str | None
    user: str | None
    detail: str

    @property
    def when(self) -> int:
        """Seconds since 1970."""
        return int(time_of(self.id).timestamp())


async def add_event(
    session: Session,
    *,
    guild_id: int | None,
    actor_id: int,
    kind: Kind,
    character_id: UUID | None = None,
    user_id: int | None = None,
    detail: str = "",
) -> None:
    """Notes a decision, in the transaction that makes it."""
    await session.execute(
        sa.insert(Row).values(
            id=new_id(),
            guild_id=guild_id,
            actor_id=actor_id,
            kind=kind,
            character_id=character_id,
            user_id=user_id,
            detail=detail,
        )
    )


async def list_events(session: Session, guild_id: int | None, *, before: UUID | None, limit: int) -> list[Event]:
    """Decisions of a server (or of the operator, without one), the newest first."""
    actor, subject = aliased(User), aliased(User)
    query = (
        sa.select(Row.id, actor.username, Row.kind, Character.name, subject.username, Row.detail)
        .outerjoin(actor, actor.id == Row.actor_id)
        .outerjoin(subject, subject.id == Row.user_id)
        .outerjoin(Character, Character.id == Row.character_id)
        .where(Row.guild_id.is_(None) if guild_id is None else Row.guild_id == guild_id)
        .order_by(Row.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Row.id < before)
    return [
        Event(id_, actor or "somebody", kind, character, user, detail)
        for id_, actor, kind, character, user, detail in await session.execute(query)
    ]
