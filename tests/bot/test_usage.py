"""Limits in words, budgets that turn with the day, prices, and what a report holds."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

import storage.characters
import storage.guilds
import storage.usage
import storage.users
from bot.caller import Caller
from bot.errors import LimitReached, MissingPermission, Unavailable
from bot.usage import PERIODS, Price, Report, Spent, Sums, Usage
from storage.cache import Cache
from storage.database import Database
from storage.guilds import GuildSettings
from storage.ids import new_id
from storage.rates import Rates

HARBOUR, ISLAND, ALICE, BOB = 10, 11, 1, 2
ADMIN = Caller(ALICE, "alice", "Alice", guild_id=HARBOUR, may_manage=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PRICES = {"gpt": Price(Decimal("0.15"), Decimal("0.60")), "free": Price(Decimal(0), Decimal(0))}


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Noon."""
    return Clock()


@pytest.fixture
async def usage(database: Database, cache: Cache, clock: Clock) -> Usage:
    """Usage with a limit of two for everybody, and a budget of 1,000 tokens in the harbour."""
    async with database.transaction() as session:
        for number, name in ((ALICE, "alice"), (BOB, "bob")):
            await storage.users.touch_user(session, number, name)
        await storage.guilds.touch_guild(session, ISLAND)
        await storage.guilds.save_settings(session, HARBOUR, GuildSettings(tokens_a_day=1000))
    return Usage(database, Rates(cache, {"person": "2/hour"}), prices=PRICES, now=clock)


def spent(prompt: int | None = 100, completion: int | None = 20, **changes: Any) -> Spent:
    """A reply to Alice in the harbour."""
    usual: dict[str, Any] = {
        "generation_id": new_id(), "kind": "reply", "user_id": ALICE, "guild_id": HARBOUR, "chat_id": None,
        "character_id": None, "model": "gpt", "prompt_tokens": prompt, "completion_tokens": completion,
    }  # fmt: skip
    return Spent(**(usual | changes))


async def settle(usage: Usage, database: Database, *every: Spent) -> None:
    """Ends generations."""
    async with database.transaction() as session:
        for one in every:
            await usage.settle(session, one)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (
            {"person": "2/minute"},
            "You have had 2 replies within a minute, the most for one person. You can go on ",
        ),
        (
            {"chat": "2 per 3 hours"},
            "This scene has had 2 replies within 3 hours, the most for one scene. It can go on ",
        ),
        ({"server": "2/day"}, "This server has had 2 replies within a day, the most for one server. It can go on "),
        ({"program": "2/hour"}, "So many people are playing right now that I need a moment. Please try again "),
    ],
)
async def test_a_refusal_says_which_limit_and_when_to_come_back(
    database: Database, cache: Cache, limits: dict[str, str], says: str
) -> None:
    usage, chat = Usage(database, Rates(cache, limits)), new_id()
    for _ in range(2):
        await usage.admit(user_id=ALICE, chat_id=chat, guild_id=HARBOUR)
    with pytest.raises(LimitReached) as told:
        await usage.admit(user_id=ALICE, chat_id=chat, guild_id=HARBOUR)
    words, _, rest = str(told.value).partition("<t:")
    assert words == says
    found = re.fullmatch(r"(\d+):R>\.", rest)
    assert found
    assert 0 < int(found[1]) - datetime.now(UTC).timestamp() <= 24 * 3600 + 1


async def test_outside_chats_and_servers_the_person_counts_alone(database: Database, cache: Cache) -> None:
    usage = Usage(database, Rates(cache, {"chat": "1/hour", "server": "1/hour", "person": "3/hour"}))
    for _ in range(3):
        await usage.admit(user_id=ALICE, chat_id=None, guild_id=None)
    with pytest.raises(LimitReached, match="one person"):
        await usage.admit(user_id=ALICE, chat_id=None, guild_id=None)


async def test_without_the_cache_nobody_is_let_through(database: Database) -> None:
    away = Cache.connect("redis://127.0.0.1:9/0")
    with pytest.raises(Unavailable):
        await Usage(database, Rates(away, {"person": "2/hour"})).admit(user_id=1, chat_id=None, guild_id=None)
    await away.close()


