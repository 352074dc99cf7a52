"""JSON from strangers: read within bounds, repaired where that is harmless, else refused in a sentence."""

import codecs
import json
import math
import re
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
_MAX_CONTAINERS = 60_000
_MAX_COMMAS = 200_000
_MAX_FIELDS = 10_000
# Below this a document fits into memory whatever its letters are: Python spends up to four bytes on each.
_LIGHT = MAX_DOCUMENT // 4
_MAX_WHILE_DECODING = 2 * MAX_DOCUMENT

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_MARKS = tuple(mark for mark, name in _ENCODINGS if name != "utf-8")
_WITHIN_CHARACTERS = bytes(range(0x80, 0xC0))
_BEFORE_FOUR_BYTES, _BEFORE_TWO_BYTES = bytes(range(0xF0)), bytes(range(0xC4))
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WIDE_ESCAPE = re.compile(rb"\\u(?!00)")
_MARKS_OUTSIDE_TEXTS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{,])', re.DOTALL)


def read_json(document: bytes | str, warn: Warn) -> Json:
    """Return the document's value: without NUL characters, lone surrogates or numbers that JSON cannot write.

    A document has at most 16 MiB, in memory too, a text at most 1 MiB, and values lie at most 64 levels deep.
    Every repair is told to `warn` with the place it was made at. Raises Invalid when the document cannot be used.
    """
    if len(document) > MAX_DOCUMENT or (isinstance(document, bytes) and _is_too_long(document)):
        raise Invalid(_TOO_LONG)
    text = _decode(document, warn) if isinstance(document, bytes) else document
    del document
    value = _parse(text.removeprefix("\ufeff"), warn)
    del text
    return repaired(value, warn)


_TOO_LONG = (
    "The card's JSON is too long to be read: 16 MiB is the most, and a quarter of it where there are emoji. "
    "Shorten it and try again."
)


def repaired(value: Json, warn: Warn) -> Json:
    """Return a parsed value mended in place, as read_json does; raises Invalid past the limits."""
    return _Repair(warn).value(value, None, 0)


def _is_too_long(document: bytes) -> bool:
    """Whether a document, or what is made of it, takes more than 16 MiB of memory.

    Python spends on every letter of a text what its widest takes, and while it decodes, as much on every byte.
    """
    if len(document) <= _LIGHT:
        return False
    if document.startswith(_WIDE_MARKS):
        return True
    width = 1
    if document.translate(None, _BEFORE_FOUR_BYTES) or _SURROGATE.search(document):
        width = 4
    elif document.translate(None, _BEFORE_TWO_BYTES) or _WIDE_ESCAPE.search(document):
        width = 2
    letters = len(document.translate(None, _WITHIN_CHARACTERS))
    return letters * width > MAX_DOCUMENT or len(document) * width > _MAX_WHILE_DECODING


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
    _count_parts(text)
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


def _count_parts(text: str) -> None:
    if text.count("[") + text.count("{") <= _MAX_CONTAINERS and text.count(",") <= _MAX_COMMAS:
        return
    # Prose has commas too: those inside texts are left out before the document is refused.
    containers = commas = 0
    for found in _MARKS_OUTSIDE_TEXTS.finditer(text):
        mark = found[1]
        commas += mark == ","
        containers += mark in ("[", "{")
        if containers > _MAX_CONTAINERS or commas > _MAX_COMMAS:
            raise Invalid("The card's JSON has too many parts to be a card.")


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


def _is_picture(text: str, place: _Place) -> bool:
    """Whether this is the content of an asset, written into its address: pictures may be longer than texts."""
    if not text.startswith("data:") or place is None or place[1] != "uri":
        return False
    entry = place[0]
    return entry is not None and entry[0] is not None and entry[0][1] == "assets"


def _is_fine(value: Json) -> bool:
    """Whether a value needs no closer look, as nearly all do."""
    if isinstance(value, str):
        return value.isascii() and len(value) <= MAX_TEXT and "\0" not in value
    return value is None or isinstance(value, bool)


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
        if isinstance(value, dict):
            return self._object(value, place, depth)
        for index, item in enumerate(value):
            if not _is_fine(item):
                value[index] = self.value(item, (place, index), depth + 1)
        return value

    def _object(self, value: JsonObject, place: _Place, depth: int) -> JsonObject:
        if len(value) > _MAX_FIELDS:
            raise Invalid(f"{_written(place)} has {len(value):,} fields; {_MAX_FIELDS:,} is the limit.")
        for key, item in value.items():
            if not _is_fine(item):
                value[key] = self.value(item, (place, key), depth + 1)
        if all(_is_fine(key) for key in value):
            return value
        return {self._text(key, (place, key)): item for key, item in value.items()}

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
        if len(text) * 4 > MAX_TEXT and len(text.encode()) > MAX_TEXT and not _is_picture(text, place):
            raise Invalid(f"{_written(place)} is longer than 1 MiB. Shorten it and try again.")
        return text

    def _whole_characters(self, text: str, place: _Place) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self._warn(f"{_written(place)} holds broken characters (half a surrogate pair); they show as �.")
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text
