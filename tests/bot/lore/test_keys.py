from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lorebook import LoreEntry
from bot.lore.expressions import Expression, read_expression
from bot.macros import Expander, Meanings
from tests.bot.lore.acts import book, make_entry, play, texts, told


@pytest.mark.parametrize(
    ("key", "settings", "said", "fires"),
    [
        ("harbour", {}, "Ann: The HARBOUR is dark", True),
        ("HARBOUR", {}, "Ann: the harbour", True),
        ("harbour", {"case_sensitive": True}, "Ann: the Harbour", False),
        ("Harbour", {"case_sensitive": True}, "Ann: the Harbour", True),
        ("dragon", {}, "dragons", True),
        ("dragon", {"match_whole_words": True}, "dragons", False),
        ("dragon", {"match_whole_words": True}, "dragons, and a dragon.", True),
        ("dragon", {"match_whole_words": True}, "dragon's lair", True),
        ("dragon", {"match_whole_words": True}, "snap_dragon", False),
        ("dragon", {"match_whole_words": True}, "snap-dragon", True),
        ("ann", {"match_whole_words": True}, "planning", False),
        ("red dragon", {"match_whole_words": True}, "a bored dragon", False),
        ("red dragon", {"match_whole_words": True}, "a red dragon", True),
        ("c++", {"match_whole_words": True}, "I write c++ now", True),
        ("straße", {}, "STRASSE", True),
        ("café", {}, "the cafe\u0301", True),
        ("café", {"match_whole_words": True}, "cafés", False),
        ("Ann's", {}, "ann’s house", True),
        ("राम", {"match_whole_words": True}, "रामायण", False),
        ("龙", {"match_whole_words": True}, "那里有一条龙吗", True),
        ("Anna", {"match_whole_words": True}, "我和Anna去", True),
        ("서울", {"match_whole_words": True}, "서울에서", True),
        ("ไทย", {"match_whole_words": True}, "ภาษาไทยง่าย", True),
        ("{{user}}'s sword", {}, "she took Ann's sword", True),
        ("{{char}}", {"match_whole_words": True}, "mirela smiles", True),
        ("<USER>", {}, "Ann: hello", True),
        ("  harbour  ", {}, "harbour", True),
        ("", {}, "anything", False),
        ("   ", {}, "anything", False),
        ("ab", {}, "cab", True),
        ("harbour light", {}, "harbour\nlight", False),
        ("night. dawn", {}, "the night. Dawn", True),
    ],
)
def test_plain_keys(key: str, settings: dict[str, Any], said: str, fires: bool) -> None:
    assert told(make_entry(keys=(key,), **settings), said).fired is fires


@pytest.mark.parametrize(
    ("key", "settings", "said", "fires"),
    [
        ("/drag(on|oon)s?/", {}, "two dragoons", True),
        ("/drag(on|oon)s?/", {}, "Two Dragoons", False),
        ("/drag(on|oon)s?/i", {}, "Two Dragoons", True),
        ("/^Ann:/", {}, "Ann: hi", True),
        ("/^dark/", {}, "it is\ndark", False),
        ("/^dark/m", {}, "it is\ndark", True),
        ("/is.dark/", {}, "it is\ndark", False),
        ("/is.dark/s", {}, "it is\ndark", True),
        (r"/and\/or/", {}, "this and/or that", True),
        (r"/caf\u00e9/", {}, "café", True),
        (r"/\u{1f409}/u", {}, "a 🐉", True),
        (r"/\bcat\b/gi", {}, "The CAT.", True),
        (r"/(?<beast>dragon) lair/", {}, "dragon lair", True),
        ("/a/b/", {}, "the path /a/b/ here", True),  # no expression: it has a slash within
        ("/etc/passwd", {}, "cat /etc/passwd", True),
        ("/x/q", {}, "x", False),  # q is no flag
        ("/{{user}} lies/", {}, "Ann lies", True),
        ("/<user> lies/i", {}, "ann lies", True),
        ("drag(on|oon)", {"use_regex": True}, "DRAGOON", True),
        ("Drag(on|oon)", {"use_regex": True, "case_sensitive": True}, "DRAGOON", False),
        ("/Drag/", {"use_regex": True}, "drag", False),
        ("what (now)?", {"use_regex": True}, "what (now)?", True),
        ("(old) Smith", {"use_regex": True}, "the (old) Smith", False),
        ("(old) Smith", {"use_regex": True, "extensions": {"display_index": 3}}, "the (old) Smith", True),
        ("C++", {"use_regex": True, "extensions": {"display_index": 3}}, "i like c++", True),
        ("/dra.on/", {"use_regex": True, "extensions": {"display_index": 3}}, "dragon", True),
    ],
)
def test_regular_expressions(key: str, settings: dict[str, Any], said: str, fires: bool) -> None:
    assert told(make_entry(keys=(key,), **settings), said).fired is fires


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("/cat(?!fish)/", "looks ahead or behind"),
        (r"/(a)\1/", "refers back"),
        ("/(unclosed/", "missing )"),
        ("/a{5000}/", "repetition"),
        ("/" + "(a{0,50}){0,20}" * 9 + "/", "too large"),
        ("/" + "a" * 2_000 + "/", "longer than 1,000"),
        ("/\ud83d/", "cannot be read"),
    ],
)
def test_an_expression_that_cannot_be_read_never_matches_and_says_why(key: str, why: str) -> None:
    report = told(make_entry(keys=(key,)), "cat aa aaaaa")
    assert not report.fired
    assert report.why.startswith("regular expression ")
    assert why in report.why


