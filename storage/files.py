"""Files by content: sha256 names, a directory of ours, and the copies that stand on Discord."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import File, FileUpload


@dataclass(frozen=True, slots=True)
class Upload:
    """A copy of a file on Discord; the address is without its expiring parameters."""

    sha256: str
    channel_id: int
    message_id: int
    attachment_id: int
    url: str


class FileStore:
    """The directory with the files themselves, two letters a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a file stands."""
        return self._folder / name[:2] / name

    async def write(self, content: bytes, *, name: str | None = None) -> str:
        """Keeps the content and returns its name, the sha256 unless another is given."""
        name = name or hashlib.sha256(content).hexdigest()
        await asyncio.to_thread(self._write, self.path(name), content)
        return name

    async def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file."""
        try:
            return await asyncio.to_thread(self.path(name).read_bytes)
        except FileNotFoundError:
            return None

    async def remove(self, name: str) -> None:
        """Removes a file, and what was made of it under its name with an ending; what is not there is gone already."""
        await asyncio.to_thread(self._remove, self.path(name))

    @staticmethod
    def _remove(path: Path) -> None:
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink(missing_ok=True)

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_bytes(content)
        half.replace(path)


async def add_file(session: Session, *, sha256: str, content_type: str, size: int) -> None:
    """Remembers that a file is there."""
    await session.execute(
        insert(File).values(sha256=sha256, content_type=content_type, size=size).on_conflict_do_nothing()
    )


async def find_upload(session: Session, *, sha256: str, channel_id: int) -> Upload | None:
    """The copy of a file in a channel."""
    row = (
        await session.execute(
            sa.select(
                FileUpload.sha256,
                FileUpload.channel_id,
                FileUpload.message_id,
                FileUpload.attachment_id,
                FileUpload.url,
            ).where(FileUpload.sha256 == sha256, FileUpload.channel_id == channel_id)
        )
    ).one_or_none()
    return Upload(*row) if row else None


async def save_upload(session: Session, upload: Upload) -> None:
    """Remembers a copy, in place of an earlier one."""
    row = insert(FileUpload).values(
        sha256=upload.sha256,
        channel_id=upload.channel_id,
        message_id=upload.message_id,
        attachment_id=upload.attachment_id,
        url=upload.url,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[FileUpload.sha256, FileUpload.channel_id],
            set_={
                "message_id": row.excluded.message_id,
                "attachment_id": row.excluded.attachment_id,
                "url": row.excluded.url,
            },
        )
    )


async def forget_upload(session: Session, *, sha256: str, channel_id: int) -> None:
    """Forgets a copy that is no longer on Discord."""
    await session.execute(sa.delete(FileUpload).where(FileUpload.sha256 == sha256, FileUpload.channel_id == channel_id))
