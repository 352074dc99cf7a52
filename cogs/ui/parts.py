"""A long text in parts that fit Discord's messages; nothing of it is lost."""

import re
import unicodedata
from bisect import bisect_right

from cogs.ui.text import units

LIMIT = 2000
FENCE = "```"
_CLOSING = "\n" + FENCE
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}(?=\n)")
_MASKED_LINK = re.compile(r"\](?=\(\s*<?\s*[a-z]+:)", re.IGNORECASE)
_MARKS = (("\n\n", 0), ("\n", 0), (". ", 1), (" ", 0))
_JOINER = "\u200d"
_MODIFIERS = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The text in parts of at most `limit` letters (200 or more), cut at paragraphs, lines, sentences, words.

    Letters are counted in UTF-16 units, the longest way in which Discord may count.

    A cut inside a code block closes the block and opens it again in the next part, and one that is still open
    at the end is closed. As a text grows, all parts but the last stay as they are.
    """
    parts: list[str] = []
    rest = text.strip()
    while (fits := _reach(rest, limit)) < len(rest):
        part, rest = _cut(rest, fits)
        if part:
            parts.append(part)
    return [*parts, _closed(rest, limit)] if rest else parts


def unmasked(text: str) -> str:
    """The text without masked links: Discord would show their words and hide where they lead."""
    return _MASKED_LINK.sub("]\u200b", text)


def _reach(text: str, limit: int) -> int:
    """How many code points of the text fit."""
    window = text[:limit]
    if units(window) <= limit:
        return len(window)
    used = 0
    for place, letter in enumerate(window):
        used += units(letter)
        if used > limit:
            return place
    return len(window)


def with_note(text: str, note: str) -> str:
    """A reply with our small print under it, outside any code block that it left open."""
    if not note:
        return text
    text = text.strip()
    closing = _CLOSING if text.count(FENCE) % 2 else ""
    return f"{text}{closing}\n\n-# {note}" if text else f"-# {note}"


def without_small_print(content: str) -> str:
    """A post's words without the line of ours that may stand at its end."""
    words, _, last = content.rpartition("\n")
    return words.rstrip() if last.startswith("-# ") else content


def _closed(text: str, limit: int) -> str:
    """The text with its last code block closed, where there is room for that."""
    is_open = text.count(FENCE) % 2 == 1
    return text + _CLOSING if is_open and units(text) + len(_CLOSING) <= limit else text


def _cut(text: str, limit: int) -> tuple[str, str]:
    """The first part, and what remains."""
    window = text[:limit]
    fences = [found.start() for found in re.finditer(FENCE, window)]
    for mark, kept in _MARKS:
        # A part that would be mostly empty is no good place, wherever its paragraph ends.
        at = _last_outside_code(window, mark, fences, limit // 4)
        if at is not None:
            at += kept
            return text[:at].rstrip(), text[at:].lstrip(" \n" if mark.endswith(" ") else "\n")
    return _cut_in_code(text, window, fences) if len(fences) % 2 else _cut_anywhere(text, limit)


def _last_outside_code(window: str, mark: str, fences: list[int], least: int) -> int | None:
    end = len(window)
    while (at := window.rfind(mark, least, end)) >= 0:
        before = bisect_right(fences, at - len(FENCE))
        if before % 2 == 0:
            return at
        # Inside a block: what comes next is before its beginning.
        end = fences[before - 1]
    return None


def _cut_anywhere(text: str, limit: int) -> tuple[str, str]:
    at = _between_signs(text, limit)
    # Never through a fence, or code would begin where none did.
    for shift in (2, 1):
        if text.startswith(FENCE, at - shift) and text[: at - shift].count(FENCE) % 2 == 0:
            at -= shift
            break
    return text[:at], text[at:]


def _cut_in_code(text: str, window: str, fences: list[int]) -> tuple[str, str]:
    opened = fences[-1] + len(FENCE)
    found = _LANGUAGE.match(text, opened)
    language = found.group() if found else ""
    room = len(window) - len(_CLOSING)
    if fences[-1] >= len(window) // 4:
        # The block begins late enough to go into the next part as a whole.
        return text[: fences[-1]].rstrip(), text[fences[-1] :]
    least = max(opened + len(language) + 1, len(window) // 4)
    at = window.rfind("\n", least, room)
    at = at if at >= 0 else _between_signs(text, room)
    return f"{text[:at].rstrip()}{_CLOSING}", f"{FENCE}{language}\n{text[at:].removeprefix(chr(10))}"


def _between_signs(text: str, at: int) -> int:
    """The last place up to `at` where no sign of several code points is torn apart."""
    for place in range(at, max(at - 40, 1), -1):
        if not _joined(text, place):
            return place
    return at


def _joined(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or ord(after) in _MODIFIERS or unicodedata.category(after)[0] == "M":
        return True
    flags = 0
    while flags < at and ord(text[at - 1 - flags]) in _FLAGS:
        flags += 1
    return ord(after) in _FLAGS and flags % 2 == 1
