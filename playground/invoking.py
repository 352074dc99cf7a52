"""Using a command as Discord's client does: finding it, checking its options, building the payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground import application, wire
from playground.channels import DM, Channel
from playground.choosing import require_channel_type
from playground.files import keep_attachment
from playground.messages import Message
from playground.permissions import in_channel, may
from playground.posting import event_json
from playground.refusals import Refused
from playground.world import User, World

if TYPE_CHECKING:
    from playground.people import Person

JsonObject = dict[str, Any]
CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)


def usable(channel: Channel, user_id: int) -> list[JsonObject]:
    """Returns the commands that Discord's client offers that user there."""
    return [one for one in channel.world.commands if not _hindrance(one, channel, user_id)]


def _misplaced(command: JsonObject, channel: Channel) -> str:
    """Returns why a command is not for that kind of place, or nothing."""
    place, contexts = application.context(channel), command.get("contexts")
    if place != application.IN_GUILD:
        fits = place in contexts if contexts is not None else command.get("dm_permission", True)
        if command.get("guild_id") or not fits:
            return "it is not for direct messages"
    elif contexts is not None and place not in contexts:
        return "it is not for servers"
    elif command.get("guild_id") not in (None, str(channel.guild_id)):
        return "it belongs to another server"
    return ""


def _hindrance(command: JsonObject, channel: Channel, user_id: int) -> str:
    """Returns why a command is not offered, or nothing."""
    misplaced = _misplaced(command, channel)
    if misplaced:
        return misplaced
    if not application.owners(command, channel, user_id):
        return "the app is not installed here for it"
    if command.get("nsfw") and channel.type != DM and not channel.age_restricted:
        return "it is for age-restricted channels"
    wanted = command.get("default_member_permissions")
    if wanted is not None and channel.guild_id is not None:
        allowed = in_channel(channel, user_id)
        needed = int(wanted)
        admin = bool(allowed & 1 << 3)
        if not admin and (needed == 0 or allowed & needed != needed):
            return "it needs permissions that you do not have"
    return ""


def find(channel: Channel, user_id: int, path: str, kind: int = CHAT_INPUT) -> tuple[JsonObject, list[JsonObject]]:
    """Returns the command of a path such as `character pick` and the options on the way to its leaf.

    ValueError names the commands that there are; what is hidden from the user is Refused.
    """
    if not may(channel, user_id, "view_channel") or not may(channel, user_id, "use_application_commands"):
        raise Refused(50013, "Commands may not be used here.")
    world = channel.world
    name, *rest = path.removeprefix("/").split() if kind == CHAT_INPUT else [path]
    candidates = [one for one in world.commands if one["name"] == name and one["type"] == kind]
    offered = [one for one in candidates if not _hindrance(one, channel, user_id)]
    if candidates and not offered:
        raise Refused(50013, f"/{path}: {_hindrance(candidates[0], channel, user_id)}.")
    command = next((one for one in offered if one.get("guild_id")), offered[0] if offered else None)
    if command is None:
        raise ValueError(f"There is no command {path!r}. There are: {', '.join(_paths(world, kind))}")
    way: list[JsonObject] = []
    options = command.get("options") or []
    for step in rest:
        found = next((one for one in options if one["name"] == step and one["type"] in (SUBCOMMAND, GROUP)), None)
        if found is None:
            raise ValueError(f"There is no command {path!r}. There are: {', '.join(_paths(world, kind))}")
        way.append(found)
        options = found.get("options") or []
    if any(one["type"] in (SUBCOMMAND, GROUP) for one in options):
        raise ValueError(f"{path!r} has subcommands: {', '.join(one['name'] for one in options)}")
    return command, way


def _paths(world: World, kind: int) -> list[str]:
    found: list[str] = []

    def walk(named: JsonObject, before: str) -> None:
        here = f"{before} {named['name']}".strip()
        inner = [one for one in named.get("options") or [] if one["type"] in (SUBCOMMAND, GROUP)]
        if not inner:
            found.append(here)
        for one in inner:
            walk(one, here)

    for command in world.commands:
        if command["type"] == kind:
            walk(command, "")
    return sorted(found)


