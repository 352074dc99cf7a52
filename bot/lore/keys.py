"""Keys: what must be said for an entry to fire, and how it is looked for.

A key `/…/flags` is a regular expression, as SillyTavern has it, and so is every key of an entry with V3's `use_regex`.
SillyTavern writes that mark on every entry that it exports; its own entries are known by their `display_index`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bot.cards.lorebook import LoreEntry
from bot.lore.expressions import LONGEST, Expression, Unreadable, escaped, read_expression, read_literal
from bot.lore.texts import HEAD, Patience, Text, plain
from bot.macros import Expander

_MACRO = re.compile(r"\{\{[^{}]{0,200}\}\}|<(?:bot|char|user)>", re.IGNORECASE)
# Scripts that leave no space between words (or join particles to them): Thai to Lao, Burmese, Khmer, Hangul, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_RETRY = 500  # of patience, for a hit that is no whole word
_WORD, _PATTERN = 1_000, 2_000  # of patience, for reading one; more for a longer pattern, by its square
_KEPT = 2_000  # letters of an entry's keys; longer ones are read each time


@dataclass(frozen=True, slots=True)
class Word:
    """A plain key, in the spelling of the text that it is looked for in."""

    shown: str
    needle: str
    is_folded: bool
    is_whole: bool

    def find(self, text: Text) -> int | str | None:
        """Return the label of the text in which the key first stands, or None."""
        needle = self.needle
        if len(needle) >= HEAD:
            heads = text.heads(self.is_folded)
            if needle[:HEAD] not in heads or needle[-HEAD:] not in heads:
                return None
        said = text.folded if self.is_folded else text.exact
        if not text.patience.spend(len(said) * (1 + len(needle) // 16)):
            return None
        found = said.find(needle)
        while self.is_whole and found >= 0 and not _stands_alone(said, found, found + len(needle)):
            found = said.find(needle, found + 1) if text.patience.spend(_RETRY) else -1
        return None if found < 0 else text.label(found, is_folded=self.is_folded)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A key that is a regular expression."""

    shown: str
    expression: Expression

    def find(self, text: Text) -> int | str | None:
        """Return the label of the text in which it first matches, or None."""
        if not text.patience.spend(len(text.encoded) * self.expression.cost):
            return None
        found = self.expression.find(text.encoded)
        return None if found < 0 else text.label_of_byte(found)


@dataclass(frozen=True, slots=True)
class Broken:
    """A regular expression that cannot be read; it never matches."""

    shown: str
    problem: str

    def find(self, text: Text) -> None:
        """Return None."""


Key: TypeAlias = Word | Pattern | Broken


@dataclass(frozen=True, slots=True)
class Hit:
    """A key that was found, and the label of the text in which it stands."""

    key: Key
    label: int | str


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an entry. If `heads` are known, no key is in a text that has none of them; `cost` is of patience."""

    keys: tuple[Key, ...]
    is_folded: bool
    heads: frozenset[str] | None
    cost: int
    broken: Broken | None = None

    def first_hit(self, texts: Iterable[Text]) -> Hit | None:
        """Return the first key that stands in one of the texts."""
        for text in texts:
            if self.heads is not None and self.heads.isdisjoint(text.heads(self.is_folded)):
                continue
            for key in self.keys:
                label = key.find(text)
                if label is not None:
                    return Hit(key, label)
        return None

    def hits(self, texts: Sequence[Text]) -> list[Hit]:
        """Return every key that stands in one of the texts."""
        found = (
            (key, next((label for text in texts if (label := key.find(text)) is not None), None)) for key in self.keys
        )
        return [Hit(key, label) for key, label in found if label is not None]


class KeyReader:
    """Reads keys as they are written in entries: macros are filled in and patterns compiled."""

    def __init__(self, expander: Expander, patience: Patience) -> None:
        self._expander = expander
        self._patience = patience

    def read(self, written: tuple[str, ...], entry: LoreEntry, place: str) -> Keys:
        """Return the keys, in the manner of their entry, without the empty ones; `place` seeds their macros."""
        is_pattern = entry.use_regex and "display_index" not in entry.extensions
        folds, whole = not entry.case_sensitive, bool(entry.match_whole_words)
        if self._patience.is_over:
            return Keys((), folds, None, 0)
        filled = tuple([self._filled(key, is_pattern, place) if "{{" in key or "<" in key else key for key in written])
        has_patterns = is_pattern or any(key.lstrip().startswith("/") for key in filled)  # these are kept elsewhere
        is_kept = not has_patterns and sum(map(len, filled)) < _KEPT
        keys = (_read if is_kept else _read.__wrapped__)(filled, folds, whole, is_pattern)
        self._patience.spend(keys.cost)
        return keys

    def _filled(self, key: str, is_pattern: bool, place: str) -> str:
        """Return a key with its macros filled in; within a pattern, a name is no pattern."""
        if not is_pattern and read_literal(key.strip()) is None:
            return self._expander.expand(key, place=place)
        return _MACRO.sub(lambda macro: self._name(macro[0], place), key)

    def _name(self, macro: str, place: str) -> str:
        name = self._expander.expand(macro, place=place)
        return macro if name == macro else escaped(name)


@lru_cache(maxsize=1 << 13)
def _read(written: tuple[str, ...], folds: bool, whole: bool, is_pattern: bool) -> Keys:
    keys: list[Key] = []
    cost = 0
    for text in written:
        key = text.strip()
        pattern = read_literal(key) or ((key, "i" if folds else "") if is_pattern else None)
        if pattern is not None and key:
            expression = read_expression(*pattern)
            keys.append(
                Broken(key, expression.problem) if isinstance(expression, Unreadable) else Pattern(key, expression)
            )
            cost += _PATTERN + min(len(key), LONGEST) ** 2
        elif needle := plain(key):
            keys.append(Word(key, needle.casefold() if folds else needle, folds, whole))
            cost += _WORD
    heads = [key.needle[:HEAD] if isinstance(key, Word) else "" for key in keys]
    return Keys(
        tuple(keys),
        folds,
        frozenset(heads) if all(len(head) == HEAD for head in heads) else None,
        cost,
        next((key for key in keys if isinstance(key, Broken)), None),
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return _is_edge(before, text[start]) and _is_edge(after, text[end - 1])


def _is_edge(beside: str, letter: str) -> bool:
    """Return whether a word may end between a letter and what stands beside it."""
    if not (beside.isalnum() or beside == "_" or (beside > "\x7f" and unicodedata.category(beside)[0] == "M")):
        return True
    return _UNSPACED.match(beside) is not None or _UNSPACED.match(letter) is not None
