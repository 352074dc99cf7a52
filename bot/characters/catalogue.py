"""Characters: one shared record each, with an owner, a state and versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import orjson

import storage.character_pages
import storage.character_versions
import storage.characters
import storage.chats
import storage.listings
import storage.reports
import storage.users
from bot.caller import Caller
from bot.cards.card import Card, write_card
from bot.cards.card_files import CardFile
from bot.cards.untrusted_json import Json
from bot.characters.avatars import Avatars, name_of
from bot.characters.changes import Change, changed, frame_of, frame_of_card
from bot.characters.finding import find_owned, find_visible, query_of
from bot.characters.moderation import Moderation
from bot.characters.playing import WORDS_GONE, forget_if_unused, load_played
from bot.characters.publishing import NOT_READY, STAYS_PUBLISHED, Published, offer, require_publishable
from bot.characters.visibility import owns
from bot.errors import Busy, Invalid, NotFound
from storage.character_pages import Cursor, Query
from storage.characters import Character, Frame
from storage.database import Database, Session
from storage.ids import new_id

NOTHING_TO_TAKE_BACK = "It is not published, so there is nothing to take back."
EDITED_MEANWHILE = "It was changed a moment ago by somebody else, or in another window. Look again, then save."
CHANGED_MEANWHILE = "It was changed while it was being checked. Publish it again."
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
    """A character of one's own with the words of its newest version."""

    character: Character
    card: Card
    version: int


@dataclass(frozen=True, slots=True)
class Detail:
    """What somebody may see of a character and the version that they would play.

    `card` is what they may read of the words: where the author keeps those to themselves, it is None for others.
    """

    character: Character
    version: int
    whole: Card
    is_owner: bool

    @property
    def card(self) -> Card | None:
        """The words, for those who may read them."""
        readable = self.is_owner or self.character.definition_visibility == "public"
        return self.whole if readable else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A character of one's own: in how many chats it is being played, and how often it was reported."""

    character: Character
    running: int
    reports: int


