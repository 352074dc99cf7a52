"""What a reply reads beside its path and its character: the others of the scene, books, memory, the note."""

from dataclasses import dataclass

import orjson
from pydantic import BaseModel, ValidationError

import storage.character_versions
import storage.chat_lore
import storage.memories
import storage.notes
import storage.surroundings
from bot.cards.card import Card
from bot.cards.card_fields import Fields, Warnings
from bot.cards.lorebook import read_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.characters.playing import Played
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
    """The books that are read along in a chat, what is remembered of its path, and its author's note."""

    books: tuple[Book, ...] = ()
    memory: Memory = NOTHING_REMEMBERED
    note: AuthorsNote | None = None


class RoleplayData(BaseModel):
    """What the others of a scene are told of a character; `appearance` is short, with commas."""

    appearance: str = ""
    summary: str = ""


async def what_surrounds(session: Session, chat: Chat, path: tuple[Message, ...]) -> Surroundings:
    """What a reply at the end of this path reads besides; one question where there is nothing."""
    has = await storage.surroundings.find_surroundings(session, chat)
    note = await storage.notes.find_note(session, chat) if has.has_note else None
    books = await storage.chat_lore.list_chat_books(session, chat.id) if has.has_books else []
    return Surroundings(
        books=tuple(map(book_of, books)),
        memory=await _memory(session, path) if has.has_memories and path else NOTHING_REMEMBERED,
        note=AuthorsNote(note.text, note.depth, note.frequency, note.role) if note else None,
    )


async def _memory(session: Session, path: tuple[Message, ...]) -> Memory:
    newest = path[-1]
    found = await storage.memories.list_path_memories(
        session, tree_id=newest.tree_id, leaf_id=newest.id, kinds=("summary", "fact")
    )
    summaries = [each.text for each in found if each.kind == "summary"]
    facts = tuple(each.text for each in found if each.kind == "fact")
    return Memory(summary=summaries[-1] if summaries else "", facts=facts)


def book_of(stored: StoredBook) -> Book:
    """A person's book as lore is read from it."""
    frame: JsonObject = orjson.loads(stored.frame) if stored.frame else {}
    book = read_lorebook({**frame, "entries": [orjson.loads(entry) for entry in stored.entries]}, Warnings())
    return Book(str(stored.id), stored.name, book)


async def sketch_of(session: Session, played: Played) -> Sketch:
    """What the others of a scene are told of a character; before that was made, what its author says in short."""
    version_id = await storage.character_versions.find_version_id(session, played.character.id, played.version)
    made = version_id and await storage.character_versions.find_roleplay_data(session, version_id)
    try:
        told = RoleplayData.model_validate_json(made) if made else RoleplayData()
    except ValidationError:
        told = RoleplayData()
    return Sketch(played.called, told.summary or played.character.short_description, told.appearance)


def talkativeness_of(card: Card) -> float:
    """How likely a character speaks up unasked, from 0 to 1, as SillyTavern's cards say it."""
    said = Fields(card.extensions, "extensions", Warnings()).number("talkativeness")
    return TALKATIVE if said is None else min(1.0, max(0.0, said))
