"""What people write is ciphertext wherever it is kept: in the database, and in the cache while it is written."""

from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
import pytest
from structlog.testing import capture_logs

import storage.personas
import storage.users
from storage.cache import Cache
from storage.database import Database
from storage.ids import new_id
from storage.personas import Persona
from tests.theatre import Theatre

CARD_FIELDS = {
    "description": "plantedindescription",
    "personality": "plantedinpersonality",
    "scenario": "plantedinscenario",
    "first_mes": "plantedingreeting",
    "mes_example": "plantedinexample",
    "system_prompt": "plantedinsystem",
    "post_history_instructions": "plantedinposthistory",
    "creator_notes": "plantedinnotes",
    "creator": "plantedincreator",
    "character_version": "plantedinversion",
    "alternate_greetings": ["plantedinalternate"],
    "extensions": {"depth_prompt": {"prompt": "plantedindepth"}, "other": "plantedinextension"},
    "character_book": {"entries": [{"keys": ["plantedinkey"], "content": "plantedinlore"}]},
    "unknown_field": "plantedinunknown",
}
READABLE = {"name": "Readablename", "nickname": "Readablenick", "tags": ["readabletag"]}


async def dump(url: str) -> bytes:
    """Every column of every row of every table, as bytes."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: list[bytes] = []
        for table in tables:
            for row in await connection.fetch(f'SELECT * FROM "{table["tablename"]}"'):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
        return b"\n".join(found)
    finally:
        await connection.close()


async def dump_cache(cache: Cache, prefix: str) -> bytes:
    """Every key and value under our prefix: strings, streams, and the counts of who asked how often."""
    found: list[bytes] = []
    async for key in cache.client.scan_iter(f"{prefix}:*"):
        kind = await cache.client.type(key)
        match kind:
            case b"stream":
                value: object = await cache.client.xrange(key)
            case b"zset":
                value = await cache.client.zrange(key, 0, -1)
            case b"list":
                value = await cache.client.lrange(key, 0, -1)
            case b"hash":
                value = await cache.client.hgetall(key)
            case b"set":
                value = await cache.client.smembers(key)
            case _:
                value = await cache.client.get(key)
        found.append(repr((key, value)).encode())
    return b"\n".join(found)


async def test_planted_words_are_in_no_dump(
    theatre: Theatre,
    database: Database,
    database_url: str,
    cache: Cache,
    cache_prefix: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with capture_logs() as logged:
        await play_with_planted_words(theatre, database, database_url, cache, cache_prefix)
    assert "generation.finished" in {line["event"] for line in logged}
    lines = "\n".join(map(repr, logged)) + caplog.text + "".join(capfd.readouterr())
    assert "planted" not in lines.lower()


async def play_with_planted_words(
    theatre: Theatre, database: Database, database_url: str, cache: Cache, cache_prefix: str
) -> None:
    alice = theatre.alice
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": READABLE | CARD_FIELDS}
    preview = await alice.slash("character import", file=("card.json", orjson.dumps(card)))
    imported = await dump_cache(cache, cache_prefix)
    await preview.click("Save as draft")
    await alice.sees("Version 1")
    thread = await theatre.chat_with("Readablename")
    async with database.transaction() as session:
        persona = Persona(new_id(), "plantedpersonaname", "plantedpersonadescription")
        await storage.users.touch_user(session, alice.id, "alice")
        await storage.personas.add_persona(session, owner_id=alice.id, persona=persona)
        await storage.personas.use_persona(
            session, chat_id=await _chat_of(database_url, thread.id), user_id=alice.id, persona_id=persona.id
        )
    held = theatre.model.says("plantedreply goes on and plantedend", hold_after=3)
    await alice.say("plantedsaying")
    await alice.sees("plantedreply goes on")
    streaming = await dump_cache(cache, cache_prefix)
    held.release()
    await theatre.reply("plantedend")
    assert "plantedpersonaname" in theatre.model.prompt
    assert "plantedpersonadescription" in theatre.model.prompt

    await alice.slash("chat rename", title="plantedtitle")
    await alice.slash("chat narrate", text="plantednarration")
    theatre.model.says("planteddraft")
    drafted = await alice.slash("chat draft", hint="plantedhint")
    assert "planteddraft" in drafted.text
    kept = await dump_cache(cache, cache_prefix)
    stored = await dump(database_url)
    assert b"b't'" in streaming  # the stream was there to be looked at
    assert imported
    for where, content in {"database": stored, "stream": streaming, "preview": imported, "draft": kept}.items():
        assert b"planted" not in content.lower(), where
    assert b"Readablename" in stored
    assert b"readabletag" in stored


async def test_the_master_key_is_nowhere_in_the_data_directory(
    theatre: Theatre, master_key: str, tmp_path: Path
) -> None:
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert master_key.encode() not in path.read_bytes(), path


async def _chat_of(url: str, place_id: int) -> UUID:
    connection = await asyncpg.connect(url)
    try:
        found: UUID = await connection.fetchval("SELECT id FROM chats WHERE place_id = $1", place_id)
        return found
    finally:
        await connection.close()
