"""Starting a chat, from a button or a command."""

import discord

from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, starting_place
from cogs.ui.text import plain


class ChatButton(PersistentButton, prefix="character.chat", keys=(ID,), label="Chat"):
    """Starts a chat with a character."""

    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Opens the chat and tells where."""
        await start_chat(interaction, self.keys[0])


async def start_chat(interaction: discord.Interaction, wanted: str, *, private: bool = False) -> None:
    """Opens a chat and tells the person where it is."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    opened = await services_of(interaction).chats.open(
        caller_of(interaction),
        wanted,
        starting_place(interaction),
        interaction_id=interaction.id,
        private=private,
    )
    name = plain(opened.character_name, 80)
    where = f"in <#{opened.place.id}>" if opened.place.guild_id else "right here"
    await interaction.followup.send(f"{name} is waiting for you {where}.", ephemeral=True)
