"""Reports, one at a time, for whoever decides about them: the admins of a server, or the operator."""

import io
from typing import Any
from uuid import UUID

import discord

from bot.characters.reports import Docket
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.reasons import ReasonForm
from cogs.ui.text import plain, plural
from storage.reports import Report

NOTHING = "### No report is open\nPeople report with `/character report`, or with *Report…* on a card."
REASON_ROOM = 1200
OUTCOMES = {"blocked": "Its admins have blocked it there.", "dismissed": "Its admins have dismissed the report."}


class BlockReportedButton(PersistentButton, prefix="report.block", keys=(ID,), label="Block here"):
    """Keeps the reported character out of the server."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Blocks it, and shows the next report."""
        await interaction.response.defer()
        report = await services_of(interaction).reports.block(caller_of(interaction), UUID(self.keys[0]))
        await _go_on(interaction, f"{_named(report)} is blocked here; whoever reported it is told so.")


class DismissButton(PersistentButton, prefix="report.dismiss", keys=(ID,), label="Dismiss"):
    """Closes a report in the server."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Closes it, and shows the next report."""
        await interaction.response.defer()
        report = await services_of(interaction).reports.dismiss(caller_of(interaction), UUID(self.keys[0]))
        await _go_on(interaction, f"The report about {_named(report)} is closed here.")


class NextReportButton(PersistentButton, prefix="report.next", keys=(ID,), label="Next"):
    """Leaves a report for later."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the next report."""
        await interaction.response.defer()
        await _go_on(interaction, "", after=UUID(self.keys[0]))


class TakeDownButton(PersistentButton, prefix="operator.takedown", keys=(ID,), label="Take down…"):
    """Asks why."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        report = await services_of(interaction).reports.open_report(caller_of(interaction), UUID(self.keys[0]))

        async def take_down(answer: discord.Interaction, reason: str) -> None:
            await answer.response.defer()
            reports, caller = services_of(answer).reports, caller_of(answer)
            gone = await reports.take_down(caller, str(report.character_id), reason)
            done = f"**{plain(gone.name, 160)}** is taken down everywhere; its author reads why."
            await _go_on(answer, done, operator=True)

        await interaction.response.send_modal(
            ReasonForm("Take it down everywhere", about="The author reads this.", decide=take_down)
        )


class DismissForAllButton(PersistentButton, prefix="operator.dismiss", keys=(ID,), label="Dismiss"):
    """Closes a report for good."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Closes it, and shows the next report."""
        await interaction.response.defer()
        report = await services_of(interaction).reports.dismiss_for_all(caller_of(interaction), UUID(self.keys[0]))
        await _go_on(interaction, f"The report about {_named(report)} is closed.", operator=True)


class BanAuthorButton(PersistentButton, prefix="operator.ban", keys=(ID,), label="Ban the author…"):
    """Asks why."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        author = await services_of(interaction).reports.author_of(caller_of(interaction), UUID(self.keys[0]))

        async def ban(answer: discord.Interaction, reason: str) -> None:
            words = await ban_everywhere(answer, *author, reason)
            await answer.response.send_message(words, ephemeral=True)

        await interaction.response.send_modal(
            ReasonForm(
                "Ban the author everywhere", about="They read this. It may stay empty.", decide=ban, required=False
            )
        )


class ReadButton(PersistentButton, prefix="operator.read", keys=(ID,), label="Texts"):
    """Hands the operator what was reported."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with a file."""
        texts = await services_of(interaction).reports.read(caller_of(interaction), UUID(self.keys[0]))
        file = discord.File(io.BytesIO(texts.encode()), "texts.txt")
        await interaction.response.send_message(file=file, ephemeral=True)


class NextForAllButton(PersistentButton, prefix="operator.next", keys=(ID,), label="Next"):
    """Leaves a report for later."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the next report."""
        await interaction.response.defer()
        await _go_on(interaction, "", operator=True, after=UUID(self.keys[0]))


