"""Strangers' pictures, decoded within bounds and encoded anew; Pillow is imported when one comes."""

import importlib
import io
import struct
import warnings
from typing import TYPE_CHECKING

from bot.cards import png_chunks
from bot.cards.worker import run_in_worker
from bot.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image
    from PIL.Image import ImagePointTransform

MAX_FILE = 16 * 2**20
MAX_SIDE = 16_384
MAX_PIXELS = 4096 * 4096
AVATAR_SIDE = 1024

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# What the pixels need. Texts, colour profiles and frames of animations are left out before Pillow sees a PNG,
# for it would inflate them.
_PNG_NEEDS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_STRIP = 256
_ORIENTATION = 0x0112
# What makes a picture upright by its orientation (EXIF 2.3, 4.6.4).
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_DAMAGED = "The picture is damaged and cannot be shown. Save it anew, as PNG or JPEG."


def reencode_avatar(data: bytes, side: int = AVATAR_SIDE) -> bytes:
    """Return the picture as a PNG that fits into a square of `side` pixels, without anything but its pixels.

    Reads PNG, JPEG, WebP and GIF of at most 16 MiB and 16.7 million pixels; of an animation, the first frame.
    Raises Invalid with a sentence otherwise.
    """
    if len(data) > MAX_FILE:
        raise Invalid("The picture is larger than 16 MiB. Make it smaller and try again.")
    _check_size(_size_in_header(data))
    if data.startswith(png_chunks.SIGNATURE):
        data = _pixels_alone(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _reencode(data, side)


async def reencode_in_worker(data: bytes, side: int = AVATAR_SIDE) -> bytes:
    """Return the same as reencode_avatar, made by a process of its own that a hostile picture may exhaust."""
    too_much = "The picture takes too long or too much memory to read. Save it anew, smaller, as PNG or JPEG."
    return b"".join(await run_in_worker("picture", str(side), data, too_much=too_much))


def load_decoders() -> None:
    """Import Pillow and its decoders now, before a limit on memory counts them."""
    for name in ("GifImagePlugin", "JpegImagePlugin", "PngImagePlugin", "WebPImagePlugin"):
        importlib.import_module(f"PIL.{name}")


def _reencode(data: bytes, side: int) -> bytes:
    from PIL import Image  # noqa: PLC0415 - memory that an idle bot does without

    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _check_size(picture.size)
            picture.draft("RGB", (side, side))  # a JPEG can be decoded at a fraction of its size
            turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
            size = picture.size
            whole = _reduced(picture, side)
    except Image.DecompressionBombError:
        raise Invalid("The picture has more than 4,096 × 4,096 pixels. Make it smaller.") from None
    # Pillow's decoders raise whatever their parsing of hostile bytes runs into.
    except (OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, OverflowError, struct.error) as error:
        raise Invalid(_DAMAGED) from error
    if max(size) > side:
        width, height = (max(1, round(length * side / max(size))) for length in size)
        whole = whole.resize((width, height), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]
    if turn:
        whole = whole.transpose(Image.Transpose[turn])
    # A new picture carries no metadata of the old one.
    clean = Image.new(whole.mode, whole.size)
    clean.paste(whole)
    encoded = io.BytesIO()
    clean.save(encoded, "PNG")
    return encoded.getvalue()


def _reduced(picture: "Image.Image", side: int) -> "Image.Image":
    """Return the picture in colour, and at least half as large again as it will be if it is much larger than that.

    Strip by strip, for a conversion of the whole would be in memory beside it.
    """
    from PIL import Image  # noqa: PLC0415

    picture.load()
    factor = max(1, int(max(picture.size) / (side * 1.5)))
    width, height = picture.size
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    reduced = Image.new(mode, (-(-width // factor), -(-height // factor)))
    step = factor * max(1, _STRIP // factor)
    for top in range(0, height, step):
        strip = _in_colour(picture.crop((0, top, width, min(top + step, height))), mode)
        reduced.paste(strip.reduce(factor), (0, top // factor))
    return reduced


def _in_colour(picture: "Image.Image", mode: str) -> "Image.Image":
    if picture.mode.startswith("I"):  # 16 bits of grey, which a plain conversion cuts off at white
        picture = picture.convert("I").point(_eight_bits).convert("L")  # pyright: ignore[reportUnknownMemberType]
    return picture.convert(mode)


def _eight_bits(level: "ImagePointTransform") -> "ImagePointTransform":
    return level * (1 / 257)


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if not width or not height:
        raise Invalid(_DAMAGED)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Invalid(f"The picture has {width:,} × {height:,} pixels; 4,096 × 4,096 is the most. Make it smaller.")


def _size_in_header(data: bytes) -> tuple[int, int]:
    """Return the width and height that the header tells; a JPEG's decoder reads its own before any pixel."""
    try:
        if data.startswith(png_chunks.SIGNATURE + b"\0\0\0\x0dIHDR"):
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack_from("<HH", data, 6)
            return width, height
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
    except struct.error:
        raise Invalid(_DAMAGED) from None
    if data.startswith(b"\xff\xd8\xff"):
        return 1, 1
    raise Invalid("This is not a picture that can be used. Choose a PNG, JPEG, WebP or GIF.")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return a WebP's canvas (RFC 9649, 2.5 to 2.7): lossy, lossless, or extended."""
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    raise Invalid(_DAMAGED)


def _pixels_alone(png: bytes) -> bytes:
    parts = [png_chunks.SIGNATURE]
    try:
        for chunk in png_chunks.walk(png):
            if chunk.kind in _PNG_NEEDS:
                parts.append(png_chunks.write(chunk.kind, chunk.content))
    except png_chunks.BrokenOff:
        raise Invalid(_DAMAGED) from None
    return b"".join(parts)
