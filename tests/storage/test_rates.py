"""Sliding windows in the real Valkey: who is let through, who is not, and until when."""

import asyncio
import time

import pytest
from limits import parse_many

from bot.errors import Unavailable
from bot.settings import Settings, read_settings
from storage.cache import Cache
from storage.rates import Full, Rates

ANY = {"person": 1, "chat": "c", "server": 2, "program": "all"}


@pytest.mark.parametrize(
    ("limits", "asked", "fits"),
    [
        ({"person": "3/hour"}, ANY, 3),
        ({"person": "1/hour"}, ANY, 1),
        ({"person": ""}, ANY, 9),
        ({}, ANY, 9),
        ({"person": "3/hour"}, {"chat": "c"}, 9),
        ({"person": "5/hour; 2/day"}, ANY, 2),
        ({"person": "2 per 3 hours,5/day"}, ANY, 2),
        ({"person": "4/hour", "chat": "3/hour", "server": "2/hour", "program": "5/hour"}, ANY, 2),
        ({"person": "4/hour", "chat": "3/hour", "server": "5/hour", "program": "1/hour"}, ANY, 1),
    ],
)
async def test_so_many_fit(cache: Cache, limits: dict[str, str], asked: dict[str, object], fits: int) -> None:
    rates = Rates(cache, limits)
    assert [await rates.take(asked) is None for _ in range(9)] == [number < fits for number in range(9)]


async def test_what_is_full_says_how_much_in_which_time_and_until_when(cache: Cache) -> None:
    rates = Rates(cache, {"chat": "2 per 3 hours", "person": "9/minute"})
    begun = time.time()
    for _ in range(2):
        assert await rates.take(ANY) is None
    full = await rates.take(ANY)
    assert full is not None
    assert (full.name, full.amount, full.window) == ("chat", 2, "3 hours")
    assert begun + 3 * 3600 <= full.until <= time.time() + 3 * 3600


async def test_the_window_slides_and_is_free_again_at_the_moment_that_was_said(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates, begun = Rates(cache, {"person": "2/minute"}), time.time()

    async def at(seconds: float) -> float | None:
        """Asks so long after the beginning; until when it is full, None when it fitted."""
        monkeypatch.setattr(time, "time", lambda: begun + seconds)
        full = await rates.take({"person": 1})
        return round(full.until - begun, 3) if full else None

    assert [await at(each) for each in (0, 40, 59.9)] == [None, None, 60]
    assert [await at(each) for each in (60.1, 60.2, 99.9)] == [None, 100, 100]
    assert [await at(each) for each in (100.1, 100.2)] == [None, 120.1]


async def test_what_is_refused_counts_nowhere(cache: Cache) -> None:
    rates = Rates(cache, {"person": "1/hour", "chat": "3/hour"})
    assert await rates.take({"person": 1, "chat": "c"}) is None
    for _ in range(5):
        assert await rates.take({"person": 1, "chat": "c"})
    assert [await rates.take({"person": who, "chat": "c"}) is None for who in (2, 3, 4)] == [True, True, False]


async def test_everybody_has_a_window_of_their_own_and_all_processes_share_it(
    cache: Cache, redis_url: str, cache_prefix: str
) -> None:
    other = Cache.connect(redis_url, cache_prefix)
    here, there = (Rates(each, {"person": "2/hour"}) for each in (cache, other))
    assert await here.take({"person": 1}) is None
    assert await there.take({"person": 1}) is None
    assert await here.take({"person": 1})
    assert await there.take({"person": 1})
    assert await there.take({"person": 2}) is None
    await other.close()


async def test_at_the_same_moment_never_more_than_fit(cache: Cache) -> None:
    rates = Rates(cache, {"person": "5/hour", "program": "100/hour"})
    taken: list[Full | None] = await asyncio.gather(*(rates.take(ANY) for _ in range(40)))
    assert taken.count(None) == 5


async def test_every_key_stands_under_our_prefix_and_goes_by_itself(cache: Cache, cache_prefix: str) -> None:
    await Rates(cache, {"person": "2/hour", "chat": "3/day"}).take(ANY)
    keys = [key async for key in cache.client.scan_iter(match=f"{cache_prefix}:*")]
    assert len(keys) == 2
    for key in keys:
        assert 0 < await cache.client.ttl(key) <= 24 * 3600


async def test_the_cache_being_away_is_said_in_words() -> None:
    away = Cache.connect("redis://127.0.0.1:9/0")
    with pytest.raises(Unavailable, match="cache does not answer"):
        await Rates(away, {"person": "2/hour"}).take(ANY)
    await away.close()


DEFAULTS = {
    name.removeprefix("limit_"): str(field.default)
    for name, field in Settings.model_fields.items()
    if name.startswith("limit_")
}


@pytest.mark.parametrize(
    "limit",
    [*DEFAULTS.values(), "1/second", "20 per 2 minutes", "5/day;9/hour, 3 per 10 seconds|2/minutes", " 7 / 1 hour "],
)
async def test_what_the_settings_take_is_understood(cache: Cache, limit: str) -> None:
    settings = read_settings(_env_file=None, limit_person=limit)
    assert await Rates(cache, {"person": settings.limit_person}).take(ANY) is None


async def test_a_quick_player_meets_no_limit_and_a_script_does(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    rates, clock = Rates(cache, DEFAULTS), time.time()
    moment = clock
    monkeypatch.setattr(time, "time", lambda: moment)
    for number in range(60):  # three minutes without a pause
        moment = clock + 3 * number
        assert await rates.take(ANY) is None
    refused = 0
    for number in range(60):  # a minute, a line a second
        moment = clock + 1_000 + number
        refused += await rates.take(ANY) is not None
    assert refused == 30


def test_the_longer_windows_leave_room_for_a_long_evening() -> None:
    for limit in DEFAULTS.values():
        for item in parse_many(limit):
            played = min(item.get_expiry(), 5 * 3600)
            assert item.amount >= played / 3
