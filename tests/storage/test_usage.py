"""Usage in the database: notes and sums agree, budgets hold however many ask at once, and nobody who goes is kept."""

import asyncio
import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import storage.guilds
import storage.usage
import storage.users
from storage.database import Database
from storage.guilds import GuildSettings
from storage.ids import new_id
from storage.usage import Spent, Sums, Whose

HARBOUR, ISLAND, ALICE, BOB = 10, 11, 1, 2
TODAY = date(2026, 11, 21)
NOVA, WAKE = UUID(int=1), UUID(int=2)


@pytest.fixture
async def world(database: Database) -> Database:
    """Two people, and two servers of which the harbour has a budget of 1,000 tokens."""
    async with database.transaction() as session:
        for number, name in ((ALICE, "alice"), (BOB, "bob")):
            await storage.users.touch_user(session, number, name)
        await storage.guilds.touch_guild(session, ISLAND)
        await storage.guilds.save_settings(session, HARBOUR, GuildSettings(tokens_a_day=1000))
    return database


def spent(prompt: int | None = 100, completion: int | None = 20, **changes: Any) -> Spent:
    """A reply to Alice in the harbour."""
    usual = Spent(new_id(), "reply", ALICE, HARBOUR, new_id(), NOVA, "gpt", prompt, completion)
    return replace(usual, **changes)


async def reserve(database: Database, tokens: int, *, guild: int = HARBOUR, day: date = TODAY) -> UUID | None:
    """A reservation in a transaction of its own; None when the budget does not allow it."""
    generation = new_id()
    async with database.transaction() as session:
        short = await storage.usage.reserve(session, generation_id=generation, guild_id=guild, tokens=tokens, day=day)
    return None if short is not None else generation


async def settle(database: Database, one: Spent, *, cost: int | None = None, day: date = TODAY) -> None:
    """The end of a generation, in a transaction of its own."""
    async with database.transaction() as session:
        await storage.usage.settle(session, one, cost=cost, day=day)


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    async with database.transaction() as session:
        return [tuple(row) for row in await session.execute(sa.text(query))]


async def days(database: Database, whose: Whose) -> dict[date, Sums]:
    """The sums by day."""
    async with database.transaction() as session:
        return await storage.usage.list_days(session, whose)


TAKEN = "SELECT taken FROM budget_days WHERE guild_id = 10 AND day = '2026-11-21'"


async def test_what_is_settled_stands_in_the_days_sums(world: Database) -> None:
    for one, cost in (
        (spent(), 5),
        (spent(1, 2), None),
        (spent(7, None, character_id=None), 3),
        (spent(guild_id=None), None),
        (spent(guild_id=ISLAND, user_id=BOB), None),
        (spent(0, 0, model="free"), 0),
        (spent(1, None, model="big"), None),
        (spent(None, None, model=""), None),
    ):
        await settle(world, one, cost=cost)
    since = TODAY - timedelta(days=6)
    assert await days(world, Whose(since, guild_id=HARBOUR)) == {TODAY: Sums(4, 109, 22, 8)}
    assert await days(world, Whose(since, user_id=ALICE)) == {TODAY: Sums(5, 209, 42, 8)}
    assert await days(world, Whose(since, user_id=BOB)) == {TODAY: Sums(1, 100, 20)}
    assert await days(world, Whose(TODAY + timedelta(days=1), user_id=BOB)) == {}
    assert await rows(world, "SELECT count(*) FROM usage_days WHERE guild_id = 10") == [(3,)]
    async with world.transaction() as session:
        whose = Whose(since, guild_id=HARBOUR)
        most = await storage.usage.list_most(session, whose, "character_id", limit=2)
        assert most == [(NOVA, Sums(3, 102, 22, 5)), (None, Sums(1, 7, 0, 3))]
        assert await storage.usage.list_most(session, whose, "model", limit=1) == [("gpt", Sums(3, 108, 22, 8))]
        assert await storage.usage.count_spent(session, HARBOUR, TODAY) == 131
        assert await storage.usage.count_spent(session, ISLAND, TODAY - timedelta(days=1)) == 0


async def test_settling_again_changes_nothing(world: Database) -> None:
    generation = await reserve(world, 500)
    assert generation is not None
    one = spent(generation_id=generation)
    await settle(world, one)
    before = await rows(world, "SELECT * FROM usage_days")
    await asyncio.gather(*(settle(world, replace(one, prompt_tokens=999)) for _ in range(4)))
    assert await rows(world, "SELECT * FROM usage_days") == before
    assert await rows(world, TAKEN) == [(120,)]
    assert await rows(world, "SELECT prompt_tokens FROM usage_events") == [(100,)]


async def test_a_budget_holds_reservations_and_use_together(world: Database) -> None:
    assert await reserve(world, 1001) is None
    first = await reserve(world, 600)
    assert first is not None
    assert await reserve(world, 401) is None
    assert await reserve(world, 400) is not None
    assert await reserve(world, 1) is None
    await settle(world, spent(100, 100, generation_id=first))
    assert await reserve(world, 400) is not None
    assert await reserve(world, 1) is None
    assert await reserve(world, 1, day=TODAY + timedelta(days=1)) is not None


async def test_without_a_budget_nothing_is_reserved_and_a_budget_counts_the_morning_too(world: Database) -> None:
    assert await reserve(world, 10**12, guild=ISLAND) is not None
    assert await rows(world, "SELECT count(*) FROM usage_reservations") == [(0,)]
    await settle(world, spent(400, 200, guild_id=ISLAND))
    async with world.transaction() as session:
        await storage.guilds.save_settings(session, ISLAND, GuildSettings(tokens_a_day=1000))
    assert await reserve(world, 401, guild=ISLAND) is None
    assert await reserve(world, 400, guild=ISLAND) is not None


