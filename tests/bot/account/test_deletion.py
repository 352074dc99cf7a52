"""Who asks for it is forgotten: no row and no key of Redis holds their id or their words; others play on."""

import zlib
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

import storage.bans
import storage.guilds
import storage.leaving
import storage.messages
from bot.account.deletion import JOB
from bot.characters.playing import load_played
from bot.errors import Busy, Invalid
from storage.database import Database
from storage.leaving import Holdings
from storage.tables import Table
from storage.vault import Place
from tests.bot.account.conftest import Home
from tests.bot.account.household import ALICE, TICKET

WORD = "planted"


async def delete(home: Home, *, times: int = 1) -> None:
    ticket_id = await home.tickets.keep(ALICE, TICKET)
    for _ in range(times):
        await home.deletion.run({"user": str(ALICE.user_id), "ticket": ticket_id})


async def readable(database: Database) -> dict[tuple[str, str], str]:
    """Every value of every table by table and row, opened as far as any key opens it."""
    found: dict[tuple[str, str], str] = {}
    async with database.transaction() as session:
        for table in Table.metadata.sorted_tables:
            rows = (await session.execute(sa.select(table))).all()
            sealed = [value for row in rows for value in row if isinstance(value, bytes)]
            await session.vault.load(session, sealed)
            for row in rows:
                pk = row[0]
                for column, value in zip(table.columns, row, strict=True):
                    told = str(value)
                    if isinstance(value, bytes) and table.name != "keys":
                        opened: bytes = session.opened(Place(table.name, column.key, pk), value) or b""
                        told = (zlib.decompress(opened) if table.name == "readings" and opened else opened).decode()
                    found[table.name, str(pk)] = found.get((table.name, str(pk)), "") + f" {column.key}={told}"
    return found


async def cached(home: Home) -> str:
    """All of Redis as one text."""
    client: Any = home.services.cache.client
    told = ""
    async for key in client.scan_iter(match=home.services.cache.key("*")):
        match await client.type(key):
            case b"string":
                value = await client.get(key)
            case b"list":
                value = await client.lrange(key, 0, -1)
            case other:
                raise AssertionError(f"{key} is a {other}: what may stand in it?")
        told += f"{key} {value} "
    return told


async def test_nothing_holds_their_id_or_words(home: Home) -> None:
    before = await readable(home.services.database)
    assert sum(WORD in each for each in before.values()) > 20
    assert sum(str(ALICE.user_id) in each for each in before.values()) > 10
    await home.services.usage.admit(user_id=ALICE.user_id, chat_id=None, guild_id=None)
    assert str(ALICE.user_id) in await cached(home)
    await delete(home)
    after = await readable(home.services.database)
    played = {key: told for key, told in after.items() if WORD in told}
    assert {table for table, _ in played} == {"characters", "character_versions", "search_words"}
    assert all("plantedplayed" in told or key[0] == "search_words" for key, told in played.items())
    assert "plantedalice" not in str(after)
    assert "plantednova" not in str(after)
    assert [key for key, told in after.items() if str(ALICE.user_id) in told] == []
    left = await cached(home)
    assert str(ALICE.user_id) not in left
    assert TICKET.token not in left


async def test_what_they_sealed_does_not_open_with_what_was_kept(home: Home) -> None:
    query = "SELECT id, wrapped FROM keys WHERE scope = 'user' AND subject = :id"
    ((key_id, _),) = await home.house.rows(query, id=str(ALICE.user_id))
    sealed = await home.house.rows("SELECT parts FROM messages WHERE id = :id", id=home.house.elsewhere.id)
    assert sealed[0][0][:16] == key_id.bytes
    await delete(home)
    assert await home.house.rows(query, id=str(ALICE.user_id)) == []
    async with home.services.database.transaction() as session:
        await session.vault.load(session, [sealed[0][0]])
        assert session.opened(Place("messages", "parts", home.house.elsewhere.id), sealed[0][0]) is None


