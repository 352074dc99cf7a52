"""Card JSON: what is read, what is read with a warning, what is refused, and what comes back."""

import json
import time
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given

from bot.cards.card import Card, DepthPrompt, ReadCard, parse_card, write_card
from bot.errors import Invalid
from tests.bot.cards.strategies import documents

Spec = Literal["chara_card_v2", "chara_card_v3"]


def read(data: object, spec: str = "chara_card_v3", **root: object) -> ReadCard:
    version = {"chara_card_v2": "2.0", "chara_card_v3": "3.0"}[spec]
    return parse_card(json.dumps({"spec": spec, "spec_version": version, "data": data, **root}))


def field(name: str, value: object) -> tuple[Any, tuple[str, ...]]:
    found = read({"name": "Ada", name: value})
    return getattr(found.card, name), found.warnings


@pytest.mark.parametrize(
    ("name", "value", "expected", "warning"),
    [
        ("alternate_greetings", "Hello", ("Hello",), "data.alternate_greetings is a text, not a list"),
        ("alternate_greetings", "", (), None),
        ("alternate_greetings", None, (), None),
        ("alternate_greetings", ["a", "", None, 7], ("a", "7"), "data.alternate_greetings[1] is empty"),
        ("alternate_greetings", {"0": "a"}, (), "data.alternate_greetings is not a list"),
        ("tags", "elf, magic ,, moon", ("elf", "magic", "moon"), "data.tags is a text, not a list"),
        ("tags", 5, (), "data.tags is not a list"),
        ("tags", [["x"]], (), "data.tags[0] is not a text"),
        ("source", "https://example.com", ("https://example.com",), "data.source is a text"),
        ("description", None, "", "data.description is empty (null)"),
        ("description", 12, "12", "data.description is not a text"),
        ("description", True, "true", "data.description is not a text"),
        ("description", ["a", "b"], "a\nb", "data.description is a list"),
        ("description", {"a": 1}, "", "data.description is not a text"),
        ("character_version", 1.5, "1.5", "data.character_version is not a text"),
        ("character_book", None, None, None),
        ("character_book", [], None, "data.character_book is empty"),
        ("character_book", "lore", None, "data.character_book is not an object"),
        ("character_book", {"entries": [{"position": 4}]}, {"entries": [{"position": 4}]}, None),
        ("extensions", [], {}, "data.extensions is empty"),
        ("extensions", None, {}, None),
        ("extensions", {"__proto__": {"x": 1}}, {"__proto__": {"x": 1}}, None),
        ("creation_date", "", None, "data.creation_date is a text"),
        ("creation_date", 1703462400, 1703462400, None),
        ("creation_date", 0, 0, None),
        ("creation_date", 1703462400.9, 1703462400, None),
        ("creation_date", 1703462400123, 1703462400, "data.creation_date is in milliseconds"),
        ("creation_date", 170301584590517, 170301584, "data.creation_date is in milliseconds"),
        ("creation_date", 1703462400123456, 1703462400, "data.creation_date is in milliseconds"),
        ("creation_date", "1703462400123", 1703462400, "data.creation_date is a text"),
        ("creation_date", "2023-12-25T00:00:00Z", 1703462400, "data.creation_date is a text"),
        ("creation_date", "yesterday", None, "data.creation_date is not a date"),
        ("creation_date", True, None, "data.creation_date is not a date"),
        ("creation_date", -5, None, "data.creation_date is not a date"),
        ("creation_date", 10**19, None, "data.creation_date is not a date"),
        ("creation_date", "9" * 18, None, "data.creation_date is not a date"),
        ("modification_date", {}, None, "data.modification_date is not a date"),
        ("nickname", None, "", None),
        ("nickname", "x" * 81, "", "data.nickname is longer than 80"),
        (
            "creator_notes_multilingual",
            {"en": "x", "ja": 3},
            {"en": "x"},
            "data.creator_notes_multilingual holds",
        ),
        ("assets", {}, (), "data.assets is not a list"),
        ("assets", [{"uri": "ccdefault:"}], ({"uri": "ccdefault:"},), None),
    ],
)
def test_a_field_of_the_wrong_type(name: str, value: object, expected: object, warning: str | None) -> None:
    got, warnings = field(name, value)
    assert got == expected
    if warning is None:
        assert warnings == ()
    else:
        assert any(each.startswith(warning) for each in warnings), warnings


