"""One reply on Discord: its posts from the first word to the last, whatever Discord refuses meanwhile.

A display knows what Discord shows (`_posts`, `_stale`) and what it should show (`_wanted`). It takes one step
from the one to the other at a time, each in a turn of the scheduler's, and plans the step anew when the turn
has come. A step is never broken off: when a request was made, what came of it is noted.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bot.chat.stage import CLOCKS_APART, Controls, Ledger, Showing, Writing
from bot.errors import Unavailable, UserError
from cogs.ui import refusals
from cogs.ui.edits import Ticket, Urgency
from cogs.ui.parts import split, unmasked, with_note
from cogs.ui.reply_buttons import reply_view
from cogs.ui.steps import Delete, Edit, Post, Shot, Step, Wanted, next_step, wanted_posts
from cogs.ui.text import plain
from cogs.ui.voices import Voice
from storage.shown import Shown

if TYPE_CHECKING:
    from cogs.ui.stage import DiscordStage

EDITABLE = timedelta(minutes=55)
"""Discord counts edits of messages older than an hour apart, and refuses most (30046)."""
TRIES_WRITING = 6
TRIES_ENDING = 4
TROUBLE_PAUSE = 1.0
LONGEST_PAUSE = 30.0
LOOK_SECONDS = 0.1
# KeyError and TypeError: discord.py reads the body of a 429 unguarded.
TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError, Unavailable, KeyError, TypeError)
NOT_SHOWN = "Discord does not let me show this reply. `/chat history` has it."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Behind which post there may be one that we do not know of, and whether it is one that we are missing."""

    after: int
    is_missing: bool


