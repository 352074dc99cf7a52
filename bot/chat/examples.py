"""Reads a card's example dialogue: blocks of turns, in the notation that the card formats share."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.macros import Names, expand

_START = re.compile(r"<start>", re.IGNORECASE)
_CHAR = r"\{\{\s*char\s*\}\}|<bot>|<char>"
_USER = r"\{\{\s*user\s*\}\}|<user>"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an example."""

    role: Literal["user", "assistant"]
    text: str


def read_examples(text: str, names: Names, *, also_char: str = "") -> list[list[Turn]]:
    """Return the blocks of an example dialogue; what stands before the first speaker is the character's.

    `<START>` in any case begins a block. A line that begins with `{{char}}:`, `{{user}}:` or one of the names
    switches the speaker; only its first colon counts. `also_char` is a second name of the character.
    """
    speaker = _speaker(names, also_char)
    blocks = (_turns(block, speaker, names) for block in _START.split(text.replace("\r\n", "\n")))
    return [block for block in blocks if block]


def _speaker(names: Names, also_char: str) -> re.Pattern[str]:
    char = "|".join([_CHAR, *(re.escape(name) for name in (names.char, also_char) if name)])
    user = "|".join([_USER, *(re.escape(name) for name in (names.user,) if name)])
    return re.compile(rf"[ \t]*(?:(?P<char>{char})|(?P<user>{user}))[ \t]*:", re.IGNORECASE)


def _turns(block: str, speaker: re.Pattern[str], names: Names) -> list[Turn]:
    turns: list[tuple[Literal["user", "assistant"], list[str]]] = []
    for line in block.split("\n"):
        said = line
        if match := speaker.match(line):
            turns.append(("assistant" if match["char"] else "user", []))
            said = line[match.end() :]
        elif not turns:
            turns.append(("assistant", []))
        turns[-1][1].append(said.strip() if match else said.rstrip())
    read = (Turn(role, expand("\n".join(lines).strip(), names)) for role, lines in turns)
    return [turn for turn in read if turn.text]