def test_another_key_counts_where_one_is_broken() -> None:
    assert told(make_entry(keys=("/(/", "cat")), "a cat").fired


def test_a_name_is_no_pattern() -> None:
    entry = make_entry(keys=("/^{{user}}$/",))
    strange = Meanings(char="M", user="A.*(b")
    assert told(entry, "A.*(b", expander=Expander(strange)).fired
    assert not told(entry, "Axyz(b", expander=Expander(strange)).fired


@pytest.mark.parametrize(
    ("settings", "said", "fires"),
    [
        ({}, ["one", "two", "three", "four", "harbour"], True),
        ({}, ["harbour", "two", "three", "four"], True),
        ({}, ["harbour", "two", "three", "four", "five"], False),
        ({"book": 5}, ["harbour", "two", "three", "four", "five"], True),
        ({"book": 1}, ["harbour", "two"], False),
        ({"book": 0}, ["harbour"], False),
        ({"book": 1, "entry": 2}, ["harbour", "two"], True),
        ({"book": 9, "entry": 0}, ["harbour"], False),
        ({"book": 1, "entry": 1, "decorator": 2}, ["harbour", "two"], True),
        ({"book": 1000}, ["harbour", "two"], True),
        ({"book": -3}, ["harbour"], False),
        ({}, [], False),
    ],
)
def test_how_far_back_keys_are_looked_for(settings: dict[str, int], said: list[str], fires: bool) -> None:
    content = f"@@scan_depth {settings['decorator']}\nSea." if "decorator" in settings else "Sea."
    entry = LoreEntry(keys=("harbour",), content=content, scan_depth=settings.get("entry"))
    assert play(book(entry, scan_depth=settings.get("book")), *said).told[0].fired is fires


@pytest.mark.parametrize(
    ("logic", "said", "fires"),
    [
        ("and_any", "dragon", False),
        ("and_any", "dragon gold", True),
        ("and_any", "gold fire", False),
        ("not_all", "dragon", True),
        ("not_all", "dragon gold", True),
        ("not_all", "dragon gold fire", False),
        ("not_any", "dragon", True),
        ("not_any", "dragon gold", False),
        ("and_all", "dragon gold", False),
        ("and_all", "dragon gold fire", True),
    ],
)
def test_secondary_keys(logic: str, said: str, fires: bool) -> None:
    dragon = make_entry(keys=("dragon",), secondary_keys=("gold", "/fi.e/", ""), selective=True, selective_logic=logic)
    assert told(dragon, said).fired is fires


