"""Jobs: done at least once, tried again, kept when nothing helps, and left to others in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from bot.jobs import LOST_TAKES, Jobs
from bot.telemetry import Metrics
from storage import jobs as storage_jobs
from storage.database import Database
from storage.jobs import DeadJob, Payload, Tally

WORDS = "The treasure lies under the third palm."
SHORT = timedelta(seconds=0.3)
PAUSES = (timedelta(milliseconds=5),) * 2
Start = Callable[..., Jobs]


@pytest.fixture
async def start(database: Database) -> AsyncIterator[Start]:
    """Opens workers on the test's database, as processes would; closed at the end."""
    opened: list[Jobs] = []

    def begin(name: str, handler: Callable[[Payload], Awaitable[None]], **given: Any) -> Jobs:
        within = given.pop("within", timedelta(seconds=30))
        metrics = given.pop("metrics", Metrics(serving=False))
        jobs = Jobs(database, metrics, **({"lease": SHORT, "pauses": PAUSES} | given))
        jobs.handle(name, handler, within=within)
        jobs.open()
        opened.append(jobs)
        return jobs

    yield begin
    for jobs in opened:
        await jobs.close()


async def enqueue(database: Database, *chats: str, once: str | None = None) -> None:
    async with database.transaction() as session:
        for chat in chats:
            await storage_jobs.enqueue(session, "chat.title", {"chat": chat}, once=once)


async def tallies(database: Database) -> list[Tally]:
    async with database.transaction() as session:
        return await storage_jobs.count_by_name(session)


async def dead(database: Database) -> list[DeadJob]:
    async with database.transaction() as session:
        return await storage_jobs.list_dead(session)


