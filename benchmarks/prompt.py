"""Building a prompt: many lore entries, many messages, as each reply does it while a chat goes on."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.stores import Stores
from bot import tokens
from bot.cards.lorebook import Lorebook, LoreEntry, Position
from bot.lore import Book
from bot.prompt import CharacterFields, Line, Persona, PromptSettings, Reading, build_prompt

ROUNDS = 30
MESSAGES = 200
GOALS = {300: 0.010, 4000: 0.100}
MODEL = "gpt-4o"
POSITIONS: tuple[Position, ...] = ("before_char", "after_char", "at_depth")
NOUNS = [
    "harbour", "light", "bell", "storm", "gull", "rope", "lantern", "stair", "cellar", "letter", "clock", "map",
    "key", "sail", "knot", "winter", "oil", "bread",
]  # fmt: skip
OTHERS = [
    "the", "a", "of", "in", "under", "over", "never", "always", "behind", "keeps", "takes", "rings", "with", "old",
    "grey", "quiet", "long", "said", "nobody", "she",
]  # fmt: skip


async def measure(_: Stores, __: Path) -> list[Figure]:
    """The median prompt of a chat that goes on, beside counting all of its words anew with the model's tokenizer."""
    figures: list[Figure] = []
    for entries, goal in GOALS.items():
        reading, chance = _reading(entries), random.Random(entries)
        first = _seconds(lambda reading=reading: build_prompt(reading))
        times: list[float] = []
        for _round in range(ROUNDS):
            said = Line("person", _words(chance, 60), "Ann")
            reading = replace(reading, path=(*reading.path[1:], said))
            times.append(_seconds(lambda reading=reading: build_prompt(reading)))
        typical = statistics.median(times)
        baseline = _seconds(lambda reading=reading: _counted(reading))
        what = f"a prompt of {entries:,} lore entries and {MESSAGES} messages"
        figures += [
            Figure(f"{what}, the first one", first, "", None),
            Figure(
                f"{what}, median of {ROUNDS} (baseline: counting its tokens)",
                typical,
                f"≤ {goal * 1000:.0f} ms",
                typical <= goal,
                baseline,
            ),
        ]
    return figures


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _counted(reading: Reading) -> int:
    """All tokens of what was said and of every entry; a mark keeps the count from being remembered."""
    texts = [line.text for line in reading.path] + [entry.content for entry in reading.books[0].book.entries]
    return sum(tokens.count(f"{text}!", MODEL) for text in texts)


def _reading(entries: int) -> Reading:
    """A scene in which about one of twenty entries is spoken of; one of fifty needs no key."""
    chance = random.Random(entries)
    book = Lorebook(entries=tuple(_entry(chance, number) for number in range(entries)), token_budget=6_000)
    lines = tuple(
        Line("person" if number % 2 else "character", _words(chance, 60), "Ann" if number % 2 else "Mirela")
        for number in range(MESSAGES)
    )
    return Reading(
        character=CharacterFields("Mirela", description=f"{{{{char}}}}: {_words(chance, 300)}"),
        persona=Persona("Ann", _words(chance, 30)),
        path=lines,
        settings=PromptSettings(context_tokens=32_000, reply_tokens=600, history_limit=MESSAGES),
        model=MODEL,
        books=(Book("character", "Gull Rock", book),),
    )


def _entry(chance: random.Random, number: int) -> LoreEntry:
    noun = chance.choice(NOUNS)
    key = noun if number % 20 == 0 else f"{noun} {number}"
    return LoreEntry(
        id=number,
        keys=(key, f"{chance.choice(NOUNS)} of {number}"),
        content=_words(chance, 40),
        constant=number % 50 == 0,
        position=POSITIONS[number % 3],
        depth=4,
        insertion_order=number,
    )


def _words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choice(OTHERS if chance.random() < 0.8 else NOUNS) for _ in range(number))
