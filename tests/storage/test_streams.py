"""The text of a reply in Redis: acknowledged or not, it is there once."""

import pytest

from storage.cache import Cache
from storage.database import Database
from storage.ids import new_id
from storage.streams import SpokenBy, Streams
from storage.vault import DataKey
from tests.wire import Wire


@pytest.fixture
async def key(database: Database) -> DataKey:
    async with database.transaction() as session:
        return await session.key("tree", new_id())


async def test_text_is_acknowledged_in_order_and_read_whole(cache: Cache, key: DataKey) -> None:
    streams, generation_id, shown = Streams(cache), new_id(), list[str]()
    stream = streams.open(generation_id, key, shown.append)
    stream.append("Once ")
    await streams.flush()
    stream.spoken_by = SpokenBy("scripted", 70)
    stream.append("upon")
    stream.append(" a time")
    await streams.flush()
    await streams.flush()
    assert shown == ["Once ", "Once upon a time"]
    left = await Streams(cache).read(generation_id, key)
    assert left
    assert (left.text, left.spoken_by) == ("Once upon a time", SpokenBy("scripted", 70))
    assert left.spoke_at
    assert left.spoke_at <= left.last_at
    await streams.close_stream(generation_id)
    assert await streams.read(generation_id, key) is None


@pytest.mark.parametrize("reached", [True, False])
async def test_what_was_not_acknowledged_is_sent_again_and_read_once(
    redis_url: str, cache_prefix: str, cache: Cache, key: DataKey, reached: bool
) -> None:
    async with Wire(redis_url) as wire:
        weak = Cache.connect(wire.url, cache_prefix)
        streams, generation_id, shown = Streams(weak), new_id(), list[str]()
        stream = streams.open(generation_id, key, shown.append)
        stream.append("One ")
        await streams.flush()
        await wire.cut()
        stream.append("two ")
        if reached:  # Redis has it, though the answer never came
            text, entry = stream.take()
            await cache.client.xadd(cache.key("reply", generation_id), entry)
            stream.give_back(text)
        await streams.flush()
        stream.append("three")
        assert shown == ["One "]
        assert stream.has_waiting
        await wire.mend()
        await streams.flush()
        assert shown == ["One ", "One two three"]
        await weak.close()
    left = await Streams(cache).read(generation_id, key)
    assert left
    assert left.text == "One two three"


async def test_an_empty_stream_is_none(cache: Cache, key: DataKey) -> None:
    streams, generation_id = Streams(cache), new_id()
    assert await streams.read(generation_id, key) is None
    stream = streams.open(generation_id, key, lambda _: None)
    stream.append("A word")
    await streams.flush()
    await streams.clear(generation_id)
    assert await streams.read(generation_id, key) is None


async def test_a_stream_that_lost_its_beginning_is_none(cache: Cache, key: DataKey) -> None:
    streams, generation_id = Streams(cache), new_id()
    stream = streams.open(generation_id, key, lambda _: None)
    for text in ("Once ", "upon "):
        stream.append(text)
        await streams.flush()
    await streams.clear(generation_id)  # as when Redis starts anew without what it held
    stream.append("a time")
    await streams.flush()
    assert await streams.read(generation_id, key) is None
