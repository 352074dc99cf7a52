"""Memories: what is remembered of the path of a chat, to read, to correct, to forget and to add to."""

from dataclasses import dataclass
from uuid import UUID

import storage.memories
import storage.messages
import storage.readings
from bot.caller import Caller
from bot.chat.stage import Place
from bot.chat.standing import may_govern, require_governing, require_open
from bot.chat.summing import ENOUGH, MOST_FACTS, Known, known_of
from bot.errors import Invalid, LimitReached, NotFound
from bot.prompt import Report
from storage.chats import Chat
from storage.database import Database, Session
from storage.memories import Memory
from storage.messages import Message

CHANGING = "change what is remembered"
NOTHING_SAID = "Nothing was said in this chat yet, so there is nothing to remember. Begin it first."
FORGOTTEN = "This is forgotten already. Open `/chat memory` again to see what is remembered."
ELSEWHERE = "This is not part of the chat that is played here. Open `/chat memory` again."
NO_WORDS = "There are no words in this. Write what is to be remembered, or press *Forget*."
TOO_LONG = "That is {letters:,} letters; {most:,} fit."
ENOUGH_FACTS = f"{MOST_FACTS} facts are remembered here, and no more fit. Forget some first."
SUMMARY_LETTERS, FACT_LETTERS = 4000, 500
"""What people may write: as much as a form holds, and a few sentences."""
LOOK_BACK = 30
"""So many messages up it is looked for what a person said last."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered of a chat's path, and whether the caller may change it.

    `length` is how many messages the path has; `unread` of them, the oldest, the last reply no longer read.
    """

    known: Known
    length: int
    unread: int
    may_change: bool

    @property
    def waits_for(self) -> int:
        """How many more messages must be unread before they are summed up; 0 when it is time."""
        return max(0, ENOUGH - (self.unread - 1 - self.known.depth))


class Memories:
    """What people do with what is remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, caller: Caller, place: Place) -> Recollection:
        """What is remembered in the chat of a place."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            leaf = await _leaf(session, chat)
            known = await _known(session, leaf) if leaf else Known()
            unread = await _unread(session, leaf) if leaf else 0
        return Recollection(known, leaf.depth + 1 if leaf else 0, unread, may_govern(caller, chat))

    async def find(self, caller: Caller, place: Place, memory_id: UUID) -> Memory:
        """One memory of the chat of a place, for whoever may change it."""
        async with self._database.transaction() as session:
            return await _require(session, caller, place, memory_id)

    async def require_changing(self, caller: Caller, place: Place) -> None:
        """Raises NotYours for those who may not change what is remembered in the chat of a place."""
        async with self._database.transaction() as session:
            require_governing(caller, await require_open(session, place.id), CHANGING)

    async def correct(self, caller: Caller, place: Place, memory_id: UUID, text: str) -> None:
        """Puts other words in the place of a memory's; the next summary is built from them."""
        async with self._database.transaction() as session:
            memory = await _require(session, caller, place, memory_id)
            most = SUMMARY_LETTERS if memory.kind == "summary" else FACT_LETTERS
            if not await storage.memories.correct_memory(session, memory_id, _words(text, most)):
                raise NotFound(FORGOTTEN)

    async def forget(self, caller: Caller, place: Place, memory_id: UUID) -> None:
        """Removes a memory, in every branch that has it."""
        async with self._database.transaction() as session:
            await _require(session, caller, place, memory_id)
            if not await storage.memories.forget_memory(session, memory_id):
                raise NotFound(FORGOTTEN)

    async def add_fact(self, caller: Caller, place: Place, text: str) -> None:
        """Remembers a fact from here on, on this branch and on those that part from it later."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, CHANGING)
            leaf = await _leaf(session, chat)
            if leaf is None:
                raise Invalid(NOTHING_SAID)
            if len((await _known(session, leaf)).facts) >= MOST_FACTS:
                raise LimitReached(ENOUGH_FACTS)
            await storage.memories.add_memory(
                session,
                tree_id=chat.tree_id,
                message_id=await _anchor(session, chat, leaf),
                kind="fact",
                text=_words(text, FACT_LETTERS),
                written_by="person",
            )


async def _leaf(session: Session, chat: Chat) -> Message | None:
    return await storage.messages.find_message(session, chat.leaf_id) if chat.leaf_id else None


async def _known(session: Session, leaf: Message) -> Known:
    return known_of(
        await storage.memories.list_path_memories(
            session, tree_id=leaf.tree_id, leaf_id=leaf.id, kinds=("summary", "fact")
        )
    )


async def _require(session: Session, caller: Caller, place: Place, memory_id: UUID) -> Memory:
    chat = await require_open(session, place.id)
    memory = await storage.memories.find_memory(session, memory_id)
    if memory is None:
        raise NotFound(FORGOTTEN)
    leaf = await _leaf(session, chat)
    known = await _known(session, leaf) if leaf and memory.tree_id == chat.tree_id else Known()
    # An older summary is none any more that people see.
    if memory not in (known.summary, *known.facts):
        raise NotFound(ELSEWHERE)
    require_governing(caller, chat, CHANGING)
    return memory


async def _anchor(session: Session, chat: Chat, leaf: Message) -> UUID:
    """What a fact hangs on: what the newest reply answers, so that another reply in its place knows it too."""
    path = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=leaf.id, limit=LOOK_BACK)
    return next((message for message in path if message.role != "character"), path[-1]).id


async def _unread(session: Session, leaf: Message) -> int:
    """How many messages of the path, the oldest, the last reply on it did not read."""
    path = await storage.messages.list_path(session, tree_id=leaf.tree_id, leaf_id=leaf.id, limit=LOOK_BACK)
    reply = next((message for message in path if message.role == "character"), None)
    told = await storage.readings.find_reading(session, reply) if reply else None
    if told is None:
        return 0
    try:
        report = Report.from_json(told)
    except ValueError:
        return 0
    last = await storage.messages.find_message(session, report.unread_to) if report.unread_to else None
    return last.depth + 1 if last else 0


def _words(text: str, most: int) -> str:
    words = text.strip()
    if not words:
        raise Invalid(NO_WORDS)
    if len(words) > most:
        raise Invalid(TOO_LONG.format(letters=len(words), most=most))
    return words
