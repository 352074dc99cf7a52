"""What somebody gets who takes the database without its master key: ciphertext that opens where it stands alone."""

import asyncpg
import sqlalchemy as sa

from storage.backups.opening import open_all, sealed_columns
from storage.database import Database
from storage.tables import Key
from tests.storage.backing import silent
from tests.storage.planting import Planted
from tests.storage.test_tree import say


async def copied(url: str) -> bytes:
    """The whole database as COPY gives it away, every byte as it is stored."""
    found = bytearray()

    async def take(some: bytes) -> None:
        found.extend(some)

    connection = await asyncpg.connect(url)
    try:
        for (table,) in await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ):
            await connection.copy_from_table(table, schema_name="public", output=take, format="binary")
    finally:
        await connection.close()
    return bytes(found)


async def test_no_planted_word_and_no_usable_key_is_in_the_whole_database(
    database: Database, database_url: str, planted: Planted
) -> None:
    stored = await copied(database_url)
    assert b"Readable" in stored
    assert b"planted" not in stored.lower()
    async with database.transaction() as session:
        for row in await session.execute(sa.select(Key.id, Key.wrapped)):
            assert row.wrapped in stored
            assert database.vault.masters[0].unwrap(row.id, row.wrapped) not in stored


async def test_a_value_that_was_moved_to_any_other_column_does_not_open(database: Database, planted: Planted) -> None:
    places = [(table, name) for table, names in sealed_columns().items() for name in names]
    before = await open_all(database, silent)
    async with database.transaction() as session:
        values = [
            (await session.execute(sa.select(table.c[name]).where(table.c[name].is_not(None)).limit(1))).scalar_one()
            for table, name in places
        ]
        for (table, name), value in zip(places, values[1:] + values[:1], strict=True):
            await session.execute(sa.update(table).where(table.c[name].is_not(None)).values({name: value}))
    after = await open_all(database, silent)
    assert (after.open, after.closed) == (0, 0)
    assert set(after.damaged) == {f"{table.name}.{name}" for table, name in places}
    assert sum(after.damaged.values()) == before.open


async def test_a_value_that_was_moved_to_another_row_does_not_open(database: Database, planted: Planted) -> None:
    async with database.transaction() as session:
        second = await say(session, planted.chat, planted.bobs, "another of hers")
    assert second
    swap = """
        UPDATE messages AS one SET parts = other.parts, speaker = other.speaker FROM messages AS other
        WHERE (one.id, other.id) IN ((:a, :b), (:b, :a))
    """
    async with database.transaction() as session:
        await session.execute(sa.text(swap), {"a": planted.alices.id, "b": second.id})
    assert (await open_all(database, silent)).damaged == {"messages.parts": 2, "messages.speaker": 2}
