"""The author's note of a chat: shown, written in a form, taken away."""

from typing import Any

import discord

from bot.chat.author_notes import DEEPEST, MOST_LETTERS, RAREST, ROLES, Noted
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.message_menu import is_in_a_menu
from cogs.ui.text import plain
from storage.notes import Note

ABOUT = "-# A note stands among the newest messages whenever the model reads them: a reminder, no part of the story."
NONE_YET = "There is no author's note in this chat."
GONE = "The author's note is taken away."
OTHERS_DECIDE = "-# Whoever opened this chat, and who manages threads here, can change this."
DASHES = frozenset({"-", "–", "—"})
ROOM = 1_500
NOT_A_NUMBER = "“{typed}” is no whole number. Write one like 4."


class WriteNoteButton(PersistentButton, prefix="chat.note.write", label="Write"):
    """Opens the form."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it with what is there."""
        noted = await services_of(interaction).author_notes.look(caller_of(interaction), place_of(interaction))
        await interaction.response.send_modal(NoteForm(noted.note or Note("")))


class DropNoteButton(PersistentButton, prefix="chat.note.drop", label="Take away"):
    """Takes the note away."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and says so."""
        await interaction.response.defer()
        await services_of(interaction).author_notes.change(caller_of(interaction), place_of(interaction), text="")
        await interaction.edit_original_response(content=GONE, view=None)


class NoteForm(Form, title="The author's note"):
    """The note, where it stands, how often, and in whose voice."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self._text = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph, default=note.text or None, max_length=MOST_LETTERS, required=False
        )
        self._depth = discord.ui.TextInput[Any](default=str(note.depth), max_length=4)
        self._frequency = discord.ui.TextInput[Any](default=str(note.frequency), max_length=3)
        self._role = discord.ui.Select[Any](
            options=[discord.SelectOption(label=role, value=role, default=role == note.role) for role in ROLES],
            required=False,
        )
        for label, about, field in (
            ("Note", "What the model shall keep in mind. Empty: no note.", self._text),
            ("Depth", f"How many messages from the end it stands: 0 to {DEEPEST:,}.", self._depth),
            (
                "Frequency",
                f"At every how many messages of people: 1 is each, 0 never, up to {RAREST}.",
                self._frequency,
            ),
            ("Role", "In whose voice; system is usual.", self._role),
        ):
            self.add_item(discord.ui.Label[Any](text=label, description=about, component=field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves it, and shows it."""
        if is_in_a_menu(interaction):
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        noted = await services_of(interaction).author_notes.change(
            caller_of(interaction),
            place_of(interaction),
            text=self._text.value,
            depth=_whole(self._depth.value),
            frequency=_whole(self._frequency.value),
            role=self._role.values[0] if self._role.values else None,
        )
        await interaction.edit_original_response(content=_told(noted), view=_row(noted))


NOTE_ITEMS = (WriteNoteButton, DropNoteButton)


async def show_note(
    interaction: discord.Interaction, *, text: str | None, depth: int | None, frequency: int | None, role: str | None
) -> None:
    """Sets what is given, and answers with the note, after a deferral; a dash takes it away."""
    text = "" if text is not None and text.strip() in DASHES else text
    notes, caller, place = services_of(interaction).author_notes, caller_of(interaction), place_of(interaction)
    if (text, depth, frequency, role) == (None, None, None, None):
        noted = await notes.look(caller, place)
    else:
        noted = await notes.change(caller, place, text=text, depth=depth, frequency=frequency, role=role)
    view = _row(noted)
    await interaction.followup.send(_told(noted), view=view or discord.utils.MISSING, ephemeral=True)


def _told(noted: Noted) -> str:
    note = noted.note
    if note is None:
        return "\n".join([NONE_YET, ABOUT] if noted.may_change else [NONE_YET, OTHERS_DECIDE])
    often = {0: "never", 1: "at each message"}.get(note.frequency, f"at every {note.frequency} messages of people")
    where = f"-# Depth {note.depth} · {often} · as {note.role}"
    return "\n".join(
        ["**The author's note**", plain(note.text, ROOM), where, ABOUT if noted.may_change else OTHERS_DECIDE]
    )


def _row(noted: Noted) -> discord.ui.View | None:
    if not noted.may_change:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(WriteNoteButton())
    if noted.note is not None:
        view.add_item(DropNoteButton())
    return view


def _whole(typed: str) -> int:
    if not typed.strip().isdecimal():
        raise Invalid(NOT_A_NUMBER.format(typed=typed[:40]))
    return int(typed)
