"""What a person should know about their characters and reports, before they look at anything else."""

import discord

from bot.client import services_of
from cogs.ui.buttons import PersistentButton
from cogs.ui.callers import caller_of
from cogs.ui.text import tame
from storage.notices import Notice

HEAD = "### News for you"
NOTICE_ROOM = 600
ON = "From now on I also write such news to you in a direct message. The same button takes that back."
OFF = "I no longer write such news to you. You find them here: `/character manage`."


class GotItButton(PersistentButton, prefix="notices.read", label="Got it"):
    """Puts the news away."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Marks all as read."""
        await services_of(interaction).notices.mark_read(caller_of(interaction))
        await interaction.response.edit_message(content="-# Read.", view=None)


class ByMessageButton(PersistentButton, prefix="notices.message", label="By direct message too"):
    """Chooses whether news come by direct message too."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Turns it on, or off again."""
        notices, caller = services_of(interaction).notices, caller_of(interaction)
        wanted = not await notices.by_message(caller)
        await notices.choose(caller, by_message=wanted)
        await interaction.response.send_message(ON if wanted else OFF, ephemeral=True)


NOTICE_ITEMS = (GotItButton, ByMessageButton)


async def show_notices(interaction: discord.Interaction) -> None:
    """Sends what is unread, after a deferral; nothing when there is nothing."""
    unread = await services_of(interaction).notices.unread(caller_of(interaction))
    if not unread:
        return
    view = discord.ui.View(timeout=None)
    view.add_item(GotItButton())
    view.add_item(ByMessageButton())
    await interaction.followup.send(
        "\n".join([HEAD, *map(_line, unread)])[:2000], view=view, ephemeral=True, suppress_embeds=True
    )


def _line(notice: Notice) -> str:
    return f"- {tame(notice.text, NOTICE_ROOM)} <t:{int(notice.created_at.timestamp())}:R>"
