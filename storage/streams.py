"""The text of replies while they are being written, sealed, in Redis streams.

What Redis has acknowledged is what Discord may show: after a crash nothing that a person had seen is
missing. All streams of a process share one pipeline every 100 ms.

Each entry has a number. One that Redis did not acknowledge is sent again under the same number, with what came
since, and of two with one number the later holds: so nothing is read twice, whether Redis had it or not.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from storage.cache import Cache
from storage.vault import DataKey, Place

FLUSH_SECONDS = 0.1
KEEP_SECONDS = 3600

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SpokenBy:
    """The model that speaks, and how many tokens it was asked with, by our own count."""

    model: str
    asked_tokens: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a writer left in its stream: the text, who spoke it as far as anybody did, and from when to when."""

    text: str
    spoken_by: SpokenBy | None
    spoke_at: datetime | None
    last_at: datetime


class TextStream:
    """One reply's text on its way: appended here, acknowledged later."""

    def __init__(self, generation_id: UUID, key: DataKey, on_acknowledged: Callable[[str], None]) -> None:
        self.generation_id = generation_id
        self._key = key
        self._on_acknowledged = on_acknowledged
        self._waiting: list[str] = []
        self._chunks = 0
        self.spoken_by: SpokenBy | None = None
        """Set with the first word."""
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
        if self.spoken_by is not None:
            entry |= {"m": self.spoken_by.model, "p": self.spoken_by.asked_tokens}
        return text, entry

    def give_back(self, text: str) -> None:
        """Puts text back that Redis did not acknowledge."""
        self._waiting.insert(0, text)

    def acknowledge(self, text: str) -> None:
        """Redis has it: now it may be shown."""
        self._chunks += 1
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
            try:
                await self.flush()
            except Exception:
                log.exception("streams.not_flushed")  # what was not sent waits on

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
        except BaseException as error:
            for stream, text, _ in taken:
                stream.give_back(text)
            if isinstance(error, RedisError | OSError):
                return
            raise
        for stream, text, _ in taken:
            stream.acknowledge(text)

    async def close_stream(self, generation_id: UUID) -> None:
        """Forgets a stream whose text is stored."""
        self.abandon(generation_id)
        await self.clear(generation_id)

    async def clear(self, generation_id: UUID) -> None:
        """Empties a stream that another writer left, before its reply is written from the beginning."""
        with suppress(RedisError, OSError):
            await self._cache.client.delete(self._name(generation_id))

    def abandon(self, generation_id: UUID) -> None:
        """Stops writing a stream and leaves it for whoever takes over."""
        self._open.pop(generation_id, None)

    async def read(self, generation_id: UUID, key: DataKey) -> Left | None:
        """What a stream holds; None when there is none (any more), or not all of it."""
        try:
            entries: list[tuple[bytes, dict[bytes, bytes]]] = await self._cache.client.xrange(  # pyright: ignore
                self._name(generation_id)
            )
        except (RedisError, OSError):
            return None
        if not entries:
            return None
        chunks: dict[int, str] = {}
        spoken = [(at, fields) for at, fields in entries if b"m" in fields]
        for _, fields in entries:
            number, sealed = int(fields[b"n"]), fields[b"t"]
            place = Place("stream", str(generation_id), number)
            chunks[number] = key.open(place, sealed).decode()
        if len(chunks) != max(chunks) + 1:
            return None  # Redis was emptied in between: the end without its beginning is no text
        return Left(
            text="".join(chunks[number] for number in sorted(chunks)),
            spoken_by=SpokenBy(spoken[0][1][b"m"].decode(), int(spoken[0][1][b"p"])) if spoken else None,
            spoke_at=_moment(spoken[0][0]) if spoken else None,
            last_at=_moment(entries[-1][0]),
        )

    def _name(self, generation_id: UUID) -> str:
        return self._cache.key("reply", generation_id)


def _moment(entry_id: bytes) -> datetime:
    """When Redis took an entry: its id begins with the milliseconds since 1970."""
    return datetime.fromtimestamp(int(entry_id.partition(b"-")[0]) / 1000, UTC)
