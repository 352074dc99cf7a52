"""/character import: a look at a card file before it is saved, and who may save it."""

from pathlib import Path

import orjson
import pytest

from playground import Answer, Person
from tests.cogs.workshop import forget_views, message_of, press_anything, read
from tests.theatre import Theatre

CARDS = Path(__file__).parents[1] / "data" / "cards" / "tavern_kit"


async def bring(person: Person, name: str, content: bytes | None = None) -> Answer:
    """Imports a file of tests/data/cards, or other bytes under that name."""
    given = content if content is not None else (CARDS / name).read_bytes()
    return await person.slash("character import", file=(name, given), within=15)


@pytest.mark.parametrize("file", ["test_character.png", "ccv3_st_export_like.json"])
async def test_a_card_is_looked_at_saved_and_noticed_again(theatre: Theatre, file: str) -> None:
    alice = theatre.alice
    preview = await bring(alice, file)
    assert preview.ephemeral
    name = preview.text.splitlines()[0].removeprefix("### ")
    assert ("without a picture" in preview.text) == file.endswith(".json")
    assert "imported this very file" not in preview.text
    panel = await read(await preview.click("Save as draft"), "-# Version 1.")
    assert "**Draft**" in panel.text
    assert "Save as draft" not in [button.label for button in message_of(panel).buttons]
    assert name in (await alice.slash("character manage")).text
    again = await bring(alice, file)
    assert f"**You imported this very file before**, as {name}." in again.text
    assert "imported this very file" not in (await bring(theatre.bob, file)).text
    opened = await alice.slash("character start", character=name)
    assert "is waiting for you" in opened.text, opened.text


async def test_what_was_not_understood_is_named(theatre: Theatre) -> None:
    odd = {"name": "Odd", "description": "x", "first_mes": "Hi", "tags": "one", "alternate_greetings": 7}
    preview = await bring(theatre.alice, "odd.json", orjson.dumps(odd))
    assert "**Not quite as the format says**" in preview.text
    assert "alternate" in preview.text


async def test_what_is_no_card_is_refused_in_words(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.files.MAX_FILE_BYTES", 500 * 2**20)  # what Discord lets subscribers upload
    for name, content, words in (
        ("holiday.txt", b"Dear diary", "."),
        ("empty.json", b"", "is empty"),
        ("list.json", b"[1, 2]", "."),
        ("invalid_missing_name.json", None, "name"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "."),
        ("big.json", b" " * (20 * 2**20), "20 MiB; a card may have 16"),
    ):
        refused = await bring(theatre.alice, name, content)
        assert refused.ephemeral
        assert words in refused.text
        assert message_of(refused).buttons == [], refused.text
        assert "incident" not in refused.text, (name, refused.text)
        assert "### " not in refused.text


async def test_a_preview_belongs_to_whoever_made_it(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    preview = await bring(alice, "full_v3_card.json")
    own = await bring(bob, "ccv3_min.json")
    custom_id = message_of(preview).buttons[0].custom_id or ""
    stolen = await press_anything(bob, own.message, custom_id)
    assert "Import the file once more" in stolen.text
    picked = await bob.slash("character pick")
    page_id = message_of(picked).selects[0].custom_id.rpartition(":")[2]
    assert "Import the file once more" in (await press_anything(bob, own.message, f"import.save:{page_id}")).text
    view_id = custom_id.rpartition(":")[2]
    assert "more than a day old" in (await press_anything(bob, own.message, f"pick.turn:{view_id}:after")).text
    assert "You have no characters yet" in (await bob.slash("character manage")).text
    await forget_views(theatre)
    assert "Import the file once more" in (await read(await preview.click("Save as draft"), "once more")).text
