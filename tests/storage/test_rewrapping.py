"""Changing the master key: everything stays readable at every moment, for everybody who knows both."""

import asyncio
import contextlib
from uuid import UUID

import pytest
import sqlalchemy as sa

from bot.errors import SettingsError
from storage.database import Database
from storage.rewrapping import count_by_master, refuse_missing, rewrap_some, unused
from storage.tables import Key
from storage.vault import DataKey, MasterKey, Place, Vault

NEW_KEY = MasterKey.new_text()
WORDS = Place("messages", "parts", UUID(int=1))


@pytest.fixture
async def rotating(database: Database, master_key: str) -> Database:
    """A process that has the new master key in front of the old one."""
    return Database(database.engine, Vault([MasterKey.from_text(NEW_KEY), MasterKey.from_text(master_key)]))


async def make_keys(database: Database, count: int, *, first: int = 0) -> dict[int, bytes]:
    """Keys of people, and something sealed by each."""
    sealed: dict[int, bytes] = {}
    async with database.transaction() as session:
        for person in range(first, first + count):
            sealed[person] = (await session.key("user", person)).seal(WORDS, str(person).encode())
    return sealed


async def all_open(database: Database, sealed: dict[int, bytes], *masters: str) -> bool:
    """Whether a process that starts now, with these master keys, reads everything."""
    fresh = Database(database.engine, Vault([MasterKey.from_text(text) for text in masters]))
    async with fresh.transaction() as session:
        await fresh.vault.load(session, sealed.values())
        return all(session.opened(WORDS, value) == str(person).encode() for person, value in sealed.items())


async def counts(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return await count_by_master(session)


async def rotate(database: Database, *, limit: int = 7) -> int:
    """One pass over the keys; returns how many were wrapped anew."""
    done, rewrapped = await rewrap_some(database, limit=limit), 0
    while done.last is not None:
        rewrapped += done.rewrapped
        done = await rewrap_some(database, after=done.last, limit=limit)
    return rewrapped


async def test_all_are_wrapped_anew_and_open_with_the_new_key_alone(
    database: Database, rotating: Database, master_key: str
) -> None:
    sealed = await make_keys(database, 20)
    old, new = MasterKey.from_text(master_key).id, MasterKey.from_text(NEW_KEY).id
    assert await counts(database) == {old: 20}
    assert unused(rotating.vault, await counts(database)) == []
    assert await rotate(rotating) == 20
    assert await counts(database) == {new: 20}
    assert [master.id for master in unused(rotating.vault, await counts(database))] == [old]
    assert await all_open(database, sealed, NEW_KEY)
    assert await rotate(rotating) == 0


async def test_a_step_that_was_not_the_last_leaves_both_kinds_readable_and_the_next_run_goes_on(
    database: Database, rotating: Database, master_key: str
) -> None:
    sealed = await make_keys(database, 20)
    await rewrap_some(rotating, limit=7)
    assert sorted((await counts(database)).values()) == [7, 13]
    assert await all_open(database, sealed, NEW_KEY, master_key)
    assert await all_open(database, sealed, master_key, NEW_KEY)
    assert await rotate(rotating) == 13


async def test_a_key_that_is_deleted_meanwhile_does_not_come_back(database: Database, rotating: Database) -> None:
    await make_keys(database, 10)
    await rewrap_some(rotating, limit=3)
    async with database.transaction() as session:
        await session.execute(sa.delete(Key).where(Key.subject.in_(["1", "8"])))
    await rotate(rotating)
    assert sum((await counts(database)).values()) == 8


async def test_a_missing_master_key_is_named_before_anything_is_done(database: Database) -> None:
    await make_keys(database, 3)
    stranger = Vault([MasterKey.from_text(NEW_KEY)])
    with pytest.raises(SettingsError, match="which wraps 3 data keys"):
        refuse_missing(stranger, await counts(database))


async def test_a_damaged_row_is_left_as_it_is_and_keeps_its_master_key_needed(
    database: Database, rotating: Database
) -> None:
    await make_keys(database, 5)
    async with database.transaction() as session:
        damaged = sa.update(Key).where(Key.subject == "2").values(wrapped=b"x" * 60)
        await session.execute(damaged)
    step = await rewrap_some(rotating, limit=50)
    assert (step.rewrapped, step.damaged) == (4, 1)
    assert unused(rotating.vault, await counts(database)) == []


async def test_rotating_among_writers_cancelled_and_run_again_loses_nothing(
    database: Database, rotating: Database, master_key: str
) -> None:
    """Processes with both keys go on making and reading keys; the rotation is cut off again and again."""
    sealed = await make_keys(database, 60)
    done = asyncio.Event()

    async def write(first: int) -> None:
        process = Database(rotating.engine, Vault(rotating.vault.masters))
        person = first
        while not done.is_set():
            sealed.update(await make_keys(process, 2, first=person))
            # One who starts now and reads old and new alike.
            some = dict(list(sealed.items())[-30:])
            assert await all_open(database, some, NEW_KEY, master_key)
            person += 2

    async def cut_off() -> int:
        cut, old = 0, MasterKey.from_text(master_key).id
        while (await counts(database)).get(old):
            running = asyncio.create_task(rotate(rotating, limit=4))
            # Cut off within a step: after so many turns of the loop, wherever that is.
            for _ in range(20 + 7 * cut):
                await asyncio.sleep(0)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            cut += 1
            assert await all_open(database, dict(list(sealed.items())[:60]), NEW_KEY, master_key)
        done.set()
        return cut

    async with asyncio.TaskGroup() as together:
        for first in (1_000, 2_000):
            together.create_task(write(first))
        cutting = together.create_task(cut_off())
    cut = cutting.result()
    assert cut > 1
    assert set(await counts(database)) == {MasterKey.from_text(NEW_KEY).id}
    assert await all_open(database, sealed, NEW_KEY)


async def test_two_rotations_at_once_share_the_work(database: Database, rotating: Database) -> None:
    sealed = await make_keys(database, 40)
    beside = Database(rotating.engine, Vault(rotating.vault.masters))
    assert sum(await asyncio.gather(rotate(rotating, limit=5), rotate(beside, limit=5))) == 40
    assert await all_open(database, sealed, NEW_KEY)


async def test_a_process_that_runs_on_opens_what_was_rewrapped(
    database: Database, rotating: Database, master_key: str
) -> None:
    sealed = await make_keys(rotating, 1)
    sealed |= await make_keys(database, 9, first=1)
    await rotate(rotating)
    keys: list[DataKey] = []
    async with rotating.transaction() as session:
        keys += [await session.key("user", person) for person in sealed]
    assert [key.open(WORDS, sealed[person]) for person, key in zip(sealed, keys, strict=True)] == [
        str(person).encode() for person in sealed
    ]
