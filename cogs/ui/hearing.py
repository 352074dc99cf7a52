"""What of a message on Discord belongs to a story."""

import re

import discord

from bot.chat.chats import Saying
from bot.client import CharacterBot
from cogs.ui.callers import place_of_message

OUT_OF_STORY = ("//", "((")
NOT_READ = "-# I read words only: pictures, files and stickers stay out of the story."
_PLAIN = (discord.MessageType.default, discord.MessageType.reply)


def hear(bot: CharacterBot, message: discord.Message) -> Saying | None:
    """What somebody said, or None: bots, webhooks, notices and what is out of the story are nobody's business.

    In a channel that is no thread only a mention counts, and so it does everywhere without the Message
    Content intent: Discord then sends no other words.
    """
    if message.author.bot or message.webhook_id or message.type not in _PLAIN or bot.user is None:
        return None
    mention = re.compile(rf"<@!?{bot.user.id}>")
    mentioned = bool(mention.search(message.content))
    in_thread = isinstance(message.channel, discord.Thread)
    if message.guild is not None and not in_thread and not mentioned:
        return None
    words = mention.sub("", message.content).strip()
    if words.startswith(OUT_OF_STORY) or not (words or mentioned):
        return None
    return Saying(place_of_message(message), message.id, message.id, words, to_us=mentioned)
