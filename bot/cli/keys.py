"""`keys`: a new master key, and everything wrapped by it in place of older ones."""

from collections.abc import Callable

from rich.console import Console

from bot.cli.at_rest import at_rest
from bot.cli.progress import progress
from bot.settings import Settings
from storage import rewrapping, schema
from storage.database import Database
from storage.vault import MasterKey

NOTHING = (
    "Every key is wrapped by the first of MASTER_KEYS ({first}) already. To change it: put the key that "
    "`python -m bot keys new` prints in front of MASTER_KEYS, restart every process, and rotate again."
)
TAKE_OUT = (
    "These wrap nothing any more: {old}. First replace the keys file beside your backups (`python -m bot backup "
    "FOLDER --only-keys`), then take them out of MASTER_KEYS and restart every process."
)
DAMAGED = (
    "Damaged keys that were left as they are: {count:,}. They do not open by the master key that they name, so what "
    "they sealed is lost, unless a keys file from before their rows were changed still has them."
)
BESIDE = "Some keys were still made by an older master key meanwhile: a process runs without the new one. Restart it."


def print_new() -> int:
    """Prints a fresh master key as MASTER_KEYS takes it."""
    print(MasterKey.new_text())
    return 0


async def rotate(settings: Settings) -> int:
    """Wraps every data key by the first of MASTER_KEYS, while bots run; 1 when some keys are damaged.

    SettingsError when a master key is missing. Killed at any point it leaves all readable, and goes on next time.
    """
    console = Console(stderr=True)
    async with at_rest(settings) as here:
        await schema.require_newest(here.url)
        database = Database.connect(here.url, here.vault, pool_size=2)
        try:
            return await _rotate(database, console)
        finally:
            await database.close()


async def _rotate(database: Database, console: Console) -> int:
    vault = database.vault
    first, others = vault.masters[0], vault.masters[1:]
    counts = await _counts(database)
    rewrapping.refuse_missing(vault, counts)
    waiting = sum(counts.values()) - counts.get(first.id, 0)
    damaged = 0
    if waiting:
        with progress(console, "Wrapping keys anew", waiting) as step:
            damaged = await rewrap_all(database, step)
        counts = await _counts(database)
        done = f"{counts.get(first.id, 0):,} keys are wrapped by the first of MASTER_KEYS ({first.id})."
        console.print(done, highlight=False, soft_wrap=True)
    elif not others:
        console.print(NOTHING.format(first=first.id), highlight=False, soft_wrap=True)
    old = rewrapping.unused(vault, counts)
    if old:
        numbers = {master.id: number for number, master in enumerate(vault.masters, 1)}
        named = ", ".join(f"number {numbers[master.id]} ({master.id})" for master in old)
        console.print(TAKE_OUT.format(old=named), highlight=False, soft_wrap=True)
    if damaged:
        console.print(DAMAGED.format(count=damaged), highlight=False, soft_wrap=True)
    elif len(old) < len(others):
        console.print(BESIDE, highlight=False, soft_wrap=True)
    return 1 if damaged else 0


async def rewrap_all(database: Database, step: Callable[[int], object]) -> int:
    """Goes through the keys once, a few at a time; returns how many were damaged."""
    damaged = 0
    done = await rewrapping.rewrap_some(database)
    while done.last is not None:
        damaged += done.damaged
        step(done.rewrapped + done.damaged)
        done = await rewrapping.rewrap_some(database, after=done.last)
    return damaged


async def _counts(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return await rewrapping.count_by_master(session)