class DiscordDisplay:
    """Shows a reply: the newest text when the budget allows, the end for certain."""

    def __init__(self, stage: "DiscordStage", showing: Showing, ledger: Ledger) -> None:
        self._stage = stage
        self._showing = showing
        self._ledger = ledger
        self._posts = [Shot(each.discord_message_id, each.webhook_id) for each in showing.shown]
        self._stale: list[Shot] = []
        self._gone: list[int] = []
        self._voice: Voice | None = None
        self._doubt: _Doubt | None = None
        self._text = ""
        self._unseen_since: float | None = None
        self._end: tuple[str, str, Controls] | None = None
        self._tries = TRIES_WRITING
        self._ticket: Ticket | None = None
        self._changed = asyncio.Event()
        self._begun = discord.utils.time_snowflake(discord.utils.utcnow() - CLOCKS_APART)
        if any(_is_old(each.discord_message_id) for each in showing.shown):
            self._give_up_posts()
        if isinstance(showing.controls, Writing):
            self._changed.set()
        self._task = asyncio.create_task(self._run(), name=f"display {showing.message_id}")

    @property
    def task(self) -> "asyncio.Task[bool]":
        """Done when nothing more is shown."""
        return self._task

    def show(self, text: str) -> None:
        """Shows this text when Discord's budget allows."""
        self._text = text
        self._unseen_since = self._unseen_since or time.monotonic()
        self._changed.set()

    async def finish(self, text: str, note: str, controls: Controls) -> bool:
        """Shows the final text; False when Discord refused for good."""
        self._end = (text, note, controls)
        self._unseen_since = self._unseen_since or time.monotonic()
        self._changed.set()
        if self._ticket is not None:
            self._ticket.hurry()
        # Not awaited itself: whoever waits here may be cancelled, and then it was not shown.
        await asyncio.wait((self._task,))
        return not self._task.cancelled() and self._task.result()

    def abandon(self) -> None:
        """Shows nothing more."""
        self._task.cancel()

    # --- step by step -----------------------------------------------------------------------------

    async def _run(self) -> bool:
        try:
            while self._end is None:
                await self._changed.wait()
                self._changed.clear()
                if self._tries:
                    await self._catch_up()
            self._tries = TRIES_ENDING
            return await self._catch_up() and self._end[1] != NOT_SHOWN
        finally:
            self._stage.scheduler.forget(self._showing.message_id)

    async def _catch_up(self) -> bool:
        """Takes steps until Discord shows what it should; False when it refuses for good."""
        while True:
            try:
                if not await self._take_turn():
                    return True
            except TROUBLE as error:
                if self._tries == 0 or not await self._mend(error):
                    self._tries = 0
                    return False
                self._tries -= 1

    async def _take_turn(self) -> bool:
        """Waits for a turn and takes a step; False when there is none to take."""
        if self._doubt is not None:
            await self._settle_doubt(self._doubt)
        step = await self._next_step()
        if step is None:
            return False
        if not self._showing.is_ours():
            # A writer that cannot renew its lease is silent until it can, or until another has taken over.
            await asyncio.sleep(LOOK_SECONDS)
            return True
        urgency = Urgency.END if self._end else Urgency.POST if isinstance(step, Post) else Urgency.EDIT
        lane = self._stage.lane(self._showing.place)
        self._ticket = self._stage.scheduler.turn(lane, self._showing.message_id, urgency)
        async with self._ticket:
            # While we waited the text has grown, or ended.
            step = await self._next_step()
            if step is not None and self._showing.is_ours():
                await self._take_measured(step)
        return True

    async def _next_step(self) -> Step | None:
        voice = await self._find_voice()
        return next_step(self._posts, self._stale, self._wanted(voice.room))

    def _wanted(self, room: int) -> list[Wanted]:
        if self._end is not None:
            text, note, controls = self._end
            return wanted_posts(split(with_note(unmasked(text), note), room) or ["-# …"], controls)
        waiting = f"-# {plain(self._showing.face.name, 80)} is writing…"
        return wanted_posts(split(unmasked(self._text), room) or [waiting], self._showing.controls)

    async def _take(self, step: Step) -> None:
        voice = await self._find_voice()
        match step:
            case Post(wanted):
                await self._post(wanted, voice)
            case Edit(shot, wanted):
                view = discord.utils.MISSING if step.keeps_buttons else reply_view(wanted.controls)
                await voice.edit(shot.id, wanted.content, view)
                shot.content, shot.controls = wanted.content, wanted.controls
            case Delete(shot):
                await self._delete(shot, voice)
        await self._note()

    async def _post(self, wanted: Wanted, voice: Voice) -> None:
        lane = self._stage.lane(self._showing.place)
        before = self._stage.troubles[lane]
        after = self._posts[-1].id if self._posts else self._begun
        try:
            posted = await voice.post(wanted.content, reply_view(wanted.controls))
        except TROUBLE as error:
            if _may_be_done(error):
                self._doubt = _Doubt(after, is_missing=True)
            raise
        self._posts.append(Shot(posted.id, posted.webhook_id, wanted.content, wanted.controls, is_recorded=False))
        if self._stage.troubles[lane] != before:
            # discord.py asks again by itself: there may be a post that nobody has told us of.
            self._doubt = _Doubt(after, is_missing=False)

    async def _settle_doubt(self, doubt: _Doubt) -> None:
        """Finds posts that were made though Discord's answer was lost: one is what we missed, the others go."""
        try:
            posts = await self._stage.list_own_posts(self._showing.place, after=doubt.after)
            claimed = await self._ledger.claimed([post.discord_message_id for post in posts])
        except UserError as error:
            log.warning("display.doubt_stays", kind=type(error).__name__)
            posts, claimed = [], set[int]()
        known = claimed | {shot.id for shot in (*self._posts, *self._stale)}
        lost = [
            Shot(post.discord_message_id, post.webhook_id, is_recorded=False)
            for post in posts
            if post.discord_message_id not in known
        ]
        if doubt.is_missing and lost:
            self._posts.append(lost.pop())
        self._stale += lost
        self._doubt = None
        await self._note()

    async def _take_measured(self, step: Step) -> None:
        since, self._unseen_since = self._unseen_since, None
        try:
            await asyncio.shield(self._take(step))
        except BaseException:
            self._unseen_since = since
            raise
        if since is not None:
            self._stage.services.metrics.shown(time.monotonic() - since)

    async def _delete(self, shot: Shot, voice: Voice) -> None:
        if shot.webhook_id != voice.webhook_id:
            await self._stage.try_delete(self._showing.place, [shot.id])
        else:
            try:
                await voice.delete(shot.id)
            except discord.NotFound as error:
                if error.code != refusals.UNKNOWN_MESSAGE:
                    raise
        (self._stale if shot in self._stale else self._posts).remove(shot)
        self._gone.append(shot.id)

    async def _note(self) -> None:
        """Tells the ledger what it does not know yet; while the database is away it waits for the next step."""
        try:
            for part, shot in enumerate(self._posts):
                if not shot.is_recorded:
                    place_id, message_id = self._showing.place.id, self._showing.message_id
                    shown = Shown(shot.id, message_id, part, place_id, shot.webhook_id)
                    await self._ledger.record(self._showing.chat_id, shown)
                    shot.is_recorded = True
            if self._gone:
                await self._ledger.forget(self._gone)
                self._gone.clear()
        except Unavailable:
            log.warning("display.not_noted", chat=str(self._showing.chat_id))

    # --- who speaks, and what to do when Discord refuses ---------------------------------------------

    async def _find_voice(self) -> Voice:
        """Who speaks; posts of somebody else's cannot be edited, and are given up."""
        if self._voice is None:
            services = self._stage.services
            self._voice = await self._stage.voices.of(services, self._showing.place, self._showing.face)
        if any(shot.webhook_id != self._voice.webhook_id for shot in self._posts):
            self._give_up_posts()
        return self._voice

    def _give_up_posts(self) -> None:
        """The reply is posted again, and these are deleted when it stands."""
        self._stale += self._posts
        self._posts = []

    async def _mend(self, error: Exception) -> bool:
        """Makes another try worth it; False when there is nothing left to try."""
        try:
            if isinstance(error, discord.HTTPException):
                log.warning("display.refused", status=error.status, code=error.code)
                return await self._mend_refusal(error)
            log.warning("display.trouble", kind=type(error).__name__)
        except TROUBLE as another:
            log.warning("display.not_mended", kind=type(another).__name__)
        await asyncio.sleep(TROUBLE_PAUSE)
        return True

    async def _mend_refusal(self, error: discord.HTTPException) -> bool:
        match error.code:
            case refusals.UNKNOWN_CHANNEL:
                return False
            case refusals.THREAD_ARCHIVED:
                return await self._stage.wake(self._showing.place)
            case refusals.UNKNOWN_WEBHOOK | refusals.INVALID_WEBHOOK_TOKEN:
                return await self._forget_webhook()
            case refusals.UNKNOWN_MESSAGE | refusals.OLD_MESSAGE_EDITS:
                self._give_up_posts()
                return True
            case _:
                return await self._mend_by_status(error)

    async def _mend_by_status(self, error: discord.HTTPException) -> bool:
        if error.status == 403 or error.code == refusals.THREAD_LOCKED:
            # The bot itself may have rights here that its webhook lacks.
            was_ours = self._voice is not None and self._voice.webhook_id is None
            self._voice = self._stage.voices.bot(self._showing.place, self._showing.face)
            return not was_ours
        if error.status == 429 or error.status >= 500:
            await asyncio.sleep(min(refusals.retry_after(error, otherwise=TROUBLE_PAUSE), LONGEST_PAUSE))
            return True
        if self._end is None or self._end[1] == NOT_SHOWN:
            return False
        self._end = ("", NOT_SHOWN, self._end[2])
        return True

    async def _forget_webhook(self) -> bool:
        if self._voice is None or self._voice.webhook_id is None:
            return False
        place, webhook_id = self._showing.place, self._voice.webhook_id
        self._voice = None
        await self._stage.voices.webhooks.forget(self._stage.services, place.channel_id, webhook_id)
        return True


def _may_be_done(error: BaseException) -> bool:
    """Whether a request that failed may have been carried out all the same."""
    refused = isinstance(error, discord.HTTPException) and error.status < 500
    return not refused and not isinstance(error, Unavailable)


def _is_old(discord_message_id: int) -> bool:
    age = discord.utils.utcnow() - discord.utils.snowflake_time(discord_message_id)
    return age > EDITABLE
