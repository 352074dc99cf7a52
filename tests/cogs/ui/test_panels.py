"""The panels of admins and the operator stay within Discord's limits at their worst."""

from dataclasses import replace
from uuid import UUID

import discord
import pytest

from bot.characters.listings import AuditPage, Overview, Waiting
from bot.characters.passages import Passage
from bot.characters.reports import Docket
from cogs.ui.audit import AuditView
from cogs.ui.dockets import DocketView
from cogs.ui.queue import QueueView
from cogs.ui.server_settings import SettingsView
from cogs.ui.text import units
from cogs.ui.verdicts import list_of_bans
from playground import checks
from storage.audit import Event
from storage.bans import Ban
from storage.guilds import GuildSettings
from storage.listings import Review
from storage.reports import Report
from tests.cogs.test_sweeps import LONG, MARKUP, WIDE, character

ID = UUID(int=1795000000000 << 80 | 2**80 - 1)
HIGHEST = 2**63 - 1
IDS = frozenset(range(HIGHEST - 24, HIGHEST + 1))


@pytest.mark.parametrize("words", [WIDE, MARKUP, "W" * 200], ids=["emoji", "markup", "letters"])
def test_panels_hold_what_they_are_given(words: str) -> None:
    worst = character(words)
    review = Review(ID, 1, ID, words[:80], 1, words[:32], ID, 1_000_000, "pending", "", 999_999)
    report = Report(ID, ID, words[:80], 1, words[:32], 2, words[:32], 1, (words * 10)[:1000], "dismissed", None)
    changes = tuple(Passage(f"Example dialogue {n}", LONG + words, words + LONG, is_told=n > 1) for n in range(18))
    events = tuple(Event(ID, words[:32], "report dismissed", words[:80], None, words * 5) for _ in range(10))
    settings = GuildSettings("review", ID, IDS, IDS, IDS, words[:100], 10**12)
    models = tuple(f"{n} {words}"[:100] for n in range(30))
    views: list[discord.ui.LayoutView] = [
        QueueView(Waiting(review, worst, changes, 1_000_000, True), f"**{words[:160]}** is rejected."),
        QueueView(Waiting(review, None, (), 1, True)),
        QueueView(Waiting(None, None, (), 0, False), words[:160]),
        DocketView(Docket(report, worst, 1_000_000), words[:160]),
        DocketView(Docket(report, worst, 1), words[:160], operator=True, server=words[:110]),
        DocketView(Docket(replace(report, owner_user_id=None), worst, 2), operator=True, server="a direct message"),
        DocketView(Docket(None, None, 0)),
        AuditView(AuditPage(events, ID), newest=False),
        SettingsView(Overview(settings, worst, 1_000_000, 10**15), models, None),
        SettingsView(Overview(GuildSettings(), None, 0), models[:1], None),
    ]
    for view in views:
        checks.message({"components": view.to_components(), "flags": 1 << 15})
        total = sum(units(item.content) for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay))
        assert total <= 4000, type(view).__name__


@pytest.mark.parametrize("words", [WIDE, MARKUP, "W" * 200], ids=["emoji", "markup", "letters"])
def test_the_list_of_bans_fits_a_message(words: str) -> None:
    listed = list_of_bans([Ban(HIGHEST, words[:32], words)] * 25)
    assert units(listed) <= 2000
    assert listed.endswith("…")
