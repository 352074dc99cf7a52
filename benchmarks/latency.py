"""From a message on the gateway to the request that leaves for the model."""

import asyncio
import time
from pathlib import Path

from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from playground import Channel, Guild, Person, Playground
from tests.program import running
from tests.scripted_model import ScriptedModel

SAYINGS = 200
BUSY = 20
LONG = "word " * 3000


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """p50 and p99 in a quiet program, and while twenty other chats stream."""
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        people = [playground.add_person(f"p{number}", guilds=[guild]) for number in range(BUSY + 1)]
        async with running(playground, stores.told(playground, model.url, folder), folder / "bot.log"):
            await _enter(people[0], tavern, guild)
            quiet = await _time_sayings(people[0], model)
            for person in people[1:]:
                await _enter(person, tavern, guild)
                model.says(LONG, pause=0.02)
                await person.say("Talk for a while.")
            busy = await _time_sayings(people[0], model)
    return [
        Figure(
            "message event to model request, quiet, p50", quantile(quiet, 0.5), "≤ 10 ms", quantile(quiet, 0.5) <= 0.01
        ),
        Figure(
            "message event to model request, quiet, p99",
            quantile(quiet, 0.99),
            "≤ 25 ms",
            quantile(quiet, 0.99) <= 0.025,
        ),
        Figure(
            f"the same while {BUSY} chats stream 50 tokens/s each, p50",
            quantile(busy, 0.5),
            "≤ 10 ms",
            quantile(busy, 0.5) <= 0.01,
        ),
        Figure(
            f"the same while {BUSY} chats stream 50 tokens/s each, p99",
            quantile(busy, 0.99),
            "≤ 25 ms",
            quantile(busy, 0.99) <= 0.025,
        ),
    ]


async def _enter(person: Person, tavern: Channel, guild: Guild) -> None:
    await person.at(tavern).slash("character start", character="Cue")
    person.here = guild.threads[-1]


async def _time_sayings(person: Person, model: ScriptedModel) -> list[float]:
    times: list[float] = []
    for number in range(SAYINGS):
        before = len(model.requests)
        begun = time.perf_counter()
        await person.say(f"Line {number}.")
        while len(model.requests) == before:
            await asyncio.sleep(0.0002)
        times.append(model.asked_at[-1] - begun)
        # The reply is over in the program before the next saying, or that would only be queued.
        await asyncio.sleep(0.15)
    return times
