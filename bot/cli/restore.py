"""`restore`: an empty database filled from a backup and the newest keys, and looked through afterwards."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rich.console import Console

from bot.cli.at_rest import at_rest
from bot.cli.backup import PATTERN, counted
from bot.cli.progress import progress
from bot.errors import Invalid
from bot.settings import Settings
from storage.backups import loading, opening
from storage.backups.keys_file import NAME
from storage.backups.loading import Loaded
from storage.backups.opening import Opened
from storage.database import Database

WHOSE = {"user": "people's", "tree": "scenes'", "character": "characters'", "guild": "servers'"}
ONE = {"user": "person's", "tree": "scene's", "character": "character's", "guild": "server's"}


async def restore(settings: Settings, path: Path, *, keys: Path | None) -> int:
    """Fills the empty database of the settings from a backup, or the newest one in a folder; 1 when values are damaged.

    Invalid and SettingsError say what is wrong, and then nothing was changed.
    """
    console = Console(stderr=True)
    telling = partial(progress, console)
    source = newest_in(path) if path.is_dir() else path
    async with at_rest(settings) as here:
        loaded = await loading.read_backup(
            here.url,
            source,
            keys=keys or source.parent / NAME,
            files=settings.data_dir / "files",
            vault=here.vault,
            telling=telling,
        )
        database = Database.connect(here.url, here.vault, pool_size=2)
        try:
            opened = await opening.open_all(database, telling)
        finally:
            await database.close()
    for line in report(source, loaded, opened):
        console.print(line, highlight=False, soft_wrap=True)
    return 1 if opened.damaged else 0


def newest_in(folder: Path) -> Path:
    """The newest backup of a folder; Invalid when there is none."""
    found = sorted(folder.glob(PATTERN))
    if not found:
        raise Invalid(f"There is no backup in {folder} ({PATTERN}). Name the file itself if it is called otherwise.")
    return found[-1]


def report(source: Path, loaded: Loaded, opened: Opened) -> list[str]:
    """What a restore came to, a sentence a line."""
    return [
        f"{counted(loaded.rows, 'row')}, {counted(loaded.keys, 'key')} and {counted(loaded.files, 'picture')} "
        f"came back from {source}.",
        f"Sealed values that open: {opened.open:,}.",
        *_closed(loaded.gone, opened.closed),
        *(
            f"Damaged, and closed for good: {counted(count, 'value')} of {where}."
            for where, count in opened.damaged.items()
        ),
    ]


def _closed(gone: Mapping[str, int], values: int) -> list[str]:
    named = [f"{count:,} {(ONE if count == 1 else WHOSE)[scope]}" for scope, count in gone.items()]
    lines = [f"{' and '.join(named)} words stay closed: their keys were deleted after this backup."] if named else []
    return [*lines, f"Shown as removed, for want of a key: {counted(values, 'value')}."] if values else lines
