"""The entries of a zip archive from a stranger, read without trusting a word of it (PKWARE's APPNOTE, 4.3).

Python's own reader makes an object of every entry that the directory claims, and lets entries overlap.
"""

import struct
import zlib
from dataclasses import dataclass

from bot.cards.card_fields import shown
from bot.cards.packed_text import MAX_INFLATED, Budget, Damaged, TooLarge, inflate, joined, pieces
from bot.errors import Invalid

MAX_ENTRIES = 4_096

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 2**16
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_ZIP64, _ZIP64_FIELD = 0xFFFFFFFF, 1
_LINK, _KIND = 0xA000, 0xF000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: its path, and where and how its content stands."""

    path: str
    start: int
    end: int
    method: int
    size: int
    checksum: int


class Archive:
    """The files of a zip archive by their path."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the directory; raises Invalid with a sentence that begins with the file's name."""
        self._data = memoryview(data)
        self._name = name
        self._budget = Budget()
        self.entries = {entry.path: entry for entry in self._directory()}

    def read(self, entry: Entry, limit: int) -> tuple[bytes, bool]:
        """Return an entry's content, and whether its checksum is right; raises Damaged, or TooLarge past the limit."""
        if entry.size > limit:
            raise TooLarge
        packed = self._data[entry.start : entry.end]
        parts = inflate(packed, self._budget, raw=True) if entry.method == _DEFLATED else pieces(packed)
        try:
            content = joined(parts, entry.size)
        except TooLarge:  # more than the directory says
            raise Damaged from None
        if len(content) != entry.size:
            raise Damaged
        return content, zlib.crc32(content) == entry.checksum

    def _directory(self) -> list[Entry]:
        tail = max(0, len(self._data) - _MAX_COMMENT - _END.size)
        found = bytes(self._data[tail:]).rfind(b"PK\5\6")
        at = tail + found
        if found < 0 or at + _END.size > len(self._data):
            raise Invalid(f"{self._name} breaks off: it is an archive without its directory. Download it again.")
        _, disk, first, _, count, size, offset, _ = _END.unpack_from(self._data, at)
        if disk or first or size > at or _ZIP64 in (size, offset):
            raise Invalid(f"{self._name} is a kind of archive that cannot be read. Save it as an ordinary zip.")
        if count > MAX_ENTRIES:
            raise Invalid(f"{self._name} holds {count:,} files; {MAX_ENTRIES:,} is the limit.")
        start = at - size
        # What stands before the archive (a picture, in some programs' files) moves all of it.
        entries = self._listed(start, at, start - offset)
        self._refuse_overlaps(entries, start)
        if sum(entry.size for entry in entries) > MAX_INFLATED:
            raise Invalid(f"{self._name} inflates to more than 64 MiB. Leave some of its pictures out and try again.")
        return entries

    def _listed(self, at: int, end: int, moved: int) -> list[Entry]:
        found: dict[str, Entry] = {}
        for _ in range(MAX_ENTRIES):
            if at == end:
                return list(found.values())
            if at + _CENTRAL.size > end:
                break
            fields = _CENTRAL.unpack_from(self._data, at)
            named, extra, comment = fields[10:13]
            at += _CENTRAL.size
            name, more = (bytes(self._data[at : at + named]), bytes(self._data[at + named : at + named + extra]))
            at += named + extra + comment
            if fields[0] != b"PK\1\2" or at > end:
                break
            path = self._checked_path(name, flags=fields[3], attributes=fields[15])
            if path in found:
                raise Invalid(f"{self._name} holds {_shown(path)} twice, so which one counts is open. Save it anew.")
            if not path.endswith("/"):
                found[path] = self._entry(path, fields, _sizes(fields, more), moved)
        raise Invalid(f"{self._name} is damaged: its directory cannot be read. Download it again.")

    def _checked_path(self, name: bytes, *, flags: int, attributes: int) -> str:
        try:
            path = name.decode()
        except UnicodeDecodeError:
            path = name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        path = path.replace("\\", "/")
        if flags & _ENCRYPTED:
            raise Invalid(f"{self._name} is encrypted: {_shown(path)} needs a password. Save it without one.")
        if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/") or "\0" in path:
            raise Invalid(f"{self._name} is refused: {_shown(path)} points to a place outside the archive.")
        if attributes >> 16 & _KIND == _LINK:
            raise Invalid(f"{self._name} is refused: {_shown(path)} is a link, not a file.")
        return path

    def _entry(self, path: str, fields: tuple[int, ...], sizes: tuple[int, int, int], moved: int) -> Entry:
        method, checksum, (size, packed, offset) = fields[4], fields[7], sizes
        at = offset + moved
        if at < 0 or at + _LOCAL.size > len(self._data) or bytes(self._data[at : at + 4]) != b"PK\3\4":
            raise Invalid(
                f"{self._name} is damaged: {_shown(path)} is not where the directory says. Download it again."
            )
        if method not in (_STORED, _DEFLATED):
            raise Invalid(
                f"{self._name} packs {_shown(path)} in a way that cannot be read. Save it as an ordinary zip."
            )
        header = _LOCAL.unpack_from(self._data, at)
        start = at + _LOCAL.size + header[9] + header[10]
        if start + packed > len(self._data):
            raise Invalid(f"{self._name} breaks off within {_shown(path)}. Download it again.")
        return Entry(path, start, start + packed, method, size, checksum)

    def _refuse_overlaps(self, entries: list[Entry], directory: int) -> None:
        end = 0
        for entry in sorted(entries, key=lambda entry: (entry.start, entry.end)):
            if entry.start < end + _LOCAL.size * (end > 0) or entry.end > directory:
                raise Invalid(f"{self._name} is refused: {_shown(entry.path)} overlaps another part of the archive.")
            end = entry.end


def _sizes(fields: tuple[int, ...], extra: bytes) -> tuple[int, int, int]:
    """Return a file's size, its packed size and its offset; the large ones stand in a field of their own (4.5.3)."""
    sizes = [fields[9], fields[8], fields[16]]
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        wide = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind != _ZIP64_FIELD:
            continue
        for index in range(3):
            if sizes[index] == _ZIP64 and len(wide) >= 8:
                sizes[index] = int.from_bytes(wide[:8], "little")
                wide = wide[8:]
    return sizes[0], sizes[1], sizes[2]


def _shown(path: str) -> str:
    return shown(path, 60) or "a file"
