"""Five hundred replies at once in one process, fifty words a second each; and what it keeps in memory meanwhile."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from benchmarks.usage import UNLIMITED, processor_seconds, resident_bytes
from bot.embedded.place import free_port
from playground import Person, Playground
from tests.program import REPOSITORY, running

STREAMS, CHATS_EACH = 500, 20
A_SECOND, SECONDS = 50.0, 10.0
PATIENCE = 60
KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Memory(Figure):
    """Bytes where other figures have seconds."""

    @property
    def shown(self) -> str:
        """The bytes as people read them."""
        return f"{self.seconds / MIB:.1f} MiB" if self.seconds >= MIB else f"{self.seconds / KIB:.1f} KiB"


async def measure(stores: Stores, folder: Path, *, streams: int = STREAMS, seconds: float = SECONDS) -> list[Figure]:
    """Memory at rest and for a chat; then, while all stream, processor time a chunk and how late the loop wakes."""
    port = free_port()
    async with _streaming() as url, Playground() as playground:
        told = stores.told(playground, url, folder) | UNLIMITED
        told |= {"METRICS_PORT": str(port), "CACHE_PREFIX": "streams", "CLOSE_SECONDS": "0"}
        async with running(playground, told, folder / "bot.log") as (process, _):
            await _enter(playground, 1)  # what is loaded at first use is nobody's chat
            await asyncio.sleep(2)
            idle = resident_bytes(process.pid)
            people = await _enter(playground, streams)
            await asyncio.sleep(2)
            a_chat = (resident_bytes(process.pid) - idle) / len(people)
            quiet = await _lags(port, seconds)
            for person in people:
                await person.say("Talk for ever.")
            await _until_streaming(url, streams)
            used, (_, sent) = processor_seconds(process.pid), await _count(url)
            lags = await _lags(port, seconds)
            still, now_sent = await _count(url)
            a_chunk = (processor_seconds(process.pid) - used) / (now_sent - sent)
            assert still == streams, f"{streams - still} replies ended while they were measured"
            process.kill()  # nobody reads the rest
            await process.wait()
    lag, rest = quantile(lags, 0.99), quantile(quiet, 0.99)
    what = f"{streams} streams of {A_SECOND:.0f} words/s"
    return [
        Figure(
            f"{what}: the bot's processor time a chunk, its share of edits too", a_chunk, "≤ 25 µs", a_chunk <= 25e-6
        ),
        Figure(f"{what}: /healthz answers, p99 (baseline: at rest)", lag, "≤ 50 ms", lag <= 0.050, rest),
        Memory("resident memory, idle", idle, "≤ 150 MiB", idle <= 150 * MIB),
        Memory(f"memory for an idle chat and its open view, of {streams}", a_chat, "≤ 10 KiB", a_chat <= 10 * KIB),
    ]


@asynccontextmanager
async def _streaming() -> AsyncGenerator[str]:
    """The address of a server that streams words to whoever asks."""
    command = ("-m", "benchmarks.stream_server", str(A_SECOND))
    process: Process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, cwd=REPOSITORY)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1"
    finally:
        process.terminate()
        await process.wait()


async def _count(url: str) -> tuple[int, int]:
    """How many streams there are, and how many words were sent."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        open_ones, sent = (await answer.text()).split()
    return int(open_ones), int(sent)


async def _until_streaming(url: str, streams: int) -> None:
    deadline = time.monotonic() + PATIENCE + streams / 5
    while (found := (await _count(url))[0]) < streams:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{found} of {streams} replies were streaming after all that time")
        await asyncio.sleep(0.25)
    await asyncio.sleep(2)  # the rush of the beginning is over


async def _enter(playground: Playground, chats: int) -> list[Person]:
    guild = playground.add_guild(f"Harbour {len(playground.world.guilds)}")
    people: list[Person] = []
    for number in range(chats):
        if number % CHATS_EACH == 0:
            guild.add_text_channel(f"hall-{number // CHATS_EACH}")
        channel = guild.channel(f"hall-{number // CHATS_EACH}")
        person = playground.add_person(f"guest-{guild.id}-{number}", guilds=[guild]).at(channel)
        await person.slash("character start", character="Cue", within=PATIENCE)
        person.here = guild.threads[-1]
        people.append(person)
    return people


async def _lags(port: int, seconds: float) -> list[float]:
    """Seconds that `/healthz` took to answer, asked fifty times a second from a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.knocking", str(port), stdin=PIPE, stdout=PIPE, cwd=REPOSITORY
    )
    await asyncio.sleep(seconds)
    told, _ = await process.communicate(b"enough")
    return [float(line) for line in told.split()]
