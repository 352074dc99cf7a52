"""The texts that keys are looked for in, made ready once for thousands of keys."""

import unicodedata
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

_LONGEST = 60_000  # characters, the newest
HEAD = 4  # letters


class Patience:
    """How much work the looking may still cost, so that hostile lorebooks end; about a nanosecond each."""

    def __init__(self, left: int = 500_000_000) -> None:
        self._left = left

    @property
    def is_over(self) -> bool:
        """Return whether it is used up."""
        return self._left <= 0

    def spend(self, work: int) -> bool:
        """Take from it; return whether there was any left."""
        self._left -= work
        return self._left > 0


class Text:
    """Several texts to be looked through as one, in this order; whoever found a key learns in which of them it stands.

    `labels` name them: a message by its number from the newest, an entry by its title.
    """

    def __init__(self, pieces: Sequence[str], labels: Sequence[int | str], patience: Patience) -> None:
        self._pieces = _clipped(pieces)
        self.labels = labels
        self.patience = patience

    @cached_property
    def _exact(self) -> list[str]:
        return [plain(piece) for piece in self._pieces]

    @cached_property
    def _folded(self) -> list[str]:
        return [piece.casefold() for piece in self._exact]

    @cached_property
    def _encoded(self) -> list[bytes]:
        return [piece.encode(errors="replace") for piece in self._pieces]

    @cached_property
    def exact(self) -> str:
        """Return the text in one spelling of accents and apostrophes."""
        return "\n".join(self._exact)

    @cached_property
    def folded(self) -> str:
        """Return the same without a difference between capitals and small letters."""
        return "\n".join(self._folded)

    @cached_property
    def encoded(self) -> bytes:
        """Return the text as it is written, in UTF-8."""
        return b"\n".join(self._encoded)

    def heads(self, is_folded: bool) -> frozenset[str]:
        """Return every four letters that stand together in `folded` or `exact`: no key with others is there."""
        return self._heads_of_folded if is_folded else self._heads_of_exact

    @cached_property
    def _heads_of_exact(self) -> frozenset[str]:
        return _heads(self.exact)

    @cached_property
    def _heads_of_folded(self) -> frozenset[str]:
        return _heads(self.folded)

    def label(self, position: int, *, is_folded: bool) -> int | str:
        """Return the label of the text in which a position in `folded` or `exact` is."""
        return self._label(self._folded if is_folded else self._exact, position)

    def label_of_byte(self, position: int) -> int | str:
        """Return the label of the text in which a position in `encoded` is."""
        return self._label(self._encoded, position)

    def _label(self, pieces: Sequence[str] | Sequence[bytes], position: int) -> int | str:
        for label, piece in zip(self.labels, pieces, strict=False):
            if position <= len(piece):
                return label
            position -= len(piece) + 1
        return self.labels[-1]


def plain(text: str) -> str:
    """Return a text in composed letters and with typewriter's apostrophes, as telephones do not write them."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).replace("’", "'").replace("‘", "'")


def _heads(text: str) -> frozenset[str]:
    return frozenset(map("".join, zip(*(text[start:] for start in range(HEAD)), strict=False)))


def _clipped(pieces: Sequence[str]) -> list[str]:
    left, kept = _LONGEST, list[str]()
    for piece in pieces:
        if left <= 0:
            break
        kept.append(piece[:left])
        left -= len(kept[-1]) + 1
    return kept


def recent(messages: Sequence[str], depth: int, patience: Patience) -> Text:
    """Return the newest messages, as many as `depth`, the newest first."""
    newest = messages[max(0, len(messages) - depth) :] if depth > 0 else ()
    return Text(newest[::-1], range(len(newest)), patience)


def together(texts: Sequence[tuple[str, Sequence[str]]], patience: Patience) -> Text:
    """Return the texts of entries, each with its title, as one."""
    labels = list(chain.from_iterable([title] * len(pieces) for title, pieces in texts))
    return Text(list(chain.from_iterable(pieces for _, pieces in texts)), labels, patience)
