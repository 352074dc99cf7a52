"""What was used: a chart by day, and who and what used the most, for a server's admins or for oneself."""

import asyncio
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import discord
from discord import app_commands

from bot import charts
from bot.client import services_of
from bot.usage import PERIODS, Line, Report, Sums
from cogs.ui.buttons import PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import plain, plural

CHART = "usage.png"
USUAL_DAYS = 30
DAYS = [app_commands.Choice(name=f"{days} days", value=days) for days in PERIODS]
PERIOD = "|".join(map(str, PERIODS))
NAME_ROOM, MODEL_ROOM = 80, 60
HEADS = {"server": "## Usage of this server", "me": "## Your usage, everywhere"}
NOTHING = "Nothing was asked of a model in that time."
UNNAMED = {"server": "*Characters that are not public*", "me": "*Characters that are gone*"}
PRICED = "-# Costs are what the operator's prices come to; models without a price are left out."

Name = Callable[[Line], str]


class PeriodButton(PersistentButton, prefix="usage.days", keys=("server|me", PERIOD)):
    """Looks further back, or less far."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Draws the chart of that many days in place of the old one."""
        about, days = self.keys
        await interaction.response.defer()
        view, files = await _told(interaction, about, int(days))
        await interaction.edit_original_response(view=view, attachments=files)


USAGE_ITEMS = (PeriodButton,)


class UsageView(discord.ui.LayoutView):
    """The chart, and below it those who used the most; `name` tells people and servers by their ids."""

    def __init__(self, report: Report, about: str, name: Callable[[int], str]) -> None:
        super().__init__(timeout=None)
        days, container = len(report.days), discord.ui.Container[Any](accent_colour=ACCENT)
        container.add_item(
            discord.ui.TextDisplay[Any](f"{HEADS[about]}\n-# The last {days} days, today included (UTC).")
        )
        if report.total.replies:
            picture = discord.MediaGalleryItem(f"attachment://{CHART}", description=in_words(report))
            container.add_item(discord.ui.MediaGallery[Any](picture))
            for text in _lists(report, about, name):
                container.add_item(discord.ui.TextDisplay[Any](text))
        else:
            container.add_item(discord.ui.TextDisplay[Any](NOTHING))
        buttons = [PeriodButton(about, str(each), label=f"{each} days", disabled=each == days) for each in PERIODS]
        container.add_item(discord.ui.ActionRow[Any](*buttons))
        self.add_item(container)


async def show_usage(interaction: discord.Interaction, about: str, days: int) -> None:
    """Answers with the chart of a server (`server`) or of whoever asks (`me`), after a deferral."""
    view, files = await _told(interaction, about, days)
    await interaction.followup.send(view=view, files=files, ephemeral=True)


def in_words(report: Report) -> str:
    """The chart for those who do not see it."""
    total, days = report.total, len(report.days)
    highest, sums = max(report.days, key=lambda each: each[1].tokens)
    words = f"{_sums(total)} in {days} days; most on {highest:%d %B}: {_sums(sums)}."
    return f"{words} The budget is {plural(report.budget, 'token')} a day." if report.budget else words


def dollars(cost: int) -> str:
    """Billionths of a dollar as a person reads them."""
    value = Decimal(cost) / 10**9
    return "< $0.01" if 0 < value < Decimal("0.01") else f"${value:,.2f}"


async def _told(interaction: discord.Interaction, about: str, days: int) -> tuple[UsageView, list[discord.File]]:
    usage, caller = services_of(interaction).usage, caller_of(interaction)
    report = await (usage.of_server(caller, days) if about == "server" else usage.of_person(caller, days))

    def name(key: int) -> str:
        if about == "server":
            return f"<@{key}>"
        guild = interaction.client.get_guild(key)
        return plain(guild.name, NAME_ROOM) if guild else "*A server that I do not see now*"

    if not report.total.replies:
        return UsageView(report, about, name), []
    picture = await asyncio.to_thread(_draw, report)
    return UsageView(report, about, name), [discord.File(io.BytesIO(picture), CHART)]


def _draw(report: Report) -> bytes:
    total, today = report.total, report.days[-1][1]
    facts = [(f"{total.replies:,}", "replies"), (charts.short(total.tokens), "tokens")]
    if total.cost is not None:
        facts.append((dollars(total.cost), "cost"))
    if report.budget:
        facts.append((f"{100 * today.tokens / report.budget:.0f} %", "of today's budget"))
    days = [charts.Day(day, each.prompt_tokens, each.completion_tokens, each.replies) for day, each in report.days]
    return charts.draw_usage(days, facts, budget=report.budget)


def _lists(report: Report, about: str, name: Callable[[int], str]) -> list[str]:
    def person(line: Line) -> str:
        return name(line.key) if isinstance(line.key, int) else "*People who have left*"

    def server(line: Line) -> str:
        return name(line.key) if isinstance(line.key, int) else "Direct messages"

    def character(line: Line) -> str:
        if line.name is not None:
            return plain(line.name, NAME_ROOM)
        return UNNAMED[about] if isinstance(line.key, UUID) else "*No character*"

    def model(line: Line) -> str:
        return plain(str(line.key), MODEL_ROOM)

    asked: list[tuple[str, Sequence[Line], Name]] = [
        ("Characters", report.characters, character),
        ("People", report.people, person),
        ("Servers", report.servers, server),
        ("Models", report.models, model),
    ]
    lists = [_list(head, lines, named, report.total) for head, lines, named in asked if lines]
    return [*lists, PRICED] if report.total.cost is not None else lists


def _list(head: str, lines: Sequence[Line], name: Name, total: Sums) -> str:
    told = [f"{number}. {name(line)} · {_sums(line.sums)}" for number, line in enumerate(lines, 1)]
    replies = total.replies - sum(line.sums.replies for line in lines)
    tokens = total.tokens - sum(line.sums.tokens for line in lines)
    if replies > 0:
        told.append(f"-# And others: {plural(replies, 'reply', 'replies')}, {charts.short(tokens)} tokens.")
    return "\n".join((f"### {head}", *told))


def _sums(sums: Sums) -> str:
    parts = [plural(sums.replies, "reply", "replies"), f"{charts.short(sums.tokens)} tokens"]
    return " · ".join([*parts, dollars(sums.cost)] if sums.cost is not None else parts)
