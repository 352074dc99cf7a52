"""The whole bot, for tests of commands and flows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.workshop import Workshop, open_workshop
from tests.theatre import Theatre, open_theatre


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
