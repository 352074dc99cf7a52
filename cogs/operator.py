"""/operator: what whoever hosts the program decides, in one server alone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.bans import Bans
from bot.characters.catalogue import Characters
from bot.characters.reports import Reports
from bot.client import CharacterBot
from cogs.ui.callers import caller_of
from cogs.ui.dockets import OPERATOR_DOCKET_ITEMS, ban_everywhere, show_reports
from cogs.ui.pickers import names_as_choices
from cogs.ui.status import STATUS_ITEMS, show_status
from cogs.ui.text import plain

Choices = list[app_commands.Choice[str]]
Reason = app_commands.Range[str, 1, 500]


@app_commands.default_permissions(manage_guild=True)
class OperatorCommands(commands.GroupCog, group_name="operator", group_description="For whoever hosts this bot"):
    """What holds everywhere."""

    def __init__(self, reports: Reports, bans: Bans, characters: Characters) -> None:
        self._reports = reports
        self._bans = bans
        self._characters = characters

    @app_commands.command(name="reports")
    async def reports_(self, interaction: discord.Interaction) -> None:
        """Look at what was reported anywhere."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_reports(interaction, operator=True)

    @app_commands.command()
    @app_commands.describe(character="Which one; by its id where it is not public", reason="Its author reads it")
    async def takedown(self, interaction: discord.Interaction, character: str, reason: Reason) -> None:
        """Take a character down everywhere; running chats stop."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        gone = await self._reports.take_down(caller_of(interaction), character, reason)
        words = f"{plain(gone.name, 160)} is taken down: it plays nowhere, and its author reads why."
        await interaction.followup.send(words, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(character="Which one")
    async def restore(self, interaction: discord.Interaction, character: str) -> None:
        """Let the author publish a character again that was taken down."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        back = await self._reports.restore(caller_of(interaction), character)
        await interaction.followup.send(
            f"{plain(back.name, 160)} may be published again by its author.", ephemeral=True
        )

    @app_commands.command()
    @app_commands.describe(person="Whom; by their id where they are not here", reason="They read it")
    async def ban(self, interaction: discord.Interaction, person: discord.User, reason: Reason) -> None:
        """Keep a person from using this bot anywhere, and take back what they published."""
        words = await ban_everywhere(interaction, person.id, person.name, reason)
        await interaction.response.send_message(words, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(person="Whom")
    async def unban(self, interaction: discord.Interaction, person: discord.User) -> None:
        """Let a person use this bot again."""
        lifted = await self._bans.unban_everywhere(caller_of(interaction), person.id)
        words = f"{plain(person.name, 64)} {'may use this bot again' if lifted else 'is not banned everywhere'}."
        await interaction.response.send_message(words, ephemeral=True)

    @app_commands.command()
    async def status(self, interaction: discord.Interaction) -> None:
        """How the bot is doing: replies, jobs, shards, versions."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_status(interaction)

    @takedown.autocomplete("character")
    async def _public(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.public_names(caller_of(interaction), typed))

    @restore.autocomplete("character")
    async def _taken_down(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._reports.taken_down_names(caller_of(interaction), typed))


async def setup(bot: CharacterBot) -> None:
    """Adds the commands to the operator's own server, where one is named."""
    services = bot.services
    bot.add_dynamic_items(*OPERATOR_DOCKET_ITEMS, *STATUS_ITEMS)
    if services.operator_guild is not None:
        cog = OperatorCommands(services.reports, services.bans, services.characters)
        await bot.add_cog(cog, guild=discord.Object(services.operator_guild))
