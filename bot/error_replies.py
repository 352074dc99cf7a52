"""What a person reads when something did not work: our own words, or an incident id."""

import secrets

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.errors import Unavailable, UserError

ASKED_TOO_LATE = 10062  # Discord: unknown interaction
ACKNOWLEDGED = 40060  # Discord: interaction has already been acknowledged
TOO_LATE = "That took too long, and Discord gave up waiting. Try once more."
NO_ANSWER = "Discord did not answer me just now. Try once more in a moment."
NOBODY = discord.AllowedMentions.none()

log = structlog.get_logger()


def in_words(error: BaseException) -> str:
    """The sentence for an exception; a bug is logged with an id, and the sentence names it."""
    error = _cause(error)
    if isinstance(error, Unavailable):
        log.warning("unavailable", reason=str(error), cause=type(error.__cause__).__name__)
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, app_commands.MissingPermissions | commands.MissingPermissions):
        return f"You need the right “{_listed(error.missing_permissions)}” here for that."
    if isinstance(error, app_commands.BotMissingPermissions | commands.BotMissingPermissions):
        return f"I need the right “{_listed(error.missing_permissions)}” here for that. An admin can give it to me."
    if isinstance(error, app_commands.NoPrivateMessage | commands.NoPrivateMessage):
        return "That works in servers only, not in direct messages."
    if isinstance(error, app_commands.CommandOnCooldown):
        return f"A little slower, please: again in {error.retry_after:.0f} seconds."
    if isinstance(error, app_commands.TransformerError):
        return "I could not read what you gave. Choose from the list that appears while you type."
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "This command has changed since. Reload Discord (Ctrl+R) and try again."
    if isinstance(error, discord.HTTPException) and error.code in (ASKED_TOO_LATE, ACKNOWLEDGED):
        # Discord told it twice, or another process of ours was quicker; or nobody waits for the answer any more.
        log.info("interaction.over", code=error.code)
        return TOO_LATE
    if isinstance(error, aiohttp.ClientError):
        log.warning("discord.away", kind=type(error).__name__)
        return NO_ANSWER
    incident = secrets.token_hex(4)
    log.error("bug", incident=incident, exc_info=error)
    return f"Something went wrong on our side, and we wrote it down. If you report it, name incident `{incident}`."


async def explain(interaction: discord.Interaction, error: BaseException) -> None:
    """Tells the person who pressed or typed, for their eyes only. Never raises."""
    words = in_words(error)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(words, ephemeral=True, allowed_mentions=NOBODY)
    except discord.HTTPException as refused:
        if refused.code not in (ASKED_TOO_LATE, ACKNOWLEDGED):
            log.warning("explain.refused", status=refused.status, code=refused.code)
    except aiohttp.ClientError as away:
        log.warning("explain.refused", kind=type(away).__name__)
    except Exception:
        log.exception("explain.failed")


async def explain_message(message: discord.Message, error: BaseException) -> None:
    """Tells somebody who wrote a message, as a reply to it. Never raises."""
    words = in_words(error)
    try:
        await message.reply(words, mention_author=False, allowed_mentions=NOBODY)
    except discord.HTTPException as refused:
        log.warning("explain.refused", status=refused.status, code=refused.code)
    except aiohttp.ClientError as away:
        log.warning("explain.refused", kind=type(away).__name__)
    except Exception:
        log.exception("explain.failed")


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | commands.CommandInvokeError):
        error = error.original
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, UserError):
        return error.__cause__
    return error


def _listed(permissions: list[str]) -> str:
    return ", ".join(name.replace("_", " ").replace("guild", "server").title() for name in permissions)
