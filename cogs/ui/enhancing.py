"""The workbench's tab for better texts: what to rewrite, the proposal, and the decision about it."""

import io
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import discord

from bot.characters.catalogue import Definition
from bot.characters.enhancing import WISH_LETTERS, Progress, Proposal
from bot.characters.rewriting import FIELDS, text_of
from bot.client import services_of
from bot.errors import Invalid, UserError
from cogs.ui.buttons import ID, Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.cards import ACCENT, NAME_ROOM
from cogs.ui.differences import difference
from cogs.ui.pickers import VIEW_ID
from cogs.ui.text import plain, plural

DIFFERENCE_ROOM, WISH_ROOM, WARNING_ROOM = 3_000, 240, 200
NO_SUCH_TEXT = "This button is from another version of the bot. Open `/workbench` anew."
CHOOSE = (
    "### A better text\nChoose one: the model rewrites it, you see what changed, and decide. Nothing is saved before."
)
SENT = "-# The character's texts are sent to the model **{model}** for that."
EMPTY = "-# Not written yet: {labels}. The model writes them from the rest."
WRITING = "### Writing…\n-# The {label}. It may take a minute; you see what it wrote before anything is saved."
SO_FAR = "### Writing…\n-# The {label}: {words} so far."
SAVED = "**Saved** as version {version}: the {label}. Every later reply reads it."
DISCARDED = "Nothing was changed."

Ask = Callable[[Progress], Awaitable[Proposal]]


class RewriteButton(PersistentButton, prefix="enhance.text", keys=("[a-z_]{1,20}", "0|1", ID)):
    """Asks for a wish, then for a better text; 1 stands for writing another one from the rest of the card."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form, to those who may edit the character."""
        field, anew, character_id = self.keys
        if field not in FIELDS:
            raise Invalid(NO_SUCH_TEXT)
        definition = await services_of(interaction).characters.definition(caller_of(interaction), character_id)
        await interaction.response.send_modal(WishForm(definition, field, anew=anew == "1"))


class WishForm(Form):
    """What the author would like, which may be nothing."""

    def __init__(self, definition: Definition, field: str, *, anew: bool) -> None:
        fresh = anew or not text_of(definition, field).strip()
        super().__init__(title=f"{'Write a new' if fresh else 'Rewrite the'} {FIELDS[field].label}"[:45])
        self._character_id = str(definition.character.id)
        self._field, self._anew = field, anew
        self._wish = discord.ui.TextInput[Any](
            required=False,
            max_length=WISH_LETTERS,
            style=discord.TextStyle.paragraph,
            placeholder="Funnier, shorter, in the style of a fairy tale, …",
        )
        about = "Leave it empty to let the model decide."
        self.add_item(discord.ui.Label[Any](text="Your wish", component=self._wish, description=about))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Has it written, in place of the panel."""
        enhancer, caller = services_of(interaction).enhancer, caller_of(interaction)

        def ask(progress: Progress) -> Awaitable[Proposal]:
            return enhancer.propose(
                caller, self._character_id, self._field, self._wish.value, anew=self._anew, progress=progress
            )

        async def back() -> None:
            await _back_to_panel(interaction, self._character_id)

        await _write(interaction, FIELDS[self._field].label, ask, back)


class AcceptButton(PersistentButton, prefix="enhance.accept", keys=(VIEW_ID,), label="Accept"):
    """Saves what was proposed."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Saves a new version, and shows the panel again."""
        await interaction.response.defer()
        enhancer, caller = services_of(interaction).enhancer, caller_of(interaction)
        proposal = await enhancer.proposal(caller, self.keys[0])
        saved = await enhancer.accept(caller, self.keys[0])
        words = SAVED.format(version=saved.version, label=proposal.label)
        await _back_to_panel(interaction, str(saved.character.id), words)


class AgainButton(PersistentButton, prefix="enhance.again", keys=(VIEW_ID,), label="Again"):
    """Has the same text written once more."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Replaces the proposal by another one; it comes back where there is none."""
        enhancer, caller = services_of(interaction).enhancer, caller_of(interaction)
        before = await enhancer.proposal(caller, self.keys[0])

        def ask(progress: Progress) -> Awaitable[Proposal]:
            return enhancer.again(caller, self.keys[0], progress=progress)

        async def back() -> None:
            await _show(interaction, before)

        await _write(interaction, before.label, ask, back)


