"""The CDN: attachments and avatars by the addresses that Discord gives them."""

from __future__ import annotations

import mimetypes
import struct
import zlib

from aiohttp import web

from playground.files import safe_name
from playground.world import World

# A file that someone uploaded must not run as a part of the page, which has the same address.
_HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}
_COLOURS = ((88, 101, 242), (116, 127, 141), (59, 165, 92), (250, 166, 26), (237, 66, 69), (235, 69, 158))


def add_routes(app: web.Application, world: World) -> None:
    """Adds the CDN's addresses to the server; sizes (`?size=`) are accepted and change nothing."""

    async def attachment(request: web.Request) -> web.Response:
        parts = [request.match_info[key] for key in ("channel", "id", "name")]
        if not (parts[0].isdigit() and parts[1].isdigit()) or safe_name(parts[2]) != parts[2]:
            raise web.HTTPNotFound
        content = world.files.get(f"attachments/{'/'.join(parts)}")
        if content is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(parts[2])[0] or "application/octet-stream"
        return web.Response(body=content, content_type=kind, headers=_HARMLESS)

    async def avatar(request: web.Request) -> web.Response:
        owner, _, picture = (*request.match_info["rest"].partition("/"),)
        digest = picture.rsplit(".", 1)[0]
        if not owner.isdigit() or not digest.isalnum():
            raise web.HTTPNotFound
        source = world.avatar_sources.get(digest)
        if source is not None:
            raise web.HTTPFound(source)
        content = world.files.get(f"avatars/{owner}/{digest}")
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=_picture_type(content), headers=_HARMLESS)

    async def default_avatar(request: web.Request) -> web.Response:
        number = request.match_info["number"].split(".")[0]
        if not number.isdigit():
            raise web.HTTPNotFound
        return web.Response(body=_square(int(number)), content_type="image/png", headers=_HARMLESS)

    app.router.add_get("/cdn/attachments/{channel}/{id}/{name}", attachment)
    app.router.add_get("/cdn/avatars/{rest:.+}", avatar)
    app.router.add_get("/cdn/embed/avatars/{number}", default_avatar)


def _picture_type(content: bytes) -> str:
    for start, kind in ((b"\x89PNG", "png"), (b"\xff\xd8", "jpeg"), (b"GIF8", "gif")):
        if content.startswith(start):
            return f"image/{kind}"
    return "image/webp" if content[8:12] == b"WEBP" else "application/octet-stream"


def _square(number: int) -> bytes:
    """Returns a PNG of one colour, for those without a picture."""
    side = 16
    row = b"\0" + bytes(_COLOURS[number % len(_COLOURS)]) * side

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")
