"""The care for replies: leases kept alive, the word to stop passed on, and what a dead process left finished."""

import asyncio
import time
from contextlib import aclosing

import structlog

import storage.chats
import storage.generations
import storage.messages
from bot.chat.generation import Draft, Writer, Writers, reply_of
from bot.chat.notes import INTERRUPTED, note_for
from bot.chat.scene import place_of
from bot.chat.stage import Face, Stage
from bot.errors import Unavailable, UserError
from storage.chats import Chat, Shown
from storage.database import Database
from storage.generations import Generation
from storage.locks import Locks, StopSignals
from storage.messages import Message
from storage.streams import Streams

RENEW_SECONDS = 3.0
SWEEP_SECONDS = 2.0

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
        stage: Stage,
        writers: Writers,
    ) -> None:
        self._database = database
        self._streams = streams
        self._locks = locks
        self._stops = stops
        self._stage = stage
        self._writers = writers
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begins to flush, renew, sweep and listen; the event loop must be running."""
        for work in (self._streams.run, self._renew_for_ever, self._sweep_for_ever, self._listen_for_ever):
            self._tasks.append(asyncio.create_task(work(), name=work.__name__))

    async def close(self) -> None:
        """Stops caring."""
        # redis-py now and then swallows a cancellation that meets it in the middle of a read: ask until heard.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.2)

    async def sweep(self) -> None:
        """Takes up what writers left behind that are no longer there."""
        async with self._database.transaction() as session:
            expired = await storage.generations.list_expired(session)
            waiting = await storage.generations.list_orphaned_queues(session)
            # The process died between a chat's row and its thread.
            for chat_id in await storage.chats.list_unplaced(session):
                unplaced = await storage.chats.find_chat(session, chat_id, lock=True)
                if unplaced and unplaced.place_id is None:
                    await storage.chats.delete_chat(session, unplaced)
        for generation in expired:
            if generation.id in self._writers.running:
                continue  # the database was away for a while, the writer was not
            async with self._database.transaction() as session:
                taken = await storage.generations.take_over(session, generation, self._writers.owner)
                chat = await storage.chats.find_chat(session, generation.chat_id) if taken else None
            if taken and chat:
                self._writers.run(self._recover_or_leave(taken, chat), name=f"recover {taken.id}")
        for chat_id in waiting:
            await self._writers.start_queued(chat_id)

    async def _recover_or_leave(self, generation: Generation, chat: Chat) -> None:
        try:
            await self._recover(generation, chat)
        except Exception:
            # Its lease runs out, and the next sweep tries again.
            log.exception("generation.not_recovered", generation=str(generation.id))

    async def _recover(self, generation: Generation, chat: Chat) -> None:
        """Finishes another writer's reply with what a person had seen of it, exactly once."""
        async with self._database.transaction() as session:
            reply = await storage.messages.find_message(session, reply_of(generation))
            key = await session.key("tree", chat.tree_id)
        if reply is None:
            return
        posts = await self._adopt(chat, reply)
        async with self._database.transaction() as session:
            shown = await storage.chats.list_shown(session, reply.id, chat.id)
        face = Face(reply.speaker.name, reply.speaker.avatar)
        writer = Writer(generation, chat, key, face, tuple(shown))
        self._writers.adopt(writer)
        try:
            await self._finish(writer, reply, posts)
        finally:
            self._writers.let_go(writer)

    async def _finish(self, writer: Writer, reply: Message, posts: list[str]) -> None:
        if writer.generation.is_done:
            await self._writers.show_end(writer, reply.text or "", note_for(reply.status), reply.status)
            await self._writers.release(writer)
            await self._writers.start_queued(writer.chat.id)
            return
        text = await self._streams.read(writer.generation.id, writer.key)
        if text is None:
            text = "\n\n".join(posts)
        log.info("generation.recovered", generation=str(writer.generation.id), letters=len(text))
        draft = Draft(text=text, started=time.monotonic(), status="interrupted", note=INTERRUPTED)
        await self._writers.end(writer, draft)

    async def _adopt(self, chat: Chat, reply: Message) -> list[str]:
        """Claims posts of the reply whose row was never written; returns what its posts show."""
        place = place_of(chat)
        async with self._database.transaction() as session:
            shown = await storage.chats.list_shown(session, reply.id, chat.id)
            newest = await storage.chats.find_newest_shown(session, chat.id)
        after = shown[0].discord_message_id - 1 if shown else newest
        try:
            posts = await self._stage.list_own_posts(place, after=after)
        except UserError:
            return []
        known = {each.discord_message_id for each in shown}
        async with self._database.transaction() as session:
            claimed = await storage.chats.list_claimed(session, [post.discord_message_id for post in posts])
            part = len(shown)
            for post in posts:
                if post.discord_message_id not in claimed:
                    known.add(post.discord_message_id)
                    await storage.chats.show(
                        session,
                        chat.id,
                        Shown(post.discord_message_id, reply.id, part, place.id, post.webhook_id),
                    )
                    part += 1
        return [post.content for post in posts if post.discord_message_id in known]

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            mine = self._writers.running
            if not mine:
                continue
            try:
                async with self._database.transaction() as session:
                    held = await storage.generations.renew_leases(session, self._writers.owner, list(mine))
            except Unavailable:
                continue
            await self._locks.keep([writer.lock for writer in mine.values() if writer.lock])
            for generation_id, writer in mine.items():
                if generation_id not in held:
                    writer.lost = True
                    if writer.display is not None:
                        writer.display.abandon()
                    writer.stop.set()
                elif held[generation_id]:
                    writer.stop.set()

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Unavailable:
                log.warning("sweep.unavailable")
            except Exception:
                log.exception("sweep.failed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                async with aclosing(self._stops.listen()) as stops:
                    async for generation_id in stops:
                        self._writers.stop_here(generation_id)
            except Exception as error:
                log.warning("stops.unavailable", kind=type(error).__name__)
            await asyncio.sleep(1.0)
