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
TOO_LONG = "This message has {count:,} letters; a form holds {most:,}. *Regenerate* or *Continue* changes it."
MENU = (
    "**What shall be done with this message?**\n"
    "*Edit* puts other words beside it. *Rewind here* has the scene go on from it. *Branch* does so in place or in a "
    "new thread. *Delete* takes it out, with what follows it."
)
BRANCH_HERE = "**Where shall the branch go on?**\n*Here*: what came after stays in its own branch."
BRANCH_AWAY = "*In a new thread*: this one goes on as it is."
SURE = (
    "**Delete this message?** Your own words are gone everywhere and cannot be brought back. In a chat that you opened "
    "what follows goes out of it too; `/chat undo` and *Rewind* take back without deleting."
)
DONE = "Done."


class EditForm(Form, title="Other words"):
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
        await interaction.response.defer(ephemeral=True, thinking=True)
        await services_of(interaction).branches.edit(
            caller_of(interaction), place_of(interaction), self._message_id, self._words.value
        )
        await interaction.followup.send(DONE, ephemeral=True)


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
        await interaction.response.defer(ephemeral=True, thinking=True)
        require_room(interaction)
        opened = await services_of(interaction).openings.fork(
            caller_of(interaction), place_of(interaction), UUID(self.keys[0]), interaction_id=interaction.id
        )
        await interaction.followup.send(f"The branch goes on in <#{opened.place.id}>.", ephemeral=True)


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
        await interaction.edit_original_response(content="It is deleted.", view=None)


MENU_BUTTONS = (EditButton, BranchButton, RewindButton, ForkButton, DeleteButton, SureButton)


async def show_menu(interaction: discord.Interaction, message_id: UUID) -> None:
    """Answers with everything that can be done with a message."""
    buttons = (EditButton(message_id), BranchButton(message_id), RewindButton(message_id), DeleteButton(message_id))
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
        await interaction.response.send_message(BRANCH_HERE, view=_row(here), ephemeral=True)
        return
    words = f"{BRANCH_HERE}\n{BRANCH_AWAY}"
    await interaction.response.send_message(words, view=_row(here, ForkButton(message_id)), ephemeral=True)


async def show_delete(interaction: discord.Interaction, message_id: UUID) -> None:
    """Asks before it deletes."""
    await interaction.response.send_message(SURE, view=_row(SureButton(message_id)), ephemeral=True)


async def rewind_here(interaction: discord.Interaction, message_id: UUID) -> None:
    """Has the scene go on from a message."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await services_of(interaction).branches.rewind(caller_of(interaction), place_of(interaction), message_id)
    await interaction.followup.send(DONE, ephemeral=True)


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
