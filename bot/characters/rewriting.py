"""What a model is told in order to rewrite one text of a card, and what its answer comes down to."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot import tokens
from bot.characters.catalogue import Definition
from bot.characters.changes import SHORT_DESCRIPTION_LENGTH, TEXT_LENGTH
from bot.errors import Invalid
from bot.llm import Message

INSTRUCTIONS = """\
You edit the texts of role-play characters. You read what is known about one character, then you write one text.
- Answer with that text alone: no heading, no quotation marks around it, no remarks.
- {{char}} stands for the character and {{user}} for the person who talks to them. Keep every {{char}}, {{user}} \
and <START> exactly as it is written.
- Keep the language, the facts and the point of view, unless the wish says otherwise.
- Keep about the same length, unless the wish says otherwise."""
REWRITE = "Rewrite this text: better words, no repetition, more life."
COMPOSE = "There is no such text yet. Write it from what is known above."
ANOTHER = "Do not rewrite the text that there is: write another one from what is known above."

TOO_LONG = (
    "The {label} has about {tokens:,} tokens, and so many cannot be rewritten at once: the model reads and writes "
    "{context:,} together. Shorten it first, or rewrite it by hand."
)
NOTHING_KNOWN = "There is nothing to write from yet. Give the character a description first (Edit › Character)."
EMPTY = "The model wrote nothing. Press the button again, or say in a wish what you would like."
ENDLESS = "The model did not come to an end. Try again, perhaps with the wish “shorter”."
UNCHANGED = "The model left the text as it is. Say in a wish what should be different."
TOO_MANY_LETTERS = "The model wrote {count:,} letters, where {limit:,} fit. Try again with the wish “shorter”."
LOST = "{macros} stood in the text before and is gone."

_LEAST_ROOM, _ROOM_WHEN_NEW, _MARGIN = 300, 700, 60  # tokens
_GROWTH = 4  # times as long as before is still a rewriting
_FREE_LETTERS = 4_000  # in any case
_WORTH_TELLING = 40  # tokens of another text, below which a piece of it says nothing

_MACRO = re.compile(r"\{\{\s*([^{}]{1,80}?)\s*\}\}|<(START|USER|BOT|CHAR)>", re.IGNORECASE)
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"\A```[^\n`]*\n(.*)\n?```\Z", re.DOTALL)
_PREAMBLE = re.compile(r"\A(?:sure|certainly|of course|here(?:'s|’s| is| are))\b[^\n]{0,120}:[ \t]*\n+", re.IGNORECASE)
_QUOTES = ('""', "''", "“”", "„“", "«»", "‘’")


@dataclass(frozen=True, slots=True)
class Field:
    """A text that can be rewritten: what people call it, what it is for, and how many letters it may have."""

    label: str
    purpose: str
    limit: int = TEXT_LENGTH


FIELDS: dict[str, Field] = {
    "description": Field("description", "who {{char}} is: looks, past, manners, what they want"),
    "personality": Field("personality", "the character traits of {{char}}, in few words"),
    "scenario": Field("scenario", "where {{char}} and {{user}} meet, and what is going on there"),
    "first_mes": Field("greeting", "the first message of {{char}} to {{user}}, in the voice of {{char}}"),
    "mes_example": Field("example dialogue", "sample talk: lines that begin with <START>, {{char}}: or {{user}}:"),
    "short_description": Field(
        "short description", "one line that makes people curious, under 200 letters", SHORT_DESCRIPTION_LENGTH
    ),
}
"""The texts that can be rewritten, under their names in a Change."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of the model: the messages, how many tokens the answer may have, and how many letters."""

    messages: tuple[Message, ...]
    max_tokens: int
    max_letters: int


def text_of(definition: Definition, field: str) -> str:
    """A text of a character as it is now."""
    source = definition.character if field == "short_description" else definition.card
    return str(getattr(source, field))


