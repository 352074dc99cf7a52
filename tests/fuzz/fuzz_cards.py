"""Feeds whatever atheris invents to the readers of card files: only a refusal in words may come out, or a card.

    python tests/fuzz/fuzz_cards.py CORPUS -max_total_time=3600

The first byte of an input says what the rest is packed in, so that a change to a card's text is not lost in a
checksum or in base64. An empty CORPUS is filled with the card files of tests/data.
"""

import base64
import io
import json
import struct
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource]

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports():  # pyright: ignore[reportAttributeAccessIssue]
    from bot.cards import png_chunks
    from bot.cards.assets import MAX_ASSETS_SIZE
    from bot.cards.card_containers import CardFile, LoreFile, read_file
    from bot.cards.card_fields import Warnings
    from bot.cards.export_files import write_charx, write_json, write_png
    from bot.cards.lorebook import read_lorebook, write_lorebook
    from bot.errors import Invalid

FRAME = b"".join(
    (
        png_chunks.SIGNATURE,
        png_chunks.write(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        png_chunks.write(b"IDAT", zlib.compress(b"\0\0")),
    )
)
END = png_chunks.write(b"IEND", b"")


def plain(content: bytes) -> tuple[bytes, str]:
    return content, "card"


def as_json(content: bytes) -> tuple[bytes, str]:
    return content, "card.json"


def as_yaml(content: bytes) -> tuple[bytes, str]:
    return content, "card.yaml"


def in_png(content: bytes) -> tuple[bytes, str]:
    text = png_chunks.write(b"zTXt", b"ccv3\0\0" + zlib.compress(base64.b64encode(content)))
    return b"".join((FRAME, text, END)), "card.png"


def in_charx(content: bytes) -> tuple[bytes, str]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("card.json", content)
        written.writestr("assets/emotion/happy.png", FRAME + END)
    return archive.getvalue(), "card.charx"


def in_exif(content: bytes) -> tuple[bytes, str]:
    """A JPEG whose EXIF is the content."""
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", min(len(content) + 8, 65535)) + b"Exif\0\0" + content, "card.jpg"


PACKINGS = (plain, as_json, as_yaml, in_png, in_charx, in_exif)


def one_input(data: bytes) -> None:
    """Reads one input, and what was read once more after an export."""
    if not data:
        return
    file, name = PACKINGS[data[0] % len(PACKINGS)](data[1:])
    try:
        read = read_file(file, name)
    except Invalid as refused:
        sentence = str(refused)
        assert sentence.endswith("."), sentence
        assert len(sentence.splitlines()) == 1, sentence
        assert len(sentence.encode()) < 600, sentence
        return
    if isinstance(read, LoreFile):
        warnings = Warnings()
        assert read_lorebook(write_lorebook(read.lorebook), warnings) == read.lorebook
        assert not warnings.told(), warnings.told()
    else:
        comes_back(read)


def comes_back(read: CardFile) -> None:
    assert sum(len(asset.content) for asset in read.assets) <= MAX_ASSETS_SIZE
    picture = FRAME + END
    for file, name in (
        (write_json(read.card, read.assets), "a.json"),
        (write_png(read.card, picture, read.assets), "a.png"),
        (write_charx(read.card, picture, read.assets), "a.charx"),
    ):
        again = read_file(file, name)
        assert isinstance(again, CardFile)
        framed = replace(again.card, spec=read.card.spec, spec_version=read.card.spec_version)
        assert framed == read.card, (name, framed, read.card)
        assert again.assets == read.assets, name
        assert all("is not in the archive" in warning for warning in again.warnings), again.warnings


def fill(corpus: Path) -> None:
    """Writes the first inputs: every card file, and the documents for all that may pack them."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted((ROOT / "tests" / "data" / "cards").glob("*/*"))):
        content = path.read_bytes()
        modes = range(5) if path.suffix in (".json", ".yaml", ".yml") else (0,)
        for mode in modes:
            (corpus / f"{number}-{mode}").write_bytes(bytes([mode]) + content)
    comment = json.dumps({"name": "Ada", "first_mes": "Hello"}).encode()
    tiff = struct.pack("<4sLHHHLLL", b"II*\0", 8, 1, 0x9286, 7, len(comment) + 8, 26, 0) + b"ASCII\0\0\0" + comment
    (corpus / "exif").write_bytes(b"\5" + tiff)


def main() -> None:
    """Starts the fuzzer with the command line's arguments."""
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders and not (folders[0].is_dir() and any(folders[0].iterdir())):
        fill(folders[0])
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
