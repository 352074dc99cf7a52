"""What tests of backups share: where they go, and what two databases have in common."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import sqlalchemy as sa

from storage.backups.dumping import Written, write_backup
from storage.backups.keys_file import NAME
from storage.backups.loading import Loaded, read_backup
from storage.database import Database
from storage.tables import Key
from storage.vault import Vault

TABLES = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
SHAPE = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text, true FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT sequencename, '', coalesce(last_value, 0)::text, true FROM pg_sequences ORDER BY 1, 2, 3
"""


@contextmanager
def silent(_what: str, _total: int) -> Generator[Callable[[int], object]]:
    yield lambda _: None


class Shelf:
    """Where a test's backups go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "backups" / "yesterday.tar"
        self.keys = folder / "backups" / NAME
        self.files = folder / "files"
        self.files_after = folder / "files after"

    async def back_up(self, url: str, archive: Path | None = None) -> Written:
        return await write_backup(
            url, archive or self.archive, keys=self.keys, files=self.files, version="test", telling=silent
        )

    async def restore(self, url: str, vault: Vault) -> Loaded:
        return await read_backup(url, self.archive, keys=self.keys, files=self.files_after, vault=vault, telling=silent)


async def rows_of(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def all_rows(url: str, columns: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[str]]:
    """Every row of every table as text, or those columns of those tables."""
    connection = await asyncpg.connect(url)
    try:
        asked = {
            name: ", ".join(f't."{column}"' for column in found)
            for name, found in (
                columns or dict.fromkeys([row[0] for row in await connection.fetch(TABLES)], ())
            ).items()
        }
        return {
            name: [
                row[0]
                for row in await connection.fetch(f'SELECT ({listed or "t"})::text FROM public."{name}" t ORDER BY 1')
            ]
            for name, listed in asked.items()
        }
    finally:
        await connection.close()


async def delete_key(database: Database, scope: str, subject: object) -> None:
    async with database.transaction() as session:
        await session.execute(sa.delete(Key).where(Key.scope == scope, Key.subject == str(subject)))
