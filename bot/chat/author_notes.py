"""The author's note of a chat: who sets it, who reads it, and its bounds."""

from dataclasses import dataclass, replace

import storage.notes
from bot.caller import Caller
from bot.chat.stage import Place
from bot.chat.standing import may_govern, require_governing, require_open
from bot.errors import Invalid
from storage.database import Database
from storage.notes import Note, Role

MOST_LETTERS = 2_000
DEEPEST, RAREST = 1_000, 100
ROLES: tuple[Role, ...] = ("system", "user", "assistant")
SET = "set its author's note"
NO_NOTE = "There is no author's note here yet. Give it a text: `/chat note text:…`."


@dataclass(frozen=True, slots=True)
class Noted:
    """The note of a chat, None where it has none, and whether the caller may change it."""

    note: Note | None
    may_change: bool


class AuthorNotes:
    """Sets, shows and takes away the notes of chats."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, caller: Caller, place: Place) -> Noted:
        """The note of the chat of a place."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            return Noted(await storage.notes.find_note(session, chat), may_govern(caller, chat))

    async def change(
        self,
        caller: Caller,
        place: Place,
        *,
        text: str | None = None,
        depth: int | None = None,
        frequency: int | None = None,
        role: str | None = None,
    ) -> Noted:
        """Sets the note; what is None stays as it is. An empty text takes it away."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, SET)
            before = await storage.notes.find_note(session, chat)
            if before is None and text is None:
                raise Invalid(NO_NOTE)
            note = _changed(before or Note(""), text, depth, frequency, role)
            kept = note if note.text else None
            await storage.notes.save_note(session, chat, kept)
        return Noted(kept, may_change=True)


def _changed(note: Note, text: str | None, depth: int | None, frequency: int | None, role: str | None) -> Note:
    """The note as it is to be; Invalid names what is out of bounds."""
    words = note.text if text is None else text.replace("\x00", "").strip()
    if len(words) > MOST_LETTERS:
        raise Invalid(f"The note has {len(words):,} letters; {MOST_LETTERS:,} is the limit. Shorten it, please.")
    for name, number, most in (("depth", depth, DEEPEST), ("frequency", frequency, RAREST)):
        if number is not None and not 0 <= number <= most:
            raise Invalid(f"The {name} is between 0 and {most:,}.")
    if role is not None and role not in ROLES:
        raise Invalid(f"“{role[:40]}” is no role. Choose one of: {', '.join(ROLES)}.")
    return replace(
        note,
        text=words,
        depth=note.depth if depth is None else depth,
        frequency=note.frequency if frequency is None else frequency,
        role=note.role if role is None else role,
    )
