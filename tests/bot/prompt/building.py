"""Readings of a small scene, and how a prompt is looked at."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards.card_fields import Warnings
from bot.cards.lorebook import read_lorebook
from bot.cards.untrusted_json import Json
from bot.lore import Book
from bot.prompt import CharacterFields, Line, Persona, Prompt, PromptSettings, Reading, Report

MIRELA = CharacterFields(name="Captain Mirela", nickname="Mirela")
ANN = Persona("Ann")
ROOM = PromptSettings(context_tokens=4096, reply_tokens=300, history_limit=100)
HI = Line("person", "Hi!", "Ann")
SCENE = Reading(character=MIRELA, persona=ANN, path=(HI,), settings=ROOM, model="unknown")


def scene(**changes: object) -> Reading:
    """The scene with some fields changed; those of the character may be named too."""
    own = {name: value for name, value in changes.items() if name in CharacterFields.__dataclass_fields__}
    rest = {name: value for name, value in changes.items() if name not in own}
    return replace(SCENE, character=replace(MIRELA, **own), **rest)  # type: ignore[arg-type]


def book(*entries: Mapping[str, Json], id: str = "b", **settings: Json) -> Book:
    """A lorebook, written as in files."""
    return Book(id, "Book", read_lorebook({**settings, "entries": [dict(entry) for entry in entries]}, Warnings()))


def constant(content: str, position: int = 0, **more: Json) -> dict[str, Json]:
    """An entry that needs no key, at a position by its number in SillyTavern's order."""
    return {"keys": [], "content": content, "constant": True, "position": position, "comment": content[:20], **more}


def long_path(number: int, words: int = 50) -> tuple[Line, ...]:
    """So many lines of about so many tokens, each with its number at its head."""
    return tuple(Line("person" if n % 2 else "character", f"{n} " + "word " * words) for n in range(number))


def shown(prompt: Prompt) -> list[tuple[str, str]]:
    """The messages, briefly."""
    return [(message.role, message.content) for message in prompt.messages]


def whole(prompt: Prompt) -> str:
    """All that the model reads, as one text."""
    return "\n\n".join(message.content for message in prompt.messages)


def told(report: Report) -> dict[str, tuple[bool, str]]:
    """What became of each part, and why."""
    return {part.name: (part.included, part.why) for part in report.parts}
