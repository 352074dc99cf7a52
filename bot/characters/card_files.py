"""Card files: PNG pictures with a card inside, and JSON; other containers are named and refused."""

import asyncio
import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel

from bot.characters import png_chunks
from bot.characters.card import Card, ReadCard, Spec, parse_card, write_card
from bot.characters.png_chunks import BrokenOff, Chunk
from bot.characters.untrusted_json import MAX_DOCUMENT
from bot.characters.worker import run_in_worker
from bot.errors import Invalid

MAX_FILE = 16 * 2**20
MAX_INFLATED = 64 * 2**20

# V3's chunk before V2's: the specification lets ccv3 win.
_KEYWORDS = (b"ccv3", b"chara")
_KEYWORD_LENGTH = 79
_TEXT_KINDS = frozenset((b"tEXt", b"zTXt", b"iTXt"))
# More than a card of the greatest length needs in base64, line breaks included.
_MAX_BASE64 = MAX_DOCUMENT * 3 // 2
_YAML = re.compile(rb"\A(\xef\xbb\xbf)?\s*(#.*\n\s*|---\s*\n)*[A-Za-z_]\w*\s*:")


@dataclass(frozen=True, slots=True)
class CardFile:
    """A card, the warnings of its reading, and the picture that came with it (undecoded, a stranger's)."""

    card: Card
    warnings: tuple[str, ...]
    picture: bytes | None


class _Notes(BaseModel):
    """What a worker's process says about the card it read."""

    spec: Spec
    spec_version: str
    warnings: tuple[str, ...]
    is_picture: bool


@dataclass(frozen=True, slots=True)
class _Container:
    """A kind of file: how it is recognised by its content and name, and how it is read or refused."""

    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes, str], CardFile]


def read_card_file(data: bytes, filename: str) -> CardFile:
    """Return the card in a file of at most 16 MiB, whose content decides what it is, not its name.

    Raises Invalid with one sentence that says what is wrong and where.
    """
    name = _shown_name(filename)
    if not data:
        raise Invalid(f"{name} is empty. Choose a character card as PNG or JSON.")
    if len(data) > MAX_FILE:
        raise Invalid(f"{name} is larger than 16 MiB. Make it smaller and try again.")
    container = next(each for each in _CONTAINERS if each.recognises(data, filename.lower()))
    return container.read(data, name)


async def read_card_file_in_worker(data: bytes, filename: str) -> CardFile:
    """Return the same as read_card_file, read by a process of its own that a hostile file may exhaust alone.

    Raises Invalid too when that takes more than two seconds of processor time, or too much memory.
    """
    name = _shown_name(filename)
    too_much = f"{name} takes too long or too much memory to read, so it is probably not a usual card."
    answer = await run_in_worker("card", name, data, too_much=too_much)
    header, _, document = answer.partition(b"\n")
    notes = _Notes.model_validate_json(header)
    # In a thread, since a card of the greatest size keeps a processor busy for a tenth of a second.
    read = await asyncio.to_thread(parse_card, document)
    card = replace(read.card, spec=notes.spec, spec_version=notes.spec_version)
    return CardFile(card=card, warnings=notes.warnings, picture=data if notes.is_picture else None)


def write_png(card: Card, picture: bytes) -> bytes:
    """Return a PNG picture with the card inside, as V2 (`chara`) and as V3 (`ccv3`), in place of older ones.

    Raises Invalid when the picture is not a whole PNG.
    """
    if not picture.startswith(png_chunks.SIGNATURE):
        raise Invalid("A card's picture must be a PNG.")
    parts = [png_chunks.SIGNATURE]
    try:
        for chunk in png_chunks.walk(picture):
            if chunk.kind == b"IEND":
                parts += [_card_chunk(b"chara", card), _card_chunk(b"ccv3", card)]
                parts.append(png_chunks.write(b"IEND", b""))
                return b"".join(parts)
            if _keyword(chunk) not in _KEYWORDS:
                parts.append(png_chunks.write(chunk.kind, chunk.content))
    except BrokenOff:
        pass
    raise Invalid("The card's picture breaks off before its end.")


def _card_chunk(keyword: bytes, card: Card) -> bytes:
    spec: Literal["chara_card_v2", "chara_card_v3"] = "chara_card_v3" if keyword == b"ccv3" else "chara_card_v2"
    document = json.dumps(write_card(card, spec), ensure_ascii=False, separators=(",", ":"))
    return png_chunks.write(b"tEXt", keyword + b"\0" + base64.b64encode(document.encode()))


def _shown_name(filename: str) -> str:
    printable = "".join(letter for letter in filename if letter.isprintable() and letter not in "`*~|<>@[]")
    return printable.encode("utf-8", "replace").decode()[-60:].strip() or "The file"


def _read_json(data: bytes, _: str) -> CardFile:
    read = parse_card(data)
    return CardFile(card=read.card, warnings=read.warnings, picture=None)


