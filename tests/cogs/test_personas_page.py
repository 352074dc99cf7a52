"""Personas on the page: two people in one scene switch who they are, and are seen so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.cogs.test_marketplace_page import command, newest
from tests.cogs.test_personas import make
from tests.cogs.workshop import picture
from tests.screenshots import keep
from tests.theatre import Theatre

if TYPE_CHECKING:
    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]

SLOW_MS = 20_000


async def test_two_people_switch_who_they_are(theatre: Theatre, open_page: OpenPage) -> None:
    thread = await theatre.chat_with("Cue")
    await make(theatre.alice, Avatar=[("mara.png", picture())])
    page = await open_page(theatre.playground.page_url, "alice")
    await page.evaluate(f"location.hash = 'c={thread.id}'")
    await command(page, "/persona list")
    await expect(newest(page)).to_contain_text("Mara", timeout=SLOW_MS)
    await keep(page, "personas-list")
    await theatre.alice.slash("persona use", persona="Mara")
    await theatre.alice.slash("persona look", shown="on")
    await expect(newest(page)).to_contain_text("Mara", timeout=SLOW_MS)

    theatre.model.says("Welcome ashore, Mara.")
    await page.locator("#composer").fill("I come ashore.")
    await page.keyboard.press("Enter")
    await expect(newest(page)).to_contain_text("Welcome ashore, Mara.", timeout=SLOW_MS)
    await theatre.reply("Welcome ashore, Mara.")
    shown = page.locator("[data-message-id]", has_text="I come ashore.").last
    await expect(shown).to_contain_text("Mara")

    theatre.bob.at(thread)
    await theatre.bob.slash("persona play-as", character="Halcyon")
    await theatre.bob.slash("persona look", shown="on")
    theatre.model.says("And you, great eye?")
    await theatre.bob.say("I watch.")
    await expect(newest(page)).to_contain_text("And you, great eye?", timeout=SLOW_MS)
    await theatre.reply("And you, great eye?")
    watched = page.locator("[data-message-id]", has_text="I watch.").last
    await expect(watched).to_contain_text("Halcyon")
    await keep(page, "personas-looks")

    await theatre.alice.slash("persona clear")
    theatre.model.says("Who speaks?")
    await page.locator("#composer").fill("It is only me.")
    await page.keyboard.press("Enter")
    await expect(newest(page)).to_contain_text("Who speaks?", timeout=SLOW_MS)
    mine = page.locator("[data-message-id]", has_text="It is only me.").last
    await expect(mine).to_contain_text("Alice")
    await expect(shown).to_contain_text("Mara")
    await command(page, "/persona show")
    await expect(newest(page)).to_contain_text("yourself", timeout=SLOW_MS)
    await keep(page, "personas-cleared")
