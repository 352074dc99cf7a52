"""Turns to identify: one at a time a bucket, apart, whoever asks; and patience while the cache is away."""

import asyncio
import itertools
import time

import pytest

from storage.cache import Cache
from storage.identify import IdentifyTurns

APART = 0.2


async def _moments(turns: list[IdentifyTurns], shards: list[int]) -> dict[int, float]:
    """When each shard's turn came, the processes taking shards in turn; seconds from the start."""
    begun = time.monotonic()
    moments: dict[int, float] = {}

    async def take(number: int, shard: int) -> None:
        await turns[number % len(turns)].wait(shard)
        moments[shard] = time.monotonic() - begun

    await asyncio.gather(*(take(number, shard) for number, shard in enumerate(shards)))
    return moments


@pytest.mark.parametrize(("buckets", "shards"), [(1, [0, 1, 2, 3]), (2, [0, 1, 2, 3]), (16, [0, 5, 16, 21])])
async def test_a_bucket_has_one_turn_at_a_time(cache: Cache, buckets: int, shards: list[int]) -> None:
    processes = [IdentifyTurns(cache, buckets=buckets, apart=APART) for _ in range(2)]
    moments = await _moments(processes, shards)
    for bucket in {shard % buckets for shard in shards}:
        taken = sorted(moments[shard] for shard in shards if shard % buckets == bucket)
        assert taken[0] < APART / 2  # a free bucket is not waited for
        assert all(after - before >= APART - 0.01 for before, after in itertools.pairwise(taken))


async def test_a_free_bucket_costs_one_command(cache: Cache) -> None:
    turns = IdentifyTurns(cache, buckets=2)
    await cache.client.ping()
    before = (await cache.client.info("commandstats")).get("cmdstat_pttl", {"calls": 0})["calls"]
    await turns.wait(0)
    await turns.wait(1)
    after = (await cache.client.info("commandstats")).get("cmdstat_pttl", {"calls": 0})["calls"]
    assert after == before


async def test_nobody_identifies_while_the_cache_is_away(cache: Cache) -> None:
    away = Cache.connect("redis://127.0.0.1:1/0", "away")
    turns = IdentifyTurns(away, buckets=1)
    waiting = asyncio.create_task(turns.wait(0))
    done, _ = await asyncio.wait((waiting,), timeout=0.3)
    assert not done
    # The cache is there again: the very same turn goes on.
    away.client.connection_pool, there = cache.client.connection_pool, away.client.connection_pool
    await asyncio.wait_for(waiting, 3)
    away.client.connection_pool = there
    await away.close()
