"""What was said in a chat, to read back."""

import io
from uuid import UUID

import discord

from bot.chat.records import HistoryPage
from bot.client import services_of
from cogs.ui.buttons import ID, PersistentButton
from cogs.ui.callers import caller_of, place_of
from cogs.ui.text import gist, plain
from storage.chats import Chat
from storage.messages import Message

EXCERPT_LETTERS = 1500
LINE_LETTERS = 160
LIST_LETTERS = 1900
TITLE_LETTERS = 60
REMOVED = "(removed)"


class OlderButton(PersistentButton, prefix="history.older", keys=(ID,), label="Older"):
    """Goes further back."""

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Sends the page before."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_history(interaction, UUID(self.keys[0]))


async def show_history(interaction: discord.Interaction, cursor: UUID | None = None) -> None:
    """Sends a page of the chat of this place, after a deferral: the last lines, and all of it as a file."""
    page = await services_of(interaction).records.history(caller_of(interaction), place_of(interaction), cursor=cursor)
    view = discord.ui.View(timeout=None)
    if page.older:
        view.add_item(OlderButton(page.older))
    await interaction.followup.send(
        _excerpt(page),
        file=discord.File(io.BytesIO(_as_file(page)), "history.md"),
        view=view if page.older else discord.utils.MISSING,
        ephemeral=True,
    )


def chat_lines(chats: list[Chat]) -> str:
    """One's chats with links, for `/chat list`."""
    if not chats:
        return "You have no chats yet. `/character pick` starts one."
    lines: list[str] = []
    room = LIST_LETTERS
    for line in map(_chat_line, chats):
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join(lines)


def _chat_line(chat: Chat) -> str:
    link = f"https://discord.com/channels/{chat.guild_id or '@me'}/{chat.place_id}"
    state = "" if chat.status == "open" else f" · {chat.status}"
    when = discord.utils.format_dt(chat.updated_at, "R")
    return f"- [{plain(chat.title, TITLE_LETTERS)}]({link}) · {when}{state}"


def _excerpt(page: HistoryPage) -> str:
    lines: list[str] = []
    room = EXCERPT_LETTERS
    for message in page.messages:
        line = f"**{plain(message.speaker.name, 60)}:** {plain(gist(_words(message), LINE_LETTERS), 2 * LINE_LETTERS)}"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    said = "\n".join(reversed(lines)) or "Nothing was said yet."
    return f"### {plain(page.title, 100)}\n{said}\n-# The file holds every word of this page."


def _as_file(page: HistoryPage) -> bytes:
    said = (f"**{message.speaker.name}**\n\n{_words(message)}" for message in reversed(page.messages))
    return (f"# {page.title}\n\n" + "\n\n---\n\n".join(said) + "\n").encode()


def _words(message: Message) -> str:
    if message.text is None or message.status == "removed":
        return REMOVED
    return message.text or "(nothing was written)"
