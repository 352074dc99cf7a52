"""From the start of the process to READY with every command registered."""

import statistics
import sys
import time
from asyncio import create_subprocess_exec
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.stores import Stores
from playground import Playground
from tests.program import running
from tests.scripted_model import ScriptedModel

RUNS = 5


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """The median of a few starts, beside a process that only imports discord.py."""
    times: list[float] = []
    first = 0.0
    for number in range(RUNS + 1):
        async with ScriptedModel() as model, Playground() as playground:
            playground.add_guild("Harbour")
            async with running(playground, stores.told(playground, model.url, folder), folder / "bot.log") as (
                _,
                seconds,
            ):
                if number:
                    times.append(seconds)
                else:
                    first = seconds
    baseline = statistics.median([await _import_alone() for _ in range(RUNS)])
    typical = statistics.median(times)
    return [
        Figure("first start to READY, with a dozen characters to publish", first, "", None, baseline),
        Figure(
            f"start to READY, median of {RUNS} (baseline: import discord)", typical, "≤ 2 s", typical <= 2, baseline
        ),
    ]


async def _import_alone() -> float:
    begun = time.perf_counter()
    process = await create_subprocess_exec(sys.executable, "-W", "ignore", "-c", "import discord")
    await process.wait()
    return time.perf_counter() - begun
