"""The queue of jobs: enqueued with what causes them, taken by whoever has time, kept when they fail too often.

A job carries ids alone; words never leave the sealed columns.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from pgqueuer.domain.models import CronExpressionEntrypoint, TracebackRecord
from pgqueuer.domain.types import CronEntrypoint, CronExpression, JobId, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from storage.database import Database, Session
from storage.queue import NAMES, queries

Payload = Mapping[str, str | int]

QUEUE = sa.table(
    NAMES.queue_table,
    *map(
        sa.column,
        ("id", "entrypoint", "status", "execute_after", "updated", "attempts", "dedupe_key", "queue_manager_id"),
    ),
)
LOG = sa.table(NAMES.queue_table_log, *map(sa.column, ("id", "job_id", "status", "created", "traceback")))


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was taken: `failures` counts how often it failed, `takes` how often somebody took it."""

    id: int
    name: str
    payload: Payload
    failures: int
    takes: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many jobs of a name wait, run and are dead; `late` is how long the first has waited past its time."""

    name: str
    waiting: int
    running: int
    dead: int
    late: timedelta


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that failed too often and is kept; `reason` names the kind of error and its place, no words."""

    id: int
    name: str
    failed_at: datetime
    reason: str


async def enqueue(
    session: Session,
    name: str,
    payload: Payload,
    *,
    delay: timedelta = timedelta(0),
    once: str | None = None,
) -> None:
    """Puts a job into the queue when this transaction commits; the payload holds ids alone.

    While a job with the same `once` waits or runs, another is nothing.
    """
    await queries(session).enqueue(
        name, orjson.dumps(payload), execute_after=delay, dedupe_key=once, on_conflict="skip"
    )


async def is_under_way(session: Session, once: str) -> bool:
    """Whether a job with this `once` waits or runs."""
    waiting = QUEUE.c.status.in_([_status("queued"), _status("picked")])
    found = sa.select(QUEUE.c.id).where(QUEUE.c.dedupe_key == once, waiting)
    return (await session.execute(found.limit(1))).first() is not None


async def take(session: Session, names: Sequence[str], *, owner: UUID, limit: int, lease: timedelta) -> list[Job]:
    """Takes jobs whose time has come, and those of owners that have not been heard of for a whole lease."""
    asked = {QueueEntrypoint(name): EntrypointExecutionParameter(concurrency_limit=0) for name in names}
    taken = await queries(session).dequeue(limit, asked, QueueManagerId(owner), None, lease)
    counted = await session.execute(
        sa.select(LOG.c.job_id, sa.func.count().label("takes"))
        .where(LOG.c.job_id.in_([job.id for job in taken]), LOG.c.status == _status("picked"))
        .group_by(LOG.c.job_id)
    )
    takes = {row.job_id: row.takes for row in counted}
    return [
        Job(job.id, job.entrypoint, orjson.loads(job.payload or b"{}"), job.attempts, takes.get(job.id, 1))
        for job in taken
    ]


async def keep(session: Session, ids: Sequence[int]) -> None:
    """Says that the owner of these jobs is alive."""
    await queries(session).update_heartbeat([JobId(each) for each in ids])


async def finish(session: Session, job: Job, *, owner: UUID) -> bool:
    """Removes a job that is done; False when somebody else has taken it since."""
    return await _is_held(session, job, owner) and await _resolve(session, job, "successful", None)


async def retry(session: Session, job: Job, *, owner: UUID, pause: timedelta, reason: str) -> bool:
    """Puts a job that failed back for another try; False when somebody else has taken it since."""
    if not await _is_held(session, job, owner):
        return False
    asked = queries(session)
    await asked.driver.execute(asked.qbq.build_retry_job_query(), job.id, pause, _record(job, reason))
    return True


async def bury(session: Session, job: Job, *, owner: UUID, reason: str) -> bool:
    """Keeps a job that failed too often as a dead letter; False when somebody else has taken it since."""
    return await _is_held(session, job, owner) and await _resolve(session, job, "failed", _record(job, reason))


async def give_back(session: Session, *, owner: UUID) -> None:
    """Leaves all that an owner holds to others at once, as if nobody had taken it."""
    back = await session.execute(
        sa.update(QUEUE)
        .where(QUEUE.c.queue_manager_id == owner)
        .values(status=_status("queued"), queue_manager_id=None)
        .returning(QUEUE.c.id)
    )
    ids = list(back.scalars())
    await session.execute(sa.delete(LOG).where(LOG.c.job_id.in_(ids), LOG.c.status == _status("picked")))


async def count_by_name(session: Session) -> list[Tally]:
    """The queue in numbers, by name."""

    def counted(status: str) -> sa.ColumnElement[int]:
        return sa.func.count().filter(QUEUE.c.status == _status(status))

    first = sa.func.min(QUEUE.c.execute_after).filter(QUEUE.c.status == _status("queued"))
    late = sa.func.greatest(sa.func.now() - first, sa.literal(timedelta(0)))
    rows = await session.execute(
        sa.select(QUEUE.c.entrypoint, counted("queued"), counted("picked"), counted("failed"), late)
        .group_by(QUEUE.c.entrypoint)
        .order_by(QUEUE.c.entrypoint)
    )
    return [Tally(*row) for row in rows]


