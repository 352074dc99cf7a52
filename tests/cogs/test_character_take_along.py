"""What is brought in and taken out: pictures of CHARX, books of lore, exports by the owner and by others."""

import io
import zipfile
from pathlib import Path

import aiohttp
import orjson

import storage.character_versions
import storage.lorebooks
from bot.cards.card_files import read_card_file
from bot.characters.changes import Change
from playground import Answer
from tests.cogs.test_character_import import bring
from tests.cogs.workshop import Workshop, caller, message_of
from tests.theatre import Theatre, until

CARDS = Path(__file__).parent.parent / "data" / "cards" / "tavern_kit"


async def received(theatre: Theatre, answer: Answer) -> tuple[str, bytes]:
    """The name and content of the file that came with an answer."""
    file = message_of(answer).attachments[0]
    async with aiohttp.ClientSession() as session, session.get(file.url) as response:
        return file.filename, await response.read()


async def test_a_charx_keeps_its_expressions_there_and_back(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    preview = await bring(alice, "test_character.charx", (CARDS / "test_character.charx").read_bytes())
    assert "1 more picture" in preview.text, preview.text
    await alice.click("Save as draft", on=preview)
    await until(lambda: "To publish it" in preview.text or "Ready to publish" in preview.text)
    answer = await alice.slash("character export", character="Test Character", format="charx")
    assert "Here it is" in answer.text
    name, content = await received(theatre, answer)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    assert "card.json" in names
    assert any("icon/main" in name for name in names), names
    again = read_card_file(content, name)
    assert [asset.kind for asset in again.assets] == ["emotion"]
    assert again.picture is not None


async def test_a_book_of_lore_is_looked_at_and_kept_sealed(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    file = (CARDS / "lorebook_world_one.json").read_bytes()
    preview = await bring(alice, "lorebook_world_one.json", file)
    assert "dragon" in preview.text
    await alice.click("Keep this book", on=preview)
    await until(lambda: "is kept among your books" in preview.text)
    async with workshop.database.transaction() as session:
        (book,) = await storage.lorebooks.list_lorebooks(session, alice.id)
    assert [orjson.loads(entry)["keys"] for entry in book.entries] == [["dragon"]]
    again = await bring(alice, "lorebook_world_one.json", file)
    assert "imported this very file before" in again.text
    assert message_of(again).buttons == []


async def test_who_may_take_what_along(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova", description="SECRET WORDS", category="Pirates")
    taken = await bob.slash("character export", character=str(nova.id), format="json")
    name, content = await received(theatre, taken)
    assert name == "Nova.json"
    card = read_card_file(content, name).card
    assert card.description == "SECRET WORDS"
    assert card.extensions["dramatis"] == {
        "short_description": "Nova in a line.",
        "age_rating": "teen",
        "category": "Pirates",
    }
    await workshop.characters.edit(caller(alice), str(nova.id), Change(licence="All rights reserved"))
    refused = await bob.slash("character export", character=str(nova.id))
    assert "does not let others take it along" in refused.text
    await workshop.characters.edit(caller(alice), str(nova.id), Change(licence="MIT", definition_visibility="author"))
    refused = await bob.slash("character export", character=str(nova.id), format="charx")
    assert "keeps its definition" in refused.text
    assert "description 12 letters" in refused.text
    assert "SECRET" not in refused.text
    own = await alice.slash("character export", character=str(nova.id))
    assert read_card_file((await received(theatre, own))[1], "nova.png").card.description == "SECRET WORDS"


async def test_a_report_reaches_who_decides_and_comes_back(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova")
    shown = await bob.slash("character show", character=str(nova.id))
    form = await bob.click("Report…", on=shown)
    thanks = await form.fill({"What is wrong with it?": "It insults me."})
    assert "Nova is reported to the admins of this server and the operator" in thanks.text
    again = await bob.slash("character report", character=str(nova.id), reason="still")
    assert "already" in again.text
    own = await alice.slash("character report", character=str(nova.id), reason="mine")
    assert "your own character" in own.text
    empty = await bob.slash("character report", character="Nobody", reason="who?")
    assert "There is no such character" in empty.text
    more = await alice.slash("character manage")
    answer = await alice.click("⋯", on=more)
    assert "1 report." in answer.text
