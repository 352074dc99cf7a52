"""/help: what can be done here and now, and what is missing for the rest."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import CharacterBot
from cogs.ui.helping import HelpView, look_around


class Help(commands.Cog):
    """What can I do here?"""

    def __init__(self, bot: CharacterBot) -> None:
        self._bot = bot

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def help(self, interaction: discord.Interaction) -> None:
        """What you can do here, now."""
        situation = await look_around(interaction, self._bot)
        await interaction.response.send_message(view=HelpView(situation), ephemeral=True)


async def setup(bot: CharacterBot) -> None:
    """Adds the command."""
    await bot.add_cog(Help(bot))
