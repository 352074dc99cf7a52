"""The page in a real browser: commands, forms, buttons, menus and cards of a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from playground import Channel, Person, Playground
from tests.playground.conftest import Connect
from tests.playground.ships import Bot, Card, Tall, message, use

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]


@pytest.fixture
async def ship(connect: Connect, alice: Person, bob: Person) -> Bot:
    """The connected bot, in a server where Alice and Bob are."""
    bot = Bot()
    await connect(bot)
    return bot


@pytest.fixture
async def page(play: Playground, alice: Person, open_page: OpenPage) -> Page:
    """The page as Alice sees it."""
    return await open_page(play.page_url, "alice")


async def test_a_command_is_found_filled_and_sent_with_the_keyboard_alone(page: Page, ship: Bot) -> None:
    await page.locator("#composer").focus()
    await page.keyboard.type("/sh")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_have_count(4)
    await page.keyboard.type("ip gr")
    await expect(options).to_have_count(1)
    await expect(options.first).to_contain_text("Greets a ship.")
    await page.keyboard.press("Enter")

    await page.keyboard.type("ott")
    found = page.get_by_role("listbox", name="name").get_by_role("option", name="The Otter")
    await expect(found).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("many")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("A whole number, please.")).to_be_visible()
    await page.get_by_role("textbox", name="guns").fill("9")
    await page.keyboard.press("Enter")

    await expect(message(page, "Ahoy otter-2 with 9 guns")).to_contain_text("Alice used /ship greet")
    await expect(page.locator("#composer")).to_be_focused()


async def test_a_command_takes_a_file_and_says_when_it_is_missing(page: Page, ship: Bot) -> None:
    await page.fill("#composer", "/ship load")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Choose a file first.")).to_be_visible()
    cargo = {"name": "cargo.txt", "mimeType": "text/plain", "buffer": b"forty casks"}
    await page.locator("#command-form input[type=file]").set_input_files([cargo])  # type: ignore[list-item]
    await page.get_by_role("button", name="Send").click()
    await expect(message(page, "cargo.txt: forty casks")).to_be_visible()


async def test_a_form_keeps_what_is_wrong_and_sends_what_is_right(page: Page, ship: Bot) -> None:
    await use(page, "ship build")
    form = page.get_by_role("dialog", name="A new ship")
    await expect(form.get_by_role("textbox", name="Name")).to_be_focused()
    await page.keyboard.type("Ox")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_text("At least 3 characters, please.")).to_be_visible()
    await expect(form.get_by_text("Choose one.")).to_be_visible()

    await form.get_by_role("textbox", name="Name").fill("Oxford")
    await form.get_by_role("button", name="Kind").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("button", name="Kind: Sloop")).to_be_focused()
    chart = {"name": "chart.png", "mimeType": "image/png", "buffer": b"png"}
    await form.locator("input[type=file]").set_input_files([chart])  # type: ignore[list-item]
    await form.get_by_role("button", name="Submit").click()

    await expect(form).to_have_count(0)
    answer = message(page, "Oxford, a Sloop, ['chart.png']")
    await expect(answer).to_contain_text("Only you can see this")


async def test_closing_a_form_with_words_in_it_asks_first(page: Page, ship: Bot) -> None:
    await use(page, "ship build")
    form = page.get_by_role("dialog", name="A new ship")
    await form.get_by_role("textbox", name="Name").fill("Oxford")
    await page.keyboard.press("Escape")
    await expect(form.get_by_role("alert")).to_contain_text("Closing loses what you wrote.")
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)


async def test_an_ephemeral_answer_is_seen_by_one_person_until_dismissed(
    play: Playground, page: Page, ship: Bot, open_page: OpenPage
) -> None:
    his = await open_page(play.page_url, "bob")
    await use(page, "ship panel")
    await message(page, "The panel").get_by_role("button", name="Whisper").click()
    whisper = message(page, "A word for you alone.")
    await expect(whisper).to_contain_text("Only you can see this")
    await expect(message(his, "The panel")).to_be_visible()
    await his.reload()
    await expect(message(his, "The panel")).to_be_visible()
    await expect(message(his, "A word for you alone.")).to_have_count(0)
    await whisper.get_by_role("button", name="Dismiss").click()
    await expect(whisper).to_have_count(0)


async def test_a_deferred_answer_shows_that_the_bot_thinks(page: Page, ship: Bot) -> None:
    await use(page, "ship panel")
    await message(page, "The panel").get_by_role("button", name="Ponder").click()
    await expect(page.get_by_text("dramatis is thinking…")).to_be_visible()
    ship.released.set()
    await expect(message(page, "I have thought.")).to_be_visible()
    await expect(page.get_by_text("dramatis is thinking…")).to_have_count(0)


async def test_several_values_are_selected_with_the_keyboard(page: Page, ship: Bot) -> None:
    await use(page, "ship panel")
    await message(page, "The panel").get_by_role("button", name="Flags").focus()
    for key in ("Enter", " ", "End", " ", "Enter"):
        await page.keyboard.press(key)
    await expect(message(page, "Flags: Red, White")).to_be_visible()


async def test_a_thread_that_the_bot_opened_is_offered_and_opened(page: Page, ship: Bot, tavern: Channel) -> None:
    await use(page, "ship panel")
    await message(page, "The panel").get_by_role("button", name="Open a thread").click()
    await page.get_by_role("status").get_by_role("link", name="Go to the thread").click()
    await expect(message(page, "Mind the lamp.")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("The chart room")
    await expect(page.locator("#composer")).to_be_focused()
    nav = page.get_by_role("navigation", name="Channels")
    await expect(nav.get_by_role("link", name="The chart room")).to_have_attribute("aria-current", "page")
    await nav.locator(f"[data-channel-id='{tavern.id}']").click()
    await expect(message(page, "The panel")).to_be_visible()


async def test_a_message_command_is_used_from_the_menu_with_the_keyboard(page: Page, ship: Bot, bob: Person) -> None:
    await bob.say("Land to starboard")
    await expect(message(page, "Land to starboard")).to_be_visible()
    await message(page, "Land to starboard").focus()
    await page.keyboard.press("Shift+F10")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(message(page, "Logged: Land to starboard")).to_be_visible()


async def test_a_card_of_components_is_shown(page: Page, ship: Bot, tavern: Channel) -> None:
    there = ship.place(tavern)
    await there.send(view=Card())
    card = message(page, "Ships in harbour")
    await expect(card.get_by_role("heading", name="Ships in harbour")).to_be_visible()
    await expect(card.get_by_role("button", name="Board")).to_be_enabled()
    assert await card.locator(".card").evaluate("node => node.style.getPropertyValue('--tint')") == "#336699"


async def test_a_card_taller_than_the_screen_is_shown_from_its_top(page: Page, ship: Bot, tavern: Channel) -> None:
    await ship.place(tavern).send(view=Tall())
    await expect(page.get_by_text("Ship 0")).to_be_in_viewport()
    await expect(page.get_by_text("Ship 8")).not_to_be_in_viewport()
