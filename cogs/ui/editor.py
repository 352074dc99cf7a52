"""The author's panel for one character: its forms, its state, and what it still lacks."""

import io
from collections.abc import Callable
from typing import Any

import discord

from bot.characters.catalogue import Definition
from bot.characters.changes import missing_for_publishing, texts_of
from bot.characters.publishing import Published
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.forms import (
    SectionForm,
    character_form,
    dialogue_form,
    frame_form,
    instructions_form,
    names_form,
)
from cogs.ui.launching import ChatButton
from cogs.ui.lore_book import OpenLoreButton
from cogs.ui.text import plain
from storage.characters import Character

SECTIONS: dict[str, tuple[str, Callable[[Definition], SectionForm]]] = {
    "names": ("Names", names_form),
    "frame": ("Frame", frame_form),
    "character": ("Character", character_form),
    "dialogue": ("Dialogue", dialogue_form),
    "instructions": ("Instructions", instructions_form),
}


class SectionButton(PersistentButton, prefix="edit.section", keys=(ID, "|".join(SECTIONS))):
    """Opens one section's form."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form with what is there."""
        definition = await services_of(interaction).characters.definition(caller_of(interaction), self.keys[0])
        await interaction.response.send_modal(SECTIONS[self.keys[1]][1](definition))


class TextsButton(PersistentButton, prefix="edit.texts", keys=(ID,), label="Texts as files"):
    """Hands out the texts, for those that no form can hold."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with a file for each text."""
        definition = await services_of(interaction).characters.definition(caller_of(interaction), self.keys[0])
        texts = texts_of(definition.card)
        files = [discord.File(io.BytesIO(text.encode()), f"{name}.txt") for name, text in texts.items() if text]
        words = "The texts as they are." if files else "There are no texts yet. The other buttons ask for them."
        await interaction.response.send_message(words, files=files, ephemeral=True)


class EditButton(PersistentButton, prefix="character.edit", keys=(ID,), label="Edit"):
    """Opens the panel."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the panel."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_editor(interaction, self.keys[0])


class PublishButton(PersistentButton, prefix="character.publish", keys=(ID,), label="Publish"):
    """Shows the character to everybody."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Publishes, or says what is missing."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        published = await services_of(interaction).characters.publish(caller_of(interaction), self.keys[0])
        await interaction.followup.send(published_words(published), ephemeral=True)


class UnpublishButton(PersistentButton, prefix="character.unpublish", keys=(ID,), label="Unpublish"):
    """Takes the character back."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Takes it back."""
        character = await services_of(interaction).characters.unpublish(caller_of(interaction), self.keys[0])
        await interaction.response.send_message(taken_back_words(character), ephemeral=True)


EDITOR_ITEMS = (SectionButton, TextsButton, EditButton, PublishButton, UnpublishButton)


def published_words(published: Published) -> str:
    """What the author reads when a character was published."""
    name = plain(published.character.name, 160)
    here_only = published.character.visibility == "guild"
    if not published.character.is_listed and not published.waits_for_review:
        return f"{name} is published. This server does not show it, though: its admins decided so."
    if published.waits_for_review:
        elsewhere = "" if here_only else " Elsewhere everybody finds it already."
        return f"{name} is published, and waits for the admins of this server to approve it.{elsewhere}"
    return f"{name} is published: {'this server' if here_only else 'everybody'} finds it with `/character pick`."


def taken_back_words(character: Character) -> str:
    """What the author reads when a character was taken back."""
    return f"{plain(character.name, 160)} is no longer offered. Chats that run go on until they are ended."


class EditorView(discord.ui.LayoutView):
    """The card, what it lacks, and a button for each section."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(timeout=None)
        character = definition.character
        last: PersistentButton = (
            UnpublishButton(character.id) if character.status == "published" else PublishButton(character.id)
        )
        self.add_item(
            discord.ui.Container[Any](
                card(character),
                discord.ui.TextDisplay[Any](_state(definition)),
                discord.ui.ActionRow[Any](
                    *(SectionButton(character.id, key, label=label) for key, (label, _) in SECTIONS.items())
                ),
                discord.ui.ActionRow[Any](
                    OpenLoreButton("card", character.id), ChatButton(character.id), TextsButton(character.id), last
                ),
                accent_colour=ACCENT,
            )
        )


async def show_editor(interaction: discord.Interaction, wanted: str, *, replace: bool = False) -> None:
    """Sends the panel after a deferral, or brings the one that is there up to date."""
    services = services_of(interaction)
    definition = await services.characters.definition(caller_of(interaction), wanted)
    files, view = await avatar_files(services.avatars, [definition.character]), EditorView(definition)
    if replace:
        await interaction.edit_original_response(view=view, attachments=files)
    else:
        await interaction.followup.send(view=view, files=files, ephemeral=True)


def _state(definition: Definition) -> str:
    missing = missing_for_publishing(definition.character, definition.card)
    version = f"-# Version {definition.version}. Each saving makes a new one, which every chat reads from then on."
    if definition.character.status == "published":
        return version
    lacks = "".join(f"\n- {need}" for need in missing)
    return f"{version}\n" + (f"To publish it, add{lacks}" if lacks else "Ready to publish.")
