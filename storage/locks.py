"""Quick exclusion between processes: who writes in a chat, and the word to stop.

A lock here only spares others a question to the database; the fence there decides.
"""

from collections.abc import AsyncGenerator
from contextlib import suppress
from uuid import UUID

from redis.exceptions import RedisError

from storage.cache import Cache, reachable

LOCK_MS = 10_000


class Locks:
    """One lock a chat, with the token of whoever holds it."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def check(self) -> None:
        """Raises Unavailable when the cache does not answer."""
        await self._cache.check()

    async def take(self, chat_id: UUID, token: UUID) -> bool:
        """Takes a chat's lock; False when another writer has it. Unavailable when the cache is away."""
        with reachable():
            return bool(await self._cache.client.set(self._cache.key("lock", chat_id), str(token), nx=True, px=LOCK_MS))

    async def is_held(self, chat_id: UUID) -> bool:
        """Whether somebody writes in this chat, as far as the cache knows."""
        with reachable():
            return bool(await self._cache.client.exists(self._cache.key("lock", chat_id)))

    async def keep(self, chat_ids: list[UUID]) -> None:
        """Prolongs locks; the cache being away is no reason to stop writing."""
        with suppress(RedisError, OSError):
            async with self._cache.client.pipeline(transaction=False) as pipeline:
                for chat_id in chat_ids:
                    pipeline.pexpire(self._cache.key("lock", chat_id), LOCK_MS)
                await pipeline.execute()

    async def release(self, chat_id: UUID, token: UUID) -> None:
        """Gives a lock back, if it is still ours."""
        with suppress(RedisError, OSError):
            key = self._cache.key("lock", chat_id)
            if await self._cache.client.get(key) == str(token).encode():
                await self._cache.client.delete(key)


class StopSignals:
    """The word that a generation should stop, to whichever process writes it."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def send(self, generation_id: UUID) -> None:
        """Tells every process; the lease tells the writer too, should this be lost."""
        with suppress(RedisError, OSError):
            await self._cache.client.publish(  # pyright: ignore[reportUnknownMemberType]
                self._cache.key("stop"), generation_id.bytes
            )

    async def listen(self) -> AsyncGenerator[UUID]:
        """The generations that were asked to stop, as the words come in."""
        async with self._cache.client.pubsub() as channel:  # pyright: ignore[reportUnknownMemberType]
            await channel.subscribe(self._cache.key("stop"))
            while True:
                # A short wait each time: the socket's own time-out must not end the listening.
                message: dict[str, bytes] | None = await channel.get_message(  # pyright: ignore[reportUnknownMemberType]
                    ignore_subscribe_messages=True, timeout=2.0
                )
                if message is not None:
                    yield UUID(bytes=message["data"])
