"""The whole run: a playground with two servers, two processes, people, and one trouble after the other."""

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from playground import Playground
from playground.session import shard_of
from tests.chaos.gate import Gate
from tests.chaos.improviser import Improviser
from tests.chaos.ledger import Ledger, Verdict, now
from tests.chaos.scenes import ENOUGH, Scene
from tests.chaos.troubles import Servers, Trouble, Troubles
from tests.chaos.troupe import START_SECONDS, Troupe
from tests.program import environment

SHARDS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How much goes wrong, and on what: `ages_leases` spares a short run the waiting for leases."""

    seed: int
    kills: int
    database_url: str
    redis_url: str
    master_key: str
    cache_prefix: str
    folder: Path
    engines_dir: Path | None = None
    seconds: float = 3600.0
    between_calms: int = 5
    chats: int = 2
    outages: tuple[tuple[str, str, float], ...] = ()
    faults: int = 0
    limits: bool = True
    linger: float = 2.2
    """After a saying a kill comes so many seconds later at most; half of it lies between two troubles."""
    enough: float = ENOUGH
    ages_leases: bool = False


@dataclass(slots=True)
class Show:
    """A run under way."""

    plan: Plan
    database_url: str
    """Through its gate, for a database that was stopped comes again at another port."""
    chance: random.Random
    playground: Playground
    model: Improviser
    troupe: Troupe
    ledger: Ledger
    scenes: list[Scene]
    troubles: Troubles
    verdict: Verdict
    calms: list[float]
    began: float

    async def run(self) -> None:
        """Lets everything happen, then judges."""
        await asyncio.gather(*(scene.open() for scene in self.scenes))
        playing = [asyncio.create_task(scene.play(), name=scene.name) for scene in self.scenes]
        try:
            coming = self._coming()
            for number, trouble in enumerate(coming, 1):
                if now() - self.began > self.plan.seconds:
                    self.verdict.counts["troubles left out, for the time was up"] = len(coming) - number + 1
                    break
                before = self.troubles.happened.copy()
                await trouble()
                self._note(", ".join(self.troubles.happened - before))
                await asyncio.sleep(self.chance.uniform(0, self.plan.linger / 2))
                if number % self.plan.between_calms == 0:
                    await self.calm()
            await self.calm()
        finally:
            for task in playing:
                task.cancel()
            await asyncio.wait(playing)
        for task in playing:
            if not task.cancelled():
                task.result()
        await self.ledger.judge(self.playground, self.database_url, self.plan.master_key, self.verdict)

    def _coming(self) -> list[Trouble]:
        troubles = [self.troubles.kill] * self.plan.kills
        troubles += [self.troubles.outage(*outage) for outage in self.plan.outages]
        for _ in range(self.plan.faults):
            troubles += self.troubles.discord()
        self.chance.shuffle(troubles)
        return troubles

    async def calm(self) -> None:
        """No trouble any more: within fifteen seconds nothing is under way, and every chat answers."""
        quiet = now()
        self.playground.faults.clear()
        self.model.is_moody = False
        await asyncio.gather(*(scene.pause() for scene in self.scenes))
        if self.plan.ages_leases:
            await self._age_leases()
        await self.troupe.ready(START_SECONDS)
        await self._settle(quiet)
        await self._ping()
        self._note(f"calm after {self.calms[-1 - len(self.scenes)]:.1f} s")
        self.model.is_moody = True
        for scene in self.scenes:
            scene.resume()

    async def _settle(self, quiet: float) -> None:
        open_ones = await self._under_way()
        while (
            open_ones or not all(scene.is_settled for scene in self.scenes)
        ) and now() - quiet < 2 * self.plan.enough:
            await asyncio.sleep(0.05)
            open_ones = await self._under_way()
        took = now() - quiet
        self.calms.append(took)
        if took > self.plan.enough:
            load = os.getloadavg()[0]  # on a machine with too much to do even a start takes long
            self.verdict.blocked.append(
                f"{self._clock()} not settled after {took:.1f} s (load {load:.1f}); under way: {open_ones}"
            )
            self.verdict.blocked += [line for scene in self.scenes for line in scene.give_up()]

    async def _ping(self) -> None:
        """Everybody who says something now is answered."""

        async def one(scene: Scene) -> None:
            begun = now()
            if not await scene.open():
                self.verdict.blocked.append(f"{self._clock()} no chat could be opened in {scene.name}")
                return
            saying = scene.say_one()
            if not await scene.answered(saying, self.plan.enough):
                self.verdict.blocked.append(
                    f"{self._clock()} {saying.mark} in {scene.name} had no answer: {scene.screen()}"
                )
            self.calms.append(now() - begun)

        await asyncio.gather(*(one(scene) for scene in self.scenes))

    async def _under_way(self) -> list[str]:
        connection = await asyncpg.connect(self.database_url)
        try:
            rows = await connection.fetch(
                "SELECT id, status, lease_until - now() AS lease FROM generations "
                "WHERE status <> 'done' OR lease_until IS NOT NULL"
            )
        finally:
            await connection.close()
        return [f"{row['id']} {row['status']} {row['lease']}" for row in rows]

    async def _age_leases(self) -> None:
        connection = await asyncpg.connect(self.database_url)
        await connection.execute("UPDATE generations SET lease_until = now() WHERE lease_until IS NOT NULL")
        await connection.close()

    def _note(self, text: str) -> None:
        """What happened when, for whoever reads the logs beside it."""
        with (self.plan.folder / "timeline.txt").open("a") as timeline:
            timeline.write(f"{self._clock()} {text}\n")

    def _clock(self) -> str:
        return datetime.now(UTC).strftime("%H:%M:%S.%f")[:-4]


@asynccontextmanager
async def open_show(plan: Plan) -> AsyncGenerator[Show]:
    """Opens everything and waits until both shards are connected."""
    chance, ledger = random.Random(plan.seed), Ledger()  # noqa: S311
    async with (
        Improviser(ledger, chance) as model,
        Playground(limits=plan.limits, shards=SHARDS, max_concurrency=SHARDS) as playground,
        Gate(_port(plan.database_url)) as database,
        Gate(_port(plan.redis_url)) as cache,
        Gate(_port(model.url)) as answers,
    ):
        ledger.watch(playground)
        scenes = _set(playground, plan, ledger, chance)
        told = environment(
            playground,
            _through(answers, model.url),
            plan.folder,
            DATABASE_URL=_through(database, plan.database_url),
            REDIS_URL=_through(cache, plan.redis_url),
            CACHE_PREFIX=plan.cache_prefix,
            MASTER_KEYS=plan.master_key,
            LOG_FORMAT="json",
            **{f"LIMIT_{whose}": "" for whose in ("PERSON", "CHAT", "SERVER", "PROGRAM")},
        )
        servers = Servers(database, cache, answers, plan.engines_dir)
        troupe = Troupe(playground, told, plan.folder, shards=SHARDS)
        troubles = Troubles(
            playground=playground,
            troupe=troupe,
            servers=servers,
            scenes=scenes,
            ledger=ledger,
            chance=chance,
            linger=plan.linger,
        )
        try:
            await troupe.start()
            yield Show(
                plan,
                told["DATABASE_URL"],
                chance,
                playground,
                model,
                troupe,
                ledger,
                scenes,
                troubles,
                Verdict(),
                [],
                now(),
            )
        finally:
            await troupe.stop()
            await servers.started.aclose()


def _set(playground: Playground, plan: Plan, ledger: Ledger, chance: random.Random) -> list[Scene]:
    """Two servers, one on each shard, with channels and people."""
    guilds = [playground.add_guild("Harbour")]
    while len(guilds) < SHARDS:
        made = playground.add_guild("Abroad")
        if shard_of(made.id, SHARDS) not in {shard_of(guild.id, SHARDS) for guild in guilds}:
            guilds.append(made)
        time.sleep(0.001)  # a shard is told by the millisecond in which a server was made
    playground.add_person("steward", guilds=guilds, admin=True)
    scenes: list[Scene] = []
    for guild in guilds:
        for number in range(plan.chats):
            channel = guild.add_text_channel(f"{guild.name.lower()}-{number}")
            names = (f"{channel.name}-a", f"{channel.name}-b")
            scenes.append(
                Scene(channel, [playground.add_person(name, guilds=[guild]) for name in names], ledger, chance)
            )
    return scenes


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1].partition("/")[0])


def _through(gate: Gate, address: str) -> str:
    """The same address, by way of a gate."""
    head, _, tail = address.rpartition(f":{_port(address)}")
    return f"{head}:{gate.port}{tail}"