async def test_the_scene_of_another_goes_on_without_their_words(home: Home) -> None:
    house = home.house
    await delete(home)
    async with house.database.transaction() as session:
        path = await storage.messages.list_path(session, tree_id=house.bobs.tree_id, leaf_id=house.answer.id, limit=9)
        played = await load_played(session, house.played)
    assert [(each.status, each.speaker.name, each.text) for each in path] == [
        ("complete", "Somebody", "An answer."),
        ("removed", "someone", ""),
        ("complete", "Somebody", "Bob begins."),
    ]
    assert path[1].author_user_id is None
    assert played is not None
    assert (played.card.first_mes, played.card.creator) == ("plantedgreeting", "")
    character = played.character
    assert (character.status, character.owner_user_id, character.owner_name) == ("deleted", None, "")
    assert await house.rows("SELECT id FROM chats") == [(house.bobs.id,)]
    assert await house.rows("SELECT count(*) FROM trees") == [(1,)]
    assert await house.rows("SELECT sum(prompt_tokens), max(user_id) FROM usage_days") == [(7, None)]
    assert await house.rows("SELECT count(*) FROM memories") == [(0,)]


async def test_their_posts_go_and_their_pictures(home: Home) -> None:
    house = home.house
    theirs = await house.rows(
        "SELECT discord_message_id FROM shown_messages JOIN messages ON messages.id = message_id"
        " WHERE author_user_id = :id",
        id=ALICE.user_id,
    )
    await delete(home)
    assert sorted(home.post.removed) == sorted(row[0] for row in theirs)
    nova, played, persona = house.pictures
    assert await house.avatars.read(nova) is None
    assert await house.avatars.read(persona) is None
    assert await house.avatars.read(played) is not None
    assert [row[0] for row in await house.rows("SELECT sha256 FROM files")] == [played]


async def test_a_ban_outlives_them(home: Home) -> None:
    await home.house.ban()
    await delete(home)
    assert await home.house.rows("SELECT user_id, reason FROM bans WHERE guild_id IS NULL") == [
        (ALICE.user_id, "Rude.")
    ]
    assert await home.house.rows("SELECT count(*) FROM users WHERE id = :id", id=ALICE.user_id) == [(0,)]
    async with home.house.database.transaction() as session:
        admission = await storage.guilds.find_admission(session, user_id=ALICE.user_id, guild_id=None)
        (banned,) = await storage.bans.list_bans(session, None)
    assert admission.banned_everywhere == "Rude."
    assert (banned.user_id, banned.username) == (ALICE.user_id, storage.bans.NAMELESS)


async def test_twice_is_once_and_half_is_taken_up_again(home: Home) -> None:
    async with home.house.database.transaction() as session:  # where a process died
        await storage.leaving.destroy_key(session, ALICE.user_id)
        await storage.leaving.end_chats(session, ALICE.user_id)
    home.house.database.vault.forget("user", ALICE.user_id)
    await home.deletion.run({"user": str(ALICE.user_id), "ticket": "gone-meanwhile"})
    assert "is deleted" in home.post.messages[0]
    await delete(home)
    assert "is deleted" in home.post.answers[-1]
    assert await home.house.rows("SELECT count(*) FROM chats") == [(1,)]


async def test_who_comes_back_begins_anew(home: Home) -> None:
    await delete(home)
    house = home.house
    line = await house.say(house.bobs, house.answer, "Here I am again.", ALICE)
    async with house.database.transaction() as session:
        found = await storage.messages.find_message(session, line.id)
    assert found is not None
    assert found.text == "Here I am again."
    ((key_id,),) = await house.rows("SELECT id FROM keys WHERE scope = 'user' AND subject = :id", id=str(ALICE.user_id))
    ((parts,),) = await house.rows("SELECT parts FROM messages WHERE id = :id", id=line.id)
    assert parts[:16] == key_id.bytes


async def test_the_question_counts(home: Home) -> None:
    assert await home.deletion.look(ALICE) == Holdings(
        characters=2, played_by_others=1, chats=1, said_elsewhere=1, said_by_others=1, servers=1, personas=1, books=1
    )


@pytest.mark.parametrize("typed", ["", "alice", "planted alice", "bob"])
async def test_only_who_types_their_name_means_it(home: Home, typed: str) -> None:
    with pytest.raises(Invalid, match="`plantedalice`"):
        await home.deletion.require_meant(ALICE, typed)


async def test_it_is_begun_once(home: Home) -> None:
    await home.deletion.require_meant(ALICE, " @PlantedAlice ")
    await home.deletion.begin(ALICE, TICKET)
    for question in (home.deletion.look(ALICE), home.deletion.require_meant(ALICE, "plantedalice")):
        with pytest.raises(Busy):
            await question
    ((payload,),) = await home.house.rows("SELECT payload FROM pgqueuer WHERE entrypoint = :job", job=JOB)
    assert orjson.loads(payload).keys() == {"user", "ticket"}
