"""Files of the playground: attachments and avatars, in a folder or in memory, and their addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playground.messages import Attachment
from playground.refusals import Refused, bad_form

if TYPE_CHECKING:
    from playground.world import World

MAX_FILE_BYTES = 10 * 1024 * 1024
_IMAGE = re.compile(r"^data:image/(png|jpeg|gif|webp);base64,", re.ASCII)


class FileStore:
    """Bytes by key; a key is a relative path of digits, letters, dots, dashes and one slash a part."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        """Keeps bytes under a key."""
        if self._folder is None:
            self._kept[key] = content
            return
        path = self._folder / "files" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def get(self, key: str) -> bytes | None:
        """Returns the bytes under a key, or None."""
        if self._folder is None:
            return self._kept.get(key)
        path = self._folder / "files" / key
        return path.read_bytes() if path.is_file() else None

    def drop(self, key: str) -> None:
        """Forgets the bytes under a key."""
        self._kept.pop(key, None)
        if self._folder is not None:
            (self._folder / "files" / key).unlink(missing_ok=True)


def safe_name(filename: str) -> str:
    """Returns a file's name as Discord keeps it: letters, digits, dots, dashes and underscores."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]", "_", filename.rsplit("/", 1)[-1]).lstrip(".")
    return cleaned[-120:] or "unknown"


def keep_attachment(
    world: World,
    channel_id: int,
    filename: str,
    content: bytes,
    *,
    content_type: str | None = None,
    description: str | None = None,
    ephemeral: bool = False,
) -> Attachment:
    """Keeps an uploaded file and returns it with its address on the CDN."""
    if len(content) > MAX_FILE_BYTES:
        raise Refused(40005)
    attachment_id = world.new_id()
    name = safe_name(filename)
    key = f"attachments/{channel_id}/{attachment_id}/{name}"
    world.files.put(key, content)
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind == "application/octet-stream":
        kind = mimetypes.guess_type(name)[0] or kind
    width, height = _picture_size(content) if kind.startswith("image/") else (None, None)
    url = f"{world.cdn_url}/{key}"
    return Attachment(attachment_id, name, len(content), kind, url, description, width, height, ephemeral)


def _picture_size(content: bytes) -> tuple[int | None, int | None]:
    from PIL import Image  # noqa: PLC0415 - slow to import, and few playgrounds ever see a picture

    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return None, None


def keep_avatar(store: FileStore, owner_id: int, content: bytes) -> str:
    """Keeps an avatar and returns its hash."""
    digest = hashlib.sha256(content).hexdigest()[:32]
    store.put(f"avatars/{owner_id}/{digest}", content)
    return digest


def read_image(field: str, value: str) -> bytes:
    """Returns the bytes of a `data:image/…;base64,` value, or refuses as Discord does."""
    match = _IMAGE.match(value)
    if match is None:
        raise bad_form(field, "Invalid image data", "IMAGE_INVALID")
    try:
        return base64.b64decode(value[match.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise bad_form(field, "Invalid image data", "IMAGE_INVALID") from None
