"""Writing replies: one writer a chat, a fence that decides, a lease that tells when a writer is gone.

A reply lives through: begin (a transaction: row, fence, lease), write (the model's text to Redis, and from
there to Discord), store (a transaction under the fence), show the end, release. Whatever is left over by a
process that died is taken up by the sweeper.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from datetime import timedelta
from uuid import UUID

import structlog

import storage.chats
import storage.generations
import storage.messages
import storage.turns
from bot.chat.endings import Endings
from bot.chat.ledger import Posts
from bot.chat.recall import Recall
from bot.chat.relay import Relay
from bot.chat.scene import Scene, place_of, prompt_of
from bot.chat.scenes import Scenes
from bot.chat.stage import Controls, Stage
from bot.chat.writer import Draft, Writer
from bot.errors import Unavailable, UserError
from bot.usage import Usage
from storage.chats import Chat
from storage.database import Database, Session
from storage.generations import LEASE, Generation, Kind
from storage.ids import new_id
from storage.locks import Locks, StopSignals
from storage.messages import Message, Speaker
from storage.streams import Streams

LAST_WORDS_SECONDS = 3.0
"""For those that were interrupted at a shutdown, to be stored and shown."""
LETTERS_A_TOKEN = 3
FIXED_TOKENS = 300

log = structlog.get_logger()


class Writers:
    """The replies that this process writes."""

    def __init__(
        self,
        *,
        database: Database,
        streams: Streams,
        locks: Locks,
        stops: StopSignals,
        stage: Stage,
        scenes: Scenes,
        usage: Usage,
        relay: Relay,
        recall: Recall,
        endings: Endings,
        close_seconds: float,
    ) -> None:
        self._database = database
        self._streams = streams
        self._locks = locks
        self._stops = stops
        self._stage = stage
        self._scenes = scenes
        self._usage = usage
        self._relay = relay
        self._recall = recall
        self._endings = endings
        self._close_seconds = close_seconds
        self.posts = Posts(database)
        self.owner = secrets.token_hex(8)
        """The name under which this process holds leases."""
        self.is_closing = False
        """Whether nothing new is begun here: what is asked for is left to whoever sweeps."""
        self._writers: dict[UUID, Writer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- the life of a reply -------------------------------------------------------------------------

    async def begin(
        self,
        session: Session,
        chat: Chat,
        scene: Scene,
        *,
        parent: Message,
        kind: Kind,
        queued: Generation | None = None,
        asked_by: int | None = None,
    ) -> Writer:
        """Inside a transaction that has locked the chat: the reply's row, a new fence, a lease.

        `queued` is the waiting generation that this is the beginning of; `asked_by` is in whose name it is booked,
        without it whose words are answered. `start` follows once all is committed.
        LimitReached, with nothing written, when the server's budget does not allow it.
        """
        asked_at = time.monotonic()
        generation_id = queued.id if queued else new_id()
        await self._usage.reserve(session, generation_id=generation_id, guild_id=chat.guild_id, tokens=_at_most(scene))
        begun = await storage.turns.begin_reply(
            session,
            chat,
            generation_id=generation_id,
            parent=parent,
            kind=kind,
            character_id=scene.speaker_id,
            speaker=Speaker(scene.face.name, scene.face.avatar),
            text=scene.continues,
            owner=self.owner,
            lease=timedelta(0) if self.is_closing else LEASE,
        )
        key = await session.key("tree", chat.tree_id)
        writer = Writer(
            begun, chat, key, scene.face, scene.speaker_id, asked_by=asked_by or scene.asked_by, scene=scene
        )
        writer.lease.renew(asked_at)
        return writer

    def start(self, writer: Writer) -> None:
        """After that transaction: writes the reply, in a task of its own.

        Where the program is closing, or where starting took so long that somebody may have taken over, the sweeper
        writes it.
        """
        if self.is_closing or writer.scene is None or not writer.lease.holds:
            log.info("generation.left", generation=str(writer.generation.id))
            return
        self.adopt(writer)
        self.run(self.write(writer, writer.scene), name=f"reply {writer.generation.id}")

    async def stop(self, generation_id: UUID) -> bool:
        """Ends a reply where it stands, whichever process writes it; False when it has ended."""
        async with self._database.transaction() as session:
            asked = await storage.generations.request_stop(session, generation_id)
        if not self.stop_here(generation_id) and asked:
            await self._stops.send(generation_id)
        return asked

    async def write(self, writer: Writer, scene: Scene) -> None:
        """Writes a reply from the prompt to its release."""
        choices, generation = scene.choices, writer.generation
        draft = Draft(scene.continues, choices.model, continues=len(scene.continues))
        log.info(
            "generation.started",
            chat=str(writer.chat.id),
            character=str(writer.speaker_id),
            generation=str(generation.id),
            kind=generation.kind,
            model=choices.model,
        )
        try:
            await self._fill(writer, scene, draft)
        except UserError as error:
            draft.status, draft.note = ("interrupted", str(error)) if draft.text else ("failed", str(error))
        except asyncio.CancelledError:
            self.let_go(writer)
            raise
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("generation.broke", generation=str(generation.id), incident=incident)
            draft.status = "interrupted" if draft.text else "failed"
            draft.note = f"Something went wrong on our side (incident {incident}). Press *Regenerate* to try again."
        await self.end(writer, draft)

    async def _fill(self, writer: Writer, scene: Scene, draft: Draft) -> None:
        """Builds the prompt, and takes what the model says to Redis, and from there to Discord."""
        scene = await self._recall.into(scene)
        # A great lorebook takes its time, and other chats must not wait for it.
        prompt = await asyncio.to_thread(prompt_of, scene) if scene.is_heavy else prompt_of(scene)
        writer.prompt = prompt
        writer.display = display = self._stage.display(writer.showing(), self.posts)
        stream = self._streams.open(
            writer.generation.id, writer.key, display.show if scene.choices.streaming else _unseen
        )
        if draft.text:
            stream.append(draft.text)
        draft.asked_tokens = prompt.prompt_tokens
        await self._relay.fill(writer, draft, stream, prompt.messages, scene.choices)

    async def end(self, writer: Writer, draft: Draft) -> None:
        """Stores how a reply ended, shows it, and starts what waits behind it."""
        draft.end()
        try:
            row = await self._store(writer, draft)
            if row is None:
                log.warning("generation.lost", generation=str(writer.generation.id))
                return
            await self.show_end(writer, draft.text, draft.note, row)
            await self.release(writer)
        finally:
            # Whatever went wrong: the lease runs out now, and the sweeper looks after it.
            self.let_go(writer)
        await self.start_queued(writer.chat.id)

    async def _store(self, writer: Writer, draft: Draft) -> Controls:
        """Keeps trying while the database is away: the text waits here and in Redis."""
        delay = 0.25
        while not writer.lost:
            try:
                return await self._endings.store(writer, draft)
            except Unavailable:
                await asyncio.sleep(delay)
                delay = min(delay * 2, 2.0)
        return None

    async def show_end(self, writer: Writer, text: str, note: str, row: Controls) -> None:
        """Shows how a reply ended; what Discord refuses for good is in the history all the same."""
        display = writer.display = writer.display or self._stage.display(writer.showing(), self.posts)
        try:
            await display.finish(text, note, row)
        except Exception:
            log.exception("generation.not_shown", generation=str(writer.generation.id))

    async def release(self, writer: Writer) -> None:
        """Gives up what is stored and shown: lease, lock and stream."""
        self.let_go(writer)
        with contextlib.suppress(Unavailable):
            async with self._database.transaction() as session:
                await storage.generations.release(session, writer.generation)
        self.run(self._tidy(writer), name=f"tidy {writer.generation.id}")

    async def _tidy(self, writer: Writer) -> None:
        """Removes from the cache what nobody needs any more; where that is away, it goes by itself."""
        await self._streams.close_stream(writer.generation.id)
        if writer.lock:
            await self._locks.release(writer.lock)

    def let_go(self, writer: Writer) -> None:
        """Writes and shows nothing more of a reply."""
        if writer.display is not None:
            writer.display.abandon()
        # Taken again after it was lost, the same generation may have another writer here.
        if self._writers.get(writer.generation.id) is writer:
            self._streams.abandon(writer.generation.id)
            del self._writers[writer.generation.id]

    # --- what waits ----------------------------------------------------------------------------------

    async def start_queued(self, chat_id: UUID) -> None:
        """Starts the reply to what was said while another was being written."""
        if self.is_closing:
            return
        try:
            async with self._database.transaction() as session:
                begun, chat, refusal = await self._begin_queued(session, chat_id)
        except Unavailable:
            return  # the sweeper finds what waits
        if begun is not None:
            self.start(begun)
        elif chat is not None and refusal:
            await self._stage.say(place_of(chat), refusal)

    async def _begin_queued(self, session: Session, chat_id: UUID) -> tuple[Writer | None, Chat | None, str]:
        """The reply that begins now, if any; else why the character may not speak to those who wait."""
        chat = await storage.chats.find_chat(session, chat_id, lock=True)
        # One that has ended and is not yet released ends here once more: its sweeper comes back for this.
        if chat is None or chat.is_unsettled:
            return None, chat, ""
        queued = await storage.generations.find_queued(session, chat_id)
        answered = queued and queued.answers_id
        parent = await storage.messages.find_message(session, answered) if answered else None
        if queued is None or parent is None or chat.status != "open":
            await storage.generations.drop_queued(session, chat_id)
            return None, chat, ""
        try:
            scene = await self._scenes.load_next(session, chat, answers=parent.id)
            if scene is None:
                await storage.generations.drop_queued(session, chat_id)
                return None, chat, ""
            writer = await self.begin(session, chat, scene, parent=parent, kind="reply", queued=queued)
        except Unavailable:
            raise
        except UserError as error:
            await storage.generations.drop_queued(session, chat_id)
            return None, chat, str(error)
        return writer, chat, ""

    # --- for the caretaker ---------------------------------------------------------------------------

    def run(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Does the work in a task that `close` waits for."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("generation.left_open", task=task.get_name(), exc_info=error)

    def adopt(self, writer: Writer) -> None:
        """From now on the writer's lease is renewed."""
        self._writers[writer.generation.id] = writer

    @property
    def running(self) -> dict[UUID, Writer]:
        """The generations that this process writes now."""
        return dict(self._writers)

    def stop_here(self, generation_id: UUID) -> bool:
        """Ends a reply, if it is this process that writes it."""
        writer = self._writers.get(generation_id)
        if writer:
            writer.stop.set()
        return writer is not None

    # --- the end -------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Begins nothing more; gives running replies a few seconds, interrupts them, leaves the rest to others."""
        self.is_closing = True
        await self._wait(self._close_seconds)
        for writer in self._writers.values():
            if not writer.stop.is_set():
                writer.ends_as = "interrupted"
                writer.stop.set()
        await self._wait(LAST_WORDS_SECONDS)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with contextlib.suppress(Unavailable):
            async with self._database.transaction() as session:
                await storage.generations.give_up(session, self.owner)

    async def _wait(self, seconds: float) -> None:
        """Waits for all tasks, those that they start too, as long as the seconds last."""
        deadline = time.monotonic() + seconds
        while self._tasks and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(list(self._tasks), timeout=left)


def _unseen(_text: str) -> None:
    """Where a chat wants whole replies, nothing is shown before the end."""


def _at_most(scene: Scene) -> int:
    """About how many tokens a reply may cost, rather too many: the prompt's, guessed by its letters, and its own."""
    card, choices = scene.card, scene.choices
    fixed = (card.description, card.personality, card.scenario, card.system_prompt, card.mes_example)
    people = sum(len(each.described(facing=scene.face.name).told) for each in scene.identities.values())
    letters = sum(map(len, fixed)) + sum(len(message.text or "") for message in scene.path) + len(scene.continues)
    prompt = FIXED_TOKENS + (letters + people) // LETTERS_A_TOKEN
    return min(prompt, choices.context_tokens - choices.reply_tokens) + choices.reply_tokens
