"""Whole prompts, to read: golden/NAME.json is a scene, golden/NAME.txt what the model reads of it and the report.

UPDATE_GOLDEN=1 writes the texts anew; read the difference, line by line, before you keep it.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.cards.card import parse_card
from bot.lore import Timer
from bot.prompt import (
    AuthorsNote,
    Line,
    Memory,
    Persona,
    Prompt,
    PromptSettings,
    Reading,
    Sketch,
    books_of,
    build_prompt,
    fields_of,
)

SCENES = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_prompt_reads_as_it_was_reviewed(path: Path) -> None:
    prompt = build_prompt(reading(orjson.loads(path.read_bytes())))
    golden = path.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written(prompt), encoding="utf-8")
    assert written(prompt) == golden.read_text(encoding="utf-8")


def reading(told: dict[str, Any]) -> Reading:
    """The scene in a file: a V3 card's data, then whatever a reading may have beside it."""
    card = parse_card(orjson.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": told["card"]})).card
    bounds = {"context_tokens": 4096, "reply_tokens": 300, "history_limit": 100, **told.get("settings", {})}
    scene = Reading(
        character=fields_of(card),
        persona=Persona(**told.get("persona", {"name": "Ann"})),
        path=tuple(Line(*line) for line in told["path"]),
        settings=PromptSettings(**bounds),
        model=told.get("model", "gpt-4o"),
        books=books_of(card),
        seed="seed",
        place_seed="place",
    )
    made = {
        "others": lambda others: tuple(Persona(**other) for other in others),
        "cast": lambda cast: tuple(Sketch(**other) for other in cast),
        "memory": lambda memory: Memory(memory["summary"], tuple(memory["facts"]), tuple(memory["recalled"])),
        "note": lambda note: AuthorsNote(**note),
        "timers": lambda timers: {key: Timer(**timer) for key, timer in timers.items()},
    }
    same = ("continue_from", "variables", "heard_depth", "greeting")
    return replace(
        scene,
        **{name: make(told[name]) for name, make in made.items() if name in told},
        **{name: told[name] for name in same if name in told},
    )


def written(prompt: Prompt) -> str:
    """A prompt and its report as a text."""
    return "\n".join(_lines(prompt)) + "\n"


def _lines(prompt: Prompt) -> Iterator[str]:
    for message in prompt.messages:
        yield from (f"=== {message.role}", message.content, "")
    report = prompt.report
    yield f"--- {report.used} of {report.limit} tokens, {report.counted_by}; {report.unread} messages unread"
    for part in report.parts:
        yield f"{'+' if part.included else '-'} {part.tokens:>4} {part.name}" + (f" ({part.why})" if part.why else "")
    if report.lore:
        yield "--- lore"
    for told in report.lore:
        yield f"{'+' if told.fired else '-'} {told.title}: {told.why}"
    if prompt.variables or prompt.timers:
        yield "--- kept"
    yield from (f"{name} = {value}" for name, value in prompt.variables.items())
    yield from (f"{key}: {timer}" for key, timer in prompt.timers.items())
