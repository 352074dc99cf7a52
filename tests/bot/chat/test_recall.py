"""Recall: with an embedding model older passages come to mind, and a reply never waits for one that is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import sqlalchemy as sa

import storage.chats
import storage.jobs
import storage.messages
from bot.chat.recall import SECONDS
from bot.chat.summaries import JOB
from bot.services import Services
from bot.telemetry import set_up_logs
from storage.database import Database
from tests.bot.chat.board import ALICE, PLACE, World
from tests.bot.chat.remembering import talk
from tests.theatre import until

SUMMARY = orjson.dumps({"summary": "They sailed.", "facts": ["The ship is called Gull."]}).decode()
RECALLED = "Passages from earlier that may matter now:"
WHALE, STARS = "A whale sang. " * 30, "The stars were green. " * 20


@asynccontextmanager
async def sailing(world: World, database: Database, **changes: Any) -> AsyncIterator[Services]:
    """A chat in which a whale sang long ago, under green stars; two messages are read back."""
    given = {"history_limit": 2, "embedding_model": "embedder", "fallback_models": ""} | changes
    world.model.meanings = {"whale": [1, 0, 0], "stars": [0, 1, 0]}
    async with world.process(**given) as services:
        await world.open_chat(services)
        async with database.transaction() as session:
            chat = await storage.chats.find_open_chat(session, PLACE.id)
            assert chat
            assert chat.leaf_id
            greeting = await storage.messages.find_message(session, chat.leaf_id)
            path = await talk(
                session, chat, ["Hello.", WHALE, "Oh.", STARS, *["So it goes on."] * 8], greeting, user_id=ALICE.user_id
            )
        assert path[-1].depth == 12
        yield services


async def reply_to(world: World, services: Services, text: str, answer: str) -> str:
    """Somebody says something, and the model answers; what it read."""
    world.model.says(answer, pause=0)
    asked = len(world.model.requests)
    await world.say(services, text)
    await until(lambda: world.board.posts[-1].is_over and answer in world.board.posts[-1].text)
    return "\n".join(each["content"] for each in world.model.requests[asked]["messages"])


async def sum_up(world: World, services: Services, database: Database) -> None:
    """Has the job done that waits."""
    world.model.says(SUMMARY, pause=0)
    services.jobs.open()
    async with asyncio.timeout(5):
        while await waiting(database):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def waiting(database: Database) -> int:
    async with database.transaction() as session:
        tallies = await storage.jobs.count_by_name(session)
    return sum(each.waiting + each.running for each in tallies if each.name == JOB)


async def test_what_was_said_last_brings_older_passages_to_mind(world: World, database: Database) -> None:
    async with sailing(world, database) as services:
        told = await reply_to(world, services, "I hear a whale.", "So do I.")
        assert RECALLED not in told
        assert not world.model.embedded  # nothing is remembered yet, and so nothing is looked for
        await sum_up(world, services, database)
        assert [text for text in world.model.embedded if "whale" in text]
        told = await reply_to(world, services, "Is that the whale?", "It is.")
        assert "They sailed." in told
        assert "- The ship is called Gull." in told
        assert told.index(RECALLED) < told.index("A whale sang.") < told.index("Is that the whale?")
        assert world.model.embedded[-1] == "Alice: Is that the whale?"
    async with database.transaction() as session:
        columns = "kind, (SELECT embedding_model FROM memories WHERE kind = 'passage' LIMIT 1)"
        rows = await session.execute(sa.text(f"SELECT DISTINCT {columns} FROM memories ORDER BY kind"))
        assert [tuple(row) for row in rows] == [(kind, "embedder") for kind in ("fact", "passage", "summary")]
        dump = await session.execute(sa.text("SELECT row_to_json(memories)::text FROM memories"))
        assert not any(word in str(dump.all()) for word in ("whale", "sailed", "Gull"))


async def test_what_is_read_anyway_does_not_come_to_mind_too(world: World, database: Database) -> None:
    async with sailing(world, database) as services:
        await reply_to(world, services, "I hear a whale.", "So do I.")
        await sum_up(world, services, database)
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE chats SET settings = settings || '{\"history_limit\": 30}'"))
        told = await reply_to(world, services, "Is that the whale?", "It is.")
        assert told.count(WHALE.strip()) == 1
        assert RECALLED not in told


async def test_an_embedding_model_that_is_away_is_asked_once_and_keeps_nobody_waiting(
    world: World, database: Database, capsys: Any
) -> None:
    set_up_logs("text")
    async with sailing(world, database) as services:
        await reply_to(world, services, "I hear a whale.", "So do I.")
        await sum_up(world, services, database)
        world.model.embedding_status = 503
        loop = asyncio.get_running_loop()
        began = loop.time()
        for text in ("Is that the whale?", "And the stars?"):
            told = await reply_to(world, services, text, f"Answer to: {text}")
            assert RECALLED not in told
            assert "They sailed." in told
        assert loop.time() - began < SECONDS + 2
    assert capsys.readouterr().err.count("recall.unavailable") == 1


async def test_without_an_embedding_model_nothing_is_embedded(world: World, database: Database) -> None:
    async with sailing(world, database, embedding_model="") as services:
        await reply_to(world, services, "I hear a whale.", "So do I.")
        await sum_up(world, services, database)
        told = await reply_to(world, services, "Is that the whale?", "It is.")
        assert "They sailed." in told
    assert not world.model.embedded
    async with database.transaction() as session:
        assert not await session.scalar(sa.text("SELECT count(*) FROM memories WHERE kind = 'passage'"))


async def test_a_scene_of_which_little_is_unread_is_not_summed_up(world: World, database: Database) -> None:
    async with sailing(world, database, history_limit=7) as services:
        await reply_to(world, services, "Hello?", "Good day.")
        assert not await waiting(database)
