"""The workbench: one panel, whose tabs depend on what it is opened for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.characters.catalogue import Definition, Standing
from bot.characters.changes import AGE_RATINGS, missing_for_publishing
from bot.client import services_of
from bot.errors import Invalid
from cogs.ui.buttons import ID, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT, avatar_files, card
from cogs.ui.chat_panel import send_chat_panel
from cogs.ui.editor import EditButton, PublishButton, UnpublishButton
from cogs.ui.enhancing import ENHANCE_ITEMS, enhance_parts
from cogs.ui.text import plain, plural
from storage.character_pages import Cursor
from storage.characters import Character
from storage.listings import Review

NONE_YET = "You have no characters yet, so there is nothing on the workbench. Make one with `/character create`."
WHICH = "### Your workbench\nWhich of your characters do you want to work on?"
THE_NEWEST = "-# These are the newest {count}; others by their name: `/workbench character`."
NO_SUCH_TAB = "This tab is from another version of the bot. Open `/workbench` anew."
OPTIONS = 25
REASON_ROOM = 200

Parts = list[discord.ui.Item[Any]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: the words on its button, and what stands in it."""

    label: str
    parts: Callable[[discord.Interaction, Definition], Awaitable[Parts]]


async def _enhance(interaction: discord.Interaction, definition: Definition) -> Parts:
    return enhance_parts(definition, services_of(interaction).enhancer.model)


async def _publish(interaction: discord.Interaction, definition: Definition) -> Parts:
    services, caller, character = services_of(interaction), caller_of(interaction), definition.character
    standing = await services.characters.standing(caller, str(character.id))
    reviews = await services.listings.decisions(caller, str(character.id))
    return publish_parts(definition, standing, reviews, here=interaction.guild_id)


CHARACTER_TABS: dict[str, Tab] = {"enhance": Tab("Enhance", _enhance), "publish": Tab("Publish", _publish)}
"""The tabs for a character, in their order; another tab is another entry."""


class TabButton(PersistentButton, prefix="workbench.tab", keys=("[a-z]{1,20}", ID)):
    """Goes to a tab; on the tab that is open it brings that up to date."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the panel."""
        await interaction.response.defer()
        await show_tab(interaction, *self.keys)


class ChooseSelect(PersistentSelect, prefix="workbench.character"):
    """Opens the workbench for a character."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Puts the panel in the place of the question."""
        await interaction.response.defer()
        await show_tab(interaction, "enhance", self.chosen(interaction)[0])


WORKBENCH_ITEMS = (TabButton, ChooseSelect, *ENHANCE_ITEMS)


class ChooseView(discord.ui.LayoutView):
    """The caller's own characters to choose from, the newest first."""

    def __init__(self, characters: list[Character], *, are_all: bool) -> None:
        super().__init__(timeout=None)
        words = WHICH if are_all else f"{WHICH}\n{THE_NEWEST.format(count=len(characters))}"
        options = [
            discord.SelectOption(
                label=character.name[:100],
                value=character.id.hex,
                description=" · ".join(filter(None, (_state(character), character.short_description)))[:100],
            )
            for character in characters
        ]
        self.add_item(
            discord.ui.Container[Any](
                discord.ui.TextDisplay[Any](words),
                discord.ui.ActionRow[Any](ChooseSelect(options=options, placeholder="Choose a character")),
                accent_colour=ACCENT,
            )
        )


class WorkbenchView(discord.ui.LayoutView):
    """The row of tabs, the card, and what the open tab holds; `words` tell what has just happened."""

    def __init__(self, tab: str, definition: Definition, parts: Parts, words: str = "") -> None:
        super().__init__(timeout=None)
        self.add_item(tab_row(CHARACTER_TABS, tab, definition))
        container = discord.ui.Container[Any](card(definition.character), accent_colour=ACCENT)
        if words:
            container.add_item(discord.ui.TextDisplay[Any](words))
        container.add_item(discord.ui.Separator[Any]())
        for part in parts:
            container.add_item(part)
        self.add_item(container)


def tab_row(tabs: dict[str, Tab], current: str, definition: Definition) -> discord.ui.ActionRow[Any]:
    """A button for each tab, the open one in colour."""
    row = discord.ui.ActionRow[Any]()
    for name, tab in tabs.items():
        button = TabButton(name, definition.character.id, label=tab.label)
        if name == current:
            button.item.style = discord.ButtonStyle.primary
        row.add_item(button)
    return row


