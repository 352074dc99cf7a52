"""JSON from strangers: read within bounds, repaired where that is harmless, else refused in a sentence."""

import codecs
import json
import math
from collections.abc import Callable
from typing import TypeAlias

from bot.errors import Invalid

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]
Warn: TypeAlias = Callable[[str], None]

MAX_DOCUMENT = 16 * 2**20
MAX_TEXT = 2**20
MAX_DEPTH = 64
# What JSON writers can write: orjson refuses others.
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**64 - 1
# An empty list costs 60 bytes of memory and three of the file, so the parts are counted before any is made.
_MAX_CONTAINERS = 100_000
_MAX_COMMAS = 500_000

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_json(document: bytes | str, warn: Warn) -> Json:
    """Return the document's value: without NUL characters, lone surrogates or numbers that JSON cannot write.

    A document has at most 16 MiB, a text at most 1 MiB, and values lie at most 64 levels deep. Every repair
    is told to `warn` with the place it was made at. Raises Invalid when the document cannot be used.
    """
    if len(document) > MAX_DOCUMENT:
        raise Invalid("The card's JSON is longer than 16 MiB. Shorten it and try again.")
    text = _decode(document, warn) if isinstance(document, bytes) else document
    return _Repair(warn).value(_parse(text.removeprefix("\ufeff"), warn), None, 0)


def _decode(document: bytes, warn: Warn) -> str:
    encoding = next((name for mark, name in _ENCODINGS if document.startswith(mark)), "utf-8")
    if encoding != "utf-8":
        warn(f"The JSON is written in {encoding.upper()}; it was read, but cards should be UTF-8.")
    try:
        return document.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The card's JSON is not {encoding.upper()} text: byte {error.start + 1} does not fit. "
            "Save it as UTF-8 and try again."
        ) from None


def _parse(text: str, warn: Warn) -> Json:
    if text.count("[") + text.count("{") > _MAX_CONTAINERS or text.count(",") > _MAX_COMMAS:
        raise Invalid("The card's JSON has too many parts to be a card.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control character"):
            raise _broken(error) from None
    except (RecursionError, ValueError) as error:
        raise _unreadable(error) from None
    try:
        value: Json = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise _broken(error) from None
    except (RecursionError, ValueError) as error:
        raise _unreadable(error) from None
    warn("The JSON has raw line breaks or control characters inside texts; they were kept.")
    return value


def _broken(error: json.JSONDecodeError) -> Invalid:
    reason = error.msg.split(":")[0].lower()
    return Invalid(f"The card's JSON breaks off at line {error.lineno}, column {error.colno}: {reason}.")


def _unreadable(error: Exception) -> Invalid:
    if isinstance(error, RecursionError):
        return _too_deep(None)
    return Invalid("The card's JSON has a number with thousands of digits. Remove it and try again.")


def _too_deep(place: "_Place") -> Invalid:
    where = f" at {_written(place)}" if place else ""
    return Invalid(f"The card's JSON is nested more than {MAX_DEPTH} levels deep{where}. A card never needs that.")


# Where a value stands: its container's place, then its key or index. Written out only when a warning needs
# it, since joining the keys of every value would let one long key cost its length a thousand times.
_Place: TypeAlias = "tuple[_Place, str | int] | None"


def _written(place: _Place) -> str:
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step[:40]}")
    text = "".join(reversed(steps)).removeprefix(".").replace("\0", "")
    return text.encode("utf-8", "replace").decode()[:120] or "the document"


class _Repair:
    """Walks a parsed value and mends what text columns and JSON writers cannot hold."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn

    def value(self, value: Json, place: _Place, depth: int) -> Json:
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, int | float):
            return self._number(value, place)
        if not isinstance(value, list | dict):
            return value
        if depth >= MAX_DEPTH:
            raise _too_deep(place)
        if isinstance(value, list):
            return [self.value(item, (place, index), depth + 1) for index, item in enumerate(value)]
        return {self._text(key, (place, key)): self.value(item, (place, key), depth + 1) for key, item in value.items()}

    def _number(self, value: float, place: _Place) -> Json:
        if isinstance(value, int):
            if _LEAST_INTEGER <= value <= _GREATEST_INTEGER:
                return value
            self._warn(f"{_written(place)} is a number of more than 64 bits; it was rounded.")
            try:
                value = float(value)
            except OverflowError:
                return None
        if math.isfinite(value):
            return value
        self._warn(f"{_written(place)} is not a finite number; it was read as nothing.")
        return None

    def _text(self, text: str, place: _Place) -> str:
        if "\0" in text:
            self._warn(f"{_written(place)} holds NUL characters; they were removed.")
            text = text.replace("\0", "")
        if not text.isascii():
            text = self._whole_characters(text, place)
        if len(text) * 4 > MAX_TEXT and len(text.encode()) > MAX_TEXT:
            raise Invalid(f"{_written(place)} is longer than 1 MiB. Shorten it and try again.")
        return text

    def _whole_characters(self, text: str, place: _Place) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self._warn(f"{_written(place)} holds broken characters (half a surrogate pair); they show as �.")
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text
