"""Reads a text into a tree of words, macros and `{{if}}` blocks; in linear time, whatever the text.

A macro is `{{name}}`, `{{name rest}}`, `{{name:rest}}` or `{{name::rest}}`, in which others may nest. Braces that are
never closed are words. `<BOT>`, `<CHAR>` and `<USER>` are macros too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

# Of more than two braces in a row the last two open, so `{{{char}}}` is a name in braces. Most macros are a name
# alone, so those are one token.
_TOKEN = re.compile(r"\{\{(?!\{)(?:\s*+([#/]?[a-z_]\w*+)\s*+\}\})?+|\}\}|<(bot|char|user)>", re.IGNORECASE | re.ASCII)
_HEAD = re.compile(r"\s*+(?://|([#/]?)\s*+([a-z_]\w*+)(?:\s*+(::?)\s*+|\s++|\Z))", re.IGNORECASE | re.ASCII)
_COMMA = re.compile(r"(?<!\\),")


class Macro(NamedTuple):  # of which there are many, and a tuple is made in half the time
    """A macro as it stands in its text, from `start` to `end`; without a name it is none that could be known."""

    name: str  # in small letters; `/if` closes, `#if` is an if that keeps its whitespace
    inside: Sequence["Item"]  # all between the braces; nothing where a name stands there alone
    rest: Sequence["Item"]  # what follows the name and its separator
    is_given: bool  # whether anything follows, if only a separator
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """`{{if …}}…{{else}}…{{/if}}`, from `start` to `end` in its text."""

    opening: Macro
    then: Sequence["Item"]
    otherwise: Sequence["Item"]
    start: int
    end: int


Item: TypeAlias = str | Macro | Block


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text as a tree, and whether it was read to its end or the macros were too many."""

    items: Sequence[Item]
    is_whole: bool


def parse(text: str, most: int) -> Parsed:
    """Return a text as a tree; after `most` macros the rest is words."""
    root: list[Item] = []
    frames: list[tuple[int, list[Item]]] = []
    current: list[Item] = root
    at, count, is_whole = 0, 0, True
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        name: str | None = token[1] or token[2]
        closes = name is None and text[start] == "}"
        if closes and not frames:
            continue
        if not closes and count >= most:
            is_whole = False
            break
        if at < start:
            current.append(text[at:start])
        at = end
        count += not closes
        if name is not None:
            bare = name.lower()
            current.append(Macro("char" if bare == "bot" and token[2] else bare, (), (), False, start, end))
        elif closes:
            opened, inside = frames.pop()
            current = frames[-1][1] if frames else root
            current.append(_macro(_folded(inside), opened, end))
        else:
            current = []
            frames.append((start, current))
    if at < len(text):
        current.append(text[at:])
    for _, inside in frames:  # never closed; the outermost first
        root.append("{{")
        root += inside
    return Parsed(_folded(root), is_whole)


def _macro(inside: Sequence[Item], start: int, end: int) -> Macro:
    first = inside[0] if inside else ""
    head = _HEAD.match(first) if isinstance(first, str) else None
    if head is None or _runs_on(head, inside):
        return Macro("", inside, (), True, start, end)
    name = f"{head[1]}{head[2].lower()}" if head[2] else "//"
    rest = trimmed([head.string[head.end() :], *inside[1:]])
    return Macro(name, inside, rest, bool(rest or head[3]), start, end)


def _runs_on(head: re.Match[str], inside: Sequence[Item]) -> bool:
    """Whether the name runs into a nested macro, as in `{{reverse{{char}}}}`, and is thus none."""
    ends = head.end() == len(head.string) and len(inside) > 1
    return bool(ends and head[2] and not head[3] and not head[0][-1].isspace())


@dataclass(slots=True)
class _Open:
    """A block that is being read."""

    opening: Macro
    then: list[Item] = field(default_factory=list["Item"])
    divider: Macro | None = None
    otherwise: list[Item] = field(default_factory=list["Item"])

    @property
    def items(self) -> list[Item]:
        return self.otherwise if self.divider else self.then


def _folded(items: list[Item]) -> list[Item]:
    """Return the items with blocks in place of their macros; those of a block that is never closed stay macros."""
    if not any(isinstance(item, Macro) and item.name == "/if" for item in items):
        return items
    root: list[Item] = []
    opened: list[_Open] = []
    for item in items:
        name = item.name if isinstance(item, Macro) else None
        if isinstance(item, Macro) and opens(item):
            opened.append(_Open(item))
        elif isinstance(item, Macro) and opened and name == "/if":
            block = opened.pop()
            target = opened[-1].items if opened else root
            target.append(Block(block.opening, block.then, block.otherwise, block.opening.start, item.end))
        elif isinstance(item, Macro) and opened and name == "else" and opened[-1].divider is None:
            opened[-1].divider = item
        else:
            (opened[-1].items if opened else root).append(item)
    for block in opened:
        root += [block.opening, *block.then]
        root += [block.divider, *block.otherwise] if block.divider else []
    return root


def opens(macro: Macro) -> bool:
    """Whether a macro is an if whose words stand after it, rather than in it after a `::`."""
    return macro.name in ("if", "#if") and halves(macro.rest)[1] is None


def halves(items: Sequence[Item]) -> tuple[list[Item], list[Item] | None]:
    """Return what stands before and after the first `::`, those in nested macros aside; None where there is none."""
    for at, item in enumerate(items):
        if isinstance(item, str) and "::" in item:
            before, after = item.split("::", 1)
            return trimmed([*items[:at], before]), trimmed([after, *items[at + 1 :]])
    return trimmed(items), None


def choices(items: Sequence[Item]) -> list[list[Item]]:
    r"""Return the parts between `::`, or where there is none between commas but for those written `\,`; not trimmed."""
    has_colons = any(isinstance(item, str) and "::" in item for item in items)
    parts: list[list[Item]] = [[]]
    for item in items:
        if isinstance(item, str):
            head, *others = item.split("::") if has_colons else _between_commas(item)
            parts[-1].append(head)
            for other in others:
                parts.append([other])
        else:
            parts[-1].append(item)
    return parts


def _between_commas(words: str) -> list[str]:
    if "\\" not in words:
        return words.split(",")
    return [each.replace("\\,", ",") for each in _COMMA.split(words)]


def trimmed(items: Sequence[Item]) -> list[Item]:
    """Return the items without whitespace at both ends, as far as it is written there and no macro's."""
    kept = list(items)
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return [item for item in kept if item != ""]
