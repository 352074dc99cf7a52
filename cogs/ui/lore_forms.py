"""The forms in which people write lore: an entry, what stands around the entries, a file."""

from typing import Any
from uuid import UUID

import discord

from bot.cards.lore_texts import EXAMPLE, EntryTexts, entry_of, texts_of_entry
from bot.cards.lorebook import Lorebook, LoreEntry
from bot.characters.lore_shelf import BookSettings
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import Form
from cogs.ui.callers import caller_of
from cogs.ui.forms import FORM_LETTERS, TEXT_BYTES, as_text, downloaded

FILE_BYTES = 16 * 1024 * 1024
PARAGRAPH = discord.TextStyle.paragraph
YES, NO = frozenset({"yes", "y", "on", "true"}), frozenset({"no", "n", "off", "false"})
NOT_A_NUMBER = "“{typed}” is no whole number. Write one like 400, or leave the field empty for what is usual."
NOT_YES = "“{typed}” is neither yes nor no. Write one of the two, or leave the field empty."
LONG = "Now {count:,} letters, too long to edit here: upload a .txt file to replace it."
TOO_LONG = (
    "The keys of this entry have {count:,} letters; a form holds {most:,}. *Download* the book, change it there, and "
    "*Upload* it again."
)
FIRST_PAGE = 0


