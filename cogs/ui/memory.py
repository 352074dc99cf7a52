"""What is remembered of a chat: the summary and the facts, to read, to correct, to forget, to add to."""

from typing import Any
from uuid import UUID

import discord

from bot.chat.memory import FACT_LETTERS, SUMMARY_LETTERS, Recollection
from bot.client import services_of
from cogs.ui.buttons import ID, Form, PersistentButton, PersistentSelect
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT
from cogs.ui.text import gist, plain, plural
from storage.memories import Memory

Parts = list[discord.ui.Item[Any]]
PAGE = 10
"""Facts on a page."""
SUMMARY_ROOM, FACT_ROOM = 1700, 160
TITLE = "### What is remembered here"
NEVER = (
    "Nothing yet. The model reads everything that was said here; once that is too much, the oldest part is summed up."
)
SOON = (
    "Nothing yet. {unread} of this scene are too old to be read, and they are summed up once {more} more are. "
    "*History* in `/chat settings` says how many are read."
)
NOW = (
    "Nothing yet. {unread} of this scene are too old to be read. They are being summed up, or the model made no "
    "summary of them; it is asked again later."
)
REACHES = "-# The first {reached} of {length}, summed up by {writer}."
NO_FACTS = "No facts are noted yet."
EXPLAINED = (
    "-# The model reads this with each reply. It belongs to this branch: others remember what happened there. The next "
    "summary is built from this one, with your corrections."
)
OTHERS_DECIDE = "-# Whoever opened this chat, and who manages threads here, can change this."
BY_PERSON = " ✎"


class MemoryPageButton(PersistentButton, prefix="memory.page", keys=("[0-9]{1,4}", "[a-z]{3,8}")):
    """Goes to a page of the facts; the second key tells two buttons to one page apart."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it in the place of this one."""
        await interaction.response.defer()
        await _update(interaction, int(self.keys[0]))


class CorrectMemoryButton(PersistentButton, prefix="memory.correct", keys=(ID,), label="Correct the summary"):
    """Opens the form with the summary."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it."""
        await _open(interaction, UUID(self.keys[0]))


class ForgetMemoryButton(PersistentButton, prefix="memory.forget", keys=(ID,), label="Forget the summary"):
    """Forgets the summary; what it told of is summed up anew."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and shows the rest."""
        await _forget(interaction, UUID(self.keys[0]))


class AddFactButton(PersistentButton, prefix="memory.add", label="Remember something"):
    """Opens an empty form for a fact."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it to those who may."""
        await services_of(interaction).memories.require_changing(caller_of(interaction), place_of(interaction))
        await interaction.response.send_modal(MemoryForm(None))


class CorrectFactSelect(PersistentSelect, prefix="memory.fact"):
    """Opens the form with a fact."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows it."""
        await _open(interaction, UUID(self.chosen(interaction)[0]))


class ForgetFactSelect(PersistentSelect, prefix="memory.drop"):
    """Forgets a fact."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Does so, and shows the rest."""
        await _forget(interaction, UUID(self.chosen(interaction)[0]))


