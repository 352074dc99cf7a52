"""Reads the decorators at the head of an entry's content.

Source: character-card-spec-v3, "Decorators". A line `@@name value` is one, and lines `@@@name value` after it are
what counts where it is not known or its value is no use. What is for other kinds of programs (`@@instruct_depth`,
`@@is_user_icon`, `@@disable_ui_prompt`) is not known here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import cast

from bot.cards.lorebook import Position, Role

_LINE = re.compile(r"[ \t]*(@{2,3})([A-Za-z]\w{0,63})(?:[ \t]+(.*?))?[ \t]*", re.ASCII)
_HEAD = re.compile(r"(?:\s*@{2,3}[A-Za-z][^\r\n]*(?:\r\n|[\r\n]|\Z))+")
_BEGINNINGS = ("@@", " ", "\t", "\r", "\n")
_KEPT = 2_000  # letters; longer ones are read each time
_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_MOST_LINES = 200
_LIST = re.compile(r"\s*(/(?:[^/\\]|\\.)+/[a-z]{0,8}(?=\s*(?:,|$))|[^,]*)(?:,|$)")

# The specification's names, and those of the positions themselves. There is none for the personality.
_PLACES: dict[str, Position] = {
    "before_desc": "before_char", "after_desc": "after_char", "scenario": "after_char",
    "before_char": "before_char", "after_char": "after_char", "an_top": "an_top", "an_bottom": "an_bottom",
    "em_top": "em_top", "em_bottom": "em_bottom",
}  # fmt: skip
_ROLES = ("system", "user", "assistant")
_NUMBERS = {
    # and the smallest value that makes sense
    "activate_only_after": 0, "activate_only_every": 1, "depth": -(10**9), "reverse_depth": -(10**9),
    "scan_depth": 0, "is_greeting": 0,
}  # fmt: skip
_FLAGS = (
    "keep_activate_after_match", "dont_activate_after_match", "ignore_on_max_context", "activate", "dont_activate",
)  # fmt: skip
_LISTS = ("additional_keys", "exclude_keys")


@dataclass(frozen=True, slots=True)
class Decorators:
    """What an entry's decorators say; None, False or empty where they are silent."""

    activate_only_after: int | None = None
    activate_only_every: int | None = None
    keep_activate_after_match: bool = False
    dont_activate_after_match: bool = False
    depth: int | None = None
    reverse_depth: int | None = None
    role: Role | None = None
    scan_depth: int | None = None
    is_greeting: int | None = None
    position: Position | None = None
    ignore_on_max_context: bool = False
    additional_keys: tuple[str, ...] = ()
    exclude_keys: tuple[str, ...] = ()
    activate: bool = False
    dont_activate: bool = False


NO_DECORATORS = Decorators()
_Value = int | bool | str | tuple[str, ...]


def read_decorators(content: str, *, ignored: frozenset[str] = frozenset()) -> tuple[Decorators, str]:
    """Return the decorators at the head of a content, and the content without them.

    Of several by one name the first counts. Unknown ones, and those in `ignored`, give way to their fallbacks.
    """
    head = _HEAD.match(content) if content.startswith(_BEGINNINGS) else None
    if head is None:
        return NO_DECORATORS, content
    read = _read if len(head[0]) < _KEPT else _read.__wrapped__
    return read(head[0], ignored), content[head.end() :].strip("\r\n")


@lru_cache(maxsize=1 << 12)
def _read(head: str, ignored: frozenset[str]) -> Decorators:
    lines = islice(re.split(r"[\r\n]+", head), _MOST_LINES)
    found = [(match[1], match[2].lower(), match[3] or "") for line in lines if (match := _LINE.fullmatch(line))]
    known: dict[str, _Value] = {}
    for group in _groups(found):
        _take_first(group, known, ignored)
    return _decorators(known)


def split_list(text: str) -> tuple[str, ...]:
    """Return the values of a list, split at commas that do not stand within a regular expression."""
    return tuple(value for match in _LIST.finditer(text) if (value := match[1].strip()))


def _groups(found: Iterable[tuple[str, str, str]]) -> Iterator[list[tuple[str, str]]]:
    group: list[tuple[str, str]] = []
    for marks, name, value in found:
        if marks == "@@":
            if group:
                yield group
            group = [(name, value)]
        elif group:  # a fallback of nothing is nothing
            group.append((name, value))
    if group:
        yield group


def _take_first(group: Iterable[tuple[str, str]], known: dict[str, _Value], ignored: frozenset[str]) -> None:
    for name, written in group:
        value = None if name in ignored else _value(name, written)
        if value is not None:
            known.setdefault(name, value)
            return


def _value(name: str, written: str) -> _Value | None:
    """Return a decorator's value, or None if it is not known or not valid."""
    if name in _NUMBERS:
        number = int(written) if _NUMBER.fullmatch(written) else None
        return None if number is None or number < _NUMBERS[name] else number
    if name in _FLAGS:
        return written.lower() not in ("false", "no", "off", "0")
    if name in _LISTS:
        return split_list(written) or None
    if name == "role":
        return written.lower() if written.lower() in _ROLES else None
    return _PLACES.get(written.lower()) if name == "position" else None


def _decorators(known: dict[str, _Value]) -> Decorators:
    def number(name: str) -> int | None:
        value = known.get(name)
        return value if isinstance(value, int) else None

    def values(name: str) -> tuple[str, ...]:
        value = known.get(name, ())
        return value if isinstance(value, tuple) else ()

    return Decorators(
        activate_only_after=number("activate_only_after"),
        activate_only_every=number("activate_only_every"),
        keep_activate_after_match=known.get("keep_activate_after_match") is True,
        dont_activate_after_match=known.get("dont_activate_after_match") is True,
        depth=number("depth"),
        reverse_depth=number("reverse_depth"),
        role=cast(Role | None, known.get("role")),
        scan_depth=number("scan_depth"),
        is_greeting=number("is_greeting"),
        position=cast(Position | None, known.get("position")),
        ignore_on_max_context=known.get("ignore_on_max_context") is True,
        additional_keys=values("additional_keys"),
        exclude_keys=values("exclude_keys"),
        activate=known.get("activate") is True,
        dont_activate=known.get("dont_activate") is True,
    )
