"""Entries of lore as people write them: what a line of phrases means, and that nothing is lost on the way."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lore_texts import MOST_CONTENT, EntryTexts, entry_of, texts_of_entry
from bot.cards.lorebook import LoreEntry
from bot.errors import Invalid

WHALE = EntryTexts(keys="whale", content="It is white.")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("", {}),
        ("order 5", {"insertion_order": 5}),
        ("Order  2.5, AFTER", {"insertion_order": 2.5, "position": "after_char"}),
        ("after the character", {"position": "after_char"}),
        ("depth 2", {"position": "at_depth", "depth": 2, "role": "system"}),
        ("depth 0 as user", {"position": "at_depth", "depth": 0, "role": "user"}),
        ("top of note\nalways", {"position": "an_top", "constant": True}),
        ("any case, whole words", {"case_sensitive": False, "match_whole_words": True}),
        ("chance 30, priority -2", {"probability": 30, "priority": -2}),
        ("scan 3, sticky 2, cooldown 1, delay 4", {"scan_depth": 3, "sticky": 2, "cooldown": 1, "delay": 4}),
        ("group Sea beasts + birds", {"group": "Sea beasts,birds"}),
    ],
)
def test_a_line_says_order_and_place(line: str, fields: dict[str, Any]) -> None:
    assert entry_of(replace(WHALE, placing=line)) == LoreEntry(keys=("whale",), content="It is white.", **fields)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("whale, sea", ("whale", "sea")),
        (" whale ,, whale\nsea", ("whale", "sea")),
        ("/wha(le|ling), again/i\nsea", ("/wha(le|ling), again/i", "sea")),
        ('"Moby, the whale", "say ""aye"""', ("Moby, the whale", 'say "aye"')),
    ],
)
def test_keys_stand_between_commas(text: str, keys: tuple[str, ...]) -> None:
    assert entry_of(replace(WHALE, keys=text)).keys == keys


@pytest.mark.parametrize(
    ("line", "secondary", "selective", "logic"),
    [
        ("", "", False, "and_any"),
        ("", "ship", True, "and_any"),
        ("secondary not any", "ship", True, "not_any"),
        ("secondary off", "ship", False, "and_any"),
    ],
)
def test_secondary_keys_count_as_soon_as_there_are_any(line: str, secondary: str, selective: bool, logic: str) -> None:
    entry = entry_of(replace(WHALE, placing=line, secondary_keys=secondary))
    assert (entry.selective, entry.selective_logic) == (selective, logic)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (replace(WHALE, placing="somewhere"), "“somewhere” is not understood."),
        (replace(WHALE, placing="depth deep"), "“depth deep” is not understood."),
        (replace(WHALE, placing="chance 101"), "“chance 101” is no number that can be used here."),
        (replace(WHALE, placing="sticky 1.5"), "“sticky 1.5” is no number"),
        (replace(WHALE, placing="scan -1"), "“scan -1” is no number"),
        (replace(WHALE, placing="order 99999999"), "is no number"),
        (replace(WHALE, keys=" , "), "An entry needs a key"),
        (replace(WHALE, content=" \n"), "An entry needs a text"),
        (replace(WHALE, content="x" * (MOST_CONTENT + 1)), "This entry has 20,001 letters; 20,000 is the limit."),
    ],
)
def test_what_is_not_understood_is_told(texts: EntryTexts, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        entry_of(texts)
    assert words in str(refused.value)


def test_what_forms_do_not_ask_stays_as_it_was() -> None:
    before = LoreEntry(
        keys=("a",),
        content="b" * 30_000,
        comment="Old",
        enabled=False,
        id=7,
        extensions={"x": 1},
        prevent_recursion=True,
    )
    after = entry_of(EntryTexts(keys="c", content=None, placing="order 1", name="New"), before)
    assert after == replace(before, keys=("c",), comment="New", insertion_order=1)


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).map(
    lambda text: " ".join(text.split())
)
KEYS = st.lists(WORDS.filter(bool), max_size=4, unique=True).map(tuple)
SMALL = st.none() | st.integers(0, 1_000)


@given(
    st.builds(
        LoreEntry,
        keys=KEYS.filter(bool),
        content=st.just("Something."),
        secondary_keys=KEYS,
        name=WORDS,
        constant=st.booleans(),
        use_regex=st.booleans(),
        case_sensitive=st.none() | st.booleans(),
        match_whole_words=st.none() | st.booleans(),
        position=st.sampled_from(["before_char", "after_char", "an_top", "em_bottom", "outlet"]),
        insertion_order=st.integers(-1_000, 1_000),
        priority=st.none() | st.integers(-1_000, 1_000),
        probability=st.integers(0, 100),
        scan_depth=SMALL,
        sticky=SMALL,
        cooldown=SMALL,
        delay=SMALL,
    )
)
def test_an_entry_that_is_opened_and_saved_is_the_same(entry: LoreEntry) -> None:
    entry = replace(entry, selective=bool(entry.secondary_keys))
    assert entry_of(texts_of_entry(entry), entry) == entry
