"""`python -m bot demo` as a newcomer meets it: a browser, real engines, a real model."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.program import REPOSITORY

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.browser import OpenPage

pytest_plugins = ["tests.browser"]

REPLY_MS = 60_000
CHARACTER = "Cue"
"""The default assistant, who stands first."""


@asynccontextmanager
async def demo(folder: Path, *, port: int = 0) -> AsyncGenerator[str]:
    """Runs the demo until the end of the block; yields its address."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "bot", "demo", "--port", str(port),
        env=kept | {"DATA_DIR": str(folder), "REPLY_TOKENS": "80"}, cwd=REPOSITORY, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    said = b""
    try:
        while not (found := re.search(rb"http://127\.0\.0\.1:\d+/", said)):
            line = await asyncio.wait_for(process.stderr.readline(), 60)
            assert line, said.decode()
            said += line
        yield found[0].decode()
    finally:
        process.send_signal(signal.SIGINT)
        _, rest = await asyncio.wait_for(process.communicate(), 30)
        assert b"Traceback" not in rest, rest.decode()
        assert process.returncode == 0


async def test_a_newcomer_meets_a_character_and_finds_everything_again(tmp_path: Path, open_page: OpenPage) -> None:
    async with demo(tmp_path) as address:
        page = await open_page(address, "robin", newcomer=True)
        await page.get_by_role("button", name="Start with /character pick").click()
        # Who presses Enter before the list is there would say the words to everybody.
        await expect(page.get_by_role("listbox", name="Commands").get_by_role("option").first).to_be_visible()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.get_by_role("button", name="Chat", exact=True).first.click(timeout=REPLY_MS)
        await page.get_by_text("Go to the thread").click()
        await expect(messages(page).nth(1)).to_contain_text(CHARACTER)

        await say(page, "I hang up my coat. What is brewing tonight?")
        grown = await watch_growing(page)
        assert grown >= 2
        await say(page, "Tell me a very long story about the storm of last winter.")
        # Stopped before its first word there would be nothing to go on from.
        await expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=REPLY_MS)
        await expect(messages(page).last).not_to_contain_text("is writing", timeout=REPLY_MS)
        await page.get_by_role("button", name="Stop").click(timeout=REPLY_MS)
        await expect(messages(page).last).to_contain_text("Stopped", timeout=REPLY_MS)
        said = await messages(page).count()
        await page.close()
        port = int(address.rsplit(":", 1)[1].strip("/"))

    async with demo(tmp_path, port=port) as address:
        page = await open_page(address, "robin")
        await page.get_by_role("link", name=re.compile(f"{CHARACTER} & Robin")).first.click()
        await expect(messages(page)).to_have_count(said)
        await messages(page).last.get_by_role("button", name="Continue").click()
        await expect(messages(page).last).not_to_contain_text("Stopped", timeout=REPLY_MS)
        await expect(messages(page).last.get_by_role("button", name="Regenerate")).to_be_visible(timeout=REPLY_MS)
        await page.close()


def messages(page: Page) -> Locator:
    return page.locator("[data-message-id]")


async def say(page: Page, words: str) -> None:
    await page.locator("#composer").fill(words)
    await page.keyboard.press("Enter")


async def watch_growing(page: Page) -> int:
    """How often the newest reply was seen to grow before it ended."""
    seen: list[str] = []
    deadline = time.monotonic() + REPLY_MS / 1000
    while time.monotonic() < deadline:
        last = messages(page).last
        text = await last.inner_text()
        if text not in seen and CHARACTER in text and "is writing" not in text:
            seen.append(text)
        if await last.get_by_role("button", name="Regenerate").count():
            return len(seen)
        await asyncio.sleep(0.05)
    raise AssertionError(f"the reply did not end: {seen}")
