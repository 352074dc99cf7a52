"""The lorebooks of characters, read once for each version: four thousand entries take longer than a reply may."""

from collections import OrderedDict
from uuid import UUID

from bot.characters.playing import Played
from bot.lore import Book
from bot.prompt import books_of

MOST = 64


class Shelf:
    """Keeps the books of the characters that spoke last; a version never changes, so neither does its book."""

    def __init__(self) -> None:
        self._books: OrderedDict[tuple[UUID, int], tuple[Book, ...]] = OrderedDict()

    def books(self, played: Played) -> tuple[Book, ...]:
        """The books of a character's version."""
        key = (played.character.id, played.version)
        if key not in self._books:
            self._books[key] = books_of(played.card)
            if len(self._books) > MOST:
                self._books.popitem(last=False)
        self._books.move_to_end(key)
        return self._books[key]
