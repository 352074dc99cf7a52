"""The page in a real browser: what hangs on messages, their menus, and what one does with one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from playground import Channel, Person, Playground
from tests.playground.conftest import Connect
from tests.playground.scribe import DAYS, ROW, WORDS, Calendar, Row, Scribe
from tests.playground.ships import message

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]


@pytest.fixture
async def scribe(connect: Connect, alice: Person) -> Scribe:
    """The connected bot, in a server where Alice is."""
    return await connect(Scribe())


@pytest.fixture
async def page(play: Playground, alice: Person, open_page: OpenPage) -> Page:
    """The page as Alice sees it."""
    return await open_page(play.page_url, "alice")


FITS = """() => [...document.querySelectorAll(".button, .select, .popup, .file-card, .picture")]
  .filter((node) => node.getBoundingClientRect().right > innerWidth || node.getBoundingClientRect().left < 0
    || node.scrollWidth > node.clientWidth + 1).map((node) => node.outerHTML)"""


async def test_the_menu_opens_by_the_right_button_and_a_form_is_filled(page: Page, scribe: Scribe, bob: Person) -> None:
    await bob.say("The tide turns at six.")
    await message(page, "The tide turns").click(button="right")
    await page.get_by_role("menuitem", name="Rewrite").click()
    form = page.get_by_role("dialog", name="Rewrite a message")
    field = form.get_by_role("textbox", name="Its words")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("The tide turns at six.")
    await field.fill("The tide turns at seven.")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await expect(message(page, "It would say: The tide turns at seven.")).to_contain_text("Only you can see this")


async def test_the_menu_opens_by_the_keyboard_and_a_form_is_filled(page: Page, scribe: Scribe, bob: Person) -> None:
    await bob.say("The tide turns at six.")
    await expect(message(page, "The tide turns")).to_be_visible()
    await page.locator("#log").focus()
    await page.keyboard.press("ArrowUp")
    await expect(message(page, "The tide turns")).to_be_focused()
    await page.keyboard.press("Shift+F10")
    await page.keyboard.press("r")
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem", name="Rewrite")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Its words")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(message(page, "The tide turns")).to_be_focused()


async def test_on_a_phone_the_menu_is_behind_the_dots(
    play: Playground, scribe: Scribe, alice: Person, bob: Person, open_page: OpenPage
) -> None:
    page = await open_page(play.page_url, "alice", phone=True)
    await bob.say("One two three")
    await message(page, "One two three").get_by_role("button", name="Message actions").tap()
    assert await page.evaluate(FITS) == []
    await page.get_by_role("menuitem", name="Count words").tap()
    await expect(message(page, "3 words")).to_contain_text("Alice used Count words")
    await expect(message(page, "3 words")).to_contain_text("Only you can see this")


async def test_a_message_of_the_bot_may_be_answered_and_used_too(page: Page, scribe: Scribe, tavern: Channel) -> None:
    await scribe.place(tavern).send("Land to starboard")
    said = page.locator("[data-message-id]", has_text="Land to starboard").first
    await said.click(button="right")
    await page.get_by_role("menuitem", name="Reply").click()
    await page.keyboard.type("Where?")
    await page.keyboard.press("Enter")
    answer = message(page, "Where?")
    await expect(answer.locator(".slot-reply")).to_contain_text("Land to starboard")
    for name in ("Edit", "Delete"):
        await said.click(button="right")
        await expect(page.get_by_role("menuitem", name=name)).to_have_count(0)
        await page.keyboard.press("Escape")


async def test_an_edit_may_be_given_up_and_an_empty_one_asks_to_delete(page: Page, alice: Person) -> None:
    await alice.say("At sevn")
    await message(page, "At sevn").click(button="right")
    await page.get_by_role("menuitem", name="Edit").click()
    field = page.get_by_label("Edit your message")
    await field.fill("At eight")
    await page.keyboard.press("Escape")
    await expect(message(page, "At sevn")).to_be_visible()
    await message(page, "At sevn").click(button="right")
    await page.get_by_role("menuitem", name="Edit").click()
    await field.fill("")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator("[data-message-id]")).to_have_count(0)


async def test_files_of_the_bot_are_pictures_or_links_to_save(page: Page, scribe: Scribe, tavern: Channel) -> None:
    await scribe.hand_over(tavern)
    sent = message(page, "The chart and the log")
    picture = sent.get_by_role("img", name="chart.png")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async (node) => { await node.decode(); return node.naturalWidth; }") == 600
    assert await picture.evaluate("node => [node.width, node.height]") == [440, 264]
    below = await picture.bounding_box()
    assert below is not None
    for name, words in WORDS.items():
        card = await sent.get_by_role("link", name=name).bounding_box()
        assert card is not None
        assert card["y"] >= below["y"] + below["height"]
        assert card["height"] < 80
        async with page.expect_download() as saving:
            await sent.get_by_role("link", name=name).click()
        saved = await saving.value
        assert saved.suggested_filename == name
        assert Path(await saved.path()).read_text() == words


@pytest.mark.parametrize("phone", [False, True])
async def test_a_list_of_twenty_five_is_chosen_from(
    play: Playground, scribe: Scribe, tavern: Channel, open_page: OpenPage, *, phone: bool
) -> None:
    page = await open_page(play.page_url, "alice", phone=phone)
    await scribe.place(tavern).send("A calendar", view=Calendar(timeout=None))
    menu = message(page, "A calendar").get_by_role("button", name="Which day?")
    await menu.click()
    days = page.get_by_role("listbox", name="Which day?").get_by_role("option")
    await expect(days).to_have_text(DAYS)
    assert await page.evaluate(FITS) == []
    await expect(page.locator(".popup")).to_be_in_viewport(ratio=1)
    await page.keyboard.press("End")
    await expect(days.last).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(message(page, "Chosen: Day 25")).to_be_visible()
    await expect(menu).to_have_accessible_name("Which day?: Day 25")


async def test_five_buttons_fit_a_phone(play: Playground, scribe: Scribe, tavern: Channel, open_page: OpenPage) -> None:
    page = await open_page(play.page_url, "alice", phone=True)
    hook = await scribe.place(tavern).create_webhook(name="Actors")
    await hook.send("I turn to you.", username="Mira", view=Row(), wait=True)
    reply = message(page, "I turn to you.")
    await expect(reply.locator(".button")).to_have_text(list(ROW))
    assert await page.evaluate(FITS) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for label in ROW:
        button = reply.get_by_role("button", name=label, exact=True)
        size = await button.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 36
        await button.tap()
        await expect(message(page, f"Pressed {label}")).to_be_visible()
