"""What Discord refused, told apart by its error codes, and said in words."""

from collections.abc import Generator
from contextlib import contextmanager

import discord

from bot.errors import Invalid, LimitReached, MissingPermission, NotFound, Unavailable, UserError

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
TOO_MANY_WEBHOOKS = 30007
OLD_MESSAGE_EDITS = 30046
INVALID_WEBHOOK_TOKEN = 50027
THREAD_LOCKED = 160005
TOO_MANY_THREADS = 160006
THREAD_ARCHIVED = 50083
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
CANNOT_DM = 50007
INVALID_FORM = 50035


def retry_after(error: discord.HTTPException, *, otherwise: float) -> float:
    """In how many seconds Discord wants to be asked again."""
    try:
        return float(error.response.headers.get("Retry-After", otherwise))
    except ValueError:
        return otherwise


def is_name_refused(error: discord.HTTPException) -> bool:
    """Whether a webhook's post was refused for the name it would speak under."""
    return error.status == 400 and "username" in error.text.lower()


def in_words(error: discord.HTTPException, what: str) -> UserError:
    """A refusal as the person reads it; `what` completes “I may not …”."""
    if error.code in (MISSING_ACCESS, MISSING_PERMISSIONS) or error.status == 403:
        return MissingPermission(
            f"Discord does not let me {what}. An admin of this server can give me that right; "
            "`/help` lists what is missing."
        )
    if error.code == TOO_MANY_THREADS:
        return LimitReached("This server has as many open threads as Discord allows. Close one, then try again.")
    if error.status == 404:
        return NotFound("This channel or thread is no longer there. Go on in another one.")
    if error.status == 429:
        return LimitReached("Discord asks me to slow down. Please try again in a minute.")
    if error.status >= 500:
        return Unavailable("Discord itself has trouble right now. Please try again in a moment.")
    return Invalid(f"Discord refused to let me {what}. Please tell whoever runs this bot.")


@contextmanager
def told(what: str) -> Generator[None]:
    """Turns Discord's refusals inside the block into words for the person."""
    try:
        yield
    except discord.HTTPException as error:
        raise in_words(error, what) from error
