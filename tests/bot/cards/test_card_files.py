"""Card files: the real ones of other programs, and those that mean harm."""

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from bot.cards import png_chunks
from bot.cards.card import Card, parse_card, write_card
from bot.cards.card_files import CardFile, read_card_file, read_card_file_in_worker, write_png
from bot.errors import Invalid
from tests.bot.cards.strategies import documents

CARDS = Path(__file__).parents[2] / "data" / "cards"
NAMES = {
    "oobabot/test-char-1.json": "...name...",
    "oobabot/test-char-1.yaml": "...name...",
    "oobabot/test-char-2.json": "...name...",
    "oobabot/test-char-3.json": "...name...",
    "tavern_kit/ccv2_min.json": "Alice",
    "tavern_kit/ccv2_with_overrides.json": "Bob",
    "tavern_kit/ccv3_min.json": "Charlie",
    "tavern_kit/ccv3_st_export_like.json": "Diana",
    "tavern_kit/full_v2_card.json": "Aurora",
    "tavern_kit/full_v3_card.json": "Nova",
    "tavern_kit/invalid_missing_spec.json": "Character Without Spec",
    "tavern_kit/minimal_v2.json": "Test Character V2",
    "tavern_kit/minimal_v3.json": "Test Character V3",
    "tavern_kit/seraphina.v2.json": "Seraphina",
    "tavern_kit/test_character.charx": "Test Character",
    "tavern_kit/test_character.png": "Test Character",
    "tavern_kit/test_character_v2.png": "V2 Test Character",
    "tavern_kit/test_character_with_lorebook.charx": "Lorebook Test Character",
    "tavern_kit/with_lorebook.json": "Character with Lorebook",
}
REFUSED = {
    "oobabot/test-char-1.txt": "test-char-1.txt is not a character card",
    "tavern_kit/invalid_missing_name.json": "has no name",
    "tavern_kit/lorebook_invalid.json": "line 1, column 3",
    "tavern_kit/st_prompt_build_min_case.yml": "YAML breaks off at line 64, column 18",
}
LORE = {"tavern_kit/lorebook_world_one.json": "World One", "tavern_kit/lorebook_world_two.json": "World Two"}


WARNED = {"tavern_kit/invalid_missing_spec.json", "tavern_kit/test_character.charx"}


def test_every_file_is_spoken_of() -> None:
    index = [line.split(" | ")[0] for line in (CARDS / "INDEX.txt").read_text().splitlines()[1:]]
    assert sorted(index) == sorted([*NAMES, *REFUSED, *LORE])


@pytest.mark.parametrize(("file", "name"), NAMES.items())
def test_real_files_are_read_and_come_back(file: str, name: str) -> None:
    data = (CARDS / file).read_bytes()
    found = read_card_file(data, file)
    assert found.card.name == name
    assert (found.picture is not None) is file.endswith((".png", ".charx"))
    assert bool(found.warnings) is (file in WARNED)
    again = parse_card(json.dumps(write_card(found.card, "chara_card_v3"))).card
    assert write_card(again, "chara_card_v2") == write_card(found.card, "chara_card_v2")