class Resolved:
    """Collects the people, channels, roles and files that values name."""

    def __init__(self, channel: Channel, user_id: int) -> None:
        self._channel = channel
        self._user_id = user_id
        self.parts: dict[str, JsonObject] = {}

    def add(self, kind: int, value: object) -> str:
        """Adds what an option or select of that kind was given and returns its id."""
        if kind in (USER, MENTIONABLE) and not _is_role(self._channel, value):
            return self.user(value)
        if kind in (ROLE, MENTIONABLE):
            return self._role(value)
        if kind == CHANNEL:
            return self._place(value)
        return self.file(value)

    def user(self, value: object) -> str:
        """Adds a person, user or id of one."""
        user = self._channel.world.user(_id_of(value))
        self._put("users", user.id, wire.user_json(user))
        guild = self._channel.guild
        if guild is not None and user.id in guild.members:
            member = wire.member_json(guild, guild.members[user.id], with_user=False)
            self._put("members", user.id, member | {"permissions": str(in_channel(self._channel, user.id))})
        return str(user.id)

    def _role(self, value: object) -> str:
        guild = self._channel.guild
        role = guild.roles.get(_id_of(value)) if guild is not None else None
        if role is None:
            raise ValueError(f"There is no role {value!r} here.")
        return self._put("roles", role.id, wire.role_json(role))

    def _place(self, value: object) -> str:
        place = self._channel.world.channel(_id_of(value))
        here = place.guild_id is not None and place.guild_id == self._channel.guild_id
        if not here or not may(place, self._user_id, "view_channel"):
            raise ValueError(f"There is no channel {value!r} here.")
        shown = wire.channel_json(place) | {"permissions": str(in_channel(place, self._user_id))}
        return self._put("channels", place.id, shown)

    def file(self, value: object) -> str:
        """Adds a (filename, bytes) pair, with or without a content type."""
        if not isinstance(value, tuple) or len(value) not in (2, 3) or not isinstance(value[1], bytes):
            raise ValueError(f"A file is given as (filename, bytes), not {value!r:.60}")
        kind = value[2] if len(value) == 3 else None
        attachment = keep_attachment(
            self._channel.world, self._channel.id, str(value[0]), value[1], content_type=kind, ephemeral=True
        )
        return self._put("attachments", attachment.id, wire.attachment_json(attachment))

    def message(self, message: Message) -> str:
        """Adds the message that a menu was opened on."""
        shown = event_json(message, message.world.bot_id)
        shown.pop("member", None)
        return self._put("messages", message.id, shown)

    def _put(self, kind: str, found: int, shown: JsonObject) -> str:
        self.parts.setdefault(kind, {})[str(found)] = shown
        return str(found)


def _id_of(value: object) -> int:
    if isinstance(value, int | str):
        return int(value)
    found = getattr(value, "id", None)
    if not isinstance(found, int):
        raise ValueError(f"{value!r} is neither an id nor something with one.")
    return found


def _is_role(channel: Channel, value: object) -> bool:
    try:
        return channel.guild is not None and _id_of(value) in channel.guild.roles
    except ValueError:
        return False


def options_json(
    leaf: list[JsonObject], given: dict[str, Any], resolved: Resolved, *, focused: str | None = None
) -> list[JsonObject]:
    """Returns the options of a payload; ValueError says what Discord's client would not let pass."""
    known = {option["name"]: option for option in leaf}
    for name in given:
        if name not in known:
            raise ValueError(f"There is no option {name!r}. There are: {', '.join(known) or 'none'}")
    shown: list[JsonObject] = []
    for name, option in known.items():
        if given.get(name) is None:
            if option.get("required") and focused is None:
                raise ValueError(f"The option {name!r} is required.")
            continue
        if name == focused:
            typed = str(given[name])
            shown.append({"name": name, "type": option["type"], "value": typed, "focused": True})
        else:
            value = _value(option, given[name], resolved)
            shown.append({"name": name, "type": option["type"], "value": value})
    return shown


def _value(option: JsonObject, value: Any, resolved: Resolved) -> object:
    kind, name = option["type"], option["name"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT):
        found = resolved.add(kind, value)
        if kind == CHANNEL:
            require_channel_type(option, found, resolved)
        return found
    if option.get("choices"):
        return _choice(option, value)
    if kind == BOOLEAN and isinstance(value, bool):
        return value
    if kind == INTEGER and isinstance(value, int) and not isinstance(value, bool):
        return _within(option, value)
    if kind == NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
        return _within(option, value)
    if kind == STRING and isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or 6000
        if not low <= len(value) <= high:
            raise ValueError(f"The option {name!r} takes {low} to {high} characters.")
        return value
    raise ValueError(f"The option {name!r} does not take {value!r:.60}")


def _within(option: JsonObject, value: float) -> float:
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"The option {option['name']!r} takes {low} to {high}.")
    return value


def _choice(option: JsonObject, value: object) -> object:
    for choice in option["choices"]:
        if value == choice["value"] and type(value) is type(choice["value"]):
            return value
    for choice in option["choices"]:
        if value == choice["name"]:
            return choice["value"]
    names = ", ".join(choice["name"] for choice in option["choices"])
    raise ValueError(f"The option {option['name']!r} has no choice {value!r}. There are: {names}")


def command_json(
    command: JsonObject, way: list[JsonObject], options: list[JsonObject], resolved: Resolved
) -> JsonObject:
    """Returns the data of a slash command's interaction."""
    for step in reversed(way):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    data: JsonObject = {"id": command["id"], "name": command["name"], "type": CHAT_INPUT, "options": options}
    if resolved.parts:
        data["resolved"] = resolved.parts
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    return data


def menu_json(command: JsonObject, target: Message | User | Person, resolved: Resolved) -> JsonObject:
    """Returns the data of a context menu command's interaction."""
    target_id = resolved.message(target) if isinstance(target, Message) else resolved.user(target)
    return {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        "target_id": target_id,
        "resolved": resolved.parts,
    }
