"""Looks: what a person says, posted anew under whom they are there, and their own post taken away.

The new post is recorded before anything else is asked of Discord, and the person's own forgotten before it is
deleted: what is deleted while it is known counts as deleted by the person. Whoever is killed in between leaves both
posts standing, of which the new one belongs to nobody; a reply never takes it for its own, for a reply's posts show
no previews of links and a look's do.
"""

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bot.chat.stage import Attached, Face, Ledger, Look, Looked, Place
from bot.errors import Unavailable
from cogs.ui import refusals
from cogs.ui.edits import Urgency
from cogs.ui.parts import LIMIT, split, unmasked
from cogs.ui.voices import Posted, WebhookVoice
from storage.shown import Shown

if TYPE_CHECKING:
    from cogs.ui.stage import DiscordStage

MOST_BYTES = 10 * 1024 * 1024
"""What Discord takes of files in one message, in a server without boosts."""
# KeyError and TypeError: discord.py reads the body of a 429 unguarded.
TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, Unavailable, KeyError, TypeError)

log = structlog.get_logger()


async def show_look(stage: "DiscordStage", client: discord.Client, look: Look, ledger: Ledger) -> Looked:
    """Posts a person's words under another name and face, and deletes their own post."""
    if not _may_delete(client, look):
        return "not allowed"
    try:
        files = await _fetched(client, look.files)
        if files is None:
            return "not possible"
        # As urgent as a reply's end: the words come before the reply to them.
        async with stage.scheduler.turn(stage.lane(look.place), look.message_id, Urgency.END):
            if not await _post(stage, look, files, ledger):
                return "not allowed"
        await ledger.forget([look.original])
    except TROUBLE as error:
        log.warning("look.not_shown", kind=type(error).__name__)
        return "not possible"
    finally:
        stage.scheduler.forget(look.message_id)
    # By the bot, not by the webhook: that is another of Discord's limits, but the address is the same.
    async with stage.scheduler.turn(("deletions", look.place.id), look.message_id, Urgency.POST):
        await stage.try_delete(look.place, [look.original])
    stage.scheduler.forget(look.message_id)
    return "shown"


async def reword(stage: "DiscordStage", place: Place, shown: Sequence[Shown], text: str) -> bool:
    """Puts other words into posts that show a person's; False where they do not fit these, or Discord refused."""
    parts = split(unmasked(text), LIMIT)
    if len(parts) != len(shown):
        return False
    try:
        voice = await stage.voices.of(stage.services, place, Face("", None))
        for part, post in zip(parts, shown, strict=True):
            async with stage.scheduler.turn(stage.lane(place), post.message_id, Urgency.END):
                await voice.edit(post.discord_message_id, part, discord.utils.MISSING)
    except TROUBLE as error:
        log.warning("look.not_reworded", kind=type(error).__name__)
        return False
    finally:
        stage.scheduler.forget(shown[0].message_id)
    return True


async def _post(stage: "DiscordStage", look: Look, files: list[tuple[str, bytes]], ledger: Ledger) -> bool:
    """Posts the words, in several parts where they are long; False where there is no webhook. All of them or none."""
    parts = split(unmasked(look.text), LIMIT)
    lane, posted = stage.lane(look.place), list[Posted]()
    before = stage.troubles[lane]
    try:
        for number, part in enumerate(parts):
            post = await _wear(stage, look, part, files if number == len(parts) - 1 else [])
            if post is None:
                return False
            posted.append(post)
            shown = Shown(post.id, look.message_id, number, look.place.id, post.webhook_id)
            await ledger.record(look.chat_id, shown)
    except TROUBLE:
        # Half of what somebody said must not stand there. Known no more, its deletion is not taken for theirs.
        with contextlib.suppress(Unavailable):
            await ledger.forget([each.id for each in posted])
            await stage.try_delete(look.place, [each.id for each in posted])
        raise
    finally:
        if stage.troubles[lane] != before:
            await _remove_twins(stage, look, parts, ledger)
    return True


async def _wear(stage: "DiscordStage", look: Look, part: str, files: list[tuple[str, bytes]]) -> Posted | None:
    """Posts one part, once more where the webhook is gone; None where there may be none."""
    voice = await _voice(stage, look)
    try:
        return await voice.wear(part, files) if voice else None
    except discord.NotFound as error:
        if error.code not in (refusals.UNKNOWN_WEBHOOK, refusals.INVALID_WEBHOOK_TOKEN):
            raise
        voice = await _voice(stage, look, gone=voice)
        return await voice.wear(part, files) if voice else None


async def _remove_twins(stage: "DiscordStage", look: Look, parts: Sequence[str], ledger: Ledger) -> None:
    """Deletes posts of these words that nobody knows of: Discord's answer to them was lost, and we asked again."""
    with contextlib.suppress(*TROUBLE):
        found = await stage.list_looks(look.place, after=look.original)
        claimed = await ledger.claimed([each.discord_message_id for each in found])
        twins = [each for each in found if each.content in parts and each.discord_message_id not in claimed]
        await stage.try_delete(look.place, [each.discord_message_id for each in twins])


async def _voice(stage: "DiscordStage", look: Look, *, gone: WebhookVoice | None = None) -> WebhookVoice | None:
    """The channel's webhook under the person's name; a new one where it is gone, None where there may be none."""
    if gone is not None and gone.webhook_id is not None:
        await stage.voices.webhooks.forget(stage.services, look.place.channel_id, gone.webhook_id)
    voice = await stage.voices.of(stage.services, look.place, look.face)
    return voice if isinstance(voice, WebhookVoice) else None


async def _fetched(client: discord.Client, files: tuple[Attached, ...]) -> list[tuple[str, bytes]] | None:
    """The files that go along; None where Discord would not take them once more."""
    if sum(each.size for each in files) > MOST_BYTES:
        return None
    return [(each.name, await client.http.get_from_cdn(each.url)) for each in files]


def _may_delete(client: discord.Client, look: Look) -> bool:
    """Whether the bot may take the person's own post away."""
    channel = client.get_channel(look.place.channel_id)
    if not isinstance(channel, discord.abc.GuildChannel):
        return True  # of another process's shard: Discord tells
    return channel.permissions_for(channel.guild.me).manage_messages
