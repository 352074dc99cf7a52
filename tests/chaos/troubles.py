"""What goes wrong, one after the other: kills, servers that stop or hang, and the faults of Discord."""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import embedded
from bot.embedded import processes
from playground import Playground
from tests.chaos.gate import Gate
from tests.chaos.ledger import Ledger
from tests.chaos.scenes import Scene
from tests.chaos.troupe import Troupe

Trouble = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Servers:
    """The servers that the bot stands on, each behind a gate."""

    database: Gate
    cache: Gate
    model: Gate
    data_dir: Path | None = None
    """Of engines that may really be stopped; None: they are others' too, so that their gates alone are shut."""
    started: AsyncExitStack = field(default_factory=AsyncExitStack)

    @asynccontextmanager
    async def away(self, name: str, *, kill: bool) -> AsyncGenerator[None]:
        """A server is stopped inside the block, and started again after it."""
        gate: Gate = getattr(self, name)
        await gate.shut()
        engine = {"database": "postgres", "cache": "valkey"}.get(name)
        if engine and self.data_dir is not None:
            await asyncio.to_thread(_stop, self.data_dir, engine, kill=kill)
        try:
            yield
        finally:
            if engine and self.data_dir is not None:
                gate.target = await self._start(self.data_dir, engine)
            await gate.open()

    async def _start(self, data_dir: Path, engine: str) -> int:
        engines = await self.started.enter_async_context(
            embedded.running(data_dir, postgres=engine == "postgres", valkey=engine == "valkey", model=False)
        )
        address = engines.database_url if engine == "postgres" else engines.redis_url
        assert address
        return int(address.rsplit(":", 1)[1].partition("/")[0])


def _stop(data_dir: Path, engine: str, *, kill: bool) -> None:
    folder = data_dir.absolute() / "embedded"
    record = processes.load(folder, engine)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL if kill and engine == "valkey" else processes.SIGNALS[engine][kill])
    processes.wait_for_end(record, 20)
    processes.forget(folder, engine)


