import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lorebook import LoreEntry
from bot.lore import Book, Timer, timers_from_json, timers_to_json
from tests.bot.lore.acts import book, make_entry, play


def _run(lore: Book, said: str) -> str:
    """Play a scene of one message after the other; return a mark for each: whether the first entry fired."""
    timers: dict[str, Timer] = {}
    marks = ""
    for depth, letter in enumerate(said, 1):
        fired = play(lore, "the sea" if letter == "s" else "nothing", depth=depth, timers=timers)
        timers = timers_from_json(json.loads(json.dumps(timers_to_json(fired.timers))))
        marks += "+" if fired.told[0].fired else "-"
    return marks


@pytest.mark.parametrize(
    ("times", "content", "said", "fires"),
    [
        ({}, "x", ".s..s.", "-+--+-"),
        ({"sticky": 3}, "x", ".s.....", "-+++---"),
        ({"sticky": 3}, "x", ".s.s...", "-+++---"),  # what stays does not begin anew
        ({"cooldown": 3}, "x", "sssssss", "+--+--+"),
        ({"sticky": 2, "cooldown": 2}, "x", "s.ssss.", "++--++-"),
        ({"delay": 4}, "x", "ssssss", "---+++"),
        ({"delay": 3, "sticky": 2}, "x", "sss..", "--++-"),
        ({"sticky": 0, "cooldown": 0, "delay": 0}, "x", "s.s", "+-+"),
        ({"sticky": -5, "cooldown": -5, "delay": -5}, "x", "s.s", "+-+"),
        ({"sticky": 2, "probability": 100}, "x", "s...", "++--"),
        ({}, "@@keep_activate_after_match\nx", "..s...", "--++++"),
        ({}, "@@dont_activate_after_match\nx", ".ss.ss", "-+----"),
        ({"sticky": 2}, "@@dont_activate_after_match\nx", ".s..ss", "-++---"),
        ({}, "@@keep_activate_after_match\n@@dont_activate_after_match\nx", ".s.ss", "-+---"),
        ({"cooldown": 9}, "@@keep_activate_after_match\nx", ".s.ss", "-++++"),
    ],
)
def test_timers(times: dict[str, int], content: str, said: str, fires: str) -> None:
    assert _run(book(make_entry(keys=("sea",), content=content, **times)), said) == fires


@pytest.mark.parametrize(
    ("timer", "why"),
    [
        (Timer(8, 12, 12), "it stays for 2 messages more"),
        (Timer(8, 11, 12), "it stays for 1 message more"),
        (Timer(8, 8, 12), "it rests for 2 messages more"),
        (Timer(12, 15, 18), 'key "sea" in the newest message'),  # the path was cut since
        (Timer(2, 5, 10), 'key "sea" in the newest message'),
    ],
)
def test_what_the_report_says_of_timers(timer: Timer, why: str) -> None:
    lore = book(LoreEntry(id=7, keys=("sea",), content="x", sticky=4, cooldown=4))
    assert play(lore, "sea", depth=10, timers={"character:7": timer}).told[0].why == why


def test_timers_that_are_over_are_dropped_and_those_of_other_books_stay() -> None:
    before = {"character:7": Timer(1, 2, 3), "other:1": Timer(1, 20, 20), "other:2": Timer(1, 2, 2, for_good=True)}
    after = play(book(LoreEntry(id=7, keys=("sea",), content="x")), "hm", depth=9, timers=before).timers
    assert set(after) == {"other:1", "other:2"}


def test_what_did_not_fit_begins_no_timer() -> None:
    entry = LoreEntry(id=7, keys=("sea",), content="many more words than three", sticky=4)
    assert play(book(entry, budget=3), "sea").timers == {}


def test_probability_is_not_asked_of_what_stays() -> None:
    entry = LoreEntry(id=7, keys=("sea",), content="x", sticky=4, probability=0)
    assert not play(book(entry), "sea", depth=3).told[0].fired
    assert play(book(entry), "hm", depth=3, timers={"character:7": Timer(2, 6, 6)}).told[0].fired


@given(
    st.dictionaries(
        st.text(), st.builds(Timer, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.booleans())
    )
)
def test_timers_survive_json(timers: dict[str, Timer]) -> None:
    assert timers_from_json(json.loads(json.dumps(timers_to_json(timers)))) == timers


def test_what_is_no_timer_is_left_out() -> None:
    good = {"fired_at": 1, "stays_until": 2, "rests_until": 3}
    found = {
        "a": good,
        "b": None,
        "c": {**good, "fired_at": "1"},
        "d": {},
        "e": {**good, "rests_until": True},
        "f": [1],
    }
    assert timers_from_json(found) == {"a": Timer(1, 2, 3)}
