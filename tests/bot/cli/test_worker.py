"""`python -m bot worker`: does jobs beside the bot, and what a killed one held is done by another."""

import asyncio
import signal
import socket
from pathlib import Path
from uuid import UUID

import aiohttp
import asyncpg
import pytest

import storage.chats
import storage.jobs
import storage.messages
from bot.__main__ import main
from bot.chat.titles import JOB
from playground import Playground
from storage.database import Database
from storage.ids import new_id
from storage.messages import Speaker
from tests.program import environment, spawn
from tests.scripted_model import ScriptedModel
from tests.theatre import until

WORDS = "I knock on the door of the lighthouse."


async def add_played_chat(database: Database, *, guild_id: int, channel_id: int, thread_id: int, owner_id: int) -> UUID:
    """A chat with one saying in it, as the bot would have left it."""
    chat_id = new_id()
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("INSERT INTO users (id, username) VALUES ($1, 'alice')", (owner_id,))
        await connection.exec_driver_sql("INSERT INTO guilds (id) VALUES ($1)", (guild_id,))
        character_id = new_id()
        await connection.exec_driver_sql(
            "INSERT INTO characters (id, owner_user_id, name) VALUES ($1, $2, 'Cue')", (character_id, owner_id)
        )
        chat = await storage.chats.add_chat(
            session,
            chat_id=chat_id,
            owner_id=owner_id,
            guild_id=guild_id,
            channel_id=channel_id,
            character_id=character_id,
            title="Cue",
            interaction_id=None,
        )
        assert chat
        said = await storage.messages.add_message(
            session,
            message_id=new_id(),
            tree_id=chat.tree_id,
            chat_id=chat_id,
            parent=None,
            role="person",
            author_user_id=owner_id,
            speaker=Speaker("Alice"),
            text=WORDS,
            status="complete",
        )
        assert said
        await storage.chats.place_chat(session, chat_id, thread_id)
        await storage.chats.move_leaf(session, chat_id=chat_id, leaf_id=said.id)
        await storage.jobs.enqueue(session, JOB, {"chat": str(chat_id)}, once=f"title:{chat_id}")
    return chat_id


@pytest.mark.long
async def test_what_a_killed_worker_held_another_does(
    database: Database, database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        alice = playground.add_person("alice", guilds=[guild]).at(tavern)
        thread = await alice.start_thread("Cue")
        told = environment(
            playground,
            model.url,
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            CACHE_PREFIX=cache_prefix,
            MASTER_KEYS=master_key,
            CHAT_TITLES="true",
        )
        model.says("Never to be heard", hold_after=0)
        model.says("Knocking at the Lighthouse", pause=0)
        await add_played_chat(database, guild_id=guild.id, channel_id=tavern.id, thread_id=thread.id, owner_id=alice.id)
        log = tmp_path / "worker.log"
        first = await spawn(told, "worker", log=log)
        await until(lambda: len(model.requests) == 1, within=30)
        first.kill()
        await first.wait()
        connection = await asyncpg.connect(database_url)
        assert await connection.execute("UPDATE pgqueuer SET heartbeat = now() - interval '1 minute'") == "UPDATE 1"
        second = await spawn(told | {"METRICS_PORT": str(port), "JOBS_AT_ONCE": "0"}, "worker", log=log)
        await until(lambda: thread.name == "Knocking at the Lighthouse", within=30)
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/readyz") as ready:
            assert (ready.status, await ready.text()) == (200, "ready\n")
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 10) == 0
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
        await connection.close()
        assert len(model.requests) == 2
        assert not playground.gateway.shards
    logged = log.read_text()
    assert "Traceback" not in logged
    assert "lighthouse" not in logged.lower()
    assert playground.violations == []


def test_without_a_token_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.__main__.set_up_logs", lambda *_, **__: None)
    monkeypatch.setenv("DISCORD_TOKEN", "")
    assert main(["worker"]) == 1
    assert "DISCORD_TOKEN is not set" in capsys.readouterr().err
