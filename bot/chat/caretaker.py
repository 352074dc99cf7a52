"""The care for replies: leases kept alive, the word to stop passed on, what dead processes left taken up."""

import asyncio
import time
from collections import Counter
from contextlib import aclosing
from uuid import UUID

import structlog

import storage.chats
import storage.generations
from bot.chat.generation import Writers
from bot.chat.recovery import Recovery
from bot.errors import Unavailable
from bot.telemetry import Metrics
from storage.database import Database
from storage.locks import Locks, StopSignals
from storage.streams import Streams

RENEW_SECONDS = 2.0
SWEEP_SECONDS = 1.0
MOST_TRIES = 3

log = structlog.get_logger()


class Caretaker:
    """What has to happen for ever beside the writing."""

    def __init__(
        self,
        *,
        database: Database,
        streams: Streams,
        locks: Locks,
        stops: StopSignals,
        writers: Writers,
        recovery: Recovery,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._streams = streams
        self._locks = locks
        self._stops = stops
        self.writers = writers
        self._recovery = recovery
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []
        self._away: set[str] = set()
        self._tries: Counter[UUID] = Counter()

    def open(self) -> None:
        """Begins to flush, renew, sweep, listen and measure; the event loop must be running."""
        for work in (
            self._streams.run,
            self._renew_for_ever,
            self._sweep_for_ever,
            self._listen_for_ever,
            self._metrics.watch_loop,
        ):
            self._tasks.append(asyncio.create_task(work(), name=work.__name__))

    async def close(self) -> None:
        """Stops caring."""
        # redis-py now and then swallows a cancellation that meets it in the middle of a read: ask until heard.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.02)

    # --- what others left ----------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Takes up what writers left behind that are no longer there; nothing while the program closes."""
        if self.writers.is_closing:
            return
        async with self._database.transaction() as session:
            expired = await storage.generations.list_expired(session)
            waiting = await storage.generations.list_orphaned_queues(session)
            unplaced = await storage.chats.list_unplaced(session)
            self._metrics.waiting(await storage.generations.count_queued(session))
        for generation in expired:
            if generation.id not in self.writers.running:  # the database was away for a while, the writer was not
                await self._recovery.take_up(generation)
        for chat_id in waiting:
            await self._start_queued(chat_id)
        for chat_id in unplaced:
            await self._forget_unplaced(chat_id)

    async def _start_queued(self, chat_id: UUID) -> None:
        try:
            await self._recovery.answer_waiting(chat_id)
        except Exception:
            # One chat must not keep the others waiting, nor itself for ever.
            self._tries[chat_id] += 1
            log.exception("queued.not_started", chat=str(chat_id), tries=self._tries[chat_id])
            if self._tries[chat_id] < MOST_TRIES:
                return
            async with self._database.transaction() as session:
                await storage.generations.drop_queued(session, chat_id)
        self._tries.pop(chat_id, None)

    async def _forget_unplaced(self, chat_id: UUID) -> None:
        """The process died between a chat's row and its thread."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_chat(session, chat_id, lock=True)
            if chat and chat.place_id is None:
                await storage.chats.delete_chat(session, chat)

    # --- what is ours --------------------------------------------------------------------------------

    async def renew(self) -> None:
        """Keeps the leases of this process; a writer whose lease another has falls silent."""
        mine = self.writers.running
        if not mine:
            return
        asked_at = time.monotonic()
        async with self._database.transaction() as session:
            held = await storage.generations.renew_leases(session, self.writers.owner, list(mine))
        for generation_id, writer in mine.items():
            if generation_id not in held:
                writer.lose()
                continue
            writer.lease.renew(asked_at)
            if held[generation_id]:
                writer.stop.set()
        await self._locks.keep([writer.lock for writer in mine.values() if writer.lock])

    # --- for ever ------------------------------------------------------------------------------------

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
                self._is_back("leases")
            except Unavailable:
                self._is_away("leases")
            except Exception:
                log.exception("renewal.failed")

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
                self._is_back("sweep")
            except Unavailable:
                self._is_away("sweep")
            except Exception:
                log.exception("sweep.failed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                async with aclosing(self._stops.listen()) as stops:
                    async for generation_id in stops:
                        self._is_back("stops")
                        self.writers.stop_here(generation_id)
            except Exception as error:
                self._is_away("stops", kind=type(error).__name__)
            await asyncio.sleep(1.0)

    def _is_away(self, what: str, **more: str) -> None:
        """Says so once, not each time."""
        if what not in self._away:
            self._away.add(what)
            log.warning(f"{what}.unavailable", **more)

    def _is_back(self, what: str) -> None:
        if what in self._away:
            self._away.discard(what)
            log.info(f"{what}.back")
