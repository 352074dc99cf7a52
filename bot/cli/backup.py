"""`backup`: everything that is stored in one file, and the keys to it in another."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from bot import VERSION
from bot.cli.at_rest import at_rest
from bot.cli.progress import progress
from bot.settings import Settings
from storage.backups import dumping
from storage.backups.archive import KEYS_INDEX
from storage.backups.keys_file import NAME

PATTERN = "dramatis-*.tar"
DONE = (
    "{rows} and {files} are in {target} ({size:.1f} MB), {keys} in {keys_path}. Both are "
    "needed to restore, and so is MASTER_KEYS (or master.key of the data directory), which is in neither."
)


async def back_up(settings: Settings, path: Path, *, keys: Path | None, only_keys: bool = False) -> Path:
    """Writes a backup to a file, or into a folder under a name of its own; returns where it is.

    The keys file is replaced: what was sealed by a key that is gone opens from no backup any more.
    """
    console = Console(stderr=True)
    is_folder = path.is_dir() or not path.suffix
    target = path / f"dramatis-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar" if is_folder else path
    keys_path = keys or target.parent / NAME
    async with at_rest(settings) as here:
        if only_keys:
            count = await dumping.replace_keys(here.url, keys_path, version=VERSION)
            console.print(f"{counted(count, 'key')} stand in {keys_path}.", highlight=False, soft_wrap=True)
            return keys_path
        written = await dumping.write_backup(
            here.url,
            target,
            keys=keys_path,
            files=settings.data_dir / "files",
            version=VERSION,
            telling=partial(progress, console),
        )
    rows = sum(each.rows for each in written.manifest.tables if each.name != KEYS_INDEX)
    words = DONE.format(
        rows=counted(rows, "row"),
        files=counted(written.manifest.files, "picture"),
        target=target,
        size=target.stat().st_size / 1e6,
        keys=counted(written.keys, "key"),
        keys_path=keys_path,
    )
    console.print(words, highlight=False, soft_wrap=True)
    return target


def counted(number: int, noun: str) -> str:
    """A number of things in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
