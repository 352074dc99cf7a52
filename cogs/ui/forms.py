"""The forms in which authors write a character, five fields at a time."""

from typing import Any, cast

import discord

from bot.characters.catalogue import Definition
from bot.characters.changes import AGE_RATINGS, Change, texts_of
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import Form
from cogs.ui.callers import caller_of
from cogs.ui.refusals import told
from storage.characters import Character

FORM_LETTERS = 4000
"""What Discord lets one field of a form hold; a longer text comes and goes as a file."""
PICTURE_BYTES = 8 * 1024 * 1024
TEXT_BYTES = 400_000

NEW_AVATAR = "A picture: PNG, JPEG, WebP or GIF. It may come later."
KEEP_AVATAR = "PNG, JPEG, WebP or GIF; leave empty to keep what is there."
PARAGRAPH = discord.TextStyle.paragraph


class SectionForm(Form):
    """A form of a few fields of a character; saving makes a new version."""

    def __init__(self, title: str, character: Character | None) -> None:
        super().__init__(title=title[:45])
        self._character = character
        self._fields: dict[str, discord.ui.Item[Any]] = {}

    def ask(
        self,
        field: str,
        label: str,
        value: str,
        *,
        description: str | None = None,
        limit: int = FORM_LETTERS,
        long: bool = False,
        required: bool = False,
        placeholder: str | None = None,
    ) -> None:
        """Adds a text field; where the text is too long for one, an upload instead."""
        if len(value) > FORM_LETTERS:
            upload = discord.ui.FileUpload[Any](required=False, max_values=1)
            about = f"Now {len(value):,} letters, too long to edit here: upload a .txt file to replace it."
            self._add(field, label, upload, about)
            return
        text = discord.ui.TextInput[Any](
            default=value or None,
            required=required,
            max_length=limit,
            placeholder=placeholder,
            style=PARAGRAPH if long else discord.TextStyle.short,
        )
        self._add(field, label, text, description)

    def ask_file(self, field: str, label: str, description: str) -> None:
        """Adds an upload of one file."""
        self._add(field, label, discord.ui.FileUpload[Any](required=False, max_values=1), description)

    def ask_choice(self, field: str, label: str, options: dict[str, str], chosen: str) -> None:
        """Adds a menu."""
        select = discord.ui.Select[Any](
            options=[
                discord.SelectOption(label=text, value=value, default=value == chosen)
                for value, text in options.items()
            ],
            required=False,
        )
        self._add(field, label, select, None)

    def _add(self, field: str, label: str, item: discord.ui.Item[Any], description: str | None) -> None:
        self._fields[field] = item
        self.add_item(
            discord.ui.Label[Any](text=label[:45], component=item, description=(description or "")[:100] or None)
        )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves what was filled in and shows where the character stands now."""
        from cogs.ui.editor import show_editor  # noqa: PLC0415 - the editor opens these forms

        await interaction.response.defer(ephemeral=True, thinking=self._character is None)
        change, avatar = await self._read()
        services, caller = services_of(interaction), caller_of(interaction)
        if self._character is None:
            made = await services.characters.create(caller, change, avatar=avatar)
            character_id = str(made.id)
        else:
            character_id = str(self._character.id)
            await services.characters.edit(caller, character_id, change, avatar=avatar)
        await show_editor(interaction, character_id, replace=self._character is not None)

    async def _read(self) -> tuple[Change, bytes | None]:
        given: dict[str, str] = {}
        avatar: bytes | None = None
        for field, item in self._fields.items():
            if isinstance(item, discord.ui.TextInput):
                given[field] = item.value
            elif isinstance(item, discord.ui.Select):
                if item.values:
                    given[field] = item.values[0]
            elif isinstance(item, discord.ui.FileUpload) and item.values:
                if field == "avatar":
                    avatar = await downloaded(item.values[0], PICTURE_BYTES)
                else:
                    given[field] = as_text(await downloaded(item.values[0], TEXT_BYTES))
        return Change(**cast("dict[str, Any]", given)), avatar


async def downloaded(file: discord.Attachment, limit: int) -> bytes:
    """The bytes of a file that came with a form; Invalid when it has more than `limit` of them."""
    if file.size > limit:
        raise Invalid(f"This file has {file.size // 1024:,} KiB; {limit // 1024:,} KiB is the limit. Choose another.")
    with told("read this file"):
        return await file.read()


def as_text(content: bytes) -> str:
    """The text of a file; Invalid when it is none in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("This file is not plain text in UTF-8. Save it as .txt in UTF-8 and upload it again.") from None


