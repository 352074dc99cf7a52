"""The launcher: pages of cards from which a chat is started, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import discord
import orjson

from bot.characters.catalogue import Page
from bot.characters.finding import query_of
from bot.client import services_of
from bot.errors import NotFound
from bot.services import Services
from cogs.ui.buttons import ID, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.details import DetailsView
from cogs.ui.launching import ChatButton
from cogs.ui.manager import CreateButton
from cogs.ui.text import plain
from storage.character_pages import Cursor, Filter, Query, Sort

VIEW_ID = "[A-Za-z0-9_-]{12}"
FILTERS: dict[Filter, str] = {
    "everything": "Everything",
    "marketplace": "Marketplace",
    "server": "This server",
    "mine": "Mine",
}
SORTS: dict[Sort, str] = {
    "featured": "Featured first",
    "popular": "Most played first",
    "newest": "Newest first",
    "name": "By name",
}
PAGE_STATE = b'{"cursors":'
TAGS_ASKED = 5
CHOICE_LETTERS = 100
OLD_PAGE = "This page is more than a day old. Open a fresh one: `/character pick`."
NOBODY_YET = "### Nobody is here yet\nMake the first character, or bring one along: `/character import`."
NO_MATCH = "### Nobody fits\nTry fewer or other words, or another filter below. Or make whom you are looking for."


class DetailsButton(PersistentButton, prefix="character.details", keys=(ID,), label="Details"):
    """Shows the whole card."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the card."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_details(interaction, self.keys[0])


class TurnPageButton(PersistentButton, prefix="pick.turn", keys=(VIEW_ID, "before|after")):
    """Goes to the page before or after."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the page."""
        query, before, after = await _found(interaction, self.keys[0])
        if self.keys[1] == "before":
            await _replace(interaction, query, before=before)
        else:
            await _replace(interaction, query, after=after)


class FilterSelect(PersistentSelect, prefix="pick.filter", keys=(VIEW_ID,)):
    """Narrows what is shown."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the first page of what was chosen."""
        query, _, _ = await _found(interaction, self.keys[0])
        query["filter"] = self.chosen(interaction)[0]
        await _replace(interaction, query)


class SortSelect(PersistentSelect, prefix="pick.sort", keys=(VIEW_ID,)):
    """Orders what is shown."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the first page in the chosen order."""
        query, _, _ = await _found(interaction, self.keys[0])
        query["sort"] = self.chosen(interaction)[0]
        await _replace(interaction, query)


PICKER_ITEMS = (ChatButton, DetailsButton, TurnPageButton, FilterSelect, SortSelect)


class PickerView(discord.ui.LayoutView):
    """A page of cards with its filters: 39 components at most, of Discord's 40, and 4,000 letters."""

    def __init__(self, page: Page, query: Query, view_id: str) -> None:
        super().__init__(timeout=None)
        container = discord.ui.Container[Any](accent_colour=ACCENT)
        container.add_item(discord.ui.TextDisplay[Any](_heading(query)))
        if not page.characters:
            container.add_item(discord.ui.TextDisplay[Any](NO_MATCH if _narrowed(query) else NOBODY_YET))
            container.add_item(discord.ui.ActionRow[Any](CreateButton()))
        for character in page.characters:
            container.add_item(card(character))
            container.add_item(discord.ui.ActionRow[Any](ChatButton(character.id), DetailsButton(character.id)))
        self.add_item(container)
        self.add_item(discord.ui.ActionRow[Any](FilterSelect(view_id, options=_options(_filters(query), query.filter))))
        self.add_item(discord.ui.ActionRow[Any](SortSelect(view_id, options=_options(_sorts(query), query.sort))))
        self.add_item(
            discord.ui.ActionRow[Any](
                TurnPageButton(view_id, "before", label="◀ Back", disabled=page.before is None),
                TurnPageButton(view_id, "after", label="More ▶", disabled=page.after is None),
            )
        )


async def open_picker(interaction: discord.Interaction, search: str, tag: str) -> None:
    """Answers with the first page."""
    view, files = await _page(interaction, {"search": search, "tag": tag})
    await interaction.followup.send(view=view, files=files, ephemeral=True)


