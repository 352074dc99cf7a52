"""Two processes instead of one, on one database and one cache: replies a second, and what each reply costs.

Each process has a shard with a server of its own, and an address of its own (else both would share the forty
requests a second that Discord allows one address). Playground, model and stores run on the same machine, so on
few processors the throughput says more about them; the processor time that the bot spends on a reply does not.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.stores import Stores
from benchmarks.usage import UNLIMITED, processor_seconds
from playground import Guild, Person, Playground
from playground.session import shard_of
from tests.program import running
from tests.scripted_model import ScriptedModel

CHANNELS, CHATS_EACH = 12, 2
WARM_UP, SECONDS = 3.0, 12.0
PATIENCE = 60
MOST = 1 / 1.8


@dataclass(frozen=True, slots=True)
class Output:
    """In seconds: between two replies, and the bot's processor time for one."""

    between: float
    processor: float


async def measure(stores: Stores, folder: Path, *, seconds: float = SECONDS, channels: int = CHANNELS) -> list[Figure]:
    """One process with both shards, then one process for each."""
    one = await _play(stores, folder / "one", ["0,1"], seconds, channels)
    two = await _play(stores, folder / "two", ["0", "1"], seconds, channels)
    replies = f"two processes, {1 / two.between:.1f} replies/s (baseline: one, {1 / one.between:.1f})"
    cost = "processor time of the bot for a reply, two processes (baseline: one)"
    return [
        Figure(f"time a reply, {replies}", two.between, "≤ 0.56 ×", two.between <= MOST * one.between, one.between),
        Figure(cost, two.processor, "≤ 1.11 ×", two.processor <= 2 * MOST * one.processor, one.processor),
    ]


async def _play(stores: Stores, folder: Path, shards: list[str], seconds: float, channels: int) -> Output:
    async with (
        ScriptedModel() as model,
        Playground(shards=2, max_concurrency=2) as playground,
        AsyncExitStack() as stack,
    ):
        guilds = _two_guilds(playground)
        pids: list[int] = []
        for ids in shards:
            told = stores.told(playground, model.url, folder) | {
                "SHARD_COUNT": "2",
                "SHARD_IDS": ids,
                "OUTGOING_ADDRESS": f"{folder.name} {ids}",
                "CACHE_PREFIX": folder.name,
                **UNLIMITED,
            }
            process, _ = await stack.enter_async_context(running(playground, told, folder / f"bot-{ids}.log"))
            pids.append(process.pid)
        await playground.bot_ready(PATIENCE, shards=2)
        people = await _enter(playground, guilds, channels)
        return await _count(people, pids, seconds)


def _two_guilds(playground: Playground) -> list[Guild]:
    guilds = [playground.add_guild("Harbour")]
    while len(guilds) < 2:
        made = playground.add_guild("Abroad")
        if shard_of(made.id, 2) != shard_of(guilds[0].id, 2):
            guilds.append(made)
        time.sleep(0.001)  # a shard is told by the millisecond in which a server was made
    return guilds


async def _enter(playground: Playground, guilds: list[Guild], channels: int) -> list[Person]:
    people: list[Person] = []
    for guild in guilds:
        for number in range(channels):
            channel = guild.add_text_channel(f"hall-{number}")
            for seat in range(CHATS_EACH):
                person = playground.add_person(f"{guild.name}-{number}-{seat}", guilds=[guild]).at(channel)
                await person.slash("character start", character="Cue", within=PATIENCE)
                person.here = guild.threads[-1]
                people.append(person)
    return people


async def _count(people: list[Person], pids: list[int], seconds: float) -> Output:
    replies = 0

    async def talk(person: Person) -> None:
        nonlocal replies
        while True:
            said = await person.say("And then?")

            def ended(said: int = said.id) -> bool:
                newest = person.messages()[-1]
                return newest.id > said and any(button.label == "Regenerate" for button in newest.buttons)

            await person.play.world.pulse.until(ended, PATIENCE)
            replies += 1

    talking = [asyncio.create_task(talk(person)) for person in people]
    await asyncio.sleep(WARM_UP)
    begun, before, used = time.perf_counter(), replies, sum(map(processor_seconds, pids))
    await asyncio.sleep(seconds)
    took, made, spent = time.perf_counter() - begun, replies - before, sum(map(processor_seconds, pids)) - used
    for task in talking:
        task.cancel()
    await asyncio.wait(talking)
    return Output(took / max(made, 1), spent / max(made, 1))
