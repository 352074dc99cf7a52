"""Names under which a webhook may speak (https://discord.com/developers/docs/resources/webhook#create-webhook)."""

import re

LONGEST = 80
SAFE = "Character"
_REFUSED = re.compile(r"discord|clyde", re.IGNORECASE)
_WHOLE = frozenset({"everyone", "here", "system message"})
_BETWEEN = "\u2009"


def speakable(name: str) -> str:
    """The name as Discord lets a webhook use it: what it refuses is broken up by a thin space."""
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    line = " ".join(printable.replace("@", "").replace("#", "").replace("`", "'").split())[:LONGEST]
    line = _REFUSED.sub(_broken, line)
    if line.strip().lower() in _WHOLE:
        line = line[:1] + _BETWEEN + line[1:]
    return line[:LONGEST].strip() or SAFE


def _broken(found: re.Match[str]) -> str:
    word = found.group()
    return word[: len(word) // 2] + _BETWEEN + word[len(word) // 2 :]
