"""How a text begins, where Markdown does not count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.text import gist, units

BEGINNINGS = [
    ("One line.", "One line."),
    ("*She nods.* “**Well**?”", "She nods. “Well?”"),
    ("First.\n\nSecond.", "First. Second."),
    ("# A title\n> a quotation\n-# small", "A title a quotation small"),
    ("||hidden|| ~~gone~~ `code` __under__ _leaning_", "hidden gone code under leaning"),
    ("snake_case and 3 < 4", "snake_case and 3 < 4"),
    ("She pours two glasses before she answers, and only one of them is yours.", "She pours two glasses before she…"),
    ("Supercalifragilisticexpialidocious!!!!!!!!!!!!!", "Supercalifragilisticexpialidocious!!!!!…"),
    (" \n ", ""),
]


@pytest.mark.parametrize(("text", "begins"), BEGINNINGS)
def test_it_begins_like_this_in_forty_letters(text: str, begins: str) -> None:
    assert gist(text, 40) == begins


@given(st.text(), st.integers(2, 60))
def test_it_is_one_line_that_fits(text: str, limit: int) -> None:
    begins = gist(text, limit)
    assert units(begins) <= limit
    assert len(begins.splitlines()) <= 1