@pytest.mark.parametrize(("file", "says"), REFUSED.items())
def test_files_that_are_no_card_are_refused(file: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_card_file((CARDS / file).read_bytes(), file)
    assert says in str(refused.value)


def test_v3_in_a_real_png_wins() -> None:
    assert read_card_file((CARDS / "tavern_kit/test_character.png").read_bytes(), "x.png").card.spec == "chara_card_v3"


def picture(*chunks: bytes, after: tuple[bytes, ...] = ()) -> bytes:
    """A picture of one pixel with chunks before and after its pixels."""
    header = png_chunks.write(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = png_chunks.write(b"IDAT", zlib.compress(b"\0\0"))
    return b"".join((png_chunks.SIGNATURE, header, *chunks, pixels, *after, png_chunks.write(b"IEND", b"")))


def encoded(name: str, spec: str = "chara_card_v2") -> bytes:
    document = {"spec": spec, "spec_version": "3.0" if spec.endswith("3") else "2.0", "data": {"name": name}}
    return base64.b64encode(json.dumps(document).encode())


def text_chunk(text: bytes, keyword: bytes = b"chara") -> bytes:
    return png_chunks.write(b"tEXt", keyword + b"\0" + text)


V2, V3 = encoded("Two"), encoded("Three", "chara_card_v3")
PLAIN = text_chunk(V2)
ZIPPED = png_chunks.write(b"zTXt", b"chara\0\0" + zlib.compress(V2))
BAD_CRC = PLAIN[:-4] + b"\0\0\0\0"
BOMB = zlib.compress(b"A" * 100_000_000, 9)


@pytest.mark.parametrize(
    ("data", "name", "warning"),
    [
        (picture(PLAIN), "Two", None),
        (picture(after=(PLAIN,)), "Two", None),
        (picture(PLAIN, text_chunk(V3, b"ccv3")), "Three", None),
        (picture(text_chunk(V3, b"ccv3"), after=(PLAIN,)), "Three", None),
        (picture(ZIPPED), "Two", None),
        (picture(png_chunks.write(b"iTXt", b"chara\0\0\0en\0k\xc3\xa9y\0" + V2)), "Two", None),
        (picture(png_chunks.write(b"iTXt", b"chara\0\1\0\0\0" + zlib.compress(V2))), "Two", None),
        (picture(text_chunk(V2, b"Chara")), "Two", None),
        (picture(text_chunk(V2.rstrip(b"="))), "Two", None),
        (picture(text_chunk(b"\n".join((V2[:20], V2[20:])) + b"\n")), "Two", None),
        (picture(text_chunk(base64.b64decode(V2))), "Two", "The PNG's chara chunk is bare JSON"),
        (picture(BAD_CRC), "Two", "The PNG's chara chunk has a wrong checksum"),
        (picture(PLAIN, text_chunk(b"!!!!", b"ccv3")), "Two", "The PNG's ccv3 chunk could not be read"),
        (
            picture(PLAIN, png_chunks.write(b"zTXt", b"ccv3\0\0" + BOMB)),
            "Two",
            "The PNG's ccv3 chunk could not",
        ),
        (picture(PLAIN, after=(b"junk",)), "Two", "The PNG breaks off at byte"),
        (picture(PLAIN)[:-20], "Two", "The PNG breaks off at byte"),
        (picture(png_chunks.write(b"zTXt", b"Comment\0\0" + BOMB), PLAIN), "Two", None),
        (picture(png_chunks.write(b"prVt", bytes(8_000_000)), PLAIN), "Two", None),
    ],
)
def test_cards_in_pngs(data: bytes, name: str, warning: str | None) -> None:
    found = read_card_file(data, "card.png")
    assert found.card.name == name
    assert found.picture == data
    assert [each.startswith(warning or "") for each in found.warnings] == ([True] if warning else [])


def zip_bomb_of_json() -> bytes:
    document = b'{"name":"x","first_mes":"' + b"A" * 100_000_000 + b'"}'
    return picture(png_chunks.write(b"zTXt", b"chara\0\0" + zlib.compress(document, 9)))


@pytest.mark.parametrize(
    ("data", "filename", "says"),
    [
        (b"", "a.json", "a.json is empty"),
        (b"", "", "The file is empty"),
        (b" " * (16 * 2**20 + 1), "a.json", "a.json is larger than 16 MiB"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "a.jpg is a picture without a character in it"),
        (b"GIF89a", "a.gif", "is a plain picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.png", "is a picture without a character"),
        (b"PK\3\4", "a.png", "a.png breaks off: it is an archive without its directory"),
        (b"name: Ada", "a", "none of a card's fields"),
        (b"\x7fELF", "a.exe", "a.exe is not a character card"),
        (b"not json", "a.json", "line 1, column 1"),
        (picture(), "a.png", "a.png is a picture without a character in it"),
        (picture()[:30], "a.png", "a.png breaks off at byte 8"),
        (png_chunks.SIGNATURE, "a.png", "without a character"),
        (png_chunks.SIGNATURE + b"\xff\xff\xff\xfftEXtchara\0", "a.png", "breaks off at byte 8"),
        (picture(PLAIN)[: 8 + 25 + 30], "a.png", "breaks off at byte 33, before any card"),
        (picture(text_chunk(b"%%%%")), "a.png", "chara chunk is not base64"),
        (picture(text_chunk(b"A")), "a.png", "chara chunk is not base64"),
        (picture(text_chunk(b"")), "a.png", "line 1, column 1"),
        (picture(png_chunks.write(b"zTXt", b"chara\0\0broken")), "a.png", "does not inflate"),
        (picture(png_chunks.write(b"zTXt", b"chara")), "a.png", "line 1, column 1"),
        (picture(png_chunks.write(b"zTXt", b"chara\0\0" + BOMB)), "a.png", "inflates to far more"),
        (picture(*[png_chunks.write(b"zTXt", b"chara\0\0" + BOMB)] * 50), "a.png", "inflates to far more"),
        (zip_bomb_of_json(), "a.png", "inflates to far more"),
        (picture(text_chunk(base64.b64encode(b"[" * 10_000))), "a.png", "nested more than 64"),
        (b"\0" * 99, "`@everyone`\n\u202e" + "x" * 300 + ".json", "breaks off"),
    ],
)
def test_files_that_mean_harm_are_refused_in_a_sentence(data: bytes, filename: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_card_file(data, filename)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "@" not in str(refused.value)
    assert len(str(refused.value)) < 300


@settings(max_examples=40)
@given(documents)
def test_a_card_in_a_png_comes_back(document: dict[str, Any]) -> None:
    card = parse_card(json.dumps(document)).card
    found = read_card_file(write_png(card, picture()), "card.png")
    assert write_card(found.card, "chara_card_v3") == write_card(card, "chara_card_v3")
    assert found.warnings == ()


def test_writing_replaces_the_card_that_was_there_and_keeps_the_rest() -> None:
    title = png_chunks.write(b"tEXt", b"Title\0Portrait")
    written = write_png(Card(name="New"), picture(PLAIN, title, ZIPPED, after=(text_chunk(V3, b"ccv3"),)))
    kinds = [chunk.kind for chunk in png_chunks.walk(written)]
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"tEXt", b"tEXt", b"IEND"]
    assert all(chunk.is_intact for chunk in png_chunks.walk(written))
    assert read_card_file(written, "card.png").card.name == "New"


@pytest.mark.parametrize("damaged", [b"", b"\xff\xd8\xff", picture()[:-8], picture()[:-12]])
def test_a_card_is_written_only_into_a_whole_png(damaged: bytes) -> None:
    with pytest.raises(Invalid):
        write_png(Card(name="New"), damaged)


@pytest.mark.parametrize(
    "file",
    ["oobabot/test-char-1.json", "tavern_kit/test_character.png", "tavern_kit/invalid_missing_spec.json"],
)
async def test_a_worker_reads_the_same(file: str) -> None:
    data = (CARDS / file).read_bytes()
    found: CardFile = await read_card_file_in_worker(data, file)
    assert found == read_card_file(data, file)


async def test_a_worker_refuses_in_the_same_words() -> None:
    with pytest.raises(Invalid, match="inflates to far more than any card needs"):
        await read_card_file_in_worker(zip_bomb_of_json(), "a.png")
