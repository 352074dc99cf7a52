"""The comment in a picture's EXIF block, found without decoding the picture (JPEG: CIPA DC-008; WebP: RFC 9649).

The block is a TIFF file (TIFF 6.0, 2) in which everything points somewhere: each step is checked against its end.
"""

import struct
from collections.abc import Iterator

from bot.cards import png_chunks

_COMMENT, _DESCRIPTION, _EXIF_DIRECTORY = 0x9286, 0x010E, 0x8769
_SIZES = {1: 1, 2: 1, 4: 4, 7: 1}
_MAX_FIELDS = 512
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_UNICODE = b"UNICODE\0"
_CHARSETS = (b"ASCII\0\0\0", _UNICODE, b"JIS\0\0\0\0\0", bytes(8))
_MAX_WIDE = 2 * 2**20


def comments(picture: bytes) -> Iterator[memoryview]:
    """Yield the texts that a JPEG's, WebP's or PNG's EXIF holds, the user's comment first; none of what is broken."""
    for block in _blocks(picture):
        tiff = block[6:] if bytes(block[:6]) == b"Exif\0\0" else block
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(tiff[:4]))
        if order:
            yield from _texts(tiff, order)


def _texts(tiff: memoryview, order: str) -> Iterator[memoryview]:
    first = _directory(tiff, order, _number(tiff, order, 4))
    pointer = first.get(_EXIF_DIRECTORY)
    nested = _directory(tiff, order, _number(pointer, order, 0)) if pointer is not None else {}
    for found in (nested.get(_COMMENT), first.get(_COMMENT)):
        if found is not None:
            yield _without_charset(found, order)
    if _DESCRIPTION in first:
        yield first[_DESCRIPTION]


def _directory(tiff: memoryview, order: str, at: int) -> dict[int, memoryview]:
    """Return a directory's values by their tag, those that stand within the block."""
    if at + 2 > len(tiff):
        return {}
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    values: dict[int, memoryview] = {}
    for start in range(at + 2, min(at + 2 + 12 * min(count, _MAX_FIELDS), len(tiff) - 11), 12):
        tag, kind, length = struct.unpack_from(f"{order}HHL", tiff, start)
        size = length * _SIZES.get(kind, 0)
        place = start + 8 if size <= 4 else _number(tiff, order, start + 8)
        if size and place + size <= len(tiff):
            values[tag] = tiff[place : place + size]
    return values


def _number(tiff: memoryview, order: str, at: int) -> int:
    return struct.unpack_from(f"{order}L", tiff, at)[0] if at + 4 <= len(tiff) else len(tiff)


def _without_charset(comment: memoryview, order: str) -> memoryview:
    """Return a comment in UTF-8 without the eight bytes that name its character set, which some writers forget."""
    charset, text = bytes(comment[:8]), comment[8:]
    if charset not in _CHARSETS:
        return comment
    start = bytes(text[:2])
    utf8 = start[:1] == b"{" and start[1:] != b"\0"  # what many write under the name of UNICODE
    if charset != _UNICODE or utf8 or len(text) > _MAX_WIDE:
        return text
    marked = start in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if marked else "utf-16-le" if order == "<" or start[1:] == b"\0" else "utf-16-be"
    return memoryview(bytes(text).decode(encoding, "replace").encode("utf-8", "replace"))


def _blocks(picture: bytes) -> Iterator[memoryview]:
    view = memoryview(picture)
    if picture.startswith(b"\xff\xd8"):
        yield from _jpeg_blocks(view)
    elif picture[:4] == b"RIFF":
        yield from _webp_blocks(view)
    else:
        try:
            yield from (chunk.content for chunk in png_chunks.walk(picture) if chunk.kind == b"eXIf")
        except png_chunks.BrokenOff:
            return


def _jpeg_blocks(view: memoryview) -> Iterator[memoryview]:
    at = 2
    while at + 4 <= len(view) and view[at] == 0xFF:
        kind = view[at + 1]
        if kind == 0xFF:  # a byte of padding
            at += 1
            continue
        if kind in (_START_OF_SCAN, _END_OF_IMAGE):
            return
        (length,) = struct.unpack_from(">H", view, at + 2)
        if kind == 0xE1 and bytes(view[at + 4 : at + 10]) == b"Exif\0\0":
            yield view[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def _webp_blocks(view: memoryview) -> Iterator[memoryview]:
    at = 12
    while at + 8 <= len(view):
        kind, length = struct.unpack_from("<4sL", view, at)
        if kind == b"EXIF":
            yield view[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
