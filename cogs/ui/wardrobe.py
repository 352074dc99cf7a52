"""One's own personas: their cards, the panel of one, and the forms in which they are written."""

import io
from collections.abc import Sequence
from typing import Any, cast

import discord

from bot.characters.avatars import Avatars
from bot.characters.changes import GREETINGS_RULE
from bot.chat.identities import TITLES
from bot.client import services_of
from bot.personas import MOST_PERSONAS, NAME_LENGTH, TEXT_LENGTH, PersonaChange, Wardrobe
from cogs.ui.assets import mask
from cogs.ui.buttons import ID, Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, MASK
from cogs.ui.forms import KEEP_AVATAR, NEW_AVATAR, PARAGRAPH, PICTURE_BYTES, downloaded
from cogs.ui.identities import UseButton
from cogs.ui.text import plain, plural
from storage.personas import Persona

PAGE = 4
NAME_ROOM, CARD_ROOM, WHOLE_ROOM = 160, 300, 3_400
NONE_YET = "## Your personas\nYou have none yet. A persona is who you are in a scene: a name, and who that is."
SURE = (
    "**Delete {name}?** Where you are {name} now, you are yourself again. What you said as {name} keeps that name.\n"
    "-# This cannot be taken back."
)
TOLD = "-# Only you see this. The characters know you by it where you use it: `/persona use`."
SECTIONS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "who": (
        "Who I am",
        (
            ("description", "Description", "Who you are; the characters know it."),
            ("personality", "Personality", ""),
            ("scenario", "Scenario", "Where you are, and how you came there."),
        ),
    ),
    "words": (
        "How I speak",
        (
            ("first_mes", "Greeting", "How you begin a talk."),
            ("alternate_greetings", "Other greetings", "A line of --- between one and the next."),
            ("mes_example", "Example dialogue", "Lines that show how you speak."),
            ("tags", "Tags", "At most twelve, with commas between them. No model reads them."),
            ("creator_notes", "Notes", "For yourself. No model reads them."),
        ),
    ),
    "rules": (
        "Instructions",
        (
            ("system_prompt", "Instructions", "How the characters should treat you."),
            ("post_history_instructions", "Further instructions", ""),
        ),
    ),
}
"""The forms, and their text fields: the name in a card, the label, what it is about."""


class PersonaForm(Form):
    """A few fields of a persona."""

    def __init__(self, section: str, persona: Persona | None) -> None:
        title, fields = SECTIONS[section]
        super().__init__(title=title if persona else "Create a persona")
        self._persona = persona
        self._texts: dict[str, discord.ui.TextInput[Any]] = {}
        self._avatar: discord.ui.FileUpload[Any] | None = None
        if section == "who":
            self._ask("name", "Name", persona.name if persona else "", limit=NAME_LENGTH, required=True)
        for name, label, about in fields:
            value = field_text(persona, name) if persona else ""
            self._ask(name, label, value, about=about, long=name != "tags", required=name == "description")
        if section == "who":
            self._avatar = discord.ui.FileUpload[Any](required=False, max_values=1)
            about = KEEP_AVATAR if persona and persona.avatar else NEW_AVATAR
            self.add_item(discord.ui.Label[Any](text="Avatar", component=self._avatar, description=about))

    def _ask(
        self,
        name: str,
        label: str,
        value: str,
        *,
        about: str = "",
        limit: int = TEXT_LENGTH,
        long: bool = False,
        required: bool = False,
    ) -> None:
        style = PARAGRAPH if long else discord.TextStyle.short
        text = discord.ui.TextInput[Any](default=value or None, required=required, max_length=limit, style=style)
        self._texts[name] = text
        self.add_item(discord.ui.Label[Any](text=label, component=text, description=about or None))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves what was filled in, and shows the persona as it is now."""
        await interaction.response.defer(ephemeral=True, thinking=self._persona is None)
        change = PersonaChange(**cast("dict[str, Any]", {name: text.value for name, text in self._texts.items()}))
        files = self._avatar.values if self._avatar else []
        avatar = await downloaded(files[0], PICTURE_BYTES) if files else None
        personas, caller = services_of(interaction).personas, caller_of(interaction)
        if self._persona is None:
            await send_panel(interaction, await personas.create(caller, change, avatar=avatar))
        else:
            saved = await personas.edit(caller, str(self._persona.id), change, avatar=avatar)
            files = await face_files(services_of(interaction).avatars, [saved])
            await interaction.edit_original_response(view=PersonaPanel(saved), attachments=files)


class CreatePersonaButton(PersistentButton, prefix="persona.create", label="Create persona"):
    """Opens the first form."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(PersonaForm("who", None))


class OpenPersonaButton(PersistentButton, prefix="persona.edit", keys=(ID,), label="Edit"):
    """Opens the panel of a persona."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the panel."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_persona(interaction, self.keys[0])


class PersonaSectionButton(PersistentButton, prefix="persona.section", keys=(ID, "|".join(SECTIONS))):
    """Opens one of the forms of a persona."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form with what is there."""
        persona = await services_of(interaction).personas.find(caller_of(interaction), self.keys[0])
        await interaction.response.send_modal(PersonaForm(self.keys[1], persona))


class DeletePersonaButton(PersistentButton, prefix="persona.delete", keys=(ID,), label="Delete"):
    """Asks first."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Asks."""
        await ask_to_delete(interaction, self.keys[0])


class GonePersonaButton(PersistentButton, prefix="persona.gone", keys=(ID,), label="Delete for good"):
    """Deletes a persona."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Deletes it, and says so in place of the question."""
        gone = await services_of(interaction).personas.delete(caller_of(interaction), self.keys[0])
        await interaction.response.edit_message(content=f"{plain(gone.name, NAME_ROOM)} is deleted.", view=None)


