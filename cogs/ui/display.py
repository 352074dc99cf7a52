"""One reply on Discord: its posts from the first word to the last, whatever Discord refuses meanwhile."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import structlog

from bot.chat.stage import Controls, Ledger, Showing, Writing
from cogs.ui.edits import Urgency
from cogs.ui.parts import split
from cogs.ui.refusals import (
    OLD_MESSAGE_EDITS,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
)
from cogs.ui.reply_buttons import reply_view
from cogs.ui.voices import BotVoice, Voice, WebhookVoice
from storage.chats import Shown

if TYPE_CHECKING:
    from cogs.ui.stage import DiscordStage

EDITABLE = timedelta(minutes=55)
"""Discord counts edits of messages older than an hour apart, and refuses most (30046)."""
ATTEMPTS = 4
KEEP = discord.utils.MISSING

log = structlog.get_logger()


@dataclass(slots=True)
class Shot:
    """A post as Discord has it now."""

    id: int
    webhook_id: int | None
    content: str | None
    has_buttons: bool


class DiscordDisplay:
    """Shows a reply: the newest text when the budget allows, the end for certain."""

    def __init__(self, stage: "DiscordStage", showing: Showing, ledger: Ledger) -> None:
        self._stage = stage
        self._showing = showing
        self._ledger = ledger
        too_old = any(_is_old(each.discord_message_id) for each in showing.shown)
        posts = [Shot(each.discord_message_id, each.webhook_id, None, True) for each in showing.shown]
        self._posts: list[Shot] = [] if too_old else posts
        self._stale: list[Shot] = posts if too_old else []
        self._text = ""
        self._end: tuple[str, str, Controls] | None = None
        self._changed = asyncio.Event()
        self._ending = asyncio.Event()
        self._voice: Voice | None = None
        if isinstance(showing.controls, Writing):
            self._changed.set()
        self._task = asyncio.create_task(self._run(), name=f"display {showing.message_id}")

    def show(self, text: str) -> None:
        """Shows this text when Discord's budget allows."""
        self._text = text
        self._changed.set()

    async def finish(self, text: str, note: str, controls: Controls) -> bool:
        """Shows the final text; False when Discord refused for good."""
        self._end = (text, note, controls)
        self._ending.set()
        self._changed.set()
        try:
            return await self._task
        except asyncio.CancelledError:
            if self._task.cancelled():
                return False
            raise

    def abandon(self) -> None:
        """Shows nothing more."""
        self._task.cancel()

    # --- the loop ---------------------------------------------------------------------------------

    async def _run(self) -> bool:
        try:
            while self._end is None:
                await self._changed.wait()
                self._changed.clear()
                if self._end is None:
                    with contextlib.suppress(discord.HTTPException):
                        await self._until_ending(self._stream())
            text, note, controls = self._end
            for attempt in range(ATTEMPTS):
                try:
                    await self._finish(text, note, controls)
                except discord.HTTPException as error:
                    log.warning("display.refused", status=error.status, code=error.code, attempt=attempt)
                    if not await self._mend(error):
                        return False
                else:
                    return True
            return False
        finally:
            self._stage.scheduler.forget(self._showing.message_id)

    async def _until_ending(self, work: Awaitable[None]) -> None:
        """Does the streaming work, unless the end comes while it still waits for its turn."""
        working = asyncio.ensure_future(work)
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
            if not working.done() and not self._in_request:
                working.cancel()
            await working
        except asyncio.CancelledError:
            working.cancel()
            if not self._ending.is_set():
                raise
        finally:
            ending.cancel()

    _in_request = False

    async def _stream(self) -> None:
        """Brings Discord up to what is known now: posts and texts, *Stop* under the last."""
        if not self._posts:
            await self._post(self._waiting_line(), self._showing.controls)
            return
        parts = await self._parts(self._text) or [self._waiting_line()]
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            if index >= len(self._posts):
                await self._post(part, self._showing.controls if is_last else None)
            elif self._posts[index].content != part:
                first_time = self._posts[index].content is None
                controls = self._showing.controls if is_last else None
                gains_or_loses = first_time or (self._posts[index].has_buttons and not is_last)
                await self._edit(index, part, reply_view(controls) if gains_or_loses else KEEP, Urgency.EDIT)
        await self._drop_surplus(len(parts))

    async def _finish(self, text: str, note: str, controls: Controls) -> None:
        whole = "\n\n".join(part for part in (text, f"-# {note}" if note else "") if part)
        parts = await self._parts(whole) or ["-# …"]
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            if index >= len(self._posts):
                await self._post(part, controls if is_last else None, Urgency.END)
                continue
            shot = self._posts[index]
            if is_last:
                await self._edit(index, part, reply_view(controls), Urgency.END)
            elif shot.content != part or shot.has_buttons:
                await self._edit(index, part, None, Urgency.END)
        await self._drop_surplus(len(parts))

    # --- single requests ---------------------------------------------------------------------------

    async def _parts(self, text: str) -> list[str]:
        self._voice = self._voice or await self._find_voice()
        return split(text, self._voice.room)

    async def _post(self, content: str, controls: Controls, urgency: Urgency = Urgency.POST) -> None:
        async def send() -> None:
            voice = self._voice = self._voice or await self._find_voice()
            view = reply_view(controls)
            try:
                posted = await voice.post(content, view)
            except discord.HTTPException as error:
                if not await self._mend(error):
                    raise
                voice = self._voice = self._voice or await self._find_voice()
                posted = await voice.post(content, view)
            shot = Shot(posted.id, posted.webhook_id, content, view is not None)
            self._posts.append(shot)
            await self._ledger.record(self._showing.chat_id, self._shown(len(self._posts) - 1))

        await self._in_turn(urgency, send)
        await self._drop_stale()

    async def _edit(self, index: int, content: str, view: discord.ui.View | None, urgency: Urgency) -> None:
        shot = self._posts[index]

        async def edit() -> None:
            voice = await self._voice_of(shot)
            await voice.edit(shot.id, content, view)
            shot.content = content
            if view is not KEEP:
                shot.has_buttons = view is not None

        await self._in_turn(urgency, edit)

    async def _in_turn(self, urgency: Urgency, request: Callable[[], Awaitable[None]]) -> None:
        lane = self._stage.lane(self._showing.place)
        async with self._stage.scheduler.turn(lane, self._showing.message_id, urgency):
            self._in_request = True
            try:
                await asyncio.shield(asyncio.ensure_future(request()))
            finally:
                self._in_request = False

    async def _drop_surplus(self, wanted: int) -> None:
        while len(self._posts) > wanted:
            await self._delete(self._posts[-1])
            self._posts.pop()

    async def _drop_stale(self) -> None:
        while self._stale:
            await self._delete(self._stale[-1])
            self._stale.pop()

    async def _delete(self, shot: Shot) -> None:
        async def delete() -> None:
            with contextlib.suppress(discord.HTTPException):
                await (await self._voice_of(shot)).delete(shot.id)
            await self._ledger.forget([shot.id])

        await self._in_turn(Urgency.END, delete)

    # --- voices, and what to do when one fails ------------------------------------------------------

    async def _find_voice(self) -> Voice:
        services = self._stage.services
        return await self._stage.voices.of(services, self._showing.place, self._showing.face)

    async def _voice_of(self, shot: Shot) -> Voice:
        voice = self._voice = self._voice or await self._find_voice()
        speaks_as_bot = isinstance(voice, BotVoice)
        if shot.webhook_id is None and not speaks_as_bot:
            return self._stage.voices.bot(self._showing.place, self._showing.face)
        return voice

    async def _mend(self, error: discord.HTTPException) -> bool:
        """Makes another try worth it; False when there is nothing left to try."""
        place, stage = self._showing.place, self._stage
        match error.code:
            case code if code == UNKNOWN_CHANNEL:
                return False
            case code if code == THREAD_ARCHIVED:
                return await stage.wake(place)
            case code if code == UNKNOWN_WEBHOOK:
                await self._forget_webhook()
                await self._post_everything_again()
                return True
            case code if code in (UNKNOWN_MESSAGE, OLD_MESSAGE_EDITS):
                await self._post_everything_again()
                return True
            case _:
                pass
        if error.status == 403:
            if isinstance(self._voice, BotVoice):
                return False
            self._voice = stage.voices.bot(place, self._showing.face)
            await self._post_everything_again()
            return True
        if error.status == 429:
            await asyncio.sleep(_retry_after(error))
            return True
        if error.status >= 500:
            await asyncio.sleep(1.0)
            return True
        return False

    async def _forget_webhook(self) -> None:
        if isinstance(self._voice, WebhookVoice):
            webhook_id = self._voice.webhook.id
            await self._stage.voices.webhooks.forget(self._stage.services, self._showing.place.channel_id, webhook_id)
        self._voice = None

    async def _post_everything_again(self) -> None:
        """The posts can no longer be edited: forget them, and leave deleting them to whoever still can."""
        gone = [shot.id for shot in self._posts]
        self._posts = []
        await self._ledger.forget(gone)
        await self._stage.try_delete(self._showing.place, gone)

    def _shown(self, index: int) -> Shown:
        shot = self._posts[index]
        return Shown(shot.id, self._showing.message_id, index, self._showing.place.id, shot.webhook_id)

    def _waiting_line(self) -> str:
        return f"-# {self._showing.face.name} is writing…"


def _is_old(discord_message_id: int) -> bool:
    age = discord.utils.utcnow() - discord.utils.snowflake_time(discord_message_id)
    return age > EDITABLE


def _retry_after(error: discord.HTTPException) -> float:
    after = error.response.headers.get("Retry-After", "1")
    try:
        return min(float(after), 60.0)
    except ValueError:
        return 1.0