class Characters:
    """The catalogue: who may see, change and publish which character."""

    def __init__(
        self, database: Database, avatars: Avatars, moderation: Moderation | None = None, *, adults: bool = False
    ) -> None:
        self._database = database
        self._avatars = avatars
        self._moderation = moderation
        self._adults = adults

    # --- looking around ------------------------------------------------------------------------------

    async def page(self, query: Query, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
        """A page of what somebody may start, in the order of the query."""
        asked = replace(query, limit=min(query.limit, MAX_PAGE) + 1)
        async with self._database.transaction() as session:
            found = await storage.character_pages.list_page(session, asked, after=after, before=before)
        if not found and (after or before):
            # What stood on this page may have gone since; the first page is a way on.
            return await self.page(query)
        return _page(found, asked.limit, after=after, before=before)

    async def owned_page(self, caller: Caller, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
        """A page of what the caller decides about, the newest first, for the manager."""
        mine = query_of(caller)
        asked = replace(mine, limit=mine.limit + 1)
        async with self._database.transaction() as session:
            found = await storage.character_pages.list_owned(session, asked, after=after, before=before)
        if not found and (after or before):
            return await self.owned_page(caller)
        return _page(found, asked.limit, after=after, before=before)

    async def names(self, caller: Caller, typed: str, *, owned_only: bool = False) -> list[tuple[str, str]]:
        """For autocomplete: up to 25 pairs of what to show and the id to send."""
        query = replace(query_of(caller), limit=25)
        async with self._database.transaction() as session:
            found = await storage.character_pages.list_names(session, query, typed, owned_only=owned_only)
        return _told_apart([(f"{name} · by {owner}" if owner else name, str(id_)) for id_, name, owner in found])

    async def hidden_names(self, caller: Caller, typed: str) -> list[tuple[str, str]]:
        """The same for the admins of a server, who decide about what it hides: public or its own, 18+ or not."""
        if caller.managed_guild is None:
            return []
        here = replace(caller, sees_adults=True)
        anywhere = replace(here, guild_id=None)
        found = {value: name for place in (here, anywhere) for name, value in await self.names(place, typed)}
        return [(name, value) for value, name in found.items()][:MAX_PAGE]

    async def public_names(self, caller: Caller, typed: str) -> list[tuple[str, str]]:
        """The same for operators, of what is public anywhere."""
        return await self.names(replace(caller, guild_id=None, sees_adults=True), typed) if caller.is_operator else []

    async def tags(self, caller: Caller, typed: str) -> list[str]:
        """For autocomplete: up to 25 tags that begin with or contain what was typed."""
        async with self._database.transaction() as session:
            return await storage.character_pages.list_tags(session, query_of(caller), typed.strip())

    async def detail(self, caller: Caller, wanted: str) -> Detail:
        """A character by id or exact name, as the caller may see it; NotFound when they may not."""
        async with self._database.transaction() as session:
            character = await find_visible(session, caller, wanted)
            owner = owns(caller, character)
            # Where a server has approved nothing, its author still sees what they wrote.
            guild_id = caller.guild_id if character.is_listed else None
            played = await load_played(session, character.id, guild_id=guild_id)
        if played is None:
            raise NotFound(WORDS_GONE)
        return Detail(character, played.version, played.card, owner)

    async def definition(self, caller: Caller, wanted: str) -> Definition:
        """A character of the caller's own, with its words; NotYours or NotFound otherwise."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted)
            return Definition(character, await _card(session, character.id), character.newest_version)

    async def standing(self, caller: Caller, wanted: str) -> Standing:
        """A character of the caller's, in how many chats it is being played, and how often it was reported."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted)
            running = await storage.chats.count_running(session, character.id)
            return Standing(character, running, await storage.reports.count_of(session, character.id))

    # --- authoring -----------------------------------------------------------------------------------

    async def create(self, caller: Caller, change: Change, *, avatar: bytes | None = None) -> Character:
        """A draft with what the author filled in."""
        kept = await self._avatars.keep(avatar) if avatar else None
        start = Card(name=change.name or "", creator=caller.username, spec="chara_card_v3", spec_version="3.0")
        card, frame = changed(start, frame_of_card(start), replace(change, name=change.name or "", avatar=kept))
        return await self._add(caller, card, frame)

    async def edit(
        self,
        caller: Caller,
        wanted: str,
        change: Change,
        *,
        avatar: bytes | None = None,
        made_from: int | None = None,
    ) -> Definition:
        """Saves a change as a new version, which every later reply of everyone reads; under review, once approved.

        Busy when `made_from` is given and is no longer the newest version.
        """
        kept = await self._avatars.keep(avatar) if avatar else None
        if self._moderation and (await self.definition(caller, wanted)).character.status == "published":
            await self._moderation.check_change(change)
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted, lock=True)
            if made_from not in (None, character.newest_version):
                raise Busy(EDITED_MEANWHILE)
            card, frame = changed(await _card(session, character.id), frame_of(character), replace(change, avatar=kept))
            await storage.characters.save_frame(session, character.id, frame, character.owner_name)
            version_id, version = await _save_version(session, character.id, frame, card)
            saved = await storage.characters.find_character(session, character.id) or character
            if character.status == "published":
                require_publishable(saved, card, STAYS_PUBLISHED, adults=self._adults)
                await storage.listings.enqueue_everywhere(
                    session, character_id=character.id, version_id=version_id, asked_by=caller.user_id
                )
        return Definition(saved, card, version)

    async def find_imported(self, caller: Caller, file: bytes) -> Character | None:
        """The character that the caller made from this very file before."""
        async with self._database.transaction() as session:
            return await storage.characters.find_imported(
                session, owner_user_id=caller.user_id, source_sha256=name_of(file)
            )

    async def save_import(
        self,
        caller: Caller,
        file: CardFile,
        *,
        source_sha256: str,
        assets: Sequence[storage.character_versions.Asset] = (),
        stock: str | None = None,
    ) -> Character:
        """A draft from a card file, with `creator` kept as the file says."""
        avatar = await self._avatars.keep(file.picture, ours=stock is not None) if file.picture else None
        frame = replace(frame_of_card(file.card), avatar=avatar)
        return await self._add(caller, file.card, frame, assets=assets, source_sha256=source_sha256, stock=stock)

    async def publish(self, caller: Caller, wanted: str, *, here_only: bool = False) -> Published:
        """Shows a character to others, everywhere or in this server alone; Invalid says what it still lacks."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted)
            card = await _card(session, character.id)
            require_publishable(character, card, NOT_READY, adults=self._adults)
        if self._moderation:
            await self._moderation.check_card(card)
        async with self._database.transaction() as session:
            checked, character = character, await find_owned(session, caller, str(character.id), lock=True)
            if character.newest_version != checked.newest_version:
                raise Busy(CHANGED_MEANWHILE)
            waits = await offer(session, caller, character, here_only=here_only)
            await storage.characters.set_status(session, character.id, "published")
            published = await storage.characters.find_character(session, character.id, guild_id=caller.guild_id)
            assert published is not None  # noqa: S101 - it is locked
        return Published(published, waits)

    async def unpublish(self, caller: Caller, wanted: str) -> Character:
        """Takes a character back: running chats go on, no new ones start."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted, lock=True)
            if character.status != "published":
                raise Invalid(NOTHING_TO_TAKE_BACK)
            await storage.characters.set_status(session, character.id, "unpublished")
            await storage.listings.drop_pending(session, character.id)
        return replace(character, status="unpublished")

    async def delete(self, caller: Caller, wanted: str) -> Character:
        """Deletes a character; where a chat still plays it, its words go when the last such chat ends."""
        async with self._database.transaction() as session:
            character = await find_owned(session, caller, wanted, lock=True)
            await storage.characters.set_status(session, character.id, "deleted")
            await storage.listings.drop_pending(session, character.id)
            await forget_if_unused(session, character.id)
        return character

    # --- for the command line ------------------------------------------------------------------------

    async def known_caller(self, user_id: int) -> Caller:
        """A person by their id alone, with the username they had when they were last here."""
        async with self._database.transaction() as session:
            username = await storage.users.find_username(session, user_id) or f"user {user_id}"
        return Caller(user_id, username, username)

    async def list_stock(self) -> set[str]:
        """The names of the shipped characters that are in the database, whatever became of them."""
        async with self._database.transaction() as session:
            return await storage.characters.list_stock(session)

    async def publish_stock(self, owner: Caller, stock: str, file: CardFile, *, source_sha256: str) -> None:
        """Publishes a character that ships with the program."""
        character = await self.save_import(owner, file, source_sha256=source_sha256, stock=stock)
        await self.publish(owner, str(character.id))

    async def _add(
        self,
        caller: Caller,
        card: Card,
        frame: Frame,
        *,
        assets: Sequence[storage.character_versions.Asset] = (),
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
            await _save_version(session, character_id, frame, card)
            await storage.character_versions.save_assets(session, character_id, assets)
            saved = await storage.characters.find_character(session, character_id)
        assert saved is not None  # noqa: S101 - it was added in this very transaction
        return saved


def _page(found: list[tuple[Character, Cursor]], limit: int, *, after: Cursor | None, before: Cursor | None) -> Page:
    """The page of what was found, of which one more than fits was asked for."""
    more = len(found) == limit
    if more:
        found = found[1:] if before else found[:-1]
    if not found:
        return Page((), None, None)
    has_before = more if before else after is not None
    has_after = before is not None or more
    return Page(
        tuple(character for character, _ in found),
        before=found[0][1] if has_before else None,
        after=found[-1][1] if has_after else None,
    )


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
        raise NotFound(WORDS_GONE)
    return played.card


async def _save_version(session: Session, character_id: UUID, frame: Frame, card: Card) -> tuple[UUID, int]:
    spec: Literal["chara_card_v2", "chara_card_v3"] = (
        "chara_card_v2" if card.spec == "chara_card_v2" else "chara_card_v3"
    )
    whole = write_card(card, spec)
    data = whole["data"]
    extensions: Json = data.pop("extensions", {}) if isinstance(data, dict) else {}
    return await storage.character_versions.add_version(
        session,
        character_id=character_id,
        frame=frame,
        spec=spec,
        spec_version=str(whole["spec_version"]),
        card=orjson.dumps(whole),
        extensions=orjson.dumps(extensions),
    )
