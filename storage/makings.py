"""How replies were made: the model, the times and tokens noted with a reply, and what its generations cost."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.tables import Generation, Message, UsageEvent

QUERY = (
    sa.select(
        Message.model,
        Message.prompt_tokens,
        Message.completion_tokens,
        Message.first_token_ms,
        Message.duration_ms,
        sa.select(sa.func.sum(UsageEvent.cost))
        .join(Generation, Generation.id == UsageEvent.generation_id)
        .where(Generation.reply_id == sa.bindparam("message_id"))
        .scalar_subquery()
        .label("cost"),
    )
    .where(Message.id == sa.bindparam("message_id"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Making:
    """Times are in milliseconds, the cost in billionths of a dollar; None for what was not noted."""

    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_token_ms: int | None = None
    duration_ms: int | None = None
    cost: int | None = None


async def find_making(session: Session, message_id: UUID) -> Making:
    """How a reply was made; nothing of one that no model wrote."""
    row = (await session.execute(QUERY, {"message_id": message_id})).one_or_none()
    if row is None:
        return Making()
    return Making(
        model=row.model,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        first_token_ms=row.first_token_ms,
        duration_ms=row.duration_ms,
        cost=None if row.cost is None else int(row.cost),
    )
