"""The real servers that tests use, one set a run: embedded ones, or those of DATABASE_URL and REDIS_URL.

A conftest takes them with `pytest_plugins = ["tests.engines"]`. The workers of pytest-xdist share one set,
so what a worker makes in them needs a name of its own.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.embedded import Engines, running
from tests.once import shared_dir


@pytest.fixture(scope="session")
def engines_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data directory of this run's embedded servers."""
    return shared_dir(tmp_path_factory) / "engines"


@pytest.fixture(scope="session")
async def postgres_url(engines_dir: Path) -> AsyncIterator[str]:
    """Return the address (postgresql://…) of a Postgres where the user may make databases."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    async with running(engines_dir, postgres=True, valkey=False, model=False, durable=False) as engines:
        assert engines.database_url
        yield engines.database_url


@pytest.fixture(scope="session")
async def redis_url(engines_dir: Path) -> AsyncIterator[str]:
    """Return the address (redis://…) of a Redis or Valkey."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    async with running(engines_dir, postgres=False, valkey=True, model=False, durable=False) as engines:
        assert engines.redis_url
        yield engines.redis_url


@pytest.fixture(scope="session")
async def model_engines(engines_dir: Path) -> AsyncIterator[Engines]:
    """Return engines with the small language model running."""
    async with running(engines_dir, postgres=False, valkey=False, model=True, durable=False) as engines:
        yield engines


@pytest.fixture(scope="session")
def model_url(model_engines: Engines) -> str:
    """Return the OpenAI-compatible address (…/v1) of the small language model."""
    assert model_engines.model_url
    return model_engines.model_url


@pytest.fixture(scope="session")
def model_key(model_engines: Engines) -> str:
    """Return the API key that the small language model asks for."""
    assert model_engines.model_key
    return model_engines.model_key


@pytest.fixture(scope="session")
def model_name(model_engines: Engines) -> str:
    """Return the name of the small language model."""
    assert model_engines.model_name
    return model_engines.model_name
