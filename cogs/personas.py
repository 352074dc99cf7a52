"""/persona: who I am in a scene."""

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.characters.catalogue import Characters
from bot.client import CharacterBot
from bot.personas import Personas
from cogs.ui.callers import caller_of
from cogs.ui.identities import (
    IDENTITY_ITEMS,
    clear_here,
    default_choices,
    look_here,
    play_as_here,
    set_default,
    show_who,
    use_here,
)
from cogs.ui.pickers import names_as_choices
from cogs.ui.reactions import take_in_reaction
from cogs.ui.wardrobe import WARDROBE_ITEMS, PersonaForm, ask_to_delete, show_persona, show_wardrobe

Choices = list[app_commands.Choice[str]]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class PersonaCommands(commands.GroupCog, group_name="persona", group_description="Who you are in a scene"):
    """One's own personas, and who one is where."""

    def __init__(self, bot: CharacterBot, characters: Characters, personas: Personas) -> None:
        self._bot = bot
        self._characters = characters
        self._personas = personas

    @app_commands.command()
    async def create(self, interaction: discord.Interaction) -> None:
        """Make a persona: a name, and who that is."""
        await interaction.response.send_modal(PersonaForm("who", None))

    @app_commands.command()
    @app_commands.describe(persona="Which of yours")
    async def edit(self, interaction: discord.Interaction, persona: str) -> None:
        """Edit one of your personas; what was said before keeps its name."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_persona(interaction, persona)

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction) -> None:
        """See who you can be."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_wardrobe(interaction)

    @app_commands.command()
    @app_commands.describe(persona="Which of yours; without one: who you are here")
    async def show(self, interaction: discord.Interaction, persona: str | None = None) -> None:
        """See one of your personas, or who you are here."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await (show_persona(interaction, persona) if persona else show_who(interaction))

    @app_commands.command()
    @app_commands.describe(persona="Which of yours")
    async def delete(self, interaction: discord.Interaction, persona: str) -> None:
        """Delete one of your personas; asks first."""
        await ask_to_delete(interaction, persona)

    @app_commands.command()
    @app_commands.describe(persona="Which of yours")
    async def use(self, interaction: discord.Interaction, persona: str) -> None:
        """Be one of your personas in this chat."""
        await use_here(interaction, persona)

    @app_commands.command(name="play-as")
    @app_commands.describe(character="Whom you want to be")
    async def play_as(self, interaction: discord.Interaction, character: str) -> None:
        """Be a character in this chat."""
        await play_as_here(interaction, character)

    @app_commands.command()
    async def clear(self, interaction: discord.Interaction) -> None:
        """Be yourself again in this chat."""
        await clear_here(interaction)

    @app_commands.command()
    @app_commands.describe(persona="Which of yours, or none")
    async def default(self, interaction: discord.Interaction, persona: str) -> None:
        """Choose who you are in new chats."""
        await set_default(interaction, persona)

    @app_commands.command()
    @app_commands.describe(shown="On: your messages appear under the name and face of whom you are")
    async def look(self, interaction: discord.Interaction, shown: Literal["on", "off"]) -> None:
        """Show what you write under the name and face of whom you are here."""
        await look_here(interaction, on=shown == "on")

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Tells who wrote what is shown under another name, or takes it away."""
        await take_in_reaction(self._bot, payload)

    @edit.autocomplete("persona")
    @show.autocomplete("persona")
    @delete.autocomplete("persona")
    @use.autocomplete("persona")
    async def _mine(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._personas.names(caller_of(interaction), typed))

    @default.autocomplete("persona")
    async def _mine_or_none(self, interaction: discord.Interaction, typed: str) -> Choices:
        found = await self._personas.names(caller_of(interaction), typed)
        return names_as_choices(default_choices(found, typed))

    @play_as.autocomplete("character")
    async def _visible(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed))


async def setup(bot: CharacterBot) -> None:
    """Adds the commands and what they leave behind."""
    bot.add_dynamic_items(*WARDROBE_ITEMS, *IDENTITY_ITEMS)
    await bot.add_cog(PersonaCommands(bot, bot.services.characters, bot.services.personas))
