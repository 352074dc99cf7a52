"""Reading a backup into an empty database, in one transaction: all of it is there afterwards, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Invalid, SettingsError
from storage import schema
from storage.backups.archive import KEYS_INDEX, Archive, Copied
from storage.backups.connection import PLAIN, Connection, connected, quoted
from storage.backups.dumping import NEVER_COPIED, TABLES, is_known, revision_of
from storage.backups.keys_file import COLUMNS, check_keys, read_keys
from storage.backups.telling import Step, Telling
from storage.vault import Vault

FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0 ORDER BY conrelid, conname
"""
TRIGGERED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
"""
GONE = """
SELECT was.scope, count(*) FROM keys_then was LEFT JOIN public.keys now USING (id) WHERE now.id IS NULL GROUP BY 1
"""
SLICE = 1 << 16
UNREADABLE = "The backup {path} was made by a newer Dramatis (its tables are at {revision}): update this one first."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a restore brought back; `gone` counts, by scope, the keys that were deleted after the backup."""

    rows: int
    keys: int
    files: int
    gone: Mapping[str, int]


async def read_backup(url: str, source: Path, *, keys: Path, files: Path, vault: Vault, telling: Telling) -> Loaded:
    """Fills an empty database, and the folder of its files, from a backup and the keys file.

    Everything is checked before anything is changed. Invalid and SettingsError say what is wrong.
    """
    archive = await asyncio.to_thread(_known, source)
    async with connected(url) as connection:
        await refuse_filled(connection)
        current = await revision_of(connection)
    if current is not None and not is_known(current):
        raise SettingsError(f"The tables of this database ({current}) are of a newer Dramatis: update this one first.")
    with telling("Checking the backup", archive.size) as step:
        await asyncio.to_thread(archive.verify, step)
    indexed = next((each.rows for each in archive.manifest.tables if each.name == KEYS_INDEX), 0)
    with telling("Checking the keys", indexed) as step:
        there = await asyncio.to_thread(check_keys, keys, vault, step)
    with telling("Copying pictures", archive.manifest.files) as step:
        await asyncio.to_thread(archive.write_files, files, step)
    if current != archive.manifest.revision:
        if current is not None:
            await schema.downgrade(url)
        await schema.upgrade(url, archive.manifest.revision)
    async with connected(url) as connection:
        gone = await _load(connection, archive, keys, telling)
    await schema.upgrade(url)
    async with connected(url) as connection:
        await connection.execute("ANALYZE")
    rows = sum(each.rows for each in _tables(archive))
    return Loaded(rows=rows, keys=there, files=archive.manifest.files, gone=gone)


async def refuse_filled(connection: Connection) -> None:
    """Invalid when a database has rows already."""
    filled: list[str] = []
    for name, _ in await connection.fetch(TABLES, ["alembic_version"]):
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM public.{quoted(name)})"):  # noqa: S608
            filled.append(str(name))
    if filled:
        raise Invalid(
            f"This database is not empty (there are rows in {', '.join(filled[:3])}"
            f"{' and others' if len(filled) > 3 else ''}), and a backup never mixes with what is there. "
            "Name an empty one in DATABASE_URL, or an empty folder in DATA_DIR."
        )


def _known(source: Path) -> Archive:
    archive = Archive(source)
    if not is_known(archive.manifest.revision):
        raise SettingsError(UNREADABLE.format(path=source, revision=archive.manifest.revision))
    return archive


def _tables(archive: Archive) -> Iterator[Copied]:
    return (each for each in archive.manifest.tables if each.name != KEYS_INDEX)


async def _load(connection: Connection, archive: Archive, keys: Path, telling: Telling) -> dict[str, int]:
    async with connection.transaction():
        await connection.execute(PLAIN)
        columns = {
            str(name): set(map(str, found)) for name, found in await connection.fetch(TABLES, list(NEVER_COPIED))
        }
        places = ", ".join(f"public.{quoted(name)}" for name in (*columns, "keys"))
        await connection.execute(f"LOCK TABLE {places} IN ACCESS EXCLUSIVE MODE")
        await refuse_filled(connection)
        constraints = await _without_rules(connection)
        with telling("Restoring rows", sum(each.rows for each in archive.manifest.tables)) as step:
            for table in _tables(archive):
                if not set(table.columns) <= columns.get(table.name, set()):
                    raise Invalid(f"The backup's table {table.name} is not as its revision has it: it is not of ours.")
                await _fill(connection, archive, table, step, schema_name="public")
            await connection.copy_records_to_table(
                "keys", records=(key.as_row for key in read_keys(keys)), columns=COLUMNS, schema_name="public"
            )
            gone = await _count_gone(connection, archive, step)
        for name, (value, used) in archive.manifest.sequences.items():
            await connection.fetchval(f"SELECT setval('public.{quoted(name)}'::regclass, $1, $2)", value, used)
        with telling("Checking that all belongs together", len(constraints)) as step:
            await _with_rules(connection, constraints, step)
    return gone


async def _without_rules(connection: Connection) -> Sequence[Sequence[str]]:
    """Takes foreign keys away, for some go in circles, and silences triggers; returns the foreign keys."""
    constraints = await connection.fetch(FOREIGN_KEYS)
    for table, name, _ in constraints:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for (table,) in await connection.fetch(TRIGGERED):
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return constraints


async def _with_rules(connection: Connection, constraints: Sequence[Sequence[str]], step: Step) -> None:
    for table, name, definition in constraints:
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        step(1)
    for (table,) in await connection.fetch(TRIGGERED):
        await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


async def _fill(
    connection: Connection, archive: Archive, table: Copied, step: Step, *, schema_name: str | None, into: str = ""
) -> None:
    filled = 0
    for rows in archive.rows(table.name):
        done = await connection.copy_to_table(
            into or table.name, source=_slices(rows), columns=table.columns, schema_name=schema_name
        )
        more = int(done.rsplit(" ", 1)[1])
        filled += more
        step(more)
    if filled != table.rows:
        raise Invalid(
            f"The backup has {filled} rows of {table.name} where its manifest says {table.rows}. Nothing was changed."
        )


async def _slices(rows: bytes) -> AsyncIterator[bytes]:
    # Of a file the driver would read half a megabyte at a time in threads, and memory grow by the hour.
    for at in range(0, len(rows), SLICE):
        yield rows[at : at + SLICE]


async def _count_gone(connection: Connection, archive: Archive, step: Step) -> dict[str, int]:
    await connection.execute("CREATE TEMPORARY TABLE keys_then (id uuid, scope text) ON COMMIT DROP")
    for table in archive.manifest.tables:
        if table.name == KEYS_INDEX:
            await _fill(connection, archive, table, step, schema_name=None, into="keys_then")
    return {str(scope): int(count) for scope, count in await connection.fetch(GONE)}
