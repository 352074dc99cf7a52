"""What a chat asks of Discord, done: threads, starter cards, replies and hints."""

import asyncio
import contextlib
import io
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import discord

from bot.chat.stage import Divider, Face, Ledger, Look, Looked, Opening, Place, Post, Showing
from bot.errors import Invalid
from bot.services import Services
from cogs.ui.assets import mask
from cogs.ui.cards import avatar_name
from cogs.ui.display import TROUBLE, DiscordDisplay
from cogs.ui.dividers import divider_text
from cogs.ui.edits import EditScheduler
from cogs.ui.looks import reword, show_look
from cogs.ui.parts import without_small_print
from cogs.ui.refusals import told
from cogs.ui.reply_buttons import reply_view
from cogs.ui.starter import StarterCard
from cogs.ui.voices import NOBODY, Voice, Voices, without_name_line
from storage.shown import Shown

WRONG_CHANNEL = "Chats open in text channels, forums and direct messages. Try it in one of those."
WEEK_MINUTES = 7 * 24 * 60
LAST_WORDS_SECONDS = 15.0
RENAME_SECONDS = 10.0
MOST_POSTS = 200


class DiscordStage:
    """Fulfils bot.chat.stage.Stage with a logged-in client; a gateway is not needed."""

    def __init__(self, client: discord.Client, *, say_button: bool, haste: float = 1.0) -> None:
        """`haste` above 1 is for a server that counts no requests."""
        self._client = client
        self._say_button = say_button
        self.scheduler = EditScheduler(haste=haste)
        self.voices = Voices(client)
        self._looked_at: dict[int, bool] = {}
        self.troubles: Counter[int] = Counter()
        """How many posts of a lane (a channel) may have been made without our knowing."""
        self._services: Services | None = None
        self._displays: dict[asyncio.Task[bool], int] = {}

    @property
    def services(self) -> Services:
        """The services, once they are open."""
        assert self._services is not None  # noqa: S101 - `attach` comes before any chat
        return self._services

    def attach(self, services: Services) -> None:
        """Takes the services, which were opened with this stage."""
        self._services = services

    @staticmethod
    def lane(place: Place) -> int:
        """Whose budget a request in this place is taken from: the channel's, for it has one webhook."""
        return place.channel_id

    def hear_budget(self, webhook_id: int, *, remaining: float, reset_after: float) -> None:
        """What Discord's headers said about a webhook of ours."""
        channel_id = self.voices.webhooks.channel_of(webhook_id)
        if channel_id is not None:
            self.scheduler.hear(channel_id, remaining=remaining, reset_after=reset_after)

    def hear_trouble(self, webhook_id: int) -> None:
        """A request to a webhook of ours may have been carried out though we were not told so."""
        channel_id = self.voices.webhooks.channel_of(webhook_id)
        if channel_id is not None:
            self.troubles[channel_id] += 1

    def hear_refusal(self) -> None:
        """Discord answered 429."""
        if self._services is not None:
            self._services.metrics.refused_by_discord()

    async def open(self, opening: Opening) -> Place:
        """Opens the thread with its starter card."""
        starter = StarterCard(opening, say_button=self._say_button)
        files = await self._avatar(opening)
        if opening.place.guild_id is None:
            with told("write to you"):
                channel = self._client.get_partial_messageable(opening.place.id)
                await channel.send(view=starter, files=files, allowed_mentions=NOBODY)
            return opening.place
        return await self._open_thread(opening, starter, files)

    async def _open_thread(self, opening: Opening, starter: StarterCard, files: list[discord.File]) -> Place:
        place, name = opening.place, opening.title[:100]
        with told("open threads here"):
            channel = self._client.get_channel(place.channel_id) or await self._client.fetch_channel(place.channel_id)
            if isinstance(channel, discord.ForumChannel):
                made = await channel.create_thread(
                    name=name,
                    view=starter,
                    files=files,
                    allowed_mentions=NOBODY,
                    auto_archive_duration=WEEK_MINUTES,
                )
                thread, message = made.thread, made.message
            elif isinstance(channel, discord.TextChannel):
                kind = discord.ChannelType.private_thread if opening.private else discord.ChannelType.public_thread
                thread = await channel.create_thread(
                    name=name, type=kind, auto_archive_duration=WEEK_MINUTES, invitable=True
                )
                message = await self._start(thread, opening, starter, files)
            else:
                raise Invalid(WRONG_CHANNEL)
        if opening.character.avatar:
            await self.voices.faces.remember(self.services, message, opening.character.avatar)
        return Place(place.guild_id, place.channel_id, thread.id)

    async def _start(
        self, thread: discord.Thread, opening: Opening, starter: StarterCard, files: list[discord.File]
    ) -> discord.Message:
        try:
            await thread.add_user(discord.Object(opening.owner_id))
            return await thread.send(view=starter, files=files, allowed_mentions=NOBODY)
        except discord.HTTPException:
            # A thread without its card would stand there for nothing.
            with contextlib.suppress(discord.HTTPException):
                await thread.delete()
            raise

    async def _avatar(self, opening: Opening) -> list[discord.File]:
        # The whole avatar, not the small one of the cards: webhooks take it from here.
        avatar = opening.character.avatar
        picture = await self.services.avatars.read(avatar) if avatar else None
        return [discord.File(io.BytesIO(picture or mask()), avatar_name(opening.character))]

    def display(self, showing: Showing, ledger: Ledger) -> DiscordDisplay:
        """Shows a reply from now on."""
        display = DiscordDisplay(self, showing, ledger)
        self._displays[display.task] = showing.place.id
        display.task.add_done_callback(self._displays.pop)
        return display

    async def say(self, place: Place, text: str) -> None:
        """Says something in the bot's own voice."""
        with contextlib.suppress(discord.HTTPException):
            channel = self._client.get_partial_messageable(place.id)
            await channel.send(text, allowed_mentions=NOBODY, suppress_embeds=True)

    async def show_look(self, look: Look, ledger: Ledger) -> Looked:
        """Shows a person's words under another name and face, in the place of their own post."""
        return await show_look(self, self._client, look, ledger)

    async def reword(self, place: Place, shown: Sequence[Shown], text: str) -> bool:
        """Puts other words into posts that show a person's under another name."""
        return await reword(self, place, shown, text)

    async def divide(self, place: Place, divider: Divider) -> int | None:
        """Draws a line across the thread."""
        channel = self._client.get_partial_messageable(place.id)
        view = reply_view(divider.controls) or discord.utils.MISSING
        try:
            post = await channel.send(
                divider_text(place, divider), view=view, allowed_mentions=NOBODY, suppress_embeds=True
            )
        except discord.HTTPException:
            return None
        return post.id

    async def delete(self, place: Place, shown: Sequence[Shown]) -> None:
        """Deletes posts, through the webhook that made them or as the bot."""
        voices: dict[int, Voice] = {}
        for each in shown:
            with contextlib.suppress(*TROUBLE):
                if each.webhook_id is None:
                    await self.try_delete(place, [each.discord_message_id])
                    continue
                if each.webhook_id not in voices:
                    voices[each.webhook_id] = await self.voices.of(self.services, place, Face("", None))
                await voices[each.webhook_id].delete(each.discord_message_id)

    async def rename(self, place: Place, title: str) -> None:
        """Calls a thread by another title; Discord allows two in ten minutes, so we do not wait for a third."""
        if place.thread_id is not None:
            with contextlib.suppress(discord.HTTPException, TimeoutError):
                async with asyncio.timeout(RENAME_SECONDS):
                    await self._client.http.edit_channel(place.thread_id, name=title[:100])

    def is_age_restricted(self, place: Place) -> bool:
        """Whether Discord shows this place to adults alone; a thread is as restricted as the channel above it."""
        if place.guild_id is None:
            return False
        channel = self._client.get_channel(place.channel_id)
        return _is_restricted(channel) if channel is not None else self._looked_at.get(place.channel_id, False)

    async def look_at(self, place: Place) -> None:
        """Asks Discord about a channel of a shard that another process has."""
        if place.guild_id is not None and self._client.get_channel(place.channel_id) is None:
            with contextlib.suppress(discord.HTTPException):
                self._looked_at[place.channel_id] = _is_restricted(await self._client.fetch_channel(place.channel_id))

    async def write_to(self, user_id: int, text: str) -> bool:
        """Sends a direct message; False when the person takes none from us."""
        return await write_to(self._client, user_id, text)

    async def list_own_posts(self, place: Place, *, after: int | None, since: datetime | None = None) -> list[Post]:
        """What a character said here, by our webhook or by us, without what we add to a reply."""
        starts = [after] if after else []
        starts += [discord.utils.time_snowflake(since)] if since else []
        with told("read this thread"):
            found = await self._history(place, min(starts) if starts else None)
        posts = ((message, self._said(message)) for message in found)
        return [Post(each.id, each.webhook_id, without_small_print(said)) for each, said in posts if said is not None]

    async def list_looks(self, place: Place, *, after: int) -> list[Post]:
        """What people said here under another name after a post."""
        found = await self._history(place, after)
        return [Post(each.id, each.webhook_id, each.content) for each in found if self._is_look(each)]

    async def _history(self, place: Place, after: int | None) -> list[discord.Message]:
        channel = self._client.get_partial_messageable(place.id)
        start = discord.Object(after) if after else None
        return [each async for each in channel.history(after=start, oldest_first=True, limit=MOST_POSTS)]

    def _said(self, message: discord.Message) -> str | None:
        """What a character said in a message of ours, None when it is none."""
        if message.flags.components_v2 or message.interaction_metadata is not None or self._is_look(message):
            return None
        if message.webhook_id is not None:
            return message.content if message.application_id == self._client.application_id else None
        if self._client.user is None or message.author.id != self._client.user.id:
            return None
        return without_name_line(message.content)

    def _is_look(self, message: discord.Message) -> bool:
        """Whether a message shows a person's words: a reply's posts show no previews of links, a look's do."""
        is_ours = message.webhook_id is not None and message.application_id == self._client.application_id
        return is_ours and not message.flags.suppress_embeds and message.interaction_metadata is None

    async def wake(self, place: Place) -> bool:
        """Takes a thread out of the archive; False when that may not be."""
        if place.thread_id is None:
            return False
        try:
            await self._client.http.edit_channel(place.thread_id, archived=False)
        except discord.HTTPException:
            return False
        return True

    async def try_delete(self, place: Place, post_ids: list[int]) -> None:
        """Deletes posts as the bot, where it may."""
        channel = self._client.get_partial_messageable(place.id)
        for post_id in post_ids:
            with contextlib.suppress(discord.HTTPException):
                await channel.get_partial_message(post_id).delete()

    async def close(self, place: Place) -> None:
        """Archives a thread whose chat has ended, once the last words stand: they would wake it again."""
        if place.thread_id is not None:
            running = [task for task, place_id in self._displays.items() if place_id == place.id]
            if running:
                await asyncio.wait(running, timeout=LAST_WORDS_SECONDS)
            with contextlib.suppress(discord.HTTPException):
                await self._client.http.edit_channel(place.thread_id, archived=True)


def _is_restricted(channel: object) -> bool:
    return isinstance(channel, discord.TextChannel | discord.ForumChannel) and channel.is_nsfw()


async def write_to(client: discord.Client, user_id: int, text: str) -> bool:
    """Sends a direct message; False when the person takes none from us."""
    try:
        channel = await client.create_dm(discord.Object(user_id))
        await channel.send(text, allowed_mentions=NOBODY, suppress_embeds=True)
    except discord.HTTPException:
        return False
    return True
