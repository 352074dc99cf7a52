"""The bot as Discord sees it: loads every cog, syncs the commands, and answers whatever goes wrong."""

import asyncio
import pkgutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
import structlog
import yarl
from discord import app_commands
from discord.ext import commands

from bot.error_replies import explain
from bot.services import Services

COGS = Path(__file__).parent.parent / "cogs"
LAST_SECONDS = 3.0
"""So long a program that closes waits for what it is handling."""
HANDLING = ("CommandTree-invoker", "discord.py: ", "discord-ui-")
"""How discord.py names the tasks in which it handles commands, events, presses and forms."""
HELD_SECONDS = 40.0
"""So long a connection may wait to identify: after sixty discord.py gives it up as dead."""

log = structlog.get_logger()


class Tree(app_commands.CommandTree["CharacterBot"]):
    """The slash commands; every exception becomes words for the person."""

    async def on_error(
        self, interaction: discord.Interaction["CharacterBot"], error: app_commands.AppCommandError, /
    ) -> None:
        """Tells the person."""
        await explain(interaction, error)

    async def interaction_check(self, interaction: discord.Interaction["CharacterBot"], /) -> bool:
        """Keeps out who is banned; `/help` is for everybody."""
        return (interaction.command is not None and interaction.command.name == "help") or await admitted(interaction)


class CharacterBot(commands.AutoShardedBot):
    """The client. `services` must be set before `load_features`."""

    services: Services
    identify_turn: Callable[[int], Awaitable[None]] | None = None
    """Waits until a shard may identify; None while no other process identifies for this bot."""

    def __init__(self, *, message_content: bool, **options: Any) -> None:
        self._turns_taken: set[int] = set()
        intents = discord.Intents(
            guilds=True, guild_messages=True, guild_reactions=True, dm_messages=True, message_content=message_content
        )
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            **options,
        )

    async def load_features(self) -> None:
        """Loads every file of cogs/; the first process tells Discord the commands. The client must be logged in."""
        for module in sorted(pkgutil.iter_modules([str(COGS)], "cogs."), key=lambda each: each.name):
            if not module.ispkg:
                await self.load_extension(module.name)
        if self.is_first:
            await self.tree.sync()
            await self._sync_operator_guild()

    @property
    def is_first(self) -> bool:
        """Whether this process has shard 0, and with it what one process alone does."""
        return not self.shard_ids or 0 in self.shard_ids

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Waits for the shard's turn before it connects: at the start of many the wait may be long."""
        if self.identify_turn is not None:
            await self.identify_turn(shard_id)
            self._turns_taken.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits for the shard's turn, unless it has just been taken; discord.py comes again after a TimeoutError."""
        if self.identify_turn is None:
            await super().before_identify_hook(shard_id, initial=initial)
        elif shard_id in self._turns_taken:
            self._turns_taken.discard(shard_id)
        else:
            await asyncio.wait_for(self.identify_turn(shard_id or 0), HELD_SECONDS)

    async def leave(self) -> None:
        """Hears nothing new, and waits a moment until what was heard has been handled."""
        for shard in self.shards.values():
            await shard.disconnect()
        handled = [task for task in asyncio.all_tasks() if task.get_name().startswith(HANDLING)]
        if handled:
            await asyncio.wait(handled, timeout=LAST_SECONDS)

    async def _sync_operator_guild(self) -> None:
        """Tells Discord the operator's commands; the rest works without, so a refusal is logged alone."""
        guild_id = self.services.operator_guild
        if guild_id is None:
            return
        try:
            await self.tree.sync(guild=discord.Object(guild_id))
        except (discord.Forbidden, discord.NotFound):
            words = "the bot is not in OPERATOR_GUILD, so /operator is missing: invite it there and start again"
            log.warning("operator.not_synced", guild=guild_id, words=words)

    async def on_message(self, message: discord.Message, /) -> None:
        """Nothing: there are no text commands, and cogs/chat.py listens for itself."""


async def admitted(interaction: discord.Interaction) -> bool:
    """Whether this person may use the bot here; where not, they have been told."""
    try:
        user = interaction.user
        await services_of(interaction).bans.admit(user_id=user.id, username=user.name, guild_id=interaction.guild_id)
    except Exception as error:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        else:
            await explain(interaction, error)
        return False
    return True


def services_of(interaction: discord.Interaction) -> Services:
    """The services behind an interaction with our bot."""
    client = interaction.client
    assert isinstance(client, CharacterBot)  # noqa: S101 - no other client is ever made
    return client.services