class DiscardButton(PersistentButton, prefix="enhance.discard", keys=(VIEW_ID,), label="Discard"):
    """Leaves the text as it is."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the panel again."""
        await interaction.response.defer()
        proposal = await services_of(interaction).enhancer.discard(caller_of(interaction), self.keys[0])
        await _back_to_panel(interaction, str(proposal.character.id), DISCARDED)


ENHANCE_ITEMS = (RewriteButton, AcceptButton, AgainButton, DiscardButton)


class ProposalView(discord.ui.LayoutView):
    """What would change, and the decision; `file` holds the whole text where it does not fit."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(timeout=None)
        shown = difference(proposal.before, proposal.after, DIFFERENCE_ROOM)
        self.file_name = None if shown.is_whole else f"{proposal.field}.txt"
        head = f"### The {proposal.label} of {plain(proposal.character.name, NAME_ROOM)}\n-# {_facts(proposal)}"
        container = discord.ui.Container[Any](
            discord.ui.TextDisplay[Any](head),
            discord.ui.Separator[Any](),
            discord.ui.TextDisplay[Any](shown.markdown),
            accent_colour=ACCENT,
        )
        if self.file_name:
            container.add_item(discord.ui.TextDisplay[Any]("-# Not all of it fits here; this is the whole new text:"))
            container.add_item(discord.ui.File[Any](f"attachment://{self.file_name}"))
        if proposal.warnings:
            told = "\n".join(f"⚠️ {plain(warning, WARNING_ROOM)}" for warning in proposal.warnings)
            container.add_item(discord.ui.TextDisplay[Any](told))
        container.add_item(discord.ui.Separator[Any]())
        container.add_item(
            discord.ui.ActionRow[Any](AcceptButton(proposal.id), AgainButton(proposal.id), DiscardButton(proposal.id))
        )
        self.add_item(container)


class WritingView(discord.ui.LayoutView):
    """What stands in the panel's place while the model writes."""

    def __init__(self, words: str) -> None:
        super().__init__(timeout=None)
        self.add_item(discord.ui.Container[Any](discord.ui.TextDisplay[Any](words), accent_colour=ACCENT))


def enhance_parts(definition: Definition, model: str) -> list[discord.ui.Item[Any]]:
    """The tab: what can be rewritten, and what is not written yet."""
    character_id = definition.character.id
    missing = [about.label for name, about in FIELDS.items() if not text_of(definition, name).strip()]
    lines = [CHOOSE]
    if missing:
        lines.append(EMPTY.format(labels=", ".join(missing)))
    lines.append(SENT.format(model=plain(model, 80)))
    buttons = [RewriteButton(name, "0", character_id, label=about.label.capitalize()) for name, about in FIELDS.items()]
    buttons.append(RewriteButton("scenario", "1", character_id, label="Propose a scenario"))
    return [
        discord.ui.TextDisplay[Any]("\n".join(lines)),
        discord.ui.ActionRow[Any](*buttons[:4]),
        discord.ui.ActionRow[Any](*buttons[4:]),
    ]


async def _write(interaction: discord.Interaction, label: str, ask: Ask, back: Callable[[], Awaitable[None]]) -> None:
    """Says that it is being written, how far it got, and shows what came; where nothing did, goes `back`."""
    await interaction.response.edit_message(view=WritingView(WRITING.format(label=label)), attachments=[])

    async def progress(written: str) -> None:
        words = SO_FAR.format(label=label, words=plural(len(written.split()), "word"))
        with suppress(discord.HTTPException):
            await interaction.edit_original_response(view=WritingView(words))

    try:
        proposal = await ask(progress)
    except Exception:
        with suppress(discord.HTTPException, UserError):
            await back()
        raise
    await _show(interaction, proposal)


async def _show(interaction: discord.Interaction, proposal: Proposal) -> None:
    view = ProposalView(proposal)
    files = [discord.File(io.BytesIO(proposal.after.encode()), view.file_name)] if view.file_name else []
    await interaction.edit_original_response(view=view, attachments=files)


async def _back_to_panel(interaction: discord.Interaction, character_id: str, words: str = "") -> None:
    from cogs.ui.workbench import show_tab  # noqa: PLC0415 - the workbench shows this tab

    await show_tab(interaction, "enhance", character_id, words=words)


def _facts(proposal: Proposal) -> str:
    before, after = len(proposal.before), len(proposal.after)
    letters = f"{before:,} → {plural(after, 'letter')}" if before else plural(after, "letter")
    wish = f" · Your wish: {plain(' '.join(proposal.wish.split()), WISH_ROOM)}" if proposal.wish.strip() else ""
    return f"{letters} · from version {proposal.version}{wish}"
