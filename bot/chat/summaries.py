"""Summaries: when a path has grown too long to be read, a job sums up its oldest part and notes what stays true."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

import storage.chats
import storage.jobs
import storage.memories
import storage.messages
from bot.characters.booking import Booked, Purse, Rest
from bot.chat.choices import ModelChoice, choices_of
from bot.chat.recall import Recall
from bot.chat.summing import (
    ENOUGH,
    TEMPERATURE,
    TOKENS,
    Kept,
    Known,
    Reach,
    Remembered,
    kept_of,
    known_of,
    passages,
    request,
)
from bot.errors import LimitReached
from bot.llm import Declined, TooLong
from bot.tokens import count
from storage.chats import Chat
from storage.database import Database, Session
from storage.jobs import Payload
from storage.messages import Message

JOB = "chat.memory"
REST_SECONDS = 1800.0
"""So long a chat is left alone of which the model made nothing."""
STEPS = 400
"""Pieces of a stretch at most; each is stored by itself, so that another try goes on behind it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is to be summed up: the messages that are not read, oldest first, and what is known of those before."""

    chat: Chat
    known: Known
    unread: Sequence[Message]


async def sum_up_later(session: Session, chat: Chat, reach: Reach) -> None:
    """Enqueues the job that sums up a chat's path as far as no prompt reads it any more."""
    payload = {"chat": str(chat.id), "to": str(reach.message_id)}
    await storage.jobs.enqueue(session, JOB, payload, once=f"{JOB}:{chat.id}")


class Summaries:
    """Has a model sum up what no prompt holds any more."""

    def __init__(self, database: Database, booked: Booked, model: ModelChoice, recall: Recall) -> None:
        self._database = database
        self._booked = booked
        self._model = model
        self._recall = recall
        self._rest = Rest(REST_SECONDS)

    async def keep(self, payload: Payload) -> None:
        """The job: sums up the path to a message, piece by piece, from where its newest summary ends.

        An answer that is no memory stores nothing, and the chat is left alone for a while. Done twice, nothing
        happens the second time.
        """
        chat_id, leaf_id = UUID(str(payload["chat"])), UUID(str(payload["to"]))
        for _ in range(STEPS):
            if self._rest.holds(chat_id) or not await self._step(chat_id, leaf_id):
                break
        await self._recall.embed_waiting(chat_id)

    async def _step(self, chat_id: UUID, leaf_id: UUID) -> bool:
        """Sums up one piece; False when nothing is left, or nothing came of it."""
        async with self._database.transaction() as session:
            stretch = await _stretch(session, chat_id, leaf_id)
        if stretch is None:
            return False
        choices = choices_of(stretch.chat, self._model)
        asked, taken = request(
            stretch.known,
            stretch.unread,
            room=choices.context_tokens - TOKENS,
            count=lambda text: count(text, choices.model),
        )
        chat = stretch.chat
        if not asked:
            return False
        purse = Purse("memory", chat.owner_id, chat.guild_id, chat.id, chat.character_id)
        try:
            answer = await self._booked.answer(
                asked,
                purse,
                model=choices.model,
                temperature=TEMPERATURE,
                max_tokens=TOKENS,
                shape=Remembered,
                key=choices.key,
            )
            kept = kept_of(answer.text, stretch.known)
        except (Declined, TooLong, LimitReached):
            kept = None
        if kept is None:
            self._rest.begin(chat_id)
            log.info("memory.none", chat=str(chat_id), messages=len(taken))
            return False
        await self._store(stretch, taken, kept)
        return True

    async def _store(self, stretch: _Stretch, taken: Sequence[Message], kept: Kept) -> None:
        """Keeps it, unless somebody has corrected or kept something meanwhile: then it is summed up once more."""
        chat, newest = stretch.chat, taken[-1]
        wants_passages = await self._recall.is_ready()
        async with self._database.transaction() as session:
            if await storage.chats.find_chat(session, chat.id, lock=True) is None:
                return
            now = await _known(session, newest)
            if now.summary != stretch.known.summary:
                return
            await _add(session, newest, "summary", kept.summary)
            for fact in kept.facts:
                await _add(session, newest, "fact", fact)
            cut = passages(await _without_passages(session, newest, taken)) if wants_passages else []
            for message, text in cut:
                await _add(session, message, "passage", text)
        log.info(
            "memory.kept",
            chat=str(chat.id),
            messages=len(taken),
            summary_letters=len(kept.summary),
            facts=len(kept.facts),
            passages=len(cut),
        )


async def _add(session: Session, message: Message, kind: storage.memories.Kind, text: str) -> None:
    await storage.memories.add_memory(session, tree_id=message.tree_id, message_id=message.id, kind=kind, text=text)


async def _stretch(session: Session, chat_id: UUID, leaf_id: UUID) -> _Stretch | None:
    """What is to be summed up on the path to a message; None where that is too little, or all of it is gone."""
    chat = await storage.chats.find_chat(session, chat_id)
    leaf = await storage.messages.find_message(session, leaf_id)
    if chat is None or chat.status == "deleted" or leaf is None or leaf.tree_id != chat.tree_id:
        return None
    known = await _known(session, leaf)
    missing = leaf.depth - known.depth
    if missing < ENOUGH:
        return None
    path = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=leaf.id, limit=missing)
    return _Stretch(chat, known, path[::-1])


async def _known(session: Session, leaf: Message) -> Known:
    return known_of(
        await storage.memories.list_path_memories(
            session, tree_id=leaf.tree_id, leaf_id=leaf.id, kinds=("summary", "fact")
        )
    )


async def _without_passages(session: Session, leaf: Message, messages: Sequence[Message]) -> list[Message]:
    """Those behind the last passage: what was forgotten of a summary is summed up anew, its passages are there."""
    there = await storage.memories.list_path_memories(
        session, tree_id=leaf.tree_id, leaf_id=leaf.id, kinds=("passage",)
    )
    depth = there[-1].depth if there else -1
    return [message for message in messages if message.depth > depth]
