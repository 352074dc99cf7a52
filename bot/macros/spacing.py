"""Whitespace around macros: what `{{trim}}` takes away and `{{noop}}` keeps, and the indent of a block's words."""

import re
from collections.abc import Sequence

from bot.macros.parsing import Item, trimmed

_INDENT = re.compile(r"(?:[ \t]*+\r?\n)*+([ \t]*+)")
_BREAKS = "\r\n"


class Mark(str):
    """An empty piece of a text that is known by being itself, so that nobody's words can be one."""

    __slots__ = ()


TRIM = Mark()
NOOP = Mark()


def joined(pieces: Sequence[str]) -> str:
    """Return the pieces as one text, without the line breaks around each trim; a noop keeps what it stands beside."""
    if not any(piece is TRIM for piece in pieces):
        return "".join(pieces)
    kept: list[str] = []
    trims = False
    for piece in pieces:
        if piece is TRIM:
            _trim_end(kept)
            trims = True
        elif piece is NOOP:
            kept.append(piece)
            trims = False
        elif left := piece.lstrip(_BREAKS) if trims else piece:
            kept.append(left)
            trims = False
    return "".join(kept)


def _trim_end(pieces: list[str]) -> None:
    while pieces and pieces[-1] is not NOOP:
        pieces[-1] = pieces[-1].rstrip(_BREAKS)
        if pieces[-1]:
            return
        pieces.pop()


def dedented(items: Sequence[Item]) -> list[Item]:
    """Return a block's items without whitespace at both ends and without the first line's indent on all others."""
    first = items[0] if items else ""
    indent = found[1] if isinstance(first, str) and (found := _INDENT.match(first)) else ""
    if indent:
        items = [item.replace(f"\n{indent}", "\n") if isinstance(item, str) else item for item in items]
    return trimmed(items)
