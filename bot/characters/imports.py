"""Bringing in a character, or a book of lore, from a file: a look first, then it is saved."""

import asyncio
from dataclasses import dataclass

import orjson
from pydantic import BaseModel

import storage.lorebooks
from bot.caller import Caller
from bot.cards import assets
from bot.cards.card import Card, parse_card, write_card
from bot.cards.card_fields import Warnings
from bot.cards.card_files import CardFile, LoreFile, read_file_in_worker
from bot.cards.lorebook import Lorebook, read_lorebook, write_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.characters.avatars import Avatars, name_of
from bot.characters.catalogue import Characters
from bot.characters.lorebooks import add_book
from bot.characters.previews import Previews
from bot.errors import Invalid
from storage.character_versions import Asset
from storage.characters import Character
from storage.database import Database

WORKERS = 2
TOO_LATE = "This preview is more than a day old. Import the file once more: `/character import`."
NO_LORE = "This file holds a character, not a book of lore. `/character import` brings characters in."
KNOWN_BOOK = "You imported this very file before: its book is among yours already."


@dataclass(frozen=True, slots=True)
class Preview:
    """A card as it was read, before anything is saved; `known` is what this very file became before."""

    id: str
    card: Card
    warnings: tuple[str, ...]
    avatar: str | None
    pictures: int
    known: Character | None


@dataclass(frozen=True, slots=True)
class LorePreview:
    """A book of lore as it was read, before it is saved; `known` tells whether this very file was imported before."""

    id: str
    lorebook: Lorebook
    warnings: tuple[str, ...]
    known: bool


class _CardState(BaseModel):
    """A card between its preview and its saving, as a V3 document."""

    card: str
    avatar: str | None
    assets: list[Asset]
    source: str


class _LoreState(BaseModel):
    """A book between its preview and its saving, as a V3 lorebook."""

    lorebook: str
    source: str


class Imports:
    """Reads files of strangers in a worker, and keeps what was read until it is saved."""

    def __init__(self, database: Database, previews: Previews, characters: Characters, avatars: Avatars) -> None:
        self._database = database
        self._previews = previews
        self._characters = characters
        self._avatars = avatars
        self._reading = asyncio.Semaphore(WORKERS)

    async def preview(self, caller: Caller, file: bytes, filename: str) -> Preview | LorePreview:
        """What a file holds; Invalid with one sentence when it holds neither a character nor a book of lore."""
        async with self._reading:
            read = await read_file_in_worker(file, filename)
        if isinstance(read, LoreFile):
            return await self._lore_preview(caller, read, name_of(file))
        known = await self._characters.find_imported(caller, file)
        avatar = await self._avatars.keep(read.picture) if read.picture else None
        kept, warnings = await self._keep_pictures(read)
        document = orjson.dumps(write_card(read.card, "chara_card_v3")).decode()
        state = _CardState(card=document, avatar=avatar, assets=kept, source=name_of(file))
        preview_id = await self._previews.keep(caller, state)
        notes = (*read.warnings, *_book_notes(read.card), *warnings)
        return Preview(preview_id, read.card, notes, avatar, len(kept), known)

    async def read_lore(self, file: bytes, filename: str) -> Lorebook:
        """The book of lore in a file; Invalid with one sentence when it holds none."""
        async with self._reading:
            read = await read_file_in_worker(file, filename)
        if not isinstance(read, LoreFile):
            raise Invalid(NO_LORE)
        return read.lorebook

    async def save(self, caller: Caller, preview_id: str) -> Character:
        """A draft of what the caller previewed; NotFound a day later."""
        state = await self._previews.find(caller, preview_id, _CardState, too_late=TOO_LATE)
        picture = await self._avatars.read(state.avatar) if state.avatar else None
        file = CardFile(card=parse_card(state.card).card, warnings=(), picture=picture)
        return await self._characters.save_import(caller, file, source_sha256=state.source, assets=state.assets)

    async def save_lorebook(self, caller: Caller, preview_id: str) -> Lorebook:
        """Keeps the book that the caller previewed among their own; NotFound a day later, Invalid a second time."""
        state = await self._previews.find(caller, preview_id, _LoreState, too_late=TOO_LATE)
        written: JsonObject = orjson.loads(state.lorebook)
        book = read_lorebook(written, Warnings())
        async with self._database.transaction() as session:
            if await self._is_known(caller, state.source):
                raise Invalid(KNOWN_BOOK)
            await add_book(session, caller, book, source_sha256=state.source)
        return book

    async def _lore_preview(self, caller: Caller, read: LoreFile, source: str) -> LorePreview:
        state = _LoreState(lorebook=orjson.dumps(write_lorebook(read.lorebook)).decode(), source=source)
        preview_id = await self._previews.keep(caller, state)
        return LorePreview(preview_id, read.lorebook, read.warnings, await self._is_known(caller, source))

    async def _is_known(self, caller: Caller, source: str) -> bool:
        async with self._database.transaction() as session:
            known = await storage.lorebooks.find_imported(session, owner_user_id=caller.user_id, source_sha256=source)
        return known is not None

    async def _keep_pictures(self, read: CardFile) -> tuple[list[Asset], list[str]]:
        """The further pictures, each re-encoded as an avatar is, and a warning for each that is none."""
        kept: list[Asset] = []
        warnings: list[str] = []
        found = await asyncio.gather(*map(self._keep_picture, read.assets))
        for asset, sha256 in zip(read.assets, found, strict=True):
            if sha256 is None:
                warnings.append(f"{asset.name} is not a picture that can be read, and was left out.")
            else:
                kept.append(Asset(asset.uri, asset.name, asset.kind, sha256))
        return kept, warnings

    async def _keep_picture(self, asset: assets.Asset) -> str | None:
        try:
            return await self._avatars.keep(asset.content)
        except Invalid:
            return None


def _book_notes(card: Card) -> tuple[str, ...]:
    """What is odd about the book in a card, which is kept as it came."""
    notes = Warnings()
    if card.character_book is not None:
        read_lorebook(card.character_book, notes, "character_book.")
    return notes.told()
