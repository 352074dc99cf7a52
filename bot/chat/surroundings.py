"""What a reply reads beside its path and its character: the others of the scene, books, memory, the note."""

from dataclasses import dataclass

import orjson

import storage.chat_lore
import storage.memories
import storage.notes
import storage.surroundings
from bot.cards.card import Card
from bot.cards.card_fields import Fields, Warnings
from bot.cards.lorebook import read_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.characters.playing import Played
from bot.characters.sketching import load_sketch
from bot.chat.cast import TALKATIVE
from bot.lore import Book
from bot.prompt import AuthorsNote, Memory, Sketch
from storage.chats import Chat
from storage.database import Session
from storage.lorebooks import Book as StoredBook
from storage.messages import Message

NOTHING_REMEMBERED = Memory()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The books that are read along in a chat, what is remembered of its path, and its author's note.

    `remembered_to` is how deep on the path the summary reaches; -1 without one.
    """

    books: tuple[Book, ...] = ()
    memory: Memory = NOTHING_REMEMBERED
    note: AuthorsNote | None = None
    remembered_to: int = -1


async def what_surrounds(session: Session, chat: Chat, path: tuple[Message, ...]) -> Surroundings:
    """What a reply at the end of this path reads besides; one question where there is nothing."""
    has = await storage.surroundings.find_surroundings(session, chat)
    note = await storage.notes.find_note(session, chat) if has.has_note else None
    books = await storage.chat_lore.list_chat_books(session, chat.id) if has.has_books else []
    memory, remembered_to = await _memory(session, path) if has.has_memories and path else (NOTHING_REMEMBERED, -1)
    return Surroundings(
        books=tuple(map(book_of, books)),
        memory=memory,
        note=AuthorsNote(note.text, note.depth, note.frequency, note.role) if note else None,
        remembered_to=remembered_to,
    )


async def _memory(session: Session, path: tuple[Message, ...]) -> tuple[Memory, int]:
    newest = path[-1]
    found = await storage.memories.list_path_memories(
        session, tree_id=newest.tree_id, leaf_id=newest.id, kinds=("summary", "fact")
    )
    summaries = [each for each in found if each.kind == "summary"]
    facts = tuple(each.text for each in found if each.kind == "fact")
    if not summaries:
        return Memory(facts=facts), -1
    return Memory(summary=summaries[-1].text, facts=facts), summaries[-1].depth


def book_of(stored: StoredBook) -> Book:
    """A person's book as lore is read from it."""
    frame: JsonObject = orjson.loads(stored.frame) if stored.frame else {}
    book = read_lorebook({**frame, "entries": [orjson.loads(entry) for entry in stored.entries]}, Warnings())
    return Book(str(stored.id), stored.name, book)


async def sketch_of(session: Session, played: Played, *, guild_id: int | None = None) -> Sketch:
    """What the others of a scene are told of a character; before that was made, what its author says in short."""
    told = await load_sketch(session, played, guild_id=guild_id)
    return Sketch(played.called, told.summary or played.character.short_description, told.appearance)


def talkativeness_of(card: Card) -> float:
    """How likely a character speaks up unasked, from 0 to 1, as SillyTavern's cards say it."""
    said = Fields(card.extensions, "extensions", Warnings()).number("talkativeness")
    return TALKATIVE if said is None else min(1.0, max(0.0, said))
