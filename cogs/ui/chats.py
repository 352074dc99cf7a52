"""One's chats: the list, narration, export, deleting."""

import io
from datetime import UTC, datetime
from uuid import UUID

import discord

from bot.chat.chats import Gone, Saying
from bot.chat.transcripts import Format
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.history import chat_lines
from cogs.ui.message_menu import narrated
from cogs.ui.reply_buttons import AnswerButton
from cogs.ui.say import posted
from cogs.ui.text import plain
from storage.chats import Chat

PAGE = 10
HEAD = "### Your chats"
NOBODY = discord.AllowedMentions.none()
SURE = (
    "**Delete {title}?** All that was said in it is destroyed, in every branch, and cannot be brought back.\n"
    "- What stands on Discord stays until you delete the thread.\n"
    "- Branches in threads of their own stay.\n"
    "-# `/chat export` saves the words first; `/chat end` ends the chat and keeps them."
)


class OlderChatsButton(PersistentButton, prefix="chats.older", keys=("[0-9]{1,20}",), label="Older"):
    """Goes on with chats played longer ago."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Puts the next page in the place of this one."""
        await interaction.response.defer()
        before = datetime.fromtimestamp(int(self.keys[0]) / 1e6, UTC)
        text, view = await _page(interaction, before)
        await interaction.edit_original_response(content=text, view=view)


class DeleteChatButton(PersistentButton, prefix="chat.delete", keys=(ID,), label="Delete for good"):
    """Deletes the chat."""

    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Deletes it, and says so."""
        await interaction.response.defer()
        chats = services_of(interaction).chats
        gone = await chats.delete(caller_of(interaction), UUID(self.keys[0]))
        words = f"{plain(gone.chat.title, 100)} is deleted.{_resumed(gone)}"
        await interaction.edit_original_response(content=words, view=None)
        await chats.close(gone)


CHAT_ITEMS = (OlderChatsButton, DeleteChatButton)


def farewell(gone: Gone) -> str:
    """What is said where a chat has ended."""
    return f"The chat has ended.{_resumed(gone) or ' `/chat history` still shows what was said.'}"


def _resumed(gone: Gone) -> str:
    return f" **{plain(gone.resumed.title, 100)}**, which was parked, goes on here." if gone.resumed else ""


async def chat_pages(interaction: discord.Interaction) -> None:
    """Sends the newest of the caller's chats, after a deferral."""
    text, view = await _page(interaction, None)
    await interaction.followup.send(text, view=view or discord.utils.MISSING, ephemeral=True, suppress_embeds=True)


async def _page(interaction: discord.Interaction, before: datetime | None) -> tuple[str, discord.ui.View | None]:
    mine = await services_of(interaction).chats.mine(caller_of(interaction), before=before, limit=PAGE + 1)
    if len(mine) <= PAGE:
        return f"{HEAD}\n{chat_lines(mine)}", None
    view = discord.ui.View(timeout=None)
    view.add_item(OlderChatsButton(str(_microseconds(mine[PAGE - 1]))))
    return f"{HEAD}\n{chat_lines(mine[:PAGE])}", view


def _microseconds(chat: Chat) -> int:
    return round(chat.updated_at.timestamp() * 1e6)


async def narrate_here(interaction: discord.Interaction, words: str) -> None:
    """Shows narration in the chat of this place, and adds it to the story."""
    caller, place, chats = caller_of(interaction), place_of(interaction), services_of(interaction).chats
    await chats.require_open(caller, place, words)
    async with posted(interaction, narrated(words)) as post_id:
        saying = Saying(place, interaction.id, post_id, words, to_us=True, role="narration")
        message_id = await chats.narrate(caller, saying)
    view = discord.ui.View(timeout=None)
    view.add_item(AnswerButton(message_id))
    await interaction.edit_original_response(view=view)


async def ask_to_delete(interaction: discord.Interaction) -> None:
    """Asks before the chat of this place is deleted."""
    chat = await services_of(interaction).chats.to_delete(caller_of(interaction), place_of(interaction))
    view = discord.ui.View(timeout=None)
    view.add_item(DeleteChatButton(chat.id))
    await interaction.response.send_message(SURE.format(title=plain(chat.title, 100)), view=view, ephemeral=True)


async def export_chat(interaction: discord.Interaction, wanted: Format) -> None:
    """Sends the chat of this place as files, after a deferral; one a message, for each may be as large as fits one."""
    records = services_of(interaction).records
    title, files = await records.export(caller_of(interaction), place_of(interaction), wanted)
    for number, each in enumerate(files, 1):
        part = f" ({number} of {len(files)})" if len(files) > 1 else ""
        file = discord.File(io.BytesIO(each.content), each.name)
        await interaction.followup.send(f"{plain(title, 100)}{part}", file=file, ephemeral=True)
