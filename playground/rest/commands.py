"""Application commands and the callbacks of interactions."""

from __future__ import annotations

from typing import Any

from playground import checks, interactions
from playground.application import GUILD_INSTALL, USER_INSTALL
from playground.refusals import Refused
from playground.rest.routing import Call, route

JsonObject = dict[str, Any]
_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _guild_id(call: Call) -> str | None:
    if call.id("application_id") != call.world.application_id:
        raise Refused(20012)
    if "guild_id" not in call.params:
        return None
    guild = call.world.guild(call.id("guild_id"))
    if not guild.has_bot:
        raise Refused(50001)
    return str(guild.id)


@route("GET", _GLOBAL)
@route("GET", _GUILD)
async def registered(call: Call) -> list[JsonObject]:
    """Answers with the registered commands."""
    guild_id = _guild_id(call)
    return [one for one in call.world.commands if one.get("guild_id") == guild_id]


@route("GET", _GLOBAL + "/{command_id}")
@route("GET", _GUILD + "/{command_id}")
async def one_command(call: Call) -> JsonObject:
    """Answers with one registered command."""
    guild_id = _guild_id(call)
    for one in call.world.commands:
        if one["id"] == call.params["command_id"] and one.get("guild_id") == guild_id:
            return one
    raise Refused(10063)


@route("PUT", _GLOBAL)
@route("PUT", _GUILD)
async def overwrite(call: Call) -> list[JsonObject]:
    """Replaces all commands; those of the same name and type keep their ids."""
    guild_id = _guild_id(call)
    wanted: list[JsonObject] = call.body or []
    checks.commands(wanted)
    world = call.world
    old = {(one["type"], one["name"]): one["id"] for one in world.commands if one.get("guild_id") == guild_id}
    new: list[JsonObject] = []
    for command in wanted:
        key = (command.get("type") or 1, command["name"])
        shown = _registered(call, command) | {"id": old.get(key) or str(world.new_id())}
        if guild_id is not None:
            # Installation types and contexts are for global commands: a server's own is used in that server.
            shown |= {"guild_id": guild_id, "integration_types": [GUILD_INSTALL], "contexts": None}
        new.append(shown)
    world.commands = [one for one in world.commands if one.get("guild_id") != guild_id] + new
    world.commands_seen = True
    world.emit("COMMANDS", {"commands": world.commands}, only=0)
    return new


def _registered(call: Call, command: JsonObject) -> JsonObject:
    """Returns a command as Discord shows it once it is registered."""
    wanted = command.get("default_member_permissions")
    shown: JsonObject = {
        "application_id": str(call.world.application_id),
        "version": str(call.world.new_id()),
        "type": command.get("type") or 1,
        "name": command["name"],
        "name_localizations": command.get("name_localizations"),
        "description": command.get("description") or "",
        "description_localizations": command.get("description_localizations"),
        "default_member_permissions": None if wanted is None else str(wanted),
        "dm_permission": command.get("dm_permission") is not False,
        "contexts": command.get("contexts"),
        "integration_types": command.get("integration_types") or [GUILD_INSTALL, USER_INSTALL],
        "nsfw": bool(command.get("nsfw")),
    }
    if command.get("options"):
        shown["options"] = [_option(option) for option in command["options"]]
    return shown


def _option(option: JsonObject) -> JsonObject:
    shown = {key: value for key, value in option.items() if value is not None}
    if shown.get("options"):
        shown["options"] = [_option(inner) for inner in shown["options"]]
    return shown


@route(
    "POST",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    authorized=False,
    exempt=True,
)
async def callback(call: Call) -> JsonObject | None:
    """Takes the application's first answer to an interaction."""
    interaction = call.play.interactions.to_answer(call.id("interaction_id"), call.params["interaction_token"])
    interactions.answer(interaction, call.body, call.uploads)
    return call.play.callback_json(interaction) if call.flag("with_response") else None
