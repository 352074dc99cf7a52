"""The text of replies while they are being written, sealed, in Redis streams.

What Redis has acknowledged is what Discord may show: after a crash nothing that a person had seen is
missing. All streams of a process share one pipeline every 100 ms.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from storage.cache import Cache
from storage.vault import DataKey, Place

FLUSH_SECONDS = 0.1
KEEP_SECONDS = 3600


class TextStream:
    """One reply's text on its way: appended here, acknowledged later."""

    def __init__(self, generation_id: UUID, key: DataKey, on_acknowledged: Callable[[str], None]) -> None:
        self.generation_id = generation_id
        self._key = key
        self._on_acknowledged = on_acknowledged
        self._waiting: list[str] = []
        self._chunks = 0
        self.acknowledged = ""

    def append(self, text: str) -> None:
        """Adds what the model said; the next flush carries it."""
        self._waiting.append(text)

    @property
    def has_waiting(self) -> bool:
        """Whether there is text that Redis has not got."""
        return bool(self._waiting)

    def take(self) -> tuple[str, dict[Any, Any]]:
        """The waiting text, and its entry in the stream: a number, and the text sealed for that place."""
        text, self._waiting = "".join(self._waiting), []
        place = Place("stream", str(self.generation_id), self._chunks)
        entry: dict[Any, Any] = {"n": self._chunks, "t": self._key.seal(place, text.encode())}
        self._chunks += 1
        return text, entry

    def give_back(self, text: str) -> None:
        """Puts text back that Redis did not take."""
        self._waiting.insert(0, text)

    def acknowledge(self, text: str) -> None:
        """Redis has it: now it may be shown."""
        self.acknowledged += text
        self._on_acknowledged(self.acknowledged)


class Streams:
    """All streams of this process, and the one task that flushes them."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._open: dict[UUID, TextStream] = {}

    def open(self, generation_id: UUID, key: DataKey, on_acknowledged: Callable[[str], None]) -> TextStream:
        """A stream for a generation that begins."""
        stream = self._open[generation_id] = TextStream(generation_id, key, on_acknowledged)
        return stream

    async def run(self) -> None:
        """Flushes for ever; run as a task."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Sends what waits; what the cache does not take stays waiting."""
        taken = [(stream, *stream.take()) for stream in self._open.values() if stream.has_waiting]
        if not taken:
            return
        try:
            async with self._cache.client.pipeline(transaction=False) as pipeline:
                for stream, _, entry in taken:
                    name = self._name(stream.generation_id)
                    pipeline.xadd(name, entry)
                    pipeline.expire(name, KEEP_SECONDS)
                await pipeline.execute()
        except (RedisError, OSError):
            for stream, text, _ in taken:
                stream.give_back(text)
            return
        for stream, text, _ in taken:
            stream.acknowledge(text)

    async def close_stream(self, generation_id: UUID) -> None:
        """Forgets a stream whose text is stored."""
        self._open.pop(generation_id, None)
        with suppress(RedisError, OSError):
            await self._cache.client.delete(self._name(generation_id))

    def abandon(self, generation_id: UUID) -> None:
        """Stops writing a stream and leaves it for whoever takes over."""
        self._open.pop(generation_id, None)

    async def read(self, generation_id: UUID, key: DataKey) -> str | None:
        """What a stream holds; None when there is none (any more)."""
        try:
            entries: list[tuple[bytes, dict[bytes, bytes]]] = await self._cache.client.xrange(  # pyright: ignore
                self._name(generation_id)
            )
        except (RedisError, OSError):
            return None
        if not entries:
            return None
        chunks: dict[int, str] = {}
        for _, fields in entries:
            number, sealed = int(fields[b"n"]), fields[b"t"]
            place = Place("stream", str(generation_id), number)
            chunks[number] = key.open(place, sealed).decode()
        return "".join(chunks[number] for number in sorted(chunks))

    def _name(self, generation_id: UUID) -> str:
        return self._cache.key("reply", generation_id)