async def open_workbench(interaction: discord.Interaction, wanted: str | None) -> None:
    """Sends the panel for a character, or asks for one, after a deferral."""
    services, caller = services_of(interaction), caller_of(interaction)
    if wanted:
        files, view = await _panel(interaction, "enhance", wanted)
        await interaction.followup.send(view=view, files=files, ephemeral=True)
        return
    if await services.chats.owner_of(place_of(interaction)) is not None:
        await send_chat_panel(interaction, "settings")
        return
    characters: list[Character] = []
    after: Cursor | None = None
    while len(characters) < OPTIONS:
        page = await services.characters.owned_page(caller, after=after)
        characters += page.characters
        after = page.after
        if after is None:
            break
    if not characters:
        await interaction.followup.send(NONE_YET, ephemeral=True)
        return
    view = ChooseView(characters[:OPTIONS], are_all=after is None)
    await interaction.followup.send(view=view, ephemeral=True)


async def show_tab(interaction: discord.Interaction, tab: str, wanted: str, *, words: str = "") -> None:
    """Puts a tab in the place of the message that was pressed on, after a deferral."""
    files, view = await _panel(interaction, tab, wanted, words)
    await interaction.edit_original_response(view=view, attachments=files)


async def _panel(
    interaction: discord.Interaction, tab: str, wanted: str, words: str = ""
) -> tuple[list[discord.File], WorkbenchView]:
    if tab not in CHARACTER_TABS:
        raise Invalid(NO_SUCH_TAB)
    services = services_of(interaction)
    definition = await services.characters.definition(caller_of(interaction), wanted)
    parts = await CHARACTER_TABS[tab].parts(interaction, definition)
    files = await avatar_files(services.avatars, [definition.character])
    return files, WorkbenchView(tab, definition, parts, words)


def publish_parts(definition: Definition, standing: Standing, reviews: list[Review], *, here: int | None) -> Parts:
    """The tab: where the character stands with others, what it lacks, and the buttons for both."""
    character = definition.character
    readers = "everybody" if character.definition_visibility == "public" else "you alone"
    lines = [
        "### Publishing",
        f"**State:** {_state(character)} · version {definition.version}",
        f"**Age rating:** {AGE_RATINGS.get(character.age_rating, 'not chosen yet')}",
        f"**Who may read the definition:** {readers}",
        f"**Chats:** {standing.running:,} running, {character.play_count:,} started in all",
    ]
    if standing.reports:
        lines.append(f"**Reports:** {plural(standing.reports, 'report')}")
    lines += [*_lacks(definition), *review_lines(reviews, here=here)]
    last: PersistentButton = (
        UnpublishButton(character.id) if character.status == "published" else PublishButton(character.id)
    )
    return [
        discord.ui.TextDisplay[Any]("\n".join(lines)),
        discord.ui.ActionRow[Any](last, EditButton(character.id)),
    ]


def review_lines(reviews: list[Review], *, here: int | None) -> list[str]:
    """Where the character stands in servers that review; those where the author is not stay nameless."""
    if not reviews:
        return []
    return ["**In servers that review**", *(f"- {_verdict(review, here=here)}" for review in reviews)]


def _verdict(review: Review, *, here: int | None) -> str:
    where = "This server" if review.guild_id == here else "Another server"
    if review.status == "pending":
        until = f" Until then it plays version {review.approved_before}." if review.approved_before else ""
        return f"{where}: version {review.version} waits for its admins.{until}"
    if review.status == "approved":
        return f"{where}: version {review.version} is approved."
    reason = plain(" ".join(review.reason.split()), REASON_ROOM)
    return f"{where}: version {review.version} was not approved. {reason}"


def _lacks(definition: Definition) -> list[str]:
    missing = missing_for_publishing(definition.character, definition.card)
    if missing:
        return ["**Before it can be published, it needs**", *(f"- {need}" for need in missing)]
    return [] if definition.character.status == "published" else ["Nothing is missing: it can be published."]


def _state(character: Character) -> str:
    if character.taken_down is not None:
        return "taken down by the operator"
    match character.status:
        case "published" if character.visibility == "guild":
            return "published in one server"
        case "published":
            return "published for everybody"
        case "unpublished":
            return "taken back; running chats go on"
        case _:
            return "a draft that you alone see"