@pytest.mark.parametrize(
    ("document", "name", "description", "greeting"),
    [
        ({"name": "A", "description": "d", "first_mes": "g"}, "A", "d", "g"),
        ({"char_name": "A", "char_persona": "d", "char_greeting": "g"}, "A", "d", "g"),
        ({"name": "A", "context": "d", "greeting": "g"}, "A", "d", "g"),
        ({"name": "A", "description": "", "char_persona": "d", "first_mes": "g"}, "A", "d", "g"),
        (
            {"name": "A", "char_name": "B", "description": "d", "context": "c", "first_mes": "g"},
            "A",
            "d",
            "g",
        ),
    ],
)
def test_names_of_other_systems(document: object, name: str, description: str, greeting: str) -> None:
    card = parse_card(json.dumps(document)).card
    assert (card.name, card.description, card.first_mes, card.spec) == (
        name,
        description,
        greeting,
        "chara_card_v1",
    )


def test_data_wins_over_the_root_which_fills_its_gaps() -> None:
    found = read({"name": "Inner"}, name="Outer", personality="calm", creatorcomment="notes", fav=True)
    assert (found.card.name, found.card.personality, found.card.creator_notes) == ("Inner", "calm", "notes")
    assert found.card.outside == {"fav": True}
    assert found.warnings == ("name differs from data.name; data.name was used.",)


@pytest.mark.parametrize(
    ("document", "spec", "warning"),
    [
        ({"data": {"name": "A"}}, "chara_card_v2", "spec is missing"),
        ({"spec": "mine", "spec_version": "2.0", "data": {"name": "A"}}, "chara_card_v2", "spec is 'mine'"),
        (
            {"spec": "chara_card_v3", "spec_version": 9, "data": {"name": "A"}},
            "chara_card_v3",
            "spec_version is '9'",
        ),
        ({"spec": "chara_card_v3", "spec_version": "3.0", "name": "A"}, "chara_card_v3", "data is missing"),
        (
            {"spec": "chara_card_v2", "spec_version": "2.0", "data": [], "name": "A"},
            "chara_card_v2",
            "data is missing",
        ),
    ],
)
def test_a_frame_that_is_not_as_it_should_be(document: object, spec: str, warning: str) -> None:
    found = parse_card(json.dumps(document))
    assert (found.card.name, found.card.spec) == ("A", spec)
    assert found.card.spec_version in ("2.0", "3.0")
    assert any(each.startswith(warning) for each in found.warnings)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("", "breaks off at line 1, column 1"),
        ("{", "breaks off at line 1, column 2"),
        ("[]", "an object in curly braces"),
        ("null", "an object in curly braces"),
        ("{}", "none of a card's fields"),
        ('{"name": "package", "version": "1.0"}', "none of a card's fields"),
        ('{"name": " ", "first_mes": "hi"}', "has no name"),
        ('{"first_mes": "hi"}', "has no name"),
        ('{"name": null, "first_mes": "hi"}', "has no name"),
        (json.dumps({"name": "x" * 81, "first_mes": ""}), "name is 81 characters long; 80 is the limit"),
        (json.dumps({"name": "x", "first_mes": "y" * (2**20 + 1)}), "first_mes is longer than 1 MiB"),
        (
            json.dumps({"name": "x", "first_mes": "", "a": {"b": ["é" * 2**19 + "x"]}}),
            "a.b[0] is longer than 1 MiB",
        ),
        (
            json.dumps({"name": "x", "first_mes": "", "character_book": {"entries": [0] * 4001}}),
            "4,001 entries",
        ),
        ("[" * 10_000 + "]" * 10_000, "nested more than 64 levels"),
        ('{"name":"a","data":' + '{"a":' * 10_000 + "1" + "}" * 10_001, "nested more than 64 levels"),
        (
            '{"name":"a","first_mes":"b","x":' + "[" * 64 + "]" * 64 + "}",
            "nested more than 64 levels deep at x[0]",
        ),
        ("[" + "[]," * 200_000 + "[]]", "too many parts"),
        ("[" + "0," * 600_000 + "0]", "too many parts"),
        ('{"name": 1' + "0" * 5000 + "}", "thousands of digits"),
        (" " * (16 * 2**20 + 1), "too long to be read: 16 MiB is the most"),
        (
            '{"entries": {}, "name": "World", "description": "d"}',
            "is a lorebook (world info), not a character",
        ),
        ('{"spec": "lorebook_v3", "data": {"name": "x", "entries": []}}', "is a lorebook (world info)"),
        (b'{"name": "\xff\xfe"}', "not UTF-8 text: byte 11"),
        (b"\xff\xfe{\x00x", "not UTF-16 text"),
    ],
)
def test_a_document_that_is_refused(document: str | bytes, says: str) -> None:
    started = time.perf_counter()
    with pytest.raises(Invalid) as refused:
        parse_card(document)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300
    assert time.perf_counter() - started < 2


