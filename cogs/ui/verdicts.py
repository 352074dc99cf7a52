"""The sentences that follow a decision about a character or a person."""

import discord

from cogs.ui.text import plain, units
from storage.bans import Ban
from storage.characters import Character

NO_BANS = "Nobody is banned here. `/server ban` keeps a person from using me in this server."
BANS_ROOM, NAME_ROOM, REASON_ROOM = 1900, 64, 120


def feature_words(character: Character) -> str:
    """What an admin reads who has featured a character, or no longer does."""
    name = plain(character.name, 160)
    if character.is_featured:
        return f"{name} is featured: it stands at the front of this server's picker."
    return f"{name} is back in line with the others."


def block_words(character: Character) -> str:
    """What an admin reads who has blocked a character, or let it back in."""
    name = plain(character.name, 160)
    if character.is_blocked:
        return f"{name} is blocked here: nobody finds it, and chats with it say so at their next reply."
    return f"{name} is no longer blocked here; the server's policy decides whether it is shown."


def banned_words(username: str, *, added: bool) -> str:
    """What an admin reads who has banned somebody."""
    name = plain(username, NAME_ROOM)
    if not added:
        return f"{name} was banned here before. `/server bans` shows who is."
    return f"{name} is banned: I answer none of their commands here, and their words in chats are passed over."


def lifted_words(username: str, *, lifted: bool) -> str:
    """What an admin reads who has let somebody back in."""
    return f"{plain(username, NAME_ROOM)} {'may use me here again' if lifted else 'is not banned here'}."


def list_of_bans(banned: list[Ban]) -> str:
    """Who is banned, as far as a message can hold it."""
    if not banned:
        return NO_BANS
    shown = "### Who may not use me here"
    for ban in banned:
        reason = f": {plain(' '.join(ban.reason.split()), REASON_ROOM)}" if ban.reason else ""
        line = f"\n- **{plain(ban.username, NAME_ROOM)}** (`{ban.user_id}`){reason}"
        if units(shown) + units(line) > BANS_ROOM:
            return f"{shown}\n- …"
        shown += line
    return shown


def manages(person: discord.abc.User) -> bool:
    """Whether a person holds Manage Server in the server where they are a member."""
    return isinstance(person, discord.Member) and person.guild_permissions.manage_guild
