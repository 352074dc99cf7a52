"""How a character's words reach Discord: by the channel's webhook under its own name, else by the bot."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from bot.chat.stage import Face, Place
from bot.errors import Unavailable
from bot.services import Services
from cogs.ui.faces import Faces
from cogs.ui.names import SAFE, speakable
from cogs.ui.parts import LIMIT
from cogs.ui.refusals import is_name_refused
from cogs.ui.text import units
from cogs.ui.webhooks import Webhooks

NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Posted:
    """A post that was made: its id, and the webhook's unless the bot itself spoke."""

    id: int
    webhook_id: int | None


class Voice(Protocol):
    """Posts and edits under one face in one place."""

    room: int
    """How many characters of the reply fit one post."""
    webhook_id: int | None
    """The webhook that speaks, None for the bot itself: the others' posts cannot be edited by this voice."""

    async def post(self, content: str, view: discord.ui.View | None) -> Posted:
        """A new message."""
        ...

    async def edit(self, post_id: int, content: str, view: discord.ui.View | None) -> None:
        """Another text for a message; `discord.utils.MISSING` leaves its buttons as they are."""
        ...

    async def delete(self, post_id: int) -> None:
        """Removes a message."""
        ...


class WebhookVoice:
    """A character under its own name and avatar."""

    room = LIMIT

    def __init__(self, webhook: discord.Webhook, place: Place, face: Face, services: Services, faces: Faces) -> None:
        self.webhook_id: int | None = webhook.id
        self._webhook = webhook
        self._place = place
        self._face = face
        self._services = services
        self._faces = faces
        self._name = speakable(face.name)

    @property
    def _thread(self) -> discord.abc.Snowflake:
        return discord.Object(self._place.thread_id) if self._place.thread_id else discord.utils.MISSING

    async def post(self, content: str, view: discord.ui.View | None) -> Posted:
        """A reply's new message by the webhook."""
        return await self._post(content, view=view or discord.utils.MISSING, suppress_embeds=True)

    async def wear(self, content: str, files: Sequence[tuple[str, bytes]]) -> Posted:
        """A person's words as a message by the webhook; unlike in a reply, what their links lead to is shown.

        By that difference looks and replies are told apart.
        """
        return await self._post(content, files)

    async def _post(self, content: str, files: Sequence[tuple[str, bytes]] = (), **options: Any) -> Posted:
        """A new message; an avatar that Discord could not fetch is looked up for the next."""
        avatar = await self._faces.address(self._services, self._face.avatar, self._place.id)
        try:
            message = await self._send(content, files, avatar, **options)
        except discord.HTTPException as error:
            if not is_name_refused(error) or self._name == SAFE:
                raise
            self._name = SAFE
            message = await self._send(content, files, avatar, **options)
        if avatar and self._face.avatar and message.author.avatar is None:
            # The post stands, whatever becomes of this: it must not be made again.
            with contextlib.suppress(Unavailable, discord.HTTPException, OSError):
                await self._faces.renew(self._services, self._face.avatar, self._place.id)
        return Posted(message.id, self.webhook_id)

    async def edit(self, post_id: int, content: str, view: discord.ui.View | None) -> None:
        """Another text for one of the webhook's messages."""
        await self._webhook.edit_message(
            post_id,
            content=content,
            view=view,
            thread=self._thread,
            allowed_mentions=NOBODY,
        )

    async def delete(self, post_id: int) -> None:
        """Removes one of the webhook's messages."""
        await self._webhook.delete_message(post_id, thread=self._thread)

    async def _send(
        self, content: str, files: Sequence[tuple[str, bytes]], avatar: str | None, **options: Any
    ) -> discord.WebhookMessage:
        return await self._webhook.send(
            content or discord.utils.MISSING,
            username=self._name,
            avatar_url=avatar or discord.utils.MISSING,
            thread=self._thread,
            files=[discord.File(io.BytesIO(whole), name) for name, whole in files] or discord.utils.MISSING,
            allowed_mentions=NOBODY,
            wait=True,
            **options,
        )


class BotVoice:
    """The bot itself, with the character's name as a bold first line: in direct messages, or without webhooks."""

    webhook_id: int | None = None

    def __init__(self, client: discord.Client, place: Place, face: Face) -> None:
        self._channel = client.get_partial_messageable(place.id)
        self._line = f"**{discord.utils.escape_markdown(speakable(face.name))}**\n"
        self.room = LIMIT - units(self._line)

    async def post(self, content: str, view: discord.ui.View | None) -> Posted:
        """A new message by the bot."""
        message = await self._channel.send(
            self._line + content,
            view=view or discord.utils.MISSING,  # pyright: ignore[reportArgumentType]
            allowed_mentions=NOBODY,
            suppress_embeds=True,
        )
        return Posted(message.id, None)

    async def edit(self, post_id: int, content: str, view: discord.ui.View | None) -> None:
        """Another text for one of the bot's messages."""
        message = self._channel.get_partial_message(post_id)
        if view is discord.utils.MISSING:
            await message.edit(content=self._line + content, allowed_mentions=NOBODY)
        else:
            await message.edit(content=self._line + content, view=view, allowed_mentions=NOBODY)  # pyright: ignore[reportArgumentType]

    async def delete(self, post_id: int) -> None:
        """Removes one of the bot's messages."""
        await self._channel.get_partial_message(post_id).delete()


def without_name_line(content: str) -> str | None:
    """What a character said in a post by the bot, None when it has no bold first line and so is no character's."""
    first, _, rest = content.partition("\n")
    return rest if len(first) > 4 and first.startswith("**") and first.endswith("**") else None


class Voices:
    """Finds the voice for a face in a place."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self.webhooks = Webhooks(client)
        self.faces = Faces(client)

    async def of(self, services: Services, place: Place, face: Face) -> Voice:
        """The webhook's voice, or the bot's own where there may be no webhook."""
        if place.guild_id is None:
            return self.bot(place, face)
        webhook = await self.webhooks.of(services, place.guild_id, place.channel_id)
        if webhook is None:
            return self.bot(place, face)
        return WebhookVoice(webhook, place, face, services, self.faces)

    def bot(self, place: Place, face: Face) -> BotVoice:
        """The bot's own voice."""
        return BotVoice(self._client, place, face)