async def test_a_generation_that_used_nothing_gives_back_all(world: Database) -> None:
    generation = await reserve(world, 1000)
    assert generation is not None
    await settle(world, spent(0, None, generation_id=generation))
    assert await rows(world, TAKEN) == [(0,)]
    assert await rows(world, "SELECT count(*) FROM usage_events") == [(0,)]


async def test_an_estimate_that_was_too_low_is_counted_in_full(world: Database) -> None:
    generation = await reserve(world, 10)
    assert generation is not None
    await settle(world, spent(3000, 10, generation_id=generation))
    assert await rows(world, TAKEN) == [(3010,)]
    assert await reserve(world, 0) is None


async def test_what_a_dead_process_reserved_no_longer_counts_after_an_hour(world: Database) -> None:
    left, fresh = await reserve(world, 700), await reserve(world, 200)
    assert left is not None
    assert fresh is not None
    await rows(world, "UPDATE usage_reservations SET created_at = now() - interval '59 minutes' RETURNING 1")
    assert await reserve(world, 101) is None
    async with world.transaction() as session:
        old = sa.text("UPDATE usage_reservations SET created_at = now() - interval '61 minutes' WHERE tokens = 700")
        await session.execute(old)
    got = await asyncio.gather(*(reserve(world, 400) for _ in range(4)))
    assert [each is not None for each in got].count(True) == 2
    assert await rows(world, TAKEN) == [(1000,)]
    # Whoever takes the generation up after all only adds what was used.
    await settle(world, spent(1, 1, generation_id=left))
    assert await rows(world, TAKEN) == [(1002,)]


async def test_a_night_between_reservation_and_end(world: Database) -> None:
    generation, tomorrow = await reserve(world, 900), TODAY + timedelta(days=1)
    assert generation is not None
    await settle(world, spent(100, 100, generation_id=generation), day=tomorrow)
    assert await reserve(world, 800, day=tomorrow) is not None
    assert await reserve(world, 1, day=tomorrow) is None
    assert await rows(world, "SELECT count(*) FROM usage_reservations") == [(1,)]


@pytest.mark.parametrize(("together", "tokens", "fit"), [(2, 600, 1), (2, 500, 2), (8, 300, 3), (12, 1000, 1)])
async def test_those_who_ask_at_once_never_overspend(world: Database, together: int, tokens: int, fit: int) -> None:
    got = await asyncio.gather(*(reserve(world, tokens) for _ in range(together)))
    assert [each is not None for each in got].count(True) == fit
    assert await rows(world, TAKEN) == [(fit * tokens,)]


async def test_whoever_goes_is_named_nowhere_and_the_server_keeps_its_sums(world: Database) -> None:
    for _ in range(2):
        await settle(world, spent())
        await settle(world, spent(user_id=BOB))
    async with world.transaction() as session:
        await session.execute(sa.text("DELETE FROM users"))
    assert await days(world, Whose(TODAY, guild_id=HARBOUR)) == {TODAY: Sums(4, 400, 80)}
    assert await rows(world, "SELECT DISTINCT user_id FROM usage_days") == [(None,)]
    assert await rows(world, "SELECT DISTINCT user_id FROM usage_events") == [(None,)]
    await settle(world, spent())  # of somebody who has just gone
    assert await days(world, Whose(TODAY, guild_id=HARBOUR)) == {TODAY: Sums(5, 500, 100)}
    async with world.transaction() as session:
        await session.execute(sa.text("DELETE FROM guilds"))
    await settle(world, spent())  # in a server that has just gone
    assert await rows(world, "SELECT DISTINCT guild_id FROM usage_events") == [(None,)]
    assert await rows(world, "SELECT count(*) FROM budget_days") == [(0,)]


GUILDS = itertools.count(1000)
LIVES = st.lists(st.tuples(st.integers(0, 700), st.floats(0, 1), st.booleans()), min_size=2, max_size=10)


@given(LIVES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_at_any_moment_what_is_taken_is_what_was_used_and_what_is_held(
    world: Database, lives: list[tuple[int, float, bool]]
) -> None:
    guild = next(GUILDS)
    async with world.transaction() as session:
        await storage.guilds.save_settings(session, guild, GuildSettings(tokens_a_day=1000))
    query = f"""
        SELECT coalesce((SELECT taken FROM budget_days WHERE guild_id = {guild}), 0),
               (SELECT coalesce(sum(tokens), 0) FROM usage_reservations WHERE guild_id = {guild}),
               (SELECT coalesce(sum(prompt_tokens), 0) FROM usage_events WHERE guild_id = {guild})
    """

    async def live(tokens: int, part: float, dies: bool) -> None:
        """A generation: it reserves, uses at most so much, and ends, unless its process dies."""
        generation = await reserve(world, tokens, guild=guild)
        ((taken, held, used),) = await rows(world, query)
        assert taken == held + used
        assert taken <= 1000
        if generation is not None and not dies:
            end = spent(int(tokens * part), 0, generation_id=generation, guild_id=guild)
            await asyncio.gather(settle(world, end), settle(world, end))

    await asyncio.gather(*(live(*each) for each in lives))
    ((taken, held, used),) = await rows(world, query)
    assert taken == held + used <= 1000
