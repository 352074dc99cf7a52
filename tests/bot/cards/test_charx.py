"""CHARX archives, and pictures inside other containers: which are kept, under which address, and what is told."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.cards import png_chunks
from bot.cards.assets import MAX_ASSETS, Asset
from bot.cards.card_containers import CardFile, as_card, read_file
from bot.errors import Invalid
from tests.bot.cards.hostile import PIXEL, in_png

CARDS = Path(__file__).parents[2] / "data" / "cards" / "tavern_kit"
GIF = b"GIF89a" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def entry(uri: str, name: str = "happy", kind: str = "emotion", **more: Any) -> dict[str, Any]:
    return {"type": kind, "uri": uri, "name": name, "ext": "png", **more}


def document(*assets: object) -> str:
    data = {"name": "Ada", "assets": list(assets)}
    return json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data})


def archive(files: dict[str, bytes], *assets: object, before: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("card.json", document(*assets))
        for path, content in files.items():
            written.writestr(path, content)
    return before + packed.getvalue()


def read(data: bytes, filename: str = "a.charx") -> CardFile:
    return as_card(read_file(data, filename))


def test_a_real_archive() -> None:
    found = read((CARDS / "test_character.charx").read_bytes())
    assert found.picture == zipfile.ZipFile(CARDS / "test_character.charx").read("assets/main.png")
    assert [(each.uri, each.name, each.kind, len(each.content)) for each in found.assets] == [
        ("embeded://assets/emotion/happy.png", "happy", "emotion", 138_232)
    ]
    assert found.card.assets == (entry("embeded://assets/emotion/happy.png"),)
    assert found.warnings == ("The card does not list all pictures of its archive; these were added: happy.",)
    lore = read((CARDS / "test_character_with_lorebook.charx").read_bytes()).card.character_book
    assert lore is not None
    assert lore["name"] == "Test Lorebook"


MAIN = entry("embeded://assets/main.png", "main", "icon")


@pytest.mark.parametrize(
    ("assets", "picture", "kept", "listed"),
    [
        ([MAIN], PIXEL, [], []),
        ([{**MAIN, "uri": "embedded://assets/main.png"}], PIXEL, [], []),
        ([{**MAIN, "x": 1}], PIXEL, [], [entry("ccdefault:", "main", "icon", x=1)]),
        ([{**MAIN, "uri": "ccdefault:"}], None, [], []),
        ([entry("embeded://b.gif", "second", "icon"), MAIN], PIXEL, ["assets/icon/second.gif"], ["second"]),
        ([entry("embeded://b.gif", "second", "icon")], GIF, ["assets/icon/second.gif"], ["second"]),
        ([entry("embeded://b.gif"), entry("embeded://b.gif")], None,
         ["assets/emotion/happy.gif", "assets/emotion/happy-2.gif"], ["happy", "happy"]),
        ([entry("embeded://b.gif", "../../etc/pass wd")], None, ["assets/emotion/etc_pass_wd.gif"],
         ["../../etc/pass wd"]),
        ([entry("embeded://b.gif", "", "")], None, ["assets/other/other.gif"], [""]),
        ([entry("https://example.com/a.png")], None, [], ["happy"]),
        ([7, None, {"uri": 3}, {}], None, [], []),
    ],
)  # fmt: skip
def test_pictures_of_an_archive(assets: list[Any], picture: bytes | None, kept: list[str], listed: list[Any]) -> None:
    found = read(archive({"assets/main.png": PIXEL, "b.gif": GIF}, *assets))
    assert found.picture == picture
    assert [asset.uri.removeprefix("embeded://") for asset in found.assets] == kept
    names = [each.get("name") for each in found.card.assets if isinstance(each, dict) and "name" in each]
    assert names == [each["name"] if isinstance(each, dict) else each for each in listed]


def test_an_asset_says_where_its_picture_is_and_what_it_is() -> None:
    found = read(archive({"b.gif": GIF}, entry("embeded://b.gif", keep="me")))
    assert found.assets == (Asset("embeded://assets/emotion/happy.gif", "happy", "emotion", GIF),)
    assert found.card.assets == (entry("embeded://assets/emotion/happy.gif", ext="gif", keep="me"),)


@pytest.mark.parametrize(
    ("files", "assets", "warning"),
    [
        ({}, [entry("embeded://no.png")], "A picture that the card lists is not in the archive: embeded://no.png."),
        ({"a.mp3": b"ID3"}, [entry("embeded://a.mp3", "song")], "assets[0] (song) was left out: it is not a picture."),
        ({}, [entry("data:image/png;base64,%%%")], "assets[0] (happy) was left out: it is damaged."),
        ({"a.png": PIXEL}, [entry("embeded://a.png", str(n)) for n in range(MAX_ASSETS + 1)],
         "assets[64] (64) was left out: a card has at most 64 pictures."),
        ({"a.png": PIXEL + bytes(20 * 2**20)}, [entry("embeded://a.png")] * 2,
         "assets[1] (happy) was left out: a card's pictures have at most 32 MiB together."),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(files: dict[str, bytes], assets: list[Any], warning: str) -> None:
    found = read(archive(files, *assets))
    assert found.warnings == (warning,)
    assert len(found.card.assets) == len(assets)


def test_a_damaged_picture_is_left_out_and_a_damaged_card_is_told() -> None:
    damaged = archive({"b.gif": GIF}, entry("embeded://b.gif")).replace(b"GIF89a", b"GIF87a")
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as written:
        written.writestr("card.json", document(entry("embeded://b.gif")))
        written.writestr("b.gif", GIF)
    damaged = stored.getvalue().replace(b"GIF89a", b"GIF87a").replace(b'"Ada"', b'"Eda"')
    found = read(damaged)
    assert found.card.name == "Eda"
    assert found.assets == ()
    assert found.warnings == (
        "The archive's card.json has a wrong checksum.",
        "assets[0] (happy) was left out: it is damaged.",
    )


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("data:image/png;base64," + base64.b64encode(PIXEL).decode(), True),
        ("data:;base64," + base64.b64encode(PIXEL).decode(), True),
        ("data:image/png;name=a.png;BASE64," + base64.urlsafe_b64encode(PIXEL).decode().rstrip("="), True),
        ("data:text/plain;base64,aGVsbG8=", False),
        ("data:image/png,PNG", False),
        ("__asset:0", False),
    ],
)
def test_pictures_within_json(uri: str, kept: bool) -> None:
    found = read(document(entry(uri), entry("data:image/gif;base64,R0lGODlh", "main", "icon")).encode(), "a.json")
    assert [asset.content for asset in found.assets] == ([PIXEL] if kept else [])
    assert found.picture == b"GIF89a"
    assert found.card.assets == (entry("embeded://assets/emotion/happy.png" if kept else uri),)


def test_a_long_picture_within_json_is_kept_and_long_nonsense_is_not() -> None:
    long = "data:image/png;base64," + base64.b64encode(PIXEL + bytes(2**20)).decode()
    found = read(document(entry(long), entry("data:" + "x" * 2**21)).encode(), "a.json")
    assert [len(asset.content) for asset in found.assets] == [len(PIXEL) + 2**20]
    assert len(found.card.assets) == 1
    with pytest.raises(Invalid, match=r"longer than 1 MiB"):
        read(json.dumps({"name": "Ada", "first_mes": "", "uri": long}).encode(), "a.json")


@pytest.mark.parametrize("uri", ["__asset:0", "embeded://0"])
def test_pictures_within_a_png(uri: str) -> None:
    card = b"tEXtccv3\0" + base64.b64encode(document(entry(uri)).encode())
    found = read(in_png(b"tEXtchara-ext-asset_:0\0" + base64.b64encode(GIF), card), "a.png")
    assert found.assets == (Asset("embeded://assets/emotion/happy.gif", "happy", "emotion", GIF),)
    assert found.picture is not None
    assert found.picture.startswith(png_chunks.SIGNATURE)


def test_an_archive_behind_a_picture() -> None:
    found = read(archive({"assets/main.png": PIXEL}, MAIN, before=JPEG), "a.jpeg")
    assert (found.card.name, found.picture) == ("Ada", PIXEL)
