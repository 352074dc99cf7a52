"""Help with one's own line: what the model wrote, seen by nobody else, and the buttons that say it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord

from bot.chat.chats import Saying
from bot.chat.drafts import Draft
from bot.client import services_of
from bot.errors import UserError
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.cards import ACCENT
from cogs.ui.parts import split, unmasked
from cogs.ui.pickers import VIEW_ID
from cogs.ui.text import plain

NOBODY = discord.AllowedMentions.none()
NAME_ROOM, POST_ROOM, LONGEST = 80, 1_900, 4_000
TITLES = {
    "draft": "### Your next line\n-# A draft: only you see it until you say it.",
    "suggest": "### You could say\n-# Only you see these until you say one.",
    "rephrase": "### Your line, written better\n-# Only you see it until you say it.",
}
WRITING = "### Writing…\n-# Only you see it until you say it."
SAID = "### Said."


class SayItButton(PersistentButton, prefix="draft.say", keys=("[0-2]", VIEW_ID), label="Say it"):
    """Says a line as it is."""

    style = discord.ButtonStyle.success

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Says it, once."""
        await _say(interaction, self.keys[1], number=int(self.keys[0]))


class AnotherButton(PersistentButton, prefix="draft.another", keys=(VIEW_ID,), label="Another"):
    """Has something else written for the same wish."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Puts it in the place of what there is, which comes back where there is nothing else."""
        drafts, caller, place = services_of(interaction).drafts, caller_of(interaction), place_of(interaction)
        before = await drafts.find(caller, self.keys[0])
        await interaction.response.edit_message(view=_note(WRITING))
        try:
            another = await drafts.again(caller, place, self.keys[0])
        except Exception:
            with suppress(discord.HTTPException):
                await interaction.edit_original_response(view=DraftView(before))
            raise
        await interaction.edit_original_response(view=DraftView(another))


class ChangeButton(PersistentButton, prefix="draft.change", keys=(VIEW_ID,), label="Change it first"):
    """Opens the line for changes."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        draft = await services_of(interaction).drafts.find(caller_of(interaction), self.keys[0])
        await interaction.response.send_modal(ChangeForm(draft))


class ChangeForm(Form, title="Your line"):
    """The line, to be changed and said."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft_id = draft.id
        self._words = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph, default=draft.line(0)[:LONGEST], max_length=LONGEST
        )
        self.add_item(discord.ui.Label[Any](text="What you say or do", component=self._words))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Says it, once."""
        await _say(interaction, self._draft_id, words=self._words.value)


DRAFT_ITEMS = (SayItButton, AnotherButton, ChangeButton)


class DraftView(discord.ui.LayoutView):
    """What the model wrote, and what can be done with it."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(timeout=None)
        container = discord.ui.Container[Any](discord.ui.TextDisplay[Any](TITLES[draft.wanted]), accent_colour=ACCENT)
        buttons: list[PersistentButton] = []
        for number, line in enumerate(map(unmasked, draft.lines)):
            label = f"Say {number + 1}" if draft.wanted == "suggest" else None
            text = f"**{number + 1}** {line}" if draft.wanted == "suggest" else line
            container.add_item(discord.ui.Separator[Any]())
            container.add_item(discord.ui.TextDisplay[Any](text))
            buttons.append(SayItButton(str(number), draft.id, label=label))
        buttons.append(AnotherButton(draft.id, label="Three others" if draft.wanted == "suggest" else None))
        if draft.wanted != "suggest":
            buttons.append(ChangeButton(draft.id))
        container.add_item(discord.ui.Separator[Any]())
        container.add_item(discord.ui.ActionRow[Any](*buttons))
        self.add_item(container)


async def show_draft(interaction: discord.Interaction, hint: str = "") -> None:
    """Sends the caller a draft of their next line; defers where nobody has."""
    drafts = services_of(interaction).drafts
    await _show(interaction, lambda: drafts.draft(caller_of(interaction), place_of(interaction), hint))


async def show_suggestions(interaction: discord.Interaction) -> None:
    """Sends the caller three things to say next; defers where nobody has."""
    drafts = services_of(interaction).drafts
    await _show(interaction, lambda: drafts.suggest(caller_of(interaction), place_of(interaction)))


async def show_rephrased(interaction: discord.Interaction, words: str) -> None:
    """Sends the caller their line, written better; defers where nobody has."""
    drafts = services_of(interaction).drafts
    await _show(interaction, lambda: drafts.rephrase(caller_of(interaction), place_of(interaction), words))


async def _show(interaction: discord.Interaction, write: Callable[[], Awaitable[Draft]]) -> None:
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.followup.send(view=DraftView(await write()), ephemeral=True, allowed_mentions=NOBODY)


async def _say(interaction: discord.Interaction, draft_id: str, *, number: int = 0, words: str | None = None) -> None:
    """Shows a line in the chat of this place, has it answered, and puts a word in the place of the panel."""
    await interaction.response.defer()
    services, caller, place = services_of(interaction), caller_of(interaction), place_of(interaction)
    async with services.drafts.taken(caller, place, draft_id) as draft:
        text = draft.line(number) if words is None else words
        name = await services.chats.require_open(caller, place, text)
        async with _posted(interaction, f"**{plain(name, NAME_ROOM)}**\n{unmasked(text)}") as post_id:
            await services.chats.say(caller, Saying(place, interaction.id, post_id, text, to_us=True))
    await interaction.edit_original_response(view=_note(SAID))


@asynccontextmanager
async def _posted(interaction: discord.Interaction, text: str) -> AsyncGenerator[int]:
    """The id of the post that shows a text, of the first where it takes several; gone where the block fails."""
    posts: list[discord.WebhookMessage] = []
    try:
        for part in split(text, POST_ROOM):
            posts.append(
                await interaction.followup.send(part, allowed_mentions=NOBODY, suppress_embeds=True, wait=True)
            )
        yield posts[0].id
    except Exception:
        for post in posts:
            with suppress(discord.HTTPException, UserError):
                await post.delete()
        raise


def _note(words: str) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container[Any](discord.ui.TextDisplay[Any](words), accent_colour=ACCENT))
    return view
