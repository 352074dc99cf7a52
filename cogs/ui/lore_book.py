"""A book of lore to read and to write in: its entries page by page, and one of them by itself.

The book in a character's card and a book of a person's own are shown alike; `card` or `book` in an id says which.
"""

import io
from dataclasses import replace
from typing import Any
from uuid import UUID

import discord

from bot.cards.lore_texts import texts_of_entry, title_of
from bot.cards.lorebook import LoreEntry
from bot.characters.lore_shelf import OpenBook, Shelf, book_file
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.lore_forms import BookForm, EntryForm, UploadForm
from cogs.ui.text import gist, plain, plural

KIND, KEY = "card|book", "[0-9a-f-]{1,32}"
PAGE = 20
NAME_ROOM, KEYS_ROOM, CONTENT_ROOM = 50, 60, 1_800
EMPTY = "Nothing stands in this book yet. *New entry* begins it, *Upload* reads a world-info file."
ABOUT = "-# An entry goes into the prompt when one of its keys is said; one that is there *always* needs none."
CARD_SAVES = "-# Each change makes a new version of the character, which every chat reads from then on."
SURE = "**Delete {name}?** It is taken out of every chat too, and cannot be brought back."
DELETED = "{name} is deleted."
HERE_IT_IS = "Here it is, as a file that other programs read too (`lorebook_v3`)."


class OpenLoreButton(PersistentButton, prefix="lore.open", keys=(KIND, ID), label="Lore"):
    """Opens a book."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with its first page."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_book(interaction, self.keys[0], UUID(self.keys[1]))


class LorePageButton(PersistentButton, prefix="lore.page", keys=(KIND, ID, r"\d{1,3}")):
    """Turns to a page."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows that page in place of this one."""
        await interaction.response.defer()
        await show_page(interaction, self.keys[0], UUID(self.keys[1]), int(self.keys[2]))


class EntrySelect(PersistentSelect, prefix="lore.entry", keys=(KIND, ID)):
    """The entries of a page."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the one that was chosen."""
        await interaction.response.defer()
        opened = await _open(interaction, *self.keys)
        await interaction.edit_original_response(view=_entry_view(self.keys[0], opened, self.chosen(interaction)[0]))


class EditEntryButton(PersistentButton, prefix="lore.edit", keys=(KIND, ID, KEY), label="Edit"):
    """Opens the form of an entry."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it with what is there."""
        kind, book_id, key = self.keys
        entry = (await _open(interaction, kind, book_id)).entry(key)
        await interaction.response.send_modal(EntryForm(kind, UUID(book_id), key, entry))


