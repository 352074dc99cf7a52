from typing import Any

import pytest

from bot.cards.lorebook import LoreEntry
from bot.lore import Timer
from tests.bot.lore.acts import book, make_entry, play, texts

_SEEDS = [str(number) for number in range(300)]


def _shares(*entries: LoreEntry) -> list[float]:
    """Return how often each entry fires, of all seeds."""
    runs = [play(book(*entries), "the sea", seed=seed).told for seed in _SEEDS]
    return [sum(run[number].fired for run in runs) / len(runs) for number in range(len(entries))]


@pytest.mark.parametrize(
    ("settings", "low", "high"),
    [
        ({"probability": 100}, 1, 1),
        ({"probability": 0}, 0, 0),
        ({"probability": 30}, 0.2, 0.4),
        ({"probability": 30, "constant": True}, 0.2, 0.4),
        ({"probability": 0, "use_probability": False}, 1, 1),
    ],
)
def test_probability(settings: dict[str, float], low: float, high: float) -> None:
    assert low <= _shares(make_entry(keys=("sea",), content="x", **settings))[0] <= high


def test_the_report_says_that_chance_said_no() -> None:
    lore = play(book(LoreEntry(keys=("sea",), content="x", probability=0)), "sea")
    assert lore.told[0].why == "probability 0 % said no"


def _of_group(content: str, group: str = "weather", **settings: Any) -> LoreEntry:
    return make_entry(keys=("sea",), content=content, name=content, group=group, **settings)


def test_one_of_a_group_fires_by_weight() -> None:
    sun, rain = _shares(_of_group("sun", group_weight=300), _of_group("rain", group_weight=100))
    assert sun + rain == pytest.approx(1)
    assert 0.65 <= sun <= 0.85


def test_without_a_weight_all_of_a_group_are_alike() -> None:
    assert all(0.23 <= share <= 0.44 for share in _shares(*(_of_group(name) for name in "abc")))


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([_of_group("a"), _of_group("b", group_weight=0)], ["a"]),
        ([_of_group("a", group_weight=0), _of_group("b", group_weight=0)], ["a"]),
        ([_of_group("a"), _of_group("b", group_override=True)], ["b"]),
        (
            [
                _of_group("a", group_override=True, insertion_order=9),
                _of_group("b", group_override=True, insertion_order=2),
            ],
            ["a"],
        ),
        ([_of_group("a", "one"), _of_group("b", "two")], ["a", "b"]),
        ([_of_group("a", "one, two", group_override=True), _of_group("b", "one"), _of_group("c", " two ")], ["a"]),
        ([_of_group("a", " , "), _of_group("b", "")], ["a", "b"]),
        ([_of_group("a"), LoreEntry(content="@@activate\nb", group="weather")], ["b"]),
    ],
)
def test_groups(entries: list[LoreEntry], left: list[str]) -> None:
    assert sorted(texts(play(book(*entries), "the sea"))) == left


def test_what_was_not_said_takes_no_group() -> None:
    unsaid = LoreEntry(keys=("moon",), content="moon", group="weather", group_override=True)
    assert texts(play(book(unsaid, _of_group("sun")), "the sea")) == ["sun"]


def test_what_stays_keeps_its_group() -> None:
    lore = book(_of_group("sun", sticky=9, id=1, group_weight=0), _of_group("rain", group_override=True))
    fired = play(lore, "the sea", depth=3, timers={"character:1": Timer(2, 9, 9)})
    assert texts(fired) == ["sun"]
    assert fired.told[1].why == '"sun" was taken in its group "weather"'


def test_a_group_is_taken_once_in_all_passes() -> None:
    late = LoreEntry(keys=("fish",), content="late", group="weather", group_override=True)
    lore = book(_of_group("sun, fish"), late, recursive_scanning=True)
    assert texts(play(lore, "the sea")) == ["sun, fish"]


def test_groups_are_a_books_own() -> None:
    books = [book(_of_group("a")), book(_of_group("b"), id="world")]
    assert texts(play(books, "the sea")) == ["a", "b"]
