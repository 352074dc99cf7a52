"""Characters: one shared record each, with an owner, a state and versions."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import orjson

import storage.character_pages
import storage.characters
import storage.chats
import storage.users
from bot.caller import Caller
from bot.characters.avatars import Avatars, name_of
from bot.characters.card import Card, parse_card, write_card
from bot.characters.card_files import CardFile
from bot.characters.changes import Change, changed, frame_of, frame_of_card, missing_for_publishing
from bot.characters.untrusted_json import Json
from bot.errors import Invalid, NotFound, NotYours
from storage.character_pages import Cursor, Query
from storage.characters import Character
from storage.database import Database, Session
from storage.ids import new_id

NO_SUCH = "There is no such character, or it is not yours to see. `/character pick` shows what is there."
OWNER_ONLY = "Only its author can do that. You can still play it: `/character start`."
NOT_PUBLISHED = "Its author has taken this character back. `/character pick` shows who else is there."
NO_ADULTS = "18+ characters cannot be published here. Choose another age rating under Edit › Frame."
NOT_READY = "Not yet: it still needs {missing}. Then publish again."
STAYS_PUBLISHED = "It is published, so it cannot go without {missing}. Nothing was saved; unpublish it first."
NOTHING_TO_TAKE_BACK = "It is not published, so there is nothing to take back."
MAX_PAGE = 25
CHOICE_LETTERS = 95
"""How long a choice may be, with room for the number that tells it from another of its name."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of cards and the ways on from it; a way that leads nowhere is None."""

    characters: tuple[Character, ...]
    before: Cursor | None
    after: Cursor | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A character with the words of one of its versions."""

    character: Character
    card: Card
    version: int


@dataclass(frozen=True, slots=True)
class Detail:
    """What somebody may see of a character; `card` is None where the author keeps the words to themselves."""

    character: Character
    card: Card | None
    greetings: tuple[str, ...]
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Played:
    """The words that a chat plays, and the face they come from."""

    card: Card
    avatar: str | None

    @property
    def called(self) -> str:
        """The name it speaks under: the nickname, where there is one."""
        return self.card.nickname or self.card.name


class Characters:
    """The catalogue: who may see, change and publish which character."""

    def __init__(self, database: Database, avatars: Avatars) -> None:
        self._database = database
        self._avatars = avatars

    async def page(self, query: Query, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
        """A page of what somebody may start, in the order of the query."""
        asked = replace(query, limit=min(query.limit, MAX_PAGE) + 1)
        async with self._database.transaction() as session:
            found = await storage.character_pages.list_page(session, asked, after=after, before=before)
        more = len(found) == asked.limit
        if more:
            found = found[1:] if before else found[:-1]
        if not found:
            # What stood on this page may have gone since; the first page is a way on.
            return await self.page(query) if after or before else Page((), None, None)
        has_before = more if before else after is not None
        has_after = before is not None or more
        return Page(
            tuple(character for character, _ in found),
            before=found[0][1] if has_before else None,
            after=found[-1][1] if has_after else None,
        )

    async def names(self, caller: Caller, typed: str, *, owned_only: bool = False) -> list[tuple[str, str]]:
        """For autocomplete: up to 25 pairs of what to show and the id to send."""
        query = Query(viewer_id=caller.user_id, guild_id=caller.guild_id, limit=25)
        async with self._database.transaction() as session:
            found = await storage.character_pages.list_names(session, query, typed, owned_only=owned_only)
        return _told_apart([(f"{name} · by {owner}" if owner else name, str(id_)) for id_, name, owner in found])

    async def tags(self, caller: Caller, typed: str) -> list[str]:
        """For autocomplete: up to 25 tags that begin with or contain what was typed."""
        query = Query(viewer_id=caller.user_id, guild_id=caller.guild_id)
        async with self._database.transaction() as session:
            return await storage.character_pages.list_tags(session, query, typed.strip())

    async def detail(self, caller: Caller, wanted: str) -> Detail:
        """A character by id or exact name, as the caller may see it; NotFound when they may not."""
        async with self._database.transaction() as session:
            character = await self._visible(session, caller, wanted)
            card = await _card(session, character.id)
        owner = character.owner_user_id == caller.user_id
        readable = owner or character.definition_visibility == "public"
        return Detail(character, card if readable else None, greetings(card), owner)

    async def definition(self, caller: Caller, wanted: str) -> Definition:
        """A character of the caller's own, with its words; NotYours or NotFound otherwise."""
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted)
            return Definition(character, await _card(session, character.id), character.newest_version)

    async def create(self, caller: Caller, change: Change, *, avatar: bytes | None = None) -> Character:
        """A draft with what the author filled in."""
        kept = await self._avatars.keep(avatar) if avatar else None
        start = Card(name=change.name or "", creator=caller.username, spec="chara_card_v3", spec_version="3.0")
        card, frame = changed(start, frame_of_card(start), replace(change, name=change.name or "", avatar=kept))
        return await self._add(caller, card, frame)

    async def edit(self, caller: Caller, wanted: str, change: Change, *, avatar: bytes | None = None) -> Definition:
        """Saves a change as a new version, which every later reply of everyone reads."""
        kept = await self._avatars.keep(avatar) if avatar else None
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted, lock=True)
            card, frame = changed(await _card(session, character.id), frame_of(character), replace(change, avatar=kept))
            await storage.characters.save_frame(session, character.id, frame, character.owner_name)
            version = await _save_version(session, character.id, card)
            saved = await storage.characters.find_character(session, character.id) or character
            if character.status == "published":
                _require_publishable(saved, card, STAYS_PUBLISHED)
        return Definition(saved, card, version)

    async def find_imported(self, caller: Caller, file: bytes) -> Character | None:
        """The character that the caller made from this very file before."""
        async with self._database.transaction() as session:
            return await storage.characters.find_imported(
                session, owner_user_id=caller.user_id, source_sha256=name_of(file)
            )

    async def save_import(
        self, caller: Caller, file: CardFile, *, source_sha256: str, stock: str | None = None
    ) -> Character:
        """A draft from a card file, with `creator` kept as the file says."""
        avatar = await self._avatars.keep(file.picture, ours=stock is not None) if file.picture else None
        frame = replace(frame_of_card(file.card), avatar=avatar)
        return await self._add(caller, file.card, frame, source_sha256=source_sha256, stock=stock)

    async def publish(self, caller: Caller, wanted: str) -> Character:
        """Shows a character to others; Invalid says what it still lacks."""
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted, lock=True)
            _require_publishable(character, await _card(session, character.id), NOT_READY)
            await storage.characters.set_status(session, character.id, "published")
        return replace(character, status="published")

    async def unpublish(self, caller: Caller, wanted: str) -> Character:
        """Takes a character back: running chats go on, no new ones start."""
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted, lock=True)
            if character.status != "published":
                raise Invalid(NOTHING_TO_TAKE_BACK)
            await storage.characters.set_status(session, character.id, "unpublished")
        return replace(character, status="unpublished")

    async def running_chats(self, caller: Caller, wanted: str) -> tuple[Character, int]:
        """A character of the caller's, and in how many chats it is being played."""
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted)
            return character, await storage.chats.count_running(session, character.id)

    async def delete(self, caller: Caller, wanted: str) -> Character:
        """Deletes a character; where a chat still plays it, its words go when the last such chat ends."""
        async with self._database.transaction() as session:
            character = await self._owned(session, caller, wanted, lock=True)
            await storage.characters.set_status(session, character.id, "deleted")
            await forget_if_unused(session, character.id)
        return character

    async def owned_page(self, caller: Caller, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
        """A page of the caller's own characters, for the manager."""
        query = Query(caller.user_id, caller.guild_id, filter="mine", sort="newest")
        return await self.page(query, after=after, before=before)

    async def known_caller(self, user_id: int) -> Caller:
        """A person by their id alone, with the username they had when they were last here."""
        async with self._database.transaction() as session:
            username = await storage.users.find_username(session, user_id) or f"user {user_id}"
        return Caller(user_id, username, username)

    async def has_stock(self, stock: str) -> bool:
        """Whether the character that ships under this name is in the database, whatever became of it."""
        async with self._database.transaction() as session:
            return await storage.characters.find_stock(session, stock) is not None

    async def publish_stock(self, owner: Caller, stock: str, file: CardFile, *, source_sha256: str) -> None:
        """Publishes a character that ships with the program."""
        character = await self.save_import(owner, file, source_sha256=source_sha256, stock=stock)
        await self.publish(owner, str(character.id))

    async def _add(
        self,
        caller: Caller,
        card: Card,
        frame: storage.characters.Frame,
        *,
        source_sha256: str | None = None,
        stock: str | None = None,
    ) -> Character:
        character_id = new_id()
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            await storage.characters.add_character(
                session,
                character_id=character_id,
                owner_user_id=caller.user_id,
                frame=frame,
                owner_name=caller.username,
                stock=stock,
                source_sha256=source_sha256,
            )
            await _save_version(session, character_id, card)
            saved = await storage.characters.find_character(session, character_id)
        assert saved is not None  # noqa: S101 - it was added in this very transaction
        return saved

    async def _visible(self, session: Session, caller: Caller, wanted: str) -> Character:
        character = await _found(session, caller, wanted)
        if character is None or not may_see(caller, character):
            raise NotFound(NOT_PUBLISHED if character and _was_offered(caller, character) else NO_SUCH)
        return character

    async def _owned(self, session: Session, caller: Caller, wanted: str, *, lock: bool = False) -> Character:
        character = await _found(session, caller, wanted, owned_only=True)
        character = character or await self._visible(session, caller, wanted)
        if character.owner_user_id != caller.user_id:
            raise NotYours(OWNER_ONLY)
        if lock:
            character = await storage.characters.find_character(session, character.id, lock=True) or character
            if character.status == "deleted":
                raise NotFound(NO_SUCH)
        return character


def may_see(caller: Caller, character: Character) -> bool:
    """Whether a character exists for the caller: their own, or a published one of here or of everywhere."""
    if character.status == "deleted":
        return False
    if character.owner_user_id == caller.user_id:
        return True
    return character.status == "published" and _is_for(caller, character)


def _was_offered(caller: Caller, character: Character) -> bool:
    return character.status == "unpublished" and _is_for(caller, character)


def _is_for(caller: Caller, character: Character) -> bool:
    return character.visibility == "public" or character.guild_id == caller.guild_id


def require_startable(caller: Caller, character: Character) -> None:
    """Raises NotFound or Invalid when the caller may not start a chat with a character."""
    if not may_see(caller, character):
        raise NotFound(NOT_PUBLISHED if _was_offered(caller, character) else NO_SUCH)
    if character.age_rating == "adult":
        raise Invalid("18+ characters cannot be played here. Pick another one with `/character pick`.")


def greetings(card: Card) -> tuple[str, ...]:
    """The greeting and its alternates, without the empty ones."""
    return tuple(each for each in (card.first_mes, *card.alternate_greetings) if each.strip())


async def load_played(session: Session, character_id: UUID, *, version_id: UUID | None = None) -> Played | None:
    """A character's newest or pinned version, as chats play it; None when its words were removed."""
    version = await storage.characters.find_version(session, character_id, version_id=version_id)
    if version is None or version.card is None or version.extensions is None:
        return None
    whole = orjson.loads(version.card)
    whole["data"]["extensions"] = orjson.loads(version.extensions)
    return Played(parse_card(orjson.dumps(whole)).card, version.avatar)


async def forget_if_unused(session: Session, character_id: UUID) -> None:
    """Removes a deleted character for good once no chat plays it any more."""
    character = await storage.characters.find_character(session, character_id, lock=True)
    if character is None or character.status != "deleted":
        return
    if await storage.chats.count_running(session, character_id) == 0:
        await storage.characters.forget_character(session, character_id)


async def _found(session: Session, caller: Caller, wanted: str, *, owned_only: bool = False) -> Character | None:
    try:
        character_id = UUID(wanted)
    except ValueError:
        # Somebody typed a name instead of choosing from the list.
        query = Query(viewer_id=caller.user_id, guild_id=caller.guild_id)
        name = " ".join(wanted.replace("\x00", "").split())
        return await storage.character_pages.find_named(session, query, name, owned_only=owned_only)
    found = await storage.characters.find_character(session, character_id)
    if owned_only and found and (found.owner_user_id != caller.user_id or found.status == "deleted"):
        return None
    return found


def _require_publishable(character: Character, card: Card, words: str) -> None:
    missing = missing_for_publishing(character, card)
    if missing:
        raise Invalid(words.format(missing=_listed(missing)))
    if character.age_rating == "adult":
        raise Invalid(NO_ADULTS)


def _told_apart(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices, cut to Discord's 100 letters, with a number behind a name that came before."""
    seen: dict[str, int] = {}
    told: list[tuple[str, str]] = []
    for name, value in choices:
        short = name if len(name) <= CHOICE_LETTERS else name[: CHOICE_LETTERS - 1] + "…"
        seen[short] = seen.get(short, 0) + 1
        told.append((short if seen[short] == 1 else f"{short} ({seen[short]})", value))
    return told


async def _card(session: Session, character_id: UUID) -> Card:
    played = await load_played(session, character_id)
    if played is None:
        raise NotFound("The words of this character were removed. Import or create it anew.")
    return played.card


async def _save_version(session: Session, character_id: UUID, card: Card) -> int:
    spec: Literal["chara_card_v2", "chara_card_v3"] = (
        "chara_card_v2" if card.spec == "chara_card_v2" else "chara_card_v3"
    )
    whole = write_card(card, spec)
    data = whole["data"]
    extensions: Json = data.pop("extensions", {}) if isinstance(data, dict) else {}
    return await storage.characters.add_version(
        session,
        character_id=character_id,
        spec=spec,
        spec_version=str(whole["spec_version"]),
        card=orjson.dumps(whole),
        extensions=orjson.dumps(extensions),
    )


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
