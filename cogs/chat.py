"""/chat and /say: playing, moving about in the tree, looking back; and what one does with a message of a story."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.characters.catalogue import Characters
from bot.chat.author_notes import DEEPEST, MOST_LETTERS, RAREST, ROLES
from bot.chat.branching import Branches
from bot.chat.chats import Chats
from bot.chat.swipes import Swipes
from bot.chat.transcripts import Format
from bot.client import CharacterBot
from bot.error_replies import explain_message
from cogs.ui.author_note import NOTE_ITEMS, show_note
from cogs.ui.callers import caller_of, place_of
from cogs.ui.casting import ORDER_CHOICES, dismiss_here, invite_here, present_as_choices, show_turns
from cogs.ui.chat_lore import CHAT_LORE_ITEMS, show_chat_lore
from cogs.ui.chat_panel import CHAT_PANEL_ITEMS, send_chat_panel
from cogs.ui.chats import CHAT_ITEMS, NOBODY, ask_to_delete, chat_pages, export_chat, farewell, narrate_here
from cogs.ui.drafting import DRAFT_ITEMS, show_draft, show_rephrased, show_suggestions
from cogs.ui.hearing import take_in, take_in_deletion, take_in_edit
from cogs.ui.history import OlderButton, show_history
from cogs.ui.inspecting import InspectButton, show_inspection
from cogs.ui.memory import MEMORY_ITEMS, show_memory
from cogs.ui.message_menu import rewind_here, show_branch, show_delete, show_edit, shown_by
from cogs.ui.pickers import names_as_choices
from cogs.ui.reply_buttons import REPLY_BUTTONS
from cogs.ui.say import SayButton, say_here
from cogs.ui.text import plain
from cogs.ui.tree import TREE_ITEMS, show_tree

FORMATS = [
    app_commands.Choice(name="Markdown, to read", value="markdown"),
    app_commands.Choice(name="JSONL, as SillyTavern reads it", value="jsonl"),
    app_commands.Choice(name="Text", value="text"),
]
Words = app_commands.Range[str, 1, 1800]
Choices = list[app_commands.Choice[str]]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class ChatCommands(commands.GroupCog, group_name="chat", group_description="Your chats with characters"):
    """Chats: what people do in them, and what they write and change there."""

    def __init__(
        self, bot: CharacterBot, characters: Characters, chats: Chats, branches: Branches, swipes: Swipes
    ) -> None:
        self._bot = bot
        self._characters = characters
        self._chats = chats
        self._branches = branches
        self._swipes = swipes

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction) -> None:
        """Show your chats, the one played last first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await chat_pages(interaction)

    @app_commands.command()
    async def history(self, interaction: discord.Interaction) -> None:
        """Read back what was said in this chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_history(interaction)

    @app_commands.command()
    async def tree(self, interaction: discord.Interaction) -> None:
        """See the branches of this chat, and go to the end of any."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_tree(interaction)

    @app_commands.command(name="continue")
    async def continue_(self, interaction: discord.Interaction) -> None:
        """Have the last reply go on, or what was said last answered."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._swipes.extend(caller_of(interaction), place_of(interaction))
        await interaction.followup.send("It goes on.", ephemeral=True)

    @app_commands.command()
    async def undo(self, interaction: discord.Interaction) -> None:
        """Take back the newest line and its reply; nothing is lost."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._branches.undo(caller_of(interaction), place_of(interaction))
        await interaction.followup.send("Taken back. `/chat tree` finds it again.", ephemeral=True)

    @app_commands.command()
    @app_commands.describe(hint="What it should be about")
    async def draft(self, interaction: discord.Interaction, hint: app_commands.Range[str, 0, 400] = "") -> None:
        """Have your own next line written, for you to approve."""
        await show_draft(interaction, hint)

    @app_commands.command()
    async def suggest(self, interaction: discord.Interaction) -> None:
        """Get three things that you could say next."""
        await show_suggestions(interaction)

    @app_commands.command()
    @app_commands.describe(words="Your line, as it is now")
    async def rephrase(self, interaction: discord.Interaction, words: Words) -> None:
        """Have a line of yours improved before you say it."""
        await show_rephrased(interaction, words)

    @app_commands.command()
    @app_commands.describe(text="What happens")
    async def narrate(self, interaction: discord.Interaction, text: Words) -> None:
        """Add narration to the scene: weather, time, what happens."""
        await narrate_here(interaction, text)

    @app_commands.command()
    @app_commands.describe(character="Who comes", stranger="They have heard nothing of what was said until now")
    async def invite(self, interaction: discord.Interaction, character: str, stranger: bool = False) -> None:
        """Bring another character into this scene."""
        await invite_here(interaction, character, stranger=stranger)

    @app_commands.command()
    @app_commands.describe(character="Who leaves")
    async def dismiss(self, interaction: discord.Interaction, character: str) -> None:
        """Send a character away from this scene."""
        await dismiss_here(interaction, character)

    @app_commands.command()
    @app_commands.describe(order="How it is decided who speaks", speaker="Who speaks now")
    @app_commands.choices(order=ORDER_CHOICES)
    async def turns(
        self, interaction: discord.Interaction, order: str | None = None, speaker: str | None = None
    ) -> None:
        """See who is in this scene, choose how they take turns, or have one of them speak."""
        await show_turns(interaction, order, speaker)

    @invite.autocomplete("character")
    async def _guests(self, interaction: discord.Interaction, typed: str) -> Choices:
        return names_as_choices(await self._characters.names(caller_of(interaction), typed))

    @dismiss.autocomplete("character")
    @turns.autocomplete("speaker")
    async def _present(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await present_as_choices(interaction, typed)

    @app_commands.command()
    @app_commands.describe(message="The link of a reply; without it the newest one")
    async def inspect(self, interaction: discord.Interaction, message: app_commands.Range[str, 0, 200] = "") -> None:
        """See what was sent to the model for a reply, which lore fired, and why."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_inspection(interaction, message)

    @app_commands.command()
    @app_commands.describe(
        text="What the model shall keep in mind; a dash takes the note away",
        depth="How many messages from the end it stands",
        frequency="At every how many messages of people: 1 is each, 0 never",
        role="In whose voice",
    )
    @app_commands.choices(role=[app_commands.Choice(name=each, value=each) for each in ROLES])
    async def note(
        self,
        interaction: discord.Interaction,
        text: app_commands.Range[str, 1, MOST_LETTERS] | None = None,
        depth: app_commands.Range[int, 0, DEEPEST] | None = None,
        frequency: app_commands.Range[int, 0, RAREST] | None = None,
        role: str | None = None,
    ) -> None:
        """See, set or take away the author's note of this chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_note(interaction, text=text, depth=depth, frequency=frequency, role=role)

    @app_commands.command()
    @app_commands.describe(file="A world-info file, or a lorebook, to be read along from now on")
    async def lore(self, interaction: discord.Interaction, file: discord.Attachment | None = None) -> None:
        """See, add and write the books of lore that are read along in this chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_chat_lore(interaction, file)

    @app_commands.command()
    async def settings(self, interaction: discord.Interaction) -> None:
        """See and change the model, temperature, length, history and mode of this chat."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await send_chat_panel(interaction, "settings")

    @app_commands.command()
    async def memory(self, interaction: discord.Interaction) -> None:
        """Read and correct what is remembered of this chat: the summary and the facts."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_memory(interaction)

    @app_commands.command()
    @app_commands.describe(title="How the chat and its thread are called")
    async def rename(self, interaction: discord.Interaction, title: app_commands.Range[str, 1, 90]) -> None:
        """Give this chat another title."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._chats.rename(caller_of(interaction), place_of(interaction), title)
        await interaction.followup.send(f"It is called {plain(title, 100)} now.", ephemeral=True)

    @app_commands.command()
    @app_commands.describe(format="As which kind of file")
    @app_commands.choices(format=FORMATS)
    async def export(self, interaction: discord.Interaction, format: Format = "markdown") -> None:
        """Take this chat along as a file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await export_chat(interaction, format)

    @app_commands.command()
    async def end(self, interaction: discord.Interaction) -> None:
        """End the chat in this thread; nothing that was said is lost."""
        ended = await self._chats.end(caller_of(interaction), place_of(interaction))
        await interaction.response.send_message(farewell(ended), suppress_embeds=True, allowed_mentions=NOBODY)
        await self._chats.close(ended)

    @app_commands.command()
    async def delete(self, interaction: discord.Interaction) -> None:
        """Delete this chat with everything that was said in it."""
        await ask_to_delete(interaction)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Takes what people write in chats into the story."""
        try:
            await take_in(self._bot, self._chats, message)
        except Exception as error:
            await explain_message(message, error)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Takes over what people change in their messages."""
        try:
            await take_in_edit(self._bot, self._branches, payload.message)
        except Exception as error:
            await explain_message(payload.message, error)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Takes out of stories what people delete."""
        await take_in_deletion(self._bot, self._branches, payload.channel_id, [payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Takes out of stories what a moderator clears away."""
        newest_first = sorted(payload.message_ids, reverse=True)
        await take_in_deletion(self._bot, self._branches, payload.channel_id, newest_first)


class Say(commands.Cog):
    """Saying something without a message of one's own."""

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(words="What you say or do")
    async def say(self, interaction: discord.Interaction, words: Words) -> None:
        """Say something to the character of this thread."""
        await say_here(interaction, words)


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.context_menu(name="Edit")
async def edit_message(interaction: discord.Interaction, message: discord.Message) -> None:
    """Puts other words beside a message."""
    await show_edit(interaction, await shown_by(interaction, message))


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.context_menu(name="Branch from here")
async def branch_from_here(interaction: discord.Interaction, message: discord.Message) -> None:
    """Has another branch begin at a message."""
    await show_branch(interaction, await shown_by(interaction, message))


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.context_menu(name="Rewind to here")
async def rewind_to_here(interaction: discord.Interaction, message: discord.Message) -> None:
    """Has the scene go on from a message."""
    await rewind_here(interaction, await shown_by(interaction, message))


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.context_menu(name="Delete")
async def delete_message(interaction: discord.Interaction, message: discord.Message) -> None:
    """Deletes a message of the story."""
    await show_delete(interaction, await shown_by(interaction, message))


MESSAGE_MENUS = (edit_message, branch_from_here, rewind_to_here, delete_message)


async def setup(bot: CharacterBot) -> None:
    """Adds the commands, the listeners, and the buttons they leave behind."""
    bot.add_dynamic_items(
        *REPLY_BUTTONS, SayButton, OlderButton, *TREE_ITEMS, *CHAT_ITEMS, *CHAT_PANEL_ITEMS, *MEMORY_ITEMS, *DRAFT_ITEMS
    )
    bot.add_dynamic_items(InspectButton, *NOTE_ITEMS, *CHAT_LORE_ITEMS)
    services = bot.services
    await bot.add_cog(ChatCommands(bot, services.characters, services.chats, services.branches, services.swipes))
    await bot.add_cog(Say())
    for menu in MESSAGE_MENUS:
        bot.tree.add_command(menu)