class EntryForm(Form, title="An entry of lore"):
    """An entry, new or to be changed."""

    def __init__(self, kind: str, book_id: UUID, key: str | None, entry: LoreEntry) -> None:
        super().__init__()
        self._kind, self._book_id, self._key, self._entry = kind, book_id, key, entry
        texts = texts_of_entry(entry)
        longest = max(len(texts.keys), len(texts.secondary_keys), len(texts.placing), len(texts.name))
        if longest > FORM_LETTERS:
            raise Invalid(TOO_LONG.format(count=longest, most=FORM_LETTERS))
        self._keys = _text(texts.keys, long=True)
        content = texts.content or ""
        self._content = (
            _text(content, long=True, required=True)
            if len(content) <= FORM_LETTERS
            else discord.ui.FileUpload[Any](required=False, max_values=1)
        )
        self._secondary = _text(texts.secondary_keys, long=True)
        self._placing = _text("" if key is None else texts.placing, placeholder=EXAMPLE)
        self._name = _text(texts.name)
        told = "What the character then knows." if len(content) <= FORM_LETTERS else LONG.format(count=len(content))
        self._ask("Keys", "Words that call it, with commas; /expressions/ in lines of their own.", self._keys)
        self._ask("What it tells", told, self._content)
        self._ask("Secondary keys", "One of these must be said too. Empty: the keys alone are enough.", self._secondary)
        self._ask("Order and place", "“always” needs no key. Lower order stands higher.", self._placing)
        self._ask("Name", "For you to find it again; the model does not read it.", self._name)

    def _ask(self, text: str, about: str, field: discord.ui.Item[Any]) -> None:
        self.add_item(discord.ui.Label[Any](text=text, description=about[:100], component=field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves it, and shows the book."""
        from cogs.ui.lore_book import PAGE, shelf_of, show_page  # noqa: PLC0415 - the book opens these forms

        await interaction.response.defer()
        texts = EntryTexts(
            self._keys.value, await self._told(), self._secondary.value, self._placing.value, self._name.value
        )
        entry = entry_of(texts, self._entry)
        shelf, caller = shelf_of(interaction, self._kind), caller_of(interaction)
        opened = await shelf.open(caller, self._book_id)
        if self._key is None:
            await shelf.add(caller, self._book_id, entry)
            number = len(opened.keys)
        else:
            await shelf.change(caller, self._book_id, self._key, entry)
            number = opened.keys.index(self._key) if self._key in opened.keys else 0
        await show_page(interaction, self._kind, self._book_id, number // PAGE)

    async def _told(self) -> str | None:
        if isinstance(self._content, discord.ui.TextInput):
            return self._content.value
        uploads = self._content.values
        return as_text(await downloaded(uploads[0], TEXT_BYTES)) if uploads else None


class BookForm(Form, title="A book of lore"):
    """What stands around the entries."""

    def __init__(self, kind: str, book_id: UUID, book: Lorebook) -> None:
        super().__init__()
        self._kind, self._book_id = kind, book_id
        recursive = {True: "yes", False: "no", None: ""}[book.recursive_scanning]
        self._name = _text(book.name[:80], most=80)
        self._scan_depth = _text(_written(book.scan_depth), most=10)
        self._token_budget = _text(_written(book.token_budget), most=10)
        self._recursive = _text(recursive, most=10)
        for label, about, field in (
            ("Name", "How the book is called.", self._name),
            ("Messages looked through", "For keys, from the newest. Empty: as is usual.", self._scan_depth),
            ("Tokens at most", "What its entries may take of a prompt. Empty: as is usual.", self._token_budget),
            ("Entries call entries", "yes or no: whether keys count in what other entries tell.", self._recursive),
        ):
            self.add_item(discord.ui.Label[Any](text=label, description=about, component=field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Saves it, and shows the book."""
        from cogs.ui.lore_book import shelf_of, show_page  # noqa: PLC0415 - the book opens these forms

        await interaction.response.defer()
        settings = BookSettings(
            name=self._name.value,
            scan_depth=_whole(self._scan_depth.value),
            token_budget=_whole(self._token_budget.value),
            recursive_scanning=_yes_or_no(self._recursive.value),
        )
        await shelf_of(interaction, self._kind).configure(caller_of(interaction), self._book_id, settings)
        await show_page(interaction, self._kind, self._book_id, FIRST_PAGE)


class UploadForm(Form, title="Read a book of lore"):
    """A world-info file, and what becomes of the entries that are there."""

    def __init__(self, kind: str, book_id: UUID) -> None:
        super().__init__()
        self._kind, self._book_id = kind, book_id
        self._file = discord.ui.FileUpload[Any](required=True, max_values=1)
        self._way = discord.ui.Select[Any](
            options=[
                discord.SelectOption(label="Its entries join those that are there", value="join", default=True),
                discord.SelectOption(label="It takes the place of all that is there", value="replace"),
            ],
            required=False,
        )
        self.add_item(
            discord.ui.Label[Any](
                text="File", description="World info of SillyTavern, or a lorebook (JSON).", component=self._file
            )
        )
        self.add_item(discord.ui.Label[Any](text="What it does", component=self._way))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Reads it, and shows the book."""
        from cogs.ui.lore_book import shelf_of, show_page  # noqa: PLC0415 - the book opens these forms

        await interaction.response.defer()
        shelf, caller = shelf_of(interaction, self._kind), caller_of(interaction)
        await shelf.open(caller, self._book_id)  # before a stranger has anything read
        file = self._file.values[0]
        read = await services_of(interaction).imports.read_lore(await downloaded(file, FILE_BYTES), file.filename)
        await shelf.take_in(caller, self._book_id, read, joins=self._way.values[:1] != ["replace"])
        await show_page(interaction, self._kind, self._book_id, FIRST_PAGE)


def _text(
    value: str, *, long: bool = False, required: bool = False, most: int = FORM_LETTERS, placeholder: str | None = None
) -> "discord.ui.TextInput[Any]":
    return discord.ui.TextInput[Any](
        default=value[:most] or None,
        required=required,
        max_length=most,
        placeholder=placeholder,
        style=PARAGRAPH if long else discord.TextStyle.short,
    )


def _written(number: int | None) -> str:
    return "" if number is None else str(number)


def _whole(typed: str) -> int | None:
    text = typed.strip().replace(",", "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise Invalid(NOT_A_NUMBER.format(typed=typed[:40]))
    return int(text)


def _yes_or_no(typed: str) -> bool | None:
    word = typed.strip().lower()
    if word and word not in YES | NO:
        raise Invalid(NOT_YES.format(typed=typed[:40]))
    return word in YES if word else None
