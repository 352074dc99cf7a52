"""The playground's clock, which tests can move, and the pulse that waiting drivers listen to."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Real time plus what tests advanced it by; runs callbacks when their moment comes."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Returns the playground's time in seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Moves the clock forward and runs at once whatever has become due."""
        if seconds < 0:
            raise ValueError("The clock goes forward only.")
        self._ahead += seconds
        self._run_due()

    def at(self, moment: float, callback: Callable[[], None]) -> None:
        """Runs `callback` once when the playground's time reaches `moment`."""
        heapq.heappush(self._due, (moment, next(self._count), callback))
        self._arm()

    def stop(self) -> None:
        """Forgets everything that is still to come."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and self._loop_runs():
            delay = max(0.0, self._due[0][0] - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._run_due)

    @staticmethod
    def _loop_runs() -> bool:
        """Returns whether there is a loop to wake up in: a world may be furnished before it is opened."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def _run_due(self) -> None:
        while self._due and self._due[0][0] <= self.now():
            heapq.heappop(self._due)[2]()
        if self._due:
            self._arm()


class Pulse:
    """Wakes those who wait for a condition each time something in the playground has changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        """Makes every waiting driver look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, condition: Callable[[], bool], within: float) -> bool:
        """Returns whether `condition` came true within that many real seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while not condition():
            left = end - loop.time()
            if left <= 0:
                return False
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.add(future)
            await asyncio.wait([future], timeout=left)
            self._waiting.discard(future)
        return True


def iso(moment: float) -> str:
    """Returns a moment in seconds since 1970 as Discord writes it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
