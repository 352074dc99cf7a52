"""YAML cards: what is read of them, and what no card needs."""

import time

import pytest

from bot.cards.card_containers import as_card, read_file
from bot.cards.yaml_cards import read_yaml
from bot.errors import Invalid


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("a: text", {"a": "text"}),
        ("a: |-\n  one\n  two\nb: >\n  folded\n  text\n", {"a": "one\ntwo", "b": "folded text\n"}),
        ("a: No\nb: yes\nc: 12:30\nd: 2020-01-01", {"a": "No", "b": "yes", "c": "12:30", "d": "2020-01-01"}),
        ("a: true\nb: False\nc:\nd: ~\ne: null", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: 1\nb: -2.5\nc: 1e3\nd: .5\ne: 0x10\nf: .inf\ng: '1'",
         {"a": 1, "b": -2.5, "c": 1000.0, "d": 0.5, "e": "0x10", "f": ".inf", "g": "1"}),
        ("a: [x, {b: c}]\nd:\n- e\n- f: g", {"a": ["x", {"b": "c"}], "d": ["e", {"f": "g"}]}),
        ("1: a\n~: b", {"1": "a", "~": "b"}),
        ("a: 1\na: 2", {"a": 2}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("--- # first\na: 1\n---\nb: 2", {"a": 1}),
        ("", None),
        ("# only a comment", None),
        ("\ufeffa: é 🙂", {"a": "é 🙂"}),
    ],
)  # fmt: skip
def test_values(document: str, expected: object) -> None:
    assert read_yaml(document.encode()) == expected


def test_utf16() -> None:
    assert read_yaml("name: Zoë".encode("utf-16")) == {"name": "Zoë"}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"a: &x [1]\nb: *x", "has an alias at line 2"),
        (b"a: !!binary aGk=", "has the tag"),
        (b"a: !custom x", "has the tag !custom at line 1"),
        (b"a: " + b"[" * 70 + b"]" * 70, "nested more than 64 levels deep at line 1"),
        (b"a: [1", "breaks off at line 2, column 1"),
        (b"a: b: c", "breaks off at line 1, column 5: mapping values are not allowed"),
        (b"\ta: b", "breaks off at line 1"),
        (b"[a]: b", "field without a plain name at line 1"),
        (b"a: \x00", "does not allow"),
        (b"a: \xff", "not UTF-8 text: byte 4"),
        (b"- a\n" * 30_000, "too many parts"),
        (b"a: " + b"x" * (2 * 2**20), "longer than 2 MiB"),
    ],
)
def test_refusals(document: bytes, says: str) -> None:
    started = time.process_time()
    with pytest.raises(Invalid) as refused:
        read_yaml(document)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 200
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("document", "field", "expected"),
    [
        ("name: Ada\ncontext: d\ngreeting: hi\nexample_dialogue: 'x'", "description", "d"),
        ("name: Ada\ncontext: d\ngreeting: hi\nexample_dialogue: 'x'", "first_mes", "hi"),
        ("name: Ada\ncontext: d\ngreeting: hi\nexample_dialogue: 'x'", "mes_example", "x"),
        ("char_name: Ada\nchar_persona: d\nworld_scenario: w\nchar_greeting: hi", "scenario", "w"),
        ("spec: chara_card_v2\nspec_version: '2.0'\ndata:\n  name: Ada\n  personality: calm", "personality", "calm"),
        ("name: Ada\ncontext: d\nturn_template: t", "outside", {"turn_template": "t"}),
    ],
)
def test_cards_of_other_systems(document: str, field: str, expected: object) -> None:
    found = as_card(read_file(document.encode(), "card.yaml"))
    assert found.card.name == "Ada"
    assert getattr(found.card, field) == expected


@pytest.mark.parametrize("document", [b"just text", b"- a\n- b", b"# nothing"])
def test_yaml_that_is_no_card(document: bytes) -> None:
    with pytest.raises(Invalid, match=r"^a\.yaml is not a character card"):
        read_file(document, "a.yaml")