class FlipEntryButton(PersistentButton, prefix="lore.flip", keys=(KIND, ID, KEY)):
    """Switches an entry on or off."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and shows its page."""
        await interaction.response.defer()
        kind, book_id, key = self.keys
        opened = await _open(interaction, kind, book_id)
        await shelf_of(interaction, kind).change(caller_of(interaction), opened.id, key, _flipped(opened.entry(key)))
        await show_page(interaction, kind, opened.id, opened.keys.index(key) // PAGE)


class RemoveEntryButton(PersistentButton, prefix="lore.remove", keys=(KIND, ID, KEY), label="Delete"):
    """Deletes an entry."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and shows the page where it stood."""
        await interaction.response.defer()
        kind, book_id, key = self.keys
        opened = await _open(interaction, kind, book_id)
        opened.entry(key)
        await shelf_of(interaction, kind).remove(caller_of(interaction), opened.id, key)
        await show_page(interaction, kind, opened.id, opened.keys.index(key) // PAGE)


class NewEntryButton(PersistentButton, prefix="lore.new", keys=(KIND, ID), label="New entry"):
    """Opens an empty form."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it to whoever may write in the book."""
        await _open(interaction, *self.keys)
        await interaction.response.send_modal(EntryForm(self.keys[0], UUID(self.keys[1]), None, LoreEntry()))


class BookSettingsButton(PersistentButton, prefix="lore.settings", keys=(KIND, ID), label="Settings"):
    """Opens the form of what stands around the entries."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it with what is there."""
        opened = await _open(interaction, *self.keys)
        await interaction.response.send_modal(BookForm(self.keys[0], opened.id, opened.book))


class UploadLoreButton(PersistentButton, prefix="lore.upload", keys=(KIND, ID), label="Upload"):
    """Asks for a file."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form to whoever may write in the book."""
        opened = await _open(interaction, *self.keys)
        await interaction.response.send_modal(UploadForm(self.keys[0], opened.id))


class DownloadLoreButton(PersistentButton, prefix="lore.file", keys=(KIND, ID), label="Download"):
    """Hands the book out as a file."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        opened = await _open(interaction, *self.keys)
        file = discord.File(io.BytesIO(book_file(opened.book)), f"{_file_name(opened.title)}.json")
        await interaction.followup.send(HERE_IT_IS, file=file, ephemeral=True)


class DropBookButton(PersistentButton, prefix="lore.drop", keys=(ID,), label="Delete book"):
    """Asks first."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Asks."""
        opened = await _open(interaction, "book", self.keys[0])
        view = discord.ui.View(timeout=None)
        view.add_item(GoneBookButton(opened.id))
        await interaction.response.send_message(SURE.format(name=plain(opened.title, 100)), view=view, ephemeral=True)


class GoneBookButton(PersistentButton, prefix="lore.gone", keys=(ID,), label="Delete for good"):
    """Deletes a book of one's own."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and says so."""
        await interaction.response.defer()
        name = await services_of(interaction).lorebooks.delete(caller_of(interaction), UUID(self.keys[0]))
        await interaction.edit_original_response(content=DELETED.format(name=plain(name, 100)), view=None)


LORE_ITEMS = (
    OpenLoreButton,
    LorePageButton,
    EntrySelect,
    EditEntryButton,
    FlipEntryButton,
    RemoveEntryButton,
    NewEntryButton,
    BookSettingsButton,
    UploadLoreButton,
    DownloadLoreButton,
    DropBookButton,
    GoneBookButton,
)


def shelf_of(interaction: discord.Interaction, kind: str) -> Shelf:
    """Where books of a kind are kept."""
    services = services_of(interaction)
    return services.card_lore if kind == "card" else services.lorebooks


async def send_book(interaction: discord.Interaction, kind: str, book_id: UUID) -> None:
    """Sends the first page of a book, after a deferral."""
    opened = await shelf_of(interaction, kind).open(caller_of(interaction), book_id)
    await interaction.followup.send(view=_book_view(kind, opened, 0), ephemeral=True)


async def show_page(interaction: discord.Interaction, kind: str, book_id: UUID, page: int) -> None:
    """Shows a page of a book where something was pressed, after a deferral."""
    opened = await shelf_of(interaction, kind).open(caller_of(interaction), book_id)
    await interaction.edit_original_response(view=_book_view(kind, opened, page))


def _book_view(kind: str, opened: OpenBook, wanted: int) -> discord.ui.LayoutView:
    """A page of the entries, what is done with one of them, and with the book."""
    entries, pages = opened.book.entries, max(1, -(-len(opened.keys) // PAGE))
    page = min(wanted, pages - 1)
    shown = range(page * PAGE, min(len(entries), (page + 1) * PAGE))
    lines = [f"### {plain(opened.title, 120)}", _facts(opened), *(_line(number, entries[number]) for number in shown)]
    lines += [ABOUT if entries else EMPTY, *([CARD_SAVES] if kind == "card" else [])]
    parts: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay[Any]("\n".join(lines))]
    if shown:
        options = [_option(number, opened.keys[number], entries[number]) for number in shown]
        select = EntrySelect(kind, opened.id, options=options, placeholder="Look at an entry")
        parts.append(discord.ui.ActionRow[Any](select))
    if pages > 1:
        back = LorePageButton(kind, opened.id, str(max(0, page - 1)), label="◀", disabled=page == 0)
        on = LorePageButton(kind, opened.id, str(page + 1), label=f"{page + 1}/{pages} ▶", disabled=page + 1 == pages)
        parts.append(discord.ui.ActionRow[Any](back, on))
    buttons: list[PersistentButton] = [
        NewEntryButton(kind, opened.id), BookSettingsButton(kind, opened.id),
        UploadLoreButton(kind, opened.id), DownloadLoreButton(kind, opened.id),
    ]  # fmt: skip
    if opened.is_deletable:
        buttons.append(DropBookButton(opened.id))
    return _view(*parts, discord.ui.ActionRow[Any](*buttons))


def _entry_view(kind: str, opened: OpenBook, key: str) -> discord.ui.LayoutView:
    """One entry as it is written, and what can be done with it."""
    entry, texts = opened.entry(key), texts_of_entry(opened.entry(key))
    number = opened.keys.index(key)
    lines = [
        f"### {plain(title_of(entry), 120) or f'Entry {number + 1}'}" + ("" if entry.enabled else " (off)"),
        f"**Keys:** {plain(texts.keys, 600) or 'none'}",
        *([f"**And with them:** {plain(texts.secondary_keys, 400)}"] if texts.secondary_keys else []),
        f"-# {plain(texts.placing, 300)}",
        plain(entry.content, CONTENT_ROOM),
    ]
    flip = FlipEntryButton(kind, opened.id, key, label="Switch off" if entry.enabled else "Switch on")
    back = LorePageButton(kind, opened.id, str(number // PAGE), label="Back")
    row = discord.ui.ActionRow[Any](
        EditEntryButton(kind, opened.id, key), flip, RemoveEntryButton(kind, opened.id, key), back
    )
    return _view(discord.ui.TextDisplay[Any]("\n".join(lines)), row)


def _view(*parts: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container[Any](*parts, accent_colour=ACCENT))
    return view


def _facts(opened: OpenBook) -> str:
    book = opened.book
    facts = [
        plural(len(book.entries), "entry", "entries"),
        "" if book.scan_depth is None else f"looks through {plural(book.scan_depth, 'message')}",
        "" if book.token_budget is None else f"at most {plural(book.token_budget, 'token')}",
        "entries call entries" if book.recursive_scanning else "",
    ]
    return f"-# {' · '.join(filter(None, facts))}"


def _line(number: int, entry: LoreEntry) -> str:
    keys = ", ".join(entry.keys) or ("always" if entry.constant else "no keys")
    named = plain(title_of(entry), NAME_ROOM) or "unnamed"
    state = "" if entry.enabled else " · off"
    size = plural(len(entry.content), "letter")
    return f"{number + 1}\\. **{named}** {plain(gist(keys, KEYS_ROOM), KEYS_ROOM)} · {size}{state}"


def _option(number: int, key: str, entry: LoreEntry) -> discord.SelectOption:
    label = f"{number + 1}. {title_of(entry)}".strip()
    about = " ".join(entry.content.split())
    return discord.SelectOption(label=gist(label, 100), value=key, description=gist(about, 100) or None)


def _flipped(entry: LoreEntry) -> LoreEntry:
    return replace(entry, enabled=not entry.enabled)


def _file_name(title: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in title)[:60].strip("_") or "lore"


async def _open(interaction: discord.Interaction, kind: str, book_id: str) -> OpenBook:
    return await shelf_of(interaction, kind).open(caller_of(interaction), UUID(book_id))
