"""The chunks that a PNG file is made of, walked without decoding any picture (PNG specification, 5)."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: where it begins in the file, its type, its content, and the checksum the file gives."""

    start: int
    kind: bytes
    content: memoryview
    checksum: int

    @property
    def is_intact(self) -> bool:
        """Whether the checksum is the content's."""
        return zlib.crc32(self.content, zlib.crc32(self.kind)) == self.checksum


class BrokenOff(Exception):
    """The file ends within a chunk, or says that a chunk is longer than the file."""

    def __init__(self, start: int) -> None:
        super().__init__(f"the chunk at byte {start} is not whole")
        self.start = start


def walk(png: bytes) -> Iterator[Chunk]:
    """Yield the chunks up to IEND or the end; raises BrokenOff where a chunk is not whole."""
    view, start = memoryview(png), len(SIGNATURE)
    while start < len(png):
        if start + 12 > len(png):
            raise BrokenOff(start)
        length, kind = struct.unpack_from(">I4s", png, start)
        end = start + 8 + length
        if end + 4 > len(png):
            raise BrokenOff(start)
        (checksum,) = struct.unpack_from(">I", png, end)
        yield Chunk(start, kind, view[start + 8 : end], checksum)
        if kind == b"IEND":
            return
        start = end + 4


def write(kind: bytes, content: bytes | memoryview) -> bytes:
    """Return a chunk's bytes, with its length and checksum."""
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I4s", len(content), kind), content, struct.pack(">I", checksum)))
