"""`make chaos`: two hundred kills and everything else that can break; ends with 1 when anything was lost."""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot import embedded
from storage import schema
from storage.vault import MasterKey
from tests.chaos.show import Plan, Show, open_show

OUTAGES = tuple(
    (server, how, seconds)
    for server, hows in {
        "database": ("stopped", "killed", "hangs"),
        "cache": ("stopped", "killed", "hangs"),
        "model": ("stopped", "hangs"),
    }.items()
    for how in hows
    for seconds in (1.0, 4.0)
)


async def main(asked: argparse.Namespace) -> int:
    """Runs it on engines of its own; returns 1 when something was lost, doubled or blocked."""
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it tells of every connection that was cut
    console = Console(width=None if sys.stdout.isatty() else 160)
    data_dir = Path(tempfile.mkdtemp(prefix="dramatis-chaos-"))
    async with embedded.running(data_dir, postgres=True, valkey=True, model=False) as engines:
        assert engines.database_url
        assert engines.redis_url
        await schema.upgrade(engines.database_url)
        plan = Plan(
            seed=asked.seed,
            kills=asked.kills,
            database_url=engines.database_url,
            redis_url=engines.redis_url,
            master_key=MasterKey.new_text(),
            cache_prefix="chaos",
            folder=data_dir,
            engines_dir=data_dir,
            seconds=asked.minutes * 60,
            outages=OUTAGES,
            faults=asked.faults,
        )
        async with open_show(plan) as show:
            await show.run()
        tell(console, show)
    if show.verdict.is_good:
        shutil.rmtree(data_dir, ignore_errors=True)
    return 0 if show.verdict.is_good else 1


def tell(console: Console, show: Show) -> None:
    """Prints what happened, and the verdict."""
    calms = sorted(show.calms)
    console.print(f"Seed {show.plan.seed}, logs in {show.plan.folder}", highlight=False)
    console.print(_table("What went wrong on request", show.troubles.happened))
    console.print(_table("Where in the life of a chat's reply the kills fell", show.troubles.killed_in))
    console.print(_table("What people did, and what was kept", show.ledger.counts + show.verdict.counts))
    complaints: Counter[str] = Counter()
    for player in show.troupe.players:
        complaints += player.complaints()
        complaints["ended by itself"] += player.ended_by_itself
    console.print(_table("What the bot's log calls an error", complaints))
    if calms:
        console.print(f"{len(calms)} waits for quiet: median {calms[len(calms) // 2]:.1f} s, longest {calms[-1]:.1f} s")
    console.print(f"What the playground saw wrong: {Counter(show.playground.violations) or 'nothing'}")
    for name in ("lost", "doubled", "blocked"):
        found: list[str] = getattr(show.verdict, name)
        console.print(f"[bold]{name}: {len(found)}[/bold]")
        for line in found[:30]:
            console.print(f"  {line}", markup=False, highlight=False)


def _table(title: str, counts: Counter[str]) -> Table:
    table = Table("what", "how often", title=title, title_justify="left")
    for what, count in counts.most_common():
        table.add_row(what, f"{count:,}")
    return table


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--faults", type=int, default=2, help="how often each fault of Discord happens")
    parser.add_argument("--minutes", type=float, default=60.0, help="no new trouble after so long")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(_asked())))