def names_form(definition: Definition | None) -> SectionForm:
    """Name, nickname, short description, tags, avatar."""
    character = definition.character if definition else None
    form = SectionForm("Names" if character else "Create a character", character)
    form.ask("name", "Name", character.name if character else "", limit=80, required=True)
    form.ask(
        "nickname",
        "Nickname",
        character.nickname if character else "",
        limit=80,
        description="What {{char}} becomes, where it should not be the whole name.",
    )
    form.ask(
        "short_description",
        "Short description",
        character.short_description if character else "",
        limit=200,
        description="One line for the card in the picker.",
    )
    form.ask(
        "tags",
        "Tags",
        ", ".join(character.tags) if character else "",
        limit=400,
        description="At most twelve, with commas between them.",
    )
    form.ask_file("avatar", "Avatar", KEEP_AVATAR if character and character.avatar else NEW_AVATAR)
    return form


def frame_form(definition: Definition) -> SectionForm:
    """Age rating, category, licence, who may read the definition."""
    character = definition.character
    form = SectionForm("Frame", character)
    form.ask_choice("age_rating", "Age rating", AGE_RATINGS, character.age_rating)
    form.ask("category", "Category", character.category, limit=40)
    form.ask("licence", "Licence", character.licence, limit=40, placeholder="CC BY 4.0, all rights reserved, …")
    form.ask_choice(
        "definition_visibility",
        "Who may read the definition",
        {"public": "Everybody", "author": "Only I"},
        character.definition_visibility,
    )
    return form


def character_form(definition: Definition) -> SectionForm:
    """Description, personality, scenario."""
    card = definition.card
    form = SectionForm("Character", definition.character)
    form.ask("description", "Description", card.description, long=True, description="Who {{char}} is.")
    form.ask("personality", "Personality", card.personality, long=True)
    form.ask("scenario", "Scenario", card.scenario, long=True, description="Where {{char}} and {{user}} meet.")
    return form


def dialogue_form(definition: Definition) -> SectionForm:
    """Greeting, alternates, example dialogue."""
    card = definition.card
    form = SectionForm("Dialogue", definition.character)
    form.ask("first_mes", "Greeting", card.first_mes, long=True, description="How a chat begins.")
    form.ask(
        "alternate_greetings",
        "Other greetings",
        texts_of(card)["alternate_greetings"],
        long=True,
        description="A line of --- between one and the next.",
    )
    form.ask(
        "mes_example",
        "Example dialogue",
        card.mes_example,
        long=True,
        description="<START>, then lines that begin with {{char}}: or {{user}}:",
    )
    return form


def instructions_form(definition: Definition) -> SectionForm:
    """System prompt, post-history instructions, depth prompt, creator's notes."""
    card = definition.card
    form = SectionForm("Instructions", definition.character)
    form.ask(
        "system_prompt",
        "System prompt",
        card.system_prompt,
        long=True,
        description="Replaces the default; {{original}} inserts it.",
    )
    form.ask("post_history_instructions", "After the history", card.post_history_instructions, long=True)
    form.ask("depth_prompt", "Depth prompt", texts_of(card)["depth_prompt"], long=True)
    form.ask(
        "creator_notes",
        "Notes for players",
        card.creator_notes,
        long=True,
        description="Shown on the card, never sent to a model.",
    )
    return form
