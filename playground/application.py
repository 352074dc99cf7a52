"""The application: where it is installed, who authorised it there, and what it may do in that place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground import wire
from playground.permissions import BOT, bits, in_channel, may

if TYPE_CHECKING:
    from playground.channels import Channel
    from playground.server import Playground
    from playground.world import World

JsonObject = dict[str, Any]
GUILD_INSTALL, USER_INSTALL = 0, 1
IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
MOST_FOLLOW_UPS = 5
# What an answer may always hold, and what it may hold among two people or with the bot, where there are no roles.
_ALWAYS = bits("attach_files", "embed_links")
_IN_PRIVATE = _ALWAYS | bits("mention_everyone")
_IN_BOT_DM = _IN_PRIVATE | bits("use_external_emojis")


def application_json(play: Playground) -> JsonObject:
    """Returns the application object; it can be installed to servers and to people."""
    world = play.world
    owner = next((user for user in world.users.values() if not user.bot), world.bot)
    for_servers = {"scopes": ["applications.commands", "bot"], "permissions": str(BOT)}
    for_people = {"scopes": ["applications.commands"], "permissions": "0"}
    return {
        "id": str(world.application_id),
        "name": world.bot.display_name,
        "icon": world.bot.avatar,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": play.application_flags,
        "owner": wire.user_json(owner),
        "team": None,
        "bot": wire.user_json(world.bot),
        "approximate_guild_count": sum(world.bot_id in guild.members for guild in world.guilds.values()),
        "approximate_user_install_count": sum(user.installed for user in world.users.values()),
        "install_params": for_servers,
        "integration_types_config": {
            str(GUILD_INSTALL): {"oauth2_install_params": for_servers},
            str(USER_INSTALL): {"oauth2_install_params": for_people},
        },
        "redirect_uris": [],
        "tags": [],
        "rpc_origins": [],
        "hook": True,
        "summary": "",
        "type": None,
    }


def context(channel: Channel) -> int:
    """Returns which kind of place a channel is to the application: a server, its own DM, or a private channel."""
    if channel.guild_id is not None:
        return IN_GUILD
    return IN_BOT_DM if channel.world.bot_id in channel.recipients else IN_PRIVATE_CHANNEL


def is_at_home(channel: Channel) -> bool:
    """Returns whether the bot itself is in a channel's server, or one of the two in a direct channel."""
    guild = channel.guild
    return channel.world.bot_id in (guild.members if guild is not None else channel.recipients)


def shares_server(world: World, user_id: int) -> bool:
    """Returns whether a user is in a server that the bot is in."""
    return any(user_id in guild.members and world.bot_id in guild.members for guild in world.guilds.values())


def takes_messages(world: World, user_id: int) -> bool:
    """Returns whether the bot may write to a user: it shares a server with them, or they installed it."""
    user = world.users[user_id]
    return not user.refuses_dms and (user.installed or shares_server(world, user_id))


def owners(command: JsonObject, channel: Channel, user_id: int) -> dict[str, str]:
    """Returns who authorised a command there, by installation type; nobody where it is not installed.

    The keys and values are those of `authorizing_integration_owners` in Discord's documentation.
    """
    world = channel.world
    types = [GUILD_INSTALL] if command.get("guild_id") else command["integration_types"]
    found: dict[str, str] = {}
    if GUILD_INSTALL in types:
        place = context(channel)
        if place == IN_GUILD and is_at_home(channel):
            found[str(GUILD_INSTALL)] = str(channel.guild_id)
        elif place == IN_BOT_DM and shares_server(world, user_id):
            found[str(GUILD_INSTALL)] = "0"
    if USER_INSTALL in types and world.users[user_id].installed:
        found[str(USER_INSTALL)] = str(user_id)
    return found


def permissions_there(channel: Channel, user_id: int) -> int:
    """Returns what an answer to that user may do there, as `app_permissions` of an interaction tells it.

    Where the bot is not in the server these are the user's own and always files and embeds
    (discord/discord-api-docs, threads 7251 and 5316).
    """
    place = context(channel)
    if place != IN_GUILD:
        return _IN_BOT_DM if place == IN_BOT_DM else _IN_PRIVATE
    if is_at_home(channel):
        return in_channel(channel, channel.world.bot_id)
    return in_channel(channel, user_id) | _ALWAYS


def must_whisper(channel: Channel, user_id: int) -> bool:
    """Returns whether answers are made ephemeral: an app from elsewhere needs `use_external_apps` to be heard."""
    if context(channel) != IN_GUILD or is_at_home(channel):
        return False
    return not may(channel, user_id, "use_external_apps")
