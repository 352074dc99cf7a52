"""How soon the bot first answers each command and button of the marketplace."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from playground import Answer, Person, Playground
from playground.interactions import Interaction
from tests.program import running
from tests.scripted_model import ScriptedModel

TIMES, PATIENCE = 60, 30
MANAGE_SERVER = 1 << 5
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("character pick", {}),
    ("character pick", {"search": "captain"}),
    ("character show", {"character": "Cue"}),
    ("character export", {"character": "Cue"}),
    ("character manage", {}),
    ("character create", {}),
    ("character start", {"character": "Cue"}),
    ("server settings", {}),
    ("server queue", {}),
    ("server reports", {}),
    ("server audit", {}),
    ("workbench", {}),
    ("help", {}),
)
BUTTONS = ("Details", "Chat")


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """p50 and p99 from the interaction to its acknowledgement; the baseline is `/help`, which asks nobody."""
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        person = playground.add_person("visitor", guilds=[guild]).at(tavern)
        guild.give_role(person, guild.add_role("Admins", MANAGE_SERVER))
        async with running(playground, stores.told(playground, model.url, folder), folder / "bot.log"):
            times: dict[str, list[float]] = {}
            for path, options in COMMANDS:
                name = " ".join((f"/{path}", *(f"{key}:{value}" for key, value in options.items())))
                times[name] = await _repeated(person, lambda at=path, given=options: person.use(tavern, at, given))
            for option, typed in (("character", "ca"), ("character", "")):
                times[f"completing {typed!r}"] = await _repeated(
                    person,
                    lambda key=option, text=typed: person.ask(tavern, "character start", {key: text}, key),
                )
            picked = await person.slash("character pick", within=PATIENCE)
            for label in BUTTONS:
                times[f"button {label}"] = await _repeated(person, _presser(person, picked, label))
    everything = [each for found in times.values() for each in found]
    plain = quantile(times["/help"], 0.5)
    figures = [
        Figure(f"first answer, {name}, p99", quantile(found, 0.99), "≤ 1 s", quantile(found, 0.99) <= 1, plain)
        for name, found in times.items()
    ]
    worst = quantile(everything, 0.99)
    return [*figures, Figure("first answer, everything together, p99", worst, "≤ 1 s", worst <= 1, plain)]


def _presser(person: Person, picked: Answer, label: str) -> Callable[[], Interaction]:
    def press() -> Interaction:
        assert picked.message is not None
        button = next(each for each in picked.message.buttons if each.label == label)
        assert button.custom_id is not None
        return person.press(picked.message, button.custom_id)

    return press


async def _repeated(person: Person, do: Callable[[], Interaction]) -> list[float]:
    times: list[float] = []
    pulse = person.play.world.pulse
    for _ in range(TIMES):
        begun = time.perf_counter()
        asked = do()
        if not await pulse.until(lambda one=asked: one.answered, PATIENCE):
            raise TimeoutError(f"no answer to {asked.label}")
        times.append(time.perf_counter() - begun)
        await pulse.until(lambda one=asked: not one.pending, PATIENCE)
    return times
