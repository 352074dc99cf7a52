"""The manager: one's own characters alone, and what can be done with them."""

from typing import Any
from uuid import UUID

import discord

from bot.characters.catalogue import Page
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.editor import EditButton, PublishButton, UnpublishButton
from cogs.ui.exporting import ExportButton
from cogs.ui.forms import names_form
from cogs.ui.launching import ChatButton
from cogs.ui.notices import show_notices
from cogs.ui.text import plain, plural
from storage.character_pages import Cursor
from storage.characters import Character

NONE_YET = "### You have no characters yet\nMake one from scratch, or bring one along: `/character import`."
ASK_DELETE = "**Delete {name}?** {chats} This cannot be taken back."
NO_CHAT = "No chat plays it now."
ONE_CHAT = "One chat plays it now and goes on until its owner ends it; no new ones start."
SOME_CHATS = "{count:,} chats play it now and go on until their owners end them; no new ones start."


class MoreButton(PersistentButton, prefix="character.more", keys=(ID,), label="⋯"):
    """What else can be done with a character."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the counts and the buttons."""
        standing = await services_of(interaction).characters.standing(caller_of(interaction), self.keys[0])
        character = standing.character
        view = discord.ui.View(timeout=None)
        view.add_item(ChatButton(character.id))
        view.add_item(UnpublishButton(character.id) if character.status == "published" else PublishButton(character.id))
        view.add_item(ExportButton(character.id))
        view.add_item(DeleteButton(character.id))
        words = (
            f"**{plain(character.name, 160)}** · {plural(character.play_count, 'chat')} started, "
            f"{standing.running:,} running · {plural(standing.reports, 'report')}."
        )
        await interaction.response.send_message(words, view=view, ephemeral=True)


class DeleteButton(PersistentButton, prefix="character.delete", keys=(ID,), label="Delete…"):
    """Asks before deleting."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Asks."""
        await ask_delete(interaction, self.keys[0])


class ReallyDeleteButton(PersistentButton, prefix="character.gone", keys=(ID,), label="Delete for good"):
    """Deletes."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Deletes, and says so in place of the question."""
        character = await services_of(interaction).characters.delete(caller_of(interaction), self.keys[0])
        await interaction.response.edit_message(content=f"{plain(character.name, 160)} is deleted.", view=None)


class CreateButton(PersistentButton, prefix="character.create", label="Create character"):
    """Opens the first form."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(names_form(None))


class TurnOwnPageButton(PersistentButton, prefix="manage.turn", keys=("before|after", "[0-9]", "[0-9]{1,17}", ID)):
    """Goes through one's own characters; the place in the listing fits the custom id."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the page."""
        way, rank, moment, last = self.keys
        cursor = Cursor(int(rank), int(moment), UUID(last))
        before, after = (cursor, None) if way == "before" else (None, cursor)
        page = await services_of(interaction).characters.owned_page(caller_of(interaction), before=before, after=after)
        files = await avatar_files(services_of(interaction).avatars, page.characters)
        await interaction.response.edit_message(view=ManagerView(page), attachments=files)


MANAGER_ITEMS = (MoreButton, DeleteButton, ReallyDeleteButton, CreateButton, TurnOwnPageButton)


class ManagerView(discord.ui.LayoutView):
    """A page of one's own characters: 36 components at most, of Discord's 40."""

    def __init__(self, page: Page) -> None:
        super().__init__(timeout=None)
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        container.add_item(discord.ui.TextDisplay[Any]("## Your characters" if page.characters else NONE_YET))
        for character in page.characters:
            container.add_item(card(character))
            container.add_item(_row(character))
        self.add_item(container)
        turns = [_turn("before", page.before), _turn("after", page.after)]
        self.add_item(discord.ui.ActionRow[Any](*(turn for turn in turns if turn), CreateButton()))


async def open_manager(interaction: discord.Interaction) -> None:
    """Sends what is new for the author, and the first page, after a deferral."""
    services = services_of(interaction)
    page = await services.characters.owned_page(caller_of(interaction))
    files = await avatar_files(services.avatars, page.characters)
    await interaction.followup.send(view=ManagerView(page), files=files, ephemeral=True)
    await show_notices(interaction)


async def ask_delete(interaction: discord.Interaction, wanted: str) -> None:
    """Asks whether a character should be deleted, and says how many chats use it."""
    standing = await services_of(interaction).characters.standing(caller_of(interaction), wanted)
    character, running = standing.character, standing.running
    view = discord.ui.View(timeout=None)
    view.add_item(ReallyDeleteButton(character.id))
    chats = (NO_CHAT, ONE_CHAT)[running] if running < 2 else SOME_CHATS.format(count=running)
    words = ASK_DELETE.format(name=plain(character.name, 160), chats=chats)
    await interaction.response.send_message(words, view=view, ephemeral=True)


def _row(character: Character) -> discord.ui.ActionRow[Any]:
    return discord.ui.ActionRow[Any](EditButton(character.id), MoreButton(character.id))


def _turn(way: str, cursor: Cursor | None) -> TurnOwnPageButton | None:
    if cursor is None:
        return None
    label = "◀ Back" if way == "before" else "More ▶"
    return TurnOwnPageButton(way, str(cursor.rank), str(cursor.value), cursor.id, label=label)
