"""The few words of tar that an archive needs: written and read without keeping a list of what is in it."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

BLOCK = 512


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a tar: its name, where its header and its content begin, and the content's size."""

    name: str
    header: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + -(-self.size // BLOCK) * BLOCK


def header_of(name: str, size: int) -> bytes:
    """The block that goes before a file's content; zeros fill up the content's own last block."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.GNU_FORMAT)


def entries(file: IO[bytes], at: int = 0) -> Iterator[Entry]:
    """What stands in a tar from a place on, until its end or the first thing that is none."""
    while True:
        file.seek(at)
        block = file.read(BLOCK)
        try:
            found = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            return
        entry = Entry(found.name, at, at + BLOCK, found.size)
        at = entry.end
        yield entry


def content_of(file: IO[bytes], entry: Entry) -> bytes:
    """All that an entry holds."""
    file.seek(entry.start)
    return file.read(entry.size)
