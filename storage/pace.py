"""The requests that an address may make in a second, shared by the processes behind it.

A process leases a few moments at a time. The moments of all processes lie in one row, `1 / per_second` apart
(the generic cell rate algorithm, ITU-T I.371, with a small tolerance), by the clock of the cache.
"""

import asyncio

from redis.exceptions import RedisError

from storage.cache import Cache

TOLERANCE = 0.05
"""How much of the row may be caught up at once after a rest, in seconds."""
PATIENCE = 0.5
KEPT_MS = 5000

# The end of the row is kept in microseconds, which a Lua number holds exactly.
_LEASE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local first = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now - ARGV[3])
redis.call('SET', KEYS[1], string.format('%.0f', first + ARGV[1] * ARGV[2]), 'PX', ARGV[4])
return first - now
"""


class Pace:
    """The row of an address; processes with the same `address` share it."""

    def __init__(self, cache: Cache, *, address: str, per_second: float) -> None:
        self._cache = cache
        self._key = cache.key("pace", address)
        self._between = 1.0 / per_second
        self._lease = cache.client.register_script(_LEASE)

    async def lease(self, wanted: int) -> list[float] | None:
        """So many moments, in seconds from now and ascending; None when the cache does not answer soon."""
        between = round(self._between * 1_000_000)
        try:
            async with asyncio.timeout(PATIENCE):
                first: int = await self._lease(
                    keys=[self._key], args=[between, wanted, round(TOLERANCE * 1_000_000), KEPT_MS]
                )
        except (RedisError, OSError):  # a TimeoutError is an OSError
            return None
        return [max(0.0, (first + number * between) / 1_000_000) for number in range(wanted)]
