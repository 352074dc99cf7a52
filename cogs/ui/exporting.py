"""Handing out a character as a card file."""

import io

import discord

from bot.cards.export_files import Format
from bot.client import services_of
from cogs.ui.assets import mask
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of

FORMATS: dict[str, tuple[Format, str]] = {
    "png": ("png", "PNG: a picture with the card inside, which most programs read"),
    "json": ("json", "JSON: the card alone"),
    "charx": ("charx", "CHARX: the card with all its pictures"),
}
HERE_IT_IS = "Here it is, as a card that other programs read too (V2 and V3)."


class ExportButton(PersistentButton, prefix="character.export", keys=(ID,), label="Export"):
    """Hands out the card as PNG."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await hand_out(interaction, self.keys[0], "png")


async def hand_out(interaction: discord.Interaction, wanted: str, kind: str) -> None:
    """Sends the file, after a deferral."""
    format_, _ = FORMATS[kind]
    name, content = await services_of(interaction).exports.export(
        caller_of(interaction), wanted, format_, plain_picture=mask(), limit_bytes=interaction.filesize_limit
    )
    await interaction.followup.send(HERE_IT_IS, file=discord.File(io.BytesIO(content), name), ephemeral=True)
