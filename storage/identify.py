"""Whose turn it is to IDENTIFY, agreed among the processes that share the shards of one bot.

Discord takes one IDENTIFY every five seconds in each bucket, and a shard's bucket is its number modulo
`max_concurrency` (https://discord.com/developers/docs/events/gateway#sharding-max-concurrency).
"""

import asyncio
import random

import structlog
from redis.exceptions import RedisError

from storage.cache import Cache

APART_SECONDS = 5.5
"""Discord's five seconds, and what two connections may differ in quickness."""
AWAY_SECONDS = 1.0

log = structlog.get_logger()


class IdentifyTurns:
    """Turns of shards, kept in the cache."""

    def __init__(self, cache: Cache, *, buckets: int, apart: float = APART_SECONDS) -> None:
        self._cache = cache
        self._buckets = max(buckets, 1)
        self._apart_ms = round(apart * 1000)

    async def wait(self, shard_id: int) -> None:
        """Waits until this shard may identify: at once where its bucket is free, which costs one command.

        While the cache is away nobody identifies: a shard that jumps the queue would cost the bot a session.
        """
        away = False
        while True:
            try:
                pause = await self._try(shard_id)
            except (RedisError, OSError):
                if not away:
                    log.warning("identify.waits", shard=shard_id, words="the cache does not answer; trying again")
                away, pause = True, AWAY_SECONDS
            if pause is None:
                return
            await asyncio.sleep(pause)

    async def _try(self, shard_id: int) -> float | None:
        """None when the turn is ours, else the seconds after which to ask again."""
        key = self._cache.key("identify", shard_id % self._buckets)
        if await self._cache.client.set(key, shard_id, nx=True, px=self._apart_ms):
            return None
        left: int = await self._cache.client.pttl(key)
        # Those who wait for one bucket do not all ask in the same moment.
        return max(left, 0) / 1000 + random.uniform(0.005, 0.05)  # noqa: S311
