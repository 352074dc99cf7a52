"""Words of strangers: what is left of their Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.text import plain, plural, tame, units

hostile = st.text(st.sampled_from("\\*_~`|[]()<>@#:/-+ ahttps\n🐉"), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Nova", "Nova"),
        ("*Nova*", r"\*Nova\*"),
        ("snake_case", r"snake\_case"),
        ("[a](https://b.example)", r"\[a\](https\://b.example)"),
        ("<@1> <#2> @everyone </pick:3>", r"\<\@1\> \<#2\> \@everyone \</pick:3\>"),
        ("# Loud\n  - item\n>>> quote", "\\# Loud\n\\- item\n\\>\\>\\> quote"),
        ("C# is 3-fold", "C# is 3-fold"),
        (r"\[a](b)", r"\\\[a\](b)"),
        ("", ""),
    ],
)
def test_plain_shows_signs_as_they_are(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*soft* **loud** `code`", "*soft* **loud** `code`"),
        ("[a](https://b.example)", r"\[a](https\://b.example)"),
        (r"\[a](https://b.example)", r"\[a](https\://b.example)"),
        (r"\\[a](b)", r"\\\[a](b)"),
        ("<@1> @here", r"\<\@1> \@here"),
        ("one\n\ntwo", "one\n\ntwo"),
    ],
)
def test_tame_keeps_emphasis_alone(text: str, shown: str) -> None:
    assert tame(text, 500) == shown


@given(hostile, st.integers(1, 40))
def test_nothing_live_is_left_and_the_limit_holds(text: str, limit: int) -> None:
    for shown, live in ((plain(text, limit), "*_~`|[]<>@"), (tame(text, limit), "[<@")):
        assert units(shown) <= limit
        left = unescaped(shown)
        assert not set(live) & set(left)
        assert "://" not in left
        assert not shown.replace("\\\\", "").endswith("\\")


def unescaped(text: str) -> str:
    """The letters that no backslash makes harmless."""
    left, letters = "", iter(text)
    for letter in letters:
        if letter == "\\":
            next(letters, None)
            left += "\0"
        else:
            left += letter
    return left


def test_counting() -> None:
    assert [plural(count, "chat") for count in (0, 1, 2, 1234)] == ["0 chats", "1 chat", "2 chats", "1,234 chats"]