def task(definition: Definition, field: str, *, wish: str, anew: bool, model: str, context_tokens: int) -> Task:
    """What to ask; Invalid where the text is too long for the model, or where there is nothing to write from.

    `anew` asks for another text from the other fields. Of those as much is told as fits the model.
    """

    def count(text: str) -> int:
        return tokens.count(text, model)

    about, text = FIELDS[field], text_of(definition, field)
    known = {name: text_of(definition, name) for name in FIELDS if name != field}
    fresh = anew or not text.strip()
    if fresh and not any(value.strip() for value in known.values()):
        raise Invalid(NOTHING_KNOWN)
    asked = _asked(about, text, wish, fresh=fresh)
    length = count(text)
    room = _ROOM_WHEN_NEW if fresh else max(_LEAST_ROOM, length * 3 // 2 + 100)
    head = f"# The character\nname: {definition.character.name}"
    left = context_tokens - count(INSTRUCTIONS) - count(head) - count(asked) - room - _MARGIN
    if left < 0:
        raise Invalid(TOO_LONG.format(label=about.label, tokens=length, context=context_tokens))
    told = "\n".join([head, *_told(known, left, count)])
    letters = max(len(text) * _GROWTH, _FREE_LETTERS)
    return Task(
        (Message("system", INSTRUCTIONS), Message("user", f"{told}\n\n{asked}")),
        max_tokens=room,
        max_letters=min(letters, TEXT_LENGTH),
    )


def proposed(answer: str, before: str, field: str) -> str:
    """The text that an answer proposes; Invalid where it proposes none that could be saved."""
    text = _bare(answer, before)
    if field == "short_description":
        text = " ".join(text.split())
    if not text:
        raise Invalid(EMPTY)
    limit = FIELDS[field].limit
    if len(text) > limit:
        raise Invalid(TOO_MANY_LETTERS.format(count=len(text), limit=limit))
    if text == before.strip():
        raise Invalid(UNCHANGED)
    return text


def lost_macros(before: str, after: str) -> tuple[str, ...]:
    """The macros that stood in a text and are nowhere in the other, as they were written."""
    kept = {_name(found) for found in _MACRO.finditer(after)}
    gone = {_name(found): found[0] for found in _MACRO.finditer(before)}
    return tuple(written for name, written in gone.items() if name not in kept)


def _name(macro: re.Match[str]) -> str:
    # <USER> is what {{user}} was once called.
    name = (macro[1] or macro[2]).lower()
    return "char" if name == "bot" else name


def _asked(about: Field, text: str, wish: str, *, fresh: bool) -> str:
    order = REWRITE if not fresh else ANOTHER if text.strip() else COMPOSE
    parts = [f"# The {about.label}\n({about.purpose})"]
    if text.strip():
        parts.append(text.strip())
    parts.append(f"# What to do\n{order}")
    if wish.strip():
        parts.append(f"The wish: {wish.strip()}")
    parts.append(f"Answer with the new {about.label} alone.")
    return "\n\n".join(parts)


def _told(known: dict[str, str], left: int, count: Callable[[str], int]) -> list[str]:
    lines: list[str] = []
    for name, value in known.items():
        line = f"{FIELDS[name].label}: {value.strip()}"
        if not value.strip() or left < _WORTH_TELLING:
            continue
        length = count(line) + 1
        if length > left:
            # The estimate of a part may be above its share of the whole; nine tenths are surely enough.
            line = line[: len(line) * left * 9 // (length * 10)].rstrip() + " …"
            length = left
        lines.append(line)
        left -= length
    return lines


def _bare(answer: str, before: str) -> str:
    """The text without what models like to put around it."""
    text = _THOUGHTS.sub("", answer).strip()
    text = _PREAMBLE.sub("", text).strip()
    fenced = _FENCED.match(text)
    if fenced and not before.lstrip().startswith("```"):
        text = fenced[1].strip()
    return text if _is_quoted(before.strip()) or not _is_quoted(text) else text[1:-1].strip()


def _is_quoted(text: str) -> bool:
    """Whether one pair of quotation marks stands around all of a text."""
    return len(text) > 2 and any(
        text[0] == pair[0] and text[-1] == pair[1] and not set(pair) & set(text[1:-1]) for pair in _QUOTES
    )
