"""/workbench: better texts and publishing, in one panel."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.characters.catalogue import Characters
from bot.client import CharacterBot
from cogs.ui.callers import caller_of
from cogs.ui.pickers import names_as_choices
from cogs.ui.workbench import WORKBENCH_ITEMS, open_workbench


class Workbench(commands.Cog):
    """Where authors work on their characters."""

    def __init__(self, characters: Characters) -> None:
        self._characters = characters

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(character="Which of yours; without it you choose from a list")
    async def workbench(self, interaction: discord.Interaction, character: str = "") -> None:
        """Improve one of your characters with the model's help, and publish it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await open_workbench(interaction, character)

    @workbench.autocomplete("character")
    async def _owned(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed, owned_only=True))


async def setup(bot: CharacterBot) -> None:
    """Adds the command and the buttons it leaves behind."""
    bot.add_dynamic_items(*WORKBENCH_ITEMS)
    await bot.add_cog(Workbench(bot.services.characters))
