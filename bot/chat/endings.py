"""How replies end: one transaction, under the fence, with all that follows from it."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

import storage.events
import storage.generations
import storage.jobs
import storage.messages
import storage.readings
from bot.chat.path_state import consequences, fold, snapshot
from bot.chat.stage import Controls
from bot.chat.standing import row_of
from bot.chat.summaries import sum_up_later
from bot.chat.summing import is_due, reach_of
from bot.chat.titles import JOB as TITLE
from bot.chat.writer import Draft, Writer, reply_of
from bot.errors import Unavailable
from bot.telemetry import Metrics
from bot.usage import Spent, Usage
from storage.database import Database, Session
from storage.events import PathEvent
from storage.ids import new_id
from storage.messages import Message

FIRST_ANSWER_DEPTH = 2
"""Below the greeting and a person's first words; without a greeting one less."""
UNKNOWN = "unknown"
"""Who wrote a reply that was taken up without its stream."""

Consequence = Callable[[Session, Writer, Draft, Message], Awaitable[None]]

log = structlog.get_logger()


class Endings:
    """Stores how replies ended, and tells telemetry."""

    def __init__(self, database: Database, usage: Usage, metrics: Metrics) -> None:
        self._database = database
        self._usage = usage
        self._metrics = metrics

    async def store(self, writer: Writer, draft: Draft) -> Controls:
        """Stores the draft; its buttons, or None when another writer has taken over: what that one says holds.

        Unavailable while the database is away. A bug in what follows from an ending must not lose the words: they
        are stored with what they cost alone then, or without even that.
        """
        for follows in ((self._settle, self._follow_up), (self._settle,)):
            try:
                return await self._store(writer, draft, follows)
            except Unavailable:
                raise
            except Exception:
                generation, incident = str(writer.generation.id), secrets.token_hex(4)
                log.exception("generation.half_ended", generation=generation, incident=incident)
        return await self._store(writer, draft, ())

    async def _store(self, writer: Writer, draft: Draft, follows: Sequence[Consequence]) -> Controls:
        asked_at = time.monotonic()
        async with self._database.transaction() as session:
            finished = await storage.generations.finish(session, writer.generation)
            if finished == "never":
                return None
            reply = await storage.messages.find_message(session, reply_of(writer.generation))
            if reply is None:
                return None
            if finished == "now":
                await storage.messages.finish_message(session, reply, draft.outcome())
                for consequence in follows:
                    await consequence(session, writer, draft, reply)
            row = await row_of(session, writer.chat, replace(reply, text=draft.text, status=draft.status))
        writer.lease.renew(asked_at)
        if finished == "now":
            self._tell(writer, draft)
        return row

    async def _settle(self, session: Session, writer: Writer, draft: Draft, _reply: Message) -> None:
        chat = writer.chat
        await self._usage.settle(
            session,
            Spent(
                generation_id=writer.generation.id,
                kind=writer.generation.kind,
                user_id=writer.asked_by,
                guild_id=chat.guild_id,
                chat_id=chat.id,
                character_id=writer.speaker_id,
                model=draft.model or UNKNOWN,
                prompt_tokens=draft.prompt_tokens,
                completion_tokens=draft.completion_tokens,
            ),
        )

    async def _follow_up(self, session: Session, writer: Writer, draft: Draft, reply: Message) -> None:
        chat = writer.chat
        await self._remember(session, writer, reply)
        goes_on = writer.scene is not None and writer.scene.goes_on and writer.generation.kind == "reply"
        if goes_on and draft.status in ("complete", "length"):
            await self._hand_on(session, writer, reply)
        is_first = writer.asked_by is not None and reply.depth <= FIRST_ANSWER_DEPTH
        if is_first and draft.status in ("complete", "stopped", "length"):
            await storage.jobs.enqueue(session, TITLE, {"chat": str(chat.id)}, once=f"{TITLE}:{chat.id}")

    async def _remember(self, session: Session, writer: Writer, reply: Message) -> None:
        """What the prompt changed for the path, the report of it, and now and then all that holds there."""
        scene, prompt = writer.scene, writer.prompt
        if scene is None or prompt is None:
            return
        events = consequences(scene.state, variables=prompt.variables, timers=prompt.timers)
        await storage.events.add_events(session, tree_id=reply.tree_id, message_id=reply.id, events=events)
        await storage.readings.keep_reading(session, reply, prompt.report.to_json())
        if scene.needs_snapshot:
            said = scene.state.said.on((*scene.path, reply)) or scene.state.said

            def folded(events: Sequence[PathEvent]) -> bytes:
                return snapshot(replace(fold(events, begun_with=writer.chat.character_id), said=said))

            await storage.events.keep_snapshot(session, tree_id=reply.tree_id, leaf_id=reply.id, fold=folded)
        reach = reach_of(scene.path, prompt.report)
        if reach is not None and is_due(reach, scene.around.remembered_to):
            await sum_up_later(session, writer.chat, reach)

    async def _hand_on(self, session: Session, writer: Writer, reply: Message) -> None:
        """Somebody else speaks next, unless people have said something meanwhile, which is answered first."""
        if await storage.generations.find_queued(session, writer.chat.id) is None:
            await storage.generations.queue(
                session, generation_id=new_id(), chat_id=writer.chat.id, answers_id=reply.id
            )

    def _tell(self, writer: Writer, draft: Draft) -> None:
        generation, seconds = writer.generation, (draft.duration_ms or 0) / 1000
        self._metrics.replied(status=draft.status, kind=generation.kind, model=draft.model, seconds=seconds)
        self._metrics.spent(draft.model, prompt_tokens=draft.prompt_tokens, completion_tokens=draft.completion_tokens)
        tell = log.warning if draft.status == "failed" else log.info
        tell(
            "generation.failed" if draft.status == "failed" else "generation.finished",
            chat=str(writer.chat.id),
            character=str(writer.speaker_id),
            generation=str(generation.id),
            status=draft.status,
            model=draft.model,
            prompt_tokens=draft.prompt_tokens,
            completion_tokens=draft.completion_tokens,
            first_token_ms=draft.first_token_ms,
            ms=draft.duration_ms,
        )
