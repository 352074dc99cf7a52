"""`make bench`: what the program promises of speed, each figure beside a baseline of the same run."""

import asyncio
import os
import platform
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import edits, history, latency, start
from benchmarks.figures import Figure
from benchmarks.stores import Stores
from bot import embedded
from storage import schema
from storage.vault import MasterKey


async def main() -> None:
    """Runs every benchmark on embedded engines of its own and prints one table."""
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
                ("latency", latency.measure),
                ("edits", edits.measure),
                ("history", history.measure),
            ):
                with console.status(f"Measuring {name} …"):
                    figures += await measure(stores, data_dir / name)
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


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    asyncio.run(main())
