"""Cards in the EXIF of pictures, as different programs write them."""

import base64
import io
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.cards.card_containers import as_card, read_file
from bot.errors import Invalid
from tests.bot.cards.hostile import PIXEL

CARD = json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Zoë", "first_mes": "Hi"}})
USER_COMMENT, EXIF = 0x9286, 0x8769


def picture(comment: bytes, kind: str = "JPEG", *, nested: bool = True) -> bytes:
    """A picture whose EXIF an ordinary library wrote."""
    exif = Image.Exif()
    exif[0x0112] = 1
    (exif.get_ifd(EXIF) if nested else exif)[USER_COMMENT] = comment
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    "comment",
    [
        CARD.encode(),
        b"ASCII\0\0\0" + CARD.encode(),
        bytes(8) + CARD.encode(),
        b"UNICODE\0" + CARD.encode(),
        b"UNICODE\0" + CARD.encode("utf-16-le"),
        b"UNICODE\0" + CARD.encode("utf-16"),
        base64.b64encode(CARD.encode()),
        b"ASCII\0\0\0" + base64.b64encode(CARD.encode()) + b"\0",
        ",".join(str(byte) for byte in CARD.encode()).encode(),
    ],
)
def test_comments_of_programs(comment: bytes, kind: str, nested: bool) -> None:
    data = picture(comment, kind, nested=nested)
    found = as_card(read_file(data, f"a.{kind.lower()}"))
    assert (found.card.name, found.card.first_mes, found.picture, found.warnings) == ("Zoë", "Hi", data, ())


def test_big_endian_utf16_and_the_description() -> None:
    text = b"UNICODE\0" + CARD.encode("utf-16-be")
    tiff = struct.pack(">4sLHHHLLL", b"MM\0*", 8, 1, USER_COMMENT, 7, len(text), 26, 0) + text
    assert as_card(read_file(_jpeg(tiff), "a.jpg")).card.name == "Zoë"
    tiff = struct.pack("<4sLHHHLLL", b"II*\0", 8, 1, 0x010E, 2, len(CARD.encode()), 26, 0) + CARD.encode()
    assert as_card(read_file(_jpeg(tiff), "a.jpg")).card.name == "Zoë"


def _jpeg(tiff: bytes) -> bytes:
    return b"\xff\xd8\xff\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (picture(b"ASCII\0\0\0a holiday in Spain"), "is a picture without a character in it"),
        (picture(b"abcd" * 40), "without a character"),
        (picture(b""), "without a character"),
        (picture(b"1,2,3,4,5,6,7,8,9,999,1000"), "without a character"),
        (picture(b"{broken"), "breaks off at line 1"),
        (picture(b'{"name": "Ada"}'), "none of a card's fields"),
        (picture(b"x", "WEBP")[:60], "without a character"),
        (PIXEL.replace(b"IEND", b"eXIf"), "without a character"),
    ],
)
def test_pictures_without_a_card_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_file(data, "a.jpg")
    assert says in str(refused.value)


SAMPLES = [picture(CARD.encode(), kind) for kind in ("JPEG", "WEBP", "PNG")]


@settings(max_examples=200)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8))
def test_nonsense_is_read_or_refused_in_words(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        read = as_card(read_file(bytes(damaged), "a.jpg"))
    except Invalid as refused:
        assert str(refused).endswith(".")  # noqa: PT017 - either outcome is right
    else:
        assert 1 <= len(read.card.name) <= 80