@pytest.mark.parametrize(
    ("selective", "secondary"),
    [(False, ("gold",)), (True, ()), (True, (" ",))],
)
def test_secondary_keys_count_only_if_selective_and_there(selective: bool, secondary: tuple[str, ...]) -> None:
    entry = LoreEntry(keys=("dragon",), content="x", selective=selective, secondary_keys=secondary)
    assert told(entry, "dragon").fired


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (LoreEntry(keys=("sea",), content="x"), 'key "sea" in the newest message'),
        (LoreEntry(keys=("night",), content="x"), 'key "night" in the message before the newest'),
        (LoreEntry(keys=("dawn",), content="x"), 'key "dawn" 2 messages before the newest'),
        (LoreEntry(keys=("/D.wn/",), content="x"), 'key "/D.wn/" 2 messages before the newest'),
        (LoreEntry(keys=("Dawn",), content="x", case_sensitive=True), 'key "Dawn" 2 messages before the newest'),
        (LoreEntry(keys=("x", "y", "z"), content="x"), "none of its 3 keys was said"),
        (LoreEntry(keys=("moon",), content="x"), 'its key "moon" was not said'),
        (LoreEntry(content="x"), "it has no keys, and is not constant"),
        (LoreEntry(content="@@additional_keys gold\nx", constant=True), '@@additional_keys asks for one of "gold" too'),
        (
            LoreEntry(content="@@exclude_keys sea\nx", constant=True),
            '@@exclude_keys: "sea" in the newest message keeps it out',
        ),
        (LoreEntry(keys=("",), content="x"), "it has no keys, and is not constant"),
        (LoreEntry(content="x", constant=True), "constant: it is always there"),
        (LoreEntry(keys=("sea",), content=" "), "it has no text"),
        (LoreEntry(keys=("sea",), content="@@depth 3\n"), "it has no text"),
        (LoreEntry(keys=("sea",), content="{{// nothing}}"), "it has no text"),
        (LoreEntry(keys=("sea",), content="x", enabled=False), "it is switched off"),
        (LoreEntry(content="x", constant=True, enabled=False), "it is switched off"),
        (LoreEntry(keys=("sea",), content="x", scan_depth=0), "its scan depth is 0: it looks in no message"),
        (
            LoreEntry(keys=("sea",), content="x", secondary_keys=("a", "b"), selective=True, selective_logic="and_all"),
            'key "sea" in the newest message, but all of its secondary keys must be there too; missing: "b"',
        ),
        (
            LoreEntry(keys=("sea",), content="x", secondary_keys=("a", "b"), selective=True),
            'key "sea" in the newest message, with "a"',
        ),
    ],
)
def test_the_report_says_why(entry: LoreEntry, why: str) -> None:
    assert told(entry, "Ann: Dawn.", "Mirela: night", "Ann: the sea").why == why


@pytest.mark.parametrize(
    ("pattern", "fires"),
    [
        ("(x+x+)+y", False),
        ("(a|a)*bc", False),
        ("(a*)*c", False),
        ("(.*)(.*)(.*)(.*)z", False),
        ("(a|b)*a(a|b){12}c", False),
        ("(?:a?){200}a{200}", True),
        ("[^x]{200}q", False),
        ("(?s)(a|ab|b.|.a){60}z", False),
        (r"\p{L}+\p{L}+\p{L}+9", False),
    ],
)
def test_patterns_that_would_backtrack_end(pattern: str, fires: bool) -> None:
    entry = make_entry(keys=(f"/{pattern}/",))
    assert told(entry, "a" * 2_000, "ab" * 1_000, "x" * 2_000).fired is fires


def test_looking_ends_with_too_many_large_patterns_and_the_report_says_so() -> None:
    entries = [make_entry(keys=(rf"/\p{{L}}zz{number}/",)) for number in range(60)]
    lore = play(book(*entries, LoreEntry(content="There.", constant=True), scan_depth=100), *(["ab cd " * 300] * 30))
    assert texts(lore) == ["There."]
    assert lore.told[-2].why.startswith("it was not looked for to the end")


@given(st.text(max_size=40), st.text(alphabet="ims", max_size=3))
def test_no_pattern_breaks(pattern: str, flags: str) -> None:
    read = read_expression(pattern, flags)
    assert not isinstance(read, Expression) or read.find(b"some text") >= -1


@given(st.text(min_size=1, max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_a_key_that_was_said_is_found(key: str, before: str, after: str) -> None:
    said = f"{before} {key} {after}".encode(errors="replace").decode()
    entry = make_entry(keys=(key.encode(errors="replace").decode(),), case_sensitive=True)
    written = entry.keys[0].strip()
    if written and not any(mark in written for mark in "{<") and not written.startswith("/"):
        assert told(entry, said).fired
