"""Exported files: what another program finds in them, and that an import of them is the same card."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import png_chunks
from bot.cards.assets import Asset
from bot.cards.card import Card
from bot.cards.card_containers import CardFile, as_card, read_file
from bot.cards.card_files import read_file_in_worker
from bot.cards.export_files import export_card, write_charx, write_json, write_png
from bot.errors import Invalid
from tests.bot.cards.hostile import PIXEL
from tests.bot.cards.strategies import documents, json_objects, lines, texts

HAPPY = Asset("embeded://assets/emotion/happy.gif", "happy", "emotion", b"GIF89a happy")
SAD = Asset("embeded://assets/emotion/sad.png", "sad", "emotion", PIXEL)
FORMATS: tuple[Literal["png", "json", "charx"], ...] = ("png", "json", "charx")


def listed(asset: Asset, **more: Any) -> dict[str, Any]:
    return {"type": asset.kind, "uri": asset.uri, "name": asset.name, "ext": asset.uri.rpartition(".")[2], **more}


CARD = Card(name="Ada / Lovelace", first_mes="Hello", assets=(listed(HAPPY), listed(SAD, x_kept=True)))


@pytest.mark.parametrize("format", FORMATS)
def test_an_exported_card_is_read_again_with_its_pictures(format: Literal["png", "json", "charx"]) -> None:
    name, content = export_card(CARD, format, picture=PIXEL, assets=(HAPPY, SAD), limit=10_000)
    assert name == f"Ada _ Lovelace.{format}"
    found = as_card(read_file(content, name))
    assert (found.card, found.assets, found.warnings) == (CARD, (HAPPY, SAD), ())
    assert (found.picture is not None) is (format != "json")
    assert export_card(CARD, format, picture=PIXEL, assets=(HAPPY, SAD), limit=10_000) == (name, content)


def test_what_stands_in_an_archive() -> None:
    written = zipfile.ZipFile(io.BytesIO(write_charx(CARD, PIXEL, (HAPPY, SAD))))
    assert written.namelist() == [
        "card.json", "assets/icon/main.png", "assets/emotion/happy.gif", "assets/emotion/sad.png",
    ]  # fmt: skip
    assert {each.date_time for each in written.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    found = json.loads(written.read("card.json"))
    assert (found["spec"], found["spec_version"]) == ("chara_card_v3", "3.0")
    assert found["data"]["assets"] == [
        {"type": "icon", "uri": "embeded://assets/icon/main.png", "name": "main", "ext": "png"},
        listed(HAPPY),
        listed(SAD, x_kept=True),
    ]
    assert written.read("assets/icon/main.png") == PIXEL


def test_a_picture_that_was_encoded_anew_stands_under_its_new_ending() -> None:
    png = replace(HAPPY, content=PIXEL)
    other = Asset("embeded://assets/emotion/happy.png", "happy", "emotion", PIXEL)
    card = replace(CARD, assets=(listed(png), listed(other)))
    written = zipfile.ZipFile(io.BytesIO(write_charx(card, None, (png, other))))
    assert written.namelist() == ["card.json", "assets/emotion/happy.png", "assets/emotion/happy-2.png"]
    found = as_card(read_file(write_charx(card, None, (png, other)), "a.charx"))
    assert [asset.content for asset in found.assets] == [PIXEL, PIXEL]
    assert found.warnings == ()


def test_what_stands_in_a_png() -> None:
    kinds = [bytes(chunk.content).partition(b"\0")[0] for chunk in png_chunks.walk(write_png(CARD, PIXEL, (HAPPY,)))]
    assert kinds[2:-1] == [b"chara-ext-asset_:0", b"chara", b"ccv3"]
    again = write_png(CARD, write_png(CARD, PIXEL, (HAPPY,)), (HAPPY,))
    assert again == write_png(CARD, PIXEL, (HAPPY,))


def test_json_is_plain_where_there_are_no_pictures() -> None:
    data = json.loads(write_json(Card(name="Zoë")))["data"]
    assert "assets" not in data
    assert data["name"] == "Zoë"
    assert "Zoë".encode() in write_json(Card(name="Zoë"))


@pytest.mark.parametrize(
    ("format", "assets", "says"),
    [
        ("png", (HAPPY,), "as CHARX, or without its pictures."),
        ("png", (), "as JSON."),
        ("json", (HAPPY,), "as CHARX, or without its pictures."),
        ("json", (), "Shorten its lorebook."),
        ("charx", (HAPPY,), "as JSON."),
    ],
)
def test_a_card_above_the_upload_limit_is_refused_in_words(format: Any, assets: tuple[Asset, ...], says: str) -> None:
    card = Card(name="Ada", first_mes="x" * 3_000_000, assets=tuple(listed(asset) for asset in assets))
    with pytest.raises(Invalid) as refused:
        export_card(card, format, picture=PIXEL, assets=assets, limit=1000)
    assert str(refused.value).startswith(f"The card as {format.upper()} would have ")
    assert "0.0 MiB is the most here" in str(refused.value)
    assert str(refused.value).endswith(says)


def test_a_png_needs_a_picture() -> None:
    with pytest.raises(Invalid, match="needs a picture"):
        export_card(Card(name="Ada"), "png", picture=None, limit=1000)


@pytest.mark.parametrize(
    ("name", "file"), [("Zoë", "Zoë.json"), ("../x", "x.json"), ("?", "character.json"), ("a" * 80, "a" * 60 + ".json")]
)
def test_file_names(name: str, file: str) -> None:
    assert export_card(Card(name=name), "json", picture=None, limit=10_000)[0] == file


URIS = (
    "embeded://a.png", "embedded://b.gif", "embeded://assets/emotion/main.png", "embeded://no.png", "ccdefault:",
    "data:image/gif;base64,R0lGODlh", "https://example.com/a.png",
)  # fmt: skip
assets = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["icon", "emotion", "background", "x_other", ""]) | texts,
            "uri": st.sampled_from(URIS),
            "name": st.sampled_from(["main", "happy", "../x"]) | lines,
        },
        optional={"ext": texts, "keep": json_objects},
    ),
    max_size=4,
)  # fmt: skip


def packed(document: dict[str, Any]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("card.json", json.dumps(document))
        written.writestr("a.png", PIXEL)
        written.writestr("b.gif", b"GIF89a b")
        written.writestr("assets/emotion/main.png", PIXEL)
    return archive.getvalue()


@settings(max_examples=60, deadline=None)
@given(documents, assets, st.permutations(FORMATS))
def test_import_export_import_is_the_same_card_in_every_format(
    document: dict[str, Any], assets: list[Any], order: list[Literal["png", "json", "charx"]]
) -> None:
    document["data"]["assets"] = assets
    read = as_card(read_file(packed(document), "a.charx"))
    for format in order:  # one after the other: nothing is lost on the way through all three
        name, content = export_card(read.card, format, picture=PIXEL, assets=read.assets, limit=10**7)
        again = as_card(read_file(content, name))
        assert same_but_for_the_format(again, read)
        read = again


def same_but_for_the_format(file: CardFile, other: CardFile) -> bool:
    card = replace(file.card, spec=other.card.spec, spec_version=other.card.spec_version)
    return (card, file.assets) == (other.card, other.assets)


async def test_a_worker_reads_the_same() -> None:
    for format in FORMATS:
        name, content = export_card(CARD, format, picture=PIXEL, assets=(HAPPY, SAD), limit=10_000)
        assert await read_file_in_worker(content, name) == read_file(content, name)
