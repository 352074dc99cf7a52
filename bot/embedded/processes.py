"""Processes that outlive the one that started them: what is known of each, and the keeper that stops them.

Standard library alone, for `python processes.py FOLDER` is the keeper. It waits for the exclusive lock on the
holders' file, which the kernel grants when the last holder is gone, be it by `kill -9`, and then stops what
the folder records.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HOLDERS = "holders.lock"
KEEPER = "keeper"
_PATIENCE = 20.0  # seconds to shut down by itself; Postgres writes a checkpoint meanwhile


@dataclass(frozen=True, slots=True)
class Record:
    """A started process: its pid, when it was started (pids are used again), and its loopback port."""

    pid: int
    started: str
    port: int = 0

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return started_at(self.pid) == self.started

    def save(self, folder: Path, name: str) -> None:
        """Write the record whole or not at all."""
        new = folder / f"{name}.json.{os.getpid()}"
        new.write_text(json.dumps(asdict(self)))
        new.replace(folder / f"{name}.json")


def load(folder: Path, name: str) -> Record | None:
    """Return the record of a process that still runs, else None."""
    try:
        record = Record(**json.loads((folder / f"{name}.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.alive else None


def forget(folder: Path, name: str) -> None:
    """Remove a record."""
    (folder / f"{name}.json").unlink(missing_ok=True)


def started_at(pid: int) -> str | None:
    """Return when a process was started, in words of the system; None if it has ended (a zombie has)."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    command = ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    state, _, started = shown.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path | None = None,
    account: tuple[int, int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start a process in a session of its own, where no Ctrl-C reaches it; return its pid."""
    user, group = account or (None, None)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=None if environment is None else {**os.environ, **environment},
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if account is None else [],
            umask=0o077,
        )
    process.returncode = 0  # else Popen complains that its child outlives it, which is the point here
    return process.pid


def insist(record: Record, sign: int) -> None:
    """End a process that did not end when asked, with the signal that it obeys at once."""
    for last in (sign, signal.SIGKILL):
        if record.alive:
            os.kill(record.pid, last)
        if wait_for_end(record, 5.0):
            return


def wait_for_end(record: Record, seconds: float) -> bool:
    """Wait until a process has ended; False if it has not in time."""
    deadline = time.monotonic() + seconds
    while record.alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    with contextlib.suppress(ChildProcessError):
        # A child of ours would stay as a zombie; it can be taken once its last thread has ended.
        while os.waitpid(record.pid, os.WNOHANG)[0] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
    return True


# How each is asked to stop, and how it is made to. Postgres takes SIGINT as "now, in good order" and SIGQUIT
# as "at once"; Valkey saves on SIGTERM.
SIGNALS = {
    "model": (signal.SIGTERM, signal.SIGKILL),
    "valkey": (signal.SIGTERM, signal.SIGKILL),
    "postgres": (signal.SIGINT, signal.SIGQUIT),
}


def stop_all(folder: Path) -> None:
    """Stop every recorded engine. Only for who holds the exclusive lock of the holders' file."""
    running = {name: record for name in SIGNALS if (record := load(folder, name))}
    for name, record in running.items():
        os.kill(record.pid, SIGNALS[name][0])  # all are asked before any is waited for
    for name, record in running.items():
        if not wait_for_end(record, _PATIENCE):
            insist(record, SIGNALS[name][1])
        forget(folder, name)


def keep(folder: Path) -> None:
    """Wait until nobody holds the engines, then stop them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (folder / HOLDERS).open("rb") as holders:
        fcntl.flock(holders, fcntl.LOCK_EX)
        stop_all(folder)
        forget(folder, KEEPER)  # before the lock goes: whoever comes next must start a keeper again


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
