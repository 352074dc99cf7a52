"""Words of strangers inside cards of ours: shown as they are, never as links or mentions."""

import re

_MARKUP = re.compile(r"[\\*_~`|\[\]<>@]|:(?=//)|^[#+-]", re.MULTILINE)
_EMPHASIS = re.compile(r"[*`]|~~|\|\||__|(?<!\w)_|_(?!\w)|^(?:#{1,3}|>|-#) ", re.MULTILINE)
_LINKS = re.compile(r"\\.|[\\\[<@]|:(?=//)", re.DOTALL)
_PIECES = re.compile(r"\\.|.", re.DOTALL)


def plain(text: str, limit: int = 600) -> str:
    """The text with Markdown made harmless; `limit` holds for the result, as Discord counts it."""
    lines = (line.strip() for line in text.strip().splitlines())
    return _cut(_MARKUP.sub(r"\\\g<0>", "\n".join(lines)), limit)


def tame(text: str, limit: int) -> str:
    """The text with its emphasis, but without links and mentions, cut with an ellipsis."""
    return _cut(_LINKS.sub(_escaped_once, text), limit)


def gist(text: str, limit: int) -> str:
    """How a text begins, for a place without Markdown: one line, no emphasis, cut behind a word with an ellipsis."""
    line = " ".join(_EMPHASIS.sub("", text).split())
    if units(line) <= limit:
        return line
    kept = _cut(line, limit)[:-1]
    whole = kept if line[len(kept)] == " " else kept.rpartition(" ")[0]
    return f"{whole or kept}…"


def plural(count: int, one: str, many: str | None = None) -> str:
    """“1 chat”, “2 chats”."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def units(text: str) -> int:
    """How long a text is in UTF-16 units, the longest way in which Discord may count."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _escaped_once(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) == 2 else f"\\{found[0]}"


def _cut(text: str, limit: int) -> str:
    """Cuts an escaped text between two of its letters, never behind a backslash."""
    if units(text) <= limit:
        return text
    kept, room = "", limit - 1
    for piece in _PIECES.findall(text):
        room -= units(piece)
        if room < 0:
            break
        kept += piece
    return kept.rstrip() + "…"
