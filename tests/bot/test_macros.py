import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.macros import Names, expand

NAMES = Names(char="Mirela", user="Ann")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{{char}} and {{user}}", "Mirela and Ann"),
        ("{{CHAR}} {{User}} {{ char }} {{\tuser\n}}", "Mirela Ann Mirela Ann"),
        ("<BOT> <bot> <CHAR> <char> <USER> <user>", "Mirela Mirela Mirela Mirela Ann Ann"),
        (
            "{{unknown}} {{char {{char}} }} {char} {{}} <START> < bot >",
            "{{unknown}} {{char Mirela }} {char} {{}} <START> < bot >",
        ),
        ("{{unknown::{{user}}}}", "{{unknown::Ann}}"),
        ("{{{char}}}", "{Mirela}"),
        ("{{original}}", "{{original}}"),
        ("{{characters}} {{users}}", "{{characters}} {{users}}"),
        ("", ""),
    ],
)
def test_macros(written: str, read: str) -> None:
    assert expand(written, NAMES) == read


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert expand("{{char}} {{user}}", Names(char="{{user}}", user="{{char}}")) == "{{user}} {{char}}"


def test_original_is_the_text_that_is_replaced() -> None:
    assert expand("Kindly: {{original}}", Names("M", "A", original="Be {{char}}.")) == "Kindly: Be {{char}}."


def test_a_short_text_does_not_become_a_huge_one() -> None:
    assert len(expand("{{char}}" * 10_000, Names(char="x" * 1000, user=""))) < 1_100_000


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_text_without_macros_stays_and_names_go_in_as_they_are(text: str, char: str, user: str) -> None:
    plain = text.replace("{", "").replace("<", "")
    assert expand(plain, Names(char, user)) == plain
    assert expand(f"{plain}{{{{char}}}}|<USER>", Names(char, user)) == f"{plain}{char}|{user}"
