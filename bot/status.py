"""How the program is doing: for the operator's eyes."""

import asyncio
import importlib.metadata
import platform
from dataclasses import dataclass
from datetime import UTC, datetime

import storage.jobs
import storage.status
from bot import VERSION
from bot.caller import Caller
from bot.characters.reports import require_operator
from bot.errors import Unavailable
from storage.cache import Cache
from storage.database import Database
from storage.jobs import DeadJob, Tally

LOOKS, LOOK_SECONDS = 5, 0.02
DEAD_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """What is being done in all processes, and how this one is.

    `lag` is how late the event loop woke at worst, in seconds; `cache` is None while it does not answer.
    """

    tallies: tuple[Tally, ...]
    dead: tuple[DeadJob, ...]
    writing: int
    queued: int
    running_here: int
    lag: float
    started_at: datetime
    postgres: str
    revision: str
    cache: str | None
    model: str
    program: str = f"Dramatis {VERSION}"

    @property
    def dead_count(self) -> int:
        """How many jobs failed too often; `dead` has the last of them."""
        return sum(tally.dead for tally in self.tallies)

    @property
    def versions(self) -> tuple[str, ...]:
        """What it all runs on."""
        return (
            self.program,
            f"discord.py {importlib.metadata.version('discord.py')}",
            f"Python {platform.python_version()}",
            f"Postgres {self.postgres}",
            self.cache or "cache: no answer",
            f"tables {self.revision}",
        )


class Status:
    """Looks at the program, for its operator."""

    def __init__(self, database: Database, cache: Cache, *, model: str) -> None:
        self._database = database
        self._cache = cache
        self._model = model
        self._started_at = datetime.now(UTC)

    async def look(self, caller: Caller, *, running_here: int) -> Standing:
        """How it is doing now; `running_here` is the number of jobs that this process does."""
        require_operator(caller)
        async with self._database.transaction() as session:
            tallies = await storage.jobs.count_by_name(session)
            dead = await storage.jobs.list_dead(session, limit=DEAD_SHOWN)
            writing = await storage.status.count_replies(session, "streaming")
            queued = await storage.status.count_replies(session, "queued")
            postgres, revision = await storage.status.find_versions(session)
        return Standing(
            tallies=tuple(tallies),
            dead=tuple(dead),
            writing=writing,
            queued=queued,
            running_here=running_here,
            lag=await _lag(),
            started_at=self._started_at,
            postgres=postgres,
            revision=revision,
            cache=await self._cache_version(),
            model=self._model,
        )

    async def retry_dead(self, caller: Caller) -> int:
        """Puts every dead job back into the queue; returns how many."""
        require_operator(caller)
        async with self._database.transaction() as session:
            return await storage.jobs.revive(session)

    async def _cache_version(self) -> str | None:
        try:
            return await storage.status.find_cache_version(self._cache)
        except Unavailable:
            return None


async def _lag() -> float:
    """How late the event loop wakes at worst, in seconds, while it is looked at."""
    loop, worst = asyncio.get_running_loop(), 0.0
    for _ in range(LOOKS):
        due = loop.time() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        worst = max(worst, loop.time() - due)
    return worst
