"""Faults on request: what goes wrong between a bot and Discord, made to happen when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from playground.world import Event

if TYPE_CHECKING:
    from playground.server import Playground

JsonObject = dict[str, Any]
API = "/api/v10"
CDN = "/cdn/"


class Fault:
    """One fault that was asked for; `struck` counts how often it has happened.

    It ends after its `times` or its `seconds` of the playground's clock, at `stop()`, or with the
    `with` block that it began.
    """

    def __init__(self, play: Playground, times: int | None, seconds: float | None) -> None:
        self._play = play
        self._times = times
        self._until = None if seconds is None else play.clock.now() + seconds
        self.struck = 0

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def active(self) -> bool:
        """Whether it may still happen."""
        in_time = self._until is None or self._play.clock.now() < self._until
        return in_time and (self._times is None or self.struck < self._times)

    def stop(self) -> None:
        """Ends it."""
        self._times = self.struck

    def strike(self) -> None:
        """Counts one happening."""
        self.struck += 1
        self._play.world.pulse.beat()


@dataclass(frozen=True, slots=True)
class _OfRequests:
    """What happens to a request: it waits, is answered with a status (0: is cut off) or both."""

    fault: Fault
    method: str
    path: str
    wait: float = 0.0
    status: int | None = None
    after: bool = False
    retry_after: float = 1.0

    def hits(self, method: str, path: str) -> bool:
        """Returns whether it happens to that request; files are meant only where the pattern says so."""
        if path.startswith(CDN) and not self.path.startswith(CDN):
            return False
        return self.fault.active and self.method in ("*", method) and fnmatchcase(path, self.path)


@dataclass(frozen=True, slots=True)
class _OfEvents:
    """What happens to an event: it arrives `copies` times, after `wait` seconds."""

    fault: Fault
    name: str
    where: Callable[[JsonObject], bool]
    copies: int = 1
    wait: float = 0.0

    def hits(self, event: Event) -> bool:
        """Returns whether it happens to that event."""
        return self.fault.active and self.name in ("*", event.name) and self.where(event.data)


def _always(_: JsonObject) -> bool:
    return True


class Faults:
    """Everything that can be made to go wrong; nothing does by itself.

    Each method begins a `Fault` that without `times` and `seconds` lasts until it is stopped. A
    request is named by its method ("*": any) and a pattern of its path below /api/v10, where `*`
    stands for anything, slashes too: `("POST", "/channels/*/messages")`, `("*", "/webhooks/*")`; files
    are meant only by a pattern that begins with /cdn/. An event is named as Discord names it, such as
    MESSAGE_CREATE ("*": any), and `where` may look at its data; READY, RESUMED and the servers after
    READY are not touched.

    What somebody at Discord does is elsewhere: `Guild.revoke_from_bot`, `Guild.remove_bot`,
    `Playground.delete_webhook`, `.delete_channel` (threads too), `.archive`, `.lock`, `Person.delete`.
    """

    def __init__(self, play: Playground) -> None:
        self._play = play
        self._requests: list[_OfRequests] = []
        self._events: list[_OfEvents] = []
        self._closed: list[Fault] = []

    def clear(self) -> None:
        """Ends every fault."""
        for fault in [*(one.fault for one in (*self._requests, *self._events)), *self._closed]:
            fault.stop()

    # Requests

    def slow(
        self,
        wait: float,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = None,
        seconds: float | None = None,
        after: bool = False,
    ) -> Fault:
        """Makes requests wait that many real seconds before they are looked at, or `after` they were carried out."""
        return self._on_requests(times, seconds, method=method, path=path, wait=wait, after=after)

    def fail(
        self,
        method: str = "*",
        path: str = "*",
        *,
        status: int = 500,
        times: int | None = None,
        seconds: float | None = None,
        retry_after: float = 1.0,
    ) -> Fault:
        """Answers requests with that status and does nothing; a 429 asks to wait `retry_after` seconds.

        discord.py itself tries again after 500, 502, 504 and 524 (after one second, then three, …) and
        after 429, and not after 503.
        """
        return self._on_requests(times, seconds, method=method, path=path, status=status, retry_after=retry_after)

    def lose_answer(
        self,
        method: str = "*",
        path: str = "*",
        *,
        status: int | None = None,
        times: int | None = None,
        seconds: float | None = None,
    ) -> Fault:
        """Carries requests out, but the answer is lost: the connection breaks, or says `status` (such as 502).

        aiohttp repeats a GET, PUT or DELETE whose kept connection broke, without telling anyone.
        """
        return self._on_requests(times, seconds, method=method, path=path, status=status or 0, after=True)

    def rest_down(self, *, status: int | None = 503, times: int | None = None, seconds: float | None = None) -> Fault:
        """Takes the whole REST API down: every request is answered with `status`, or cut off where that is None."""
        return self._on_requests(times, seconds, method="*", path="*", status=status or 0)

    def _on_requests(self, times: int | None, seconds: float | None, **how: Any) -> Fault:
        fault = Fault(self._play, times, seconds)
        self._requests.append(_OfRequests(fault, **how))
        return fault

    @web.middleware
    async def to_requests(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Lets a request of the bot meet the faults that are meant for it."""
        if not request.path.startswith((API, CDN)):
            return await handler(request)
        path = request.path.removeprefix(API)
        met = [one for one in self._requests if one.hits(request.method, path)]
        answer = await self._meet(request, path, [one for one in met if not one.after])
        if answer is not None:
            return answer
        done = await handler(request)
        return await self._meet(request, path, [one for one in met if one.after]) or done

    async def _meet(self, request: web.Request, path: str, met: list[_OfRequests]) -> web.Response | None:
        for one in met:
            if not one.fault.active:
                continue
            one.fault.strike()
            await asyncio.sleep(one.wait)
            if one.status is None:
                continue
            if not one.after:
                self._play.note_failed(request.method, path, one.status)
            if one.status == 0 and request.transport is not None:
                request.transport.abort()
            return _failure(one.status or 500, one.retry_after)
        return None

    # Events

    def drop_events(
        self,
        name: str,
        *,
        times: int | None = None,
        seconds: float | None = None,
        where: Callable[[JsonObject], bool] = _always,
    ) -> Fault:
        """Lets events that the bot would hear never reach it."""
        return self._on_events(times, seconds, name=name, where=where, copies=0)

    def repeat_events(
        self,
        name: str,
        *,
        times: int | None = None,
        seconds: float | None = None,
        where: Callable[[JsonObject], bool] = _always,
    ) -> Fault:
        """Delivers events twice, each time with a sequence number of its own."""
        return self._on_events(times, seconds, name=name, where=where, copies=2)

    def delay_events(
        self,
        wait: float,
        name: str,
        *,
        times: int | None = None,
        seconds: float | None = None,
        where: Callable[[JsonObject], bool] = _always,
    ) -> Fault:
        """Delivers events that many seconds of the playground's clock late; what happens meanwhile overtakes them."""
        return self._on_events(times, seconds, name=name, where=where, wait=wait)

    def _on_events(self, times: int | None, seconds: float | None, **how: Any) -> Fault:
        fault = Fault(self._play, times, seconds)
        self._events.append(_OfEvents(fault, **how))
        return fault

    def deliver(self, event: Event, tell: Callable[[], None]) -> None:
        """Tells an event as the first fault that is meant for it has it, and plainly where there is none."""
        met = next((one for one in self._events if one.hits(event)), None)
        if met is None:
            tell()
            return
        met.fault.strike()
        for _ in range(met.copies):
            if met.wait:
                self._play.clock.at(self._play.clock.now() + met.wait, tell)
            else:
                tell()

    # The gateway; without `shard` it happens to every one

    async def close_gateway(self, code: int = 4000, shard: int | None = None) -> None:
        """Closes the bot's connections with that code; after 4004, 4007 and 4009 to 4014 nothing can be resumed."""
        await self._play.gateway.disconnect(code, shard)

    def cut_gateway(self, shard: int | None = None) -> None:
        """Breaks the bot's connections off without a close frame (1006); their sessions can be resumed."""
        for connection in self._play.gateway.on_shard(shard):
            connection.cut()

    def ask_reconnect(self, shard: int | None = None) -> None:
        """Asks the bot to connect again and resume (op 7)."""
        for connection in self._play.gateway.on_shard(shard):
            connection.send(7, None)

    def invalidate_session(self, *, resumable: bool, shard: int | None = None) -> None:
        """Tells the bot that its session is invalid (op 9); one that is not `resumable` is gone."""
        self._play.gateway.invalidate(resumable=resumable, shard=shard)

    def ask_heartbeat(self, shard: int | None = None) -> None:
        """Asks the bot for a heartbeat at once (op 1)."""
        for connection in self._play.gateway.on_shard(shard):
            connection.send(1, None)

    def gateway_down(self, *, times: int | None = None, seconds: float | None = None) -> Fault:
        """Answers attempts to connect to the gateway with 503; connections that exist stay."""
        fault = Fault(self._play, times, seconds)
        self._closed.append(fault)
        return fault

    def gateway_refuses(self) -> bool:
        """Returns whether this attempt to connect is turned away, and counts it."""
        met = next((one for one in self._closed if one.active), None)
        if met is not None:
            met.strike()
        return met is not None


def _failure(status: int, retry_after: float) -> web.Response:
    words = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Service Unavailable"
    body: JsonObject = {"message": f"{status}: {words}", "code": 0}
    headers = {"Via": "1.1 playground"}
    if status == 429:
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": False}
        headers["Retry-After"] = str(int(retry_after) + 1)
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)
