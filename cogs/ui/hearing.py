"""What of a message on Discord belongs to a story."""

import contextlib
import re
from collections.abc import Iterable

import discord

from bot.chat.branching import Branches
from bot.chat.chats import Chats, Saying
from bot.chat.stage import Attached
from bot.client import CharacterBot
from cogs.ui.callers import author_of, place_of_message

OUT_OF_STORY = ("//", "((")
NOT_READ = "-# I read words only: pictures, files and stickers stay out of the story."
NOBODY = discord.AllowedMentions.none()
_PLAIN = (discord.MessageType.default, discord.MessageType.reply)


def hear(bot: CharacterBot, message: discord.Message) -> Saying | None:
    """What somebody said, or None: bots, webhooks, notices and what is out of the story are nobody's business.

    In threads that others opened, and in channels, only a mention counts. So it does everywhere without the
    Message Content intent: Discord then sends no other words. The text is empty where there were only files.
    """
    if message.author.bot or message.webhook_id or message.type not in _PLAIN or bot.user is None:
        return None
    mention = re.compile(rf"<@!?{bot.user.id}>")
    mentioned = bool(mention.search(message.content))
    if not mentioned and not _is_ours(message, bot.user.id):
        return None
    words = mention.sub("", message.content).strip()
    if words.startswith(OUT_OF_STORY) or not (words or mentioned or has_more(message)):
        return None
    replied = message.reference.message_id if message.reference is not None else None
    place, files = place_of_message(message), _files(bot, message)
    return Saying(place, message.id, message.id, words, to_us=mentioned, replies_to=replied, files=files)


def _files(bot: CharacterBot, message: discord.Message) -> tuple[Attached, ...] | None:
    """What goes along where a message is posted anew; None where it cannot be: stickers are their sender's alone."""
    if message.stickers or message.poll is not None or not bot.intents.message_content:
        return None
    return tuple(Attached(each.filename, each.url, each.size) for each in message.attachments)


def has_more(message: discord.Message) -> bool:
    """Whether there is something beside the words that is not read."""
    return bool(message.attachments or message.stickers)


async def take_in(bot: CharacterBot, chats: Chats, message: discord.Message) -> None:
    """Takes a message into the story of its place, and says so where part of it stays out."""
    saying = hear(bot, message)
    if saying is None:
        return
    if saying.text or not has_more(message):
        is_heard = await chats.say(author_of(message), saying)
    else:
        is_heard = await chats.owner_of(saying.place) is not None
    if is_heard and has_more(message):
        with contextlib.suppress(discord.HTTPException):
            # The message itself may be gone: it is shown under another name by now.
            reference = message.to_reference(fail_if_not_exists=False)
            await message.channel.send(NOT_READ, reference=reference, mention_author=False, allowed_mentions=NOBODY)


async def take_in_edit(bot: CharacterBot, branches: Branches, message: discord.Message) -> None:
    """Takes over what somebody changed in a message of theirs."""
    saying = hear(bot, message)
    if saying is not None:
        await branches.edited_on_discord(author_of(message), saying.place, message.id, saying.text)


async def take_in_deletion(bot: CharacterBot, branches: Branches, channel_id: int, post_ids: Iterable[int]) -> None:
    """Takes out of the story what was deleted on Discord, in places where a chat may be played."""
    channel = bot.get_channel(channel_id)
    in_thread = isinstance(channel, discord.Thread) and bot.user is not None and channel.owner_id == bot.user.id
    if in_thread or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        for post_id in post_ids:
            await branches.deleted_on_discord(channel_id, post_id)


def _is_ours(message: discord.Message, bot_id: int) -> bool:
    """Whether a chat may be played where this was written: direct messages, and threads that we opened."""
    if message.guild is None:
        return True
    return isinstance(message.channel, discord.Thread) and message.channel.owner_id == bot_id
