"""A database with a little of everything, a second one that is empty, and a place for backups."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.files import FileStore
from storage.vault import Vault
from tests.databases import Clones
from tests.storage.backing import Shelf
from tests.storage.planting import Planted, plant


@pytest.fixture
def place(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
async def planted(database: Database, place: Shelf) -> Planted:
    return await plant(database, FileStore(place.files))


@pytest.fixture
async def other_url(clones: Clones, template: str) -> AsyncIterator[str]:
    """A second database, empty and migrated."""
    async with clones.one_of(template) as url:
        yield url


@pytest.fixture
async def other(other_url: str, database: Database) -> AsyncIterator[Database]:
    """A pool on the second database, with the same master keys and nothing remembered."""
    other = Database.connect(other_url, Vault(database.vault.masters), pool_size=2)
    yield other
    await other.close()
