"""How a worker's process answers: parts, each with its length, then a mark that says how it ended."""

import struct
from typing import BinaryIO

CPU_SECONDS = 2

PART, DONE, REFUSED, FAILED = b"\0", b"\1", b"\2", b"\3"
"""A piece of the answer; its end; a refusal, and what went wrong here, in words."""

HEADER = struct.Struct(">cL")
MAX_ANSWER = 96 * 2**20


def write_part(file: BinaryIO, mark: bytes, content: bytes) -> None:
    """Write one part of an answer."""
    file.write(HEADER.pack(mark, len(content)))
    file.write(content)
