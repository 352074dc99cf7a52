"""From a message on the gateway to the request that leaves for the model."""

import time
from pathlib import Path

from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from benchmarks.usage import UNLIMITED
from playground import Guild, Person, Playground
from tests.program import running
from tests.scripted_model import ScriptedModel

SAYINGS, SPEAKERS = 240, 8
BUSY, CHANNELS = 100, 20
LONG = "word " * 6000
PATIENCE = 30


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """p50 and p99 in a quiet program, and while a hundred other chats stream."""
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        for number in range(SPEAKERS):
            guild.add_text_channel(f"quiet-{number}")
        for number in range(CHANNELS):
            guild.add_text_channel(f"busy-{number}")
        speakers = [playground.add_person(f"speaker{number}", guilds=[guild]) for number in range(SPEAKERS)]
        talkers = [playground.add_person(f"talker{number}", guilds=[guild]) for number in range(BUSY)]
        told = stores.told(playground, model.url, folder) | UNLIMITED
        async with running(playground, told, folder / "bot.log"):
            for number, person in enumerate(speakers):
                await _enter(person, f"quiet-{number}", guild)
            quiet = await _time_sayings(speakers, playground, model)
            for number, person in enumerate(talkers):
                await _enter(person, f"busy-{number % CHANNELS}", guild)
                model.says(LONG, pause=0.02)
                await person.say("Talk for a while.")
            busy = await _time_sayings(speakers, playground, model)
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


async def _time_sayings(speakers: list[Person], playground: Playground, model: ScriptedModel) -> list[float]:
    """Each speaks in turn, once the reply to their last saying has ended: else the saying would only wait."""
    times: list[float] = []
    last: dict[int, int] = {}
    for number in range(SAYINGS):
        person = speakers[number % SPEAKERS]

        def ended(person: Person = person) -> bool:
            newest = person.messages()[-1]
            over = newest.id > last.get(person.id, 0) and any(button.label == "Regenerate" for button in newest.buttons)
            return person.id not in last or over

        await playground.world.pulse.until(ended, PATIENCE)
        model.asked.clear()
        model.says(f"Answer {number}.")
        begun = time.perf_counter()
        last[person.id] = (await person.say(f"Line {number}.")).id
        await model.asked.wait()
        times.append(model.asked_at[-1] - begun)
    return times
