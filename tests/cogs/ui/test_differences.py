"""A change as Discord shows it: words in their places, sentences in colours, never more than fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.differences import Difference, difference
from cogs.ui.text import units

ROOM = 3_000

SHOWN: list[tuple[str, str, str]] = [
    ("She likes the rain.", "She loves the rain.", "She ~~likes~~ **loves** the rain."),
    ("She likes rain.", "She likes rain a lot.", "She likes ~~rain.~~ **rain a lot.**"),
    ("One.\n\nTwo and three.", "One.\n\nTwo and four.", "One.\n\nTwo and ~~three.~~ **four.**"),
    ("A b c d e", "A b\nc d e", "A b\nc d e"),
    ("*waves* at {{user}} now", "*nods* at {{user}} now", "~~\\*waves\\*~~ **\\*nods\\*** at {{user}} now"),
    (
        "see [me](https://x.y) here and now",
        "see me here and now",
        "see ~~\\[me\\](https\\://x.y)~~ **me** here and now",
    ),
    ("", "# Nova\nA *star*, <@1>.", "# Nova\nA *star*, \\<\\@1>."),
    (
        "A cat sat there. It was old.",
        "Rain fell on stone! It was old.",
        "```diff\n- A cat sat there.\n+ Rain fell on stone!\n  It was old.\n```",
    ),
    ("Old words.", "```\ncode\n```", "```diff\n- Old words.\n+ `\u200b``\n+ code\n+ `\u200b``\n```"),
]


@pytest.mark.parametrize(("before", "after", "shown"), SHOWN)
def test_a_change_is_shown_where_it_is(before: str, after: str, shown: str) -> None:
    assert difference(before, after, ROOM) == Difference(shown, is_whole=True)


def test_what_is_far_from_a_change_makes_room_for_it() -> None:
    words = [f"word{number}" for number in range(300)]
    before, after = " ".join(words), " ".join([*words[:150], "CHANGED", *words[151:]])
    shown = difference(before, after, 600)
    assert not shown.is_whole
    assert "~~word150~~ **CHANGED**" in shown.markdown
    assert shown.markdown.startswith("word0 ")
    assert "…" in shown.markdown


def test_a_text_of_many_sentences_shows_its_beginning() -> None:
    before = " ".join(f"Old sentence {number} stands." for number in range(900))
    after = " ".join(f"Fresh words come, {number} times!" for number in range(900))
    shown = difference(before, after, ROOM)
    assert not shown.is_whole
    assert shown.markdown.startswith("```diff\n+ Fresh words come, 0 times!\n")
    assert shown.markdown.endswith("  …\n```")
    assert ROOM - 100 < units(shown.markdown) <= ROOM


TEXTS = st.text(st.sampled_from("ab *~`\\-+#.!\n<@[]🐉"), max_size=400)


@given(TEXTS, TEXTS, st.integers(200, 400))
def test_it_never_takes_more_room_than_there_is(before: str, after: str, room: int) -> None:
    shown = difference(before, after, room)
    assert units(shown.markdown) <= room


@pytest.mark.parametrize("text", ["x" * 100_000, "🐉" * 50_000, "*" * 100_000, "a. " * 30_000, "\n" * 9_000 + "b"])
def test_the_longest_texts_fit_too(text: str) -> None:
    for before, after in ((text, "Short."), ("Short.", text), (text, text + " b"), ("", text)):
        assert units(difference(before, after, ROOM).markdown) <= ROOM
