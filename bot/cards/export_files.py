"""Cards written as files that other programs read: JSON, PNG and CHARX."""

import base64
import io
import json
import zipfile
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from typing import Literal

from bot.cards import png_chunks
from bot.cards.assets import DEFAULT, EMBEDDED, Asset, data_uri, picture_type, placed_assets
from bot.cards.card import Card, write_card
from bot.cards.charx import CARD
from bot.cards.png_cards import ASSET_ADDRESS, ASSET_KEYWORD, CARD_KEYWORDS, keyword_of
from bot.cards.png_chunks import BrokenOff
from bot.errors import Invalid

Format = Literal["png", "json", "charx"]

# No date of the export: the same card is the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def export_card(
    card: Card, format: Format, *, picture: bytes | None, assets: Sequence[Asset] = (), limit: int
) -> tuple[str, bytes]:
    """Return a file's name and content; a PNG needs a picture, which is a PNG.

    Raises Invalid when the file would be larger than the limit.
    """
    if format == "json":
        content = write_json(card, assets)
    elif format == "charx":
        content = write_charx(card, picture, assets)
    elif picture is None:
        raise Invalid("A card as PNG needs a picture. Give the character an avatar, or export it as JSON.")
    else:
        content = write_png(card, picture, assets)
    if len(content) > limit:
        raise Invalid(_too_large(len(content), limit, format, has_assets=bool(assets)))
    return f"{_file_name(card)}.{format}", content


def write_json(card: Card, assets: Sequence[Asset] = ()) -> bytes:
    """Return the card as a V3 document, its pictures written into it as data addresses; the avatar is not in it."""
    placed = placed_assets(card, assets, data_uri, icon=DEFAULT)
    return json.dumps(write_card(placed, "chara_card_v3"), ensure_ascii=False, indent=2).encode()


def write_png(card: Card, picture: bytes, assets: Sequence[Asset] = ()) -> bytes:
    """Return a PNG picture with the card inside, as V2 (`chara`) and as V3 (`ccv3`), in place of older ones.

    Its other pictures stand in chunks of their own. Raises Invalid when the picture is not a whole PNG.
    """
    if not picture.startswith(png_chunks.SIGNATURE):
        raise Invalid("A card's picture must be a PNG.")
    parts = [png_chunks.SIGNATURE]
    try:
        for chunk in png_chunks.walk(picture):
            if chunk.kind == b"IEND":
                parts += _card_chunks(card, assets)
                parts.append(png_chunks.write(b"IEND", b""))
                return b"".join(parts)
            keyword = keyword_of(chunk)
            if keyword not in CARD_KEYWORDS and not keyword.startswith(ASSET_KEYWORD):
                parts.append(png_chunks.write(chunk.kind, chunk.content))
    except BrokenOff:
        pass
    raise Invalid("The card's picture breaks off before its end.")


def write_charx(card: Card, picture: bytes | None, assets: Sequence[Asset] = ()) -> bytes:
    """Return an archive with the card as V3, its avatar, and its pictures where the card's list says they are."""
    paths: dict[str, str] = {}
    for asset in assets:
        paths[asset.uri] = _free_path(asset.uri.removeprefix(EMBEDDED), asset.content, paths.values())
    files = [(paths[asset.uri], asset.content) for asset in assets]
    icon = DEFAULT
    if picture:
        path = _free_path("assets/icon/main", picture, paths.values())
        icon = EMBEDDED + path
        files.insert(0, (path, picture))
    placed = placed_assets(card, assets, lambda asset: EMBEDDED + paths[asset.uri], icon=icon)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        document = json.dumps(write_card(placed, "chara_card_v3"), ensure_ascii=False, indent=2)
        _add(written, CARD, document.encode(), zipfile.ZIP_DEFLATED)
        for path, content in files:
            _add(written, path, content, zipfile.ZIP_STORED)
    return archive.getvalue()


def _free_path(path: str, content: bytes, taken: Collection[str]) -> str:
    """Return the path with the ending that the content has, and a number where that is taken."""
    stem, ending, number = str(PurePosixPath(path).with_suffix("")), picture_type(content) or "png", 1
    found = f"{stem}.{ending}"
    while found in taken:
        number += 1
        found = f"{stem}-{number}.{ending}"
    return found


def _add(archive: zipfile.ZipFile, path: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(path, _DATE)
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _card_chunks(card: Card, assets: Sequence[Asset]) -> list[bytes]:
    numbers = {asset.uri: index for index, asset in enumerate(assets)}
    placed = placed_assets(card, assets, lambda asset: f"{ASSET_ADDRESS}{numbers[asset.uri]}", icon=DEFAULT)
    chunks = [_text_chunk(ASSET_KEYWORD + f":{index}".encode(), asset.content) for index, asset in enumerate(assets)]
    chunks.append(_text_chunk(b"chara", _document(placed, "chara_card_v2")))
    chunks.append(_text_chunk(b"ccv3", _document(placed, "chara_card_v3")))
    return chunks


def _document(card: Card, spec: Literal["chara_card_v2", "chara_card_v3"]) -> bytes:
    return json.dumps(write_card(card, spec), ensure_ascii=False, separators=(",", ":")).encode()


def _text_chunk(keyword: bytes, content: bytes) -> bytes:
    return png_chunks.write(b"tEXt", keyword + b"\0" + base64.b64encode(content))


def _file_name(card: Card) -> str:
    """Return a name of letters that every system's files may have."""
    stem = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in card.name)
    return stem.strip(" _")[:60] or "character"


def _too_large(size: int, limit: int, format: Format, *, has_assets: bool) -> str:
    said = (
        f"The card as {format.upper()} would have {size / 2**20:.1f} MiB, and {limit / 2**20:.1f} MiB is the most here."
    )
    if has_assets and format != "charx":
        return f"{said} Export it as CHARX, or without its pictures."
    return f"{said} Export it as JSON." if format != "json" else f"{said} Shorten its lorebook."
