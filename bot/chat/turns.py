"""One line of waiting a chat: what reaches it is taken up in the order in which it came."""

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """First-in-first-out lines by key; a line exists only while somebody stands in it.

    discord.py runs each event as a task. Tasks start in the order of their events, and asyncio.Lock
    wakes in the order of asking, so whoever takes a turn before awaiting anything keeps Discord's order.
    """

    def __init__(self) -> None:
        self._lines: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, key: Hashable) -> AsyncGenerator[None]:
        """Waits for its turn, and keeps it inside the block."""
        lock, waiting = self._lines.get(key, (asyncio.Lock(), 0))
        self._lines[key] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._lines[key]
            if waiting == 1:
                del self._lines[key]
            else:
                self._lines[key] = lock, waiting - 1
