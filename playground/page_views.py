"""What the page is shown: Discord's JSON with addresses of pictures and what the person may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground import wire
from playground.channels import CATEGORY, FORUM, Channel
from playground.permissions import in_channel, may
from playground.posting import event_json

if TYPE_CHECKING:
    from playground.guilds import Guild
    from playground.messages import Message
    from playground.people import Person
    from playground.server import Playground
    from playground.world import User

JsonObject = dict[str, Any]


def user_json(user: User, cdn_url: str) -> JsonObject:
    """Returns a user with the address of the picture, or None for no picture."""
    address = f"{cdn_url}/avatars/{user.id}/{user.avatar}.png" if user.avatar else None
    return wire.user_json(user) | {"avatar_url": address}


def message_json(message: Message, person: Person) -> JsonObject:
    """Returns a message as that person sees it."""
    shown = event_json(message, person.id)
    _picture(shown, message)
    replied = message.reply_to
    if shown.get("referenced_message") and replied is not None:
        _picture(shown["referenced_message"], replied)
    return shown


def _picture(shown: JsonObject, message: Message) -> None:
    shown["author"]["avatar_url"] = message.author_avatar_url


def channel_json(channel: Channel, person: Person) -> JsonObject:
    """Returns a channel or thread with whether the person may write there."""
    sending = "send_messages_in_threads" if channel.is_thread else "send_messages"
    can_send = channel.type not in (FORUM, CATEGORY) and may(channel, person.id, sending)
    if channel.locked and not may(channel, person.id, "manage_threads"):
        can_send = False
    shown = wire.channel_json(channel, person.id)
    shown |= {"can_send": can_send, "archived": channel.archived, "locked": channel.locked}
    shown |= {"nsfw": channel.age_restricted, "permissions": str(in_channel(channel, person.id))}
    if channel.guild_id is None:
        users = [channel.world.users[user_id] for user_id in channel.recipients if user_id != person.id]
        shown["recipients"] = [user_json(user, channel.world.cdn_url) for user in users]
        shown["name"] = users[0].display_name if users else ""
    return shown


def guild_json(guild: Guild, person: Person) -> JsonObject:
    """Returns a server with the channels, threads and members that the person sees."""
    users = guild.world.users
    cdn = guild.world.cdn_url
    return {
        "id": str(guild.id),
        "name": guild.name,
        "has_bot": guild.has_bot,
        "roles": [wire.role_json(one) for one in guild.roles.values() if one.bot_id is None],
        "channels": [channel_json(one, person) for one in guild.channels if may(one, person.id, "view_channel")],
        "threads": [channel_json(one, person) for one in guild.threads if may(one, person.id, "view_channel")],
        "members": [user_json(users[one], cdn) for one in guild.members if one != guild.owner_id],
    }


def hello(play: Playground, person: Person) -> JsonObject:
    """Returns all that a page begins with."""
    world = play.world
    dms = [one for one in world.channels.values() if person.id in one.recipients]
    return {
        "title": play.title,
        "me": person.to_json(),
        "people": [one.to_json() for one in play.people.values()],
        "bot": user_json(world.bot, world.cdn_url) | {"online": play.gateway.online},
        "notes": play.notes,
        "guilds": [guild_json(one, person) for one in world.guilds.values() if person.id in one.members],
        "dms": [channel_json(one, person) for one in dms],
        "commands": world.commands,
    }
