"""The lore of a chat: which books are read along, and what adds them and takes them away."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import discord

from bot.chat.chat_lore import LoreOfChat
from bot.client import services_of
from cogs.ui.buttons import Form, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT
from cogs.ui.importing import read_upload
from cogs.ui.lore_book import send_book
from cogs.ui.text import gist, plain, plural
from storage.chat_lore import InUse
from storage.lorebooks import Title

MENU_ROOM = 25
NAME_ROOM = 60
NOTHING = "No lore is read along here."
HOW = (
    "-# What an entry tells goes into the prompt when one of its keys is said; `/chat inspect` shows which and why. "
    "`/chat lore file:…` reads a world-info file."
)
OTHERS_DECIDE = "-# Whoever opened this chat, and who manages threads here, can add books and take them away."


class AddBookSelect(PersistentSelect, prefix="chat.book.add", keys=("[01]",)):
    """One's own books that are not read along yet."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Has the chosen one read along."""
        await interaction.response.defer()
        book_id = UUID(self.chosen(interaction)[0])
        await services_of(interaction).chat_lore.add(caller_of(interaction), place_of(interaction), book_id)
        await _update(interaction)


class TakeAwaySelect(PersistentSelect, prefix="chat.book.away"):
    """The books that are read along."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Takes the chosen one away."""
        await interaction.response.defer()
        book_id = UUID(self.chosen(interaction)[0])
        await services_of(interaction).chat_lore.take_away(caller_of(interaction), place_of(interaction), book_id)
        await _update(interaction)


class OpenBookSelect(PersistentSelect, prefix="chat.book.open", keys=("[01]",)):
    """One's own books, to read and to write in."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the chosen one."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_book(interaction, "book", UUID(self.chosen(interaction)[0]))


class NewBookButton(PersistentButton, prefix="chat.book.new", label="New book"):
    """Asks for a name."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(NewBookForm())


class NewBookForm(Form, title="A new book of lore"):
    """The name of a book that is read along in this chat from then on."""

    def __init__(self) -> None:
        super().__init__()
        self._name = discord.ui.TextInput[Any](max_length=80)
        self.add_item(discord.ui.Label[Any](text="Name", component=self._name))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Makes it, and opens it for its first entry."""
        await interaction.response.defer()
        book_id = await services_of(interaction).chat_lore.add_new(
            caller_of(interaction), place_of(interaction), self._name.value
        )
        await _update(interaction)
        await send_book(interaction, "book", book_id)


CHAT_LORE_ITEMS = (AddBookSelect, TakeAwaySelect, OpenBookSelect, NewBookButton)


async def show_chat_lore(interaction: discord.Interaction, file: discord.Attachment | None) -> None:
    """Sends the panel, after a deferral; a file's book is read along at once."""
    lore, caller, place = services_of(interaction).chat_lore, caller_of(interaction), place_of(interaction)
    if file is not None:
        await lore.add_file(caller, place, await read_upload(file), file.filename)
    await interaction.followup.send(view=await _panel(interaction), ephemeral=True)


async def _update(interaction: discord.Interaction) -> None:
    await interaction.edit_original_response(view=await _panel(interaction))


async def _panel(interaction: discord.Interaction) -> discord.ui.LayoutView:
    caller = caller_of(interaction)
    lore = await services_of(interaction).chat_lore.look(caller, place_of(interaction))
    parts: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay[Any](_told(lore))]
    if lore.may_change:
        parts += [
            discord.ui.ActionRow[Any](AddBookSelect(str(number), options=options, placeholder="Add a book of yours"))
            for number, options in enumerate(_menus(lore.mine))
        ]
    removable = [book for book in lore.books if lore.may_change or book.owner_user_id == caller.user_id]
    if removable:
        (options,) = _menus(removable)
        parts.append(discord.ui.ActionRow[Any](TakeAwaySelect(options=options, placeholder="Take a book away")))
    own = [*(book for book in lore.books if book.owner_user_id == caller.user_id), *lore.mine]
    parts += [
        discord.ui.ActionRow[Any](OpenBookSelect(str(number), options=options, placeholder="Open a book of yours"))
        for number, options in enumerate(_menus(own))
    ]
    if lore.may_change:
        parts.append(discord.ui.ActionRow[Any](NewBookButton()))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container[Any](*parts, accent_colour=ACCENT))
    return view


def _told(lore: LoreOfChat) -> str:
    lines = ["### Lore of this chat"]
    lines += [
        f"- {plain(each.name, NAME_ROOM)}'s own book · {plural(each.entries, 'entry', 'entries')}"
        for each in lore.characters
    ]
    lines += [
        f"- **{plain(book.name, NAME_ROOM)}** · {plural(book.entries, 'entry', 'entries')} · <@{book.owner_user_id}>"
        for book in lore.books
    ]
    if len(lines) == 1:
        lines.append(NOTHING)
    return "\n".join([*lines, HOW if lore.may_change else OTHERS_DECIDE])


def _menus(books: Sequence[Title | InUse]) -> list[list[discord.SelectOption]]:
    """The options of as many menus as the books need; a person has fifty at most."""
    options = [
        discord.SelectOption(
            label=gist(book.name, 100) or "-", value=book.id.hex, description=plural(book.entries, "entry", "entries")
        )
        for book in books
    ]
    return [options[start : start + MENU_ROOM] for start in range(0, min(len(options), 2 * MENU_ROOM), MENU_ROOM)]
