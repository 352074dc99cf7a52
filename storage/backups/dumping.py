"""Writing a backup: every table but the keys as of one moment, while the program goes on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from bot.errors import Invalid, SettingsError
from storage.backups.archive import KEYS_INDEX, Archive, ArchiveWriter, Copied, Manifest, is_archive
from storage.backups.connection import PLAIN, Connection, connected, quoted
from storage.backups.halves import half_of, sweep
from storage.backups.keys_file import refuse_strange, write_keys
from storage.backups.telling import Step, Telling
from storage.schema import MIGRATIONS

PART_BYTES = 4 << 20
NEVER_COPIED = frozenset({"alembic_version", "keys"})
TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL($1)
AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
GROUP BY c.relname ORDER BY c.relname
"""
SEQUENCES = """
SELECT s.sequencename::text, coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL
FROM pg_sequences s WHERE s.schemaname = 'public' ORDER BY 1
"""
NOTHING = "There is nothing to back up: the database has no tables yet."
_AVATAR = re.compile(r"[0-9A-Za-z_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was made."""

    manifest: Manifest
    keys: int


async def write_backup(url: str, target: Path, *, keys: Path, files: Path, version: str, telling: Telling) -> Written:
    """Writes a backup of a database and of its files to `target`, and replaces the keys file.

    Both appear whole or not at all. The keys are read last: one that is deleted meanwhile is in neither.
    """
    refuse_other_file(target)
    made_at = datetime.now(UTC)
    async with connected(url) as connection:
        await refuse_strange(connection, keys)
        sweep(target.parent)
        with half_of(target) as half:
            manifest = await _write(connection, half, files, version=version, made_at=made_at, telling=telling)
            written = Archive(half)
            with telling("Checking what was written", written.size) as step:
                written.verify(step)
            # Keys that are newer than the archive open it; an archive without its keys is lost.
            count = await write_keys(connection, keys, version=version, made_at=made_at)
    return Written(manifest, count)


async def replace_keys(url: str, keys: Path, *, version: str) -> int:
    """Replaces the keys file alone, so that keys deleted or rewrapped since are no longer in it; returns how many."""
    async with connected(url) as connection:
        await refuse_strange(connection, keys)
        return await write_keys(connection, keys, version=version, made_at=datetime.now(UTC))


def refuse_other_file(target: Path) -> None:
    """Invalid when something else than a backup stands at a path."""
    if target.exists() and not (target.is_file() and is_archive(target)):
        raise Invalid(f"{target} is there already and is no backup. Name another file, or a folder.")


async def revision_of(connection: Connection) -> str | None:
    """The revision of a database's tables, None when it has none."""
    if not await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL"):
        return None
    return await connection.fetchval("SELECT version_num FROM public.alembic_version")


def is_known(revision: str) -> bool:
    """Whether this program can bring tables of a revision to its own."""
    return revision in {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


async def _write(
    connection: Connection, half: Path, files: Path, *, version: str, made_at: datetime, telling: Telling
) -> Manifest:
    writer = ArchiveWriter(half)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(PLAIN)
            revision = await revision_of(connection)
            if revision is None:
                raise SettingsError(NOTHING)
            tables = await _copy_tables(connection, writer, telling)
            sequences = {str(name): (int(value), bool(used)) for name, value, used in await connection.fetch(SEQUENCES)}
        # After the rows: a file they name is there, whatever was added since.
        _copy_files(writer, files, telling)
        return writer.finish(version=version, revision=revision, made_at=made_at, tables=tables, sequences=sequences)
    finally:
        writer.close()


async def _copy_tables(connection: Connection, writer: ArchiveWriter, telling: Telling) -> tuple[Copied, ...]:
    named = {str(name): tuple(columns) for name, columns in await connection.fetch(TABLES, list(NEVER_COPIED))}
    # The snapshot does not see a migration that changes a table under it; the lock keeps it away.
    places = ", ".join(f"public.{quoted(name)}" for name in (*named, "keys"))
    await connection.execute(f"LOCK TABLE {places} IN ACCESS SHARE MODE")
    asked = {name: f"SELECT {quoted(*columns)} FROM public.{quoted(name)}" for name, columns in named.items()}  # noqa: S608
    # Which keys there were, without the keys: a restore can then say what stays closed, and why.
    asked[KEYS_INDEX] = "SELECT id, scope FROM public.keys"
    named[KEYS_INDEX] = ("id", "scope")
    counts = {
        name: int(await connection.fetchval(f"SELECT count(*) FROM ({query}) counted"))  # noqa: S608
        for name, query in asked.items()
    }
    copied: list[Copied] = []
    with telling("Copying rows", sum(counts.values())) as step:
        for name, query in asked.items():
            rows = await _copy(connection, writer, name, query, step)
            if rows != counts[name]:
                raise Invalid(f"The table {name} was not copied whole. Please make the backup again.")
            copied.append(Copied(name=name, columns=named[name], rows=rows))
    return tuple(copied)


async def _copy(connection: Connection, writer: ArchiveWriter, name: str, query: str, step: Step) -> int:
    waiting, rows = bytearray(), 0

    def write_whole_rows() -> None:
        # COPY writes a line's end inside a value as \n, so a real one ends a row.
        nonlocal rows
        end = waiting.rfind(b"\n") + 1
        if end:
            more = waiting.count(b"\n")
            writer.add_rows(name, bytes(waiting[:end]))
            del waiting[:end]
            rows += more
            step(more)

    async def take(some: bytes) -> None:
        waiting.extend(some)
        if len(waiting) >= PART_BYTES:
            write_whole_rows()

    await connection.copy_from_query(query, output=take)
    write_whole_rows()
    return rows


def _copy_files(writer: ArchiveWriter, folder: Path, telling: Telling) -> None:
    found = list(_files(folder))
    with telling("Copying pictures", len(found)) as step:
        for name in found:
            writer.add_file(name, folder / name)
            step(1)


def _files(folder: Path) -> Iterator[str]:
    for shelf in sorted(folder.iterdir()) if folder.is_dir() else ():
        if shelf.is_dir():
            yield from (f"{shelf.name}/{each.name}" for each in sorted(shelf.iterdir()) if _AVATAR.fullmatch(each.name))
