"""A character as chats play it: which version's words, and under which face."""

from dataclasses import dataclass
from uuid import UUID

import orjson

import storage.character_versions
import storage.characters
import storage.chats
from bot import tokens
from bot.cards.card import Card, parse_card
from bot.characters.changes import texts_of
from bot.characters.visibility import require_playable
from bot.errors import NotFound
from storage.character_versions import Version
from storage.characters import Character
from storage.database import Session

WORDS_GONE = "The words of this character were removed, so it cannot go on. Start another chat: `/character pick`."


@dataclass(frozen=True, slots=True)
class Played:
    """A character as a server shows it, and the words that are played there."""

    character: Character
    card: Card
    version: int

    @property
    def called(self) -> str:
        """The name it speaks under: the nickname, where there is one."""
        return self.card.nickname or self.card.name


async def load_played(
    session: Session, character_id: UUID, *, version_id: UUID | None = None, guild_id: int | None = None
) -> Played | None:
    """A character's newest or pinned version, or what a reviewing server approved; None when its words are gone."""
    found = await storage.character_versions.find_version(
        session, character_id, version_id=version_id, guild_id=guild_id
    )
    return _played(*found) if found else None


async def require_played(
    session: Session, character_id: UUID | None, *, version_id: UUID | None, guild_id: int | None, adults: bool
) -> Played:
    """The same for a reply; Invalid where the server or the operator does not let it speak, NotFound without words."""
    found = character_id and await storage.character_versions.find_version(
        session, character_id, version_id=version_id, guild_id=guild_id
    )
    if not found:
        raise NotFound(WORDS_GONE)
    require_playable(found[0], adults=adults)
    played = _played(*found)
    if played is None:
        raise NotFound(WORDS_GONE)
    return played


def _played(character: Character, version: Version | None) -> Played | None:
    card = card_of(version) if version else None
    return Played(character, card, version.number) if version and card else None


def card_of(version: Version) -> Card | None:
    """The card of a version, None when its key is gone."""
    if version.card is None or version.extensions is None:
        return None
    whole = orjson.loads(version.card)
    whole["data"]["extensions"] = orjson.loads(version.extensions)
    return parse_card(orjson.dumps(whole)).card


def greetings(card: Card) -> tuple[str, ...]:
    """The greeting and its alternates, without the empty ones."""
    return tuple(each for each in (card.first_mes, *card.alternate_greetings) if each.strip())


def sizes(card: Card) -> list[str]:
    """What a card holds without its words: names of the texts, letters and tokens, for those who may not read them."""
    texts = {name.replace("_", " "): text for name, text in texts_of(card).items() if text}
    told = [f"{name} {len(text):,} letters (about {tokens.estimate(text):,} tokens)" for name, text in texts.items()]
    book = card.character_book or {}
    entries = book.get("entries")
    if isinstance(entries, list | dict) and entries:
        told.append(f"lore {len(entries):,} entries")
    return told


async def forget_if_unused(session: Session, character_id: UUID) -> None:
    """Removes a deleted character for good once no chat plays it any more."""
    character = await storage.characters.find_character(session, character_id, lock=True)
    if character is None or character.status != "deleted":
        return
    if await storage.chats.count_running(session, character_id) == 0:
        await storage.characters.forget_character(session, character_id)
