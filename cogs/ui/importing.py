"""A card file before it is saved: what was read, and what was not understood."""

import io
from typing import Any

import discord

from bot.characters.imports import LorePreview, Preview
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
ENTRIES_SHOWN, ENTRY_ROOM = 8, 140
LORE_KEPT = "{name} is kept among your books, with {entries:,} entries. `/chat lore` has it read along in a chat."


class SaveImportButton(PersistentButton, prefix="import.save", keys=(VIEW_ID,), label="Save as draft"):
    """Saves what was previewed."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves the draft and opens its panel in place of the preview, so that nobody saves it twice."""
        await interaction.response.defer()
        character = await services_of(interaction).imports.save(caller_of(interaction), self.keys[0])
        await show_editor(interaction, str(character.id), replace=True)


class SaveLoreButton(PersistentButton, prefix="import.lore", keys=(VIEW_ID,), label="Keep this book"):
    """Keeps the book of lore that was previewed."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Keeps it, and says so in place of the preview."""
        book = await services_of(interaction).imports.save_lorebook(caller_of(interaction), self.keys[0])
        words = LORE_KEPT.format(name=plain(book.name, NAME_ROOM) or "The book", entries=len(book.entries))
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.TextDisplay[Any](words))
        await interaction.response.edit_message(view=view)


class LoreView(discord.ui.LayoutView):
    """A book of lore as it was read: its first entries, and what was not understood."""

    def __init__(self, preview: LorePreview) -> None:
        super().__init__(timeout=None)
        book = preview.lorebook
        lines = [
            f"### {plain(book.name, NAME_ROOM) or 'A book of lore'}",
            f"-# {plural(len(book.entries), 'entry', 'entries')}",
        ]
        if book.description:
            lines.append(plain(book.description, DESCRIPTION_ROOM))
        for entry in book.entries[:ENTRIES_SHOWN]:
            keys = ", ".join(entry.keys) or ("always" if entry.constant else "no keys")
            lines.append(f"- **{plain(keys, 80)}** {plain(entry.content, ENTRY_ROOM)}")
        if len(book.entries) > ENTRIES_SHOWN:
            lines.append(f"- … and {len(book.entries) - ENTRIES_SHOWN} more")
        container = discord.ui.Container[Any](discord.ui.TextDisplay[Any]("\n".join(lines)), accent_colour=ACCENT)
        known = "**You imported this very file before.** The book is among yours already." if preview.known else ""
        remarks = _remarks(preview.warnings, known)
        if remarks:
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](remarks))
        if not preview.known:
            container.add_item(discord.ui.ActionRow[Any](SaveLoreButton(preview.id)))
        self.add_item(container)


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
        remarks = _remarks(preview.warnings, _known(preview))
        if remarks:
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](remarks))
        container.add_item(discord.ui.ActionRow[Any](SaveImportButton(preview.id)))
        self.add_item(container)


async def show_preview(interaction: discord.Interaction, preview: Preview | LorePreview) -> None:
    """Sends the preview with its picture, after a deferral."""
    if isinstance(preview, LorePreview):
        await interaction.followup.send(view=LoreView(preview), ephemeral=True)
        return
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
    entries = (card.character_book or {}).get("entries")
    lore = len(entries) if isinstance(entries, list | dict) else 0
    letters = len(card.description) + len(card.personality) + len(card.scenario)
    facts = [
        f"By {plain(card.creator, 60)}" if card.creator.strip() else "No creator named",
        plural(letters, "letter") + " of definition",
        plural(len(card.alternate_greetings), "more greeting") if card.alternate_greetings else "",
        plural(lore, "lore entry", "lore entries") if lore else "",
        plural(preview.pictures, "more picture") if preview.pictures else "",
        "" if preview.avatar else "without a picture",
    ]
    return " · ".join(filter(None, facts))


def _known(preview: Preview) -> str:
    if preview.known is None:
        return ""
    name = plain(preview.known.name, NAME_ROOM)
    return f"**You imported this very file before**, as {name}. Saving makes a second."


def _remarks(warnings: tuple[str, ...], known: str) -> str:
    parts = [known] if known else []
    if warnings:
        parts.append("**Not quite as the format says**")
        parts += [f"- {plain(warning, WARNING_ROOM)}" for warning in warnings[:WARNINGS_SHOWN]]
    if len(warnings) > WARNINGS_SHOWN:
        parts.append(f"- … and {len(warnings) - WARNINGS_SHOWN} more")
    return "\n".join(parts)
