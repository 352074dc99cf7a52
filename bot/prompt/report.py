"""The report of a prompt: what went in, what did not and why, as it is kept with the reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from bot.lore import Told

_FORM = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one part of the prompt; `entry` is the key of a lore entry, as in Told."""

    name: str
    tokens: int
    included: bool = True
    why: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The parts in order of standing, every lore entry, and how the tokens were counted.

    `limit` and `used` are tokens. `unread` messages of the path did not go in, the newest of them being `unread_to`.
    `notes` tell what macros were cut or refused.
    """

    parts: tuple[Part, ...]
    lore: tuple[Told, ...]
    limit: int
    used: int
    model: str
    counted_by: str
    unread: int = 0
    unread_to: UUID | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """The report as compact JSON, which from_json reads."""
        words = _Words()
        lore = [
            (words.number(told.book), told.key, told.title, int(told.fired), words.number(told.why))
            for told in self.lore
        ]
        parts = [
            (part.name, part.tokens, int(part.included), words.number(part.why), part.entry) for part in self.parts
        ]
        return orjson.dumps(
            {
                "form": _FORM,
                "limit": self.limit,
                "used": self.used,
                "model": self.model,
                "counted_by": self.counted_by,
                "unread": self.unread,
                # The database's own kind of UUID is none that orjson knows.
                "unread_to": str(self.unread_to) if self.unread_to else None,
                "notes": self.notes,
                "words": words.told,
                "parts": parts,
                "lore": lore,
            }
        )

    @classmethod
    def from_json(cls, document: bytes) -> "Report":
        """The report that to_json wrote; ValueError for anything else."""
        kept = _Kept.model_validate_json(document)
        try:
            return cls(
                parts=tuple(
                    Part(name, tokens, bool(included), _word(kept.words, why), entry)
                    for name, tokens, included, why, entry in kept.parts
                ),
                lore=tuple(
                    Told(key, title, _word(kept.words, book), bool(fired), _word(kept.words, why))
                    for book, key, title, fired, why in kept.lore
                ),
                limit=kept.limit,
                used=kept.used,
                model=kept.model,
                counted_by=kept.counted_by,
                unread=kept.unread,
                unread_to=kept.unread_to,
                notes=kept.notes,
            )
        except IndexError:
            raise ValueError("a report's words are missing") from None


class _Words:
    """Words that recur, each told once: thousands of entries did not fire for the same few reasons."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    @property
    def told(self) -> list[str]:
        return list(self._numbers)


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    form: int
    limit: int
    used: int
    model: str
    counted_by: str
    unread: int
    unread_to: UUID | None
    notes: tuple[str, ...]
    words: tuple[str, ...]
    parts: tuple[tuple[str, int, int, int, str], ...]
    lore: tuple[tuple[int, str, str, int, int], ...]


def _word(words: Sequence[str], number: int) -> str:
    if number < 0:
        raise IndexError(number)
    return words[number]
