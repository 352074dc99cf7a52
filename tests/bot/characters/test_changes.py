"""What an author may change, and what is refused in which words."""

from typing import Any

import pytest

from bot.cards.card import Card
from bot.characters.changes import Change, changed, frame_of_card, read_tags, texts_of
from bot.errors import Invalid

CARD = Card(
    name="Nova",
    description="Old.",
    first_mes="Hello.",
    alternate_greetings=("One.", "Two."),
    extensions={"depth_prompt": {"prompt": "Deep.", "depth": 2, "role": "system"}, "other": {"kept": True}},
)


def after(**change: Any) -> Card:
    return changed(CARD, frame_of_card(CARD), Change(**change))[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " \t "}, "A character needs a name."),
        ({"name": "x" * 81}, "The name has 81 letters; 80 is the limit."),
        ({"nickname": "x" * 81}, "The nickname has 81 letters"),
        ({"short_description": "x" * 201}, "The short description has 201 letters; 200 is the limit."),
        ({"category": "x" * 41}, "The category has 41 letters"),
        ({"age_rating": "ancient"}, "“ancient” is no age rating. Choose one of: everyone, teen, adult."),
        ({"description": "x" * 100_001}, "The description has 100,001 letters; 100,000 is the limit."),
        ({"alternate_greetings": "x" * 100_001}, "The text of the other greetings has 100,001 letters"),
        ({"tags": "x" * 31}, "is longer than 30 letters"),
    ],
)
def test_what_is_too_much_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        after(**change)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        (" , ,, ", ()),
        ("Space, space,  SPACE ", ("space",)),
        ("science   fiction,\nsea", ("science fiction", "sea")),
        (",".join(f"t{number}" for number in range(12)), tuple(f"t{number}" for number in range(12))),
    ],
)
def test_tags_are_read_from_a_line(text: str, tags: tuple[str, ...]) -> None:
    assert read_tags(text) == tags


def test_what_is_not_named_stays_as_it_is() -> None:
    assert after() == CARD
    assert after(description="New.").first_mes == "Hello."
    assert after(name="  Nova \n Prime ").name == "Nova Prime"
    assert after(description="a\x00b\r\nc ").description == "ab\nc"


def test_what_the_forms_show_is_what_they_give_back() -> None:
    assert after(**texts_of(CARD)) == CARD
    assert (
        texts_of(after(alternate_greetings="A\n\n---\n\nB\n---\n \n---\nC"))["alternate_greetings"]
        == "A\n---\nB\n---\nC"
    )


def test_a_depth_prompt_keeps_its_place_and_its_neighbours() -> None:
    deeper = after(depth_prompt=" Deeper. ")
    assert deeper.extensions["depth_prompt"] == {"prompt": "Deeper.", "depth": 2, "role": "system"}
    assert after(depth_prompt="").extensions == {"other": {"kept": True}}
