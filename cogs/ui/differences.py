"""How a text differs from another, as Discord can show it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

from cogs.ui.text import plain, tame, units

Kind = Literal["kept", "gone", "new"]

ALIKE = 0.5
"""From here on words are compared within the text; below, sentences stand against sentences."""
WORDS, SENTENCES = 700, 400
"""More than these are not compared: the time grows with the square, and nobody could read it either."""
NEAR = 12
"""Unchanged words that stay before and after a change, where not all fit."""

_WORDS = re.compile(r"\n+|\S+")
_SENTENCES = re.compile(r"(?<=[.!?…])[ \t]+|(?<=[.!?…][\"”’'*»)])[ \t]+|\n+")
_SIGNS: dict[Kind, str] = {"kept": "  ", "gone": "- ", "new": "+ "}
_NO_FENCE = "\u200b`"


class Piece(NamedTuple):
    """A word or a sentence, and what became of it."""

    kind: Kind
    text: str


MORE = Piece("kept", "…")


@dataclass(frozen=True, slots=True)
class Difference:
    """Markdown that shows a change, and whether it shows all of it."""

    markdown: str
    is_whole: bool


def difference(before: str, after: str, room: int) -> Difference:
    """What changed, in at most `room` letters as Discord counts them.

    A text that was hardly changed is shown with ~~old~~ and **new** words in their places, another one sentence
    by sentence in colours; where there was nothing before, the new text itself.
    """
    if not before.strip():
        shown = tame(after.strip(), room)
        return Difference(shown, is_whole=shown == tame(after.strip(), 2 * len(after) + room))
    words = _WORDS.findall(before), _WORDS.findall(after)
    if max(map(len, words)) <= WORDS:
        matcher = SequenceMatcher(None, *words, autojunk=False)
        if matcher.ratio() >= ALIKE:
            return _fitted(_pieces(matcher, *words), room, _in_line)
    return _by_sentences(before, after, room)


def _by_sentences(before: str, after: str, room: int) -> Difference:
    old, new = _sentences(before), _sentences(after)
    if max(len(old), len(new)) > SENTENCES:
        shown = _fitted([Piece("new", sentence) for sentence in new[:room]], room, _in_colours)
        return Difference(shown.markdown, is_whole=False)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return _fitted(_pieces(matcher, old, new), room, _in_colours)


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCES.split(text) if part.strip()]


def _pieces(matcher: SequenceMatcher[str], old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for change, start, end, new_start, new_end in matcher.get_opcodes():
        if change == "equal":
            pieces += [Piece("kept", one) for one in old[start:end]]
        else:
            pieces += [Piece("gone", one) for one in old[start:end]]
            pieces += [Piece("new", one) for one in new[new_start:new_end]]
    return pieces


def _fitted(pieces: list[Piece], room: int, render: Callable[[list[Piece]], str]) -> Difference:
    """All pieces if they fit; else without what is far from any change; else as many as fit."""
    whole = render(pieces)
    if units(whole) <= room:
        return Difference(whole, is_whole=True)
    near = _near_changes(pieces)
    shown = render(near)
    if units(shown) <= room:
        return Difference(shown, is_whole=False)
    few, many = 0, len(near)
    while many - few > 1:
        middle = (few + many) // 2
        if units(render([*near[:middle], MORE])) <= room:
            few = middle
        else:
            many = middle
    if few == 0:
        # A single piece, longer than a message: a text without spaces, say.
        kind, text = near[0]
        near, few = [Piece(kind, text[: room // 4])], 1
    return Difference(render([*near[:few], MORE]), is_whole=False)


def _near_changes(pieces: list[Piece]) -> list[Piece]:
    near: list[Piece] = []
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        run = list(group)
        if kind == "kept" and len(run) > 2 * NEAR + 1:
            run = [*run[:NEAR], MORE, *run[-NEAR:]]
        near += run
    return near


def _in_line(pieces: list[Piece]) -> str:
    """Words in their places: ~~old~~ **new**."""
    marks: dict[Kind, str] = {"kept": "", "gone": "~~", "new": "**"}
    out: list[str] = []
    for (kind, is_break), group in groupby(pieces, key=lambda piece: (piece.kind, "\n" in piece.text)):
        if is_break:
            # A paragraph that was joined to the one before leaves no gap.
            out += [breaks for found, breaks in group if found != "gone"]
        else:
            out.append(marks[kind] + " ".join(plain(word, 10 * len(word) + 10) for _, word in group) + marks[kind])
    return re.sub(r" *(\n+) *", r"\1", " ".join(out)).strip()


def _in_colours(pieces: list[Piece]) -> str:
    """One line a sentence, which Discord colours by its first sign."""
    lines = (f"{_SIGNS[kind]}{' '.join(text.split())}".replace("``", f"`{_NO_FENCE}") for kind, text in pieces)
    return "```diff\n" + "\n".join(lines) + "\n```"
