"""Bringing a person the outcome of a job: below the answer they got, or else by direct message."""

import io
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord

from bot.account.courier import Ticket
from bot.chat.stage import Place
from cogs.ui.stage import DiscordStage
from storage.shown import Shown

NOBODY = discord.AllowedMentions.none()
MOST_REFUSALS = 3
"""After so many refusals in a row the rest of a place's posts are left: they would be refused too."""
_ORIGINAL: Any = "@original"


class DiscordCourier:
    """Fulfils bot.account.courier.Courier with a logged-in client; a gateway is not needed."""

    def __init__(self, client: discord.Client, stage: DiscordStage) -> None:
        self._client = client
        self._stage = stage

    async def update(self, ticket: Ticket, text: str) -> bool:
        """Puts a text in the place of the answer."""
        try:
            await self._answer(ticket).edit_message(_ORIGINAL, content=text, view=None, allowed_mentions=NOBODY)
        except (discord.HTTPException, aiohttp.ClientError):
            return False
        return True

    async def hand_over(self, ticket: Ticket | None, user_id: int, text: str, *, name: str, content: bytes) -> bool:
        """Sends a file, for their eyes only."""
        if ticket is not None:
            try:
                await self._answer(ticket).send(
                    text, file=_file(name, content), ephemeral=True, allowed_mentions=NOBODY, wait=True
                )
            except discord.HTTPException:
                pass  # the quarter of an hour is over
            else:
                return True
        return await self._write(user_id, text, _file(name, content))

    async def tell(self, ticket: Ticket | None, user_id: int, text: str) -> bool:
        """Says the last word."""
        if ticket is not None and await self.update(ticket, text):
            return True
        return await self._write(user_id, text)

    async def remove(self, place: Place, shown: Sequence[Shown]) -> int:
        """Deletes posts: those of our webhooks through them, people's own where we may manage messages."""
        ours = [each for each in shown if each.webhook_id is not None]
        await self._stage.delete(place, ours)
        removed, refused = len(ours), 0
        channel = self._client.get_partial_messageable(place.id)
        for each in shown:
            if each.webhook_id is not None or refused >= MOST_REFUSALS:
                continue
            try:
                await channel.get_partial_message(each.discord_message_id).delete()
            except discord.NotFound:
                refused = 0
            except discord.HTTPException:
                refused += 1
            else:
                removed, refused = removed + 1, 0
        return removed

    def _answer(self, ticket: Ticket) -> discord.Webhook:
        """The webhook that an interaction is until it is a quarter of an hour old."""
        payload: Any = {"id": ticket.application_id, "type": 3, "token": ticket.token}
        return discord.Webhook.from_state(data=payload, state=self._client._connection)  # pyright: ignore[reportPrivateUsage]

    async def _write(self, user_id: int, text: str, file: discord.File = discord.utils.MISSING) -> bool:
        try:
            channel = await self._client.create_dm(discord.Object(user_id))
            await channel.send(text, file=file, allowed_mentions=NOBODY, suppress_embeds=True)
        except discord.HTTPException:
            return False
        return True


def _file(name: str, content: bytes) -> discord.File:
    return discord.File(io.BytesIO(content), name)
