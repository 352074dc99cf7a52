"""What admins read of a version: what differs, what stays the author's own, and the stretch that changed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.card import Card
from bot.characters.passages import Passage, as_file, changed_part, passages
from storage.characters import Frame

FRAME = Frame(name="Nova", short_description="A star.", tags=("space",), age_rating="teen", avatar="a" * 64)
CARD = Card(
    name="Nova",
    description="Made of light.",
    first_mes="Hello.",
    character_book={
        "entries": [{"keys": ["moon", "tide"], "content": "It pulls."}, {"keys": [], "content": "Always."}]
    },
    extensions={"depth_prompt": {"prompt": "Shine.", "depth": 4, "role": "system"}},
)


def test_of_a_first_version_everything_is_told_that_its_card_does_not_show() -> None:
    assert passages(FRAME, CARD, None) == (
        Passage("Age rating", "Teen (13+)"),
        Passage("Description", "Made of light."),
        Passage("Greeting", "Hello."),
        Passage("Depth prompt", "Shine."),
        Passage("Lore", "[moon, tide]\nIt pulls.\n\n[always]\nAlways."),
    )


@pytest.mark.parametrize(
    ("frame", "card", "expected"),
    [
        ({}, {}, ()),
        ({"name": "Supernova"}, {}, (Passage("Name", "Supernova", "Nova"),)),
        ({"tags": ("space", "star")}, {}, (Passage("Tags", "space, star", "space"),)),
        ({"avatar": "b" * 64}, {}, (Passage("Avatar", "Another picture, the one above."),)),
        ({"age_rating": "adult"}, {}, (Passage("Age rating", "Adult (18+)", "Teen (13+)"),)),
        ({}, {"first_mes": ""}, (Passage("Greeting", "", "Hello."),)),
        ({}, {"scenario": "A pier."}, (Passage("Scenario", "A pier."),)),
        ({}, {"character_book": None}, (Passage("Lore", "", "[moon, tide]\nIt pulls.\n\n[always]\nAlways."),)),
        ({}, {"alternate_greetings": ("Hi.", "Ho.")}, (Passage("Other greetings", "Hi.\n---\nHo."),)),
    ],
)
def test_of_a_later_version_only_what_differs(
    frame: dict[str, object], card: dict[str, object], expected: tuple[Passage, ...]
) -> None:
    after, words = replace(FRAME, **frame), replace(CARD, **card)  # pyright: ignore[reportArgumentType]
    assert passages(after, words, (FRAME, CARD)) == expected


def test_what_the_author_keeps_is_measured_and_nothing_more() -> None:
    kept = replace(FRAME, definition_visibility="author")
    changed = replace(CARD, description="Made of brighter light.", first_mes="Welcome.", personality="Secret.")
    found = {each.label: each for each in passages(kept, changed, (FRAME, CARD))}
    assert found["Description"] == Passage("Description", "23 letters", "14 letters", is_told=False)
    assert found["Personality"] == Passage("Personality", "7 letters", "", is_told=False)
    assert found["Greeting"] == Passage("Greeting", "Welcome.", "Hello.")
    assert "Secret" not in as_file(tuple(found.values()))
    first = as_file(passages(kept, changed, None))
    for secret in ("brighter", "Secret", "It pulls", "Shine"):
        assert secret not in first


@pytest.mark.parametrize(
    ("before", "after", "around", "expected"),
    [
        ("a", "b", 40, ("a", "b")),
        ("", "new", 40, ("", "new")),
        ("old", "", 40, ("old", "")),
        ("The end.", "The very end.", 40, ("The end.", "The very end.")),
        ("one two three four five", "one two 3 four five", 6, ("…two three four…", "…two 3 four…")),
        ("aaaa", "aaa", 1, ("…aa", "…a")),
    ],
)
def test_the_stretch_that_changed(before: str, after: str, around: int, expected: tuple[str, str]) -> None:
    assert changed_part(before, after, around=around) == expected


@given(
    st.text("ab ", max_size=30), st.text("ab ", max_size=30), st.text("ab ", max_size=30), st.text("ab ", max_size=30)
)
def test_both_stretches_stand_in_their_texts_and_differ_as_they_do(start: str, old: str, new: str, end: str) -> None:
    before, after = start + old + end, start + new + end
    shown = changed_part(before, after, around=4)
    for part, whole in zip(shown, (before, after), strict=True):
        assert part.strip("…") in whole
    assert (shown[0] == shown[1]) == (before == after)


def test_the_file_holds_every_text_in_full() -> None:
    long = "Once. " * 5000
    text = as_file((Passage("Scenario", long, "Twice."), Passage("Greeting", "", "Hello.")))
    assert f"=== Scenario ===\n{long}\n" in text
    assert "=== Scenario, approved before ===\nTwice.\n" in text
    assert "=== Greeting ===\n(nothing)\n" in text
