"""What admins decide about, found though their server hides it, and as it stood in the version in question."""

from dataclasses import replace
from uuid import UUID

import storage.character_pages
import storage.character_versions
import storage.characters
import storage.listings
from bot.caller import Caller
from bot.cards.card import Card
from bot.characters.finding import query_of
from bot.characters.playing import card_of
from bot.characters.visibility import is_for, owns, why_not
from bot.errors import NotFound
from storage.characters import Character, Frame
from storage.database import Session

NOT_OFFERED = "This character is not published, so there is nothing to approve: `/character publish` comes first."


async def find_hidden(session: Session, caller: Caller, wanted: str) -> Character:
    """A published character by id or exact name, though this server hides it: blocked, not approved, or 18+."""
    guild_id, found = caller.guild_id, None
    try:
        found = await storage.characters.find_character(session, UUID(wanted), guild_id=guild_id)
    except ValueError:
        name = " ".join(wanted.replace("\x00", "").split())
        for place in (guild_id, None):
            query = query_of(replace(caller, guild_id=place, sees_adults=True))
            found = found or await storage.character_pages.find_named(session, query, name)
        blocked = [] if found or guild_id is None else await storage.listings.list_blocked(session, guild_id, name)
        exact = next((id_ for id_, each in blocked if each.lower() == name.lower()), None)
        if exact:
            found = await storage.characters.find_character(session, exact, guild_id=guild_id)
    if found and found.status != "deleted":
        offered = found.status == "published" and is_for(caller, found)
        if found.is_blocked or offered or owns(caller, found):
            return found
    raise NotFound(why_not(caller, found))


def require_offered(caller: Caller, character: Character) -> None:
    """Raises NotFound where a character is offered to nobody here: what its author took back is theirs alone."""
    if character.status != "published" or not is_for(caller, character):
        raise NotFound(NOT_OFFERED if owns(caller, character) else why_not(caller, character))


async def version_of(session: Session, character_id: UUID, version_id: UUID) -> tuple[Character, Frame, Card] | None:
    """A character as it stood in a version; None when its words are gone."""
    found = await storage.character_versions.find_version(session, character_id, version_id=version_id)
    frame = await storage.listings.find_frame(session, version_id)
    card = card_of(found[1]) if found and found[1] else None
    if found is None or frame is None or card is None:
        return None
    shown = replace(
        found[0],
        name=frame.name,
        nickname=frame.nickname,
        short_description=frame.short_description,
        tags=frame.tags,
        category=frame.category,
        licence=frame.licence,
        age_rating=frame.age_rating,
        avatar=frame.avatar,
    )
    return shown, frame, card
