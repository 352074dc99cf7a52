"""Reading one object's fields as the types they should have, with a warning where a file says otherwise."""

import re
from datetime import UTC, datetime

from bot.cards.untrusted_json import Json, JsonObject

_MOST_WARNINGS = 20
_EXACT = 2**53  # floating-point numbers tell whole ones apart up to here
# No card is older than 2001 or newer than the year 5138: a larger number counts milliseconds.
_MILLISECONDS_FROM = 100_000_000_000
_YES, _NO = frozenset(("true", "yes", "on", "1")), frozenset(("false", "no", "off", "0"))
_NUMBER = re.compile(r"\s*-?\d{1,18}(\.\d{1,18})?\s*", re.ASCII)


def shown(text: str, most: int) -> str:
    """Return the end of a stranger's text as it may stand within a sentence: printable, without Discord's marks."""
    printable = "".join(letter for letter in text[-1000:] if letter.isprintable() and letter not in "`*~|<>@[]")
    return printable.encode("utf-8", "replace").decode()[-most:].strip()


class Warnings:
    """Collects warnings, twenty at most: a hostile file can earn one a byte."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}
        self._more = 0

    def add(self, warning: str) -> None:
        """Keep a warning, once."""
        if warning in self._told:
            return
        if len(self._told) < _MOST_WARNINGS:
            self._told[warning] = None
        else:
            self._more += 1

    def told(self) -> tuple[str, ...]:
        """Return what was kept, and how much was not."""
        return (*self._told, *([f"{self._more:,} more warnings are left out."] if self._more else []))


class Fields:
    """A JSON object whose fields are asked for by the type they should have."""

    def __init__(self, values: JsonObject, place: str, warnings: Warnings) -> None:
        self._values = values
        self._place = place
        self._warnings = warnings

    def warn(self, field: str, what: str) -> None:
        """Warn about a field; `what` continues a sentence that begins with its name."""
        self._warnings.add(f"{self._place}{field} {what}")

    def besides(self, known: frozenset[str]) -> JsonObject:
        """Return the fields that are not known."""
        return {key: value for key, value in self._values.items() if key not in known}

    def raw(self, field: str) -> Json:
        """Return a field as it came."""
        return self._values.get(field)

    def text(self, field: str) -> str:
        """Return a text; numbers are written out, lines in a list joined, and anything else is empty."""
        value = self._values.get(field, "")
        if isinstance(value, str):
            return value
        if isinstance(value, list) and all(isinstance(line, str) for line in value):
            self.warn(field, "is a list, not a text; its lines were joined.")
            return "\n".join(str(line) for line in value)
        if isinstance(value, int | float):
            self.warn(field, "is not a text; its value was written out.")
            return _written_out(value)
        self.warn(field, "is empty (null), not a text." if value is None else "is not a text and was left out.")
        return ""

    def line(self, field: str) -> str:
        """Return a text of one line, trimmed; no warning for a null."""
        text = "" if self._values.get(field) is None else self.text(field)
        line = " ".join(text.split())
        if line != text.strip():
            self.warn(field, "had line breaks or wide gaps, which became single spaces.")
        return line

    def texts(self, field: str, *, separator: str | None = None) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list, split where a separator is named."""
        value = self._values.get(field)
        if value is None:
            return ()
        if isinstance(value, str):
            if value:
                self.warn(field, "is a text, not a list; it was read as a list.")
            value = list[Json](value.split(separator)) if separator else [value]
            return tuple(
                text.strip() if separator else text for text in value if isinstance(text, str) and text.strip()
            )
        if not isinstance(value, list):
            self.warn(field, "is not a list and was left out.")
            return ()
        return tuple(text for index, item in enumerate(value) if (text := self._item(f"{field}[{index}]", item)))

    def _item(self, place: str, item: Json) -> str:
        if isinstance(item, str) and item.strip():
            return item
        if isinstance(item, int | float):
            self.warn(place, "is not a text; its value was written out.")
            return _written_out(item)
        self.warn(place, "is empty and was left out." if item in ("", None) else "is not a text and was left out.")
        return ""

    def texts_by_key(self, field: str) -> dict[str, str]:
        """Return an object of texts; what is not a text is left out."""
        found = self.object(field) or {}
        texts = {key: value for key, value in found.items() if isinstance(value, str)}
        if len(texts) < len(found):
            self.warn(field, "holds values that are not texts; they were left out.")
        return texts

    def moment(self, field: str) -> int | None:
        """Return a moment in Unix seconds; milliseconds, numbers as texts and ISO 8601 are understood."""
        value = self._values.get(field)
        if isinstance(value, str):
            value = self._moment_in(field, value)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.warn(field, "is not a date and was left out.")
            return None
        if abs(value) >= _MILLISECONDS_FROM:
            self.warn(field, "is in milliseconds; it was read as seconds.")
            value //= 1000
            # Or in microseconds: what is kept must not look like milliseconds when it is read once more.
            value = value // 1000 if abs(value) >= _MILLISECONDS_FROM else value
        if not 0 <= value < _MILLISECONDS_FROM:
            self.warn(field, "is not a date of our time and was left out.")
            return None
        return int(value)

    def _moment_in(self, field: str, text: str) -> Json:
        self.warn(field, "is a text, not a number.")
        if _NUMBER.fullmatch(text):
            return float(text) if "." in text else int(text)
        try:
            date = datetime.fromisoformat(text.strip())
        except ValueError:
            return None if not text.strip() else False
        try:
            return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
        except (OverflowError, ValueError):
            return False

    def flag(self, field: str) -> bool | None:
        """Return a yes or no, None when neither is said; 0, 1 and words are understood."""
        value = self._values.get(field)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int | float) else "?"
        if word == "":
            return None
        said = True if word in _YES else False if word in _NO else None
        self.warn(
            field, "is not true or false and was left out." if said is None else "is not true or false; it was read."
        )
        return said

    def number(self, field: str) -> float | None:
        """Return a number, whole where it is; numbers as texts are understood, and an empty text is none."""
        value = self._values.get(field)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            self.warn(field, "is a text, not a number.")
            value = float(value) if "." in value else int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.warn(field, "is not a number and was left out.")
            return None
        return int(value) if abs(value) < _EXACT and value == int(value) else value

    def whole(self, field: str) -> int | None:
        """Return a whole number; the places behind the point are cut off."""
        number = self.number(field)
        if number is not None and abs(number) >= _EXACT:
            self.warn(field, "is too large a number and was left out.")
            return None
        return None if number is None else int(number)

    def object(self, field: str) -> JsonObject | None:
        """Return an object, or None; an empty list or text stands for an empty one in some writers' files."""
        value = self._values.get(field)
        if value is None or isinstance(value, dict):
            return value
        self.warn(field, "is empty and was left out." if value in ([], "") else "is not an object and was left out.")
        return None

    def list(self, field: str) -> tuple[Json, ...]:
        """Return a list as it came; anything else is left out."""
        value = self._values.get(field)
        if value is None or isinstance(value, list):
            return tuple(value or ())
        self.warn(field, "is not a list and was left out.")
        return ()


def _written_out(value: float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
