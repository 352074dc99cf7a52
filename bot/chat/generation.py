"""Writing replies: one writer a chat, a fence that decides, a lease that tells when a writer is gone.

A reply lives through: begin (a transaction: row, fence, lease), write (the model's text to Redis, and from
there to Discord), finish (a transaction under the fence), show the end, release. Whatever is left over by a
process that died is taken up by the sweeper.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

import storage.chats
import storage.generations
import storage.messages
from bot import llm
from bot.chat.ledger import Posts
from bot.chat.notes import CUT, NO_REPLY, note_for
from bot.chat.scene import ModelChoice, Scene, Scenes, place_of, prompt_of
from bot.chat.stage import Display, Ended, Face, Showing, Stage, Writing
from bot.errors import Unavailable, UserError
from storage.chats import Chat, Shown
from storage.database import Database, Session
from storage.generations import Generation, Kind
from storage.ids import new_id
from storage.locks import Locks, StopSignals
from storage.messages import Message, Outcome, Speaker, Status
from storage.streams import Streams, TextStream
from storage.vault import DataKey

CLOSE_SECONDS = 8.0
MAX_REPLY_LETTERS = 40_000

log = structlog.get_logger()


@dataclass(slots=True)
class Writer:
    """A generation that this process writes."""

    generation: Generation
    chat: Chat
    key: DataKey
    face: Face
    shown: tuple[Shown, ...] = ()
    lock: UUID | None = None
    """What was locked for it in the cache: the message whose button was pressed."""
    display: Display | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ends_as: Status = "stopped"
    lost: bool = False


@dataclass(slots=True)
class Draft:
    """What a writer has so far."""

    text: str
    started: float
    first_token: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    status: Status = "complete"
    note: str = ""

    def outcome(self, model: str) -> Outcome:
        """The draft as it is stored."""
        first = self.first_token
        return Outcome(
            status=self.status,
            text=self.text,
            model=model,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            first_token_ms=None if first is None else round((first - self.started) * 1000),
            duration_ms=round((time.monotonic() - self.started) * 1000),
        )


class Writers:
    """The replies that this process writes, and the care for those that others left behind."""

    def __init__(
        self,
        *,
        database: Database,
        streams: Streams,
        locks: Locks,
        stops: StopSignals,
        model_server: llm.Llm,
        stage: Stage,
        scenes: Scenes,
        model: ModelChoice,
    ) -> None:
        self._database = database
        self._streams = streams
        self._locks = locks
        self._stops = stops
        self._llm = model_server
        self._stage = stage
        self._scenes = scenes
        self._model = model
        self.posts = Posts(database)
        self._owner = f"{secrets.token_hex(8)}"
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
    ) -> Writer:
        """Inside a transaction that has locked the chat: the reply's row, a new fence, a lease.

        `queued` is the waiting generation that this is the beginning of. `start` follows once all is committed.
        """
        reply_id = new_id()
        await storage.messages.add_message(
            session,
            message_id=reply_id,
            tree_id=chat.tree_id,
            chat_id=chat.id,
            parent=parent,
            role="character",
            speaker=Speaker(scene.face.name, scene.face.avatar),
            text=scene.continues,
            status="streaming",
            character_id=chat.character_id,
        )
        fence = await storage.chats.hand_over(session, chat_id=chat.id, leaf_id=reply_id)
        begun = Generation(queued.id if queued else new_id(), chat.id, reply_id, parent.id, kind, fence)
        if queued:
            await storage.generations.start_queued(session, begun, owner=self._owner)
        else:
            await storage.generations.add_streaming(session, begun, owner=self._owner)
        return Writer(begun, chat, await session.key("tree", chat.tree_id), scene.face)

    def start(self, writer: Writer, scene: Scene) -> None:
        """After that transaction: writes the reply, in a task of its own."""
        self._writers[writer.generation.id] = writer
        self.run(self._write(writer, scene), name=f"reply {writer.generation.id}")

    async def stop(self, generation_id: UUID) -> bool:
        """Ends a reply where it stands, whichever process writes it; False when it has ended."""
        async with self._database.transaction() as session:
            asked = await storage.generations.request_stop(session, generation_id)
        self.stop_here(generation_id)
        if asked:
            await self._stops.send(generation_id)
        return asked

    async def _write(self, writer: Writer, scene: Scene) -> None:
        generation = writer.generation
        draft = Draft(text="", started=time.monotonic())
        log.info(
            "generation.started",
            chat=str(writer.chat.id),
            generation=str(generation.id),
            kind=generation.kind,
        )
        try:
            await self._fill(writer, scene, draft)
        except UserError as error:
            draft.status, draft.note = ("interrupted", str(error)) if draft.text else ("failed", str(error))
        except asyncio.CancelledError:
            self._streams.abandon(generation.id)
            raise
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("generation.failed", generation=str(generation.id), incident=incident)
            draft.status = "interrupted" if draft.text else "failed"
            draft.note = f"Something went wrong on our side (incident {incident}). Press *Regenerate* to try again."
        await self.end(writer, draft)

    async def _fill(self, writer: Writer, scene: Scene, draft: Draft) -> None:
        """Builds the prompt, and takes what the model says to Redis, and from there to Discord."""
        prompt = prompt_of(scene, self._model, model_name=self._model.name_for(writer.chat))
        writer.display = display = self._stage.display(_showing(writer), self.posts)
        stream = self._streams.open(writer.generation.id, writer.key, display.show)
        draft.text = scene.continues
        if draft.text:
            stream.append(draft.text)
        await self._relay(writer, draft, stream, prompt.messages)
        if draft.status == "complete" and not draft.text.strip():
            draft.status, draft.note, draft.text = "failed", NO_REPLY, ""

    async def _relay(self, writer: Writer, draft: Draft, stream: TextStream, messages: Sequence[llm.Message]) -> None:
        """Takes what the model says until it ends, or until somebody presses *Stop*."""
        stopped = asyncio.create_task(writer.stop.wait())
        listening = asyncio.create_task(self._listen(writer, draft, stream, messages))
        try:
            await asyncio.wait((listening, stopped), return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
            else:
                draft.status, draft.note = writer.ends_as, note_for(writer.ends_as)
        finally:
            for task in (stopped, listening):
                task.cancel()
            await asyncio.wait((stopped, listening))

    async def _listen(self, writer: Writer, draft: Draft, stream: TextStream, messages: Sequence[llm.Message]) -> None:
        events = self._llm.stream(
            messages,
            model=self._model.name_for(writer.chat),
            temperature=self._model.temperature,
            max_tokens=self._model.reply_tokens,
        )
        async with contextlib.aclosing(events):
            async for event in events:
                match event:
                    case llm.Text(text):
                        self._take(text, draft, stream)
                    case llm.Usage(prompt_tokens, completion_tokens):
                        draft.prompt_tokens, draft.completion_tokens = prompt_tokens, completion_tokens
                    case llm.Finish(reason):
                        if reason == "length":
                            draft.status, draft.note = "length", CUT
                if len(draft.text) > MAX_REPLY_LETTERS:
                    draft.status, draft.note = "length", CUT
                    return

    def _take(self, text: str, draft: Draft, stream: TextStream) -> None:
        if draft.first_token is None:
            draft.first_token = time.monotonic()
            waited = round((draft.first_token - draft.started) * 1000)
            log.info("generation.first_token", generation=str(stream.generation_id), ms=waited)
        draft.text += text
        stream.append(text)

    async def end(self, writer: Writer, draft: Draft) -> None:
        """Stores how a reply ended, shows it, and starts what waits behind it."""
        generation, chat = writer.generation, writer.chat
        draft.text = draft.text.strip()
        if not await self._store(writer, draft):
            # Somebody else took over: what they say of this reply holds.
            self.let_go(writer)
            return
        log.info(
            "generation.finished",
            generation=str(generation.id),
            status=draft.status,
            completion_tokens=draft.completion_tokens,
            ms=round((time.monotonic() - draft.started) * 1000),
        )
        await self.show_end(writer, draft.text, draft.note, draft.status)
        await self.release(writer)
        await self.start_queued(chat.id)

    async def _store(self, writer: Writer, draft: Draft) -> bool:
        """Keeps trying while the database is away: the text waits here and in Redis."""
        generation, delay = writer.generation, 0.5
        while not writer.lost:
            try:
                async with self._database.transaction() as session:
                    if not await storage.generations.finish(session, generation):
                        return False
                    reply = await storage.messages.find_message(session, reply_of(generation))
                    if reply is not None:
                        outcome = draft.outcome(self._model.name_for(writer.chat))
                        await storage.messages.finish_message(session, reply, outcome)
                return True
            except Unavailable:
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)
        return False

    async def show_end(self, writer: Writer, text: str, note: str, status: Status) -> None:
        """Shows how a reply ended; what Discord refuses for good is in the history all the same."""
        can_continue = bool(text) and status in ("complete", "stopped", "length", "interrupted")
        display = writer.display = writer.display or self._stage.display(_showing(writer), self.posts)
        try:
            await display.finish(text, note, Ended(reply_of(writer.generation), can_continue))
        except Exception:
            log.exception("generation.not_shown", generation=str(writer.generation.id))

    async def release(self, writer: Writer) -> None:
        """Gives up what is stored and shown: lease, lock and stream."""
        self.let_go(writer)
        await self._streams.close_stream(writer.generation.id)
        if writer.lock:
            await self._locks.release(writer.lock)
        with contextlib.suppress(Unavailable):
            async with self._database.transaction() as session:
                await storage.generations.release(session, writer.generation)

    def let_go(self, writer: Writer) -> None:
        """Writes and shows nothing more of a reply."""
        if writer.display is not None:
            writer.display.abandon()
        self._streams.abandon(writer.generation.id)
        self._writers.pop(writer.generation.id, None)

    async def start_queued(self, chat_id: UUID) -> None:
        """Starts the reply to what was said while another was being written."""
        try:
            async with self._database.transaction() as session:
                begun, chat, refusal = await self._begin_queued(session, chat_id)
        except Unavailable:
            return  # the sweeper finds what waits
        if begun is not None:
            self.start(*begun)
        elif chat is not None and refusal:
            await self._stage.say(place_of(chat), refusal)

    async def _begin_queued(
        self, session: Session, chat_id: UUID
    ) -> tuple[tuple[Writer, Scene] | None, Chat | None, str]:
        """The reply that begins now, if any; else why the character may not speak to those who wait."""
        chat = await storage.chats.find_chat(session, chat_id, lock=True)
        if chat is None or chat.is_writing:
            return None, chat, ""
        queued = await storage.generations.find_queued(session, chat_id)
        answered = queued and queued.answers_id
        parent = await storage.messages.find_message(session, answered) if answered else None
        if queued is None or parent is None or chat.status != "open":
            await storage.generations.drop_queued(session, chat_id)
            return None, chat, ""
        try:
            scene = await self._scenes.load(session, chat, answers=parent.id)
        except UserError as error:
            await storage.generations.drop_queued(session, chat_id)
            return None, chat, str(error)
        begun = await self.begin(session, chat, scene, parent=parent, kind="reply", queued=queued)
        return (begun, scene), chat, ""

    # --- what the caretaker needs --------------------------------------------------------------------

    def run(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Does the work in a task that `close` waits for."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def adopt(self, writer: Writer) -> None:
        """What another writer left behind becomes one of ours."""
        self._writers[writer.generation.id] = writer

    @property
    def owner(self) -> str:
        """The name under which this process holds leases."""
        return self._owner

    @property
    def running(self) -> dict[UUID, Writer]:
        """The generations that this process writes now."""
        return dict(self._writers)

    def stop_here(self, generation_id: UUID) -> None:
        """Ends a reply, if it is this process that writes it."""
        writer = self._writers.get(generation_id)
        if writer:
            writer.stop.set()

    async def close(self) -> None:
        """Ends running replies as interrupted, as far as a few seconds allow; the rest is swept later."""
        for writer in self._writers.values():
            writer.ends_as = "interrupted"
            writer.stop.set()
        running = list(self._tasks)
        if running:
            await asyncio.wait(running, timeout=CLOSE_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _showing(writer: Writer) -> Showing:
    return Showing(
        place=place_of(writer.chat),
        chat_id=writer.chat.id,
        message_id=reply_of(writer.generation),
        face=writer.face,
        shown=writer.shown,
        controls=Writing(writer.generation.id),
    )


def reply_of(generation: Generation) -> UUID:
    """The message that a generation writes."""
    assert generation.reply_id is not None  # noqa: S101 - a streaming generation has one (a CHECK)
    return generation.reply_id
