"""What tests stand on: a migrated database and a corner of Redis of their own."""

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage import schema
from storage.cache import Cache
from storage.database import Database
from storage.vault import MasterKey, Vault
from tests.databases import Clones, connected, drop, with_name
from tests.once import once, shared_dir

pytest_plugins = ["tests.engines"]


LONGEST = (
    "test_demo",
    "test_two_processes",
    "test_chaos",
    "test_page",
    "test_showing_faults",
    "test_branches",
    "test_handover",
    "test_page_commands",
    "test_page_messages",
    "test_showing_replies",
    "test_branches_page",
    "test_search",
    "test_the_tree",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the files that take longest, so that none of them is left for the end, when others have nothing."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Keeps the collector from looking at what was imported again and again: a seventh of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workers of this run keep what they share; on a server that outlives the run each has its own."""
    return tmp_path_factory.getbasetemp() if "DATABASE_URL" in os.environ else shared_dir(tmp_path_factory)


@pytest.fixture(scope="session")
async def template(postgres_url: str, run_dir: Path) -> AsyncIterator[str]:
    """A migrated database that each test clones."""

    async def make() -> str:
        name = f"dramatis_template_{uuid4().hex[:12]}"
        async with connected(postgres_url) as admin:
            await admin.execute(f'CREATE DATABASE "{name}"')
        await schema.upgrade(with_name(postgres_url, name))
        return name

    name = await once(run_dir, "template", make)
    yield name
    await drop(postgres_url, name)


@pytest.fixture(scope="session")
async def clones(postgres_url: str) -> AsyncIterator[Clones]:
    """The databases of this run."""
    clones = Clones(postgres_url)
    yield clones
    await clones.close()


@pytest.fixture
async def database_url(clones: Clones, template: str) -> AsyncIterator[str]:
    """A fresh database with every table."""
    async with clones.one_of(template) as url:
        yield url


@pytest.fixture(scope="session")
async def master_key(run_dir: Path) -> str:
    """A master key of this run's own."""

    async def make() -> str:
        return MasterKey.new_text()

    return await once(run_dir, "master_key", make)


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
