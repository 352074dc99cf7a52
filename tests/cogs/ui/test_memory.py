"""The panel of what is remembered: within Discord's limits at its worst, and in words where there is nothing."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import discord
import pytest

from bot.chat.memory import Recollection
from bot.chat.summing import Known
from cogs.ui.buttons import PersistentButton
from cogs.ui.memory import PAGE, memory_panel
from cogs.ui.text import units
from playground import checks
from storage.memories import Kind, Memory, Writer

NUMBERS = count(1)


def memory(text: str, kind: Kind = "fact", *, depth: int = 19, by: Writer = "model") -> Memory:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Memory(UUID(int=next(NUMBERS)), UUID(int=0), UUID(int=0), depth, kind, text, by, now)


def seen(known: Known, *, length: int = 40, unread: int = 0, may_change: bool = True) -> Recollection:
    return Recollection(known, length, unread, may_change)


def words(view: discord.ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay))


def buttons(view: discord.ui.LayoutView) -> dict[str | None, bool]:
    """The labels of the buttons, and whether they can be pressed."""
    found: list[Any] = [item for item in view.walk_children() if isinstance(item, PersistentButton)]
    return {each.item.label: not each.item.disabled for each in found}


@pytest.mark.parametrize("text", ["\U0001f409" * 4000, "*_[`~" * 800, "W" * 4000, "\n" * 50 + "x"])
@pytest.mark.parametrize("page", [0, 5, 999])
def test_it_fits_whatever_is_remembered(text: str, page: int) -> None:
    known = Known(memory(text, "summary", depth=10**6, by="person"), tuple(memory(text[:500]) for _ in range(120)))
    view = memory_panel(seen(known, length=10**6), page)
    checks.message({"components": view.to_components(), "flags": 1 << 15})
    assert units(words(view)) <= 4000


@pytest.mark.parametrize(
    ("unread", "told"),
    [
        (0, "reads everything that was said here"),
        (4, "4 messages of this scene are too old to be read, and they are summed up once 6 more are"),
        (9, "summed up once 1 more"),
        (10, "They are being summed up"),
    ],
)
def test_where_nothing_is_remembered_it_says_why(unread: int, told: str) -> None:
    view = memory_panel(seen(Known(), unread=unread))
    assert told in words(view)
    assert buttons(view) == {"Remember something": True}


def test_who_may_not_change_anything_sees_no_buttons_for_it() -> None:
    view = memory_panel(seen(Known(memory("They met.", "summary"), (memory("A fact."),)), may_change=False))
    assert "They met." in words(view)
    assert "can change this" in words(view)
    assert not buttons(view)


def test_facts_are_turned_over_page_by_page_the_newest_first() -> None:
    known = Known(facts=tuple(memory(f"Fact {number}.") for number in range(2 * PAGE + 1)))
    first, last = memory_panel(seen(known)), memory_panel(seen(known), 2)
    assert words(first).index(f"Fact {2 * PAGE}.") < words(first).index(f"Fact {PAGE + 1}.")
    assert "Facts 1 to 10 of 21" in words(first)
    assert buttons(first) == {"Remember something": True, "Newer facts": False, "Older facts": True}
    assert "Fact 0." in words(last)
    assert buttons(last)["Older facts"] is False
