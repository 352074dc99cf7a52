"""What kinds of files a card or a lorebook comes in, how each is recognised, and how it is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from bot.cards import exif, png_chunks
from bot.cards.assets import Asset, Open, take_assets
from bot.cards.card import Card, ReadCard, card_in, is_lorebook, parse_card
from bot.cards.card_fields import Warnings, shown
from bot.cards.charx import Charx
from bot.cards.lorebook import Lorebook, read_lorebook
from bot.cards.packed_text import document_in, pieces
from bot.cards.png_cards import PngCard
from bot.cards.untrusted_json import MAX_TEXT, Json, read_json, repaired
from bot.errors import Invalid

MAX_FILE = 16 * 2**20

_YAML = re.compile(rb"\A(\xef\xbb\xbf)?\s*(#.*\n\s*|---\s*\n)*[A-Za-z_]\w*\s*:")
_NUMBERS = re.compile(rb"\s*\d{1,3}(\s*,\s*\d{1,3}){8}")


@dataclass(frozen=True, slots=True)
class CardFile:
    """A card, the warnings of its reading, and the pictures that came with it (undecoded, a stranger's).

    `picture` is the avatar; `assets` are expressions, backgrounds and the like.
    """

    card: Card
    warnings: tuple[str, ...]
    picture: bytes | None
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True)
class LoreFile:
    """A lorebook that stands alone, and the warnings of its reading."""

    lorebook: Lorebook
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Container:
    """A kind of file: how it is recognised by its content and name, and how it is read or refused."""

    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes, str], CardFile | LoreFile]


def read_file(data: bytes, filename: str) -> CardFile | LoreFile:
    """Return the card or lorebook in a file of at most 16 MiB, whose content decides what it is, not its name.

    Raises Invalid with one sentence that says what is wrong and where.
    """
    name = shown_name(filename)
    if not data:
        raise Invalid(f"{name} is empty. Choose a character card as PNG, JSON or CHARX.")
    if len(data) > MAX_FILE:
        raise Invalid(f"{name} is larger than 16 MiB. Make it smaller and try again.")
    container = next(each for each in _CONTAINERS if each.recognises(data, filename.lower()))
    return container.read(data, name)


def as_card(file: CardFile | LoreFile) -> CardFile:
    """Return the file if it holds a card; raises Invalid when it is a lorebook."""
    if isinstance(file, CardFile):
        return file
    raise Invalid(
        "This file is a lorebook (world info), not a character. "
        "Import a character card; its own lorebook comes along with it."
    )


def shown_name(filename: str) -> str:
    """Return a stranger's file name as it may stand within a sentence."""
    return shown(filename, 60) or "The file"


def _read_json(data: bytes, name: str) -> CardFile | LoreFile:
    warnings = Warnings()
    return _card_or_lorebook(read_json(data, warnings.add), name, warnings)


def _read_yaml(data: bytes, name: str) -> CardFile | LoreFile:
    from bot.cards.yaml_cards import read_yaml  # noqa: PLC0415 - few cards are YAML

    warnings = Warnings()
    value = repaired(read_yaml(data), warnings.add)
    if not isinstance(value, dict):
        raise Invalid(f"{name} is not a character card. Choose a card as PNG, JSON or CHARX.")
    return _card_or_lorebook(value, name, warnings)


def _card_or_lorebook(root: Json, name: str, warnings: Warnings) -> CardFile | LoreFile:
    if not is_lorebook(root) or not isinstance(root, dict):
        return _with_pictures(card_in(root, warnings), _nothing, None)
    lorebook = read_lorebook(root, warnings)
    if not lorebook.name:  # SillyTavern's world info has the file's name for its own
        lorebook = replace(lorebook, name=PurePath(name).stem)
    return LoreFile(lorebook, warnings.told())


def _read_png(data: bytes, name: str) -> CardFile:
    png = PngCard(data, name)
    read = png.read()
    if read is None:
        return _read_exif(data, name)
    return _with_pictures(read, png.open, data, png.warnings)


def _read_charx(data: bytes, name: str) -> CardFile:
    charx = Charx(data, name)
    return _with_pictures(charx.read(), charx.open, None, charx.warnings)


def _read_exif(data: bytes, name: str) -> CardFile:
    for comment in exif.comments(data):
        try:
            document, _ = document_in(pieces(_from_numbers(comment)), where="the picture's EXIF")
        except Invalid:
            continue
        if document[:1] == b"{":
            return _with_pictures(parse_card(document), _nothing, data)
    raise Invalid(
        f"{name} is a picture without a character in it. "
        "Download the original card; copies and screenshots lose what is inside."
    )


def _from_numbers(comment: memoryview) -> bytes | memoryview:
    """Return the bytes that some programs wrote as numbers with commas between them; another comment as it is."""
    if len(comment) > MAX_TEXT or not _NUMBERS.match(comment[:200]):
        return comment
    numbers = [number.strip() for number in bytes(comment).split(b",")]
    return bytes(int(number) for number in numbers if number.isdigit() and len(number) < 4 and int(number) < 256)


def _read_jpeg(data: bytes, name: str) -> CardFile:
    """Read a JPEG's EXIF, or the archive that some programs hang on to a JPEG to show what is in it."""
    if data.rfind(b"PK\5\6", -(2**16) - 22) >= 0:
        return _read_charx(data, name)
    return _read_exif(data, name)


def _with_pictures(read: ReadCard, find: Open, picture: bytes | None, told: list[str] | None = None) -> CardFile:
    taken = take_assets(read.card, find)
    first_icon = next((asset.content for asset in taken.assets if asset.kind == "icon"), None)
    warnings = Warnings()
    for warning in (*(told or ()), *read.warnings, *taken.warnings):
        warnings.add(warning)
    return CardFile(taken.card, warnings.told(), taken.avatar or picture or first_icon, taken.assets)


def _nothing(_uri: str, _limit: int) -> None:
    return None


def _refuse(sentence: str) -> Callable[[bytes, str], CardFile]:
    def read(_: bytes, name: str) -> CardFile:
        raise Invalid(sentence.format(name=name))

    return read


def _begins(*starts: bytes) -> Callable[[bytes, str], bool]:
    return lambda data, _: data.startswith(starts)


def _is_webp(data: bytes, _: str) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_yaml(data: bytes, filename: str) -> bool:
    return filename.endswith((".yaml", ".yml")) or _YAML.match(data[:4096]) is not None


def _is_json(data: bytes, filename: str) -> bool:
    start = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return filename.endswith(".json") or start[:1] in (b"{", b"[")


# In order: the first that recognises a file has it, the last takes all.
_CONTAINERS = (
    _Container(_begins(png_chunks.SIGNATURE), _read_png),
    _Container(_begins(b"PK\3\4", b"PK\5\6"), _read_charx),
    _Container(_begins(b"\xff\xd8\xff"), _read_jpeg),
    _Container(_is_webp, _read_exif),
    _Container(_begins(b"GIF8"), _refuse("{name} is a plain picture. Choose the card itself, as PNG, JSON or CHARX.")),
    _Container(_is_json, _read_json),
    _Container(_is_yaml, _read_yaml),
    _Container(_begins(b""), _refuse("{name} is not a character card. Choose a card as PNG, JSON or CHARX.")),
)
