"""Finding the character that somebody names, inside a transaction, as far as they may."""

from uuid import UUID

import storage.character_pages
import storage.characters
from bot.caller import Caller
from bot.characters.visibility import NO_SUCH, may_see, owns, why_not
from bot.errors import NotFound, NotYours
from storage.character_pages import Query
from storage.characters import Character
from storage.database import Session

OWNER_ONLY = "Only its author can do that. You can still play it: `/character start`."
SERVERS_OWN = "This character belongs to the server: only its admins (Manage Server) can do that."


def query_of(caller: Caller) -> Query:
    """The question of what a caller may find, where they are."""
    return Query(
        viewer_id=caller.user_id, guild_id=caller.guild_id, manages=caller.may_manage, adults=caller.sees_adults
    )


async def find_visible(session: Session, caller: Caller, wanted: str) -> Character:
    """A character by id or exact name, as the caller's server shows it; NotFound where they may not see it."""
    character = await _found(session, caller, wanted)
    if character is None or not may_see(caller, character):
        raise NotFound(why_not(caller, character))
    return character


async def find_owned(session: Session, caller: Caller, wanted: str, *, lock: bool = False) -> Character:
    """A character that the caller decides about, as it is today; NotYours or NotFound otherwise."""
    found = await _found(session, caller, wanted, owned_only=True)
    if found is None:
        await find_visible(session, caller, wanted)
        character = await _found(session, caller, wanted)
        raise NotYours(SERVERS_OWN if character and character.owner_guild_id else OWNER_ONLY)
    character = await storage.characters.find_character(session, found.id, lock=lock)
    if character is None or character.status == "deleted":
        raise NotFound(NO_SUCH)
    return character


async def _found(session: Session, caller: Caller, wanted: str, *, owned_only: bool = False) -> Character | None:
    try:
        character_id = UUID(wanted)
    except ValueError:
        # Somebody typed a name instead of choosing from the list.
        name = " ".join(wanted.replace("\x00", "").split())
        return await storage.character_pages.find_named(session, query_of(caller), name, owned_only=owned_only)
    found = await storage.characters.find_character(session, character_id, guild_id=caller.guild_id)
    if owned_only and found and (not owns(caller, found) or found.status == "deleted"):
        return None
    return found
