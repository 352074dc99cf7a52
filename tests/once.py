"""What the workers of a run need alike is made by the first who asks, and read by the others."""

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest


def shared_dir(factory: pytest.TempPathFactory) -> Path:
    """A folder of this run's that all its workers see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


async def once(folder: Path, name: str, make: Callable[[], Awaitable[str]]) -> str:
    """What `make` returned to whoever called this first under that name; the others wait for it."""
    kept = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(await make())
    return kept.read_text()
