"""Taking a character out as a card file: everything for its owner, for others what its author allows."""

import asyncio
import re
from dataclasses import replace

import storage.character_versions
from bot.caller import Caller
from bot.cards.assets import Asset
from bot.cards.card import Card
from bot.cards.export_files import Format, export_card
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.playing import sizes
from bot.errors import MissingPermission
from storage.characters import Character
from storage.database import Database

KEPT = "The author of {name} keeps its definition to themselves. There is: {sizes}."
RESERVED = "The licence of {name} ({licence}) does not let others take it along. You can play it: `/character start`."
_RESERVING = re.compile(r"all rights reserved|\barr\b|no (export|copies|copying|redistribution)", re.IGNORECASE)


class Exports:
    """Card files of characters."""

    def __init__(self, database: Database, characters: Characters, avatars: Avatars) -> None:
        self._database = database
        self._characters = characters
        self._avatars = avatars

    async def export(
        self, caller: Caller, wanted: str, format_: Format, *, plain_picture: bytes, limit_bytes: int
    ) -> tuple[str, bytes]:
        """The file's name and content; `plain_picture` stands in where there is no avatar.

        MissingPermission where the author keeps the words, or the licence reserves them; Invalid above the limit.
        """
        detail = await self._characters.detail(caller, wanted)
        character = detail.character
        if detail.is_owner:
            definition = await self._characters.definition(caller, str(character.id))
            character, card = definition.character, definition.card
        elif detail.card is None:
            raise MissingPermission(KEPT.format(name=character.name, sizes=", ".join(sizes(detail.whole))))
        elif _RESERVING.search(character.licence):
            raise MissingPermission(RESERVED.format(name=character.name, licence=character.licence))
        else:
            card = detail.card
        picture = await self._avatars.read(character.avatar) if character.avatar else None
        assets = await self._assets(character)
        return await asyncio.to_thread(
            export_card,
            _with_frame(card, character),
            format_,
            picture=picture or plain_picture,
            assets=assets,
            limit=limit_bytes,
        )

    async def _assets(self, character: Character) -> list[Asset]:
        async with self._database.transaction() as session:
            kept = await storage.character_versions.list_assets(session, character.id)
        found = [(each, await self._avatars.read(each.sha256)) for each in kept]
        return [Asset(each.uri, each.name, each.kind, content) for each, content in found if content is not None]


def _with_frame(card: Card, character: Character) -> Card:
    """The card with what no field of the formats holds, where an import looks for it."""
    ours = {
        "short_description": character.short_description,
        "age_rating": character.age_rating,
        "category": character.category,
        "licence": character.licence,
    }
    before = card.extensions.get("dramatis")
    said = {**(before if isinstance(before, dict) else {}), **{name: text for name, text in ours.items() if text}}
    return replace(card, extensions={**card.extensions, "dramatis": said})
