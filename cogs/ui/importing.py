"""A card file before it is saved: what was read, and what was not understood."""

import io
from typing import Any

import discord

from bot.characters.imports import Preview
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.assets import mask
from cogs.ui.buttons import PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, MASK, NAME_ROOM
from cogs.ui.editor import show_editor
from cogs.ui.pickers import VIEW_ID
from cogs.ui.refusals import told
from cogs.ui.text import plain, plural, tame

MAX_BYTES = 16 * 1024 * 1024
WARNINGS_SHOWN, WARNING_ROOM = 8, 140
DESCRIPTION_ROOM, GREETING_ROOM = 600, 600


class SaveImportButton(PersistentButton, prefix="import.save", keys=(VIEW_ID,), label="Save as draft"):
    """Saves what was previewed."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the draft and opens its panel in place of the preview, so that nobody saves it twice."""
        await interaction.response.defer()
        character = await services_of(interaction).imports.save(caller_of(interaction), self.keys[0])
        await show_editor(interaction, str(character.id), replace=True)


class PreviewView(discord.ui.LayoutView):
    """The card as it was read, as its author would want to check it."""

    def __init__(self, preview: Preview, picture: str) -> None:
        super().__init__(timeout=None)
        card = preview.card
        head = f"### {plain(card.name, NAME_ROOM)}\n-# {_facts(preview)}"
        description = plain(card.description, DESCRIPTION_ROOM)
        container = discord.ui.Container[Any](
            discord.ui.Section[Any](
                discord.ui.TextDisplay[Any](f"{head}\n{description}" if description else head),
                accessory=discord.ui.Thumbnail[Any](f"attachment://{picture}", description="The card's picture"),
            ),
            accent_colour=ACCENT,
        )
        if card.first_mes.strip():
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](f"-# Greeting\n{tame(card.first_mes, GREETING_ROOM)}"))
        remarks = _remarks(preview)
        if remarks:
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](remarks))
        container.add_item(discord.ui.ActionRow[Any](SaveImportButton(preview.id)))
        self.add_item(container)


async def show_preview(interaction: discord.Interaction, preview: Preview) -> None:
    """Sends the preview with its picture, after a deferral."""
    avatars = services_of(interaction).avatars
    small = await avatars.thumbnail(preview.avatar) if preview.avatar else None
    name = f"{preview.avatar}.png" if small else MASK
    picture = discord.File(io.BytesIO(small or mask()), name)
    await interaction.followup.send(view=PreviewView(preview, name), file=picture, ephemeral=True)


async def read_upload(file: discord.Attachment) -> bytes:
    """The bytes of an uploaded card; Invalid when it is larger than a card may be."""
    if file.size > MAX_BYTES:
        raise Invalid(f"This file has {file.size // 2**20:,} MiB; a card may have 16. Is it the right file?")
    with told("read this file"):
        return await file.read()


def _facts(preview: Preview) -> str:
    card = preview.card
    letters = len(card.description) + len(card.personality) + len(card.scenario)
    facts = [
        f"By {plain(card.creator, 60)}" if card.creator.strip() else "No creator named",
        plural(letters, "letter") + " of definition",
        plural(len(card.alternate_greetings), "more greeting") if card.alternate_greetings else "",
        "" if preview.avatar else "without a picture",
    ]
    return " · ".join(filter(None, facts))


def _remarks(preview: Preview) -> str:
    parts: list[str] = []
    if preview.known:
        parts.append(
            f"**You imported this very file before**, as {plain(preview.known.name, NAME_ROOM)}. Saving makes a second."
        )
    if preview.warnings:
        parts.append("**Not quite as the format says**")
        parts += [f"- {plain(warning, WARNING_ROOM)}" for warning in preview.warnings[:WARNINGS_SHOWN]]
    if len(preview.warnings) > WARNINGS_SHOWN:
        parts.append(f"- … and {len(preview.warnings) - WARNINGS_SHOWN} more")
    return "\n".join(parts)
