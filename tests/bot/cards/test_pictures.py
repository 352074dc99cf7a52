"""Pictures of strangers: made harmless, or refused before they are decoded."""

import asyncio
import contextlib
import io
import os
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from bot.cards import png_chunks
from bot.cards.pictures import reencode_avatar, reencode_in_worker
from bot.cards.worker import run_in_worker
from bot.errors import Invalid


def made(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", colour: Any = None, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour if colour is not None else 0).save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=["PNG"])
    picture.load()
    return picture


def animation(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    frames[0].save(
        file,
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=50,
        **({"lossless": True} if kind == "WEBP" else {}),
    )
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "size", "mode"),
    [
        (made("PNG"), (40, 20), "RGB"),
        (made("PNG", mode="RGBA"), (40, 20), "RGBA"),
        (made("PNG", mode="LA"), (40, 20), "RGBA"),
        (made("PNG", mode="P", transparency=0), (40, 20), "RGBA"),
        (made("PNG", mode="1"), (40, 20), "RGB"),
        (made("JPEG"), (40, 20), "RGB"),
        (made("JPEG", mode="CMYK"), (40, 20), "RGB"),
        (made("WEBP", mode="RGBA", lossless=True), (40, 20), "RGBA"),
        (made("WEBP"), (40, 20), "RGB"),
        (made("GIF", mode="P"), (40, 20), "RGB"),
        (made("PNG", (3000, 1500)), (1024, 512), "RGB"),
        (made("JPEG", (1500, 3000)), (512, 1024), "RGB"),
        (made("WEBP", (2048, 2)), (1024, 1), "RGB"),
    ],
)
def test_pictures_become_small_pngs(data: bytes, size: tuple[int, int], mode: str) -> None:
    picture = opened(reencode_avatar(data))
    assert (picture.format, picture.size, picture.mode) == ("PNG", size, mode)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_shows_its_first_frame(kind: str) -> None:
    picture = opened(reencode_avatar(animation(kind)))
    assert picture.convert("RGB").getpixel((15, 15)) == (255, 0, 0)
    assert getattr(picture, "n_frames", 1) == 1


def test_sixteen_bits_of_grey_keep_their_tone() -> None:
    picture = opened(reencode_avatar(made("PNG", mode="I;16", colour=32768)))
    assert picture.getpixel((0, 0)) == (127, 127, 127)


