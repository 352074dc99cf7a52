"""Fills names into the text of a card: `{{char}}`, `{{user}}`, `{{original}}`, `<BOT>`, `<CHAR>`, `<USER>`.

In any case, with spaces inside the braces. What is filled in is never looked at again, so a name cannot carry
macros into a prompt; a macro that is not known stays as it is written. Texts of people are not for this module.
"""

import re
from dataclasses import dataclass

_MACRO = re.compile(r"\{\{\s{0,20}(char|user|original)\s{0,20}\}\}|<(bot|char|user)>", re.IGNORECASE)
_LONGEST = 1_000_000  # characters, after which what is left stays as written: a short card must not become gigabytes


@dataclass(frozen=True, slots=True)
class Names:
    """What macros stand for: the character's name in use, the person's, and the text that this one replaces."""

    char: str
    user: str
    original: str | None = None


def expand(text: str, names: Names) -> str:
    """Return the text with its macros filled in."""
    values = {"char": names.char, "bot": names.char, "user": names.user, "original": names.original}
    added = 0

    def fill(macro: re.Match[str]) -> str:
        nonlocal added
        value = values[(macro[1] or macro[2]).lower()]
        if value is None or added + len(value) > _LONGEST:
            return macro[0]
        added += len(value)
        return value

    return _MACRO.sub(fill, text)
