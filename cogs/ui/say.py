"""Saying something without a message of one's own: the *Say* button and its form."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord

from bot.chat.chats import Saying
from bot.client import services_of
from cogs.ui.buttons import Form, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.parts import unmasked
from cogs.ui.text import plain

NOBODY = discord.AllowedMentions.none()


class SayForm(Form, title="Say something"):
    """What the person says or does."""

    words: discord.ui.Label[Any] = discord.ui.Label(
        text="What you say or do",
        component=discord.ui.TextInput(style=discord.TextStyle.paragraph, max_length=1800),
    )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Says it."""
        assert isinstance(self.words.component, discord.ui.TextInput)  # noqa: S101 - as declared above
        await say_here(interaction, self.words.component.value)


class SayButton(PersistentButton, prefix="chat.say", label="Say"):
    """Opens the form."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(SayForm())


async def say_here(interaction: discord.Interaction, text: str) -> None:
    """Shows what somebody says in the chat of this place, and has it answered."""
    caller, place, chats = caller_of(interaction), place_of(interaction), services_of(interaction).chats
    name = await chats.require_open(caller, place, text)
    async with posted(interaction, f"**{plain(name, 80)}**\n{unmasked(text)}") as post_id:
        await chats.say(caller, Saying(place, interaction.id, post_id, text, to_us=True))


@asynccontextmanager
async def posted(interaction: discord.Interaction, text: str) -> AsyncGenerator[int | None]:
    """The id of the answer that shows a text to everybody; it goes where the block fails, for nothing was said then."""
    shown = await interaction.response.send_message(text, allowed_mentions=NOBODY, suppress_embeds=True)
    try:
        yield shown.message_id
    except Exception:
        with suppress(discord.HTTPException):
            await interaction.delete_original_response()
        raise
