"""Databases for tests: clones of a migrated one, wiped and handed on, for a new clone costs ten times a wipe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

CLONE = 'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY WAL_LOG'
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
# Statistics are written in place; whatever else changes here carries the number of a newer transaction.
SHAPE = " UNION ALL ".join(
    f"SELECT '{catalog}', count(*), max(xmin::text::bigint) FROM {catalog}"
    for catalog in ("pg_class", "pg_attribute", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type")
)
ALONE = """
SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
MANY = "SELECT sum(n_live_tup) > 20000 FROM pg_stat_user_tables"


def with_name(url: str, name: str) -> str:
    """The address of another database on the same server."""
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for as long as it is needed."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def plain_clone(postgres_url: str, template: str) -> str:
    """The name of a clone to which nobody is connected, so that it can be cloned again."""
    name = f"dramatis_test_{uuid4().hex}"
    async with connected(postgres_url) as admin:
        await admin.execute(CLONE.format(name=name, template=template))
    return name


async def drop(postgres_url: str, name: str) -> None:
    """Takes a database away that was made for this run; the run's own server goes as a whole."""
    if "DATABASE_URL" in os.environ:
        async with connected(postgres_url) as admin:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass(frozen=True, slots=True)
class Spare:
    """A clone that can be wiped: what was in it at first is kept beside it, in the schema `pristine`.

    `wipe` is empty where the user may not set what it sets.
    """

    name: str
    url: str
    connection: asyncpg.Connection
    shape: list[asyncpg.Record]
    wipe: str

    async def is_wiped(self) -> bool:
        """Brings back what was there at first; False where that cannot be, as when the tables themselves changed."""
        if not self.wipe:
            return False
        await self.connection.execute(ALONE)
        if await self.connection.fetch(SHAPE) != self.shape:
            return False
        if await self.connection.fetchval(MANY):
            return False
        await self.connection.execute(self.wipe)
        return True


class Clones:
    """The clones of one run; nobody gets one that another still has."""

    def __init__(self, postgres_url: str) -> None:
        self._postgres_url = postgres_url
        self._spare: dict[str, list[Spare]] = {}

    @asynccontextmanager
    async def one_of(self, template: str) -> AsyncIterator[str]:
        """The address of a database that is as the template is."""
        spares = self._spare.setdefault(template, [])
        spare = spares.pop() if spares else await self._clone(template)
        try:
            yield spare.url
        finally:
            if await spare.is_wiped():
                spares.append(spare)
            else:
                await self._drop(spare)

    async def close(self) -> None:
        """Drops them all."""
        for spare in [spare for spares in self._spare.values() for spare in spares]:
            await self._drop(spare)
        self._spare.clear()

    async def _clone(self, template: str) -> Spare:
        name = f"dramatis_test_{uuid4().hex}"
        async with connected(self._postgres_url) as admin:
            await admin.execute(CLONE.format(name=name, template=template))
        url = with_name(self._postgres_url, name)
        connection = await asyncpg.connect(url)
        tables = [row[0] for row in await connection.fetch(TABLES)]
        back: list[str] = []
        await connection.execute("CREATE SCHEMA pristine")
        for table in tables:
            if await connection.fetchval(f'SELECT EXISTS (SELECT FROM public."{table}")'):
                columns = await connection.fetchval(COLUMNS, f'public."{table}"')
                await connection.execute(f'CREATE TABLE pristine."{table}" AS SELECT {columns} FROM public."{table}"')
                back.append(
                    f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT * FROM pristine."{table}"'
                )
        shape = await connection.fetch(SHAPE)
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            return Spare(name, url, connection, shape, "")
        # A replica's session fires no triggers, those of foreign keys included: the order does not matter.
        empty = [f'DELETE FROM public."{table}"' for table in tables]
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica", *empty, *back, "COMMIT"]
        return Spare(name, url, connection, shape, "; ".join(steps))

    async def _drop(self, spare: Spare) -> None:
        await spare.connection.close()
        async with connected(self._postgres_url) as admin:
            await admin.execute(f'DROP DATABASE "{spare.name}" WITH (FORCE)')
