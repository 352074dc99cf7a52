"""Answering REST requests: who asks, how often, with what body, and what Discord says to that."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import BodyPartReader, web

from playground import openapi
from playground.limits import Verdict
from playground.posting import Upload
from playground.refusals import BadForm, Refused
from playground.rest.routing import ROUTES, Call, Route

if TYPE_CHECKING:
    from playground.server import Playground

for _noun in ("login", "guilds", "channels", "threads", "messages", "webhooks", "commands"):
    import_module(f"playground.rest.{_noun}")

PREFIX = "/api/v10"
# Refusals that a careful client never meets; the others depend on what someone else did meanwhile.
_FAULTS = frozenset((40005, 40094, 50006, 50035, 50109, 220001, 220003))
_BAD_LUCK = {"REPLIES_UNKNOWN_MESSAGE"}
_FILE_FIELD = re.compile(r"^files\[(\d+)\]$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the application made; `at` is the playground's time, `body` its JSON."""

    method: str
    path: str
    at: float
    status: int
    body: Any


def add_routes(app: web.Application, play: Playground) -> None:
    """Adds every built operation to the server, and the answer 501 for all others."""
    for route in sorted(ROUTES, key=_literal_first):
        app.router.add_route(route.method, PREFIX + route.path, _handler(play, route))

    async def not_built(request: web.Request) -> web.Response:
        return _unbuilt(play, request)

    app.router.add_route("*", "/api/{rest:.*}", not_built)


def _literal_first(route: Route) -> list[bool]:
    """Sorts `/messages/pins` before `/messages/{message_id}`, as Discord reads its paths."""
    return [part.startswith("{") for part in route.path.split("/")]


def _unbuilt(play: Playground, request: web.Request) -> web.Response:
    path = request.path.removeprefix(PREFIX)
    play.record(Request(request.method, path, play.clock.now(), 501, None))
    play.violations.append(f"{request.method} {path}: the playground has not built this")
    return _json({"message": "501: not built in the playground", "code": 0}, 501)


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        content_type="application/json",
        headers={"Via": "1.1 playground", **(headers or {})},
    )


def _handler(play: Playground, route: Route) -> Any:
    async def handle(request: web.Request) -> web.Response:
        path = request.path.removeprefix(PREFIX)
        verdict, body = Verdict(True, {}), None
        try:
            authorized = _authorized(play, request)
            if route.authorized and not authorized:
                raise Refused(0)
            verdict = _limited(play, route, request)
            if not verdict.passed:
                return _too_many(play, route, path, verdict)
            body, uploads = await _read(request)
            _check(route, body)
            params = {key: str(value) for key, value in request.match_info.items()}
            call = Call(play, params, dict(request.query), body, uploads, authorized)
            answer = await route.handler(call)
            response = web.Response(status=204) if answer is None else _json(answer)
        except Refused as refused:
            response = _refusal(play, route, path, refused)
        except Exception as broken:
            play.violations.append(f"{route.method} {path}: the playground broke: {broken!r}")
            play.record(Request(route.method, path, play.clock.now(), 501, body))
            raise web.HTTPNotImplemented(text=repr(broken)) from broken
        response.headers.update(verdict.headers)
        play.record(Request(route.method, path, play.clock.now(), response.status, body))
        return response

    return handle


def _authorized(play: Playground, request: web.Request) -> bool:
    given = request.headers.get("Authorization", "")
    return secrets.compare_digest(given.encode(), f"Bot {play.token}".encode())


def _limited(play: Playground, route: Route, request: web.Request) -> Verdict:
    major = ":".join(request.match_info.get(name, "") for name in route.major)
    return play.limits.ask(route.limit, major, exempt=route.exempt)


def _too_many(play: Playground, route: Route, path: str, verdict: Verdict) -> web.Response:
    retry = round(verdict.retry_after, 3)
    body = {"message": "You are being rate limited.", "retry_after": retry, "global": verdict.everywhere}
    play.record(Request(route.method, path, play.clock.now(), 429, None))
    return _json(body, 429, {**verdict.headers, "Retry-After": str(int(retry) + 1)})


def _refusal(play: Playground, route: Route, path: str, refused: Refused) -> web.Response:
    codes = {code for _, code, _ in refused.problems} if isinstance(refused, BadForm) else set[str]()
    if refused.code in _FAULTS and codes != _BAD_LUCK:
        play.violations.append(f"{route.method} {path}: {refused}")
    return _json(refused.to_json(), 501 if "NOT_BUILT" in codes else refused.status)


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Returns the JSON of a request (None without a body) and the files that came with it."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    if not raw:
        return None, []
    if request.content_type != "application/json":
        raise Refused(50035, f"Expected Content-Type application/json, got {request.content_type}", errors={})
    return _parse(raw), []


def _parse(raw: bytes | str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(50109) from None


async def _read_multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = None
    uploads: list[Upload] = []
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise BadForm([([], "BASE_TYPE_BAD", "One multipart form inside another.")])
        name = part.name or ""
        found = _FILE_FIELD.match(name)
        content = bytes(await part.read(decode=True))
        if name == "payload_json":
            body = _parse(content)
        elif found is not None:
            kind = part.headers.get("Content-Type")
            uploads.append(Upload(int(found.group(1)), part.filename or "unknown", content, kind))
        else:
            raise BadForm([([name], "UNKNOWN_KEY", "Neither payload_json nor files[n].")])
    if body is None:
        raise BadForm([(["payload_json"], "BASE_TYPE_REQUIRED", "This field is required")])
    return body, uploads


def _check(route: Route, body: object) -> None:
    """Refuses a body that Discord's own description does not allow."""
    if not openapi.known(route.method, route.path):
        return
    if body is None:
        if openapi.needs_body(route.method, route.path):
            raise BadForm([([], "BASE_TYPE_REQUIRED", "This request needs a body")])
        return
    problems = openapi.problems(route.method, route.path, body)
    if problems:
        raise BadForm(problems)
