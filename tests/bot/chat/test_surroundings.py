"""What a character remembers: no more than it heard, and what people noted for all."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bot.chat.cast import Cast
from bot.chat.surroundings import Surroundings
from bot.prompt import Memory
from storage.memories import Kind, Writer
from storage.memories import Memory as Remembered

A, B = uuid4(), uuid4()


def memory(text: str, kind: Kind, depth: int, by: Writer = "model") -> Remembered:
    return Remembered(uuid4(), uuid4(), uuid4(), depth, kind, text, by, datetime(2026, 11, 21, tzinfo=UTC))


BOTH = ("The ship is Gull.", "The mast broke.")
AROUND = Surroundings(
    remembered=(
        memory("They met.", "summary", 9),
        memory("The ship is Gull.", "fact", 9),
        memory("They met and sailed.", "summary", 19),
        memory("The mast broke.", "fact", 19),
        memory("Ada fears cats.", "fact", 21, by="person"),
    ),
    recalled=("A whale sang.",),
)


@pytest.mark.parametrize(
    ("cast", "summary", "facts"),
    [
        (Cast.of(B), "They met and sailed.", BOTH),
        (Cast.of(A).joined(B, depth=5, knows_before=True), "They met and sailed.", BOTH),
        (Cast.of(A).joined(B, depth=5, knows_before=False), "", BOTH),
        (Cast.of(A).joined(B, depth=12, knows_before=False), "", ("The mast broke.",)),
        (Cast.of(B).left(B, depth=14), "They met.", ("The ship is Gull.",)),
        (Cast.of(B).left(B, depth=14).joined(B, depth=17, knows_before=True), "They met.", BOTH),
    ],
)
def test_a_character_remembers_what_it_heard(cast: Cast, summary: str, facts: tuple[str, ...]) -> None:
    assert AROUND.memory_of(cast, B) == Memory(summary, (*facts, "Ada fears cats."), ("A whale sang.",))
    assert AROUND.remembered_to == 19


def test_where_nothing_is_remembered_nothing_is_told() -> None:
    assert Surroundings().memory_of(Cast.of(A), A) == Memory()
    assert Surroundings().remembered_to == -1
