"""A long text in parts that fit Discord's messages; nothing of it is lost."""

LIMIT = 2000
_FENCE = "```"


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The text in parts of at most `limit` characters, cut at paragraphs, then lines, sentences, words.

    A cut inside a code block closes the block and opens it again in the next part. As a text grows, its
    earlier parts stay as they are.
    """
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        part, rest = _cut(rest, limit)
        parts.append(part)
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> tuple[str, str]:
    for mark in ("\n\n", "\n", ". ", " "):
        at = _last_outside_code(text, mark, limit)
        # A part that would be mostly empty is no good place, wherever its paragraph ends.
        if at >= limit // 4:
            keep = at + (1 if mark == ". " else 0)
            return text[:keep].rstrip(), text[keep:].lstrip("\n" if mark != " " else " \n")
    return _cut_in_code(text, limit) if _open_fence(text[:limit]) is not None else (text[:limit], text[limit:])


def _last_outside_code(text: str, mark: str, limit: int) -> int:
    at = text.rfind(mark, 1, limit)
    while at > 0 and _open_fence(text[:at]) is not None:
        at = text.rfind(mark, 1, at)
    return at


def _open_fence(text: str) -> str | None:
    """The language line of a code block that is open at the end of a text; None when none is."""
    pieces = text.split(_FENCE)
    return pieces[-1].split("\n", 1)[0].strip() if len(pieces) % 2 == 0 else None


def _cut_in_code(text: str, limit: int) -> tuple[str, str]:
    room = limit - len(_FENCE) - 1
    at = text.rfind("\n", limit // 4, room)
    at = at if at > 0 else room
    language = (_open_fence(text[:at]) or "")[:20]
    closed = f"{text[:at].rstrip()}\n{_FENCE}"
    return closed, f"{_FENCE}{language}\n{text[at:].removeprefix(chr(10))}"
