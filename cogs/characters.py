"""/character: the marketplace and the workshop."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.characters.catalogue import Characters
from bot.characters.imports import Imports
from bot.client import CharacterBot
from cogs.ui.callers import caller_of
from cogs.ui.details import GreetingButton
from cogs.ui.editor import EDITOR_ITEMS, published_words, show_editor, taken_back_words
from cogs.ui.exporting import FORMATS, ExportButton, hand_out
from cogs.ui.forms import names_form
from cogs.ui.importing import SaveImportButton, SaveLoreButton, read_upload, show_preview
from cogs.ui.launching import start_chat
from cogs.ui.lore_book import LORE_ITEMS
from cogs.ui.manager import MANAGER_ITEMS, ask_delete, open_manager
from cogs.ui.notices import NOTICE_ITEMS
from cogs.ui.pickers import PICKER_ITEMS, names_as_choices, open_picker, show_details, tags_as_choices
from cogs.ui.reporting import ReportButton, report

Choices = list[app_commands.Choice[str]]
WHERE = [
    app_commands.Choice(name="Everywhere", value="everywhere"),
    app_commands.Choice(name="This server alone", value="here"),
]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class CharacterCommands(commands.GroupCog, group_name="character", group_description="Find and make characters"):
    """The marketplace and the workshop."""

    def __init__(self, characters: Characters, imports: Imports) -> None:
        self._characters = characters
        self._imports = imports

    @app_commands.command()
    @app_commands.describe(
        search="Words from a name, a description or a tag",
        tag="Tags; a minus leaves one out: pirates, -horror",
    )
    async def pick(
        self,
        interaction: discord.Interaction,
        search: app_commands.Range[str, 0, 100] = "",
        tag: app_commands.Range[str, 0, 100] = "",
    ) -> None:
        """Pick a character and start a chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await open_picker(interaction, search, tag)

    @app_commands.command()
    @app_commands.describe(
        character="Whom you want to meet",
        private="Only you and those you add see the thread",
        version="Keep to this version; without it the chat follows the newest",
    )
    async def start(
        self,
        interaction: discord.Interaction,
        character: str,
        private: bool = False,
        version: app_commands.Range[int, 1, 1_000_000] | None = None,
    ) -> None:
        """Start a chat with a character at once."""
        await start_chat(interaction, character, private=private, version=version)

    @app_commands.command()
    @app_commands.describe(character="Whose card")
    async def show(self, interaction: discord.Interaction, character: str) -> None:
        """Show one character's card."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_details(interaction, character)

    @app_commands.command()
    async def manage(self, interaction: discord.Interaction) -> None:
        """Edit, publish or delete your own characters."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await open_manager(interaction)

    @app_commands.command()
    async def create(self, interaction: discord.Interaction) -> None:
        """Make a character of your own."""
        await interaction.response.send_modal(names_form(None))

    @app_commands.command()
    @app_commands.describe(character="Which of yours")
    async def edit(self, interaction: discord.Interaction, character: str) -> None:
        """Edit one of your characters."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_editor(interaction, character)

    @app_commands.command(name="import")
    @app_commands.describe(file="A character card (PNG, JSON, CHARX, YAML, JPEG, WebP) or a book of lore")
    async def import_(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        """Bring in a character from a card file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        preview = await self._imports.preview(caller_of(interaction), await read_upload(file), file.filename)
        await show_preview(interaction, preview)

    @app_commands.command()
    @app_commands.describe(character="Which of yours", where="Everywhere unless you say this server")
    @app_commands.choices(where=WHERE)
    async def publish(self, interaction: discord.Interaction, character: str, where: str = "everywhere") -> None:
        """Let everybody find one of your characters."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        published = await self._characters.publish(caller_of(interaction), character, here_only=where == "here")
        await interaction.followup.send(published_words(published), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(character="Which of yours")
    async def unpublish(self, interaction: discord.Interaction, character: str) -> None:
        """Take one of your characters back."""
        taken_back = await self._characters.unpublish(caller_of(interaction), character)
        await interaction.response.send_message(taken_back_words(taken_back), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(character="Which of yours")
    async def delete(self, interaction: discord.Interaction, character: str) -> None:
        """Delete one of your characters; asks first."""
        await ask_delete(interaction, character)

    @app_commands.command()
    @app_commands.describe(character="Which one", format_="PNG unless you say another")
    @app_commands.rename(format_="format")
    @app_commands.choices(format_=[app_commands.Choice(name=label, value=key) for key, (_, label) in FORMATS.items()])
    async def export(self, interaction: discord.Interaction, character: str, format_: str = "png") -> None:
        """Take a character along as a card file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await hand_out(interaction, character, format_)

    @app_commands.command(name="report")
    @app_commands.describe(character="Which one", reason="What is wrong with it")
    async def report_(
        self, interaction: discord.Interaction, character: str, reason: app_commands.Range[str, 1, 1000]
    ) -> None:
        """Report a character to the admins of this server and the operator."""
        await report(interaction, character, reason)

    @pick.autocomplete("tag")
    async def _tags(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await tags_as_choices(interaction, typed)

    @start.autocomplete("character")
    @show.autocomplete("character")
    @export.autocomplete("character")
    @report_.autocomplete("character")
    async def _visible(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed))

    @edit.autocomplete("character")
    @publish.autocomplete("character")
    @unpublish.autocomplete("character")
    @delete.autocomplete("character")
    async def _owned(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed, owned_only=True))


async def setup(bot: CharacterBot) -> None:
    """Adds the commands and the buttons they leave behind."""
    bot.add_dynamic_items(*PICKER_ITEMS, *EDITOR_ITEMS, *MANAGER_ITEMS, *NOTICE_ITEMS, *LORE_ITEMS)
    bot.add_dynamic_items(GreetingButton, SaveImportButton, SaveLoreButton, ExportButton, ReportButton)
    await bot.add_cog(CharacterCommands(bot.services.characters, bot.services.imports))
