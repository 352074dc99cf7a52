"""Pictures of the page, kept where SCREENSHOTS names a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page


async def keep(page: Page, name: str) -> None:
    """Keeps a picture of the page under this name."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")
