"""Variables: what they hold, what is added to them, what is too much."""

import pytest

from bot.macros import Expander, Meanings

MEANINGS = Meanings("Mirela", "Ann")


@pytest.mark.parametrize(
    ("written", "read", "changed"),
    [
        ("{{setvar::x::a}}{{getvar::x}}{{getvar x}}{{getvar:x}}", "aaa", {"x": "a"}),
        ("{{setvar:: x :: a b }}[{{ getvar :: x }}]", "[a b]", {"x": "a b"}),
        ("{{setvar::x::a::b}}{{getvar::x}}", "a::b", {"x": "a::b"}),
        ("{{setvar::x::}}[{{getvar::x}}]", "[]", {"x": ""}),
        ("{{setvar::{{char}}_mood::sad}}{{getvar::Mirela_mood}}", "sad", {"Mirela_mood": "sad"}),
        ("{{setvar::x::{{newline}}y}}{{getvar::x}}", "\ny", {"x": "\ny"}),
        ("[{{getvar::never}}{{getvar::X}}]", "[]", {}),
        ("{{getvar::old}}", "3", {}),
        ("{{incvar::old}}{{incvar old}}{{decvar::old}}", "454", {"old": "4"}),
        ("{{incvar::n}}{{decvar::m}}", "1-1", {"n": "1", "m": "-1"}),
        ("{{addvar::old::2}}{{addvar::old::-7}}{{getvar::old}}", "-2", {"old": "-2"}),
        ("{{addvar::old::0.5}}{{addvar::old::+0.10}}{{getvar::old}}", "3.6", {"old": "3.6"}),
        ("{{addvar::n::100}}{{getvar::n}}{{addvar::n::-100}}{{getvar::n}}", "1000", {"n": "0"}),
        ("{{addvar::old:: apples}}{{getvar::old}}", "3apples", {"old": "3apples"}),
        ("{{addvar::s::a}}{{addvar::s::b}}{{incvar::s}}", "ab1", {"s": "ab1"}),
        ("{{addvar::old::1e5}}{{addvar::t::nan}}{{addvar::u::١}}", "", {"old": "31e5", "t": "nan", "u": "١"}),
        ("{{addvar::n::99999999999999999999}}{{incvar::n}}", "1" + "0" * 20, {"n": "1" + "0" * 20}),
    ],
)
def test_variables(written: str, read: str, changed: dict[str, str]) -> None:
    before = {"old": "3"}
    expander = Expander(MEANINGS, before)
    assert expander.expand(written) == read
    assert expander.changed == changed
    assert expander.variables == {"old": "3", **changed}
    assert before == {"old": "3"}


def test_one_text_reads_what_another_set() -> None:
    expander = Expander(MEANINGS)
    expander.expand("{{setvar::x::1}}", place="description")
    assert expander.expand("{{if .x}}{{incvar::x}}{{/if}}", place="scenario") == "2"


def test_variables_are_bounded() -> None:
    expander = Expander(MEANINGS)
    expander.expand("".join(f"{{{{setvar::v{number}::1}}}}" for number in range(300)))
    expander.expand(f"{{{{setvar::{'n' * 101}::1}}}}{{{{setvar::v0::{'x' * 5_000}}}}}")
    assert len(expander.variables) == 256
    assert len(expander.variables["v0"]) == 4_000
    assert expander.notes == [
        "A chat has room for 256 variables: no more were set.",
        "A variable's name is longer than 100 letters: it was not set.",
        "The variable v0 is longer than 4,000 letters: the rest was cut.",
    ]
