"""What was sent for a reply, page by page: parts and tokens, the lore that fired and that did not, times and cost."""

import re
from uuid import UUID

import discord

from bot.chat.inspecting import Inspection
from bot.client import services_of
from bot.errors import Invalid
from bot.lore import Told
from bot.prompt import Part, Report
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.message_menu import is_in_a_menu
from cogs.ui.text import plain, plural, units

ROOM = 1_850
"""Letters of a page, with room for its head."""
TITLE_ROOM, WHY_ROOM, MODEL_ROOM = 80, 200, 60
DOLLAR = 1_000_000_000
NO_READING = (
    "What was sent for this reply was not kept: it is older than such reports, or was taken up after an interruption."
)
CUT = "-# What only its author may read is told in numbers."
NOT_A_MESSAGE = "“{typed}” is no message. Copy the link of a reply (*Copy Message Link*), or leave the option out."
_MESSAGE = re.compile(r"(?:https://[a-z.]*discord(?:app)?\.com/channels/[@\w]+/\d+/)?(\d{1,20})", re.ASCII)


class InspectButton(PersistentButton, prefix="message.inspect", keys=(ID, r"\d{1,3}"), label="Inspect"):
    """Shows a page of what was sent for a reply."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it in place of what is there, or for whoever pressed alone."""
        in_menu = is_in_a_menu(interaction)
        if in_menu:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        seen = await services_of(interaction).inspections.inspect(
            caller_of(interaction), place_of(interaction), UUID(self.keys[0])
        )
        words, view = _page(seen, int(self.keys[1]))
        if in_menu:
            await interaction.edit_original_response(content=words, view=view)
        else:
            await interaction.followup.send(words, view=view or discord.utils.MISSING, ephemeral=True)


async def show_inspection(interaction: discord.Interaction, message: str) -> None:
    """Sends the first page about a message, by its link or id, or the newest reply; after a deferral."""
    seen = await services_of(interaction).inspections.inspect(
        caller_of(interaction), place_of(interaction), post_id=_post_id(message)
    )
    words, view = _page(seen, 0)
    await interaction.followup.send(words, view=view or discord.utils.MISSING, ephemeral=True)


def _post_id(typed: str) -> int | None:
    if not typed.strip():
        return None
    found = _MESSAGE.fullmatch(typed.strip())
    if found is None or int(found[1]) >= 2**63:
        raise Invalid(NOT_A_MESSAGE.format(typed=typed[:80]))
    return int(found[1])


def _page(seen: Inspection, wanted: int) -> tuple[str, discord.ui.View | None]:
    """A page of the report, and the way to the others."""
    first, lore = _about(seen), _lore_lines(seen)
    pages = [*_packed(first), *(_packed(lore) if lore else [])]
    page = min(wanted, len(pages) - 1)
    head = f"**What was sent for this reply of {plain(seen.speaker, 80)}**"
    words = "\n".join([head, *pages[page]])
    if len(pages) == 1:
        return words, None
    view = discord.ui.View(timeout=None)
    last = len(pages) - 1
    view.add_item(InspectButton(seen.message_id, str(max(0, page - 1)), label="◀", disabled=page == 0))
    ahead = f"{page + 1}/{len(pages)} ▶"
    view.add_item(InspectButton(seen.message_id, str(page + 1), label=ahead, disabled=page == last))
    return words, view


def _packed(lines: list[str]) -> list[list[str]]:
    """The lines on as many pages as they need."""
    pages: list[list[str]] = [[]]
    room = ROOM
    for line in lines:
        room -= units(line) + 1
        if room < 0 and pages[-1]:
            pages.append([])
            room = ROOM - units(line) - 1
        pages[-1].append(line)
    return pages


def _about(seen: Inspection) -> list[str]:
    """How the reply was made, and the parts of its prompt."""
    lines = _made(seen)
    report = seen.report
    if report is None:
        return [*lines, NO_READING]
    lines.append(f"**Prompt:** {report.used:,} of {report.limit:,} tokens, counted by {plain(report.counted_by, 80)}")
    if report.unread:
        lines.append(f"**Not read any more:** {plural(report.unread, 'older message')}")
    lines += [CUT] if seen.is_cut else []
    lines += [_part(part) for part in report.parts if part.included]
    left_out = [part for part in report.parts if not part.included]
    if left_out:
        lines += ["**Left out**", *map(_part, left_out)]
    return [*lines, *(f"-# {plain(note, WHY_ROOM)}" for note in report.notes)]


def _made(seen: Inspection) -> list[str]:
    making, report = seen.making, seen.report
    model = making.model or (report.model if report else "")
    facts = [
        plain(model, MODEL_ROOM),
        "" if making.first_token_ms is None else f"first word after {making.first_token_ms / 1000:.1f} s",
        "" if making.duration_ms is None else f"{making.duration_ms / 1000:.1f} s in all",
        "" if making.prompt_tokens is None else f"{making.prompt_tokens:,} tokens read",
        "" if making.completion_tokens is None else f"{making.completion_tokens:,} written",
        "" if making.cost is None else f"${making.cost / DOLLAR:.4f}",
    ]
    told = " · ".join(filter(None, facts))
    return [f"-# {told}"] if told else []


def _part(part: Part) -> str:
    size = plural(part.tokens, "token") if part.tokens or part.included else ""
    return f"- {' · '.join(filter(None, (plain(part.name, TITLE_ROOM), size, plain(part.why, WHY_ROOM))))}"


def _lore_lines(seen: Inspection) -> list[str]:
    """Every entry that may be told of, those that fired first."""
    report: Report | None = seen.report
    if report is None:
        return []
    fired, silent = ([each for each in report.lore if each.fired is which] for which in (True, False))
    lines = [f"**Lore that fired** ({len(fired):,})", *map(_told, fired)] if fired else []
    if silent or seen.kept_back:
        lines += [f"**Lore that did not** ({len(silent) + seen.kept_back:,})", *map(_told, silent)]
    if seen.kept_back:
        lines.append(f"- {plural(seen.kept_back, 'entry', 'entries')} of which only the author may know more")
    return lines


def _told(told: Told) -> str:
    book = f" ({plain(told.book, 40)})" if told.book else ""
    return f"- **{plain(told.title, TITLE_ROOM)}**{book}: {plain(told.why, WHY_ROOM)}"
