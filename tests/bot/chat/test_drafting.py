"""What is kept of a model's answer to a wish for a line: however it is numbered, quoted, wrapped or led in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.drafting import (
    LONGEST_LINE,
    LONGEST_SUGGESTION,
    LONGEST_WISH,
    SUGGESTIONS,
    Voice,
    Wanted,
    instruction,
    lines_of,
)

VOICE = Voice("Alice", "Captain Wake", "A smuggler with a limp.")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("I knock.", "I knock."),
        ("  I knock.\n\nTwice.\n", "I knock.\n\nTwice."),
        ("<think>She is shy.</think>\nI knock.", "I knock."),
        ("<think>It never ends", None),
        ("Alice: I knock.", "I knock."),
        ("**Alice:** I knock.", "I knock."),
        ("**Alice**: I knock.", "I knock."),
        ("{{user}}: I knock.", "I knock."),
        ("Alice knocks.", "Alice knocks."),
        ('"I knock."', "I knock."),
        ("“Who is there?”", "Who is there?"),
        ('"Hello," I say. "Anyone?"', '"Hello," I say. "Anyone?"'),
        ("**I knock.**", "I knock."),
        ("*I knock.* Hello?", "*I knock.* Hello?"),
        ("```\nI knock.\n```", "I knock."),
        ("Sure! Here's a line for Alice:\n\nI knock.", "I knock."),
        ("Here is the line:\n“I knock.”", "I knock."),
        ("I look up and say:\nHello.", "I look up and say:\nHello."),
        ("I knock.\nCaptain Wake: Who is there?", "I knock."),
        ("Captain Wake: Who is there?", "Who is there?"),
        ("I knock.\n\n**Captain Wake:** Go away.\nAlice: No.", "I knock."),
        ('{"line": "I knock."}', "I knock."),
        ('```json\n{"title": "At it", "text": "I knock at the door."}\n```', "I knock at the door."),
        ("[I knock.]", "[I knock.]"),
        ("", None),
        ("…", None),
        ('""', None),
        ("私はノックする。", "私はノックする。"),
    ],
)
@pytest.mark.parametrize("wanted", ["draft", "rephrase"])
def test_a_line_is_taken_out_of_its_wrapping(said: str, line: str | None, wanted: Wanted) -> None:
    assert lines_of(said, wanted, VOICE) == ([line] if line else [])


THREE = ["I knock.", "I break the window.", "I sing to the gulls."]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("1. I knock.\n2. I break the window.\n3. I sing to the gulls.", THREE),
        ("1) I knock.\n\n2) I break the window.\n\n3) I sing to the gulls.", THREE),
        ("**1.** I knock.\n**2.** I break the window.\n**3.** I sing to the gulls.", THREE),
        ("(1) I knock.\n(2) I break the window.\n(3) I sing to the gulls.", THREE),
        ("Option 1: I knock.\nOption 2: I break the window.\nOption 3: I sing to the gulls.", THREE),
        ("a) I knock.\nb) I break the window.\nc) I sing to the gulls.", THREE),
        ("- I knock.\n- I break the window.\n- I sing to the gulls.", THREE),
        ("* “I knock.”\n* “I break the window.”\n* “I sing to the gulls.”", THREE),
        ("1. I knock. 2. I break the window. 3. I sing to the gulls.", THREE),
        ("I knock.\nI break the window.\nI sing to the gulls.", THREE),
        ("I knock.\n\nI break the window.\n\nI sing to the gulls.", THREE),
        ("Here are three things:\n\n1. I knock.\n2. I break the window.\n3. I sing to the gulls.", THREE),
        ("Here are three things:\nI knock.\nI break the window.\nI sing to the gulls.", THREE),
        ("1. Alice: I knock.\n2. Alice: I break the window.\n3. **Alice:** I sing to the gulls.", THREE),
        ('["I knock.", "I break the window.", "I sing to the gulls."]', THREE),
        ('```json\n{"suggestions": ["I knock.", "I break the window.", "I sing to the gulls."]}\n```', THREE),
        ('[{"text": "I knock."}, {"text": "I break the window."}, {"text": "I sing to the gulls."}]', THREE),
        ('{"1": "I knock.", "2": "I break the window.", "3": "I sing to the gulls."}', THREE),
        ("1. I knock.\n2. I break the window.\n3. I sing to the gulls.\n4. I leave.", THREE),
        ("1. I knock.\n2. I knock.\n3. I sing to the gulls.", ["I knock.", "I sing to the gulls."]),
        ("1. I knock.\n2. I break the window.", ["I knock.", "I break the window."]),
        ("1. I knock,\nand wait.\n2. I leave.", ["I knock,\nand wait.", "I leave."]),
        ("I knock.", ["I knock."]),
        ("<think>1. no\n2. no</think>1. I knock.\n2. I leave.", ["I knock.", "I leave."]),
        ("", []),
        ("1.\n2.\n3.", []),
        ("[" * 900, []),
    ],
)
def test_three_suggestions_are_found(said: str, lines: list[str]) -> None:
    assert lines_of(said, "suggest", VOICE) == lines


def test_what_is_too_long_ends_with_a_sentence() -> None:
    (line,) = lines_of("I walk on. " * 400, "draft", VOICE)
    assert LONGEST_LINE - 20 < len(line) <= LONGEST_LINE
    assert line.endswith("I walk on.")
    (line,) = lines_of("x" * 5_000, "draft", VOICE)
    assert len(line) == LONGEST_LINE
    first, second = lines_of(f"1. {'I run. ' * 200}\n2. {'I hide. ' * 200}", "suggest", VOICE)
    assert max(len(first), len(second)) <= LONGEST_SUGGESTION


@given(said=st.text(max_size=400), wanted=st.sampled_from(["draft", "suggest", "rephrase"]), name=st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_answer_breaks_it(said: str, wanted: Wanted, name: str) -> None:
    lines = lines_of(said, wanted, Voice(name, "Wake"))
    assert len(lines) <= (SUGGESTIONS if wanted == "suggest" else 1)
    assert all(line == line.strip() and len(line) <= LONGEST_LINE for line in lines)
    assert all(any(letter.isalnum() for letter in line) for line in lines)


def test_what_is_asked_names_whose_line_it_is_and_is_bounded() -> None:
    asked = instruction("draft", VOICE, "  something brave ")
    assert "Alice" in asked
    assert "Captain Wake" in asked
    assert "A smuggler with a limp." in asked
    assert asked.endswith("something brave")
    assert instruction("rephrase", VOICE, "i knok").endswith("The line:\ni knok")
    assert "What Alice wants" not in instruction("draft", VOICE)
    most = instruction("rephrase", Voice("Alice", "Wake", "x" * 90_000), "y" * 90_000)
    assert len(most) < LONGEST_WISH + 2_000
    assert "{{char}}" in instruction("draft", VOICE, "as {{char}} and {name} would")
