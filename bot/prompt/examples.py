"""Reads a card's example dialogue: blocks of turns, in the notation that the card formats share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Literal

from bot.llm import Message
from bot.macros import Expander
from bot.prompt import wording
from bot.prompt.budget import NO_ROOM, Budget, Piece
from bot.prompt.reading import Reading

_START = re.compile(r"<start>", re.IGNORECASE)
_CHAR = r"\{\{\s*char\s*\}\}|<bot>|<char>"
_USER = r"\{\{\s*user\s*\}\}|<user>"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an example."""

    role: Literal["user", "assistant"]
    text: str


def read_examples(
    text: str, expand: Callable[[str], str], *, char: str, user: str, also_char: str = ""
) -> list[list[Turn]]:
    """Return the blocks of an example dialogue; what stands before the first speaker is the character's.

    `<START>` in any case begins a block. A line that begins with `{{char}}:`, `{{user}}:` or one of the names
    switches the speaker; only its first colon counts. `also_char` is a second name of the character.
    """
    speaker = _speaker((char, also_char), user)
    blocks = (_turns(block, speaker, expand) for block in _START.split(text.replace("\r\n", "\n")))
    return [block for block in blocks if block]


def _speaker(char: tuple[str, ...], user: str) -> re.Pattern[str]:
    chars = "|".join([_CHAR, *(re.escape(name) for name in char if name)])
    users = "|".join([_USER, *(re.escape(name) for name in (user,) if name)])
    return re.compile(rf"[ \t]*(?:(?P<char>{chars})|(?P<user>{users}))[ \t]*:", re.IGNORECASE)


def _turns(block: str, speaker: re.Pattern[str], expand: Callable[[str], str]) -> list[Turn]:
    turns: list[tuple[Literal["user", "assistant"], list[str]]] = []
    for line in block.split("\n"):
        said = line
        if match := speaker.match(line):
            turns.append(("assistant" if match["char"] else "user", []))
            said = line[match.end() :]
        elif not turns:
            turns.append(("assistant", []))
        turns[-1][1].append(said.strip() if match else said.rstrip())
    read = (Turn(role, expand("\n".join(lines).strip()).strip()) for role, lines in turns)
    return [turn for turn in read if turn.text]


def example_blocks(reading: Reading, expander: Expander) -> list[list[Message]]:
    """The blocks as messages, each with a mark that sets it apart from what happened; in a story each is a text."""
    character, user = reading.character, reading.persona.name
    name = character.called
    if not character.mes_example.strip():
        return []
    turns = count(1)  # each a place of its own, so that chance falls otherwise in each
    blocks = read_examples(
        character.mes_example,
        lambda text: expander.expand(text, place=f"example {next(turns)}"),
        char=name,
        user=user,
        also_char=character.name,
    )
    begins = wording.EXAMPLE_BEGINS.format(name=name)
    # Marks in system messages: a `name` of example_user, as OpenAI once advised, is refused by some endpoints
    # and ignored by most.
    if reading.settings.mode == "story":
        names = {"assistant": name, "user": user}
        return [
            [Message("system", "\n".join((begins, *(f"{names[turn.role]}: {turn.text}" for turn in block))))]
            for block in blocks
        ]
    return [[Message("system", begins), *(Message(turn.role, turn.text) for turn in block)] for block in blocks]


def take_examples(blocks: list[list[Message]], budget: Budget) -> list[Piece]:
    """Takes the blocks that still fit, each whole; a piece's text is no message, for a block is several."""
    ends, pieces = budget.cost(wording.CHAT_BEGINS), list[Piece]()
    for number, block in enumerate(blocks, 1):
        cost = sum(budget.cost(message.content) for message in block)
        is_first = not any(piece.included for piece in pieces)
        piece = Piece(f"example dialogue {number}", "", tokens=cost + ends if is_first else cost)
        budget.admit([piece], f"{NO_ROOM} it beside the history")
        pieces.append(piece)
    return pieces
