"""`make bench`: what the program promises of speed, each figure beside a baseline of the same run."""

import argparse
import asyncio
import os
import platform
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import answers, edits, history, latency, marketplace, processes, prompt, start, streams
from benchmarks.figures import Figure
from benchmarks.stores import Stores
from bot import embedded
from storage import schema
from storage.vault import MasterKey

NAMES = ("start", "answers", "latency", "edits", "streams", "processes", "history", "prompt", "marketplace")


async def main(asked: argparse.Namespace) -> None:
    """Runs the benchmarks asked for, all unless some are named, and prints one table."""
    wanted = asked.names or NAMES
    console = Console()
    console.print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    console.print(f"{_processor()}, Postgres 18 and Valkey embedded, one run\n", highlight=False)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dramatis-bench-") as folder:
        data_dir = Path(folder)
        async with embedded.running(data_dir, postgres=True, valkey=True, model=False) as engines:
            assert engines.database_url
            assert engines.redis_url
            await schema.upgrade(engines.database_url)
            stores = Stores(engines.database_url, engines.redis_url, MasterKey.new_text())
            for name, measure in (
                ("start", start.measure),
                ("answers", answers.measure),
                ("latency", latency.measure),
                ("edits", edits.measure),
                ("streams", streams.measure),
                ("processes", processes.measure),
                ("history", history.measure),
                ("prompt", prompt.measure),
            ):
                if name in wanted:
                    with console.status(f"Measuring {name} …"):
                        figures += await measure(stores, data_dir / name)
    if "marketplace" in wanted:
        # On engines of its own, whose characters are kept for the next time.
        with console.status("Measuring the marketplace …"):
            figures += await marketplace.measure(asked.count)
    console.print(_table(figures))


def _table(figures: list[Figure]) -> Table:
    table = Table("what", "measured", "baseline", "ratio", "goal", "")
    for figure in figures:
        table.add_row(
            figure.what,
            figure.shown,
            figure.baseline_shown,
            figure.ratio_shown,
            figure.goal,
            {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}[figure.met],
        )
    return table


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(NAMES)}")
    parser.add_argument("--count", type=int, default=marketplace.COUNT, help="characters of the marketplace")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return asked


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    asyncio.run(main(_asked()))
