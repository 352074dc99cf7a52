"""One webhook a channel, made when it is first needed; requests for the same one share its making."""

import asyncio

import discord

import storage.webhooks
from bot.services import Services
from cogs.ui.assets import default_face
from cogs.ui.refusals import TOO_MANY_WEBHOOKS
from storage.webhooks import Webhook as Stored

NAME = "Dramatis"


class Webhooks:
    """The webhooks through which characters speak."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._making: dict[int, asyncio.Task[discord.Webhook | None]] = {}
        self._known: dict[int, discord.Webhook] = {}

    async def of(self, services: Services, guild_id: int, channel_id: int) -> discord.Webhook | None:
        """The channel's webhook, None where Discord allows none; discord.HTTPException when it has trouble."""
        known = self._known.get(channel_id)
        if known is not None:
            return known
        if channel_id not in self._making:
            task = asyncio.create_task(self._find_or_make(services, guild_id, channel_id))
            self._making[channel_id] = task
            task.add_done_callback(lambda _: self._making.pop(channel_id, None))
        return await asyncio.shield(self._making[channel_id])

    def channel_of(self, webhook_id: int) -> int | None:
        """The channel whose webhook this is, as far as it was used since the start."""
        return next((channel for channel, known in self._known.items() if known.id == webhook_id), None)

    async def forget(self, services: Services, channel_id: int, webhook_id: int) -> None:
        """The webhook is gone from Discord: the next to ask makes another."""
        known = self._known.get(channel_id)
        if known is not None and known.id == webhook_id:
            del self._known[channel_id]
        async with services.database.transaction() as session:
            await storage.webhooks.forget_webhook(session, channel_id=channel_id, webhook_id=webhook_id)

    async def _find_or_make(self, services: Services, guild_id: int, channel_id: int) -> discord.Webhook | None:
        async with services.database.transaction() as session:
            stored = await storage.webhooks.find_webhook(session, channel_id)
        if stored is None:
            stored = await self._make(channel_id) if self._may_make(channel_id) else None
            if stored is None:
                return None
            async with services.database.transaction() as session:
                await storage.webhooks.save_webhook(session, stored, guild_id)
        # With the client's state a webhook may send and edit buttons.
        webhook = discord.Webhook.partial(stored.webhook_id, stored.token, client=self._client)
        self._known[channel_id] = webhook
        return webhook

    def _may_make(self, channel_id: int) -> bool:
        """Whether asking is worth it: Discord blocks addresses that are refused too often."""
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel):
            return True
        return channel.permissions_for(channel.guild.me).manage_webhooks

    async def _make(self, channel_id: int) -> Stored | None:
        try:
            made = await self._client.http.create_webhook(channel_id, name=NAME, avatar=default_face())  # pyright: ignore[reportArgumentType]
        except discord.HTTPException as error:
            if error.status == 403 or error.code == TOO_MANY_WEBHOOKS:
                return None
            raise
        return Stored(channel_id, int(made["id"]), made.get("token", ""))
