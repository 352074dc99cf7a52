"""The row under a reply: *Stop* while it is written, then its siblings, *Regenerate*, *Continue* and what else."""

from typing import Any
from uuid import UUID

import discord

from bot.chat.stage import Controls, Ended, Unanswered, Writing
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.message_menu import MENU_BUTTONS, show_menu


class StopButton(PersistentButton, prefix="reply.stop", keys=(ID,), label="Stop"):
    """Ends the reply where it stands."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and stops the writer wherever it runs."""
        await interaction.response.defer()
        await services_of(interaction).chats.stop(caller_of(interaction), UUID(self.keys[0]), place_of(interaction))


class BackButton(PersistentButton, prefix="reply.back", keys=(ID,), label="◀"):
    """Shows the sibling before."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and swipes."""
        await _swipe(interaction, UUID(self.keys[0]), -1)


class NextButton(PersistentButton, prefix="reply.next", keys=(ID,), label="▶"):
    """Shows the sibling after."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and swipes."""
        await _swipe(interaction, UUID(self.keys[0]), 1)


class RegenerateButton(PersistentButton, prefix="reply.again", keys=(ID,), label="Regenerate"):
    """Has the reply written again, beside the old one."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and writes a sibling."""
        await interaction.response.defer()
        await services_of(interaction).swipes.regenerate(
            caller_of(interaction), place_of(interaction), UUID(self.keys[0]), post_id=_pressed(interaction)
        )


class ContinueButton(PersistentButton, prefix="reply.on", keys=(ID,), label="Continue"):
    """Has the reply go on."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and writes a sibling that begins with the old text."""
        await interaction.response.defer()
        await services_of(interaction).swipes.go_on(
            caller_of(interaction), place_of(interaction), UUID(self.keys[0]), post_id=_pressed(interaction)
        )


class AnswerButton(PersistentButton, prefix="reply.answer", keys=(ID,), label="Have it answered"):
    """Has a person's words, or narration, answered."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Acknowledges, and writes a reply."""
        await interaction.response.defer()
        await services_of(interaction).swipes.answer(caller_of(interaction), place_of(interaction), UUID(self.keys[0]))


class MoreButton(PersistentButton, prefix="reply.more", keys=(ID,), label="⋯"):
    """What else can be done with a reply."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Answers with the menu."""
        await show_menu(interaction, UUID(self.keys[0]))


REPLY_BUTTONS = (
    StopButton,
    BackButton,
    NextButton,
    RegenerateButton,
    ContinueButton,
    AnswerButton,
    MoreButton,
    *MENU_BUTTONS,
)


def reply_view(controls: Controls) -> discord.ui.View | None:
    """A new row for a reply; None where there is nothing to press."""
    match controls:
        case None:
            return None
        case Writing(generation_id):
            items: list[discord.ui.Item[Any]] = [StopButton(generation_id)]
        case Unanswered(message_id):
            items = [AnswerButton(message_id)]
        case Ended():
            items = _row(controls)
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def _row(ended: Ended) -> list[discord.ui.Item[Any]]:
    row: list[discord.ui.Item[Any]] = []
    if ended.count > 1:
        place = f"{ended.position}/{ended.count} ▶"
        row += [
            BackButton(ended.message_id, disabled=ended.position == 1),
            NextButton(ended.message_id, label=place, disabled=ended.position == ended.count),
        ]
    if ended.can_regenerate:
        row.append(RegenerateButton(ended.message_id))
    if ended.can_continue:
        row.append(ContinueButton(ended.message_id))
    return [*row, MoreButton(ended.message_id)]


def _pressed(interaction: discord.Interaction) -> int | None:
    return interaction.message.id if interaction.message else None


async def _swipe(interaction: discord.Interaction, message_id: UUID, step: int) -> None:
    await interaction.response.defer()
    await services_of(interaction).swipes.swipe(
        caller_of(interaction), place_of(interaction), message_id, step=step, post_id=_pressed(interaction) or 0
    )