class Troubles:
    """Everything that may go wrong, by name; `happened` counts."""

    def __init__(
        self,
        *,
        playground: Playground,
        troupe: Troupe,
        servers: Servers,
        scenes: list[Scene],
        ledger: Ledger,
        chance: random.Random,
        linger: float,
    ) -> None:
        self._linger = linger
        self._playground = playground
        self._troupe = troupe
        self._servers = servers
        self._scenes = scenes
        self._ledger = ledger
        self._chance = chance
        self.happened: Counter[str] = Counter()
        self.killed_in: Counter[str] = Counter()

    # --- kills ------------------------------------------------------------------------------------

    async def kill(self) -> None:
        """kill -9 of a process, at a moment between a saying and somewhat after its reply."""
        said = self._ledger.counts["sayings"]
        await self._playground.world.pulse.until(lambda: self._ledger.counts["sayings"] > said, 2)
        await asyncio.sleep(self._chance.uniform(0, self._linger))
        player = self._chance.choice(self._troupe.players)
        count = len(self._troupe.players)
        if player.shard not in self._playground.gateway.shards:
            self.killed_in["starting"] += 1
        for scene in self._scenes:
            if (scene.shard_key >> 22) % count == player.shard and scene.place is not None:
                self.killed_in[self._ledger.phases[scene.place]] += 1
        player.kill()
        self.happened["kill -9"] += 1

    # --- servers ----------------------------------------------------------------------------------

    def outage(self, name: str, how: str, seconds: float) -> Trouble:
        """A server that is stopped, killed, or hangs."""

        async def happens() -> None:
            self.happened[f"{name} {how}"] += 1
            if how == "hangs":
                gate: Gate = getattr(self._servers, name)
                gate.freeze()
                await asyncio.sleep(seconds)
                gate.thaw()
                return
            async with self._servers.away(name, kill=how == "killed"):
                await asyncio.sleep(seconds)

        return happens

    # --- Discord ----------------------------------------------------------------------------------

    def discord(self) -> list[Trouble]:
        """Every fault of Discord, once."""
        faults = self._playground.faults
        posts, edits = ("POST", "/webhooks/*"), ("PATCH", "/webhooks/*")
        requests = {
            "slow requests": lambda: faults.slow(1.5, seconds=3),
            "slow answers of posts": lambda: faults.slow(1.5, *posts, seconds=3, after=True),
            "500 for posts": lambda: faults.fail(*posts, status=500, times=2),
            "502 for edits": lambda: faults.fail(*edits, status=502, times=2),
            "503 for edits": lambda: faults.fail(*edits, status=503, times=3),
            "429 for edits": lambda: faults.fail(*edits, status=429, times=2, retry_after=1.5),
            "lost answers of posts": lambda: faults.lose_answer(*posts, times=1),
            "502 after a post": lambda: faults.lose_answer(*posts, status=502, times=1),
            "lost answers of edits": lambda: faults.lose_answer(*edits, times=2),
            "failing acknowledgements": lambda: faults.fail("POST", "/interactions/*/callback", status=500, times=1),
            "REST away": lambda: faults.rest_down(seconds=2.5),
            "REST cut off": lambda: faults.rest_down(status=None, seconds=2),
            "lost messages": lambda: faults.drop_events("MESSAGE_CREATE", times=2),
            "repeated messages": lambda: faults.repeat_events("MESSAGE_CREATE", times=5),
            "repeated presses": lambda: faults.repeat_events("INTERACTION_CREATE", times=3),
            "late messages": lambda: faults.delay_events(1.0, "MESSAGE_CREATE", times=3),
            "gateway away": self._gateway_away,
        }
        gateway: dict[str, Callable[[], Awaitable[None] | None]] = {
            "gateway closed, 4000": lambda: faults.close_gateway(4000),
            "gateway closed, 4009": lambda: faults.close_gateway(4009),
            "gateway cut": faults.cut_gateway,
            "asked to reconnect": faults.ask_reconnect,
            "session invalid, resumable": lambda: faults.invalidate_session(resumable=True),
            "session invalid": lambda: faults.invalidate_session(resumable=False, shard=0),
        }
        people = {
            "webhooks deleted": self._delete_webhooks,
            "a thread archived": self._archive,
            "a reply deleted": self._delete_reply,
            "a thread deleted": self._delete_thread,
            "a right revoked": self._revoke,
        }
        return [
            *(self._lasting(name, begin) for name, begin in requests.items()),
            *(self._at_once(name, strike) for name, strike in (gateway | people).items()),
        ]

    def _lasting(self, name: str, begin: Callable[[], object]) -> Trouble:
        async def happens() -> None:
            self.happened[name] += 1
            begin()
            await asyncio.sleep(3)
            self._playground.faults.clear()

        return happens

    def _at_once(self, name: str, strike: Callable[[], Awaitable[None] | None]) -> Trouble:
        async def happens() -> None:
            self.happened[name] += 1
            done = strike()
            if done is not None:
                await done

        return happens

    def _gateway_away(self) -> None:
        self._playground.faults.cut_gateway()
        self._playground.faults.gateway_down(seconds=2)

    def _thread(self) -> int | None:
        places = [scene.place for scene in self._scenes if scene.place in self._playground.world.channels]
        return self._chance.choice(places) if places else None

    async def _delete_webhooks(self) -> None:
        for webhook_id in list(self._playground.world.webhooks):
            await self._playground.delete_webhook(webhook_id)

    async def _archive(self) -> None:
        place = self._thread()
        if place is not None:
            await self._playground.archive(self._playground.world.channels[place])

    async def _delete_thread(self) -> None:
        place = self._thread()
        if place is not None:
            await self._playground.delete_channel(self._playground.world.channels[place])

    async def _delete_reply(self) -> None:
        place = self._thread()
        messages = self._playground.world.channels[place].messages if place is not None else []
        replies = [message for message in messages if message.webhook_id]
        if replies:
            steward = self._playground.find_person("steward")
            with contextlib.suppress(Exception):
                await steward.delete(replies[-1])

    async def _revoke(self) -> None:
        channel = self._chance.choice(self._scenes).channel
        right = self._chance.choice(("manage_webhooks", "send_messages_in_threads"))
        guild = channel.guild
        assert guild is not None
        guild.revoke_from_bot(right, channel=channel)
        await asyncio.sleep(3)
        guild.grant_to_bot(right, channel=channel)
