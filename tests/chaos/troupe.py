"""The processes of the bot: each with a shard, started again whenever it ends."""

import asyncio
import contextlib
import json
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path

from playground import Playground
from tests.program import spawn

AGAIN_SECONDS = 0.5
START_SECONDS = 90.0


class Player:
    """One process and whoever starts it again."""

    def __init__(self, shard: int, told: dict[str, str], log: Path) -> None:
        self.shard = shard
        self.log = log
        self.kills = 0
        self.ended_by_itself = 0
        self._told = told
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts it, and again each time it ends."""
        self._watching = asyncio.create_task(self._watch(), name=f"process of shard {self.shard}")

    async def _watch(self) -> None:
        while True:
            self._process = await spawn(self._told, "run", log=self.log)
            kills = self.kills
            await self._process.wait()
            if self.kills == kills:
                self.ended_by_itself += 1
                await asyncio.sleep(AGAIN_SECONDS)

    def kill(self) -> None:
        """kill -9."""
        self.kills += 1
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """Ends it for good, in order."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait((self._watching,))
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 15)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def complaints(self) -> Counter[str]:
        """What its log calls an error, and how often."""
        found: Counter[str] = Counter()
        for line in self.log.read_text(errors="replace").splitlines() if self.log.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                found["not of the log's form"] += 1
                continue
            if entry.get("level") in ("error", "critical"):
                reason = (entry.get("exception") or "").strip().rsplit("\n", 1)[-1]
                found[f"{entry.get('event')}: {reason}"[:140]] += 1
        return found


class Troupe:
    """All processes."""

    def __init__(self, playground: Playground, told: dict[str, str], folder: Path, *, shards: int) -> None:
        self._playground = playground
        self.players = [
            Player(
                number,
                told | {"SHARD_COUNT": str(shards), "SHARD_IDS": str(number)},
                folder / f"bot-{number}.log",
            )
            for number in range(shards)
        ]

    async def start(self) -> None:
        """Starts all and waits until each is connected."""
        for player in self.players:
            player.start()
        await self.ready(START_SECONDS)

    async def ready(self, seconds: float) -> None:
        """Waits until every shard is connected."""
        await self._playground.bot_ready(seconds, shards=len(self.players))

    async def stop(self) -> None:
        """Ends all."""
        await asyncio.gather(*(player.stop() for player in self.players))
