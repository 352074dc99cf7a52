"""Quick exclusion between processes, and the word to stop.

A lock here only spares others a question to the database; the fence there decides.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import suppress
from uuid import UUID

from redis.exceptions import RedisError

from storage.cache import Cache, reachable

LOCK_MS = 10_000
SEND_SECONDS = 1.0
"""Whoever presses *Stop* does not wait longer for the cache: the lease carries the word too."""


class Locks:
    """Locks by a message's id: of a hundred presses of one button the first alone reaches the database."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._token = secrets.token_bytes(16)

    async def check(self) -> None:
        """Raises Unavailable when the cache does not answer."""
        await self._cache.check()

    async def take(self, message_id: UUID) -> bool:
        """Takes a lock; False when somebody has it. Unavailable when the cache is away."""
        with reachable():
            taken = await self._cache.client.set(self._key(message_id), self._token, nx=True, px=LOCK_MS)
        return bool(taken)

    async def keep(self, message_ids: list[UUID]) -> None:
        """Prolongs locks; the cache being away is no reason to stop writing."""
        if not message_ids:
            return
        with suppress(RedisError, OSError):
            async with self._cache.client.pipeline(transaction=False) as pipeline:
                for message_id in message_ids:
                    pipeline.pexpire(self._key(message_id), LOCK_MS)
                await pipeline.execute()

    async def release(self, message_id: UUID) -> None:
        """Gives a lock back, if it is still this process's."""
        with suppress(RedisError, OSError):
            if await self._cache.client.get(self._key(message_id)) == self._token:
                await self._cache.client.delete(self._key(message_id))

    def _key(self, message_id: UUID) -> str:
        return self._cache.key("lock", message_id)


class StopSignals:
    """The word that a generation should stop, to whichever process writes it."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def send(self, generation_id: UUID) -> None:
        """Tells every process; the lease tells the writer too, should this be lost."""
        with suppress(RedisError, OSError):  # a TimeoutError is one of them
            async with asyncio.timeout(SEND_SECONDS):
                await self._cache.client.publish(  # pyright: ignore[reportUnknownMemberType]
                    self._cache.key("stop"), generation_id.bytes
                )

    async def listen(self) -> AsyncGenerator[UUID]:
        """The generations that were asked to stop, as the words come in."""
        channel = self._cache.client.pubsub()  # pyright: ignore[reportUnknownMemberType]
        try:
            await channel.subscribe(self._cache.key("stop"))
            while True:
                # A short wait each time: the socket's own time-out must not end the listening.
                message: dict[str, bytes] | None = await channel.get_message(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                    ignore_subscribe_messages=True, timeout=2.0
                )
                if message is not None:
                    yield UUID(bytes=message["data"])
        finally:
            # Shielded: a cancellation in the middle would leave the connection open.
            await asyncio.shield(channel.aclose())