async def show_details(interaction: discord.Interaction, wanted: str) -> None:
    """Sends a character's whole card, after a deferral."""
    services = services_of(interaction)
    detail = await services.characters.detail(caller_of(interaction), wanted)
    files = await avatar_files(services.avatars, [detail.character])
    await interaction.followup.send(view=DetailsView(detail), files=files, ephemeral=True)


async def _replace(
    interaction: discord.Interaction,
    state: dict[str, str],
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> None:
    view, files = await _page(interaction, state, before=before, after=after)
    await interaction.response.edit_message(view=view, attachments=files)


async def _page(
    interaction: discord.Interaction,
    state: dict[str, str],
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> tuple[PickerView, list[discord.File]]:
    services = services_of(interaction)
    query = _query(interaction, state)
    page = await services.characters.page(query, before=before, after=after)
    view_id = await _keep(services, state, page)
    return PickerView(page, query, view_id), await avatar_files(services.avatars, page.characters)


def _query(interaction: discord.Interaction, state: dict[str, str]) -> Query:
    filters: dict[str, Filter] = {each: each for each in FILTERS}
    sorts: dict[str, Sort] = {each: each for each in SORTS}
    tags = [" ".join(each.split()) for each in state.get("tag", "").lower().split(",") if each.strip()][:TAGS_ASKED]
    return replace(
        query_of(caller_of(interaction)),
        filter=filters.get(state.get("filter", ""), "everything"),
        sort=sorts.get(state.get("sort", ""), "featured" if interaction.guild_id else "popular"),
        search=state.get("search", "")[:100],
        tags=tuple(tag for tag in tags if not tag.startswith("-")),
        without=tuple(filter(None, (tag[1:].strip() for tag in tags if tag.startswith("-")))),
    )


async def _keep(services: Services, state: dict[str, str], page: Page) -> str:
    cursors = [[cursor.rank, cursor.value, cursor.id.hex] if cursor else None for cursor in (page.before, page.after)]
    return await services.views.keep(orjson.dumps({"cursors": cursors, "state": state}))


async def _found(interaction: discord.Interaction, view_id: str) -> tuple[dict[str, str], Cursor | None, Cursor | None]:
    kept = await services_of(interaction).views.find(view_id)
    if kept is None or not kept.startswith(PAGE_STATE):  # other things are kept there too
        raise NotFound(OLD_PAGE)
    read = orjson.loads(kept)
    before, after = (Cursor(cursor[0], cursor[1], UUID(cursor[2])) if cursor else None for cursor in read["cursors"])
    return read["state"], before, after


def _heading(query: Query) -> str:
    parts = [
        f"for “{plain(query.search, 60)}”" if query.search else "",
        plain(", ".join(query.tags), 60),
        f"without {plain(', '.join(query.without), 60)}" if query.without else "",
    ]
    found = " · ".join(part for part in parts if part)
    return "## Whom do you want to meet?" + (f"\n-# {found}" if found else "")


def _narrowed(query: Query) -> bool:
    return bool(query.search or query.tags or query.without) or query.filter != "everything"


def _filters(query: Query) -> dict[Filter, str]:
    """The filters that mean something here: in a direct message there is no server."""
    return {each: label for each, label in FILTERS.items() if query.guild_id is not None or each != "server"}


def _sorts(query: Query) -> dict[Sort, str]:
    """The orders that mean something here: only servers feature characters."""
    return {each: label for each, label in SORTS.items() if query.guild_id is not None or each != "featured"}


def _options(labels: "dict[Any, str]", chosen: str) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=label, value=value, default=value == chosen) for value, label in labels.items()]


def names_as_choices(found: Sequence[tuple[str, str]]) -> list[discord.app_commands.Choice[str]]:
    """Names with their ids, as autocomplete shows them."""
    return [discord.app_commands.Choice(name=name, value=value) for name, value in found]


async def tags_as_choices(interaction: discord.Interaction, typed: str) -> list[discord.app_commands.Choice[str]]:
    """Tags that complete the last one of a list with commas, a minus in front of it kept."""
    before, comma, last = typed.rpartition(",")
    minus, last = ("-", last.strip()[1:]) if last.strip().startswith("-") else ("", last.strip())
    found = await services_of(interaction).characters.tags(caller_of(interaction), last)
    whole = [f"{before.strip()}{comma} {minus}{tag}".strip() for tag in found]
    return [discord.app_commands.Choice(name=each, value=each) for each in whole if len(each) <= CHOICE_LETTERS]
