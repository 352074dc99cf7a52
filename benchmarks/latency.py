"""From a message on the gateway to the request that leaves for the model."""

import time
from pathlib import Path

from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from playground import Guild, Person, Playground
from tests.program import running
from tests.scripted_model import ScriptedModel

SAYINGS = 150
BUSY, CHANNELS = 20, 4
LONG = "word " * 6000
PATIENCE = 30


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """p50 and p99 in a quiet program, and while twenty other chats stream."""
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        guild.add_text_channel("quiet")
        for number in range(CHANNELS):
            guild.add_text_channel(f"busy-{number}")
        people = [playground.add_person(f"p{number}", guilds=[guild]) for number in range(BUSY + 1)]
        async with running(playground, stores.told(playground, model.url, folder), folder / "bot.log"):
            await _enter(people[0], "quiet", guild)
            quiet = await _time_sayings(people[0], playground, model)
            for number, person in enumerate(people[1:]):
                await _enter(person, f"busy-{number % CHANNELS}", guild)
                model.says(LONG, pause=0.02)
                await person.say("Talk for a while.")
            busy = await _time_sayings(people[0], playground, model)
    return [
        *_figures("message event to model request", quiet),
        *_figures(f"the same while {BUSY} chats stream 50 tokens/s each", busy),
    ]


def _figures(what: str, times: list[float]) -> list[Figure]:
    half, most = quantile(times, 0.5), quantile(times, 0.99)
    return [
        Figure(f"{what}, p50", half, "≤ 10 ms", half <= 0.010),
        Figure(f"{what}, p99", most, "≤ 25 ms", most <= 0.025),
    ]


async def _enter(person: Person, channel: str, guild: Guild) -> None:
    await person.at(guild.channel(channel)).slash("character start", character="Cue", within=PATIENCE)
    person.here = guild.threads[-1]


async def _time_sayings(person: Person, playground: Playground, model: ScriptedModel) -> list[float]:
    """Says one thing after the other, each once the reply to the last has ended: else it would only wait."""
    times: list[float] = []
    for number in range(SAYINGS):
        model.asked.clear()
        begun = time.perf_counter()
        model.says(f"Answer {number}.")
        said = await person.say(f"Line {number}.")
        await model.asked.wait()
        times.append(model.asked_at[-1] - begun)

        def ended(after: int = said.id) -> bool:
            newest = person.messages()[-1]
            return newest.id > after and any(button.label == "Regenerate" for button in newest.buttons)

        await playground.world.pulse.until(ended, PATIENCE)
    return times
