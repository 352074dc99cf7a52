"""The connection to Redis or Valkey: for what may be lost."""

from collections.abc import Generator
from contextlib import contextmanager

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.errors import Unavailable

UNREACHABLE = "The cache does not answer right now. Nothing was changed; please try again in a moment."


class Cache:
    """Redis, with every key of ours under one prefix."""

    def __init__(self, client: "redis.Redis", prefix: str = "dramatis") -> None:
        self.client = client
        self._prefix = prefix

    @classmethod
    def connect(cls, url: str, prefix: str = "dramatis") -> "Cache":
        """A pool for a `redis://` address; nothing is opened before the first command."""
        client = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            socket_connect_timeout=2,
            socket_timeout=2,
            retry=Retry(NoBackoff(), 1),
            health_check_interval=30,
        )
        return cls(client, prefix)

    def key(self, *parts: object) -> str:
        """A key of ours."""
        return ":".join((self._prefix, *map(str, parts)))

    async def check(self) -> None:
        """Raises Unavailable when the cache does not answer."""
        with reachable():
            await self.client.ping()  # pyright: ignore[reportUnknownMemberType, reportGeneralTypeIssues]

    async def close(self) -> None:
        """Closes every connection."""
        await self.client.aclose()


@contextmanager
def reachable() -> Generator[None]:
    """Turns the cache being away into Unavailable."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise Unavailable(UNREACHABLE) from error
