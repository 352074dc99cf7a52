"""The folder of the embedded engines inside the data directory, and what can be wrong with it."""

import errno
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bot.embedded import processes
from bot.errors import SettingsError, Unavailable

_LOG_LIMIT = 10_000_000  # bytes, after which a log is begun anew at the next start
_ROOM = 150_000_000  # bytes that a new database needs, with its first write-ahead log


@dataclass(frozen=True, slots=True)
class Place:
    """Where the engines of one data directory live, and how this start wants them."""

    folder: Path
    password: str
    durable: bool
    given_up: threading.Event

    @staticmethod
    def folder_in(data_dir: Path) -> Path:
        """Make the folder, for its owner alone; SettingsError if that cannot be."""
        folder = data_dir.expanduser().absolute() / "embedded"
        with file_errors(data_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            probe = folder / f"probe-{secrets.token_hex(4)}"
            probe.write_bytes(b"written")
            probe.unlink()
        return folder

    @classmethod
    def open(cls, folder: Path, *, durable: bool, given_up: threading.Event) -> "Place":
        """Read the folder's password, made at the first start."""
        path = folder / "password"
        with file_errors(folder):
            password = path.read_text().strip() if path.exists() else ""
            if not password:
                password = secrets.token_urlsafe(32)
                new = path.with_suffix(".new")
                new.touch(mode=0o600)
                new.write_text(password)
                new.replace(path)
        return cls(folder, password, durable, given_up)

    def log(self, name: str) -> Path:
        """Return the path of an engine's log, begun anew if it has grown large."""
        path = self.folder / f"{name}.log"
        if path.exists() and path.stat().st_size > _LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))
        return path

    def find(self, name: str, ready: Callable[[processes.Record], bool], *, patience: float) -> processes.Record | None:
        """Return an engine that already runs, started by another process or a dead one, else None."""
        record = processes.load(self.folder, name)
        if record is not None and not self.wait(ready, record, patience):
            self.discard(name, record)
            return None
        return record

    def launch(
        self,
        name: str,
        start: Callable[[int], int],
        ready: Callable[[processes.Record], bool],
        *,
        patience: float,
    ) -> processes.Record:
        """Start an engine on a free port and wait for it; Unavailable says why it is not ready."""
        log = self.log(name)
        attempts = 5
        while True:
            attempts -= 1
            begin = log.stat().st_size if log.exists() else 0
            port = free_port()
            with file_errors(self.folder):
                pid = start(port)
                record = processes.Record(pid, processes.started_at(pid) or "ended", port)
                record.save(self.folder, name)
            if self.wait(ready, record, patience):
                return record
            said = log.read_bytes()[begin:].decode(errors="replace")
            # Between asking for a free port and taking it, somebody else may.
            if attempts and not record.alive and "in use" in said:
                continue
            self.discard(name, record)
            raise Unavailable(why_not(name, said, log, self.folder))

    def wait(self, ready: Callable[[processes.Record], bool], record: processes.Record, patience: float) -> bool:
        """Wait until `ready`; False if the process ended, the time ran out, or the start was given up."""
        deadline = time.monotonic() + patience
        while record.alive and time.monotonic() < deadline and not self.given_up.is_set():
            if ready(record):
                return True
            time.sleep(0.01)
        return False

    def discard(self, name: str, record: processes.Record) -> None:
        """End an engine that does not answer."""
        processes.insist(record, processes.SIGNALS[name][1])
        processes.forget(self.folder, name)

    def make_room(self) -> None:
        """Refuse to lay out a database on a disk that is nearly full."""
        if shutil.disk_usage(self.folder).free < _ROOM:
            raise SettingsError(full(self.folder))


def why_not(name: str, said: str, log: Path, folder: Path) -> str:
    """Return the sentence for an engine that did not start, from what it wrote to its log."""
    if "No space left on device" in said:
        return full(folder)
    if name == "postgres":
        return (
            f"The database in {folder / name} does not start; {log} says why. If its files are damaged, "
            f"restore a backup, or move {folder / name} away to begin anew."
        )
    return f"The embedded {name} server does not start; {log} says why."


def full(folder: Path) -> str:
    """Return the sentence for a full disk."""
    return f"The disk that holds {folder} is full: free {_ROOM // 10**6} MB, or set DATA_DIR to another."


@contextmanager
def file_errors(path: Path) -> Generator[None]:
    """Turn errors of the file system into a SettingsError about `path`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SettingsError(full(path)) from error
        reason = error.strerror or "unknown reason"
        message = (
            f"The data directory {path} cannot be used ({reason.lower()}): "
            "set DATA_DIR to a directory that may be written, such as ./data."
        )
        raise SettingsError(message) from error


def wheel(module: str) -> Path:
    """Return the folder of an installed wheel without importing it: its files are wanted, not its code."""
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(module)
    return Path(spec.submodule_search_locations[0])


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
