"""A card file before it is saved: what was read, and what was not understood."""

from typing import Any

import discord

from bot.characters.imports import Preview
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.editor import show_editor
from cogs.ui.pickers import VIEW_ID
from cogs.ui.text import plain, plural

MAX_BYTES = 16 * 1024 * 1024
WARNINGS_SHOWN = 8


class SaveImportButton(PersistentButton, prefix="import.save", keys=(VIEW_ID,), label="Save as draft"):
    """Saves what was previewed."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the draft and opens its panel."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        character = await services_of(interaction).imports.save(caller_of(interaction), self.keys[0])
        await show_editor(interaction, str(character.id))


class PreviewView(discord.ui.View):
    """The button under a preview."""

    def __init__(self, preview: Preview) -> None:
        super().__init__(timeout=None)
        self.add_item(SaveImportButton(preview.id))


async def read_upload(file: discord.Attachment) -> bytes:
    """The bytes of an uploaded card; Invalid when it is larger than a card may be."""
    if file.size > MAX_BYTES:
        raise Invalid(f"{file.filename} has {file.size // 2**20:,} MiB; a card file may have 16.")
    return await file.read()


def preview_embed(preview: Preview) -> discord.Embed:
    """What was read, as its author would want to check it."""
    card = preview.card
    embed = discord.Embed(title=plain(card.name, 200), description=plain(card.description, 600) or None)
    if card.first_mes:
        embed.add_field(name="Greeting", value=plain(card.first_mes, 400), inline=False)
    facts: list[Any] = [
        f"by {plain(card.creator, 60)}" if card.creator else "no creator named",
        plural(len(card.alternate_greetings), "more greeting"),
        "with a picture" if preview.has_picture else "without a picture",
        f"{len(card.description) + len(card.personality) + len(card.scenario):,} letters",
    ]
    embed.add_field(name="The card", value=" · ".join(facts), inline=False)
    if preview.warnings:
        shown = [f"• {plain(warning, 110)}" for warning in preview.warnings[:WARNINGS_SHOWN]]
        rest = len(preview.warnings) - len(shown)
        embed.add_field(
            name="Not quite as the format says",
            value="\n".join(shown + ([f"… and {rest} more"] if rest else [])),
            inline=False,
        )
    if preview.known:
        embed.set_footer(text=f"You imported this very file before, as {preview.known.name}. Saving makes a second.")
    return embed
