"""What the page's person does: each action is one thing that a chat client can do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playground import invoking, page_views
from playground.answers import DidNotAnswer
from playground.channels import Channel
from playground.messages import Message
from playground.permissions import may
from playground.posting import Upload
from playground.refusals import Refused

if TYPE_CHECKING:
    from playground.people import Person
    from playground.server import Playground

JsonObject = dict[str, Any]
MOST_AT_ONCE = 100


async def do(play: Playground, person: Person, asked: JsonObject) -> Any:
    """Does what a frame asks for and returns its result; an unknown action is a ValueError."""
    action = _ACTIONS.get(str(asked.get("do")))
    if action is None:
        raise ValueError(f"The playground knows no action {asked.get('do')!r}.")
    return await action(play, person, asked)


def _channel(play: Playground, person: Person, asked: JsonObject) -> Channel:
    channel = play.world.channel(int(asked["channel_id"]))
    if not may(channel, person.id, "view_channel"):
        raise Refused(10003)
    return channel


def _message(play: Playground, person: Person, asked: JsonObject) -> Message:
    message = play.world.message(_channel(play, person, asked).id, int(asked["message_id"]))
    if not person.can_see(message):
        raise Refused(10008)
    return message


def _bytes(file: JsonObject) -> bytes:
    try:
        return base64.b64decode(file["base64"], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"The file {file.get('filename')!r} did not arrive whole.") from None


def _file(value: object) -> object:
    """Returns a file object of the page as the pair that people's options take; other values pass."""
    if isinstance(value, dict) and "base64" in value:
        return value["filename"], _bytes(value), value.get("content_type")
    return value


async def _hello(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    return page_views.hello(play, person)


async def _history(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    channel = _channel(play, person, asked)
    limit = min(int(asked.get("limit") or 50), MOST_AT_ONCE)
    found = sorted(person.messages(channel), key=lambda message: message.id)
    if asked.get("before"):
        found = [one for one in found if one.id < int(asked["before"])]
    shown = [page_views.message_json(one, person) for one in found[-limit:]]
    return {"messages": shown, "more": len(found) > limit}


async def _say(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    channel = _channel(play, person, asked)
    files = asked.get("files") or []
    uploads = [
        Upload(index, file["filename"], _bytes(file), file.get("content_type")) for index, file in enumerate(files)
    ]
    reply_to = play.world.message(channel.id, int(asked["reply_to"])) if asked.get("reply_to") else None
    message = person.write(channel, asked.get("content") or "", reply_to, uploads)
    return {"message_id": str(message.id)}


async def _edit(play: Playground, person: Person, asked: JsonObject) -> None:
    await person.edit(_message(play, person, asked), asked["content"])


async def _delete(play: Playground, person: Person, asked: JsonObject) -> None:
    await person.delete(_message(play, person, asked))


async def _react(play: Playground, person: Person, asked: JsonObject) -> None:
    await person.react(_message(play, person, asked), asked["emoji"])


async def _unreact(play: Playground, person: Person, asked: JsonObject) -> None:
    await person.unreact(_message(play, person, asked), asked["emoji"])


async def _typing(play: Playground, person: Person, asked: JsonObject) -> None:
    play.typing(_channel(play, person, asked), person.id)


async def _slash(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    channel = _channel(play, person, asked)
    options = _options(channel, person, asked)
    return {"interaction_id": str(person.use(channel, asked["command"], options).id)}


def _options(channel: Channel, person: Person, asked: JsonObject) -> JsonObject:
    """Returns the options of a frame with their types put right: a page may send numbers as text."""
    command, way = invoking.find(channel, person.id, asked["command"])
    leaf = (way[-1] if way else command).get("options") or []
    kinds = {option["name"]: option["type"] for option in leaf}
    given = asked.get("options") or {}
    return {name: _typed(kinds.get(name, 0), _file(value)) for name, value in given.items()}


def _typed(kind: int, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if kind == invoking.INTEGER and value.lstrip("-").isdigit():
        return int(value)
    if kind == invoking.NUMBER:
        return float(value)
    if kind == invoking.BOOLEAN and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


async def _autocomplete(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    channel = _channel(play, person, asked)
    focused = asked["focused"]
    given = asked.get("options") or {}
    typed = str(given.get(focused) or "")
    others = _options(channel, person, asked | {"options": {key: one for key, one in given.items() if key != focused}})
    try:
        found = await person.autocomplete(asked["command"], focused, typed, in_=channel, **others)
    except DidNotAnswer:
        raise ValueError("Loading options failed") from None
    return {"choices": [{"name": name, "value": value} for name, value in found]}


async def _click(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    return {"interaction_id": str(person.press(_message(play, person, asked), asked["custom_id"]).id)}


async def _select(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    message = _message(play, person, asked)
    return {"interaction_id": str(person.pick(message, asked["custom_id"], asked["values"]).id)}


async def _submit(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    opened = play.interactions.modal(int(asked["modal_id"]))
    if opened is None:
        raise ValueError("That form is not open any more.")
    given = {
        name: [_file(one) for one in value] if isinstance(value, list) else _file(value)
        for name, value in (asked.get("fields") or {}).items()
    }
    return {"interaction_id": str(person.submit(opened, given).id)}


async def _menu(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    message = _message(play, person, asked)
    return {"interaction_id": str(person.use_on(message.channel, message, asked["command"]).id)}


async def _user_menu(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    user = play.world.user(int(asked["user_id"]))
    return {"interaction_id": str(person.use_on(_channel(play, person, asked), user, asked["command"]).id)}


async def _open_dm(play: Playground, person: Person, asked: JsonObject) -> JsonObject:
    other = play.world.user(int(asked.get("user_id") or play.bot_user_id))
    if other.id == person.id:
        raise Refused(50033)
    return page_views.channel_json(play.world.dm_between(person.id, other.id), person)


async def _install(play: Playground, person: Person, asked: JsonObject) -> None:
    (person.install if asked["installed"] else person.uninstall)()


_ACTIONS: dict[str, Callable[[Playground, Person, JsonObject], Awaitable[Any]]] = {
    "hello": _hello,
    "history": _history,
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "unreact": _unreact,
    "typing": _typing,
    "slash": _slash,
    "autocomplete": _autocomplete,
    "click": _click,
    "select": _select,
    "submit": _submit,
    "menu": _menu,
    "user_menu": _user_menu,
    "open_dm": _open_dm,
    "install": _install,
}