def test_nothing_but_pixels_is_left_and_the_camera_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where I live"
    data = made("JPEG", (60, 30), exif=exif, comment=b"secret")
    picture = opened(reencode_avatar(data))
    assert picture.size == (30, 60)
    assert [chunk.kind for chunk in png_chunks.walk(reencode_avatar(data))] == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_becomes_upright(orientation: int) -> None:
    picture = Image.new("RGB", (6, 4))
    for number in range(24):
        picture.putpixel((number % 6, number // 6), (number * 10, 255 - number * 10, number * 5))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True, exif=exif)
    upright = ImageOps.exif_transpose(opened_any(file.getvalue())).convert("RGB")
    found = opened(reencode_avatar(file.getvalue()))
    assert (found.size, found.tobytes()) == (upright.size, upright.tobytes())


def opened_any(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_large_picture_is_shrunk_whole() -> None:
    picture = Image.linear_gradient("L").resize((4096, 3001)).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    found = opened(reencode_avatar(file.getvalue()))
    assert found.size == (1024, 750)
    assert [found.getpixel((512, row))[0] // 8 for row in (2, 379, 747)] == [0, 16, 31]  # pyright: ignore


def png_header(width: int, height: int, *chunks: bytes) -> bytes:
    header = png_chunks.write(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"".join((png_chunks.SIGNATURE, header, *chunks, png_chunks.write(b"IEND", b"")))


def webp_header(kind: bytes, header: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + kind + struct.pack("<I", 50) + header.ljust(60, b"\0")


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG that says it is of another size than its pixels."""
    data = made("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (png_header(50_000, 50_000), "50,000 × 50,000 pixels"),
        (png_header(2**31 - 1, 1), "2,147,483,647 × 1 pixels"),
        (png_header(4097, 4096), "4,097 × 4,096 pixels"),
        (png_header(0, 5), "damaged"),
        (b"GIF89a" + struct.pack("<HH", 50_000, 50_000) + bytes(20), "50,000 × 50,000 pixels"),
        (webp_header(b"VP8X", bytes(4) + b"\xff\xff\xff\xff\xff\xff"), "16,777,216 × 16,777,216 pixels"),
        (webp_header(b"VP8L", b"\x2f\xff\xff\xff\xff"), "16,384 × 16,384 pixels"),
        (webp_header(b"VP8 ", bytes(6) + b"\xff\x3f\xff\x3f"), "16,383 × 16,383 pixels"),
        (webp_header(b"ALPH", b""), "damaged"),
        (jpeg_header(50_000, 50_000), "more than 4,096 × 4,096 pixels"),
        (jpeg_header(9_000, 2_000), "9,000 × 2,000 pixels"),
        (b"", "not a picture that can be used"),
        (b"BM" + bytes(60), "not a picture that can be used"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be used"),
        (made("TIFF"), "not a picture that can be used"),
        (made("PNG")[:40], "damaged"),
        (made("PNG")[:-20], "damaged"),
        (png_header(10, 10), "damaged"),
        (png_header(10, 10, png_chunks.write(b"IDAT", zlib.compress(bytes(7)))), "damaged"),
        (made("JPEG")[:60], "damaged"),
        (made("WEBP")[:40], "damaged"),
        (made("GIF", mode="P")[:20], "damaged"),
        (b"GIF89a", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (bytes(16 * 2**20 + 1), "larger than 16 MiB"),
    ],
)
def test_pictures_that_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        reencode_avatar(data)
    assert says in str(refused.value)


def test_text_that_would_inflate_is_never_looked_at() -> None:
    bomb = zlib.compress(bytes(100_000_000), 9)
    chunks = [
        png_chunks.write(b"zTXt", b"chara\0\0" + bomb),
        png_chunks.write(b"iCCP", b"profile\0\0" + bomb),
        png_chunks.write(b"iTXt", b"x\0\1\0\0\0" + bomb),
    ]
    pixels = png_chunks.write(b"IDAT", zlib.compress(bytes(10 * 31)))
    assert opened(reencode_avatar(png_header(10, 10, *chunks, pixels))).size == (10, 10)


SAMPLES = [made("PNG"), made("JPEG"), made("WEBP"), made("GIF", mode="P")]


@settings(max_examples=150)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6))
def test_a_damaged_picture_is_shown_or_refused_never_a_bug(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        assert opened(reencode_avatar(bytes(damaged))).format == "PNG"
    except Invalid as refused:
        assert str(refused).endswith(".")  # noqa: PT017 - either outcome is right


async def test_a_worker_makes_the_same() -> None:
    data = made("JPEG", (300, 200))
    assert await reencode_in_worker(data) == reencode_avatar(data)
    assert opened(await reencode_in_worker(data, 160)).size == (160, 107)
    with pytest.raises(Invalid, match="50,000"):
        await reencode_in_worker(png_header(50_000, 50_000))


def children() -> set[str]:
    listed: list[str] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread may end between its being listed and its being read
            listed.append(path.read_text())
    return {child for line in listed for child in line.split()}


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
async def test_a_worker_that_takes_too_long_is_ended() -> None:
    before = children()
    with pytest.raises(Invalid, match=r"^Too much\.$"):
        await run_in_worker("picture", "64", made("PNG"), too_much="Too much.", seconds=0.001)
    assert children() <= before


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
async def test_a_worker_that_the_system_ends_is_told_of_in_words() -> None:
    before = children()
    asked = asyncio.create_task(run_in_worker("picture", "64", made("PNG", (4000, 4000)), too_much="Too much."))
    workers: set[str] = set()
    while not workers and not asked.done():
        workers = {child for child in children() - before if _is_worker(child)}
        await asyncio.sleep(0)
    for worker in workers:
        os.kill(int(worker), signal.SIGKILL)
    with pytest.raises(Invalid, match=r"^Too much\.$"):
        await asked
    assert children() <= before


def _is_worker(child: str) -> bool:
    try:
        return b"worker_process" in Path(f"/proc/{child}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
async def test_a_worker_ends_with_the_one_who_asked() -> None:
    before = children()
    asked = asyncio.create_task(reencode_in_worker(made("PNG", (4000, 4000))))
    while not children() - before:  # noqa: ASYNC110 - the process is seen from outside
        await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert children() <= before


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
async def test_a_worker_has_neither_the_secrets_nor_a_memory_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    before = children()
    asked = asyncio.create_task(reencode_in_worker(made("PNG", (4000, 4000))))
    limited = ""
    while not asked.done() and "limited" not in limited:
        for child in children() - before:
            limited = _looked_at(child) or limited
        await asyncio.sleep(0)
    await asked
    assert limited == "limited"


def _looked_at(child: str) -> str:
    try:
        limits = Path(f"/proc/{child}/limits").read_text()
        started = b"worker_process" in Path(f"/proc/{child}/cmdline").read_bytes()
        environment = Path(f"/proc/{child}/environ").read_bytes()
    except OSError:
        return ""
    if not started:  # between fork and exec it is still a copy of this process
        return ""
    assert b"DISCORD_TOKEN" not in environment
    space = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    return "" if "unlimited" in space else "limited"


def test_pillow_is_not_loaded_until_a_picture_comes() -> None:
    code = "import sys, bot.cards.pictures, bot.cards.card_files; sys.exit('PIL' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."}, check=False).returncode == 0
    )
