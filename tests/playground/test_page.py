"""The page in a real browser: people who talk, come and go, and how it looks to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Client, Connect
from tests.playground.ships import Bot, message, use

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser import OpenPage, Watched

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


# Talking


async def test_two_windows_are_two_people_who_talk(
    play: Playground, alice: Person, bob: Person, open_page: OpenPage
) -> None:
    hers, his = await open_page(play.page_url, "alice"), await open_page(play.page_url, "bob")
    await hers.locator("#composer").press_sequentially("Is anyone awake?")
    await expect(his.locator("#typing")).to_have_text("Alice is typing…")
    await hers.keyboard.press("Enter")

    await expect(message(his, "Is anyone awake?")).to_contain_text("Alice")
    await expect(hers.locator("#composer")).to_have_value("")
    await expect(his.locator("#typing")).to_have_text("")
    await expect(his.locator("#me")).to_contain_text("bob")


async def test_a_reply_an_edit_by_arrow_and_a_deletion(page: Page, bob: Person, alice: Person) -> None:
    await bob.say("The tide turns at six.")
    await message(page, "The tide turns").hover()
    await message(page, "The tide turns").get_by_role("button", name="Reply").click()
    await page.keyboard.type("At sevn")
    await page.keyboard.press("Enter")
    await expect(message(page, "At sevn").locator(".slot-reply")).to_contain_text("The tide turns at six.")

    await page.keyboard.press("ArrowUp")
    field = page.get_by_label("Edit your message")
    await expect(field).to_be_focused()
    await field.fill("At seven")
    await page.keyboard.press("Enter")
    await expect(message(page, "At seven")).to_contain_text("(edited)")
    await alice.sees("At seven")
    await expect(page.locator("#composer")).to_be_focused()

    await message(page, "At seven").get_by_role("button", name="Message actions").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(message(page, "At seven")).to_have_count(0)


async def test_a_streamed_reply_grows_in_place_and_leaves_the_reader_where_they_are(
    page: Page, ship: Bot, tavern: Channel
) -> None:
    there = ship.place(tavern)
    for number in range(12):
        await there.send(f"Line {number}\n" + "and on\n" * 4)
    growing = await there.send("Once")
    await expect(message(page, "Once")).to_be_visible()
    await page.evaluate("window.kept = document.querySelectorAll('[data-message-id]')[12]")

    await growing.edit(content="Once upon")
    await expect(message(page, "Once upon")).to_be_in_viewport()
    assert await page.evaluate("window.kept.isConnected && window.kept.textContent.includes('Once upon')")

    log = page.locator("#log")
    await log.evaluate("node => { node.scrollTop = 200; }")
    await expect(page.get_by_role("button", name="Newest messages")).to_be_visible()
    await growing.edit(content="Once upon a time\n" + "it rained\n" * 30)
    await expect(message(page, "Once upon a time")).to_have_count(1)
    assert await log.evaluate("node => node.scrollTop") == 200

    await page.get_by_role("button", name="Newest messages").click()
    before = await log.evaluate("node => node.scrollTop")
    await growing.edit(content="Once upon a time\n" + "it rained\n" * 40)
    await page.wait_for_function("before => document.getElementById('log').scrollTop > before", arg=before)


async def test_older_messages_are_read_when_the_reader_comes_to_the_top(page: Page, bob: Person) -> None:
    for number in range(70):
        await bob.say(f"Entry number {number}.")
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    await expect(message(page, "Entry number 69.")).to_be_in_viewport()
    await expect(page.locator("[data-message-id]")).to_have_count(50)
    await page.locator("#log").evaluate("node => { node.scrollTop = 0; }")
    await expect(page.locator("[data-message-id]")).to_have_count(70)
    await expect(message(page, "Entry number 20.")).to_be_in_viewport()


async def test_reactions_and_files(page: Page, ship: Bot, alice: Person, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("calm seas")
    await page.locator("#attach-input").set_input_files(tmp_path / "log.txt")
    await page.fill("#composer", "Our log")
    await page.keyboard.press("Enter")
    sent = message(page, "Our log")
    await expect(sent.get_by_role("link", name="log.txt")).to_be_visible()
    assert [file.filename for file in (await alice.sees("Our log")).attachments] == ["log.txt"]

    await sent.get_by_role("button", name="Message actions").click()
    await page.get_by_role("menuitem", name="React").click()
    await page.get_by_role("menuitem", name="heart").click()
    reaction = sent.get_by_role("button", name="❤️, 1, yours")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await reaction.click()
    await expect(sent.locator(".reaction")).to_have_count(0)


async def test_direct_messages_with_the_bot_are_one_press_away(page: Page, ship: Bot, alice: Person) -> None:
    await page.get_by_role("button", name="Write to dramatis").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("dramatis")
    await page.keyboard.type("Hello in private")
    await page.keyboard.press("Enter")
    await expect(message(page, "Hello in private")).to_be_visible()
    await alice.sees("Hello in private", in_=await alice.open_dm())


# Coming and going


async def test_a_newcomer_reads_what_this_is_and_begins(play: Playground, ship: Bot, open_page: OpenPage) -> None:
    play.notes |= {"model": "A **very** small model.", "next_steps": "Ask for a token."}
    page = await open_page(play.page_url, "alice", newcomer=True)
    panel = page.get_by_role("dialog", name="Welcome to the playground")
    for words in ("What to type first", "A very small model.", "Ask for a token."):
        await expect(panel).to_contain_text(words)
    await panel.get_by_role("button", name="Start with /character pick").click()
    await expect(page.locator("#composer")).to_have_value("/character pick")
    await page.reload()
    await expect(page.locator("#composer")).to_have_value("/character pick")
    await expect(panel).to_have_count(0)
    await page.get_by_role("button", name="What is this?").click()
    await expect(panel).to_be_visible()


async def test_the_page_comes_back_after_a_restart_with_the_typed_text(
    tmp_path: Path, open_page: OpenPage, watched: Watched
) -> None:
    watched.ignores = ("ERR_CONNECTION_REFUSED", "WebSocket connection", "Failed to load resource")
    async with Playground(tmp_path) as play:
        port = int(play.page_url.rsplit(":", 1)[1].strip("/"))
        guild = play.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        alice = play.add_person("alice", guilds=[guild]).at(tavern)
        await alice.say("Before the storm")
        page = await open_page(play.page_url, "alice")
        await page.fill("#composer", "half a thought")
    await expect(page.locator("#connection")).to_contain_text("comes back by itself")
    async with Playground(tmp_path, port=port):
        await expect(page.locator("#connection")).to_be_hidden()
        await expect(page.locator("#composer")).to_have_value("half a thought")
        await page.keyboard.press("Enter")
        await expect(message(page, "half a thought")).to_be_visible()
        await expect(message(page, "Before the storm")).to_be_visible()


async def test_the_page_says_whether_the_bot_is_there(page: Page, play: Playground, connect: Connect) -> None:
    await expect(page.locator("#bot-status")).to_have_text("dramatis is offline")
    client = await connect(Client())
    await expect(page.locator("#bot-status")).to_have_text("dramatis is here")
    await client.close()
    await expect(page.locator("#bot-status")).to_have_text("dramatis is offline")


async def test_a_refusal_is_a_quiet_notice_and_gives_the_text_back(page: Page, tavern: Channel, guild: Guild) -> None:
    await page.fill("#composer", "x" * 2001)
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast")).to_contain_text("2000")
    await expect(page.locator("#composer")).to_have_value("x" * 2001)


# Looks


async def test_on_a_phone_the_channels_are_in_a_drawer(
    play: Playground, guild: Guild, alice: Person, open_page: OpenPage
) -> None:
    cabin = guild.add_text_channel("cabin")
    page = await open_page(play.page_url, "alice", phone=True)
    link = page.locator(f"nav [data-channel-id='{cabin.id}']")
    await expect(link).not_to_be_in_viewport()
    await page.get_by_role("button", name="Channels").click()
    await expect(link).to_be_in_viewport()
    await link.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("cabin")
    await expect(link).not_to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("place", ["document.activeElement.blur()", "document.getElementById('composer').focus()"])
async def test_escape_closes_the_drawer_wherever_the_focus_is(
    play: Playground, alice: Person, open_page: OpenPage, place: str
) -> None:
    page = await open_page(play.page_url, "alice", phone=True)
    channels = page.get_by_role("button", name="Channels")
    await channels.click()
    await page.evaluate(place)
    await page.keyboard.press("Escape")
    await expect(channels).to_have_attribute("aria-expanded", "false")
    await expect(channels).to_be_focused()


async def test_escape_closes_what_lies_over_the_drawer_first(
    play: Playground, alice: Person, bob: Person, open_page: OpenPage
) -> None:
    page = await open_page(play.page_url, "alice", phone=True)
    channels = page.get_by_role("button", name="Channels")
    await channels.click()
    await page.get_by_role("button", name="You are Alice").click()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await expect(channels).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")
    await expect(channels).to_have_attribute("aria-expanded", "false")


async def test_a_place_that_opens_late_leaves_the_focus_in_the_drawer(
    play: Playground, guild: Guild, alice: Person, open_page: OpenPage
) -> None:
    cabin = guild.add_text_channel("cabin")
    await alice.at(cabin).say("Mind the step")
    page = await open_page(play.page_url, "alice", phone=True)
    opens = "id => { location.hash = `c=${id}`; document.getElementById('drawer-button').click(); }"
    await page.evaluate(opens, str(cabin.id))
    await expect(message(page, "Mind the step")).to_be_attached()
    await page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert await page.evaluate("document.activeElement.closest('#sidebar') !== null")


FOCUSED = "document.activeElement.textContent"


async def test_the_focus_among_the_channels_survives_what_happens_there(
    play: Playground, page: Page, tavern: Channel, alice: Person, bob: Person
) -> None:
    night = await bob.at(tavern).start_thread("Night")
    other = await bob.start_thread("Other")
    await play.archive(other)
    nav = page.get_by_role("navigation", name="Channels")
    await nav.get_by_text("1 archived").focus()
    await bob.start_thread("Dawn")
    await expect(nav.get_by_role("link", name="Dawn")).to_be_visible()
    assert await page.evaluate(FOCUSED) == "1 archived"
    await nav.get_by_role("link", name="Night").focus()
    await play.archive(night)
    await expect(nav.get_by_text("2 archived")).to_be_focused()
    await nav.get_by_role("link", name="Dawn").focus()
    await play.delete_channel(play.find_guild("Harbour").channel("Dawn"))
    await expect(nav.get_by_role("link", name="tavern")).to_be_focused()


CONTRASTS = """() => {
  const style = getComputedStyle(document.documentElement);
  const channel = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = [];
  for (const back of ["--ground", "--panel", "--raised", "--sunk", "--wash"]) {
    for (const front of ["--ink", "--soft", "--accent"]) pairs.push([front, back]);
  }
  pairs.push(["--warm", "--warm-wash"], ["--danger", "--raised"], ["--danger", "--danger-wash"]);
  pairs.push(["--on-accent", "--accent"], ["--ground", "--danger"], ["--ground", "--good"]);
  return pairs.map(([front, back]) => {
    const [one, other] = [light(front), light(back)].sort((a, b) => b - a);
    return [front, back, (one + 0.05) / (other + 0.05)];
  }).filter(([, , ratio]) => !(ratio >= 4.5));
}"""


async def test_both_themes_are_legible_and_the_choice_is_remembered(
    play: Playground, alice: Person, open_page: OpenPage
) -> None:
    page = await open_page(play.page_url, "alice", dark=True)
    theme = page.locator("html")
    await expect(theme).to_have_attribute("data-theme", "dark")
    assert await page.evaluate(CONTRASTS) == []
    await page.get_by_role("button", name="Use light colours").click()
    await page.reload()
    await expect(theme).to_have_attribute("data-theme", "light")
    assert await page.evaluate(CONTRASTS) == []


UNNAMED = """() => [...document.querySelectorAll("button, a[href], input, textarea, [role=listbox], [role=dialog]")]
  .filter((node) => node.getClientRects().length && !node.getAttribute("aria-label") && !node.textContent.trim()
    && !node.labels?.length && !node.getAttribute("aria-labelledby")).map((node) => node.outerHTML)"""


async def test_every_control_has_a_name(page: Page, ship: Bot, bob: Person) -> None:
    await use(page, "ship panel")
    await expect(message(page, "The panel")).to_be_visible()
    assert await page.evaluate(UNNAMED) == []
    await use(page, "ship build")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate(UNNAMED) == []
