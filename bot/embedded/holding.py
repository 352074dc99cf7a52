"""Who uses the engines of a data directory: one shared lock a process, which its death releases too."""

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.embedded import processes
from bot.embedded.place import Place, file_errors
from bot.errors import Unavailable

_PATIENCE = 60.0  # seconds: longer than another process takes to start everything, or to stop it


@dataclass(frozen=True, slots=True)
class Hold:
    """The shared lock on a folder's engines."""

    folder: Path
    holders: BinaryIO

    @classmethod
    def on(cls, data_dir: Path) -> "Hold":
        """Prepare to join the holders of a data directory; SettingsError if it cannot be used."""
        folder = Place.folder_in(data_dir)
        return cls(folder, _opened(folder / processes.HOLDERS))

    @contextmanager
    def starting(self, given_up: threading.Event) -> Generator[None]:
        """Join the holders, and let one process at a time look at what runs and start what does not."""
        with _opened(self.folder / "start.lock") as lock:
            _lock(lock, fcntl.LOCK_EX, given_up, self.folder)
            _lock(self.holders, fcntl.LOCK_SH, given_up, self.folder)
            self._ensure_keeper()
            yield

    def _ensure_keeper(self) -> None:
        if processes.load(self.folder, processes.KEEPER):
            return
        command = [sys.executable, "-I", "-S", processes.__file__, str(self.folder)]
        with file_errors(self.folder):
            pid = processes.spawn(command, log=self.folder / "keeper.log")
            started = processes.started_at(pid) or "ended"
            processes.Record(pid, started).save(self.folder, processes.KEEPER)

    def release(self) -> None:
        """Leave; the last one out stops the engines and returns when they have ended."""
        # 1. Who leaves turns the shared lock into an exclusive one. That succeeds for the last holder alone,
        #    and keeps everybody else out while the engines stop. They leave one at a time, so one is last.
        # 2. It fails if others hold the lock: then a shared one succeeds, and the engines are theirs.
        # 3. Or the keeper is stopping them, as this process never got as far as holding: then wait for that.
        with _opened(self.folder / "leave.lock") as leaving, self.holders:
            fcntl.flock(leaving, fcntl.LOCK_EX)
            while not _try_lock(self.holders, fcntl.LOCK_EX):
                if _try_lock(self.holders, fcntl.LOCK_SH):
                    return
                time.sleep(0.01)
            processes.stop_all(self.folder)
            # The keeper only waits for the lock that is held here, so that it can be ended at any moment.
            if keeper := processes.load(self.folder, processes.KEEPER):
                processes.insist(keeper, signal.SIGKILL)
            processes.forget(self.folder, processes.KEEPER)


def _opened(path: Path) -> BinaryIO:
    with file_errors(path.parent):
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")


def _try_lock(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(file: BinaryIO, kind: int, given_up: threading.Event, folder: Path) -> None:
    with file_errors(folder):
        locked = _until(lambda: given_up.is_set() or _try_lock(file, kind), seconds=_PATIENCE)
        if given_up.is_set() or not locked:
            message = f"Another process has long been starting or stopping the servers in {folder}: end it."
            raise Unavailable(message)


def _until(true: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
