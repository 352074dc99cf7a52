"""Routes of the REST API and the request that a handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.channels import Channel
from playground.permissions import may
from playground.posting import Upload
from playground.refusals import Refused, bad_form
from playground.world import World

if TYPE_CHECKING:
    from playground.server import Playground

JsonObject = dict[str, Any]


@dataclass(slots=True)
class Call:
    """One request of the application, checked against Discord's description."""

    play: Playground
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    uploads: list[Upload]
    authorized: bool

    @property
    def world(self) -> World:
        """What exists."""
        return self.play.world

    @property
    def bot_id(self) -> int:
        """Who asks."""
        return self.play.world.bot_id

    def id(self, name: str) -> int:
        """Returns an id of the path; what is no id is refused."""
        value = self.params[name]
        if not value.isascii() or not value.isdigit():
            raise bad_form(name, f'Value "{value}" is not snowflake.', "NUMBER_TYPE_COERCE")
        return int(value)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Returns a number of the query within bounds."""
        value = self.query.get(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise bad_form(name, f"int value should be between {low} and {high}.", "NUMBER_TYPE_MAX")
        return int(value)

    def flag(self, name: str) -> bool:
        """Returns a yes or no of the query."""
        return self.query.get(name, "").lower() in ("1", "true")

    def channel(self, *needed: str) -> Channel:
        """Returns the path's channel, which the bot sees and where it may do all of `needed`."""
        channel = self.world.channel(self.id("channel_id"))
        if not may(channel, self.bot_id, "view_channel"):
            raise Refused(50001)
        if not may(channel, self.bot_id, *needed):
            raise Refused(50013)
        return channel


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `limit` names its bucket and `major` the path parameters that split the bucket."""

    method: str
    path: str
    handler: Handler
    authorized: bool
    limit: str | None
    major: tuple[str, ...]
    exempt: bool


ROUTES: list[Route] = []


def route(
    method: str,
    path: str,
    *,
    authorized: bool = True,
    limit: str | None = None,
    major: tuple[str, ...] = ("channel_id",),
    exempt: bool = False,
) -> Callable[[Handler], Handler]:
    """Registers a handler; it returns the JSON to answer with, or None for 204."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, path, handler, authorized, limit, major, exempt))
        return handler

    return register
