"""The page for people: its files, and the socket over which it sees and does everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from playground import cdn, page_actions, page_views
from playground.messages import Message
from playground.permissions import may
from playground.refusals import Refused
from playground.world import Event

if TYPE_CHECKING:
    from playground.people import Person
    from playground.server import Playground

JsonObject = dict[str, Any]
_WEB = Path(__file__).with_name("web")
# The names by which a browser on this machine may call the server; any other is a rebound domain.
_OWN_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*; media-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_FOR_EVERYONE = frozenset(("BOT", "COMMANDS"))
_WHOLE_CHANNELS = frozenset(("CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE"))
_SERVER_CHANGES = ("GUILD_MEMBER_", "GUILD_ROLE_")
_IN_CHANNELS = (
    "MESSAGE_", "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE",
    "THREAD_DELETE", "TYPING_START", "MODAL", "INTERACTION_FAILED", "INSTALLED",
)  # fmt: skip


@web.middleware
async def own_host_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses requests that a foreign domain, pointed at this machine, sends through a browser."""
    if urlsplit(f"//{request.host}").hostname not in _OWN_NAMES:
        raise web.HTTPForbidden(text="The playground answers on loopback names only.")
    return await handler(request)


class View:
    """One open page: who looks, and what waits to be sent to it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.waiting: asyncio.Queue[JsonObject] = asyncio.Queue()

    def hear(self, event: Event) -> None:
        """Queues what this person may hear of an event."""
        for name, data in self._shown(event):
            self.waiting.put_nowait({"event": name, "data": data})

    def _shown(self, event: Event) -> list[tuple[str, Any]]:
        if event.name in _FOR_EVERYONE:
            return [(event.name, event.data["commands"] if event.name == "COMMANDS" else event.data)]
        if event.name.startswith(_SERVER_CHANGES):
            return self._server(event)
        if not self._may_hear(event):
            return []
        if isinstance(event.subject, Message) and "author" in event.data:
            return [*self._opened(event), self._message(event, event.subject)]
        if event.channel is not None and event.name in _WHOLE_CHANNELS:
            return [(event.name, page_views.channel_json(event.channel, self.person))]
        return [(event.name, event.data)]

    def _server(self, event: Event) -> list[tuple[str, Any]]:
        """Returns a whole server once its members or roles change, for with them what is seen there changes."""
        guild = self.person.play.world.guilds[event.guild_id or 0]
        mine = event.data.get("user", {}).get("id") == str(self.person.id)
        if self.person.id not in guild.members:
            return [("GUILD_DELETE", {"id": str(guild.id)})] if mine else []
        name = "GUILD_CREATE" if mine and event.name == "GUILD_MEMBER_ADD" else "GUILD_UPDATE"
        return [(name, page_views.guild_json(guild, self.person))]

    def _opened(self, event: Event) -> list[tuple[str, Any]]:
        """Returns a direct channel before its first message: until then the other side does not see it."""
        channel = event.channel
        if channel is None or channel.guild_id is not None or event.name != "MESSAGE_CREATE":
            return []
        if len(self.person.play.world.messages[channel.id]) > 1:
            return []
        return [("CHANNEL_CREATE", page_views.channel_json(channel, self.person))]

    def _may_hear(self, event: Event) -> bool:
        if event.only not in (None, self.person.id) or not event.name.startswith(_IN_CHANNELS):
            return False
        return event.channel is None or may(event.channel, self.person.id, "view_channel")

    def _message(self, event: Event, message: Message) -> tuple[str, JsonObject]:
        if message.loading:
            return "THINKING", {
                "channel_id": str(message.channel_id),
                "interaction_id": (message.interaction or {}).get("id"),
                "message_id": str(message.id),
                "ephemeral": message.ephemeral,
            }
        name = "MESSAGE_CREATE" if event.first else event.name
        return name, page_views.message_json(message, self.person)


class Page:
    """The open pages of a playground."""

    def __init__(self, play: Playground) -> None:
        self._play = play
        self._views: list[View] = []
        self._sockets: set[web.WebSocketResponse] = set()
        play.world.listeners.append(self._hear)

    def add_routes(self, app: web.Application) -> None:
        """Adds the page, its socket and the CDN to the server."""
        app.middlewares.append(own_host_only)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name:.+}", self._static)
        app.router.add_get("/play/people", self._people)
        app.router.add_get("/play/socket", self._socket)
        cdn.add_routes(app, self._play.world)

    async def close(self) -> None:
        """Ends every open page's socket."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def _hear(self, event: Event) -> None:
        for view in self._views:
            view.hear(event)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return _file("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["name"])

    async def _people(self, request: web.Request) -> web.Response:
        shown = [person.to_json() for person in self._play.people.values()]
        return web.Response(body=orjson.dumps(shown), content_type="application/json")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="Another site may not use the playground.")
        wanted = request.query.get("person", "")
        person = self._play.people.get(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
        if person is None:
            raise web.HTTPNotFound(text="There is no such person.")
        socket = web.WebSocketResponse(max_msg_size=96 * 1024 * 1024, heartbeat=30)
        await socket.prepare(request)
        view = View(person)
        self._views.append(view)
        self._sockets.add(socket)
        sender = asyncio.create_task(_send(socket, view))
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    view.waiting.put_nowait(await _answer(self._play, person, frame.data))
        finally:
            sender.cancel()
            self._views.remove(view)
            self._sockets.discard(socket)
        return socket


async def _send(socket: web.WebSocketResponse, view: View) -> None:
    while True:
        frame = await view.waiting.get()
        try:
            await socket.send_str(orjson.dumps(frame).decode())
        except ConnectionError:
            return


async def _answer(play: Playground, person: Person, raw: str) -> JsonObject:
    """Does what a frame of the page asks and returns the frame that answers it."""
    number: object = None
    try:
        asked = orjson.loads(raw)
        number = asked.get("id")
        result = await page_actions.do(play, person, asked)
    except Refused as refused:
        return {"re": number, "ok": False, "error": _sentence(refused)}
    except (ValueError, AssertionError, LookupError, TypeError, AttributeError) as error:
        return {"re": number, "ok": False, "error": str(error) or "That cannot be done."}
    return {"re": number, "ok": True, "result": result}


def _sentence(refused: Refused) -> str:
    problems = getattr(refused, "problems", None)
    return "; ".join(text for _, _, text in problems) if problems else refused.text


def _file(name: str) -> web.StreamResponse:
    root = _WEB.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise web.HTTPNotFound
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return web.FileResponse(path, headers=headers)
