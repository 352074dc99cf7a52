"""Zip files one after the other, each as full as its limit allows. Pure: knows nothing of what is in them."""

import io
import zipfile
from dataclasses import dataclass

import orjson

PIECE_BYTES = 1_000_000
"""Texts come in pieces of about this size, so that a zip file can be closed near its limit."""
_ENTRY_BYTES = 200
"""What an entry takes in an archive beside its content and twice its name, rather too much."""
_END_BYTES = 1_000


def as_json(value: object, *, indent: bool = True) -> bytes:
    """A value as JSON: dates as ISO 8601 has them, ids as text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 if indent else None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file on its way into an archive."""

    path: str
    content: bytes


class Parcel:
    """One zip file in memory, never larger than its limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out = io.BytesIO()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._names = 0
        self.count = 0
        """How many files are in it."""

    def fits(self, entry: Entry) -> bool:
        """Whether it may be added, however badly it is compressed."""
        return self._out.tell() + self._names + largest(entry) + _END_BYTES <= self._limit

    def add(self, entry: Entry) -> None:
        """Adds a file."""
        self._zip.writestr(entry.path, entry.content)
        self._names += _around(entry)
        self.count += 1

    def close(self) -> bytes:
        """The archive; nothing can be added any more."""
        self._zip.close()
        return self._out.getvalue()


def largest(entry: Entry) -> int:
    """The most bytes that a file can take in an archive."""
    return len(entry.content) + len(entry.content) // 1000 + _around(entry)


def fits_alone(entry: Entry, limit: int) -> bool:
    """Whether an empty archive has room for it."""
    return largest(entry) + _END_BYTES <= limit


def _around(entry: Entry) -> int:
    return _ENTRY_BYTES + 2 * len(entry.path.encode())