class MemoryForm(Form):
    """A summary or a fact in one's own words; without one, a new fact."""

    def __init__(self, memory: Memory | None) -> None:
        is_summary = memory is not None and memory.kind == "summary"
        super().__init__(title="The summary" if is_summary else "A fact")
        self._memory_id = memory.id if memory else None
        self._words = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph,
            default=memory.text[:SUMMARY_LETTERS] if memory else None,
            max_length=SUMMARY_LETTERS if is_summary else FACT_LETTERS,
        )
        about = "What happened until now." if is_summary else "Something that is true from here on, in a sentence."
        self.add_item(discord.ui.Label[Any](text="What to remember", description=about, component=self._words))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Keeps it, and shows the panel anew."""
        await interaction.response.defer()
        memories, words = services_of(interaction).memories, self._words.value
        if self._memory_id is None:
            await memories.add_fact(caller_of(interaction), place_of(interaction), words)
        else:
            await memories.correct(caller_of(interaction), place_of(interaction), self._memory_id, words)
        await _update(interaction)


MEMORY_ITEMS = (
    MemoryPageButton,
    CorrectMemoryButton,
    ForgetMemoryButton,
    AddFactButton,
    CorrectFactSelect,
    ForgetFactSelect,
)


async def show_memory(interaction: discord.Interaction) -> None:
    """Sends what is remembered of the chat here, after a deferral."""
    seen = await services_of(interaction).memories.look(caller_of(interaction), place_of(interaction))
    await interaction.followup.send(view=memory_panel(seen), ephemeral=True)


async def _update(interaction: discord.Interaction, page: int = 0) -> None:
    seen = await services_of(interaction).memories.look(caller_of(interaction), place_of(interaction))
    await interaction.edit_original_response(view=memory_panel(seen, page))


async def _open(interaction: discord.Interaction, memory_id: UUID) -> None:
    memory = await services_of(interaction).memories.find(caller_of(interaction), place_of(interaction), memory_id)
    await interaction.response.send_modal(MemoryForm(memory))


async def _forget(interaction: discord.Interaction, memory_id: UUID) -> None:
    await interaction.response.defer()
    await services_of(interaction).memories.forget(caller_of(interaction), place_of(interaction), memory_id)
    await _update(interaction)


def memory_panel(seen: Recollection, page: int = 0) -> discord.ui.LayoutView:
    """The summary and a page of the facts, the newest first, and what changes them for those who may."""
    facts = seen.known.facts[::-1]
    last = max(0, (len(facts) - 1) // PAGE)
    page = min(page, last)
    shown = facts[page * PAGE : (page + 1) * PAGE]
    parts: Parts = [discord.ui.TextDisplay[Any](f"{TITLE}\n{_summary(seen)}")]
    summary = seen.known.summary
    if summary and seen.may_change:
        parts.append(discord.ui.ActionRow[Any](CorrectMemoryButton(summary.id), ForgetMemoryButton(summary.id)))
    parts += [discord.ui.Separator[Any](), discord.ui.TextDisplay[Any](_facts(shown, len(facts), page))]
    if shown and seen.may_change:
        parts.append(
            discord.ui.ActionRow[Any](CorrectFactSelect(options=_options(shown), placeholder="Correct a fact"))
        )
        parts.append(discord.ui.ActionRow[Any](ForgetFactSelect(options=_options(shown), placeholder="Forget a fact")))
    buttons = _buttons(seen, page, last)
    if buttons:
        parts.append(discord.ui.ActionRow[Any](*buttons))
    parts.append(discord.ui.TextDisplay[Any](EXPLAINED if seen.may_change else OTHERS_DECIDE))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container[Any](*parts, accent_colour=ACCENT))
    return view


def _summary(seen: Recollection) -> str:
    summary = seen.known.summary
    if summary is not None:
        writer = "a person" if summary.written_by == "person" else "the model"
        length, reached = plural(seen.length, "message"), f"{summary.depth + 1:,}"
        told = REACHES.format(reached=reached, length=length, writer=writer)
        return f"{plain(summary.text, SUMMARY_ROOM)}\n{told}"
    if not seen.unread:
        return NEVER
    unread = plural(seen.unread, "message")
    return SOON.format(unread=unread, more=seen.waits_for) if seen.waits_for else NOW.format(unread=unread)


def _facts(shown: tuple[Memory, ...], count: int, page: int) -> str:
    if not shown:
        return NO_FACTS
    lines = [f"- {plain(' '.join(each.text.split()), FACT_ROOM)}{_by(each)}" for each in shown]
    first = page * PAGE + 1
    if count > PAGE:
        lines.append(f"-# Facts {first} to {first + len(shown) - 1} of {count}, the newest first.")
    return "\n".join(lines)


def _by(fact: Memory) -> str:
    return BY_PERSON if fact.written_by == "person" else ""


def _options(shown: tuple[Memory, ...]) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=gist(each.text, 100) or "…", value=each.id.hex) for each in shown]


def _buttons(seen: Recollection, page: int, last: int) -> list[discord.ui.Item[Any]]:
    buttons: list[discord.ui.Item[Any]] = []
    if seen.may_change:
        buttons.append(AddFactButton(disabled=not seen.length))
    if last:
        buttons.append(MemoryPageButton(str(max(0, page - 1)), "newer", label="Newer facts", disabled=page == 0))
        buttons.append(MemoryPageButton(str(page + 1), "older", label="Older facts", disabled=page == last))
    return buttons
