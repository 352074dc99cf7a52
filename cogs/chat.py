"""/chat and /say: playing, and looking back."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.chats import Chats
from bot.client import CharacterBot
from bot.error_replies import explain_message
from cogs.ui.callers import caller_of, place_of
from cogs.ui.hearing import take_in
from cogs.ui.history import OlderButton, chat_lines, show_history
from cogs.ui.reply_buttons import REPLY_BUTTONS
from cogs.ui.say import SayButton, say_here


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class ChatCommands(commands.GroupCog, group_name="chat", group_description="Your chats with characters"):
    """Chats: list, read back, end; and what people write in them."""

    def __init__(self, bot: CharacterBot, chats: Chats) -> None:
        self._bot = bot
        self._chats = chats

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction) -> None:
        """Show your chats, the one played last first."""
        mine = await self._chats.mine(caller_of(interaction))
        await interaction.response.send_message(chat_lines(mine), ephemeral=True, suppress_embeds=True)

    @app_commands.command()
    async def history(self, interaction: discord.Interaction) -> None:
        """Read back what was said in this chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_history(interaction)

    @app_commands.command()
    async def end(self, interaction: discord.Interaction) -> None:
        """End the chat in this thread; nothing that was said is lost."""
        ended = await self._chats.end(caller_of(interaction), place_of(interaction))
        await interaction.response.send_message("The chat has ended. `/chat history` still shows what was said.")
        await self._chats.close(ended)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Takes what people write in chats into the story."""
        try:
            await take_in(self._bot, self._chats, message)
        except Exception as error:
            await explain_message(message, error)


class Say(commands.Cog):
    """Saying something without a message of one's own."""

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(words="What you say or do")
    async def say(self, interaction: discord.Interaction, words: app_commands.Range[str, 1, 1800]) -> None:
        """Say something to the character of this thread."""
        await say_here(interaction, words)


async def setup(bot: CharacterBot) -> None:
    """Adds the commands, the listener, and the buttons under replies."""
    bot.add_dynamic_items(*REPLY_BUTTONS, SayButton, OlderButton)
    await bot.add_cog(ChatCommands(bot, bot.services.chats))
    await bot.add_cog(Say())
