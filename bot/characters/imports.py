"""Bringing a character in from a card file: a look first, then a draft."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import orjson

import storage.users
from bot.caller import Caller
from bot.characters.avatars import Avatars, name_of
from bot.characters.card import Card, parse_card, write_card
from bot.characters.card_files import CardFile, read_card_file_in_worker
from bot.characters.catalogue import Characters
from bot.errors import NotFound
from storage.characters import Character
from storage.database import Database
from storage.vault import Place
from storage.views import Views

WORKERS = 2
TOO_LATE = "This preview is more than a day old. Import the file once more: `/character import`."


@dataclass(frozen=True, slots=True)
class Preview:
    """A card as it was read, before anything is saved; `known` is what this very file became before."""

    id: str
    card: Card
    warnings: tuple[str, ...]
    avatar: str | None
    known: Character | None


class Imports:
    """Reads card files of strangers in a worker, and keeps what was read until it is saved."""

    def __init__(self, database: Database, views: Views, characters: Characters, avatars: Avatars) -> None:
        self._database = database
        self._views = views
        self._characters = characters
        self._avatars = avatars
        self._reading = asyncio.Semaphore(WORKERS)

    async def preview(self, caller: Caller, file: bytes, filename: str) -> Preview:
        """What a file holds; Invalid with one sentence when it holds no character."""
        async with self._reading:
            read = await read_card_file_in_worker(file, filename)
        known = await self._characters.find_imported(caller, file)
        avatar = await self._avatars.keep(read.picture) if read.picture else None
        state = orjson.dumps(
            {"card": write_card(read.card, "chara_card_v3"), "avatar": avatar, "source": name_of(file)}
        )
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            key = await session.key("user", caller.user_id)
        preview_id = await self._views.keep(key.seal(_place(caller), state))
        return Preview(preview_id, read.card, read.warnings, avatar, known)

    async def save(self, caller: Caller, preview_id: str) -> Character:
        """A draft of what the caller previewed; NotFound a day later."""
        sealed = await self._views.find(preview_id)
        if sealed is None:
            raise NotFound(TOO_LATE)
        async with self._database.transaction() as session:
            key = await session.key("user", caller.user_id)
        if UUID(bytes=sealed[:16]) != key.id:
            raise NotFound(TOO_LATE)
        state = orjson.loads(key.open(_place(caller), sealed))
        picture = await self._avatars.read(state["avatar"]) if state["avatar"] else None
        file = CardFile(card=parse_card(orjson.dumps(state["card"])).card, warnings=(), picture=picture)
        return await self._characters.save_import(caller, file, source_sha256=state["source"])


def _place(caller: Caller) -> Place:
    return Place("view", "import", caller.user_id)