SERVER_DOCKET_ITEMS = (BlockReportedButton, DismissButton, NextReportButton)
OPERATOR_DOCKET_ITEMS = (TakeDownButton, DismissForAllButton, BanAuthorButton, ReadButton, NextForAllButton)


class DocketView(discord.ui.LayoutView):
    """The report that has waited longest; `done` tells what was decided just now, `server` where it came from."""

    def __init__(self, docket: Docket, done: str = "", *, operator: bool = False, server: str = "") -> None:
        super().__init__(timeout=None)
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        if done:
            container.add_item(discord.ui.TextDisplay[Any](done))
        report, character = docket.report, docket.character
        if report is None or character is None:
            container.add_item(discord.ui.TextDisplay[Any](NOTHING))
        else:
            container.add_item(discord.ui.TextDisplay[Any](f"## {plural(docket.count, 'open report')}"))
            container.add_item(card(character))
            container.add_item(discord.ui.TextDisplay[Any](_told(report, server)))
            buttons = _operators(docket, report) if operator else _admins(docket, report)
            container.add_item(discord.ui.ActionRow[Any](*buttons))
        self.add_item(container)


async def show_reports(interaction: discord.Interaction, *, operator: bool = False) -> None:
    """Sends the first docket, after a deferral."""
    view, files = await _docket(interaction, "", operator=operator)
    await interaction.followup.send(view=view, files=files, ephemeral=True)


async def ban_everywhere(interaction: discord.Interaction, user_id: int, username: str, reason: str) -> str:
    """Bans a person from the whole program, and returns the words for the operator."""
    bans = services_of(interaction).bans
    added, taken_back = await bans.ban_everywhere(caller_of(interaction), user_id, username, reason)
    back = f" {plural(taken_back, 'character')} of theirs are offered no longer." if taken_back > 1 else ""
    back = " One character of theirs is offered no longer." if taken_back == 1 else back
    return f"{plain(username, 64)} is banned {'everywhere' if added else 'everywhere already'}.{back}"


async def _go_on(
    interaction: discord.Interaction, done: str, *, operator: bool = False, after: UUID | None = None
) -> None:
    view, files = await _docket(interaction, done, operator=operator, after=after)
    await interaction.edit_original_response(view=view, attachments=files)


async def _docket(
    interaction: discord.Interaction, done: str, *, operator: bool, after: UUID | None = None
) -> tuple[DocketView, list[discord.File]]:
    services, caller = services_of(interaction), caller_of(interaction)
    asked = services.reports.of_all if operator else services.reports.of_server
    docket = await asked(caller, after=after)
    files = await avatar_files(services.avatars, [docket.character] if docket.character else [])
    server = _server(interaction, docket.report) if operator and docket.report else ""
    return DocketView(docket, done, operator=operator, server=server), files


def _server(interaction: discord.Interaction, report: Report) -> str:
    if report.guild_id is None:
        return "a direct message"
    guild = interaction.client.get_guild(report.guild_id)
    return f"the server {plain(guild.name, 110)}" if guild else f"the server `{report.guild_id}`"


def _told(report: Report, server: str) -> str:
    lines = [f"-# Reported by {plain(report.reporter_name, 64)}{f' in {server}' if server else ''} <t:{report.when}:R>"]
    lines.append(plain(report.reason, REASON_ROOM))
    if server and report.server_outcome:
        lines.append(f"-# {OUTCOMES[report.server_outcome]}")
    return "\n".join(lines)


def _admins(docket: Docket, report: Report) -> list[PersistentButton]:
    return [
        BlockReportedButton(report.id),
        DismissButton(report.id),
        NextReportButton(report.id, disabled=docket.count < 2),
    ]


def _operators(docket: Docket, report: Report) -> list[PersistentButton]:
    return [
        TakeDownButton(report.id),
        DismissForAllButton(report.id),
        BanAuthorButton(report.id, disabled=report.owner_user_id is None),
        ReadButton(report.id),
        NextForAllButton(report.id, disabled=docket.count < 2),
    ]


def _named(report: Report) -> str:
    return f"**{plain(report.character_name, 160)}**"
