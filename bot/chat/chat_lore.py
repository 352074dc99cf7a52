"""The lore of a chat: which books are read along in it, and who adds and takes away."""

from dataclasses import dataclass
from uuid import UUID

import storage.chat_lore
import storage.events
import storage.lorebooks
from bot.caller import Caller
from bot.cards.lorebook import Lorebook
from bot.characters.avatars import name_of
from bot.characters.card_lore import book_in
from bot.characters.imports import Imports
from bot.characters.lorebooks import NO_BOOK, NOT_YOUR_BOOK, add_book
from bot.characters.playing import load_played
from bot.chat.path_state import fold
from bot.chat.stage import Place
from bot.chat.standing import may_govern, require_governing, require_open
from bot.errors import Invalid, NotFound, NotYours
from storage.chat_lore import InUse
from storage.chats import Chat
from storage.database import Database, Session
from storage.lorebooks import Title

MOST_IN_CHAT = 20
FULL = f"{MOST_IN_CHAT} books are read along here, the most for one chat. Take one away first."
ADD, TAKE_AWAY = "add a book of lore", "take a book of lore away"
NOT_READ = "This is not part of the chat that is played here. `/chat lore` shows what is read along."


@dataclass(frozen=True, slots=True)
class CharactersLore:
    """A character of the scene, and how many entries the book in its card has."""

    name: str
    entries: int


@dataclass(frozen=True, slots=True)
class LoreOfChat:
    """What is read along in a chat: the characters' own books, then people's; and what the caller could add.

    `mine` are the caller's books that are not read along; `may_change` is whether they may add and take away.
    """

    characters: tuple[CharactersLore, ...]
    books: tuple[InUse, ...]
    mine: tuple[Title, ...]
    may_change: bool


class ChatLore:
    """Adds books to chats and takes them away."""

    def __init__(self, database: Database, imports: Imports) -> None:
        self._database = database
        self._imports = imports

    async def look(self, caller: Caller, place: Place) -> LoreOfChat:
        """The lore of the chat of a place; everybody who reads it may know which books there are."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            books = await storage.chat_lore.list_in_use(session, chat.id)
            used = {book.id for book in books}
            mine = await storage.lorebooks.list_titles(session, caller.user_id)
            return LoreOfChat(
                characters=await _characters_of(session, chat),
                books=tuple(books),
                mine=tuple(title for title in mine if title.id not in used),
                may_change=may_govern(caller, chat),
            )

    async def add(self, caller: Caller, place: Place, book_id: UUID) -> None:
        """Has one of the caller's books read along."""
        async with self._database.transaction() as session:
            owners = await storage.lorebooks.find_owners(session, [book_id])
            if book_id not in owners:
                raise NotFound(NO_BOOK)
            if owners[book_id] != caller.user_id:
                raise NotYours(NOT_YOUR_BOOK)
            chat = await require_open(session, place.id)
            require_governing(caller, chat, ADD)
            await _use(session, caller, chat, book_id)

    async def add_new(self, caller: Caller, place: Place, name: str) -> UUID:
        """Makes an empty book of the caller's that is read along; its id."""
        title = " ".join(name.replace("\x00", "").split())[:80]
        if not title:
            raise Invalid("A book needs a name. Fill it in and send the form again.")
        return await self._add(caller, place, Lorebook(name=title))

    async def add_file(self, caller: Caller, place: Place, file: bytes, filename: str) -> UUID:
        """Keeps the book in a file as the caller's and has it read along; one imported before is used again."""
        async with self._database.transaction() as session:
            require_governing(caller, await require_open(session, place.id), ADD)
        read, source = await self._imports.read_lore(file, filename), name_of(file)
        return await self._add(caller, place, read, source_sha256=source)

    async def take_away(self, caller: Caller, place: Place, book_id: UUID) -> None:
        """Has a book no longer read along; whose it is may always do so."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            owners = await storage.lorebooks.find_owners(session, [book_id])
            if owners.get(book_id) != caller.user_id:
                require_governing(caller, chat, TAKE_AWAY)
            if not await storage.chat_lore.drop_lorebook(session, chat_id=chat.id, lorebook_id=book_id):
                raise NotFound(NOT_READ)

    async def _add(self, caller: Caller, place: Place, book: Lorebook, *, source_sha256: str | None = None) -> UUID:
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, ADD)
            known = source_sha256 and await storage.lorebooks.find_imported(
                session, owner_user_id=caller.user_id, source_sha256=source_sha256
            )
            book_id = known or await add_book(session, caller, book, source_sha256=source_sha256)
            await _use(session, caller, chat, book_id)
        return book_id


async def _use(session: Session, caller: Caller, chat: Chat, book_id: UUID) -> None:
    """The chat's row is locked, so nobody else adds at the same moment."""
    used = await storage.chat_lore.list_in_use(session, chat.id)
    if len(used) >= MOST_IN_CHAT and book_id not in {book.id for book in used}:
        raise Invalid(FULL)
    await storage.chat_lore.use_lorebook(session, chat_id=chat.id, lorebook_id=book_id, added_by=caller.user_id)


async def _characters_of(session: Session, chat: Chat) -> tuple[CharactersLore, ...]:
    present = [chat.character_id] if chat.character_id else []
    if chat.leaf_id is not None:
        events = await storage.events.list_path_events(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id)
        present = list(fold(events.events, begun_with=chat.character_id).cast.present)
    told: list[CharactersLore] = []
    for character_id in present:
        pinned = chat.pinned_version_id if character_id == chat.character_id else None
        played = await load_played(session, character_id, version_id=pinned, guild_id=chat.guild_id)
        if played is not None and (entries := len(book_in(played.card).entries)):
            told.append(CharactersLore(played.called, entries))
    return tuple(told)
