"""Five hundred replies at once in one process, fifty words a second each; and what it keeps in memory meanwhile."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from benchmarks.figures import Figure
from benchmarks.stores import Stores
from benchmarks.usage import processor_seconds, resident_bytes
from bot.embedded.place import free_port
from playground import Person, Playground
from tests.program import REPOSITORY, running

STREAMS, CHATS_EACH = 500, 20
WORDS, A_SECOND = 600, 50.0
IDLE_CHATS = 200
PATIENCE = 60
MIB = 1024 * 1024


async def measure(
    stores: Stores, folder: Path, *, streams: int = STREAMS, words: int = WORDS, idle: int = IDLE_CHATS
) -> list[Figure]:
    """Processor time a chunk and the event loop's lag while all stream, beside the bot at rest; memory before it."""
    port = free_port()
    async with _streaming(words) as url, Playground() as playground:
        told = stores.told(playground, url, folder) | {"METRICS_PORT": str(port), "CACHE_PREFIX": "streams"}
        async with running(playground, told, folder / "bot.log") as (process, _):
            await asyncio.sleep(2)
            at_rest = resident_bytes(process.pid)
            people = await _enter(playground, max(streams, idle))
            await asyncio.sleep(2)
            a_chat = (resident_bytes(process.pid) - at_rest) / len(people)
            before = await _lags(port)
            used = processor_seconds(process.pid)
            chunks, seconds = await _stream(people[:streams], words)
            used = processor_seconds(process.pid) - used
            lag = _quantile(before, await _lags(port), 0.99)
    what = f"{streams} streams of {A_SECOND:.0f} words/s"
    return [
        Figure(
            f"{what}: processor time a chunk, all that the bot does", used / chunks, "≤ 25 µs", used / chunks <= 25e-6
        ),
        Figure(f"{what}: event loop's lag, p99 (bucket's upper end)", lag, "≤ 50 ms", lag <= 0.050),
        Figure(f"{what}: from the first saying to the last end", seconds, "", None, words / A_SECOND),
        _memory("resident, idle", at_rest, 150 * MIB),
        _memory(f"for each idle chat and its open view, of {len(people)}", a_chat, 10 * 1024),
    ]


def _memory(what: str, measured: float, most: int) -> Figure:
    unit, name = (MIB, "MiB") if most >= MIB else (1024, "KiB")
    return Figure(f"{what}: {measured / unit:.1f} {name}", measured, f"≤ {most // unit} {name}", measured <= most)


@asynccontextmanager
async def _streaming(words: int) -> AsyncGenerator[str]:
    """The address of a server that streams so many words to whoever asks."""
    command = ("-m", "benchmarks.stream_server", str(words), str(A_SECOND))
    process: Process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, cwd=REPOSITORY)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1"
    finally:
        process.terminate()
        await process.wait()


async def _enter(playground: Playground, chats: int) -> list[Person]:
    guild = playground.add_guild("Harbour")
    people: list[Person] = []
    for number in range(chats):
        if number % CHATS_EACH == 0:
            guild.add_text_channel(f"hall-{number // CHATS_EACH}")
        channel = guild.channel(f"hall-{number // CHATS_EACH}")
        person = playground.add_person(f"guest-{number}", guilds=[guild]).at(channel)
        await person.slash("character start", character="Cue", within=PATIENCE)
        person.here = guild.threads[-1]
        people.append(person)
    return people


async def _stream(people: list[Person], words: int) -> tuple[int, float]:
    """Everybody speaks, and waits for the end of their reply; chunks in all, and seconds."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    last = [(await person.say("Talk for a while.")).id for person in people]

    def over() -> bool:
        for person, said in zip(people, last, strict=True):
            newest = person.messages()[-1]
            if newest.id <= said or not any(button.label == "Regenerate" for button in newest.buttons):
                return False
        return True

    patience = words / A_SECOND + len(people) / 4 + PATIENCE
    deadline = loop.time() + patience
    while not over():
        if loop.time() > deadline:
            raise TimeoutError(f"the replies had not ended after {patience:.0f} s")
        await asyncio.sleep(0.25)
    return len(people) * words, loop.time() - begun


async def _lags(port: int) -> dict[float, float]:
    """How often the loop was late by at most so many seconds, by the bot's own figures."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        text = await answer.text()
    found = re.findall(r'event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    return {float(edge): float(count) for edge, count in found}


def _quantile(before: dict[float, float], after: dict[float, float], share: float) -> float:
    counts = {edge: after[edge] - before.get(edge, 0.0) for edge in sorted(after)}
    total = counts[max(counts)]
    return next(edge for edge, count in counts.items() if count >= share * total)
