"""Postgres, Valkey and a small language model from wheels: real ones, under one data directory.

A process that uses them holds a shared lock (`holding.py`); the last one out stops them, and a keeper process
(`processes.py`) does so where that last one was killed. Whoever comes while they run uses what runs.
Linux and macOS; on Windows the settings must name servers.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.embedded.engines import Engines
from bot.errors import SettingsError

__all__ = ["Engines", "running"]

_T = TypeVar("_T")


@asynccontextmanager
async def running(
    data_dir: Path,
    *,
    postgres: bool,
    valkey: bool,
    model: bool,
    durable: bool = True,
    on_progress: Callable[[str], None] | None = None,
) -> AsyncGenerator[Engines]:
    """Keep the engines running inside the block; SettingsError or Unavailable says why one cannot start.

    `durable=False` spares the disk, for tests: a crash of the machine may then lose what was stored.
    """
    if not any((postgres, valkey, model)):
        yield Engines()
        return
    if sys.platform == "win32":
        message = "The embedded servers need Linux or macOS: set DATABASE_URL, REDIS_URL and OPENAI_BASE_URL."
        raise SettingsError(message)
    from bot.embedded.holding import Hold  # noqa: PLC0415  (file locks, which Windows has not)
    from bot.embedded.starting import start_all  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    given_up = threading.Event()

    def tell(text: str) -> None:
        if on_progress is not None:
            loop.call_soon_threadsafe(on_progress, text)

    wanted = {"postgres": postgres, "valkey": valkey, "model": model}
    names = [name for name, asked in wanted.items() if asked]
    hold = Hold.on(data_dir)
    try:
        start = partial(start_all, hold, names, durable=durable, given_up=given_up, tell=tell)
        yield await _in_thread(start, given_up)
    finally:
        await _in_thread(hold.release, given_up)


async def _in_thread(work: Callable[[], _T], given_up: threading.Event) -> _T:
    """Run work in a thread; when cancelled, still wait for its end, so that nothing starts later."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        given_up.set()
        await asyncio.wait([task])
        raise
