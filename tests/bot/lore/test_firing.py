from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.card_fields import Warnings
from bot.cards.lorebook import LoreEntry, read_lorebook
from bot.cards.untrusted_json import JsonObject
from bot.lore import Book, Timer
from bot.macros import Expander, Meanings
from tests.bot.lore.acts import book, count_words, make_entry, play, texts


def _constant(content: str, **settings: Any) -> LoreEntry:
    return make_entry(content=content, constant=True, **settings)


def _linked(key: str, content: str, **settings: Any) -> LoreEntry:
    return make_entry(keys=(key,), content=content, **settings)


def test_lower_orders_stand_higher_and_books_in_their_order() -> None:
    first = book(
        _constant("c", insertion_order=50), _constant("a", insertion_order=-1), _constant("d", insertion_order=50)
    )
    second = book(_constant("b", insertion_order=0), id="world")
    assert texts(play([first, second])) == ["a", "c", "d", "b"]


def test_a_book_that_is_there_twice_fires_once() -> None:
    twice = book(_constant("a"))
    lore = play([twice, twice])
    assert (texts(lore), len(lore.told)) == (["a"], 1)


def test_every_entry_has_a_key_of_its_own() -> None:
    lore = play(book(_constant("a", id=1), _constant("b", id=1), _constant("c"), _constant("d", id=2)))
    assert [told.key for told in lore.told] == ["character:1", "character:1#1", "character:#2", "character:2"]
    assert texts(lore) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("budget", "entries", "left"),
    [
        (3, [_constant("a a", priority=1), _constant("b b", priority=2)], ["b b"]),
        (3, [_constant("a a", insertion_order=1), _constant("b b", insertion_order=2)], ["b b"]),
        (
            3,
            [_constant("a a", insertion_order=9, priority=1), _constant("b b", insertion_order=2, priority=3)],
            ["b b"],
        ),
        (
            3,
            [_constant("a a", insertion_order=9, priority=3), _constant("b b", insertion_order=2, priority=3)],
            ["a a"],
        ),
        (3, [_constant("a a a a", priority=9), _constant("b b", priority=2), _constant("c", priority=1)], ["b b", "c"]),
        (3, [_constant("a a", priority=9), _constant("b b", priority=2), _constant("c", priority=1)], ["a a", "c"]),
        (3, [_constant("a a a")], ["a a a"]),
        (2, [_constant("a a a")], []),
        (0, [_constant("a")], []),
        (-1, [_constant("a")], []),
        (None, [_constant("a a")] * 3, ["a a", "a a"]),
    ],
)
def test_the_lowest_go_first_where_a_book_is_too_long(
    budget: int | None, entries: list[LoreEntry], left: list[str]
) -> None:
    lore = play(book(*entries, budget=budget), budget=5)
    assert texts(lore) == left
    limit = 5 if budget is None else max(0, budget)
    assert {told.why for told in lore.told if not told.fired} <= {f"over the book's {limit} tokens"}


def test_each_book_has_its_own_budget() -> None:
    books = [book(_constant("a a"), budget=2), book(_constant("b b"), id="world", budget=1)]
    assert texts(play(books)) == ["a a"]


def test_only_what_could_go_in_is_counted() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return count_words(text)

    entries = [_constant(f"{number} " + "word " * 9, priority=number) for number in range(1_000)]
    assert len(play(book(*entries, budget=20), count=count).placed) == 2
    assert len(counted) == 2


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([_linked("sea", "a ship"), _linked("ship", "a crew"), _linked("crew", "Ida")], ["a ship", "a crew", "Ida"]),
        ([_linked("sea", "a ship", prevent_recursion=True), _linked("ship", "a crew")], ["a ship"]),
        ([_linked("sea", "a ship"), _linked("ship", "a crew", exclude_recursion=True)], ["a ship"]),
        ([_linked("sea", "a ship", exclude_recursion=True)], ["a ship"]),
        ([_linked("sea", "late", delay_until_recursion=1)], []),
        ([_linked("sea", "a ship"), _linked("sea", "late", delay_until_recursion=1)], ["a ship", "late"]),
        (
            [
                _linked("sea", "a ship"),
                _linked("gold", "two", delay_until_recursion=2),
                _linked("ship", "gold", delay_until_recursion=1),
                _linked("two", "three", delay_until_recursion=5),
            ],
            ["a ship", "two", "gold", "three"],
        ),
        ([_constant("a ship"), _linked("ship", "a crew")], ["a ship", "a crew"]),
        ([_linked("sea", "the gold{{hidden_key:map}}"), _linked("map", "x")], ["the gold", "x"]),
        ([_linked("sea", "the gold{{hidden_key:map}}", prevent_recursion=True), _linked("map", "x")], ["the gold"]),
        (
            [
                _linked("sea", "a ship"),
                LoreEntry(keys=("sea",), secondary_keys=("ship",), selective=True, content="both"),
            ],
            ["a ship", "both"],
        ),
        ([_linked("sea", "a ship"), _linked("ship", "@@scan_depth 0\na crew")], ["a ship", "a crew"]),
        ([_linked("sea", "a ship ship ship " + "long " * 50), _linked("ship", "a crew")], []),
    ],
)
def test_recursion(entries: list[LoreEntry], left: list[str]) -> None:
    assert texts(play(book(*entries, recursive_scanning=True, budget=20), "the sea")) == left