async def until(condition: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def is_empty(database: Database) -> bool:
    return await tallies(database) == []


async def test_each_job_is_done_once_and_its_ids_come_along(database: Database, start: Start) -> None:
    done: list[str] = []

    async def handler(payload: Payload) -> None:
        done.append(str(payload["chat"]))

    await enqueue(database, *"abcdefghij")
    start("chat.title", handler)
    start("chat.title", handler)
    await until(lambda: is_empty(database))
    assert sorted(done) == list("abcdefghij")


async def test_what_is_enqueued_is_heard_of_at_once(database: Database, start: Start) -> None:
    begun = asyncio.Event()

    async def handler(_: Payload) -> None:
        begun.set()

    await enqueue(database, "a")
    start("chat.title", handler)
    await begun.wait()
    await until(lambda: is_empty(database))
    begun.clear()
    await enqueue(database, "b")
    async with asyncio.timeout(1.5):  # looking now and then would take two seconds
        await begun.wait()


async def test_it_is_tried_again_and_kept_as_dead_when_nothing_helps(database: Database, start: Start) -> None:
    tries: list[str] = []

    async def handler(payload: Payload) -> None:
        tries.append(str(payload["chat"]))
        if payload["chat"] == "hopeless" or len(tries) < 2:
            raise ValueError(WORDS)

    metrics = Metrics(serving=True)
    with capture_logs() as logs:
        jobs = start("chat.title", handler, metrics=metrics)
        await enqueue(database, "flaky")
        await until(lambda: is_empty(database))
        assert tries == ["flaky", "flaky"]
        await enqueue(database, "hopeless")
        await until(lambda: dead(database))
    assert tries[2:] == ["hopeless"] * 3
    (letter,) = await dead(database)
    assert letter.name == "chat.title"
    assert letter.reason.startswith("ValueError in handler, line ")
    assert [tally.dead for tally in await tallies(database)] == [1]
    assert "treasure" not in str(logs)
    assert "treasure" not in await all_text(database)
    await jobs.close()
    figures = metrics.render()[0].decode()
    for outcome, count in (("done", 1), ("failed", 3), ("dead", 1)):
        assert f'dramatis_jobs_total{{name="chat.title",outcome="{outcome}"}} {count}.0' in figures

    async with database.transaction() as session:
        assert await storage_jobs.revive(session, [letter.id]) == 1
    tries.clear()

    async def mended(payload: Payload) -> None:
        tries.append(str(payload["chat"]))

    start("chat.title", mended)
    await until(lambda: is_empty(database))
    assert tries == ["hopeless"]


async def all_text(database: Database) -> str:
    connection = await asyncpg.connect(database.engine.url.set(drivername="postgresql").render_as_string(False))
    try:
        rows = await connection.fetch("SELECT row_to_json(l)::text FROM pgqueuer_log l")
    finally:
        await connection.close()
    return str(rows)


async def test_a_job_that_hangs_fails(database: Database, start: Start) -> None:
    async def handler(_: Payload) -> None:
        await asyncio.Event().wait()

    await enqueue(database, "a")
    start("chat.title", handler, within=timedelta(milliseconds=10), pauses=())
    await until(lambda: dead(database))
    assert (await dead(database))[0].reason.startswith("TimeoutError")


async def test_a_long_job_stays_with_whoever_is_alive(database: Database, start: Start) -> None:
    runs, release = [0, 0], asyncio.Event()

    def handler_of(number: int) -> Callable[[Payload], Awaitable[None]]:
        async def handler(_: Payload) -> None:
            runs[number] += 1
            await release.wait()

        return handler

    await enqueue(database, "a")
    start("chat.title", handler_of(0))
    start("chat.title", handler_of(1))
    await asyncio.sleep(SHORT.total_seconds() * 4)  # the time itself is what matters here
    assert sum(runs) == 1
    release.set()
    await until(lambda: is_empty(database))
    assert sum(runs) == 1


async def test_what_a_dead_process_held_is_taken_again(
    database: Database, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.POLL_SECONDS", 0.05)
    await enqueue(database, "a")
    killed = uuid4()
    async with database.transaction() as session:
        (taken,) = await storage_jobs.take(session, ["chat.title"], owner=killed, limit=5, lease=SHORT)
        assert not await storage_jobs.take(session, ["chat.title"], owner=uuid4(), limit=5, lease=SHORT)
    done = asyncio.Event()

    async def handler(_: Payload) -> None:
        await done.wait()

    jobs = start("chat.title", handler)
    await until(lambda: as_awaitable(jobs.running == 1))
    async with database.transaction() as session:
        assert not await storage_jobs.finish(session, taken, owner=killed), "it is somebody else's by now"
        assert not await storage_jobs.bury(session, taken, owner=killed, reason="x")
        assert not await storage_jobs.retry(session, taken, owner=killed, pause=SHORT, reason="x")
    assert [tally.running for tally in await tallies(database)] == [1]
    done.set()
    await until(lambda: is_empty(database))


async def test_a_job_that_ends_its_processes_is_dead_at_last(
    database: Database, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.POLL_SECONDS", 0.05)
    await enqueue(database, "a")
    for _ in range(LOST_TAKES):
        async with database.transaction() as session:
            assert await storage_jobs.take(
                session, ["chat.title"], owner=uuid4(), limit=1, lease=timedelta(microseconds=-1)
            )
    ran: list[Payload] = []

    async def handler(payload: Payload) -> None:
        ran.append(payload)

    start("chat.title", handler)
    await until(lambda: dead(database))
    assert not ran
    assert "its process ended" in (await dead(database))[0].reason


async def test_a_bounded_number_at_once(database: Database, start: Start) -> None:
    now = most = 0

    async def handler(_: Payload) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    await enqueue(database, *"abcdefghij")
    start("chat.title", handler, at_once=3)
    await until(lambda: is_empty(database))
    assert most == 3


async def test_an_orderly_stop_leaves_the_job_to_others_at_once_and_uncounted(
    database: Database, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.GRACE_SECONDS", 0.01)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(_: Payload) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def quick(_: Payload) -> None:
        ended.set()

    await enqueue(database, "a")
    first = start("chat.title", slow, lease=timedelta(hours=1))
    await begun.wait()
    await first.close()
    start("chat.title", quick, lease=timedelta(hours=1))
    await asyncio.wait_for(ended.wait(), 5)
    await until(lambda: is_empty(database))


async def test_it_survives_that_every_connection_is_cut(
    database: Database, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.POLL_SECONDS", 0.05)
    done: list[str] = []

    async def handler(payload: Payload) -> None:
        done.append(str(payload["chat"]))

    connection = await asyncpg.connect(database.engine.url.set(drivername="postgresql").render_as_string(False))
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    others = await connection.fetchval(f"SELECT array_agg(pid) {here}")
    await enqueue(database, "a")
    start("chat.title", handler)
    await until(lambda: is_empty(database))
    await connection.execute(f"SELECT pg_terminate_backend(pid) {here} AND pid <> ALL($1)", others)
    await connection.close()

    async def enqueued() -> bool:
        try:
            await enqueue(database, "b")
        except Exception:
            return False
        return True

    await until(enqueued)
    await until(lambda: is_empty(database))
    assert done == ["a", "b"]


async def test_what_returns_every_day_is_enqueued_once_however_many_ask(database: Database) -> None:
    daily = {"servers.left": timedelta(days=1)}

    async def due(recurring: dict[str, timedelta]) -> list[str]:
        async with database.transaction() as session:
            await storage_jobs.schedule(session, recurring)
            return await storage_jobs.enqueue_due(session, recurring)

    assert await due(daily) == [], "the first time is a day from now"
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE pgqueuer_schedules SET next_run = now() - interval '1 hour'")
    found = await asyncio.gather(*(due(daily) for _ in range(3)))
    assert sorted(found, key=len) == [[], [], ["servers.left"]]
    assert [(each.name, each.waiting) for each in await tallies(database)] == [("servers.left", 1)]
    assert await due(daily) == []


async def as_awaitable(value: object) -> object:
    return value
