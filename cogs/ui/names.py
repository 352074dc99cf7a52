"""Names under which a webhook may speak (https://discord.com/developers/docs/resources/webhook#create-webhook)."""

import re

LONGEST = 80
SAFE = "Character"
_FORBIDDEN = re.compile(r"discord|clyde|```", re.IGNORECASE)
_WHOLE = frozenset({"everyone", "here"})
_BETWEEN = "\u2009"


def speakable(name: str) -> str:
    """The name as Discord lets a webhook use it: what it refuses is broken up by a thin space."""
    line = " ".join(name.replace("@", "").replace("#", "").split())[:LONGEST]
    for found in reversed(list(_FORBIDDEN.finditer(line))):
        middle = (found.start() + found.end()) // 2
        line = line[:middle] + _BETWEEN + line[middle:]
    if line.lower() in _WHOLE:
        line = line[:1] + _BETWEEN + line[1:]
    return line[:LONGEST].strip() or SAFE
