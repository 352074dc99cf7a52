"""The whole bot, for tests of commands and flows."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.cli.stock import publish_stock
from storage.database import Database
from storage.files import FileStore
from storage.vault import MasterKey, Vault
from tests.cogs.workshop import Workshop, open_workshop
from tests.databases import Clones, drop, plain_clone, with_name
from tests.once import once
from tests.theatre import Theatre, open_theatre


@dataclass(frozen=True, slots=True)
class Stocked:
    """A database in which the shipped characters are published, and the folder with their files."""

    template: str
    folder: Path


@pytest.fixture(scope="session")
async def stocked(postgres_url: str, template: str, master_key: str, run_dir: Path) -> AsyncIterator[Stocked]:
    """What a first start makes, made once: it takes longer than most of these tests."""
    folder = run_dir / "stocked_files"

    async def make() -> str:
        folder.mkdir()
        name = await plain_clone(postgres_url, template)
        vault = Vault([MasterKey.from_text(master_key)])
        database = Database.connect(with_name(postgres_url, name), vault, pool_size=2)
        await publish_stock(Characters(database, Avatars(database, FileStore(folder))), bot_id=1, bot_name="dramatis")
        await database.close()
        return name

    name = await once(run_dir, "stocked", make)
    yield Stocked(name, folder)
    await drop(postgres_url, name)


@pytest.fixture
async def database_url(clones: Clones, stocked: Stocked, tmp_path: Path) -> AsyncIterator[str]:
    """A fresh database with the shipped characters, whose files are in the test's folder."""
    await asyncio.to_thread(shutil.copytree, stocked.folder, tmp_path / "files", copy_function=os.link)
    async with clones.one_of(stocked.template) as url:
        yield url


@pytest.fixture
async def bare_database_url(clones: Clones, template: str) -> AsyncIterator[str]:
    """A fresh database in which nobody is."""
    async with clones.one_of(template) as url:
        yield url


@pytest.fixture
async def theatre(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """The whole bot in a playground with two people, and a model that says what the test wants."""
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path) as theatre:
        yield theatre
    assert theatre.playground.violations == []


@pytest.fixture
async def workshop(theatre: Theatre) -> AsyncIterator[Workshop]:
    """The catalogue beside the running bot, to make characters behind the scenes."""
    async with open_workshop(theatre) as workshop:
        yield workshop
