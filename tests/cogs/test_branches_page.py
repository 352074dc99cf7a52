"""Branches on the page, as a person meets them: the bot is restarted between all steps, and everything goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.cogs.test_marketplace_page import command, newest, press
from tests.screenshots import keep
from tests.theatre import Theatre

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]

SLOW_MS = 20_000
GREETING, ASKED, HARBOUR, HILLS = "I'm Cue.", "Which way?", "To the harbour.", "To the hills."
UP, TOP, DOWN, DEEP = "And then?", "Up and up.", "I look down.", "A long way."


async def test_a_story_branches_while_the_bot_comes_and_goes(theatre: Theatre, open_page: OpenPage) -> None:
    page = await open_page(theatre.playground.page_url, "alice")
    await command(page, "/character pick")
    await page.get_by_role("button", name="Chat", exact=True).first.click(timeout=SLOW_MS)
    await page.get_by_text("Go to the thread").click(timeout=SLOW_MS)
    await expect(newest(page)).to_contain_text(GREETING, timeout=SLOW_MS)

    await says(theatre, page, ASKED, HARBOUR)
    theatre.model.says(HILLS)
    await press(page, "Regenerate")
    await written(page, HILLS)
    await restart(theatre)
    await press(page, "◀")
    await expect(newest(page)).to_contain_text(HARBOUR, timeout=SLOW_MS)
    await keep(page, "branches-swiped")
    await restart(theatre)
    await press(page, "1/2 ▶")
    await expect(newest(page)).to_contain_text(HILLS, timeout=SLOW_MS)
    await says(theatre, page, UP, TOP)

    await menu(page, HILLS, "Branch from here")
    await expect(newest(page)).to_contain_text("Where should the story go on", timeout=SLOW_MS)
    await keep(page, "branches-question")
    await restart(theatre)
    await press(page, "Here")
    await expect(page.get_by_text("The scene goes on from")).to_be_visible(timeout=SLOW_MS)
    await expect(newest(page)).to_contain_text(HILLS, timeout=SLOW_MS)
    await keep(page, "branches-branched")
    await says(theatre, page, DOWN, DEEP)
    assert story(theatre) == [ASKED, HILLS, DOWN]

    await menu(page, DEEP, "Branch from here")
    await expect(newest(page)).to_contain_text("Where should the story go on", timeout=SLOW_MS)
    await restart(theatre)
    await press(page, "In a new thread")
    await expect(message(page, "The branch goes on in")).to_be_visible(timeout=SLOW_MS)
    here = page.url
    await page.get_by_text("Go to the thread").click()
    await expect(newest(page)).to_contain_text(DEEP, timeout=SLOW_MS)
    await keep(page, "branches-elsewhere")
    await says(theatre, page, "Elsewhere.", "Far away.")
    assert story(theatre) == [ASKED, HILLS, DOWN, DEEP, "Elsewhere."]
    await page.goto(here)

    await menu(page, DOWN, "Edit")
    form = page.get_by_role("dialog")
    await form.get_by_label("What is said").fill("I look up.")
    await keep(page, "branches-form")
    theatre.model.says("Stars.")
    await form.get_by_role("button", name="Submit").click()
    await written(page, "Stars.")
    assert story(theatre) == [ASKED, HILLS, "I look up."]
    await restart(theatre)

    await command(page, "/chat tree")
    tree = message(page, "the bright line is where the scene stands")
    await expect(tree.locator("img").last).to_be_visible(timeout=SLOW_MS)
    await restart(theatre)
    await tree.get_by_role("button", name="Go to the end of a branch").click()
    await keep(page, "branches-tree")
    await page.get_by_role("option", name=TOP).click()
    await expect(tree).to_contain_text("The scene is back there", timeout=SLOW_MS)
    await written(page, TOP)
    await keep(page, "branches-back")
    await says(theatre, page, "Where are we?", "At the top.")
    assert story(theatre) == [ASKED, HILLS, UP, TOP, "Where are we?"]


def story(theatre: Theatre) -> list[str]:
    """What the model read of the story for its last reply, behind the greeting."""
    read = [each["content"] for each in theatre.model.requests[-1]["messages"] if each["role"] != "system"]
    greeted = next(at for at, words in enumerate(read) if GREETING in words)
    return read[greeted + 1 :]


async def restart(theatre: Theatre) -> None:
    """Lets the bot go and come back."""
    await theatre.stop()
    await theatre.start()


async def says(theatre: Theatre, page: Page, words: str, answer: str) -> None:
    """Writes a line, waits until it is answered, and restarts the bot."""
    theatre.model.says(answer)
    await page.locator("#composer").fill(words)
    await page.keyboard.press("Enter")
    await written(page, answer)
    await restart(theatre)


async def written(page: Page, words: str) -> None:
    """Waits until the newest message is a reply with these words, and has ended."""
    await expect(newest(page)).to_contain_text(words, timeout=SLOW_MS)
    await expect(newest(page).get_by_role("button", name="Regenerate")).to_be_visible(timeout=SLOW_MS)


async def menu(page: Page, words: str, item: str) -> None:
    """Chooses from the menu of the newest message with these words."""
    await message(page, words).get_by_text(words).click(button="right")
    await page.get_by_role("menuitem", name=item).last.click()


def message(page: Page, words: str) -> Locator:
    """The newest message that holds the words."""
    return page.locator("[data-message-id]", has_text=words).last
