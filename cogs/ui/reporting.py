"""Reporting a character: a button under its card, and a form for the reason."""

from typing import Any
from uuid import UUID

import discord

from bot.client import services_of
from cogs.ui.buttons import ID, Form, PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.text import plain

REASON_LETTERS = 1000
THANKS = "Thank you. {name} is reported to {whom}. You read here what became of it: `/character manage`."


class ReportForm(Form, title="Report a character"):
    """What is wrong with it."""

    reason: discord.ui.Label[Any] = discord.ui.Label(
        text="What is wrong with it?",
        description="The admins of this server and the operator of the bot read this, and your name.",
        component=discord.ui.TextInput(style=discord.TextStyle.paragraph, max_length=REASON_LETTERS),
    )

    def __init__(self, character_id: str) -> None:
        super().__init__()
        self._character_id = character_id

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Files it."""
        assert isinstance(self.reason.component, discord.ui.TextInput)  # noqa: S101 - as declared above
        await report(interaction, self._character_id, self.reason.component.value)


class ReportButton(PersistentButton, prefix="character.report", keys=(ID,), label="Report…"):
    """Asks what is wrong."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Shows the form."""
        await interaction.response.send_modal(ReportForm(str(UUID(self.keys[0]))))


async def report(interaction: discord.Interaction, wanted: str, reason: str) -> None:
    """Files a complaint, and says who reads it."""
    character = await services_of(interaction).reports.report(caller_of(interaction), wanted, reason)
    whom = "the admins of this server and the operator" if interaction.guild_id else "the operator"
    words = THANKS.format(name=plain(character.name, 160), whom=whom)
    await interaction.response.send_message(words, ephemeral=True)
