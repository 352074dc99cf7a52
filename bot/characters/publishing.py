"""What publishing asks for, and where a published character is then shown."""

from dataclasses import dataclass

import storage.character_versions
import storage.characters
import storage.guilds
import storage.listings
from bot.caller import Caller
from bot.cards.card import Card
from bot.characters.changes import missing_for_publishing
from bot.errors import Invalid, MissingPermission
from storage.characters import Character
from storage.database import Session

NO_ADULTS = "18+ characters cannot be published here: the operator of this bot does not allow them."
NOT_READY = "Not yet: it still needs {missing}. Then publish again."
STAYS_PUBLISHED = "It is published, so it cannot go without {missing}. Nothing was saved; unpublish it first."
IS_TAKEN_DOWN = "The operator took this character down, so it cannot be published: {reason}"
NO_SERVER_HERE = "There is no server here. Publish it everywhere, or go to the server that it is for."
NO_PUBLISHER = "Only people with certain roles may offer characters to this server; ask its admins."


@dataclass(frozen=True, slots=True)
class Published:
    """A character that was published: shown everywhere or in this server alone, and whether its admins review it."""

    character: Character
    waits_for_review: bool


async def offer(session: Session, caller: Caller, character: Character, *, here_only: bool) -> bool:
    """Decides where a character is shown, and queues it where admins look first; whether they do so here."""
    if character.owner_guild_id is not None:
        return False
    guild_id, settings = caller.guild_id, await storage.guilds.find_settings(session, caller.guild_id)
    welcome = caller.may_manage or not settings.publisher_roles or bool(settings.publisher_roles & caller.role_ids)
    if here_only and guild_id is None:
        raise Invalid(NO_SERVER_HERE)
    if here_only and not welcome:
        raise MissingPermission(NO_PUBLISHER)
    if guild_id is not None:
        await storage.guilds.touch_guild(session, guild_id)
    await storage.characters.set_visibility(session, character.id, guild_id if here_only else None)
    version_id = await storage.character_versions.find_version_id(session, character.id, character.newest_version)
    assert version_id is not None  # noqa: S101 - the newest one is there
    await storage.listings.enqueue_everywhere(
        session, character_id=character.id, version_id=version_id, asked_by=caller.user_id
    )
    if guild_id is None or settings.policy != "review" or not welcome:
        return False
    return await storage.listings.enqueue(
        session,
        guild_id=guild_id,
        character_id=character.id,
        version_id=version_id,
        asked_by=caller.user_id,
    )


def require_publishable(character: Character, card: Card, words: str, *, adults: bool) -> None:
    """Raises Invalid, in these words, where something that others need is missing, or where it may not be shown."""
    if character.taken_down is not None:
        raise Invalid(IS_TAKEN_DOWN.format(reason=character.taken_down))
    missing = missing_for_publishing(character, card)
    if missing:
        raise Invalid(words.format(missing=_listed(missing)))
    if character.age_rating == "adult" and not adults:
        raise Invalid(NO_ADULTS)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