async def test_a_budget_that_is_spent_says_when_the_day_turns(usage: Usage, database: Database, clock: Clock) -> None:
    async def reserve(tokens: int, guild_id: int | None = HARBOUR) -> None:
        async with database.transaction() as session:
            await usage.reserve(session, generation_id=new_id(), guild_id=guild_id, tokens=tokens)

    await reserve(1000)
    await reserve(5000, None)
    await reserve(5000, ISLAND)
    with pytest.raises(LimitReached) as told:
        await reserve(1)
    midnight = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
    assert str(told.value) == (
        f"This server has used up the 1,000 tokens that its admins allow a day. It can go on <t:{midnight}:R>, when "
        "the day ends (UTC). `/server settings` is where an admin can allow more."
    )
    clock.now = datetime(2026, 11, 22, tzinfo=UTC)
    await reserve(1)


@pytest.mark.parametrize(
    ("one", "cost"),
    [
        (spent(1_000_000, 0), 150_000_000),
        (spent(0, 1_000_000), 600_000_000),
        (spent(1, 1), 750),
        (spent(None, 10), 6_000),
        (spent(model="free"), 0),
        (spent(model="unknown"), None),
    ],
)
async def test_what_it_cost(usage: Usage, database: Database, one: Spent, cost: int | None) -> None:
    await settle(usage, database, one)
    assert (await usage.of_server(ADMIN, 7)).total.cost == cost


@pytest.mark.parametrize("days", PERIODS)
async def test_a_report_has_each_day_and_whoever_used_the_most(
    usage: Usage, database: Database, clock: Clock, days: int
) -> None:
    for back in (days, days - 1, 3, 0):  # the first is too long ago
        clock.now = NOON - timedelta(days=back)
        await settle(usage, database, spent(), spent(1, 1, user_id=BOB), spent(5, 5, guild_id=None))
    report = await usage.of_server(ADMIN, days)
    assert [day for day, _ in report.days] == [date(2026, 11, 21) - timedelta(days=n) for n in range(days)][::-1]
    assert [sums.replies for _, sums in report.days if sums.replies] == [2, 2, 2]
    assert report.days[-1][1].tokens == report.days[0][1].tokens == 122
    assert [(line.key, line.sums.tokens) for line in report.people] == [(ALICE, 360), (BOB, 6)]
    assert (report.total.replies, report.budget, report.servers) == (6, 1000, ())
    mine = await usage.of_person(ADMIN, days)
    assert [(line.key, line.sums.tokens) for line in mine.servers] == [(HARBOUR, 360), (None, 30)]
    assert (mine.total.replies, mine.budget, mine.people) == (6, None, ())


async def test_a_server_tells_its_admins_alone(usage: Usage) -> None:
    for may_manage, guild in ((False, HARBOUR), (True, None)):
        with pytest.raises(MissingPermission, match="Manage Server"):
            await usage.of_server(Caller(ALICE, "alice", "Alice", guild_id=guild, may_manage=may_manage), 7)


async def test_admins_read_no_names_that_are_not_for_them(usage: Usage, database: Database) -> None:
    async def character(name: str, **columns: Any) -> UUID:
        made = new_id()
        async with database.transaction() as session:
            given = {
                "id": made,
                "name": name,
                "owner_user_id": BOB,
                "owner_guild_id": None,
                "status": "draft",
            } | columns
            await session.execute(
                sa.text(
                    "INSERT INTO characters (id, name, owner_user_id, owner_guild_id, status)"
                    " VALUES (:id, :name, :owner_user_id, :owner_guild_id, :status)"
                ),
                given,
            )
        return made

    theirs = {"owner_user_id": None, "owner_guild_id": HARBOUR}
    made = [
        await character("Draft of Bob's"),
        await character("Published", status="published"),
        await character("Mine", owner_user_id=ALICE),
        await character("Ours", **theirs),
        new_id(),
    ]
    await settle(usage, database, *(spent(100 - n, 0, character_id=id_, user_id=BOB) for n, id_ in enumerate(made)))
    seen = [line.name for line in (await usage.of_server(ADMIN, 7)).characters]
    assert seen == [None, "Published", "Mine", "Ours", None]
    own = [line.name for line in (await usage.of_person(Caller(BOB, "bob", "Bob"), 7)).characters]
    assert own == ["Draft of Bob's", "Published", "Mine", "Ours", None]


def test_the_total_of_nothing_is_nothing() -> None:
    assert Report((), (), ()).total == Sums()
