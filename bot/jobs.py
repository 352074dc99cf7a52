"""Jobs: what has to happen after something else did, at least once, by any process that has time.

A handler gets ids and must not mind being run twice. What it raises is tried again after longer and longer
pauses; what fails each time, or takes its process down each time, is kept as a dead letter for the operator.
"""

import asyncio
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import structlog

import storage.jobs
from bot.errors import Unavailable
from bot.telemetry import Metrics
from storage.database import Database
from storage.jobs import Job, Payload

LEASE = timedelta(seconds=15)
"""After this long without a sign of life of its process a job is taken by another."""
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=20))
"""Before the second try, the third, …; a job that fails after the last is dead."""
LOST_TAKES = 5
"""So often a job may be taken and never heard of again before it is taken for what ends the processes."""
ROOT = Path(__file__).parent.parent
POLL_SECONDS = 2.0
SCHEDULE_SECONDS = 30.0
LISTEN_SECONDS = 5.0
GRACE_SECONDS = 3.0
END_SECONDS = 2.0

Handler = Callable[[Payload], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Work:
    handler: Handler
    within: timedelta


class Jobs:
    """Runs the jobs whose names it knows, a few at once."""

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        *,
        at_once: int = 4,
        lease: timedelta = LEASE,
        pauses: tuple[timedelta, ...] = PAUSES,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._at_once = at_once
        self._lease = lease
        self._pauses = pauses
        self._owner = uuid4()
        self._work: dict[str, _Work] = {}
        self._recurring: dict[str, timedelta] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._care: list[asyncio.Task[None]] = []
        self._something = asyncio.Event()

    def handle(
        self, name: str, handler: Handler, *, every: timedelta | None = None, within: timedelta = timedelta(minutes=2)
    ) -> None:
        """Has jobs of this name done by a handler, which fails when it takes longer than `within`.

        With `every` the job returns by itself, once in that time however many processes there are.
        """
        self._work[name] = _Work(handler, within)
        if every is not None:
            self._recurring[name] = every

    @property
    def running(self) -> int:
        """How many jobs this process is doing."""
        return len(self._running)

    def open(self) -> None:
        """Begins to take jobs; the event loop must be running."""
        for work in (self._take_for_ever, self._keep_for_ever, self._schedule_for_ever, self._listen_for_ever):
            self._care.append(asyncio.create_task(work(), name=f"jobs {work.__name__}"))

    async def close(self) -> None:
        """Takes no more; what does not end in a few seconds is broken off and left to others."""
        if not self._care:
            return
        await _end(self._care)
        if self._running:
            await asyncio.wait(self._running.values(), timeout=GRACE_SECONDS)
            await _end(list(self._running.values()))
        try:
            # Even when nothing ran: what was being taken just now is ours, though nobody knows of it.
            async with self._database.transaction() as session:
                await storage.jobs.give_back(session, owner=self._owner)
        except Unavailable:
            log.warning("jobs.not_given_back")

    # --- for ever ---------------------------------------------------------------------------------

    async def _take_for_ever(self) -> None:
        while True:
            free = self._at_once - len(self._running)
            taken = await self._quietly(self._take(free)) if free > 0 else None
            if not taken:
                await self._wait(POLL_SECONDS)

    async def _take(self, free: int) -> int:
        async with self._database.transaction() as session:
            taken = await storage.jobs.take(session, list(self._work), owner=self._owner, limit=free, lease=self._lease)
        for job in taken:
            # The database was away for a whole lease, and we have taken what we are doing already.
            if job.id not in self._running:
                task = asyncio.create_task(self._do(job), name=f"job {job.name} {job.id}")
                self._running[job.id] = task
                task.add_done_callback(lambda _, job_id=job.id: self._ended(job_id))
        return len(taken)

    def _ended(self, job_id: int) -> None:
        del self._running[job_id]
        self._something.set()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            pass
        self._something.clear()

    async def _keep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            if self._running:
                await self._quietly(self._keep())

    async def _keep(self) -> None:
        async with self._database.transaction() as session:
            await storage.jobs.keep(session, list(self._running))

    async def _schedule_for_ever(self) -> None:
        while self._recurring:
            await self._quietly(self._enqueue_due())
            await asyncio.sleep(SCHEDULE_SECONDS)

    async def _enqueue_due(self) -> None:
        async with self._database.transaction() as session:
            await storage.jobs.schedule(session, self._recurring)
            await storage.jobs.enqueue_due(session, self._recurring)

    async def _listen_for_ever(self) -> None:
        """Hears at once of what was enqueued; while it hears nothing, looking now and then is enough."""
        while True:
            try:
                async with aclosing(storage.jobs.listen(self._database)) as news:
                    async for _ in news:
                        self._something.set()
            except Exception as error:
                log.warning("jobs.deaf", kind=type(error).__name__)
            await asyncio.sleep(LISTEN_SECONDS)

    @staticmethod
    async def _quietly(work: "Awaitable[int | None]") -> int | None:
        try:
            return await work
        except Unavailable:
            log.warning("jobs.unavailable")
        except Exception:
            log.exception("jobs.failed")
        return None

    # --- one job ------------------------------------------------------------------------------------

    async def _do(self, job: Job) -> None:
        started, work = time.monotonic(), self._work[job.name]
        if job.takes - job.failures > LOST_TAKES:
            await self._settle(job, reason=f"its process ended, {LOST_TAKES} times", is_last=True)
            return
        try:
            async with asyncio.timeout(work.within.total_seconds()):
                await work.handler(job.payload)
        except Exception as error:
            # Without the error's own text, in which somebody's words may stand.
            trace = "".join(traceback.format_tb(error.__traceback__))
            is_last = job.failures >= len(self._pauses)
            log.warning("job.failed", job=job.name, id=job.id, kind=type(error).__name__, trace=trace, last=is_last)
            await self._settle(job, reason=_reason(error), is_last=is_last)
        else:
            log.info("job.done", job=job.name, id=job.id, seconds=round(time.monotonic() - started, 3))
            await self._settle(job)

    async def _settle(self, job: Job, *, reason: str | None = None, is_last: bool = False) -> None:
        """Writes down how a job ended; where that cannot be, its lease runs out and it is done again."""
        self._metrics.worked(job.name, outcome="done" if reason is None else "dead" if is_last else "failed")
        try:
            async with self._database.transaction() as session:
                if reason is None:
                    await storage.jobs.finish(session, job, owner=self._owner)
                elif is_last:
                    await storage.jobs.bury(session, job, owner=self._owner, reason=reason)
                else:
                    pause = self._pauses[job.failures] * random.uniform(0.8, 1.2)  # noqa: S311
                    await storage.jobs.retry(session, job, owner=self._owner, pause=pause, reason=reason)
        except Unavailable:
            log.warning("job.unsettled", job=job.name, id=job.id)
        except Exception:
            log.exception("job.unsettled", job=job.name, id=job.id)


async def _end(tasks: list["asyncio.Task[None]"]) -> None:
    """Cancels until heard: libraries now and then swallow a cancellation."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=END_SECONDS)


def _reason(error: BaseException) -> str:
    """The kind of an error and the last line of ours that it came through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(ROOT))]
    where = f" in {ours[-1].name}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"
