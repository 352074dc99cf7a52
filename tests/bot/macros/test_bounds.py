"""Whatever a text holds: it is read in bounded time, never raises, and what is cut is told."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.macros import Expander, Meanings, expand
from bot.macros.bounds import DEEPEST, LONGEST, MOST_MACROS, TOO_DEEP, TOO_LONG, TOO_MANY

PLAIN = Meanings("Mirela", "Ann", description="x" * 1_000)
GROWING = Meanings(
    "{{char}}" * 500,
    "Ann",
    description="{{personality}}" * 3_000,
    personality="{{scenario}}" * 3_000,
    scenario="{{mesExamples}}{{char}}" * 3_000,
    examples="{{description}}{{random:" + "," * 90_000 + "}}",
)
# Many times what any of them takes alone on a slow machine; what is quadratic takes minutes.
SECONDS = 5.0


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("{{reverse:" * 100 + "a" + "}}" * 100, [TOO_DEEP]),
        ("{{random::" * 49 + "a" + "}}" * 49, []),
        ("{{if 1}}" * 100 + "a" + "{{/if}}" * 100, [TOO_DEEP]),
        ("{{user}}" * 10_000, []),
        ("{{user}}" * 125_000, [TOO_MANY]),
        ("x{{a" * 250_000, [TOO_MANY]),
        ("x{{a:" * 150_000 + "}}" * 150_000, [TOO_MANY]),
        ("{{if x}}" * 20_000 + "{{else}}{{/if}}" * 4_000, [TOO_DEEP]),
        ("{{if a::" * 40 + "{{else}}" * 25_000 + "}}" * 40, []),
        ("{{" + " " * 1_000_000 + "}}", []),
        ("{" * 1_000_000, []),
        ("}" * 1_000_000, []),
        ("<" * 1_000_000, []),
        ("{{random:" + "," * 300_000 + "}}", []),
        ("{{random:" + "\\" * 1_000_000 + "}}", []),
        ("{{pick:" + "::" * 200_000 + "}}", []),
        ("{{roll:" + "1" * 1_000_000 + "}}", ["There are no dice such as " + "1" * 40 + ": write {{roll:2d6+3}}."]),
        ("{{roll:100d6}}" * 5_000, [TOO_MANY]),
        ("{{roll:{{roll:x}}}}" * 100, ["There are no dice such as {{roll:x}}: write {{roll:2d6+3}}."]),
        ("{{reverse:" * 49 + "a" * 1_000_000 + "}}" * 49, [TOO_LONG]),
        ("{{description}}" * 5_000, [TOO_LONG]),
        ("\n{{trim}}" * 20_000, []),
        ("{{setvar::x::ab}}" + "{{setvar::x::{{getvar::x}}{{getvar::x}}}}" * 5_000, [TOO_LONG]),
        ("{{addvar::x::{{getvar::x}}a}}" * 5_000, [TOO_LONG]),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_long_texts_take_bounded_time(text: str, notes: list[str]) -> None:
    begun = time.perf_counter()
    expander = Expander(PLAIN)
    read = expander.expand(text)
    assert time.perf_counter() - begun < SECONDS
    assert len(read) <= len(text) + LONGEST
    assert [note for note in notes if note not in expander.notes] == []
    assert bool(expander.notes) == bool(notes)


@pytest.mark.parametrize(
    "text", ["{{description}}" * 3_000, "{{setvar::x::{{description}}}}" * 3_000, "{{char}}" * 3_000]
)
def test_fields_that_grow_each_other_are_cut(text: str) -> None:
    begun = time.perf_counter()
    expander = Expander(GROWING)
    read = expander.expand(text) + expander.expand(text)
    assert time.perf_counter() - begun < SECONDS
    assert len(read) <= 2 * len(text) + LONGEST
    assert {TOO_LONG, TOO_MANY} & set(expander.notes)


def test_what_is_cut_stays_as_written() -> None:
    assert expand("{{reverse:" * DEEPEST + "{{user}}" + "}}" * DEEPEST, PLAIN) == "{{user}}"
    expander = Expander(PLAIN)
    assert expander.expand("{{user}}" * (MOST_MACROS + 1)).endswith("Ann{{user}}")
    assert expander.expand("{{user}} <BOT> {{if 1}}a{{/if}} {{// x}}") == "{{user}} <BOT> {{if 1}}a{{/if}} {{// x}}"
    assert expander.notes == [TOO_MANY]


WORDS = st.text(st.characters(codec=None, exclude_characters="{<"))
PIECES = (
    "{{ }} { } <user> <bot> < > :: : , \\, / ! # . $ x 0 \n \ud800 é if else /if char user description personality "
    "random pick roll d6 2d6+3 reverse // comment hidden_key getvar setvar addvar incvar decvar trim noop newline "
    "{{char}} {{user}} {{if {{else}} {{/if}} {{random:: {{setvar::x:: {{getvar::x}} {{trim}} {{description}}"
)
SCRIPTS = st.lists(st.sampled_from([*PIECES.split(" "), " "]), max_size=40).map("".join)


@settings(deadline=None)
@given(WORDS, st.text(), st.text())
def test_text_without_macros_stays_and_names_go_in_as_they_are(text: str, char: str, user: str) -> None:
    meanings = Meanings(char, user)
    assert expand(text, meanings) is text
    assert expand(f"{text}{{{{char}}}}|<USER>", meanings) == f"{text}{char}|{user}"


@settings(deadline=None)
@given(SCRIPTS, SCRIPTS, SCRIPTS)
def test_the_same_texts_come_out_the_same_and_nothing_raises(text: str, other: str, value: str) -> None:
    def both() -> tuple[str, str, dict[str, str], list[str], list[str]]:
        meanings = Meanings("Mirela", value, description=other, personality=f"{text}{other}", seed=value)
        expander = Expander(meanings, {"x": value})
        read = expander.expand(text, place="description"), expander.expand(other, original=value)
        return *read, expander.changed, expander.hidden, expander.notes

    assert both() == both()


@settings(deadline=None)
@given(SCRIPTS, SCRIPTS)
def test_what_people_say_is_never_filled_in(before: str, said: str) -> None:
    """Whatever stands around them, macros in a name change no variable and hide no key."""
    marked = f"\x01{said}{{{{setvar::stolen::1}}}}{{{{hidden_key:stolen}}}}\x02"
    meanings = Meanings("Mirela", marked, persona=marked, last_message=marked)
    expander = Expander(meanings, {"x": marked})
    expander.expand(f"{before}{{{{user}}}}{{{{persona}}}}{{{{getvar::x}}}}{{{{lastMessage}}}}")
    assert "stolen" not in expander.changed
    assert "stolen" not in expander.hidden


@settings(deadline=None)
@given(SCRIPTS)
def test_a_text_grows_within_bounds(text: str) -> None:
    expander = Expander(Meanings("Mirela", "Ann", description=text))
    assert len(expander.expand(text)) <= len(text) + LONGEST
    assert expander.expand("plain", place="description") == "plain"
