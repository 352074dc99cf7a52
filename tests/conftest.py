"""What tests stand on: a migrated database and a corner of Redis of their own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from storage import schema
from storage.cache import Cache
from storage.database import Database
from storage.vault import MasterKey, Vault

pytest_plugins = ["tests.engines"]


@asynccontextmanager
async def _admin(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _with_name(url: str, name: str) -> str:
    """The address of another database on the same server."""
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
async def template(postgres_url: str) -> AsyncIterator[str]:
    """A migrated database that each test clones."""
    name = f"dramatis_template_{os.getpid()}_{uuid4().hex[:8]}"
    async with _admin(postgres_url) as admin:
        await admin.execute(f'CREATE DATABASE "{name}"')
    await schema.upgrade(_with_name(postgres_url, name))
    yield name
    async with _admin(postgres_url) as admin:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@asynccontextmanager
async def clone(postgres_url: str, template: str) -> AsyncIterator[str]:
    """The address of a copy of a database, for as long as it is needed."""
    name = f"dramatis_test_{uuid4().hex}"
    async with _admin(postgres_url) as admin:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY WAL_LOG')
    yield _with_name(postgres_url, name)
    async with _admin(postgres_url) as admin:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database_url(postgres_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database with every table."""
    async with clone(postgres_url, template) as url:
        yield url


@pytest.fixture(scope="session")
def master_key() -> str:
    """A master key of this run's own."""
    return MasterKey.new_text()


@pytest.fixture
async def database(database_url: str, master_key: str) -> AsyncIterator[Database]:
    """A pool on the fresh database."""
    database = Database.connect(database_url, Vault([MasterKey.from_text(master_key)]), pool_size=5)
    yield database
    await database.close()


@pytest.fixture
def cache_prefix() -> str:
    """A prefix in Redis of this test's own."""
    return f"test-{uuid4().hex[:12]}"


@pytest.fixture
async def cache(redis_url: str, cache_prefix: str) -> AsyncIterator[Cache]:
    """The real Redis, under this test's prefix."""
    cache = Cache.connect(redis_url, cache_prefix)
    yield cache
    await cache.close()
