"""What the model reads, on the page: three characters, two people, lore and its reasons, memory put right by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.cards.lorebook import Lorebook, LoreEntry
from tests.cogs.test_marketplace_page import command, newest, press
from tests.cogs.workshop import Workshop
from tests.screenshots import keep
from tests.theatre import Theatre

if TYPE_CHECKING:
    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]

SLOW_MS = 20_000
ENTRY = LoreEntry(keys=("tide",), name="Tide", content="The tide takes names.")
BOOK = Lorebook(name="Tides", entries=(ENTRY,))


async def test_three_characters_two_people_lore_and_memory(
    theatre: Theatre, workshop: Workshop, open_page: OpenPage
) -> None:
    await workshop.published(
        theatre.alice, "Ferryman", first_mes="Where to?", character_book=BOOK, system_prompt="{{incvar::fare}}Be terse."
    )
    thread = await theatre.chat_with("Ferryman")
    alone = await theatre.alice.sees("Where to?")
    page = await open_page(theatre.playground.page_url, "alice")
    await page.evaluate(f"location.hash = 'c={thread.id}'")
    await expect(newest(page)).to_contain_text("Where to?", timeout=SLOW_MS)
    for name in ("Halcyon", "Tefi"):
        await theatre.alice.slash("chat invite", character=name)
        await expect(newest(page)).to_contain_text(f"{name} joins the scene.", timeout=SLOW_MS)

    theatre.model.says("To the far side.")
    await theatre.bob.at(thread).say("Ferryman, does the tide turn?")
    await expect(newest(page)).to_contain_text("To the far side.", timeout=SLOW_MS)
    await theatre.reply("To the far side.")
    assert "The tide takes names." in theatre.model.prompt
    theatre.model.says("I chart the stars.")
    await theatre.alice.say("Halcyon, what do you see?")
    await expect(newest(page)).to_contain_text("I chart the stars.", timeout=SLOW_MS)
    await theatre.reply("I chart the stars.")
    await keep(page, "reading-three")

    await command(page, "/chat turns")
    await expect(newest(page)).to_contain_text("natural", timeout=SLOW_MS)
    await keep(page, "reading-turns")
    (reply,) = [each for each in theatre.alice.messages() if each.text.startswith("To the far side.")]
    link = f"https://discord.com/channels/{theatre.guild.id}/{thread.id}/{reply.id}"
    await theatre.alice.slash("chat inspect", message=link)
    await expect(newest(page)).to_contain_text("What was sent for this reply of Ferryman", timeout=SLOW_MS)
    await keep(page, "reading-inspected")
    await press(page, "1/2 ▶")
    await expect(newest(page)).to_contain_text('key "tide" in the newest message', timeout=SLOW_MS)
    await keep(page, "reading-reasons")

    await command(page, "/chat memory")
    await expect(newest(page)).to_contain_text("Nothing yet", timeout=SLOW_MS)
    await press(page, "Remember something")
    await page.get_by_role("dialog").get_by_role("textbox").fill("The fare is a song.")
    await page.get_by_role("button", name="Submit").click()
    await expect(newest(page)).to_contain_text("The fare is a song.", timeout=SLOW_MS)
    await keep(page, "reading-memory")
    theatre.model.says("Sing, then.")
    await theatre.alice.say("Ferryman, what is the fare?")
    await theatre.reply("Sing, then.")
    assert "The fare is a song." in theatre.model.prompt

    # Another branch: nobody was invited there, nothing is remembered, and variables begin anew.
    await theatre.alice.menu(alone, "Rewind to here")
    theatre.model.says("Alone again.")
    await theatre.alice.say("Halcyon?")
    answered = await theatre.reply("Alone again.")
    assert answered.author_name == "Ferryman"
    assert "The fare is a song." not in theatre.model.prompt
    await expect(newest(page)).to_contain_text("Alone again.", timeout=SLOW_MS)
    await keep(page, "reading-branch")
