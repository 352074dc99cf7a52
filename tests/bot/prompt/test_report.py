"""The report as it is kept."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lore import Told
from bot.prompt import Part, Report, build_prompt
from tests.bot.prompt.building import book, constant, scene

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(0, 2**40)
REPORTS = st.builds(
    Report,
    parts=st.lists(st.builds(Part, WORDS, NUMBERS, st.booleans(), WORDS, WORDS), max_size=5).map(tuple),
    lore=st.lists(st.builds(Told, WORDS, WORDS, WORDS, st.booleans(), WORDS), max_size=5).map(tuple),
    limit=NUMBERS,
    used=NUMBERS,
    model=WORDS,
    counted_by=WORDS,
    unread=NUMBERS,
    unread_to=st.none() | st.uuids(),
    notes=st.lists(WORDS, max_size=3).map(tuple),
)


@given(REPORTS)
def test_a_report_is_read_back_as_it_was(report: Report) -> None:
    assert Report.from_json(report.to_json()) == report


def test_a_report_of_thousands_of_entries_is_small() -> None:
    lore = book(*({**constant(f"Entry {n}"), "constant": False, "keys": [f"key {n}"]} for n in range(4000)))
    report = build_prompt(scene(books=(lore,))).report
    assert len(report.lore) == 4000
    assert len(report.to_json()) < 4000 * 80
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        Report((Part("x", 1, why="y"),), (), 1, 1, "m", "estimate", 1, UUID(int=1)).to_json().replace(b'"y"', b""),
        Report((), (), 1, 1, "m", "estimate").to_json().replace(b'"parts":[]', b'"parts":[["x",1,1,-1,""]]'),
    ],
)
def test_what_is_no_report_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Report.from_json(document)
