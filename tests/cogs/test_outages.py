"""The database or the cache is away, and every person has an outcome: nothing half, nothing lost, nothing twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground import Message
from tests.cogs.showing import ended, posts
from tests.theatre import Theatre, open_theatre, until
from tests.wire import Wire

WORDS = "One two three four five six."
LONG = 20.0


@dataclass(slots=True)
class Stormy:
    """A theatre whose wires to the database and to the cache can be cut."""

    theatre: Theatre
    database: Wire
    cache: Wire


@pytest.fixture
async def stormy(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Stormy]:
    async with (
        Wire(database_url) as database,
        Wire(redis_url) as cache,
        open_theatre(database.url, cache.url, cache_prefix, master_key, tmp_path) as theatre,
    ):
        yield Stormy(theatre, database, cache)
        await database.mend()
        await cache.mend()
    assert theatre.playground.violations == []


async def told(theatre: Theatre, words: str) -> Message:
    """Waits until the bot answers a message with these words."""
    return await theatre.alice.sees(words, within=LONG)


async def half(theatre: Theatre) -> object:
    await theatre.chat_with("Cue")
    held = theatre.model.says(WORDS, hold_after=3, pause=0)
    await theatre.alice.say("Count.")
    await theatre.alice.sees("One two three", within=LONG)
    return held


async def goes_on(theatre: Theatre, words: str = "All is well again.") -> None:
    theatre.model.says(words, pause=0)
    await theatre.alice.say("And now?")
    await ended(theatre.alice, words, within=LONG)


def words_of(theatre: Theatre) -> list[str]:
    """What replies say on Discord, without the greeting and without notes."""
    return [each.content.split("\n-# ")[0] for each in posts(theatre.alice)[1:]]


async def test_without_the_cache_one_can_read_and_nothing_is_begun(stormy: Stormy) -> None:
    theatre, alice = stormy.theatre, stormy.theatre.alice
    await theatre.chat_with("Cue")
    await goes_on(theatre, "The first.")
    await stormy.cache.cut()
    asked = len(theatre.model.requests)
    await alice.say("Lost words.")
    await told(theatre, "The cache does not answer right now")
    for command, words in (("chat history", "The first."), ("chat list", "Cue"), ("help", "character")):
        assert words in (await alice.slash(command)).text
    assert "Lost words." not in (await alice.slash("chat history")).text
    assert len(theatre.model.requests) == asked
    await stormy.cache.mend()
    await goes_on(theatre)
    assert "Lost words." not in theatre.model.prompt


@pytest.mark.parametrize("how", ["cut", "hang"])
async def test_a_reply_that_loses_the_cache_ends_and_is_shown(stormy: Stormy, how: str) -> None:
    theatre = stormy.theatre
    held = await half(theatre)
    if how == "cut":
        await stormy.cache.cut()
    else:
        stormy.cache.hang()
    held.release()  # type: ignore[attr-defined]
    await ended(theatre.alice, WORDS, within=LONG)
    await stormy.cache.mend()
    await goes_on(theatre)
    assert words_of(theatre) == [WORDS, "All is well again."]


async def test_stop_needs_no_cache(stormy: Stormy) -> None:
    theatre = stormy.theatre
    held = await half(theatre)
    await stormy.cache.cut()
    await theatre.alice.click("Stop")
    stopped = await ended(theatre.alice, "One two three", within=LONG)
    assert "Stopped" in stopped.content
    assert "four" not in stopped.content
    held.release()  # type: ignore[attr-defined]


async def test_without_the_database_people_hear_of_it_and_nothing_is_begun(stormy: Stormy) -> None:
    theatre, alice = stormy.theatre, stormy.theatre.alice
    await theatre.chat_with("Cue")
    await stormy.database.cut()
    await alice.say("Lost words.")
    await told(theatre, "The database does not answer right now")
    answer = await alice.slash("chat history")
    assert "database does not answer right now" in answer.text
    assert theatre.model.requests == []
    await stormy.database.mend()
    await goes_on(theatre)
    assert "Lost words." not in theatre.model.prompt


async def test_a_reply_that_loses_the_database_waits_for_it_and_is_stored_once(stormy: Stormy) -> None:
    theatre = stormy.theatre
    held = await half(theatre)
    await stormy.database.cut()
    held.release()  # type: ignore[attr-defined]
    await until(lambda: held.ended_at is not None)  # type: ignore[attr-defined]
    await theatre.alice.sees("four five six.", within=LONG)  # from the cache, though it cannot be stored yet
    assert all(not each.buttons or each.buttons[0].label == "Stop" for each in posts(theatre.alice)[1:])
    await stormy.database.mend()
    await ended(theatre.alice, WORDS, within=LONG)
    assert WORDS in (await theatre.alice.slash("chat history")).text
    await goes_on(theatre)
    assert words_of(theatre) == [WORDS, "All is well again."]