def _read_png(data: bytes, name: str) -> CardFile:
    """Read the first card that can be read, V3's first; why the ones before it cannot becomes a warning."""
    chunks, warnings = _card_chunks(data, name)
    inflater = _Inflater()
    refusal: Invalid | None = None
    for chunk in chunks:
        keyword = _keyword(chunk).decode()
        try:
            read = _read_chunk(chunk, keyword, inflater)
        except Invalid as error:
            refusal = refusal or error
            warnings.append(f"The PNG's {keyword} chunk could not be read: {error}")
            continue
        return CardFile(card=read.card, warnings=(*warnings, *read.warnings), picture=data)
    raise refusal or Invalid(
        f"{name} is a picture without a character in it. "
        "Download the original card; copies and screenshots lose what is inside."
    )


def _card_chunks(data: bytes, name: str) -> tuple[list[Chunk], list[str]]:
    chunks: list[Chunk] = []
    warnings: list[str] = []
    try:
        for chunk in png_chunks.walk(data):
            if _keyword(chunk) in _KEYWORDS:
                chunks.append(chunk)
    except BrokenOff as error:
        if not chunks:
            raise Invalid(
                f"{name} breaks off at byte {error.start:,}, before any card in it. Download it again."
            ) from None
        warnings.append(f"The PNG breaks off at byte {error.start:,}; its picture may be damaged.")
    return sorted(chunks, key=lambda chunk: _KEYWORDS.index(_keyword(chunk))), warnings


def _keyword(chunk: Chunk) -> bytes:
    """Return a text chunk's keyword in small letters, empty for other chunks."""
    if chunk.kind not in _TEXT_KINDS:
        return b""
    return bytes(chunk.content[: _KEYWORD_LENGTH + 1]).partition(b"\0")[0].lower()


def _read_chunk(chunk: Chunk, keyword: str, inflater: "_Inflater") -> ReadCard:
    text = _chunk_text(chunk, keyword, inflater).strip(b"\0 \t\r\n")
    warnings: list[str] = [] if chunk.is_intact else [f"The PNG's {keyword} chunk has a wrong checksum."]
    if text.startswith(b"{"):
        warnings.append(f"The PNG's {keyword} chunk is bare JSON, not base64.")
        document = text
    else:
        document = _from_base64(text, keyword)
    read = parse_card(document)
    return replace(read, warnings=(*warnings, *read.warnings))


def _chunk_text(chunk: Chunk, keyword: str, inflater: "_Inflater") -> bytes:
    """Return a chunk's text (PNG specification, 11.3.3): tEXt plain, zTXt deflated, iTXt as its flag says."""
    content = bytes(chunk.content).partition(b"\0")[2]
    if chunk.kind == b"zTXt":
        return inflater.inflate(content[1:], keyword)
    if chunk.kind == b"iTXt":
        deflated = content[:1] == b"\1"
        _language, _, rest = content[2:].partition(b"\0")
        text = rest.partition(b"\0")[2]
        return inflater.inflate(text, keyword) if deflated else text
    return content


def _from_base64(text: bytes, keyword: str) -> bytes:
    joined = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(joined + b"=" * (-len(joined) % 4), validate=True)
    except binascii.Error:
        raise Invalid(
            f"The card in the PNG's {keyword} chunk is not base64 text, so it cannot be read. Export it anew."
        ) from None


class _Inflater:
    """Inflates what a file deflated, 64 MiB for all of it together."""

    def __init__(self) -> None:
        self._left = MAX_INFLATED

    def inflate(self, deflated: bytes, keyword: str) -> bytes:
        limit = min(self._left, _MAX_BASE64)
        try:
            text = zlib.decompressobj().decompress(deflated, limit + 1)
        except zlib.error:
            raise Invalid(f"The PNG's {keyword} chunk is damaged: it does not inflate. Download it again.") from None
        self._left -= min(len(text), self._left)
        if len(text) > limit:
            raise Invalid(f"The PNG's {keyword} chunk inflates to far more than any card needs.")
        return text


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


_PLAIN_PICTURE = "{name} is a plain picture. Choose the card itself, as PNG or JSON."
# In order: the first that recognises a file has it, the last takes all.
_CONTAINERS = (
    _Container(_begins(png_chunks.SIGNATURE), _read_png),
    _Container(
        _begins(b"PK\3\4", b"PK\5\6"),
        _refuse("{name} is a CHARX archive; save it as PNG or JSON and try again."),
    ),
    _Container(_begins(b"\xff\xd8\xff", b"GIF8"), _refuse(_PLAIN_PICTURE)),
    _Container(_is_webp, _refuse(_PLAIN_PICTURE)),
    _Container(_is_json, _read_json),
    _Container(_is_yaml, _refuse("{name} is YAML, which cannot be read yet; save the character as PNG or JSON.")),
    _Container(_begins(b""), _refuse("{name} is not a character card. Choose a card as PNG or JSON.")),
)
