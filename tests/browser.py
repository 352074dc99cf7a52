"""A headless Chromium that opens the playground's page; a plugin of fixtures for test modules that name it.

A module says `pytest_plugins = ["tests.browser"]` and asks for `open_page`; what it names here it imports
under TYPE_CHECKING, for pytest wants to load a plugin itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, async_playwright

WAIT_MS = 8_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))

OpenPage = Callable[..., Awaitable[Page]]


def chromium_path() -> str | None:
    """Returns where Chromium is: $CHROMIUM, or the first of the usual names on PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium for the session; without one tests skip, or fail where CI is true."""
    path = chromium_path()
    if path is None:
        reason = "Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield launched
        await launched.close()


class Watched:
    """What went wrong in the open pages: console errors, exceptions, requests that left this machine."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.ignores: tuple[str, ...] = ()

    def watch(self, page: Page) -> None:
        """Listens to a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        page.on("request", lambda request: self._address(request.url))
        page.on("websocket", lambda socket: self._address(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(word in message.text for word in self.ignores):
            self.problems.append(f"{message.type}: {message.text}")

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in _LOOPBACK:
            self.problems.append(f"a request left this machine: {url}")


@pytest.fixture
def watched() -> Watched:
    """What the pages of this test complain of; `ignores` holds words of complaints to expect."""
    return Watched()


@pytest.fixture
async def open_page(browser: Browser, watched: Watched) -> AsyncIterator[OpenPage]:
    """Opens the page as a person, each in a window of their own; any complaint of a page fails the test."""
    contexts: list[BrowserContext] = []

    async def start(url: str, person: str, *, phone: bool = False, dark: bool = False, newcomer: bool = False) -> Page:
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        if not newcomer:
            await context.add_init_script("localStorage.setItem('dramatis.welcomed', 'yes')")
        page = await context.new_page()
        watched.watch(page)
        await page.goto(f"{url}?person={person}")
        await page.wait_for_selector("html[data-ready]")
        return page

    yield start
    for context in contexts:
        await context.close()
    assert watched.problems == []
