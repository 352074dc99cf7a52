"""The keys file: every wrapped data key, a line of JSON each, beside the backups that need them.

There is one, the newest: each backup replaces it. The master keys are not in it, and without them it opens nothing.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import Invalid, SettingsError
from storage.backups.connection import Connection
from storage.backups.halves import half_of
from storage.backups.telling import Step
from storage.vault import Vault

NAME = "dramatis-keys.jsonl"
_AT_ONCE = 1_000
COLUMNS = ("id", "scope", "subject", "wrapped", "master_key_id", "created_at")
_PAGE = f"SELECT {', '.join(COLUMNS)} FROM public.keys WHERE id > $1 ORDER BY id LIMIT {_AT_ONCE}"  # noqa: S608


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Head(_Model):
    program: Literal["dramatis keys"]
    format: Literal[1]
    version: str
    made_at: datetime


class StoredKey(_Model):
    """A row of `keys`; the key in it is wrapped, as base64."""

    id: UUID
    scope: str
    subject: str
    wrapped: str
    master_key_id: str
    created_at: datetime

    @property
    def as_row(self) -> tuple[object, ...]:
        """The values of COLUMNS."""
        wrapped = base64.b64decode(self.wrapped, validate=True)
        return (self.id, self.scope, self.subject, wrapped, self.master_key_id, self.created_at)


class _End(_Model):
    keys: int
    sha256: str


async def write_keys(connection: Connection, path: Path, *, version: str, made_at: datetime) -> int:
    """Replaces the keys file at a path by one of the database's keys as they are now; returns how many."""
    with half_of(path) as half, os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        count = await _write_all(connection, file, version=version, made_at=made_at)
        file.flush()
        os.fsync(file.fileno())
    return count


async def _write_all(connection: Connection, file: IO[bytes], *, version: str, made_at: datetime) -> int:
    found = hashlib.sha256()

    def write(model: BaseModel) -> None:
        line = model.model_dump_json().encode() + b"\n"
        found.update(line)
        file.write(line)

    write(_Head(program="dramatis keys", format=1, version=version, made_at=made_at))
    count, last = 0, UUID(int=0)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        while rows := await connection.fetch(_PAGE, last):
            for row in rows:
                key_id, scope, subject, wrapped, master_key_id, created_at = row
                last = UUID(str(key_id))
                write(
                    StoredKey(
                        id=last,
                        scope=scope,
                        subject=subject,
                        wrapped=base64.b64encode(wrapped).decode(),
                        master_key_id=master_key_id,
                        created_at=created_at,
                    )
                )
            count += len(rows)
    file.write(_End(keys=count, sha256=found.hexdigest()).model_dump_json().encode() + b"\n")
    return count


def read_keys(path: Path) -> Iterator[StoredKey]:
    """Every key of a keys file. Whether it is whole is known at its end: Invalid says that it is not."""
    found, count = hashlib.sha256(), 0
    try:
        file = path.open("rb")
    except OSError as error:
        raise Invalid(
            f"The keys file {path} cannot be read: {error.strerror}. It stands beside the backups; "
            "name it with --keys if it is elsewhere."
        ) from None
    with file:
        line = file.readline()
        _check_head(path, line)
        while True:
            found.update(line)
            line = file.readline()
            if line.startswith(b'{"keys"'):
                break
            try:
                key = StoredKey.model_validate_json(line)
                base64.b64decode(key.wrapped, validate=True)
            except (ValidationError, binascii.Error):
                raise _damaged(path) from None
            count += 1
            yield key
        if line.strip() != _End(keys=count, sha256=found.hexdigest()).model_dump_json().encode():
            raise _damaged(path)


def check_keys(path: Path, vault: Vault, step: Step) -> int:
    """Opens every key of a keys file with the master keys; returns how many there are.

    Invalid when it is damaged, SettingsError when a master key is missing.
    """
    masters, count = {master.id: master for master in vault.masters}, 0
    for key in read_keys(path):
        master = masters.get(key.master_key_id)
        if master is None:
            raise SettingsError(
                f"The keys in {path} are wrapped by the master key {key.master_key_id}, which is not in MASTER_KEYS. "
                "Put it there, after the newest one (where the embedded database was used, it is the text of the old "
                "master.key). Nothing was changed."
            )
        try:
            master.unwrap(key.id, base64.b64decode(key.wrapped))
        except InvalidTag:
            raise _damaged(path) from None
        count += 1
        step(1)
    return count


async def refuse_strange(connection: Connection, path: Path) -> None:
    """Invalid when what stands at a path is not the keys file of this database, and must not be replaced."""
    if not _is_there(path):
        return
    some: list[UUID] = []
    empty = True
    for key in read_keys(path):
        empty = False
        some.append(key.id)
        if len(some) == _AT_ONCE:
            if await _any_known(connection, some):
                return
            some.clear()
    if empty or await _any_known(connection, some):
        return
    raise Invalid(
        f"{path} holds the keys of another installation: none of them is in this database. Backups that need them "
        "would be lost. Write elsewhere, or name another keys file with --keys."
    )


async def _any_known(connection: Connection, ids: list[UUID]) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM public.keys WHERE id = ANY($1::uuid[]))", ids))


def _is_there(path: Path) -> bool:
    return path.exists()


def _check_head(path: Path, line: bytes) -> None:
    try:
        _Head.model_validate_json(line)
    except ValidationError:
        raise Invalid(f"{path} is not a keys file of this program. Name the right one with --keys.") from None


def _damaged(path: Path) -> Invalid:
    return Invalid(f"The keys file {path} is damaged or not whole. Nothing was changed.")