@pytest.mark.parametrize("recursive", [None, False])
def test_books_chain_only_if_they_say_so(recursive: bool | None) -> None:
    entries = [_linked("sea", "a ship"), _linked("ship", "x"), _linked("sea", "late", delay_until_recursion=1)]
    lore = play(book(*entries, recursive_scanning=recursive), "the sea")
    assert texts(lore) == ["a ship"]
    assert lore.told[2].why == "it waits for recursive scanning, which this book does not use"


def test_books_that_both_chain_hear_each_other() -> None:
    sea = book(_linked("sea", "a ship"), recursive_scanning=True)
    ship = book(_linked("ship", "a crew"), id="world", recursive_scanning=True)
    deaf = book(_linked("ship", "a crew"), id="world")
    mute = book(_linked("sea", "a ship"))
    assert texts(play([sea, ship], "sea")) == ["a ship", "a crew"]
    assert texts(play([sea, deaf], "sea")) == ["a ship"]
    assert texts(play([mute, ship], "sea")) == ["a ship"]


def test_a_hidden_key_outside_of_the_books_is_heard_by_books_that_chain() -> None:
    for recursive, left in ((True, ["x"]), (False, [])):
        expander = Expander(Meanings(char="M", user="A"))
        assert expander.expand("Mirela sails.{{hidden_key:map}}") == "Mirela sails."
        lore = play(book(_linked("map", "x"), recursive_scanning=recursive), "hm", expander=expander)
        assert texts(lore) == left


def test_the_report_names_the_entry_that_led_to_another() -> None:
    lore = play(book(_linked("sea", "a ship", name="The Sea"), _linked("ship", "x"), recursive_scanning=True), "sea")
    assert lore.told[1].why == 'key "ship" in the lore "The Sea"'


def test_what_comes_late_may_take_the_place_of_what_ranks_lower() -> None:
    entries = [_linked("sea", "a ship", priority=1), _linked("ship", "a fine crew", priority=9)]
    lore = play(book(*entries, recursive_scanning=True, budget=4), "sea")
    assert [(told.fired, told.why) for told in lore.told] == [
        (False, "over the book's 4 tokens"),
        (True, 'key "ship" in the lore "sea"'),
    ]


def test_lore_that_feeds_itself_ends() -> None:
    entries = [_linked(f"k{number}.", f"see k{number * 2 + 1}. k{number * 2 + 2}. and k0.") for number in range(4_000)]
    lore = play(book(*entries, recursive_scanning=True, budget=100_000), "k0.")
    assert len(lore.placed) == len({placed.key for placed in lore.placed}) == len(lore.told) == 4_000


def test_a_chain_ends_after_some_links() -> None:
    entries = [_linked(f"k{number}.", f"see k{number + 1}.") for number in range(200)]
    lore = play(book(*entries, recursive_scanning=True), "k0.")
    assert 10 < len(lore.placed) < 30
    assert not lore.told[-1].fired


