"""Processes on one board."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.telemetry import set_up_logs
from tests.bot.chat.board import World, told
from tests.scripted_model import ScriptedModel


@pytest.fixture
async def world(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[World]:
    """Where processes of the program meet: a database, a cache, a model and a board."""
    set_up_logs("text")
    async with ScriptedModel() as model:
        yield World(model, told(database_url, redis_url, cache_prefix, master_key, model, tmp_path))
