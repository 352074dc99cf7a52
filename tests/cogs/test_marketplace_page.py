"""The marketplace on the page, by two people in two windows: make, bring in, publish, review, play."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.cogs.test_two_servers import choose
from tests.cogs.workshop import Workshop
from tests.screenshots import keep
from tests.theatre import Theatre

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]

CARD = Path(__file__).parent.parent / "data" / "cards" / "tavern_kit" / "test_character.png"
SLOW_MS = 20_000


async def test_two_people_make_review_and_play_a_character(
    theatre: Theatre, workshop: Workshop, open_page: OpenPage
) -> None:
    admins = theatre.guild.add_role("Admins", 1 << 5)  # Manage Server
    theatre.guild.give_role(theatre.alice, admins)
    await choose(workshop, theatre.guild, "review")
    url = theatre.playground.page_url
    admin, author = await open_page(url, "alice"), await open_page(url, "bob")

    await command(author, "/character import", sends=False)
    await author.locator("#command-form input[type=file]").set_input_files(CARD)
    await keep(author, "market-import")
    await author.get_by_role("button", name="Send", exact=True).click()
    await press(author, "Save as draft")
    await expect(newest(author)).to_contain_text("To publish it, add", timeout=SLOW_MS)
    await press(author, "Names")
    await author.get_by_label("Short description").fill("A character out of a picture.")
    await keep(author, "market-form")
    await author.get_by_role("button", name="Submit").click()
    await expect(newest(author)).to_contain_text("A character out of a picture.", timeout=SLOW_MS)
    await press(author, "Frame")
    await author.get_by_role("dialog").get_by_role("button", name="Age rating").click()
    await author.get_by_role("option", name="Teen (13+)").click()
    await author.get_by_role("button", name="Submit").click()
    await expect(newest(author)).to_contain_text("Ready to publish.", timeout=SLOW_MS)
    await keep(author, "market-panel")
    await press(author, "Publish")
    await expect(newest(author)).to_contain_text("waits for the admins of this server", timeout=SLOW_MS)

    await command(author, "/character pick")
    await expect(newest(author)).to_contain_text("Nobody is here yet", timeout=SLOW_MS)
    await command(admin, "/server queue")
    await expect(newest(admin)).to_contain_text("Test Character", timeout=SLOW_MS)
    await keep(admin, "market-queue")
    await press(admin, "Approve")
    await expect(newest(admin)).to_contain_text("approved", timeout=SLOW_MS)

    await command(author, "/character manage")
    await expect(newest(author)).to_contain_text("has approved Test Character", timeout=SLOW_MS)
    await keep(author, "market-news")
    await command(author, "/character pick")
    await expect(newest(author)).to_contain_text("A character out of a picture.", timeout=SLOW_MS)
    await press(author, "Details")
    await expect(newest(author)).to_contain_text("Greeting 1 of", timeout=SLOW_MS)
    await keep(author, "market-details")
    await press(author, "Chat")
    await expect(author.get_by_text("is waiting for you")).to_be_visible(timeout=SLOW_MS)
    await author.get_by_text("Go to the thread").click()
    await expect(author.locator("[data-message-id]").nth(1)).to_contain_text("I am a test character", timeout=SLOW_MS)
    await keep(author, "market-scene")


async def command(page: Page, text: str, *, sends: bool = True) -> None:
    """Types a command and sends it, or leaves it with its options open."""
    await page.fill("#composer", text)
    await expect(page.get_by_role("listbox", name="Commands").get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    if sends:
        await page.get_by_role("button", name="Send", exact=True).click()


async def press(page: Page, label: str) -> None:
    """Presses the newest button of that name."""
    await page.get_by_role("button", name=label, exact=True).last.click(timeout=SLOW_MS)


def newest(page: Page) -> Locator:
    """The newest message."""
    return page.locator("[data-message-id]").last
