"""Texts that a file packed, unpacked piece by piece, so that no more than the result is ever in memory."""

import base64
import binascii
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from bot.cards.untrusted_json import MAX_DOCUMENT
from bot.errors import Invalid

MAX_INFLATED = 64 * 2**20

_PIECE = 64 * 2**10
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLANK = b"\0 \t\r\n"


class Damaged(Exception):
    """What was packed cannot be unpacked."""


class NotBase64(Damaged):
    """What should be base64 text is none."""


class TooLarge(Exception):
    """What was packed is larger than it may be."""


class Budget:
    """How much one file may inflate to, all its parts together: 64 MiB."""

    def __init__(self, size: int = MAX_INFLATED) -> None:
        self.left = size

    def spend(self, size: int) -> None:
        """Take this much; raises TooLarge when it is not there."""
        self.left -= size
        if self.left < 0:
            raise TooLarge


def pieces(content: bytes | memoryview) -> Iterator[bytes]:
    """Yield the content in pieces of 64 KiB."""
    for start in range(0, len(content), _PIECE):
        yield bytes(content[start : start + _PIECE])


def inflate(deflated: bytes | memoryview, budget: Budget, *, raw: bool = False) -> Iterator[bytes]:
    """Yield what a zlib stream (or, if `raw`, a deflate stream) holds; raises Damaged, or TooLarge past the budget.

    A stream that breaks off yields what there is of it.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
    try:
        for piece in pieces(deflated):
            waiting, inflated = piece, b"?"
            # zlib may hold back output when all its input is taken: it has no more only when it gives less than asked.
            while inflated and not inflater.eof:
                inflated = inflater.decompress(waiting, _PIECE)
                waiting = inflater.unconsumed_tail
                budget.spend(len(inflated))
                yield inflated
    except zlib.error:
        raise Damaged from None


def joined(parts: Iterable[bytes], limit: int) -> bytes:
    """Return the parts as one; raises TooLarge when they are longer than the limit."""
    whole = io.BytesIO()
    for part in parts:
        if whole.tell() + len(part) > limit:
            raise TooLarge
        whole.write(part)
    return whole.getvalue()


def from_base64(text: Iterable[bytes], limit: int = MAX_DOCUMENT) -> bytes:
    """Return what base64 text stands for, whatever its line breaks, padding and alphabet (RFC 4648, 4 and 5).

    Raises Damaged when it is not base64, TooLarge when it stands for more than the limit.
    """
    return joined(_decoded(text), limit)


def _decoded(text: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    try:
        for part in text:
            rest += part.translate(_URL_SAFE, _BLANK)
            whole = len(rest) - len(rest) % 4
            yield base64.b64decode(rest[:whole], validate=True)
            rest = rest[whole:]
        rest = rest.rstrip(b"=")
        yield base64.b64decode(rest + b"=" * (-len(rest) % 4), validate=True)
    except binascii.Error:
        raise NotBase64 from None


def document_in(text: Iterable[bytes], *, where: str) -> tuple[bytes, bool]:
    """Return the JSON in a text that is base64, as it should be, or bare; and whether it is bare.

    Raises Invalid, which says where.
    """
    try:
        parts = iter(text)
        start = next((piece for part in parts if (piece := part.lstrip(_BLANK))), b"")
        whole = chain((start,), parts)
        if start[:1] == b"{":
            return joined(whole, MAX_DOCUMENT).strip(_BLANK), True
        return from_base64(whole), False
    except TooLarge:
        raise Invalid(f"{_sentence(where)} inflates to far more than any card needs.") from None
    except NotBase64:
        raise Invalid(f"The card in {where} is not base64 text, so it cannot be read. Export it anew.") from None
    except Damaged:
        raise Invalid(f"{_sentence(where)} is damaged: it does not inflate. Download it again.") from None


def _sentence(where: str) -> str:
    return where[:1].upper() + where[1:]
