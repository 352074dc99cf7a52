"""What was sent for a reply, for those who read along: the report kept with it, cut to what each of them may know.

Of a character whose author keeps its definition to themselves others learn names of parts and numbers of tokens. The
entries of a person's book are theirs alone to read. What a reason quotes must stand in an entry that the reader may
read: where macros in keys have put in other people's words, the reason is told without them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import storage.characters
import storage.chat_lore
import storage.chats
import storage.makings
import storage.messages
import storage.readings
from bot.caller import Caller
from bot.cards.lorebook import LoreEntry
from bot.characters.card_lore import book_in
from bot.characters.lorebooks import lorebook_of
from bot.characters.playing import load_played
from bot.characters.visibility import may_see, owns
from bot.chat.stage import Place
from bot.chat.standing import NO_CHAT_HERE, WRITING, require_part, require_shown
from bot.errors import Busy, Invalid, NotFound
from bot.lore import Told
from bot.lore.decorators import read_decorators
from bot.lore.words import title
from bot.macros.bounds import TOO_DEEP, TOO_LONG, TOO_MANY
from bot.prompt import Part, Report
from bot.prompt.cards import OWN_BOOK
from storage.chats import Chat
from storage.database import Database, Session
from storage.makings import Making
from storage.messages import Message

NO_REPLY = "No reply was written here yet, so there is nothing to inspect. Say something first."
NOT_A_REPLY = "This was not written by a model, so nothing was sent for it. Choose a reply of the character."
UNREADABLE = "What was kept about this reply can no longer be read."
HIDDEN_TITLE = "an entry"
HIDDEN_WHY = "why is for its author to know"
UNQUOTED = "by a key that stands elsewhere, or that a macro fills in"
PAGE = 50
_QUOTE = re.compile(r'"([^"]*)"')
QUOTED = 59
"""How much of a quoted text is compared: reasons cut what is longer."""
FIXED_NOTES = frozenset({TOO_DEEP, TOO_LONG, TOO_MANY})
OTHER_NOTE = "A macro in the character's words could not be followed: it stays as written, or was cut."


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was sent for a reply, and how it was made; `report` is None where none was kept.

    `kept_back` counts the entries that did not fire and of which the caller may know nothing more; `is_cut` tells
    whether anything was kept back.
    """

    message_id: UUID
    speaker: str
    making: Making
    report: Report | None
    kept_back: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Readable:
    """The books whose entries somebody may read, by the beginnings of their entries' keys, and what these say.

    `character`: whether the character's own words are among it.
    """

    books: frozenset[str]
    character: bool
    quotable: frozenset[str]

    def has(self, key: str) -> bool:
        return key.partition(":")[0] in self.books

    def may_quote(self, why: str) -> bool:
        quoted = [each.removesuffix("…").strip()[:QUOTED] for each in _QUOTE.findall(why)]
        return why.count('"') == 2 * len(quoted) and self.quotable.issuperset(quoted)


class Inspections:
    """Looks into the reports of replies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def inspect(
        self, caller: Caller, place: Place, message_id: UUID | None = None, *, post_id: int | None = None
    ) -> Inspection:
        """What was sent for a reply of the chat of a place: that message, what a post shows, or the newest reply."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_latest_chat(session, place.id)
            if chat is None:
                raise NotFound(NO_CHAT_HERE)
            if post_id is not None:
                message = await require_shown(session, chat, post_id)
            elif message_id is not None:
                message = await require_part(session, chat, message_id)
            else:
                message = await _newest_reply(session, chat)
            return await _inspected(session, caller, chat, message)


async def _newest_reply(session: Session, chat: Chat) -> Message:
    path = (
        await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id, limit=PAGE)
        if chat.leaf_id
        else []
    )
    for message in path:
        if message.role == "character" and message.parent_id is not None:
            return message
    raise NotFound(NO_REPLY)


async def _inspected(session: Session, caller: Caller, chat: Chat, message: Message) -> Inspection:
    if message.role != "character" or message.parent_id is None:
        raise Invalid(NOT_A_REPLY)
    if message.status in ("queued", "streaming"):
        raise Busy(WRITING)
    making = await storage.makings.find_making(session, message.id)
    kept = await storage.readings.find_reading(session, message)
    whole = Inspection(message.id, message.speaker.name, making, None)
    if kept is None:
        return whole
    try:
        report = Report.from_json(kept)
    except ValueError:
        raise Invalid(UNREADABLE) from None
    return _cut(whole, report, await _readable(session, caller, chat, message))


def _cut(whole: Inspection, report: Report, readable: _Readable) -> Inspection:
    """The report without what the reader may not know."""
    told = [_told(each, readable) for each in report.lore]
    kept_back = sum(each is None for each in told)
    cut = replace(
        report,
        parts=tuple(_part(part, readable) for part in report.parts),
        lore=tuple(filter(None, told)),
        notes=tuple(dict.fromkeys(note if note in FIXED_NOTES else OTHER_NOTE for note in report.notes)),
    )
    is_cut = not readable.character or any(not readable.has(each.key) for each in report.lore)
    return replace(whole, report=cut, kept_back=kept_back, is_cut=is_cut)


def _told(told: Told, readable: _Readable) -> Told | None:
    """An entry as the reader may know it; None for one that did not fire and of which they may know nothing."""
    if readable.has(told.key):
        return told if readable.may_quote(told.why) else replace(told, why=UNQUOTED)
    return Told("", HIDDEN_TITLE, "", told.fired, HIDDEN_WHY) if told.fired else None


def _part(part: Part, readable: _Readable) -> Part:
    return part if not part.entry or readable.has(part.entry) else replace(part, name="lore", entry="")


async def _readable(session: Session, caller: Caller, chat: Chat, message: Message) -> _Readable:
    entries: list[LoreEntry] = []
    books: set[str] = set()
    character_id = message.character_id or chat.character_id
    character = character_id and await storage.characters.find_character(
        session, character_id, guild_id=caller.guild_id
    )
    is_readable = bool(character) and (
        owns(caller, character) or (character.definition_visibility == "public" and may_see(caller, character))
    )
    if character and is_readable:
        pinned = chat.pinned_version_id if character.id == chat.character_id else None
        played = await load_played(session, character.id, version_id=pinned, guild_id=chat.guild_id)
        books.add(OWN_BOOK)
        entries += book_in(played.card).entries if played else ()
    for book in await storage.chat_lore.list_chat_books(session, chat.id):
        if book.owner_user_id == caller.user_id:
            books.add(str(book.id))
            entries += lorebook_of(book).entries
    return _Readable(frozenset(books), is_readable, frozenset(_quotable(entries)))


def _quotable(entries: list[LoreEntry]) -> Iterator[str]:
    """Every text that a reason may quote of these entries, as far as reasons quote."""
    for number, entry in enumerate(entries):
        decorators, _ = read_decorators(entry.content)
        keys = (*entry.keys, *entry.secondary_keys, *decorators.additional_keys, *decorators.exclude_keys)
        for text in (title(entry, number), *keys, *entry.group.split(",")):
            yield text.strip()[:QUOTED]
