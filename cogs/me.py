"""/me: what is mine."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import CharacterBot
from cogs.ui.account import ACCOUNT_ITEMS, ask_delete_me, send_export
from cogs.ui.preferences import PREFERENCES_ITEMS, show_preferences
from cogs.ui.usage import DAYS, USAGE_ITEMS, USUAL_DAYS, show_usage


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class MyCommands(commands.GroupCog, group_name="me", group_description="What is yours here"):
    """What I used, what I prefer, and all that is mine."""

    @app_commands.command()
    @app_commands.describe(days="How far back")
    @app_commands.choices(days=DAYS)
    async def usage(self, interaction: discord.Interaction, days: int = USUAL_DAYS) -> None:
        """See how many replies and tokens you used, in all servers."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_usage(interaction, "me", days)

    @app_commands.command()
    async def preferences(self, interaction: discord.Interaction) -> None:
        """Choose how news reach you, your time zone, and how new chats begin."""
        await show_preferences(interaction)

    @app_commands.command()
    async def export(self, interaction: discord.Interaction) -> None:
        """Take along everything that is yours, as zip files that open without me."""
        await send_export(interaction)

    @app_commands.command()
    async def delete(self, interaction: discord.Interaction) -> None:
        """Delete everything that is yours; asks first, and says what it means."""
        await ask_delete_me(interaction)


async def setup(bot: CharacterBot) -> None:
    """Adds the commands and what they leave behind."""
    bot.add_dynamic_items(*USAGE_ITEMS, *PREFERENCES_ITEMS, *ACCOUNT_ITEMS)
    await bot.add_cog(MyCommands())