CARD = '{"name":"Ada","first_mes":"Héllo"}'


@pytest.mark.parametrize(
    ("document", "warned"),
    [
        (CARD.encode(), False),
        ("\ufeff" + CARD, False),
        (CARD.encode("utf-8-sig"), False),
        (CARD.encode("utf-16"), True),
        (b"\xfe\xff" + CARD.encode("utf-16-be"), True),
        (CARD.encode("utf-32"), True),
    ],
)
def test_encodings(document: str | bytes, warned: bool) -> None:
    found = parse_card(document)
    assert found.card.first_mes == "Héllo"
    assert bool(found.warnings) is warned


@pytest.mark.parametrize(
    ("value", "expected", "warning"),
    [
        (r'"a\u0000b"', "ab", "NUL"),
        (r'"\ud83d"', "\ufffd", "broken characters"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd", "broken characters"),
        (r'"\ud83d\ude00"', "😀", None),
        ('"a\nb"', "a\nb", "raw line breaks"),
        ("NaN", None, "not a finite number"),
        ("-Infinity", None, "not a finite number"),
        ("1e999", None, "not a finite number"),
        ("18446744073709551615", 2**64 - 1, None),
        ("18446744073709551616", 2.0**64, "more than 64 bits"),
        ("1" + "0" * 400, None, "more than 64 bits"),
    ],
)
def test_values_that_no_column_can_hold(value: str, expected: object, warning: str | None) -> None:
    found = parse_card(f'{{"name":"A","first_mes":"","extensions":{{"x":{value}}}}}')
    assert found.card.extensions == {"x": expected}
    assert [(warning or "") in each for each in found.warnings] == ([True] if warning else [])


def test_keys_are_repaired_too() -> None:
    found = parse_card(r'{"name":"A","first_mes":"","extensions":{"a\u0000\ud800":1}}')
    assert found.card.extensions == {"a\ufffd": 1}
    assert len(found.warnings) == 2


def test_a_name_is_one_trimmed_line() -> None:
    assert read({"name": "  Ada \n Lovelace "}).card.name == "Ada Lovelace"
    assert read({"name": "  " + "x" * 80 + "  "}).card.name == "x" * 80


def test_warnings_are_counted_after_the_twentieth() -> None:
    found = read({"name": "A", "tags": [0, *([None] * 99)]})
    assert len(found.warnings) == 21
    assert found.warnings[-1] == "80 more warnings are left out."


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ({"prompt": "Be kind.", "depth": 2, "role": "user"}, DepthPrompt("Be kind.", 2, "user")),
        ({"prompt": "Be kind."}, DepthPrompt("Be kind.", 4, "system")),
        ({"prompt": "Be kind.", "depth": "7", "role": 3}, DepthPrompt("Be kind.", 7, "system")),
        ({"prompt": "Be kind.", "depth": "", "role": "assistant"}, DepthPrompt("Be kind.", 4, "assistant")),
        ({"prompt": "Be kind.", "depth": -3}, DepthPrompt("Be kind.", 0, "system")),
        ({"prompt": "  "}, None),
        ({"depth": 4}, None),
        ("Be kind.", None),
        (None, None),
    ],
)
def test_depth_prompt(extension: object, expected: DepthPrompt | None) -> None:
    assert read({"name": "A", "extensions": {"depth_prompt": extension}}).card.depth_prompt == expected


def same_but_for_the_format(card: Card, other: Card) -> bool:
    return replace(card, spec=other.spec, spec_version=other.spec_version) == other


@given(documents)
def test_what_was_imported_and_exported_imports_the_same(document: dict[str, Any]) -> None:
    card = parse_card(json.dumps(document)).card
    spec: Spec = document["spec"]
    again = parse_card(json.dumps(write_card(card, spec)))
    assert again.card == card
    assert again.warnings == ()


@given(documents)
def test_no_format_loses_what_the_other_said(document: dict[str, Any]) -> None:
    card = parse_card(json.dumps(document)).card
    for spec in ("chara_card_v2", "chara_card_v3"):
        written = write_card(card, spec)
        assert written["spec"] == spec
        assert same_but_for_the_format(parse_card(json.dumps(written)).card, card)


def test_v3_writes_every_field_that_its_readers_require() -> None:
    data = write_card(Card(name="Ada"), "chara_card_v3")["data"]
    assert isinstance(data, dict)
    assert data.keys() >= {
        "name", "description", "tags", "creator", "character_version", "mes_example", "extensions",
        "system_prompt", "post_history_instructions", "first_mes", "alternate_greetings", "personality",
        "scenario", "creator_notes", "group_only_greetings",
    }  # fmt: skip
