"""What a reply reads beside its path and its character: the others of the scene, books, memory, the note."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import storage.chat_lore
import storage.memories
import storage.notes
import storage.surroundings
from bot.cards.card import Card
from bot.cards.card_fields import Fields, Warnings
from bot.characters.lorebooks import lorebook_of
from bot.characters.playing import Played
from bot.characters.sketching import load_sketch
from bot.chat.cast import TALKATIVE, Cast
from bot.lore import Book
from bot.prompt import AuthorsNote, Memory, Sketch
from storage.chats import Chat
from storage.database import Session
from storage.lorebooks import Book as StoredBook
from storage.memories import Memory as Remembered
from storage.messages import Message


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The books that are read along in a chat, what is remembered of its path, and its author's note.

    `remembered` are summaries and facts, oldest first; `recalled` are passages that came to mind, the best first.
    """

    books: tuple[Book, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    recalled: tuple[str, ...] = ()
    note: AuthorsNote | None = None
    time_zone: ZoneInfo | None = None
    """Where the clock of whoever is answered goes; None where they did not say."""

    @property
    def remembered_to(self) -> int:
        """How deep on the path the newest summary reaches; -1 without one."""
        return max((each.depth for each in self.remembered if each.kind == "summary"), default=-1)

    def memory_of(self, cast: Cast, character_id: UUID) -> Memory:
        """What a character remembers: the newest summary of what it heard all of, and facts of what it heard.

        What people noted by hand every character knows.
        """
        deepest = self.remembered_to
        missed = next((depth for depth in range(deepest + 1) if not cast.heard(character_id, depth)), deepest + 1)
        summaries = [each.text for each in self.remembered if each.kind == "summary" and each.depth < missed]
        facts = (each for each in self.remembered if each.kind == "fact")
        known = (each.text for each in facts if each.written_by == "person" or cast.heard(character_id, each.depth))
        return Memory(summary=summaries[-1] if summaries else "", facts=tuple(known), recalled=self.recalled)


async def what_surrounds(
    session: Session, chat: Chat, path: tuple[Message, ...], *, asked_by: int | None
) -> Surroundings:
    """What a reply at the end of this path, to that person, reads besides; one question where there is nothing."""
    has = await storage.surroundings.find_surroundings(session, chat, user_id=asked_by)
    note = await storage.notes.find_note(session, chat) if has.has_note else None
    books = await storage.chat_lore.list_chat_books(session, chat.id) if has.has_books else []
    return Surroundings(
        books=tuple(map(book_of, books)),
        remembered=await _remembered(session, path[-1]) if has.has_memories and path else (),
        note=AuthorsNote(note.text, note.depth, note.frequency, note.role) if note else None,
        time_zone=ZoneInfo(has.time_zone) if has.time_zone else None,
    )


async def _remembered(session: Session, newest: Message) -> tuple[Remembered, ...]:
    return tuple(
        await storage.memories.list_path_memories(
            session, tree_id=newest.tree_id, leaf_id=newest.id, kinds=("summary", "fact")
        )
    )


def book_of(stored: StoredBook) -> Book:
    """A person's book as lore is read from it."""
    return Book(str(stored.id), stored.name, lorebook_of(stored))


async def sketch_of(session: Session, played: Played, *, guild_id: int | None = None) -> Sketch:
    """What the others of a scene are told of a character; before that was made, what its author says in short."""
    told = await load_sketch(session, played, guild_id=guild_id)
    return Sketch(played.called, told.summary or played.character.short_description, told.appearance)


def talkativeness_of(card: Card) -> float:
    """How likely a character speaks up unasked, from 0 to 1, as SillyTavern's cards say it."""
    said = Fields(card.extensions, "extensions", Warnings()).number("talkativeness")
    return TALKATIVE if said is None else min(1.0, max(0.0, said))
