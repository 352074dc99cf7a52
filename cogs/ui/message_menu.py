"""What can be done with a message of a story: change it, branch from it, go back to it, delete it."""

from typing import Any
from uuid import UUID

import discord

from bot.client import services_of
from cogs.ui.buttons import ID, Form, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.launching import require_room
from cogs.ui.text import plain

FORM_LETTERS = 4_000
TOO_LONG = "This message has {count:,} letters; a form holds {most:,}. *Regenerate* writes it anew."
MENU = (
    "**What would you like to do with this message?**\n"
    "- *Edit* changes its words; the old ones are kept.\n"
    "- *Branch* tries another way from here.\n"
    "- *Rewind here* goes back to it.\n"
    "- *Inspect* tells what the model was sent for it, and why.\n"
    "- *Delete* takes it out, with what follows it."
)
BRANCH_HERE = (
    "**Where should the story go on from this message?**\n"
    "- *Here*: the scene goes back to it. What came after is kept, and `/chat tree` finds it."
)
BRANCH_AWAY = "- *In a new thread*: everything here stays as it is."
SURE = (
    "**Delete this message?** Your own words are wiped everywhere and cannot be brought back. In a chat that you "
    "opened, what follows goes out of it too.\n"
    "-# Only want to go back? `/chat undo` and *Rewind* lose nothing."
)
REWOUND = "The scene is back there. Go on from the newest message below."
EDITED = "The story has the new words now; `/chat tree` keeps the old ones."
DELETED = "It is deleted."


class EditForm(Form, title="Edit this message"):
    """The words of a message, to change."""

    def __init__(self, message_id: UUID, words: str) -> None:
        super().__init__()
        self._message_id = message_id
        self._words = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph, default=words, max_length=FORM_LETTERS
        )
        self.add_item(discord.ui.Label[Any](text="What is said", component=self._words))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Puts them beside the old ones."""
        await _defer(interaction)
        await services_of(interaction).branches.edit(
            caller_of(interaction), place_of(interaction), self._message_id, self._words.value
        )
        await _close(interaction, EDITED)


class EditButton(PersistentButton, prefix="message.edit", keys=(ID,), label="Edit"):
    """Opens the form."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the words in a form."""
        await show_edit(interaction, UUID(self.keys[0]))


class BranchButton(PersistentButton, prefix="message.branch", keys=(ID,), label="Branch"):
    """Asks where to."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the two ways."""
        await show_branch(interaction, UUID(self.keys[0]))


class RewindButton(PersistentButton, prefix="message.rewind", keys=(ID,), label="Rewind here"):
    """Goes back."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and goes back."""
        await rewind_here(interaction, UUID(self.keys[0]))


class ForkButton(PersistentButton, prefix="message.fork", keys=(ID,), label="In a new thread"):
    """Branches into a thread of its own."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Opens it, and says where it is."""
        await _defer(interaction)
        is_private = isinstance(interaction.channel, discord.Thread) and interaction.channel.is_private()
        require_room(interaction, private=is_private)
        opened = await services_of(interaction).openings.fork(
            caller_of(interaction),
            place_of(interaction),
            UUID(self.keys[0]),
            interaction_id=interaction.id,
            private=is_private,
        )
        await _close(interaction, f"The branch goes on in <#{opened.place.id}>.")


class DeleteButton(PersistentButton, prefix="message.delete", keys=(ID,), label="Delete"):
    """Asks first."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Asks."""
        await show_delete(interaction, UUID(self.keys[0]))


class SureButton(PersistentButton, prefix="message.gone", keys=(ID,), label="Delete for good"):
    """Deletes."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Deletes, and says so."""
        await interaction.response.defer()
        await services_of(interaction).branches.delete(
            caller_of(interaction), place_of(interaction), UUID(self.keys[0])
        )
        await interaction.edit_original_response(content=DELETED, view=None)


MENU_BUTTONS = (EditButton, BranchButton, RewindButton, ForkButton, DeleteButton, SureButton)


async def show_menu(interaction: discord.Interaction, message_id: UUID) -> None:
    """Answers with everything that can be done with a message."""
    from cogs.ui.inspecting import InspectButton  # noqa: PLC0415 - its pages replace this menu

    buttons = (
        EditButton(message_id),
        BranchButton(message_id),
        RewindButton(message_id),
        InspectButton(message_id, "0"),
        DeleteButton(message_id),
    )
    await interaction.response.send_message(MENU, view=_row(*buttons), ephemeral=True)


async def show_edit(interaction: discord.Interaction, message_id: UUID) -> None:
    """Answers with the words of a message in a form."""
    words = await services_of(interaction).branches.words_to_edit(
        caller_of(interaction), place_of(interaction), message_id
    )
    if len(words) > FORM_LETTERS:
        told = TOO_LONG.format(count=len(words), most=FORM_LETTERS)
        await interaction.response.send_message(told, ephemeral=True)
        return
    await interaction.response.send_modal(EditForm(message_id, words))


async def show_branch(interaction: discord.Interaction, message_id: UUID) -> None:
    """Asks whether a branch goes on here or in a new thread."""
    here = RewindButton(message_id, label="Here")
    if interaction.guild_id is None:
        await _ask(interaction, BRANCH_HERE, _row(here))
    else:
        await _ask(interaction, f"{BRANCH_HERE}\n{BRANCH_AWAY}", _row(here, ForkButton(message_id)))


async def show_delete(interaction: discord.Interaction, message_id: UUID) -> None:
    """Asks before it deletes."""
    await _ask(interaction, SURE, _row(SureButton(message_id)))


async def rewind_here(interaction: discord.Interaction, message_id: UUID) -> None:
    """Has the scene go on from a message."""
    await _defer(interaction)
    await services_of(interaction).branches.rewind(caller_of(interaction), place_of(interaction), message_id)
    await _close(interaction, REWOUND)


async def shown_by(interaction: discord.Interaction, post: discord.Message) -> UUID:
    """The message of the story that a post shows."""
    return (await services_of(interaction).branches.find(place_of(interaction), post.id)).id


def narrated(words: str) -> str:
    """Narration, as it stands in a thread."""
    return "\n".join(f"*{line}*" if line else "" for line in plain(words, 1_800).splitlines())


def _row(*buttons: PersistentButton) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view


# What was asked for one pair of eyes gives way to the next question, and at last to what came of it.


def is_in_a_menu(interaction: discord.Interaction) -> bool:
    """Whether something was pressed, or a form opened, in a message that only its reader sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def _ask(interaction: discord.Interaction, words: str, view: discord.ui.View) -> None:
    if is_in_a_menu(interaction):
        await interaction.response.edit_message(content=words, view=view)
    else:
        await interaction.response.send_message(words, view=view, ephemeral=True)


async def _defer(interaction: discord.Interaction) -> None:
    if is_in_a_menu(interaction):
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def _close(interaction: discord.Interaction, words: str) -> None:
    if is_in_a_menu(interaction):
        await interaction.edit_original_response(content=words, view=None)
    else:
        await interaction.followup.send(words, ephemeral=True)
