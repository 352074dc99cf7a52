"""The pace of an address: moments in one row for all who lease, never denser than agreed."""

import asyncio

import pytest

from storage.cache import Cache
from storage.pace import TOLERANCE, Pace


async def test_moments_of_all_processes_lie_in_one_row(cache: Cache) -> None:
    processes = [Pace(cache, address="one", per_second=40) for _ in range(3)]
    loop = asyncio.get_running_loop()
    moments: list[float] = []

    async def lease(process: Pace, wanted: int) -> None:
        leased = await process.lease(wanted)
        assert leased is not None
        assert len(leased) == wanted
        assert leased == sorted(leased)
        moments.extend(loop.time() + each for each in leased)

    await asyncio.gather(*(lease(processes[number % 3], 1 + number % 8) for number in range(30)))
    moments.sort()
    for start in moments:
        assert sum(start <= each < start + 1 for each in moments) <= 40 * (1 + TOLERANCE) + 2
    assert moments[-1] - moments[0] == pytest.approx(len(moments) / 40, abs=0.3)


async def test_a_rested_row_gives_a_moment_at_once(cache: Cache) -> None:
    pace = Pace(cache, address="one", per_second=40)
    assert (await pace.lease(1)) == [0.0]
    await asyncio.sleep(0.1)
    assert (await pace.lease(1)) == [0.0]


async def test_other_addresses_have_rows_of_their_own(cache: Cache) -> None:
    one, other = (Pace(cache, address=name, per_second=40) for name in ("one", "other"))
    await one.lease(8)
    assert (await other.lease(1)) == [0.0]


async def test_without_the_cache_nothing_is_leased() -> None:
    away = Cache.connect("redis://127.0.0.1:1/0", "away")
    assert await Pace(away, address="one", per_second=40).lease(3) is None
    await away.close()