class PersonaPageButton(PersistentButton, prefix="persona.page", keys=("[0-9]{1,2}", "[<>]")):
    """Goes through one's own personas."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the page."""
        services = services_of(interaction)
        view, shown = wardrobe_page(await services.personas.mine(caller_of(interaction)), int(self.keys[0]))
        await interaction.response.edit_message(view=view, attachments=await face_files(services.avatars, shown))


WARDROBE_ITEMS = (
    CreatePersonaButton,
    OpenPersonaButton,
    PersonaSectionButton,
    DeletePersonaButton,
    GonePersonaButton,
    PersonaPageButton,
)


class PersonaPanel(discord.ui.LayoutView):
    """A whole persona, for its owner, and what changes it."""

    def __init__(self, persona: Persona) -> None:
        super().__init__(timeout=None)
        sections = [PersonaSectionButton(persona.id, key, label=label) for key, (label, _) in SECTIONS.items()]
        self.add_item(
            discord.ui.Container[Any](
                _card(persona, f"### {plain(persona.name, NAME_ROOM)}\n{TOLD}"),
                discord.ui.TextDisplay[Any](_whole(persona)),
                discord.ui.ActionRow[Any](*sections),
                discord.ui.ActionRow[Any](UseButton(persona.id), DeletePersonaButton(persona.id)),
                accent_colour=ACCENT,
            )
        )


async def show_wardrobe(interaction: discord.Interaction) -> None:
    """Sends the first page of the caller's personas, after a deferral."""
    services = services_of(interaction)
    view, shown = wardrobe_page(await services.personas.mine(caller_of(interaction)), 0)
    await interaction.followup.send(view=view, files=await face_files(services.avatars, shown), ephemeral=True)


async def show_persona(interaction: discord.Interaction, wanted: str) -> None:
    """Sends one of the caller's personas, after a deferral."""
    await send_panel(interaction, await services_of(interaction).personas.find(caller_of(interaction), wanted))


async def send_panel(interaction: discord.Interaction, persona: Persona) -> None:
    """Sends a persona's panel, after a deferral."""
    files = await face_files(services_of(interaction).avatars, [persona])
    await interaction.followup.send(view=PersonaPanel(persona), files=files, ephemeral=True)


async def ask_to_delete(interaction: discord.Interaction, wanted: str) -> None:
    """Asks whether a persona should be deleted."""
    persona = await services_of(interaction).personas.find(caller_of(interaction), wanted)
    view = discord.ui.View(timeout=None)
    view.add_item(GonePersonaButton(persona.id))
    words = SURE.format(name=plain(persona.name, NAME_ROOM))
    await interaction.response.send_message(words, view=view, ephemeral=True)


async def face_files(avatars: Avatars, personas: Sequence[Persona]) -> list[discord.File]:
    """The small faces that these cards show, each once."""
    files: dict[str, discord.File] = {}
    for persona in personas:
        if (name := _face(persona)) not in files:
            small = await avatars.thumbnail(persona.avatar) if persona.avatar else None
            files[name] = discord.File(io.BytesIO(small or mask()), name)
    return list(files.values())


def field_text(persona: Persona, name: str) -> str:
    """A field of a persona as its form shows it."""
    value: str | tuple[str, ...] = getattr(persona, name)
    return value if isinstance(value, str) else (", " if name == "tags" else GREETINGS_RULE).join(value)


def wardrobe_page(wardrobe: Wardrobe, number: int) -> tuple[discord.ui.LayoutView, Sequence[Persona]]:
    """A page of cards, 38 components at most of Discord's 40; and whom it shows."""
    personas = wardrobe.personas
    last = max(0, (len(personas) - 1) // PAGE)
    at = min(number, last)
    shown = personas[at * PAGE : (at + 1) * PAGE]
    head = f"## Your personas\n-# {plural(len(personas), 'persona')} of at most {MOST_PERSONAS}"
    container = discord.ui.Container[Any](accent_colour=ACCENT)
    container.add_item(discord.ui.TextDisplay[Any](head if personas else NONE_YET))
    for persona in shown:
        mark = "\n-# **Who you are in new chats**" if persona.id == wardrobe.default_id else ""
        words = f"### {plain(persona.name, NAME_ROOM)}{mark}\n{plain(persona.description, CARD_ROOM)}"
        container.add_item(_card(persona, words))
        container.add_item(discord.ui.ActionRow[Any](UseButton(persona.id), OpenPersonaButton(persona.id)))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    turns: list[discord.ui.Item[Any]] = []
    if at > 0:
        turns.append(PersonaPageButton(str(at - 1), "<", label="◀ Back"))
    if at < last:
        turns.append(PersonaPageButton(str(at + 1), ">", label="More ▶"))
    view.add_item(discord.ui.ActionRow[Any](*turns, CreatePersonaButton()))
    return view, shown


def _card(persona: Persona, words: str) -> discord.ui.Section[Any]:
    thumbnail = discord.ui.Thumbnail[Any](f"attachment://{_face(persona)}", description=f"Face of {persona.name}")
    return discord.ui.Section[Any](discord.ui.TextDisplay[Any](words), accessory=thumbnail)


def _face(persona: Persona) -> str:
    return f"{persona.avatar}.png" if persona.avatar else MASK


def _whole(persona: Persona) -> str:
    """Every field that is filled, each with its share of the room."""
    names = {"description": "Description", **TITLES, "creator_notes": "Notes", "tags": "Tags"}
    filled = {title: field_text(persona, name) for name, title in names.items() if getattr(persona, name)}
    room = WHOLE_ROOM // len(filled) - 40
    return "\n".join(f"**{title}**\n{plain(text, room)}" for title, text in filled.items())
