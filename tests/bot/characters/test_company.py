"""The characters that ship with the program."""

import re
from pathlib import Path

import pytest

from bot.cards.card import Card, parse_card, write_card
from bot.cards.card_files import read_card_file
from bot.cards.pictures import reencode_avatar

COMPANY = Path(__file__).parents[3] / "characters"
NAMES = sorted(path.stem for path in COMPANY.glob("*.json"))


def card(name: str) -> Card:
    found = parse_card((COMPANY / f"{name}.json").read_bytes())
    assert found.warnings == ()
    return found.card


def test_there_are_a_dozen_and_the_default_assistant_is_one() -> None:
    assert len(NAMES) == 12
    assert "prompter" in NAMES
    assert sorted(path.stem for path in COMPANY.glob("*.png")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_carries_the_same_card(name: str) -> None:
    data = (COMPANY / f"{name}.png").read_bytes()
    found = read_card_file(data, f"{name}.png")
    assert found.warnings == ()
    assert write_card(found.card, "chara_card_v3") == write_card(card(name), "chara_card_v3")
    assert len(data) < 150 * 1024
    assert found.picture is not None
    assert reencode_avatar(found.picture)[16:24] == b"\0\0\2\0\0\0\2\0"


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete_and_short(name: str) -> None:
    shipped = card(name)
    words = (
        shipped.description, shipped.personality, shipped.scenario, shipped.first_mes, shipped.mes_example,
        shipped.creator_notes, *shipped.alternate_greetings,
    )  # fmt: skip
    assert all(words)
    assert len(shipped.alternate_greetings) == 2
    assert sum(map(len, words)) < 2_800  # about 700 tokens
    ours = shipped.extensions["dramatis"]
    assert isinstance(ours, dict)
    assert 0 < len(str(ours["short_description"])) <= 120
    assert (ours["age_rating"], ours["licence"]) == ("everyone", "MIT")
    assert ours["category"]
    assert 0 < len(shipped.tags) <= 5
    assert all(tag == tag.lower() and len(tag) <= 30 for tag in shipped.tags)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_only_what_macros_can_fill_in(name: str) -> None:
    text = (COMPANY / f"{name}.json").read_text()
    assert set(re.findall(r"\{\{.*?\}\}", text)) <= {"{{char}}", "{{user}}"}
    for block in card(name).mes_example.split("<START>\n")[1:]:
        assert [line.split(":")[0] for line in block.strip().split("\n")] == ["{{user}}", "{{char}}"]
