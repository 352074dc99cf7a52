"""`prompt`: what the model would read of a card, and why; for authors, without a network or a database."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cards.card import Card
from bot.cli.prompt_files import read_card, read_history, read_persona
from bot.errors import UserError
from bot.macros import Expander, Meanings
from bot.prompt import Line, Persona, Prompt, PromptSettings, Reading, Report, books_of, build_prompt, fields_of
from bot.settings import Settings

NOT_UNDERSTOOD = 2
SEED = "prompt"
_COLOURS = {"system": "magenta", "user": "green", "assistant": "cyan"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    card: Path
    persona: Path | None
    history: Path | None
    model: str
    is_story: bool
    as_json: bool


async def show_prompt(asked: Asked) -> int:
    """Prints the prompt and its report; returns 2, with a sentence, where a file cannot be used."""
    try:
        read = await read_card(asked.card)
        prompt = build_prompt(await _reading(read.card, asked))
    except UserError as error:
        print(str(error), file=sys.stderr)
        return NOT_UNDERSTOOD
    if asked.as_json:
        document = {"messages": prompt.messages, "report": prompt.report, "warnings": read.warnings}
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        sys.stdout.flush()
        return 0
    _print(prompt)
    for warning in read.warnings:
        print(f"{asked.card}: {warning}", file=sys.stderr)
    return 0


async def _reading(card: Card, asked: Asked) -> Reading:
    """The scene that an author asks about; with nothing said it begins with the greeting."""
    character = fields_of(card)
    path = read_history(asked.history) if asked.history else ()
    if asked.persona:
        persona = await read_persona(asked.persona, facing=character.called)
    else:
        persona = Persona(_user_in(path))
    now = datetime.now().astimezone()
    greeting, variables = ((), {}) if path else _greeting(card, persona.name, now)
    return Reading(
        character=character,
        persona=persona,
        path=path or greeting,
        settings=PromptSettings(
            context_tokens=_usual("context_tokens"),
            reply_tokens=_usual("reply_tokens"),
            history_limit=_usual("history_limit"),
            mode="story" if asked.is_story else "role-play",
        ),
        model=asked.model,
        books=books_of(card),
        variables=variables,
        now=now,
        seed=SEED,
        place_seed=SEED,
        greeting=None if path else 0,
    )


def _usual(setting: str) -> int:
    return int(Settings.model_fields[setting].default)


def _user_in(path: tuple[Line, ...]) -> str:
    return next((line.speaker_name for line in reversed(path) if line.role == "person" and line.speaker_name), "User")


def _greeting(card: Card, user: str, now: datetime) -> tuple[tuple[Line, ...], dict[str, str]]:
    """The greeting as a chat begins with it, and what variables it sets."""
    called = card.nickname or card.name
    meanings = Meanings(
        char=called,
        user=user,
        description=card.description,
        personality=card.personality,
        scenario=card.scenario,
        examples=card.mes_example,
        now=now,
        seed=SEED,
        place_seed=SEED,
    )
    expander = Expander(meanings)
    text = expander.expand(card.first_mes, place="greeting 0")
    return (Line("character", text, called),), expander.changed


# --- on the screen ----------------------------------------------------------------------------------


def _print(prompt: Prompt) -> None:
    console = Console(highlight=False)
    for message in prompt.messages:
        console.print(Text(message.role, style=f"bold {_COLOURS[message.role]}"))
        console.print(Padding(Text(message.content), (0, 0, 1, 2), expand=False))
    report = prompt.report
    console.print(_parts(report))
    if report.lore:
        console.print(_lore(report))
    for note in report.notes:
        console.print(Text(note), style="yellow")
    by = f"{report.used:,} of {report.limit:,} tokens, counted by {report.counted_by}"
    console.print(Text(f"{by}." if report.counted_by != "estimate" else f"{by}: name the --model to count better."))


def _parts(report: Report) -> Table:
    table = Table("part", "tokens", "", title="What it is made of", title_justify="left")
    table.columns[1].justify = "right"
    for part in report.parts:
        style = "" if part.included else "dim"
        why = part.why if part.included or not part.why else f"left out: {part.why}"
        table.add_row(Text(part.name), f"{part.tokens:,}", Text(why), style=style)
    return table


def _lore(report: Report) -> Table:
    table = Table("entry", "book", "fired", "why", title="Lore", title_justify="left")
    for told in report.lore:
        style = "" if told.fired else "dim"
        table.add_row(Text(told.title), Text(told.book), "yes" if told.fired else "no", Text(told.why), style=style)
    return table
