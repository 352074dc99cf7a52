"""A long text in parts: nothing lost, nothing too long, nothing that changes once it stands."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cogs.ui.parts import LIMIT, split, unmasked

SHORT = 200
PIECES = st.one_of(
    st.sampled_from(
        ("```", "```python\n", "\n", "\n\n", " ", "`", "``", ". ", "  ", "\n ", "word ", "👩‍👩‍👧", "🇩🇪", "e\u0301")
    ),
    st.text(max_size=12),
    st.integers(1, 260).map("x".__mul__),
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
PLAIN = TEXTS.map(lambda text: text.replace("`", ""))


def letters(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def is_within(short: str, long: str) -> bool:
    """Whether the letters of one text are in another, in their order."""
    rest = iter(long)
    return all(letter in rest for letter in short)


@given(PLAIN)
def test_without_code_not_a_letter_is_lost_or_added(text: str) -> None:
    assert letters("".join(split(text, SHORT))) == letters(text)


@given(TEXTS)
@example("`" * 10_000)
@example("```\n" + "`" * 1_000)
@example(" " * 600 + "```x")
@example("x" * 190 + "```" + "y" * 400)
def test_with_code_no_letter_is_lost_and_only_fences_are_added(text: str) -> None:
    shown = letters("".join(split(text, SHORT)))
    assert is_within(letters(text), shown)


@given(TEXTS)
@example("`" * 10_000)
@example("\n" * 5_000)
@example("x" * 5_000)
@example(" " * 5_000 + "x")
@example("😀" * 5_000)
def test_each_part_has_words_and_fits(text: str) -> None:
    parts = split(text, SHORT)
    assert all(0 < len(part.encode("utf-16-le")) <= 2 * SHORT and part.strip() for part in parts)
    assert bool(parts) == bool(text.strip())


@given(TEXTS, st.text(max_size=300))
@settings(max_examples=300)
def test_as_a_text_grows_all_parts_but_the_last_stay(text: str, more: str) -> None:
    before, after = split(text, SHORT), split(text + more, SHORT)
    assert after[: max(0, len(before) - 1)] == before[:-1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n\n ", []),
        ("  short  ", ["short"]),
        ("x" * LIMIT, ["x" * LIMIT]),
        ("x" * (LIMIT + 1), ["x" * LIMIT, "x"]),
        ("a" * 1500 + "\n\n" + "b" * 600, ["a" * 1500, "b" * 600]),
        ("a" * 1500 + "\n" + "b" * 600, ["a" * 1500, "b" * 600]),
        ("a" * 1500 + ". " + "b" * 600, ["a" * 1500 + ".", "b" * 600]),
        ("a" * 1500 + " " + "b" * 600, ["a" * 1500, "b" * 600]),
        ("a" * 100 + "\n\n" + "b" * 2000, ["a" * 100 + "\n\n" + "b" * 1898, "b" * 102]),
        ("```\nopen", ["```\nopen\n```"]),
        ("```" + "x" * 1996, ["```" + "x" * 1996]),
    ],
)
def test_where_a_text_is_cut(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_a_block_is_closed_and_opened_again_with_its_language() -> None:
    lines = [f"line_{number} = {number}" for number in range(400)]
    parts = split("Look:\n```python\n" + "\n".join(lines) + "\n```\nThat was it.")
    assert len(parts) > 2
    assert all(part.count("```") == 2 for part in parts)
    assert all(part.startswith("```python\n") for part in parts[1:])
    shown = [line for part in parts for line in part.split("\n") if line.startswith("line_")]
    assert shown == lines


def test_a_paragraph_inside_code_is_no_place_to_cut() -> None:
    text = "a" * 900 + "\n\n```\n" + ("b" * 100 + "\n\n") * 15 + "```"
    first, second = split(text)
    assert first == "a" * 900
    assert second.startswith("```\nb")


@pytest.mark.parametrize("sign", ["👩‍👩‍👧", "🇩🇪", "👍🏽", "e\u0301\u0302", "☺\ufe0f"])
def test_signs_of_several_code_points_stay_whole(sign: str) -> None:
    for before in range(4):
        parts = split("x" * before + sign * 1_500)
        assert all(re.fullmatch(f"x*({sign})+", part) for part in parts)


@pytest.mark.parametrize("text", ["`" * 40_000, "```\n" + "a b\n" * 10_000, "word " * 8_000, ("```x``` " * 5_000)])
def test_the_longest_reply_is_cut_quickly(text: str) -> None:
    begun = time.process_time()
    split(text)
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[free](https://evil.example)", "[free]\u200b(https://evil.example)"),
        ("[free](<https://evil.example>)", "[free]\u200b(<https://evil.example>)"),
        ("[app]( discord://x)", "[app]\u200b( discord://x)"),
        ("array[0](nothing)", "array[0](nothing)"),
        ("She smiles [softly] (as ever)", "She smiles [softly] (as ever)"),
    ],
)
def test_a_link_shows_where_it_leads(text: str, shown: str) -> None:
    assert unmasked(text) == shown
