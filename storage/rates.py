"""How often something may be asked for: sliding windows in Redis, which all processes share."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter

from storage.cache import Cache, reachable


@dataclass(frozen=True, slots=True)
class Full:
    """A window that is full: whose (`person`, `chat` …), how many fit into how long, and when there is room again."""

    name: str
    amount: int
    window: str
    """In words: “a minute”, “2 hours”."""
    until: float
    """Seconds since 1970."""


class Rates:
    """Limits by name, each of one or several windows that slide with every moment."""

    def __init__(self, cache: Cache, limits: Mapping[str, str]) -> None:
        """`limits` are in the library's notation: "20/minute;400/day"; an empty text is no limit."""
        # The cache's own pool: its time-outs hold here too, and it is closed with it. The address is never used.
        store = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=cache.key("rate"),
            connection_pool=cache.client.connection_pool,  # pyright: ignore[reportArgumentType]
        )
        self._windows = MovingWindowRateLimiter(store)
        self._limits = {name: parse_many(limit) if limit.strip() else [] for name, limit in limits.items()}

    async def take(self, asked: Mapping[str, object]) -> Full | None:
        """Counts one request of these (limit's name → whose), unless a window is full, which is returned.

        What is refused counts nowhere: all are tested before any is hit. Of several at the same moment more may
        be refused than had to be, never fewer. Unavailable when the cache is away.
        """
        windows = [(name, item, str(whose)) for name, whose in asked.items() for item in self._limits.get(name, ())]
        with reachable():
            for count in (self._windows.test, self._windows.hit):
                # All at once: somebody waits for the reply.
                has_room = await asyncio.gather(*(count(item, name, whose) for name, item, whose in windows))
                if not all(has_room):
                    return await self._full(*windows[has_room.index(False)])
        return None

    async def forget(self, name: str, whose: object) -> None:
        """Forgets what was counted for somebody under a limit; Unavailable when the cache is away."""
        with reachable():
            for item in self._limits.get(name, ()):
                await self._windows.clear(item, name, str(whose))

    async def _full(self, name: str, item: RateLimitItem, whose: str) -> Full:
        reset = (await self._windows.get_window_stats(item, name, whose)).reset_time
        unit = item.GRANULARITY.name
        one = "an hour" if unit == "hour" else f"a {unit}"
        return Full(name, item.amount, one if item.multiples == 1 else f"{item.multiples} {unit}s", reset)
