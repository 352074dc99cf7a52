"""The page in a real browser: the words of others are shown as Discord shows them, and run nowhere."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import discord
import pytest
from discord import ui
from playwright.async_api import expect

from playground import Channel, Person, Playground
from tests.playground.conftest import Connect
from tests.playground.ships import Bot, message

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

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


EMBED = """async (data) => {
  const { embed } = await import("/static/embeds.js");
  const node = embed(data, { user: () => null, channel: () => null, role: () => null });
  const tags = [...node.querySelectorAll("img, a")].map((one) => one.getAttribute("src") ?? one.getAttribute("href"));
  return [node.innerText, tags];
}"""


async def test_an_embed_shows_its_words_and_no_picture_from_elsewhere(bare_page: Page) -> None:
    data = {
        "title": "A **storm**",
        "url": "javascript:alert(1)",
        "description": "from the [west](https://example.org/west)",
        "fields": [{"name": "Wind", "value": "nine", "inline": True}],
        "image": {"url": "https://example.org/storm.png"},
        "thumbnail": {"url": "/static/mark.svg"},
        "footer": {"text": "Harbour office"},
    }
    words, addresses = await bare_page.evaluate(EMBED, data)
    assert [word for word in ("A storm", "from the west", "Wind", "nine", "Harbour office") if word not in words] == []
    assert addresses == ["https://example.org/west", "/static/mark.svg"]


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
