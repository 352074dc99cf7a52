"""The row under a reply: *Stop* while it is written, then *Regenerate* and *Continue*."""

from typing import Any
from uuid import UUID

import discord

from bot.chat.stage import Controls, Ended, Writing
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, place_of


class StopButton(PersistentButton, prefix="reply.stop", keys=(ID,), label="Stop"):
    """Ends the reply where it stands."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and stops the writer wherever it runs."""
        await interaction.response.defer()
        await services_of(interaction).chats.stop(caller_of(interaction), UUID(self.keys[0]), place_of(interaction))


class RegenerateButton(PersistentButton, prefix="reply.again", keys=(ID,), label="Regenerate"):
    """Has the reply written again, beside the old one."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and writes a sibling."""
        await interaction.response.defer()
        await services_of(interaction).chats.regenerate(caller_of(interaction), UUID(self.keys[0]))


class ContinueButton(PersistentButton, prefix="reply.on", keys=(ID,), label="Continue"):
    """Has the reply go on."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and writes a sibling that begins with the old text."""
        await interaction.response.defer()
        await services_of(interaction).chats.go_on(caller_of(interaction), UUID(self.keys[0]))


REPLY_BUTTONS = (StopButton, RegenerateButton, ContinueButton)


def reply_view(controls: Controls) -> discord.ui.View | None:
    """A new row for a reply; None where there is nothing to press."""
    match controls:
        case None:
            return None
        case Writing(generation_id):
            items: list[discord.ui.Item[Any]] = [StopButton(generation_id)]
        case Ended(message_id, can_continue):
            items = [RegenerateButton(message_id)]
            if can_continue:
                items.append(ContinueButton(message_id))
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
