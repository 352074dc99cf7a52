"""The queue: what is enqueued is there when what caused it is, and once."""

from datetime import timedelta

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
