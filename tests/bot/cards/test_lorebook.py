"""Lorebooks of all known forms, and what comes back of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card_containers import LoreFile, read_file
from bot.cards.card_fields import Warnings
from bot.cards.card_files import read_card_file, read_file_in_worker
from bot.cards.lorebook import Lorebook, LoreEntry, read_lorebook, write_lorebook
from bot.cards.untrusted_json import Json
from bot.errors import Invalid
from tests.bot.cards.large_cards import card_of_a_megabyte
from tests.bot.cards.strategies import json_objects, json_values, lines, texts

CARDS = Path(__file__).parents[2] / "data" / "cards" / "tavern_kit"


def entry(found: dict[str, Any]) -> tuple[LoreEntry, tuple[str, ...]]:
    warnings = Warnings()
    book = read_lorebook({"entries": [found]}, warnings)
    return book.entries[0], warnings.told()


@pytest.mark.parametrize(
    ("found", "field", "expected", "warning"),
    [
        ({"keys": ["a", "b"]}, "keys", ("a", "b"), None),
        ({"key": ["a"]}, "keys", ("a",), None),
        ({"keys": "a, b"}, "keys", ("a", "b"), "keys is a text, not a list"),
        ({"keys": None}, "keys", (), None),
        ({"keys": ["a", "", 7]}, "keys", ("a", "7"), "keys[1] is empty"),
        ({"keys": "/a{1,2}/i"}, "keys", ("/a{1,2}/i",), "keys is a text"),
        ({"keysecondary": ["c"]}, "secondary_keys", ("c",), None),
        ({"secondary_keys": ["c"]}, "secondary_keys", ("c",), None),
        ({"content": None}, "content", "", None),
        ({"content": 5}, "content", "5", "content is not a text"),
        ({"disable": True}, "enabled", False, None),
        ({"disable": False}, "enabled", True, None),
        ({"enabled": False}, "enabled", False, None),
        ({"enabled": "false"}, "enabled", False, "enabled is not true or false; it was read"),
        ({"enabled": 1}, "enabled", True, "enabled is not true or false; it was read"),
        ({"enabled": "perhaps"}, "enabled", True, "enabled is not true or false and was left out"),
        ({"order": 7}, "insertion_order", 7, None),
        ({"insertion_order": 1.5}, "insertion_order", 1.5, None),
        ({"insertion_order": "12"}, "insertion_order", 12, "insertion_order is a text, not a number"),
        ({"insertion_order": ""}, "insertion_order", 100, None),
        ({"insertion_order": None}, "insertion_order", 100, None),
        ({"insertion_order": []}, "insertion_order", 100, "insertion_order is not a number"),
        ({"caseSensitive": True}, "case_sensitive", True, None),
        ({"case_sensitive": False}, "case_sensitive", False, None),
        ({"case_sensitive": None}, "case_sensitive", None, None),
        ({"extensions": {"case_sensitive": True}}, "case_sensitive", True, None),
        ({"matchWholeWords": True}, "match_whole_words", True, None),
        ({"useRegex": True}, "use_regex", True, None),
        ({"position": "after_char"}, "position", "after_char", None),
        ({"position": "before_char_defs"}, "position", "before_char", None),
        ({"position": 1}, "position", "after_char", None),
        ({"position": 4}, "position", "at_depth", None),
        ({"position": "4"}, "position", "at_depth", "position is a text, not a number"),
        ({"position": "after_char", "extensions": {"position": 4}}, "position", "at_depth", None),
        ({"position": 99}, "position", "before_char", "position is not known"),
        ({"position": "sideways"}, "position", "before_char", "position is not known"),
        ({"position": None}, "position", "before_char", None),
        ({"position": []}, "position", "before_char", "position is not a number"),
        ({"selectiveLogic": 3}, "selective_logic", "and_all", None),
        ({"extensions": {"selectiveLogic": 2}}, "selective_logic", "not_any", None),
        ({"role": 2}, "role", "assistant", None),
        ({"role": "user"}, "role", "user", None),
        ({"role": None}, "role", "system", None),
        ({"probability": 30}, "probability", 30, None),
        ({"extensions": {"useProbability": False}}, "use_probability", False, None),
        ({"depth": 2}, "depth", 2, None),
        ({"depth": "2.7"}, "depth", 2, "depth is a text"),
        ({"scanDepth": 3}, "scan_depth", 3, None),
        ({"delayUntilRecursion": True}, "delay_until_recursion", 1, None),
        ({"delayUntilRecursion": 2}, "delay_until_recursion", 2, None),
        ({"excludeRecursion": True}, "exclude_recursion", True, None),
        ({"uid": 3}, "id", 3, None),
        ({"id": "x"}, "id", "x", None),
        ({"constant": None}, "constant", False, None),
        ({"alwaysActive": True}, "constant", True, None),
        ({"comment": "c", "name": "n"}, "comment", "c", None),
        ({"extensions": []}, "extensions", {}, "extensions is empty"),
        ({"extensions": {"x": 1, "depth": 2}}, "extensions", {"x": 1}, None),
        ({"vectorized": True, "order": 1}, "unknown", {"vectorized": True}, None),
    ],
)  # fmt: skip
def test_a_field_of_an_entry(found: dict[str, Any], field: str, expected: object, warning: str | None) -> None:
    read, warnings = entry(found)
    assert getattr(read, field) == expected
    starts = [each.startswith(f"entries[0].{warning}") for each in warnings]
    assert any(starts) if warning else not warnings, warnings


@pytest.mark.parametrize(
    ("found", "count", "warning"),
    [
        ({"entries": {"0": {}, "5": {}}}, 2, None),
        ({"entries": [{}]}, 1, None),
        ({"entries": None}, 0, None),
        ({}, 0, None),
        ({"entries": "x"}, 0, "entries is not a list"),
        ({"entries": [{}, None, 3]}, 1, "entries[1] is not an object"),
        ({"spec": "lorebook_v3", "data": {"entries": [{}]}}, 1, None),
        ({"spec": "lorebook_v3", "entries": [{}]}, 1, None),
    ],
)
def test_the_list_of_entries(found: dict[str, Any], count: int, warning: str | None) -> None:
    warnings = Warnings()
    assert len(read_lorebook(found, warnings).entries) == count
    assert [each.startswith(warning or "") for each in warnings.told()[:1]] == ([True] if warning else [])


def test_an_entry_without_an_id_has_the_name_that_it_is_kept_under() -> None:
    book = read_lorebook({"entries": {"7": {}, "wolf": {}, "8": {"uid": 1}}}, Warnings())
    assert [each.id for each in book.entries] == [7, "wolf", 1]


def test_too_many_entries() -> None:
    with pytest.raises(Invalid, match="4,001 entries; 4,000 is the limit"):
        read_lorebook({"entries": list[Json](range(4_001))}, Warnings())


def test_a_world_info_file() -> None:
    found = read_file((CARDS / "lorebook_world_one.json").read_bytes(), "lorebook_world_one.json")
    assert found == LoreFile(
        Lorebook(
            name="World One", description="Test lorebook one", scan_depth=2, token_budget=2048,
            recursive_scanning=False, entries=(LoreEntry(keys=("dragon",), content="Dragons exist.", id="1"),),
        ),
        (),
    )  # fmt: skip


def test_the_lorebook_of_a_real_card() -> None:
    card = read_card_file((CARDS / "ccv3_st_export_like.json").read_bytes(), "a.json").card
    warnings = Warnings()
    book = read_lorebook(card.character_book or {}, warnings, "character_book.")
    assert (book.name, book.scan_depth, book.recursive_scanning) == ("Kingdom Lore", 10, True)
    assert (book.entries[0].keys, book.entries[0].position) == (("kingdom", "realm"), "before_char")
    assert warnings.told() == ()


def test_a_lorebook_without_a_name_has_its_files() -> None:
    found = read_file(b'{"entries": {}}', "Old Kingdom.json")
    assert isinstance(found, LoreFile)
    assert found.lorebook.name == "Old Kingdom"


def test_a_card_of_a_megabyte() -> None:
    document = card_of_a_megabyte()
    found = read_card_file(document, "large.json")
    warnings = Warnings()
    book = read_lorebook(found.card.character_book or {}, warnings)
    assert 1_000_000 <= len(document) < 1_100_000
    assert (len(book.entries), book.entries[7].position) == (700, "at_depth")
    assert (found.warnings, warnings.told()) == ((), ())


@pytest.mark.parametrize("file", ["lorebook_world_one.json", "lorebook_world_two.json"])
async def test_a_worker_reads_the_same(file: str) -> None:
    data = (CARDS / file).read_bytes()
    assert await read_file_in_worker(data, file) == read_file(data, file)
    with pytest.raises(Invalid, match=r"is a lorebook \(world info\), not a character"):
        read_card_file(data, file)


numbers = st.integers(-(2**31), 2**31) | st.sampled_from([0.5, 2.25])
counts = st.none() | st.integers(0, 1000)
keys = st.lists(texts.filter(str.strip), max_size=3).map(tuple)
# No name of theirs is one that a lorebook knows.
others = st.dictionaries(texts.map(lambda text: f"x_{text}"), json_values, max_size=3)
entries = st.builds(
    LoreEntry, keys=keys, content=texts, secondary_keys=keys, id=st.none() | st.integers(0, 9) | texts, name=texts,
    comment=texts, position=st.sampled_from(["before_char", "after_char", "at_depth", "em_top"]),
    selective_logic=st.sampled_from(["and_any", "not_all", "and_all"]), role=st.sampled_from(["system", "assistant"]),
    insertion_order=numbers, priority=st.none() | numbers, probability=numbers, group=texts, depth=counts,
    scan_depth=counts, group_weight=st.none() | numbers, sticky=counts, cooldown=counts, delay=counts,
    delay_until_recursion=st.integers(0, 3), extensions=others, unknown=others,
)  # fmt: skip
books = st.builds(
    Lorebook, name=lines, description=texts, scan_depth=counts, token_budget=counts,
    recursive_scanning=st.none() | st.booleans(), entries=st.lists(entries, max_size=3).map(tuple),
    extensions=others, unknown=others,
)  # fmt: skip


@settings(max_examples=100)
@given(books)
def test_what_is_written_reads_the_same(book: Lorebook) -> None:
    warnings = Warnings()
    written = json.loads(json.dumps(write_lorebook(book)))
    assert read_lorebook(written, warnings) == book
    assert warnings.told() == ()


NAMES = ("key", "keysecondary", "content", "order", "position", "disable", "depth", "extensions", "uid", "x")
WORLD = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, json_values))


@settings(max_examples=100)
@given(st.lists(WORLD, max_size=3), json_objects)
def test_whatever_a_file_says_is_read_and_comes_back(found: list[Any], more: dict[str, Any]) -> None:
    book = read_lorebook({**more, "entries": found}, Warnings())
    again = read_lorebook(write_lorebook(book), Warnings())
    assert again == book
    assert all(each.unknown.get("x") == there.get("x") for each, there in zip(book.entries, found, strict=True))
    assert replace(book, entries=()) == replace(again, entries=())
