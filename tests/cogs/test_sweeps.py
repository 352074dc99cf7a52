"""What must be true of every command, button and page, whatever they are for."""

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import discord
import pytest

import cogs
from bot.cards.card import Card
from bot.characters.catalogue import Definition, Detail, Page
from bot.characters.imports import Preview
from bot.chat.stage import Opening, Place
from bot.personas import TEXTS, Wardrobe
from cogs.ui.buttons import PersistentButton, PersistentSelect
from cogs.ui.cards import card_text
from cogs.ui.details import DetailsView
from cogs.ui.editor import EditorView
from cogs.ui.importing import PreviewView
from cogs.ui.manager import ManagerView
from cogs.ui.pickers import PickerView
from cogs.ui.starter import StarterCard
from cogs.ui.text import units
from cogs.ui.wardrobe import PersonaPanel, wardrobe_page
from playground import checks
from storage.character_pages import Cursor, Query
from storage.characters import Character
from storage.personas import Persona
from tests.theatre import Theatre

SAMPLES = (
    "0123456789abcdef" * 2, "f" * 32, "abcDEF_-0123", "0", "7", "12", "999", "before", "after", "<", ">",
    "names", "frame", "character", "dialogue", "instructions", "1795000000123456", "1", "2", "18446744073709551615",
    "server", "me", "90", "on", "off", "who", "everyone", "card", "book",
)  # fmt: skip
WIDE = "\U0001f409" * 80
MARKUP = "*_[`~" * 40
LONG = "*" * 100_000


@pytest.fixture
async def commands(theatre: Theatre) -> list[dict[str, Any]]:
    """The commands as Discord was told them."""
    return theatre.playground.world.commands


def leaves(command: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Commands and options with their names, groups included."""
    name = f"{above} {command['name']}".strip()
    yield name, command
    for option in command.get("options") or []:
        yield from leaves(option, name)


async def test_every_cog_loads_and_every_command_says_what_and_where(commands: list[dict[str, Any]]) -> None:
    assert {"character", "help"} <= {command["name"] for command in commands}
    for command in commands:
        for name, each in leaves(command):
            if command["type"] == 1:
                assert 0 < len(each["description"]) <= 100, name
                assert each["description"] != "…", name
        assert command.get("contexts"), f"/{command['name']} does not say where it can be used"
        assert command.get("integration_types"), f"/{command['name']} does not say who may install it"


def items() -> list[type[PersistentButton] | type[PersistentSelect]]:
    """Every class of a persistent button or menu that some file of cogs/ defines."""
    for module in pkgutil.walk_packages(cogs.__path__, "cogs."):
        importlib.import_module(module.name)
    return [*PersistentButton.__subclasses__(), *PersistentSelect.__subclasses__()]


def custom_ids(item: type[PersistentButton] | type[PersistentSelect]) -> list[str]:
    """Custom ids as this class makes them, one for each way to fill in its keys with the samples."""
    pattern = item.__discord_ui_compiled_template__
    count = pattern.groups
    parts = re.split(r"\((?!\?)", pattern.pattern)[1:]
    fitting = [[one for one in SAMPLES if re.fullmatch(part.split(")")[0], one)] for part in parts[:count]]
    return [":".join((item.prefix, *keys)) for keys in itertools.product(*fitting)]


def test_no_two_templates_overlap_and_no_custom_id_is_too_long() -> None:
    found = items()
    assert len(found) > 15
    assert len({item.prefix for item in found}) == len(found)
    for item in found:
        made = custom_ids(item)
        assert made, f"no sample fits the keys of {item.__name__}"
        for custom_id in made:
            assert len(custom_id) <= 100, custom_id
            matching = [
                other for other in found if other.__discord_ui_compiled_template__.fullmatch(custom_id) is not None
            ]
            assert matching == [item], custom_id


@pytest.mark.parametrize("words", [WIDE, MARKUP, "W" * 200], ids=["emoji", "markup", "letters"])
def test_pages_stay_within_discords_limits_at_their_worst(words: str) -> None:
    worst = character(words)
    page = Page((worst,) * 5, Cursor(2, 1795000000123456, worst.id), Cursor(2, 1795000000123456, worst.id))
    page = replace(page, characters=tuple(replace(worst, id=UUID(int=number + 1)) for number in range(5)))
    query = Query(1, 2, search=words[:100], tags=(words[:30],) * 5, without=(words[:30],) * 5)
    card = Card(name=words[:80], description=LONG, first_mes=LONG, creator=words, creator_notes=LONG)
    filled: dict[str, Any] = dict.fromkeys(TEXTS, LONG[:4000])
    filled |= {"alternate_greetings": (words,) * 25, "tags": (words[:30],) * 12}
    masks = tuple(Persona(UUID(int=number), words[:80], avatar="a" * 64, **filled) for number in range(50))
    views: list[discord.ui.LayoutView] = [
        PickerView(page, query, "x" * 12),
        PickerView(Page((), None, None), query, "x" * 12),
        ManagerView(page),
        DetailsView(Detail(worst, 1_000_000, replace(card, alternate_greetings=(LONG, LONG)), is_owner=True), 1),
        DetailsView(Detail(replace(worst, definition_visibility="author"), 1, card, is_owner=False)),
        EditorView(Definition(replace(worst, age_rating="unrated", avatar=None), card, 1_000_000)),
        PreviewView(Preview("x" * 12, card, (words,) * 40, None, 64, worst), "mask.png"),
        PersonaPanel(masks[0]),
        wardrobe_page(Wardrobe(masks, masks[5].id), 1)[0],
        StarterCard(Opening(Place(1, 2), 3, words[:100], False, worst, words[:80]), say_button=True),
    ]
    for view in views:
        checks.message({"components": view.to_components(), "flags": 1 << 15})
        total = sum(units(item.content) for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay))
        assert total <= 4000, type(view).__name__


def test_a_card_tells_what_is_there_and_no_more() -> None:
    bare = replace(character("Nova"), tags=(), short_description="", owner_name="", play_count=0, age_rating="teen")
    assert (
        card_text(replace(bare, is_default=False, is_featured=False, taken_down=None, visibility="public"))
        == "### Nova\n-# By this server · **Published**"
    )


def character(words: str) -> Character:
    """A character of which every field is as long as it may be."""
    return Character(
        id=UUID(int=1),
        owner_user_id=2**63 - 1,
        owner_guild_id=None,
        owner_name=words[:32],
        status="published",
        visibility="guild",
        guild_id=1,
        name=words[:80],
        nickname=words[:80],
        short_description=words[:200],
        tags=tuple(words[:30] for _ in range(12)),
        category=words[:40],
        licence=words[:40],
        age_rating="adult",
        definition_visibility="public",
        avatar="a" * 64,
        newest_version=1_000_000,
        play_count=2**40,
        stock=None,
        published_at=datetime(2026, 11, 21, tzinfo=UTC),
        taken_down=words[:200],
        is_default=True,
        is_featured=True,
    )
