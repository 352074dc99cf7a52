"""Small books and scenes to fire them in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.cards.lorebook import Lorebook, LoreEntry
from bot.lore import Book, Heard, Lore, Timer, Told, fire
from bot.macros import Expander, Meanings


def count_words(text: str) -> int:
    return len(text.split())


def make_entry(content: str = "The sea.", **settings: Any) -> LoreEntry:
    return LoreEntry(content=content, **settings)


def book(*entries: LoreEntry, id: str = "character", budget: int | None = None, **settings: Any) -> Book:
    return Book(id, "Isle", Lorebook(entries=entries, token_budget=budget, **settings))


def play(
    books: Book | Sequence[Book],
    *said: str,
    depth: int | None = None,
    replies: int = 0,
    greeting: int | None = None,
    timers: Mapping[str, Timer] | None = None,
    seed: str = "s",
    expander: Expander | None = None,
    count: Callable[[str], int] = count_words,
    budget: int = 1_000,
) -> Lore:
    """Fire the books in a scene of these messages, the newest last."""
    return fire(
        [books] if isinstance(books, Book) else books,
        Heard(said, len(said) if depth is None else depth, greeting, replies),
        timers=timers or {},
        seed=seed,
        expander=expander or Expander(Meanings(char="Mirela", user="Ann", seed=seed)),
        count=count,
        default_budget=budget,
    )


def told(entry: LoreEntry, *said: str, **scene: Any) -> Told:
    """Return the report of an entry alone in its book."""
    return play(book(entry), *said, **scene).told[0]


def texts(lore: Lore) -> list[str]:
    return [placed.text for placed in lore.placed]