async def list_dead(session: Session, *, limit: int = 20) -> list[DeadJob]:
    """Jobs that failed too often, the last to fail first."""
    newest = (
        sa.select(sa.cast(LOG.c.traceback, sa.Text))
        .where(LOG.c.job_id == QUEUE.c.id, LOG.c.status == _status("failed"))
        .order_by(LOG.c.created.desc())
        .limit(1)
        .correlate(QUEUE)
        .scalar_subquery()
    )
    rows = await session.execute(
        sa.select(QUEUE.c.id, QUEUE.c.entrypoint, QUEUE.c.updated, newest)
        .where(QUEUE.c.status == _status("failed"))
        .order_by(QUEUE.c.updated.desc())
        .limit(limit)
    )
    return [DeadJob(each, name, at, _reason(record)) for each, name, at, record in rows]


async def revive(session: Session, ids: Sequence[int] | None = None) -> int:
    """Puts dead jobs back into the queue, all of them unless some are named; returns how many.

    Of those with one `once` the newest is enough, and none is needed while such a job waits anyway.
    """
    dead, other = QUEUE.alias("dead"), QUEUE.alias("other")
    same = sa.and_(
        other.c.dedupe_key == dead.c.dedupe_key,
        sa.or_(
            other.c.status.in_([_status("queued"), _status("picked")]),
            sa.and_(other.c.status == _status("failed"), other.c.id > dead.c.id),
        ),
    )
    meant = sa.true() if ids is None else dead.c.id.in_(ids)
    needless = sa.select(dead.c.id).where(
        dead.c.status == _status("failed"), meant, sa.select(other.c.id).where(same).exists()
    )
    await session.execute(sa.delete(QUEUE).where(QUEUE.c.id.in_(needless)))
    wanted = sa.true() if ids is None else QUEUE.c.id.in_(ids)
    left = await session.execute(sa.select(QUEUE.c.id).where(QUEUE.c.status == _status("failed"), wanted))
    revived = [JobId(each) for each in left.scalars()]
    await session.execute(sa.delete(LOG).where(LOG.c.job_id.in_(revived), LOG.c.status == _status("picked")))
    await queries(session).requeue_jobs(revived)
    return len(revived)


async def schedule(session: Session, recurring: Mapping[str, timedelta]) -> None:
    """Writes down which jobs return and how often; the first time is a whole interval from now."""
    await queries(session).insert_schedule(_as_schedule(recurring))


async def enqueue_due(session: Session, recurring: Mapping[str, timedelta]) -> list[str]:
    """Enqueues the recurring jobs whose time has come, each once however many processes ask; returns their names."""
    asked = queries(session)
    due = await asked.fetch_schedule(_as_schedule(recurring))
    for each in due:
        await enqueue(session, each.entrypoint, {}, once=each.entrypoint)
    await asked.set_schedule_queued({each.id for each in due})
    return [each.entrypoint for each in due]


async def forget_log(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Removes some lines of the log about jobs from before; returns how many."""
    old = sa.select(LOG.c.id).where(LOG.c.created < sa.func.now() - older_than).order_by(LOG.c.created).limit(limit)
    gone = await session.execute(sa.delete(LOG).where(LOG.c.id.in_(old)).returning(LOG.c.id))
    return len(gone.all())


class _Listener(Protocol):
    """What asyncpg's connection can do beside queries."""

    def is_closed(self) -> bool: ...
    def add_termination_listener(self, callback: Callable[[object], None], /) -> None: ...
    def remove_termination_listener(self, callback: Callable[[object], None], /) -> None: ...
    async def add_listener(self, channel: str, callback: Callable[..., None], /) -> None: ...
    async def remove_listener(self, channel: str, callback: Callable[..., None], /) -> None: ...


async def listen(database: Database) -> AsyncGenerator[None]:
    """Yields at once, then whenever somebody has enqueued something; ends when the connection is lost."""
    heard, lost = asyncio.Event(), asyncio.Event()

    def on_notice(_connection: object, _pid: object, _channel: object, payload: object) -> None:
        if '"insert"' in str(payload):
            heard.set()

    def on_loss(_connection: object) -> None:
        lost.set()
        heard.set()

    async with database.engine.connect() as connection:
        raw = cast(_Listener, (await connection.get_raw_connection()).driver_connection)
        raw.add_termination_listener(on_loss)
        await raw.add_listener(NAMES.channel, on_notice)
        try:
            while not lost.is_set():
                yield
                await heard.wait()
                heard.clear()
        finally:
            raw.remove_termination_listener(on_loss)
            if not raw.is_closed():
                await raw.remove_listener(NAMES.channel, on_notice)


def _status(name: str) -> sa.ColumnElement[str]:
    # As text of the statement, so that the partial indexes of this status are found.
    return sa.literal_column(f"'{name}'::{NAMES.queue_status_type}")


async def _is_held(session: Session, job: Job, owner: UUID) -> bool:
    held = sa.select(QUEUE.c.id).where(QUEUE.c.id == job.id, QUEUE.c.queue_manager_id == owner)
    return (await session.execute(held.with_for_update())).first() is not None


async def _resolve(session: Session, job: Job, status: str, record: str | None) -> bool:
    asked = queries(session)
    await asked.driver.execute(asked.qbq.build_log_job_query(), [job.id], [status], [record])
    return True


def _record(job: Job, reason: str) -> str:
    record = TracebackRecord(
        job_id=JobId(job.id),
        timestamp=datetime.now(UTC),
        exception_type=reason,
        exception_message="",
        traceback="",
        additional_context=None,
    )
    return record.model_dump_json()


def _reason(record: str | None) -> str:
    return TracebackRecord.model_validate_json(record).exception_type if record else "unknown"


def _as_schedule(recurring: Mapping[str, timedelta]) -> dict[CronExpressionEntrypoint, timedelta]:
    return {
        CronExpressionEntrypoint(CronEntrypoint(name), CronExpression(f"every {every}")): every
        for name, every in recurring.items()
    }
