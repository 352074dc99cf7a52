"""Who may write a reply: generations with a fence and a lease.

The fence of a chat rises whenever a writer starts or is replaced, and a generation keeps the one under which it
is written now. A writer whose fence is no longer its generation's has lost: what it still has to say changes nothing.
Leases run from the moment at which they are written, for the transaction may have waited long for the chat's row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.tables import Chat, Message
from storage.tables import Generation as Row

Kind = Literal["reply", "regenerate", "continue"]
Finished = Literal["now", "before", "never"]
LEASE = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Generation:
    """A reply being written, or waiting to be."""

    id: UUID
    chat_id: UUID
    reply_id: UUID | None
    answers_id: UUID | None
    kind: Kind
    fence: int | None
    stop_requested: bool = False
    is_done: bool = False
    """Whether the text is stored, though perhaps not yet shown."""


async def queue(session: Session, *, generation_id: UUID, chat_id: UUID, answers_id: UUID) -> None:
    """One waiting generation a chat: a later message moves it on."""
    moved = await session.execute(
        sa.update(Row)
        .where(Row.chat_id == chat_id, Row.status == "queued")
        .values(answers_id=answers_id)
        .returning(Row.id)
    )
    if moved.first() is None:
        await session.execute(
            sa.insert(Row).values(
                id=generation_id, chat_id=chat_id, answers_id=answers_id, kind="reply", status="queued"
            )
        )


async def find_streaming(session: Session, chat_id: UUID) -> Generation | None:
    """The generation that writes in a chat now."""
    return _one(await session.execute(_select(Row.chat_id == chat_id, Row.status == "streaming")))


async def find_queued(session: Session, chat_id: UUID) -> Generation | None:
    """The generation that waits in a chat."""
    return _one(await session.execute(_select(Row.chat_id == chat_id, Row.status == "queued")))


async def find_generation(session: Session, generation_id: UUID) -> Generation | None:
    """A generation that is not done."""
    return _one(await session.execute(_select(Row.id == generation_id, Row.status != "done")))


async def finish(session: Session, generation: Generation) -> Finished:
    """Ends a generation, unless this writer did before; "never" when it is another's by now, and nothing was done.

    The lease stays until `release`: should the process die before Discord shows the end, somebody else does.
    """
    # "before": the commit had come through, though the answer to it was lost.
    mine = sa.and_(Row.id == generation.id, Row.fence == generation.fence, Row.lease_until.is_not(None))
    done = await session.execute(
        sa.update(Row)
        .where(mine, Row.status == "streaming")
        .values(status="done", lease_until=_from_now())
        .returning(Row.id)
    )
    if done.first() is not None:
        return "now"
    again = await session.execute(sa.update(Row).where(mine).values(lease_until=_from_now()).returning(Row.id))
    return "before" if again.first() is not None else "never"


async def release(session: Session, generation: Generation) -> None:
    """Gives up a generation that is done and shown."""
    await session.execute(
        sa.update(Row)
        .where(Row.id == generation.id, Row.status == "done", Row.fence == generation.fence)
        .values(lease_until=None, owner=None)
    )


async def give_up(session: Session, owner: str) -> None:
    """Lets everybody take over at once what an owner has not finished."""
    await session.execute(
        sa.update(Row)
        .where(Row.owner == owner, Row.lease_until.is_not(None))
        .values(lease_until=sa.func.now(), owner=None)
    )


async def abandon(session: Session, generation: Generation) -> None:
    """Gives up a generation that nobody could end: its reply has failed, unless its end was stored before."""
    ended = (
        sa.update(Row)
        .where(Row.id == generation.id, Row.fence == generation.fence)
        .values(status="done", lease_until=None, owner=None)
        .returning(Row.reply_id)
        .cte("ended")
    )
    await session.execute(
        sa.update(Message)
        .where(Message.id.in_(sa.select(ended.c.reply_id)), Message.status == "streaming")
        .values(status="failed")
    )


async def drop_queued(session: Session, chat_id: UUID) -> None:
    """Forgets what waits in a chat."""
    await session.execute(sa.delete(Row).where(Row.chat_id == chat_id, Row.status == "queued"))


async def request_stop(session: Session, generation_id: UUID) -> bool:
    """Asks the writer to stop; False when it has already ended."""
    asked = await session.execute(
        sa.update(Row)
        .where(Row.id == generation_id, Row.status == "streaming")
        .values(stop_requested=True)
        .returning(Row.id)
    )
    return asked.first() is not None


async def renew_leases(session: Session, owner: str, ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Keeps these generations for another LEASE; id → whether a stop was asked for.

    An id that is missing was taken by somebody else: its writer must fall silent.
    """
    rows = await session.execute(
        sa.update(Row)
        .where(Row.id.in_(ids), Row.owner == owner, Row.lease_until.is_not(None))
        .values(lease_until=_from_now())
        .returning(Row.id, Row.stop_requested)
    )
    return {row.id: row.stop_requested for row in rows}


async def list_expired(session: Session, *, limit: int = 20) -> list[Generation]:
    """Generations whose writer has not been heard of for a whole lease."""
    rows = await session.execute(_select(Row.lease_until < sa.func.now()).order_by(Row.lease_until).limit(limit))
    return [Generation(*row) for row in rows]


async def take_over(session: Session, expired: Generation, owner: str) -> Generation | None:
    """Takes an expired generation with a new fence; None when somebody else was quicker.

    The chat's row is locked first, as everywhere, so that nobody waits in a circle.
    """
    chat = await session.execute(
        sa.select(Chat.fence).where(Chat.id == expired.chat_id).with_for_update(skip_locked=True)
    )
    fence = chat.scalar_one_or_none()
    if fence is None:
        return None
    taken = await session.execute(
        sa.update(Row)
        .where(Row.id == expired.id, Row.lease_until < sa.func.now())
        .values(owner=owner, fence=fence + 1, lease_until=_from_now())
        .returning(Row.status, Row.stop_requested)
    )
    row = taken.one_or_none()
    if row is None:
        return None
    await session.execute(sa.update(Chat).where(Chat.id == expired.chat_id).values(fence=fence + 1))
    # It may have ended since it was found.
    return replace(expired, fence=fence + 1, is_done=row.status == "done", stop_requested=row.stop_requested)


async def count_queued(session: Session) -> int:
    """How many generations wait for another to end."""
    counted = await session.execute(sa.select(sa.func.count()).select_from(Row).where(Row.status == "queued"))
    return int(counted.scalar_one())


async def list_orphaned_queues(session: Session) -> list[UUID]:
    """Chats in which a generation waits though nothing is being written."""
    writing = sa.select(Row.chat_id).where(Row.lease_until.is_not(None))
    rows = await session.execute(
        sa.select(Row.chat_id).where(
            Row.status == "queued",
            Row.chat_id.not_in(writing),
            Row.created_at < sa.func.now() - timedelta(seconds=5),
        )
    )
    return list(rows.scalars())


def _from_now() -> sa.ColumnElement[Any]:
    return sa.func.clock_timestamp() + LEASE


def _select(*where: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Row.id,
        Row.chat_id,
        Row.reply_id,
        Row.answers_id,
        Row.kind,
        Row.fence,
        Row.stop_requested,
        Row.status == "done",
    ).where(*where)


def _one(result: sa.Result[*tuple[Any, ...]]) -> Generation | None:
    row = result.one_or_none()
    return Generation(*row) if row else None
