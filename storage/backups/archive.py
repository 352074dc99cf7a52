"""A backup's file: a tar with each table as gzipped parts of COPY's text, the avatars, and a manifest at its end.

The manifest has the sha256 of all before it, so that half a file, or a changed one, is told from a whole one.
Where this program is not at hand, `tar`, `gunzip` and psql's `\\copy` read it too.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import Invalid
from storage.backups.tar import BLOCK, Entry, content_of, entries, header_of
from storage.backups.telling import Step

HEAD, MANIFEST, SUM = "dramatis-backup.json", "manifest.json", "manifest.sha256"
KEYS_INDEX = "keys-index"
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 4 << 20


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Copied(_Model):
    """A table, as it is in the archive."""

    name: str
    columns: tuple[str, ...]
    rows: int


class Manifest(_Model):
    """What an archive holds, and of which program and tables."""

    program: Literal["dramatis"] = "dramatis"
    format: Literal[1] = 1
    version: str
    revision: str
    made_at: datetime
    tables: tuple[Copied, ...]
    sequences: dict[str, tuple[int, bool]]
    files: int
    sha256: str


class _Head(_Model):
    program: Literal["dramatis"] = "dramatis"
    format: int


class ArchiveWriter:
    """Writes an archive from its beginning to its end, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sum = hashlib.sha256()
        self._parts = 0
        self._files = 0
        self._add(HEAD, _Head(format=1).model_dump_json().encode())

    def add_rows(self, table: str, rows: bytes) -> None:
        """Some whole rows of a table, as COPY wrote them."""
        self._parts += 1
        self._add(f"tables/{table}/{self._parts:08}.copy.gz", gzip.compress(rows, 1, mtime=0))

    def add_file(self, name: str, path: Path) -> int:
        """A file of the data directory under its own name; returns its size, 0 when it is gone."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0
        with file:
            size = os.fstat(file.fileno()).st_size
            self._write(header_of(f"files/{name}", size))
            left = size
            while chunk := file.read(min(_CHUNK, left)):
                self._write(chunk)
                left -= len(chunk)
            if left:
                raise Invalid(f"{path} became shorter while it was copied. Please make the backup again.")
            self._write(bytes(-size % BLOCK))
        self._files += 1
        return size

    def finish(
        self,
        *,
        version: str,
        revision: str,
        made_at: datetime,
        tables: tuple[Copied, ...],
        sequences: dict[str, tuple[int, bool]],
    ) -> Manifest:
        """Writes the manifest, and all of it to the disk."""
        manifest = Manifest(
            version=version,
            revision=revision,
            made_at=made_at,
            tables=tables,
            sequences=sequences,
            files=self._files,
            sha256=self._sum.hexdigest(),
        )
        words = manifest.model_dump_json(indent=1).encode()
        self._add(MANIFEST, words)
        self._add(SUM, hashlib.sha256(words).hexdigest().encode())
        self._write(bytes(2 * BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        return manifest

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def _add(self, name: str, content: bytes) -> None:
        self._write(header_of(name, len(content)))
        self._write(content)
        self._write(bytes(-len(content) % BLOCK))

    def _write(self, content: bytes) -> None:
        self._sum.update(content)
        self._file.write(content)


class Archive:
    """An archive that somebody wrote; Invalid says what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts: dict[str, list[Entry]] = {}
        with self._open() as file:
            self._manifest_at = self._scan(file)
            self.manifest = self._read_manifest(file)

    def verify(self, step: Step) -> None:
        """Reads all of it once; Invalid when it is not as it was written. Tells each byte more."""
        found, left = hashlib.sha256(), self._manifest_at
        with self._open() as file:
            while left and (chunk := file.read(min(_CHUNK, left))):
                found.update(chunk)
                left -= len(chunk)
                step(len(chunk))
        if found.hexdigest() != self.manifest.sha256:
            raise self._damaged()

    @property
    def size(self) -> int:
        """How many bytes `verify` reads."""
        return self._manifest_at

    def rows(self, table: str) -> Iterator[bytes]:
        """The rows of a table as COPY wrote them, some at a time."""
        with self._open() as file:
            for entry in self._parts.get(table, []):
                try:
                    yield gzip.decompress(content_of(file, entry))
                except (OSError, EOFError):
                    raise self._damaged() from None

    def write_files(self, folder: Path, step: Step) -> None:
        """Puts the avatars where they were, under `folder`; those that are there are left alone."""
        with self._open() as file:
            for entry in entries(file):
                place, _, name = entry.name.partition("/")
                if place == "files":
                    self._write_file(file, entry, folder / _safe(name))
                    step(1)

    def _write_file(self, file: IO[bytes], entry: Entry, path: Path) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        file.seek(entry.start)
        with half.open("wb") as out:
            left = entry.size
            while left and (chunk := file.read(min(_CHUNK, left))):
                out.write(chunk)
                left -= len(chunk)
        half.replace(path)

    def _scan(self, file: IO[bytes]) -> int:
        found = entries(file)
        head = next(found, None)
        if head is None or not self._is_head(file, head):
            raise Invalid(f"{self.path} is no backup of Dramatis.")
        for entry in found:
            if entry.name == MANIFEST:
                return entry.header
            kind, _, rest = entry.name.partition("/")
            if kind == "tables":
                self._parts.setdefault(rest.partition("/")[0], []).append(entry)
        raise self._damaged()

    def _is_head(self, file: IO[bytes], entry: Entry) -> bool:
        if entry.name != HEAD or entry.size > _CHUNK:
            return False
        try:
            head = _Head.model_validate_json(content_of(file, entry))
        except ValidationError:
            return False
        if head.format != 1:
            raise Invalid(f"{self.path} was written by a newer Dramatis: update this one, then restore.")
        return True

    def _read_manifest(self, file: IO[bytes]) -> Manifest:
        last = list(entries(file, self._manifest_at))
        if [entry.name for entry in last] != [MANIFEST, SUM] or last[0].size > _LARGEST_MANIFEST:
            raise self._damaged()
        words, its_sum = (content_of(file, entry) for entry in last)
        if hashlib.sha256(words).hexdigest().encode() != its_sum:
            raise self._damaged()
        try:
            return Manifest.model_validate_json(words)
        except ValidationError:
            raise self._damaged() from None

    def _open(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Invalid(f"The backup {self.path} cannot be read: {error.strerror}.") from None

    def _damaged(self) -> Invalid:
        return Invalid(f"The backup {self.path} is damaged or not whole. Nothing was changed; please take another.")


def is_archive(path: Path) -> bool:
    """Whether a file begins as a backup does, whole or not."""
    with path.open("rb") as file:
        return next((entry.name for entry in entries(file)), None) == HEAD


def _safe(name: str) -> str:
    if any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name or ":" in name:
        raise Invalid(f"The backup has a file with the impossible name {name!r}; it is not one of ours.")
    return name