def test_a_card_that_sillytavern_exported() -> None:
    found: JsonObject = {
        "name": "Kingdom Lore", "scan_depth": 10, "token_budget": 1000, "recursive_scanning": True, "extensions": {},
        "entries": [
            {
                "id": 1, "keys": ["realm (old)", "kingdom"], "secondary_keys": ["queen"], "comment": "The kingdom",
                "content": "Valdor was rich once.", "constant": False, "selective": True, "insertion_order": 100,
                "enabled": True, "position": "before_char", "use_regex": True,
                "extensions": {"position": 4, "depth": 2, "role": 1, "display_index": 0, "probability": 100,
                               "useProbability": True, "selectiveLogic": 2, "match_whole_words": True, "sticky": 2},
            },
            {
                "id": 2, "keys": ["/valdor/i"], "content": "Its king is {{char}}.", "enabled": True, "use_regex": True,
                "insertion_order": 50, "extensions": {"position": 1, "display_index": 1},
            },
        ],
    }  # fmt: skip
    lore = [Book("character", "Kingdom Lore", read_lorebook(found, Warnings()))]
    fired = play(lore, "Ann: Tell me of the realm (old).", "Mirela: Hm.")
    assert [(each.text, each.position, each.depth, each.role) for each in fired.placed] == [
        ("Its king is Mirela.", "after_char", 4, "system"),
        ("Valdor was rich once.", "at_depth", 2, "user"),
    ]
    assert [each.why for each in fired.told] == [
        'key "realm (old)" in the message before the newest, and no secondary key',
        'key "/valdor/i" in the lore "The kingdom"',
    ]
    assert set(fired.timers) == {"character:1"}
    assert not play(lore, "the kingdom and its queen").placed


def test_macros_are_filled_in_and_tell_the_next() -> None:
    entries = [_constant("{{setvar::mood::grim}}{{char}} knows {{user}}.", priority=2), _constant("{{getvar::mood}}")]
    lore = play(book(*entries))
    assert texts(lore) == ["Mirela knows Ann.", "grim"]


_CONTENTS = [
    "the sea",
    "a ship {{user}}",
    "gold and sea",
    "@@depth 2\nship of gold",
    "{{random::ship::sea}}",
    "@@activate\nx",
    "",
]
_KEYS = st.lists(st.sampled_from(["sea", "ship", "gold", "/s(ea|hip)/", "/(/", "Ann", ""]), max_size=2).map(tuple)
_ENTRIES = st.builds(
    LoreEntry,
    keys=_KEYS,
    content=st.sampled_from(_CONTENTS),
    secondary_keys=_KEYS,
    id=st.none() | st.integers(0, 3),
    constant=st.booleans(),
    selective=st.booleans(),
    selective_logic=st.sampled_from(["and_any", "not_all", "not_any", "and_all"]),
    insertion_order=st.integers(0, 3),
    priority=st.none() | st.integers(0, 3),
    probability=st.sampled_from([100, 50]),
    group=st.sampled_from(["", "a", "a, b"]),
    sticky=st.none() | st.integers(0, 3),
    cooldown=st.none() | st.integers(0, 3),
    prevent_recursion=st.booleans(),
    exclude_recursion=st.booleans(),
    delay_until_recursion=st.integers(0, 2),
)
_BOOKS = st.builds(
    lambda entries, budget, recursive: book(*entries, budget=budget, recursive_scanning=recursive),
    st.lists(_ENTRIES, max_size=8),
    st.none() | st.integers(0, 12),
    st.booleans(),
)


@settings(max_examples=80, deadline=None)
@given(_BOOKS, st.lists(st.sampled_from(["the sea", "a ship", "gold", "hm"]), max_size=5), st.integers(0, 5))
def test_what_always_holds(lore: Book, said: list[str], seed: int) -> None:
    timers = {"character:1": Timer(1, 3, 6), "character:2": Timer(1, 1, 9, for_good=True)}
    fired = play(lore, *said, seed=str(seed), timers=timers, budget=9)
    assert fired == play(lore, *said, seed=str(seed), timers=timers, budget=9)
    limit = 9 if lore.book.token_budget is None else lore.book.token_budget
    assert sum(placed.tokens for placed in fired.placed) <= limit
    keys = [placed.key for placed in fired.placed]
    assert len(set(keys)) == len(keys)
    assert [told.key for told in fired.told if told.fired] == sorted(keys, key=[told.key for told in fired.told].index)
    assert len(fired.told) == len(lore.book.entries)
    assert all(told.why for told in fired.told)
    assert all(placed.text and "@@" not in placed.text for placed in fired.placed)
    assert [placed.order for placed in fired.placed] == sorted(placed.order for placed in fired.placed)
