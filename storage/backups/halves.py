"""Files that appear whole or not at all."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import Invalid

LEFT_OVER = 24 * 3600
"""Seconds after which nobody can be writing a half any more."""


@contextmanager
def half_of(target: Path) -> Generator[Path]:
    """A path beside the target to write to; it takes the target's place at the end, and goes if there was none.

    Invalid where the file system refuses.
    """
    half = target.with_name(f".{target.name}.{os.getpid()}.half")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield half
        half.replace(target)
        _settle(target.parent)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise Invalid(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        half.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes halves that a killed backup left in a folder a day ago or earlier."""
    for left in folder.glob(".dramatis-*.half"):
        if left.stat().st_mtime < time.time() - LEFT_OVER:
            left.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Has the disk know the new name, as far as the system can be asked to."""
    if os.name == "posix":
        there = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(there)
        finally:
            os.close(there)
