"""The page in a real browser: what people type, press and read there, and what it must never do."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands, ui
from playwright.async_api import Locator, expect

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Client, Connect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.browser import OpenPage, Watched

pytest_plugins = ["tests.browser"]


class Form(ui.Modal, title="A new ship"):
    name = ui.Label(text="Name", component=ui.TextInput(min_length=3, max_length=20))
    kind = ui.Label(
        text="Kind",
        component=ui.Select(options=[discord.SelectOption(label="Brig"), discord.SelectOption(label="Sloop")]),
    )
    chart = ui.Label(text="Chart", description="Any file.", component=ui.FileUpload(required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, kind, chart = self.name.component, self.kind.component, self.chart.component
        assert isinstance(name, ui.TextInput)
        assert isinstance(kind, ui.Select)
        assert isinstance(chart, ui.FileUpload)
        files = [file.filename for file in chart.values]
        await interaction.response.send_message(f"{name.value}, a {kind.values[0]}, {files}", ephemeral=True)


class Panel(ui.View):
    @ui.button(label="Whisper")
    async def whisper(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.send_message("A word for you alone.", ephemeral=True)

    @ui.button(label="Open a thread", style=discord.ButtonStyle.primary)
    async def thread(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.defer()
        assert isinstance(interaction.channel, discord.TextChannel)
        thread = await interaction.channel.create_thread(name="The chart room", type=discord.ChannelType.public_thread)
        await thread.send("Mind the lamp.")

    @ui.button(label="Ponder")
    async def ponder(self, interaction: discord.Interaction, button: ui.Button[Panel]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert isinstance(interaction.client, Bot)
        await interaction.client.released.wait()
        await interaction.followup.send("I have thought.", ephemeral=True)

    @ui.select(
        placeholder="Flags",
        min_values=1,
        max_values=2,
        options=[discord.SelectOption(label=name) for name in ("Red", "Blue", "White")],
    )
    async def flags(self, interaction: discord.Interaction, chosen: ui.Select[Panel]) -> None:
        await interaction.response.send_message(f"Flags: {', '.join(chosen.values)}")


class Card(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        inside = ui.Container(ui.TextDisplay("## Ships in harbour"), ui.Separator(), accent_colour=0x336699)
        button: ui.Button[Card] = ui.Button(label="Board")
        inside.add_item(ui.Section(ui.TextDisplay("**The Heron**\n-# a brig"), accessory=button))
        self.add_item(inside)


class Bot(Client):
    """A bot with one of everything that the page has to show."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()
        ship = app_commands.Group(name="ship", description="Ships")

        @ship.command(name="greet", description="Greets a ship.")
        async def greet(interaction: discord.Interaction, name: str, guns: int | None = None) -> None:
            await interaction.response.send_message(f"Ahoy {name} with {guns} guns")

        @greet.autocomplete("name")
        async def names(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            ships = {"The Heron": "heron-1", "The Otter": "otter-2"}
            return [app_commands.Choice(name=k, value=v) for k, v in ships.items() if typed.lower() in k.lower()]

        @ship.command(name="build", description="Opens a form.")
        async def build(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form())

        @ship.command(name="load", description="Takes a file.")
        async def load(interaction: discord.Interaction, cargo: discord.Attachment) -> None:
            await interaction.response.send_message(f"{cargo.filename}: {(await cargo.read()).decode()}")

        @ship.command(name="panel", description="Shows the panel.")
        async def panel(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("The panel", view=Panel(timeout=None))

        @self.tree.context_menu(name="Log this")
        async def log(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"Logged: {message.content}", ephemeral=True)

        self.tree.add_command(ship)

    def place(self, channel: Channel) -> discord.TextChannel:
        """Returns the client's own view of a channel."""
        found = self.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        return found


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


def message(page: Page, text: str) -> Locator:
    """Returns the newest message on the page that holds the text."""
    return page.locator("[data-message-id]", has_text=text).last


async def use(page: Page, command: str) -> None:
    """Writes a command, chooses it from the list and sends it without options."""
    await page.fill("#composer", f"/{command}")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")


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


# Commands


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


async def test_a_card_of_components_and_an_embed_are_shown(page: Page, ship: Bot, tavern: Channel) -> None:
    there = ship.place(tavern)
    await there.send(view=Card())
    card = message(page, "Ships in harbour")
    await expect(card.get_by_role("heading", name="Ships in harbour")).to_be_visible()
    await expect(card.get_by_role("button", name="Board")).to_be_enabled()
    assert await card.locator(".card").evaluate("node => node.style.getPropertyValue('--tint')") == "#336699"


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
    await page.get_by_role("button", name="Channels").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Channels")).to_have_attribute("aria-expanded", "false")


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


# Words of others

RENDER = """async (text) => {
  const { renderMarkdown } = await import("/static/markdown.js");
  const names = { 1: "Alice", 2: "tavern", 3: "Crew" };
  const lookup = { user: (id) => names[id], channel: (id) => id === "2" ? names[id] : null, role: (id) => names[id] };
  const holder = document.createElement("div");
  holder.append(renderMarkdown(text, lookup));
  for (const node of holder.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) {
      if (!["href", "start", "data-command"].includes(name)) node.removeAttribute(name);
    }
  }
  return holder.innerHTML.replaceAll(/^<div>|<\\/div>$/g, "");
}"""

MARKDOWN = [
    ("plain", "plain"),
    ("**bold**", "<strong>bold</strong>"),
    ("*slanted* and _slanted_", "<em>slanted</em> and <em>slanted</em>"),
    ("__under__", "<u>under</u>"),
    ("~~gone~~", "<s>gone</s>"),
    ("***both***", "<em><strong>both</strong></em>"),
    ("**bold *and slanted***", "<strong>bold <em>and slanted</em></strong>"),
    ("*slanted **and bold***", "<em>slanted <strong>and bold</strong></em>"),
    ("||hidden||", "<span><span>hidden</span></span>"),
    ("snake_case_name", "snake_case_name"),
    ("2 * 3 * 4", "2 * 3 * 4"),
    (r"\*not slanted\*", "*not slanted*"),
    ("**unclosed", "**unclosed"),
    ("`code **as is**`", "<code>code **as is**</code>"),
    ("``a ` inside``", "<code>a ` inside</code>"),
    ("```py\nx = 1\n```", "<pre><code>x = 1</code></pre>"),
    ("before ```x``` after", "before </div><pre><code>x</code></pre><div> after"),
    ("```never closed", "```never closed"),
    ("> quoted\n> on\nnot", "<blockquote><div>quoted\non</div></blockquote><div>not"),
    (">>> all\nof it", "<blockquote><div>all\nof it</div></blockquote>"),
    (">no space", "&gt;no space"),
    ("# One\n## Two\n### Three", "One</div><div>Two</div><div>Three"),
    ("#tag", "#tag"),
    ("-# small", "small"),
    ("- one\n  - two\n- three", "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>"),
    ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
    ("a\nb", "a\nb"),
    ("[name](https://example.org/a_b_c)", '<a href="https://example.org/a_b_c">name</a>'),
    ("see https://example.org/x.", 'see <a href="https://example.org/x">https://example.org/x</a>.'),
    ("(https://example.org/x)", '(<a href="https://example.org/x">https://example.org/x</a>)'),
    ("<https://example.org>", '<a href="https://example.org/">https://example.org</a>'),
    (
        "<@1> <@!1> <@&3> <@9>",
        "<span>@Alice</span> <span>@Alice</span> <span>@Crew</span> <span>@someone</span>",
    ),
    ("<#2>", '<a href="#c=2">#tavern</a>'),
    ("<#5>", "<span>#a-place-you-cannot-see</span>"),
    ("https://discord.com/channels/7/2/8", '<a href="#c=2&amp;m=8">#tavern › message</a>'),
    ("[there](https://discord.com/channels/7/2)", '<a href="#c=2">there</a>'),
    ("</ship greet:12>", '<button data-command="ship greet">/ship greet</button>'),
    ("<:wave:123>", "<span>:wave:</span>"),
    ("@everyone", "<span>@everyone</span>"),
    # Hostile text stays text.
    ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("[press](javascript:alert(1))", "[press](javascript:alert(1))"),
    ("[press](data:text/html,<script>1</script>)", "[press](data:text/html,&lt;script&gt;1&lt;/script&gt;)"),
    ("<javascript:alert(1)>", "&lt;javascript:alert(1)&gt;"),
    ("# <img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    ("```<b>\n</code><img src=x>```", "<pre><code>&lt;b&gt;\n&lt;/code&gt;&lt;img src=x&gt;</code></pre>"),
    (
        'https://example.org/"onmouseover="alert(1)',
        '<a href="https://example.org/%22onmouseover=%22alert(1)">https://example.org/"onmouseover="alert(1)</a>',
    ),
    ("", ""),
]


@pytest.fixture(scope="module")
async def bare_page(browser: Browser) -> AsyncIterator[Page]:
    """A page for its modules alone."""
    async with Playground() as play:
        play.add_person("alice")
        opened = await browser.new_page()
        await opened.goto(play.page_url)
        yield opened
        await opened.close()


@pytest.mark.parametrize(("text", "shown"), MARKDOWN)
async def test_markdown(bare_page: Page, text: str, shown: str) -> None:
    assert await bare_page.evaluate(RENDER, text) == shown


UNCLOSED = ["*a _b ~~c ||d **e " * 220, "[" * 4000, "_" * 4000, "`*" * 2000, "> " * 2000, "```" * 1301, "||*" * 1300]


async def test_long_unclosed_marks_are_rendered_at_once(bare_page: Page) -> None:
    took = await bare_page.evaluate(
        """async (texts) => {
          const { renderMarkdown } = await import("/static/markdown.js");
          const lookup = { user: () => null, channel: () => null, role: () => null };
          const start = performance.now();
          for (const text of texts) renderMarkdown(text, lookup);
          return performance.now() - start;
        }""",
        UNCLOSED,
    )
    assert took < 2_000


async def test_hostile_words_run_nowhere_on_the_page(play: Playground, ship: Bot, tavern: Channel, page: Page) -> None:
    bad = "<img src=x onerror='window.hacked=1'>"
    there = ship.place(tavern)
    hook = await there.create_webhook(name="Dramatis")
    await hook.send(f"{bad} [press](javascript:window.hacked=1)", username=bad[:80], wait=True)
    view = ui.View(timeout=None)
    view.add_item(ui.Button(label=bad[:80]))
    view.add_item(ui.Select(placeholder=bad, options=[discord.SelectOption(label=bad, description=bad, value="x")]))
    sent = await there.send(bad, view=view, file=discord.File(io.BytesIO(bad.encode()), "page.svg"))
    await sent.create_thread(name=bad)
    await expect(message(page, "[press](javascript:window.hacked=1)")).to_be_visible()
    await page.get_by_role("button", name=bad).last.click()
    assert await page.evaluate("window.hacked") is None
    assert await page.locator("a[href^='javascript']").count() == 0
