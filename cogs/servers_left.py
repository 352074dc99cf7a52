"""Which servers the bot is in: what belongs to one that sent it away is deleted in the end."""

import discord
from discord.ext import commands

from bot.client import CharacterBot
from bot.retention import Retention


class ServersLeft(commands.Cog):
    """Listens for servers that come and go; an outage of one is neither."""

    def __init__(self, bot: CharacterBot, retention: Retention) -> None:
        self._bot = bot
        self._retention = retention

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was sent away."""
        await self._retention.leave(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited, perhaps again."""
        await self._retention.join(guild.id)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Discord has told all servers of a shard, those with an outage too."""
        present = {guild.id for guild in self._bot.guilds if guild.shard_id == shard_id}
        await self._retention.compare(present, shard_id=shard_id, shard_count=self._bot.shard_count or 1)


async def setup(bot: CharacterBot) -> None:
    """Adds the listeners."""
    await bot.add_cog(ServersLeft(bot, bot.services.retention))
