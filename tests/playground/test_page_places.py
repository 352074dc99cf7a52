"""The page in a real browser: pickers, people's own apps, direct messages and age-restricted channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Connect
from tests.playground.crew import Boatswain, Porter
from tests.playground.ships import message, use

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]


@pytest.fixture
async def page(play: Playground, alice: Person, open_page: OpenPage) -> Page:
    """The page as Alice sees it."""
    return await open_page(play.page_url, "alice")


async def test_pickers_are_searched_and_used_with_the_keyboard(
    page: Page, connect: Connect, guild: Guild, bob: Person, play: Playground
) -> None:
    await connect(Boatswain())
    guild.add_forum("ideas")
    guild.give_role(bob, guild.add_role("Sailor"))
    carol = play.add_person("carol", display_name="Carol", guilds=[guild])
    await use(page, "pickers")
    shown = message(page, "the pickers")
    await shown.get_by_role("button", name="Crew: Alice").click()
    crew = page.get_by_role("listbox", name="Crew")
    await expect(crew.get_by_role("option")).to_have_count(4)
    await expect(page.get_by_role("combobox", name="Search: Crew")).to_be_focused()
    for key in ("Enter", "c", "a", "r", "Enter", "Tab"):
        await page.keyboard.press(key)
    await expect(message(page, f"Member {carol.name}")).to_contain_text("Only you can see this")

    await shown.get_by_role("button", name="Either").click()
    await page.keyboard.type("sail")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Done").click()
    await expect(message(page, "Role Sailor")).to_be_visible()

    await shown.get_by_role("button", name="Places").click()
    await expect(page.get_by_role("listbox", name="Places").get_by_role("option")).to_have_text(["#tavern"])
    await page.keyboard.press("Escape")

    await use(page, "order")
    form = page.get_by_role("dialog", name="An order")
    for label, typed in (("Who", "bob"), ("Where", "tav")):
        await form.get_by_role("group", name=label).get_by_role("button").click()
        await page.keyboard.type(typed)
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
    await form.get_by_role("button", name="Submit").click()
    await expect(message(page, "Member bob |  |  | AppCommandChannel tavern")).to_be_visible()


async def test_options_name_people_roles_and_channels(page: Page, connect: Connect, guild: Guild, bob: Person) -> None:
    await connect(Boatswain())
    guild.give_role(bob, guild.add_role("Sailor"))
    await page.fill("#composer", "/name")
    await page.keyboard.press("Enter")
    for name, typed in (("who", "bo"), ("rank", "sai"), ("where", "tav")):
        await page.get_by_role("combobox", name=name).press_sequentially(typed)
        await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send").click()
    await expect(message(page, "Member bob, Role Sailor, TextChannel tavern")).to_be_visible()


async def test_an_app_of_ones_own_is_offered_where_the_bot_is_not(
    play: Playground, page: Page, connect: Connect, alice: Person, bob: Person, open_page: OpenPage
) -> None:
    await connect(Porter())
    elsewhere = play.add_guild("Elsewhere", bot=False)
    attic = elsewhere.add_text_channel("attic")
    for person in (alice, bob):
        person.join(elsewhere)
    await use(page, "desk")
    await message(page, "the desk").get_by_role("button", name="dramatis").first.click()
    await page.get_by_role("menuitem", name="Add dramatis to my apps").click()
    await page.locator(f"nav [data-channel-id='{attic.id}']").click()
    await page.locator("#composer").press_sequentially("/")
    offered = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(offered).to_have_count(2)
    await expect(offered.last).to_contain_text("/prattle")
    await page.fill("#composer", "")
    await use(page, "desk")
    await message(page, "the desk").get_by_role("button", name="Stamp").click()
    await expect(message(page, "stamped")).to_be_visible()
    his = await open_page(play.page_url, "bob")
    await his.locator(f"nav [data-channel-id='{attic.id}']").click()
    await his.locator("#composer").press_sequentially("/")
    await expect(message(his, "stamped")).to_be_visible()
    await expect(his.get_by_role("listbox", name="Commands")).to_have_count(0)


async def test_messages_that_others_begin_are_found(page: Page, connect: Connect, alice: Person, bob: Person) -> None:
    bot = await connect(Porter())
    await (await bot.fetch_user(alice.id)).send("Your story was reported.")
    nav = page.get_by_role("navigation", name="Channels")
    await nav.get_by_role("link", name="dramatis, 1 unread").click()
    await expect(message(page, "Your story was reported.")).to_be_visible()
    await bob.open_dm(alice)
    await bob.say("Just us")
    await nav.get_by_role("link", name="bob, 1 unread").click()
    await expect(message(page, "Just us")).to_be_visible()


async def test_an_age_restricted_channel_is_marked(page: Page, tavern: Channel, alice: Person) -> None:
    await alice.start_thread("Night")
    nav = page.get_by_role("navigation", name="Channels")
    await expect(nav.get_by_role("link", name="tavern")).to_have_accessible_name("tavern")
    tavern.set_nsfw()
    await expect(nav.get_by_role("link", name="tavern, age-restricted")).to_contain_text("18+")
    await expect(nav.get_by_role("link", name="Night, age-restricted")).to_be_visible()
    await expect(page.locator("#room-tags")).to_contain_text("Age-restricted: for adults only")
    tavern.set_nsfw(False)
    await expect(page.locator("#room-tags")).to_have_text("")


async def test_a_server_that_is_left_goes_away(page: Page, guild: Guild, alice: Person) -> None:
    nav = page.get_by_role("navigation", name="Channels")
    await expect(nav.get_by_role("heading", name="Harbour")).to_be_visible()
    alice.leave(guild)
    await expect(nav.get_by_role("heading", name="Harbour")).to_have_count(0)
    await expect(page.locator("#log-start")).to_contain_text("There is no channel that you can see.")
