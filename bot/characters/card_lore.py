"""The book of lore in a character's card: each change is a new version, as with all else of a card."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from bot.caller import Caller
from bot.cards.card import Card
from bot.cards.card_fields import Warnings
from bot.cards.lorebook import Lorebook, LoreEntry, read_lorebook
from bot.characters.catalogue import EDITED_MEANWHILE, Characters, Definition
from bot.characters.changes import Change
from bot.characters.lore_shelf import NO_ENTRY, BookSettings, OpenBook, configured, joined
from bot.errors import Busy, Invalid


class CardLore:
    """A Shelf of the books in cards, by the ids of their characters.

    An entry's key names the version in which it stands at its place, so nobody changes another one by mistake.
    """

    def __init__(self, characters: Characters) -> None:
        self._characters = characters

    async def open(self, caller: Caller, book_id: UUID) -> OpenBook:
        """The book of one of the caller's characters, an empty one where its card has none."""
        definition = await self._characters.definition(caller, str(book_id))
        book = book_in(definition.card)
        keys = tuple(f"{definition.version}-{number}" for number in range(len(book.entries)))
        return OpenBook(definition.character.id, f"Lore of {definition.character.name}", book, keys, is_deletable=False)

    async def add(self, caller: Caller, book_id: UUID, entry: LoreEntry) -> None:
        """Adds an entry at the end; Invalid where the book is full."""
        await self._save(caller, book_id, lambda book: joined(book, (entry,)))

    async def change(self, caller: Caller, book_id: UUID, key: str, entry: LoreEntry) -> None:
        """Puts another entry in the place of one; Busy when the character was changed since it was shown."""
        await self._at(caller, book_id, key, (entry,))

    async def remove(self, caller: Caller, book_id: UUID, key: str) -> None:
        """Removes an entry; Busy when the character was changed since it was shown."""
        await self._at(caller, book_id, key, ())

    async def configure(self, caller: Caller, book_id: UUID, settings: BookSettings) -> None:
        """Renames the book and changes how it is looked through."""
        await self._save(caller, book_id, lambda book: configured(book, settings))

    async def take_in(self, caller: Caller, book_id: UUID, read: Lorebook, *, joins: bool) -> None:
        """Puts a file's book in the place of the card's, or adds its entries."""
        await self._save(caller, book_id, lambda book: joined(book, read.entries) if joins else read)

    async def _at(self, caller: Caller, book_id: UUID, key: str, put: tuple[LoreEntry, ...]) -> None:
        version, _, place = key.partition("-")
        if not (version.isdecimal() and place.isdecimal()):
            raise Invalid(NO_ENTRY)
        number = int(place)

        def changed(book: Lorebook) -> Lorebook:
            if number >= len(book.entries):
                raise Invalid(NO_ENTRY)
            return replace(book, entries=(*book.entries[:number], *put, *book.entries[number + 1 :]))

        await self._save(caller, book_id, changed, made_from=int(version))

    async def _save(
        self, caller: Caller, book_id: UUID, changed: Callable[[Lorebook], Lorebook], *, made_from: int | None = None
    ) -> Definition:
        definition = await self._characters.definition(caller, str(book_id))
        if made_from not in (None, definition.version):
            raise Busy(EDITED_MEANWHILE)
        change = Change(character_book=changed(book_in(definition.card)))
        return await self._characters.edit(caller, str(book_id), change, made_from=definition.version)


def book_in(card: Card) -> Lorebook:
    """The book in a card; an empty one where it has none."""
    return read_lorebook(card.character_book, Warnings()) if card.character_book is not None else Lorebook()
