"""A form that asks for a reason before something is decided."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from cogs.ui.buttons import Form

REASON_LETTERS = 500


class ReasonForm(Form):
    """One field; `decide` gets what was written in it."""

    def __init__(
        self,
        title: str,
        *,
        about: str,
        decide: Callable[[discord.Interaction, str], Awaitable[None]],
        required: bool = True,
    ) -> None:
        super().__init__(title=title[:45])
        self._decide = decide
        self._field = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph, max_length=REASON_LETTERS, required=required
        )
        self.add_item(discord.ui.Label[Any](text="Why?", description=about, component=self._field))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Decides."""
        await self._decide(interaction, self._field.value)
