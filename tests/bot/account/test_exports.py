"""What is mine comes along whole, in archives that fit, and nothing of others with it."""

import io
import os
import zipfile
from typing import Any

import orjson
import pytest

import bot.account.telling
from bot.account.packing import Entry, Parcel, fits_alone
from bot.cards.card_files import read_card_file
from bot.errors import Busy
from tests.bot.account.conftest import Home
from tests.bot.account.household import ALICE, TICKET
from tests.cogs.workshop import picture

LIMIT = 200_000


def unpacked(*archives: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for archive in archives:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            assert opened.testzip() is None
            for name in opened.namelist():
                assert name not in files
                files[name] = opened.read(name)
    return files


def named(files: dict[str, bytes], beginning: str, ending: str) -> bytes:
    (found,) = [content for name, content in files.items() if name.startswith(beginning) and name.endswith(ending)]
    return found


async def exported(home: Home) -> dict[str, bytes]:
    ticket_id = await home.tickets.keep(ALICE, TICKET)
    await home.exports.run({"user": str(ALICE.user_id), "ticket": ticket_id})
    return unpacked(*(content for _, content in home.post.files))


def lines(content: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in content.splitlines()]


async def test_everything_of_mine_is_there(home: Home) -> None:
    files = await exported(home)
    assert b"plantedalice" in files["README.txt"]
    profile = orjson.loads(files["profile.json"])
    assert profile["preferences"] == {"time_zone": "Europe/Berlin"}
    assert [each["text"] for each in profile["news"]] == ["plantednews"]
    assert [each["tokens_read"] for each in orjson.loads(files["usage.json"])] == [7]
    assert [each["reason"] for each in orjson.loads(files["reports.json"])] == ["plantedreason"]
    assert [each["what"] for each in orjson.loads(files["decisions.json"])] == ["policy"]
    persona = orjson.loads(named(files, "personas/", ".json"))
    assert (persona["name"], persona["description"]) == ("plantedpersona", "planteddescription")
    assert persona["personality"] == "plantedwarm"
    assert named(files, "personas/", ".png").startswith(b"\x89PNG")
    for ending in (".json", ".png"):
        card = read_card_file(named(files, "characters/plantednova", ending), f"nova{ending}").card
        assert (card.name, card.first_mes) == ("plantednova", "plantedgreeting")
    assert b"plantedentry" in named(files, "lorebooks/plantedbook", ".json")


async def test_a_chat_of_mine_is_there_with_every_branch(home: Home) -> None:
    files = await exported(home)
    about = orjson.loads(named(files, "chats/plantedtitle", "chat.json"))
    assert about["authors_note"]["text"] == "plantednote"
    assert [each["text"] for each in about["remembered"]] == ["plantedsummary"]
    told = named(files, "chats/", "chat.md").decode()
    assert told.index("plantedsaying") < told.index("The reply of the character.") < told.index("Bob visits.")
    assert "plantedbranch" not in told
    spoken = lines(named(files, "chats/", "chat.jsonl"))
    assert spoken[0]["chat_metadata"] == {"title": "plantedtitle"}
    assert [each["mes"] for each in spoken[1:]] == ["plantedsaying", "The reply of the character.", "Bob visits."]
    assert spoken[1]["swipes"] == ["plantedsaying", "plantedbranch"]
    tree = lines(named(files, "chats/", "tree.jsonl"))
    assert {each["text"] for each in tree if each["mine"]} == {"plantedsaying", "plantedbranch"}
    ids = {each["id"] for each in tree}
    assert {each["parent"] for each in tree} <= ids | {None}


async def test_of_others_chats_my_own_words_alone_are_there(home: Home) -> None:
    files = await exported(home)
    heard = lines(files["said-elsewhere.jsonl"])
    assert [(each["title"], each["text"]) for each in heard] == [("Bob's title", "plantedelsewhere")]
    whole = b"\n".join(files.values())
    assert b"Bob begins." not in whole
    assert b"An answer." not in whole
    assert b"Rude" not in whole


@pytest.mark.long
async def test_archives_fit_and_hold_what_one_would(home: Home) -> None:
    parent = home.house.said
    for _ in range(25):  # noise does not let itself be compressed
        parent = await home.house.say(home.house.own, parent, os.urandom(50_000).hex(), ALICE)
    archives = [content async for _, content in home.exports.archives(ALICE.user_id, limit=1_500_000)]
    assert len(archives) > 2
    assert all(len(each) <= 1_500_000 for each in archives)
    files = unpacked(*archives)
    assert {"README.txt", "said-elsewhere.jsonl"} <= files.keys()
    trees = [content for name, content in files.items() if "/tree" in name]
    assert len(trees) > 1
    assert sum(len(lines(each)) for each in trees) == 4 + 25


async def test_it_comes_by_direct_message_where_the_answer_is_too_old(home: Home) -> None:
    home.post.is_late = True
    await exported(home)
    (last,) = home.post.messages
    assert "everything of yours, in one archive" in last
    assert home.post.answers == []


async def test_it_is_told_how_far_it_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.account.telling, "EVERY_SECONDS", 0.0)
    await exported(home)
    *progress, last = home.post.answers
    assert [each.partition(": ")[2][:6] for each in progress] == [f"{number} of 4" for number in range(1, 5)]
    assert "everything of yours" in last


async def test_nothing_more_is_made_for_somebody_who_cannot_be_reached(home: Home) -> None:
    home.post.refuses = True
    await exported(home)
    assert home.post.messages == home.post.answers == []


async def test_one_at_a_time(home: Home) -> None:
    await home.exports.require_free(ALICE)
    await home.exports.begin(ALICE, TICKET)
    with pytest.raises(Busy, match="still being made"):
        await home.exports.require_free(ALICE)
    await home.exports.begin(ALICE, TICKET)
    assert await home.house.rows("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'me.export'") == [(1,)]


async def test_the_way_to_the_answer_is_sealed_and_the_owners_alone(home: Home) -> None:
    ticket_id = await home.tickets.keep(ALICE, TICKET)
    sealed = await home.services.views.find(ticket_id)
    assert sealed is not None
    assert TICKET.token.encode() not in sealed
    assert TICKET.token not in repr(TICKET)
    assert await home.tickets.find(ALICE.user_id, ticket_id) == TICKET
    await home.tickets.forget(ticket_id)
    assert await home.tickets.find(ALICE.user_id, ticket_id) is None


@pytest.mark.parametrize("size", [0, 1, 5_000, 90_000, LIMIT - 2_000, LIMIT])
def test_a_parcel_is_never_too_large(size: int) -> None:
    content = picture(64)[:60] * (size // 60 + 1)
    parcel, entry = Parcel(LIMIT), Entry("füße/" + "x" * 40, content[:size])
    count = 0
    while parcel.fits(entry) and count < 50:
        parcel.add(Entry(f"{entry.path}{count}", entry.content))
        count += 1
    assert (count > 0) == fits_alone(entry, LIMIT)
    assert len(parcel.close()) <= LIMIT
