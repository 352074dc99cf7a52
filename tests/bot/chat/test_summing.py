"""How a stretch of a scene becomes memory: what is asked, what is kept, and when it is time."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.summing import (
    BY_HAND,
    ENOUGH,
    FACT_LETTERS,
    FACTS,
    MESSAGES,
    MOST_FACTS,
    PASSAGE_LETTERS,
    SUMMARY_LETTERS,
    Known,
    Reach,
    is_due,
    kept_of,
    known_of,
    passages,
    reach_of,
    request,
    shortened,
    speech,
)
from bot.prompt import Report
from storage.memories import Kind, Memory, Writer
from storage.messages import Message, Speaker
from tests.bot.chat.remembering import ids, path_of

REPORT = Report((), (), 1000, 900, "m", "estimate")


def memory(text: str, kind: Kind = "fact", *, depth: int = 0, by: Writer = "model") -> Memory:
    return Memory(uuid4(), uuid4(), uuid4(), depth, kind, text, by, None)  # type: ignore[arg-type]


def words(text: str) -> int:
    """A tokenizer for which a word is a token."""
    return len(text.split())


def asked(known: Known, unread: list[Message], room: int = 10_000) -> tuple[str, int]:
    """What the model reads, and how many messages of it."""
    messages, taken = request(known, unread, room=room, count=words)
    return "\n".join(each.content for each in messages), len(taken)


# --- when -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "remembered", "due"), [(9, -1, True), (8, -1, False), (29, 19, True), (28, 19, False)]
)
def test_it_is_time_when_enough_is_unread_that_nobody_remembers(depth: int, remembered: int, due: bool) -> None:
    assert ENOUGH == 10
    assert is_due(Reach(uuid4(), depth), remembered) == due


def test_what_is_unread_ends_where_the_report_says_or_above_what_was_loaded() -> None:
    path = path_of(*["Hello."] * 6)
    assert reach_of(path, REPORT) is None
    by_report = Report((), (), 1000, 900, "m", "estimate", unread=3, unread_to=path[2].id)
    assert reach_of(path, by_report) == Reach(path[2].id, 2)
    assert reach_of(path[4:], REPORT) == Reach(path[3].id, 3)
    assert reach_of((), REPORT) is None


# --- what is asked ----------------------------------------------------------------------------------


def test_the_model_reads_what_is_known_and_what_was_said() -> None:
    known = Known(memory("They met.", "summary"), (memory("The ship is called Gull."),))
    told, count = asked(known, path_of("Where is the ship?", "At sea."))
    assert count == 2
    places = [told.index(each) for each in ("They met.", "- The ship is called Gull.", "Alice: Where", "Nova: At sea.")]
    assert places == sorted(places)
    assert BY_HAND not in told
    corrected = Known(memory("They met twice.", "summary", by="person"))
    assert BY_HAND in asked(corrected, path_of("Hello."))[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Alice: Hello."),
        ({"role": "narration"}, "Hello."),
        ({"text": None}, ""),
        ({"text": "  "}, ""),
        ({"status": "removed"}, ""),
        ({"status": "failed"}, ""),
        ({"status": "stopped"}, "Alice: Hello."),
    ],
)
def test_what_was_said_is_told_with_its_speaker(changes: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"role": "person", "text": "Hello.", "status": "complete"} | changes
    role, text, status = given["role"], given["text"], given["status"]
    message = Message(uuid4(), uuid4(), None, None, 0, role, 1, None, Speaker("Alice"), text, status)
    assert speech(message) == said


def test_a_long_stretch_is_read_in_pieces_that_fit() -> None:
    unread = path_of(*["word " * 50] * 40)
    told, count = asked(Known(), unread, room=700)
    assert 0 < count < 40
    assert words(told) <= 700
    assert asked(Known(), path_of(*["Hm."] * 100))[1] == MESSAGES
    assert asked(Known(), unread, room=100) == ("", 0)


def test_a_single_message_that_does_not_fit_is_cut_and_nothing_hangs_on_it() -> None:
    told, count = asked(Known(), path_of("word " * 5000, "Next."), room=700)
    assert count == 1
    assert words(told) <= 700
    assert told.endswith(" …")


def test_a_stretch_without_words_asks_nothing() -> None:
    assert asked(Known(), path_of("", "  "))[0] == ""


@given(st.lists(st.text(max_size=300), min_size=1, max_size=30), st.integers(500, 2000))
def test_whatever_was_said_something_is_taken_and_it_fits(texts: list[str], room: int) -> None:
    path = path_of(*texts)
    messages, taken = request(Known(), path, room=room, count=words)
    assert list(taken) == path[: len(taken)]
    assert taken
    assert sum(words(each.content) for each in messages) <= room


# --- what is kept -----------------------------------------------------------------------------------


def answer(summary: object, facts: object) -> str:
    return orjson.dumps({"summary": summary, "facts": facts}).decode()


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        (["The ship is called Gull.", "Nova fears cats."], ["The ship is called Gull.", "Nova fears cats."]),
        (["Known fact.", "known  FACT!"], []),
        (["New.", "new"], ["New."]),
        ([" Spread\n over  lines "], ["Spread over lines"]),
        ("- One.\n- Two.\n", ["One.", "Two."]),
        ([{"fact": "x"}, 3, None, "Real."], ["Real."]),
        (None, []),
        (["", "…"], []),
        ([f"Fact {number}." for number in range(20)], [f"Fact {number}." for number in range(FACTS)]),
        (["a" * 999], ["a" * (FACT_LETTERS - 2) + " …"]),
    ],
    ids=str,
)
def test_new_facts_are_kept_once_and_known_ones_not(said: object, facts: list[str]) -> None:
    kept = kept_of(answer("So it was.", said), Known(facts=(memory("Known fact."),)))
    assert kept
    assert list(kept.facts) == facts


@pytest.mark.parametrize("said", ["", "They met.", '{"facts": []}', answer("", ["A fact."]), answer(None, []), "{"])
def test_what_is_no_memory_is_not_kept(said: str) -> None:
    assert kept_of(said, Known()) is None


def test_a_path_has_so_many_facts_and_no_more() -> None:
    known = Known(facts=tuple(memory(f"Known {number}.") for number in range(MOST_FACTS - 1)))
    kept = kept_of(answer("So it was.", ["One.", "Two."]), known)
    assert kept
    assert kept.facts == ("One.",)


@given(st.text(), st.integers(10, 60))
def test_what_is_too_long_is_cut(text: str, letters: int) -> None:
    assert len(shortened(text, letters)) <= letters


def test_a_summary_ends_with_a_sentence() -> None:
    kept = kept_of(answer("They went on. " * 400, []), Known())
    assert kept
    assert len(kept.summary) <= SUMMARY_LETTERS
    assert kept.summary.endswith("on.")


def test_the_newest_summary_counts() -> None:
    known = known_of([memory("One.", "summary", depth=3), memory("Fact.", depth=5), memory("Two.", "summary", depth=9)])
    assert known.summary
    assert (known.summary.text, known.depth, [each.text for each in known.facts]) == ("Two.", 9, ["Fact."])
    assert Known().depth == -1


# --- passages ---------------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet="ab \n", max_size=1500), max_size=12))
def test_passages_hold_all_that_was_said_in_order(texts: list[str]) -> None:
    path = path_of(*texts)
    found = passages(path)
    assert all(len(text) <= PASSAGE_LETTERS + 20 for _, text in found)
    whole = "".join("".join(text.split()) for _, text in found)
    assert whole == "".join("".join(speech(message).split()) for message in path)
    depths = [message.depth for message, _ in found]
    assert depths == sorted(depths)


def test_short_lines_share_a_passage_that_ends_with_the_last_of_them() -> None:
    path = path_of(*["word " * 40] * 5)
    assert [message.id for message, _ in passages(path)] == ids(path, 1, 3, 4)
