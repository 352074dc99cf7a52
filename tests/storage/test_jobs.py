"""The queue: what is enqueued is there when what caused it is, and once."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from storage import jobs, queue
from storage.database import Database


async def test_the_migration_installs_what_the_library_asks_for(database: Database) -> None:
    async with database.transaction() as session:
        plan = await queue.queries(session).plan_upgrade()
    assert [*plan.statements, *plan.notes] == []


async def waiting(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return {each.name: each.waiting for each in await jobs.count_by_name(session)}


async def test_a_job_is_there_when_its_transaction_commits_and_only_then(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await jobs.enqueue(session, "chat.title", {"chat": "a"})
            raise RuntimeError
    assert await waiting(database) == {}
    async with database.transaction() as session:
        await jobs.enqueue(session, "chat.title", {"chat": "a"})
        await jobs.enqueue(session, "chat.title", {"chat": "b"}, delay=timedelta(hours=1))
    assert await waiting(database) == {"chat.title": 2}


TITLE = "chat.title"
OWNER = uuid4()


async def take(database: Database, *, limit: int = 10) -> list[jobs.Job]:
    async with database.transaction() as session:
        return await jobs.take(session, [TITLE], owner=OWNER, limit=limit, lease=timedelta(minutes=1))


async def enqueue(database: Database, chat: str, *, once: str | None = None) -> None:
    async with database.transaction() as session:
        await jobs.enqueue(session, TITLE, {"chat": chat}, once=once)


async def test_what_should_be_done_once_waits_once_and_may_come_again_when_it_is_done(database: Database) -> None:
    await asyncio.gather(*(enqueue(database, "a", once="title:a") for _ in range(5)))
    await enqueue(database, "b", once="title:b")
    assert await waiting(database) == {TITLE: 2}
    taken = await take(database)
    assert sorted(str(job.payload["chat"]) for job in taken) == ["a", "b"]
    await enqueue(database, "a", once="title:a")
    assert await waiting(database) == {TITLE: 0}, "one runs at this moment"
    async with database.transaction() as session:
        for job in taken:
            assert await jobs.finish(session, job, owner=OWNER)
    await enqueue(database, "a", once="title:a")
    assert await waiting(database) == {TITLE: 1}


async def test_what_is_to_wait_waits(database: Database) -> None:
    async with database.transaction() as session:
        await jobs.enqueue(session, TITLE, {"chat": "later"}, delay=timedelta(hours=1))
        await jobs.enqueue(session, TITLE, {"chat": "now"})
    assert [job.payload["chat"] for job in await take(database)] == ["now"]
    async with database.transaction() as session:
        (tally,) = await jobs.count_by_name(session)
    assert (tally.waiting, tally.running, tally.late) == (1, 1, timedelta(0))


async def test_two_never_take_the_same(database: Database) -> None:
    for number in range(10):
        await enqueue(database, str(number))
    taken = await asyncio.gather(*(take(database, limit=3) for _ in range(5)))
    ids = [job.id for each in taken for job in each]
    assert len(ids) == len(set(ids)) == 10


async def test_of_dead_jobs_with_one_purpose_the_newest_comes_back(database: Database) -> None:
    for chat, once in (("old", "a"), ("new", "a"), ("other", "b"), ("plain", None), ("plain", None)):
        await enqueue(database, chat, once=once)
        (job,) = await take(database)
        async with database.transaction() as session:
            assert await jobs.bury(session, job, owner=OWNER, reason="ValueError")
    await enqueue(database, "waits", once="b")
    async with database.transaction() as session:
        assert [letter.reason for letter in await jobs.list_dead(session, limit=3)] == ["ValueError"] * 3
        assert await jobs.revive(session) == 3
        assert await jobs.revive(session) == 0
    taken = await take(database)
    assert sorted(str(job.payload["chat"]) for job in taken) == ["new", "plain", "plain", "waits"]
    assert {(job.failures, job.takes) for job in taken} == {(0, 1)}


async def test_who_listens_hears_of_what_was_enqueued(database: Database) -> None:
    news = jobs.listen(database)
    await anext(news)
    heard = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0)
    assert not heard.done()
    await enqueue(database, "a")
    await asyncio.wait_for(heard, 5)
    await news.aclose()
