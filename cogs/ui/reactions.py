"""Reactions to what is shown under another name: ❓ asks who wrote it, ❌ takes it away."""

import contextlib

import discord

from bot.caller import Caller
from bot.chat.looks import Worn
from bot.client import CharacterBot
from bot.errors import UserError
from cogs.ui.stage import write_to
from cogs.ui.text import plain

WHO, AWAY = "❓", "❌"
TOLD = "{link}\n{name} is <@{author}> ({username})."
NAME_ROOM = 160


async def take_in_reaction(bot: CharacterBot, reaction: discord.RawReactionActionEvent) -> None:
    """Answers one of the two where it stands under somebody's words; everything else is nobody's business."""
    sign, member = reaction.emoji.name, reaction.member
    if sign not in (WHO, AWAY) or member is None or member.bot:
        return
    worn = await bot.services.looks.find(reaction.message_id)
    if worn is None:
        return
    with contextlib.suppress(UserError):  # who is banned asks in vain
        await bot.services.bans.admit(user_id=member.id, username=member.name, guild_id=reaction.guild_id)
        done = await _tell(bot, worn, member) if sign == WHO else await _take_off(bot, worn, member)
        if sign == WHO and done:
            await _clear(bot, reaction)


async def _tell(bot: CharacterBot, worn: Worn, asker: discord.Member) -> bool:
    name, username = plain(worn.name, NAME_ROOM), plain(worn.username, NAME_ROOM)
    words = TOLD.format(link=worn.link, name=name, author=worn.author_id, username=username)
    return await write_to(bot, asker.id, words)


async def _take_off(bot: CharacterBot, worn: Worn, member: discord.Member) -> bool:
    channel = bot.get_channel(worn.place.channel_id)
    moderates = isinstance(channel, discord.abc.GuildChannel) and _moderates(channel.permissions_for(member))
    caller = Caller(member.id, member.name, member.display_name, guild_id=worn.place.guild_id, may_moderate=moderates)
    return await bot.services.looks.take_off(caller, worn)


def _moderates(may: discord.Permissions) -> bool:
    return may.manage_messages or may.manage_threads


async def _clear(bot: CharacterBot, reaction: discord.RawReactionActionEvent) -> None:
    """Takes a reaction back: it was a question, and is answered."""
    message = bot.get_partial_messageable(reaction.channel_id).get_partial_message(reaction.message_id)
    with contextlib.suppress(discord.HTTPException):
        await message.remove_reaction(reaction.emoji, discord.Object(reaction.user_id))
