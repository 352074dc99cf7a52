"""Lore as people meet it: written in a chat and in the editor, read by the model, and inspected afterwards."""

import orjson

from bot.cards.card_fields import Warnings
from bot.cards.lorebook import read_lorebook
from tests.cogs.workshop import Workshop, caller, message_of, read
from tests.theatre import Theatre, until

WHALE = {"Keys": "whale", "What it tells": "The whale is white.", "Name": "Moby"}
SHIP = {"Keys": "ship", "What it tells": "The ship is black.", "Name": "Pequod", "Order and place": "depth 0 as user"}
WORDY = {"key": ["*_~" * 80, "𝔎" * 80], "comment": "[x](y) " * 60, "content": "> `word` " * 900}
WORLD = orjson.dumps(
    {
        "entries": {
            "0": {"uid": 0, "key": ["gull"], "comment": "Gull", "content": "It cries."},
            **{str(number): {"uid": number, **WORDY} for number in range(1, 23)},
            "23": {"uid": 23, "key": [f"key {number}" for number in range(500)], "content": "Everything."},
        }
    }
)
"""A gull, and as much as fits into a page, of the kind that grows when it is shown."""


async def test_a_book_is_written_in_a_chat_read_and_inspected(theatre: Theatre) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    bob.here = await theatre.chat_with("Cue")
    panel = await alice.slash("chat lore")
    page = await (await panel.click("New book")).fill({"Name": "Seas"})
    await until(lambda: "Nothing stands in this book yet." in page.text)
    for number, entry in enumerate((WHALE, SHIP), 1):
        page = await read(await (await page.click("New entry")).fill(entry), f"{number}\\. **{entry['Name']}**")
    model.says("It blows.")
    await alice.say("A whale!")
    reply = await theatre.reply("It blows.")
    assert "The whale is white." in model.prompt
    assert "The ship is black." not in model.prompt

    first = await alice.slash("chat inspect")
    assert first.ephemeral
    assert "- main instruction" in first.text
    assert "- lore: Moby" in first.text
    menu = await alice.click("⋯", on=reply)
    inspected = await read(await menu.click("Inspect"), "What was sent for this reply of Cue")
    second = await read(await inspected.click("1/2 ▶"), "Lore that fired")
    assert '**Moby** (Seas): key "whale" in the newest message' in second.text
    assert '**Pequod** (Seas): its key "ship" was not said' in second.text
    link = f"https://discord.com/channels/{theatre.guild.id}/{bob.here.id}/{reply.id}"
    others = await (await bob.slash("chat inspect", message=link)).click("1/2 ▶")
    await read(others, "**an entry**")
    assert not any(word in others.text for word in ("Moby", "Pequod", "whale"))
    assert "1 entry of which only the author may know more" in others.text
    assert "no message" in (await bob.slash("chat inspect", message="the last one")).text


async def test_an_author_writes_lore_in_the_editor(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    nova = await workshop.published(alice, "Nova")
    editor = await alice.slash("character edit", character="Nova")
    page = await editor.click("Lore")
    assert page.ephemeral
    page = await read(await (await page.click("New entry")).fill(WHALE), "1\\. **Moby**")
    wrong = await (await page.click("New entry")).fill(SHIP | {"Order and place": "somewhere"})
    await until(lambda: any("“somewhere” is not understood." in each.text for each in wrong.followups))
    page = await read(await (await page.click("Upload")).fill({"File": [("world.json", WORLD)]}), "2\\. **Gull**")
    last = await read(await page.click("1/2 ▶"), "25\\. ")
    many = await read(await last.select("Look at an entry", ["3-24"]), "Everything.")
    assert "a form holds 4,000" in (await many.click("Edit")).text
    last = await read(await many.click("Back"), "25\\. ")
    wordy = await read(await last.select("Look at an entry", ["3-23"]), "word")
    assert await (await wordy.click("Edit")).fill({"Name": "Long"})
    page = await read(await (await read(wordy, "**Long**")).click("◀"), "2\\. **Gull**")
    entry = await read(await page.select("Look at an entry", ["4-1"]), "It cries.")
    form = await entry.click("Edit")
    page = await read(await form.fill({"What it tells": "It laughs.", "Keys": "gull, bird"}), "gull, bird")
    entry = await read(await page.select("Look at an entry", ["5-0"]), "The whale is white.")
    page = await read(await entry.click("Switch off"), "· off")
    (file,) = message_of(await page.click("Download")).attachments
    assert file.filename == "Lore_of_Nova.json"
    book = (await workshop.characters.definition(caller(alice), str(nova.id))).card.character_book
    assert book is not None
    assert [(each.keys, each.content, each.enabled) for each in read_lorebook(book, Warnings()).entries][:2] == [
        (("whale",), "The whale is white.", False),
        (("gull", "bird"), "It laughs.", True),
    ]
