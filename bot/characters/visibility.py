"""Who may see, play and change which character: the rules, without a database."""

from bot.caller import Caller
from bot.errors import Invalid, NotFound
from storage.characters import Character

NO_SUCH = "There is no such character, or it is not yours to see. `/character pick` shows what is there."
NOT_PUBLISHED = "Its author has taken this character back. `/character pick` shows who else is there."
TAKEN_DOWN = "The operator of this bot has taken this character down. `/character pick` shows who else is there."
BLOCKED = "The admins of this server have blocked this character. `/character pick` shows who may be played here."
UNREVIEWED = (
    "This server shows only characters that its admins have approved, and this one they have not. "
    "They find new ones with `/server queue`; meanwhile it can be played in a direct message with me."
)
CLOSED = "This server shows only its own characters. This one can be played in a direct message with me."
NO_ADULTS = (
    "18+ characters are played in age-restricted channels alone, where the operator of this bot allows them. "
    "`/character pick` shows who may be played here."
)


def owns(caller: Caller, character: Character) -> bool:
    """Whether the caller decides about a character: their own, or their server's where they manage it."""
    if character.owner_user_id is not None:
        return character.owner_user_id == caller.user_id
    return character.owner_guild_id is not None and character.owner_guild_id == caller.managed_guild


def may_see(caller: Caller, character: Character) -> bool:
    """Whether a character exists for the caller: their own, or one that is offered to them here."""
    if character.status == "deleted":
        return False
    if owns(caller, character):
        return True
    offered = character.status == "published" and is_for(caller, character) and character.is_listed
    return offered and (character.age_rating != "adult" or caller.sees_adults)


def is_for(caller: Caller, character: Character) -> bool:
    """Whether a character is meant for the place of the caller: everywhere, or this very server."""
    return character.visibility == "public" or character.guild_id == caller.guild_id


def why_not(caller: Caller, character: Character | None) -> str:
    """The sentence for somebody who may not see a character; it tells no more than they may know."""
    if character is None or character.status == "deleted" or not is_for(caller, character):
        return NO_SUCH
    if character.taken_down is not None:
        return TAKEN_DOWN
    if character.status == "unpublished":
        return NOT_PUBLISHED
    if character.status != "published":
        return NO_SUCH
    return _unlisted(character) if not character.is_listed else NO_ADULTS


def require_startable(caller: Caller, character: Character) -> None:
    """Raises NotFound or Invalid when the caller may not start a chat with a character here."""
    if not may_see(caller, character):
        raise NotFound(why_not(caller, character))
    require_playable(character, adults=caller.sees_adults)


def require_playable(character: Character, *, adults: bool) -> None:
    """Raises Invalid when a character may not speak here: what servers and the operator decide holds at once.

    That its author has taken it back does not matter: chats that run go on.
    """
    if character.taken_down is not None:
        raise Invalid(TAKEN_DOWN)
    if not character.is_listed:
        raise Invalid(_unlisted(character))
    if character.age_rating == "adult" and not adults:
        raise Invalid(NO_ADULTS)


def _unlisted(character: Character) -> str:
    if character.is_blocked:
        return BLOCKED
    return CLOSED if character.policy == "closed" else UNREVIEWED
