"""Avatars: pictures that are re-encoded on the way in and kept by what is in them."""

import asyncio
import hashlib

import storage.files
from bot.cards.pictures import reencode_avatar, reencode_in_worker
from storage.database import Database
from storage.files import FileStore, Upload

AVATAR_SIDE = 1024
THUMBNAIL_SIDE = 160
WORKERS = 2
"""How many pictures are decoded at once: each takes a processor and up to 384 MiB."""


class Avatars:
    """The faces of characters, as PNG files in the data directory."""

    def __init__(self, database: Database, store: FileStore) -> None:
        self._database = database
        self._store = store
        self._decoding = asyncio.Semaphore(WORKERS)

    async def keep(self, picture: bytes, *, ours: bool = False) -> str:
        """Keeps a picture as an avatar, returns its sha256; Invalid when it is none.

        A stranger's is decoded in a process of its own, one that ships with the program in a thread.
        """
        async with self._decoding:
            avatar = await (
                asyncio.to_thread(reencode_avatar, picture) if ours else reencode_in_worker(picture, AVATAR_SIDE)
            )
        name = await self._store.write(avatar)
        async with self._database.transaction() as session:
            await storage.files.add_file(session, sha256=name, content_type="image/png", size=len(avatar))
        return name

    async def read(self, sha256: str) -> bytes | None:
        """An avatar as PNG, None when its file is gone."""
        return await self._store.read(sha256)

    async def thumbnail(self, sha256: str) -> bytes | None:
        """An avatar small enough for a page of cards, made once."""
        name = f"{sha256}.{THUMBNAIL_SIDE}"
        small = await self._store.read(name)
        if small is not None:
            return small
        whole = await self._store.read(sha256)
        if whole is None:
            return None
        # What stands in the store was encoded by us: a thread will do.
        small = await asyncio.to_thread(reencode_avatar, whole, THUMBNAIL_SIDE)
        await self._store.write(small, name=name)
        return small

    async def drop(self, sha256: str) -> None:
        """Removes the file of an avatar that is nobody's any more."""
        await self._store.remove(sha256)

    async def find_upload(self, sha256: str, *, channel_id: int) -> Upload | None:
        """The copy of an avatar that stands in a channel of Discord."""
        async with self._database.transaction() as session:
            return await storage.files.find_upload(session, sha256=sha256, channel_id=channel_id)

    async def save_upload(self, upload: Upload) -> None:
        """Remembers a copy on Discord."""
        async with self._database.transaction() as session:
            await storage.files.save_upload(session, upload)

    async def forget_upload(self, sha256: str, *, channel_id: int) -> None:
        """Forgets a copy that is gone from Discord."""
        async with self._database.transaction() as session:
            await storage.files.forget_upload(session, sha256=sha256, channel_id=channel_id)


def name_of(content: bytes) -> str:
    """The name under which a file with this content is kept."""
    return hashlib.sha256(content).hexdigest()
