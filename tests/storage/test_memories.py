"""Memories: each branch has its own, people may correct them, and passages are found by meaning."""

from collections.abc import AsyncIterator
from typing import get_args
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

import storage.branches
import storage.chats
import storage.memories
from storage.database import Database, Session, engine_url
from storage.memories import Kind, Memory
from storage.messages import Message
from tests.storage.test_events import grow
from tests.storage.test_tree import say, start

MODEL = "small-embedder"


async def remember(session: Session, message: Message, text: str, kind: Kind = "fact") -> UUID:
    return await storage.memories.add_memory(
        session, tree_id=message.tree_id, message_id=message.id, kind=kind, text=text
    )


async def of_path(session: Session, leaf: Message, *kinds: Kind) -> list[str]:
    given = {"kinds": kinds} if kinds else {}
    found = await storage.memories.list_path_memories(session, tree_id=leaf.tree_id, leaf_id=leaf.id, **given)
    return [memory.text for memory in found]


async def test_a_branch_has_its_own_memories_oldest_first(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        root, middle, left = await grow(session, chat, 3)
        (right,) = await grow(session, chat, 1, parent=middle)
        await remember(session, left, "left")
        await remember(session, middle, "both", "summary")
        await remember(session, right, "right", "passage")
        await remember(session, middle, "both too")
        assert await of_path(session, root) == []
        assert await of_path(session, middle) == ["both", "both too"]
        assert await of_path(session, left) == ["both", "both too", "left"]
        assert await of_path(session, right) == ["both", "both too", "right"]
        assert await of_path(session, right, "summary", "passage") == ["both", "right"]


TREES = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2)), min_size=1, max_size=9)


@given(TREES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_path_has_the_memories_of_its_messages_and_no_others(
    database: Database, tree: list[tuple[int, int]]
) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        messages: list[Message] = []
        known: list[list[str]] = []
        for number, (under, count) in enumerate(tree):
            above = under % number if number else None
            message = await say(session, chat, None if above is None else messages[above], "…")
            assert message
            texts = [f"{number}.{each}" for each in range(count)]
            for text in texts:
                await remember(session, message, text)
            messages.append(message)
            known.append([*(known[above] if above is not None else ()), *texts])
        assert [await of_path(session, message) for message in messages] == known


async def test_a_person_corrects_and_forgets(database: Database) -> None:
    async with database.transaction() as session:
        (message,) = await grow(session, await start(session), 1)
        memory_id = await remember(session, message, "The ship is called Gull.", "passage")
        memory = await storage.memories.find_memory(session, memory_id)
        assert memory
        assert (memory.text, memory.written_by, memory.message_id) == ("The ship is called Gull.", "model", message.id)
        assert await storage.memories.embed_memory(session, memory, [1.0, 0.0], model=MODEL)
        assert await storage.memories.correct_memory(session, memory_id, "The ship is called Heron.")
        corrected = await storage.memories.find_memory(session, memory_id)
        assert corrected
        assert (corrected.text, corrected.written_by) == ("The ship is called Heron.", "person")
        # What had been computed of the old words is gone, and what comes late of it is not kept.
        assert await unembedded(session, message) == ["The ship is called Heron."]
        assert not await storage.memories.embed_memory(session, memory, [1.0, 0.0], model=MODEL)
        assert await storage.memories.forget_memory(session, memory_id)
        assert not await storage.memories.forget_memory(session, memory_id)
        assert not await storage.memories.correct_memory(session, memory_id, "Too late.")
        assert await storage.memories.find_memory(session, memory_id) is None


async def test_words_that_are_removed_are_not_remembered_either(database: Database) -> None:
    async with database.transaction() as session:
        path = await grow(session, await start(session), 3)
        await remember(session, path[0], "before")
        by_hand = await remember(session, path[1], "by a model")
        await storage.memories.correct_memory(session, by_hand, "by hand")
        for kind in get_args(Kind):
            await remember(session, path[2], f"a {kind}", kind)
        await storage.branches.remove_words(session, path[1])
        assert await of_path(session, path[2]) == ["before", "by hand"]


async def unembedded(session: Session, message: Message, model: str = MODEL, limit: int = 9) -> list[str]:
    found = await storage.memories.list_unembedded(session, message.tree_id, model=model, limit=limit)
    return [memory.text for memory in found]


async def test_passages_wait_for_the_model_that_embeds_them(database: Database) -> None:
    async with database.transaction() as session:
        (message,) = await grow(session, await start(session), 1)
        await remember(session, message, "a fact")
        for text in ("one", "two", "three"):
            await remember(session, message, text, "passage")
        first, *_ = await storage.memories.list_unembedded(session, message.tree_id, model=MODEL, limit=1)
        assert await storage.memories.embed_memory(session, first, [0.5], model=MODEL)
        assert await unembedded(session, message) == ["two", "three"]
        assert await unembedded(session, message, limit=1) == ["two"]
        assert await unembedded(session, message, model="another") == ["one", "two", "three"]


async def test_words_are_sealed_and_memories_go_with_the_last_chat_of_their_tree(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        (message,) = await grow(session, chat, 1)
        assert chat.character_id
        fork = await storage.chats.add_chat(
            session,
            chat_id=uuid4(),
            owner_id=chat.owner_id,
            guild_id=None,
            channel_id=2,
            character_id=chat.character_id,
            title="A fork",
            interaction_id=None,
            fork_of=chat,
            leaf_id=message.id,
        )
        assert fork
        await remember(session, message, "a secret")
        assert b"a secret" not in (await session.execute(sa.text("SELECT text FROM memories"))).scalar_one()
        await storage.chats.delete_chat(session, chat)
        assert await of_path(session, message) == ["a secret"]
        await storage.chats.delete_chat(session, fork)
        assert await session.scalar(sa.text("SELECT count(*) FROM memories")) == 0


async def test_a_memory_of_a_message_in_another_tree_is_impossible(database: Database) -> None:
    async with database.transaction() as session:
        (here,), (there,) = await grow(session, await start(session), 1), await grow(session, await start(session), 1)
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await storage.memories.add_memory(
                session, tree_id=there.tree_id, message_id=here.id, kind="fact", text="astray"
            )


@pytest.fixture
async def recalling(database: Database) -> Database:
    """A database in which passages can be compared."""
    if not await storage.memories.enable_recall(database):
        pytest.skip("this server has no pgvector")
    return database


async def passage(session: Session, message: Message, text: str, embedding: list[float], model: str = MODEL) -> None:
    memory = await storage.memories.find_memory(session, await remember(session, message, text, "passage"))
    assert memory
    assert await storage.memories.embed_memory(session, memory, embedding, model=model)


async def test_the_nearest_passages_of_the_path_come_to_mind(recalling: Database) -> None:
    assert await storage.memories.enable_recall(recalling)  # a second time does no harm
    async with recalling.transaction() as session:
        chat = await start(session)
        root, here = await grow(session, chat, 2)
        (there,) = await grow(session, chat, 1, parent=root)
        await passage(session, root, "north-east", [1.0, 1.0])
        await passage(session, here, "east", [0.0, 3.0])
        await passage(session, here, "south", [-1.0, 0.0])
        await passage(session, here, "nowhere", [0.0, 0.0])
        await passage(session, there, "north, on the other branch", [1.0, 0.0])
        await passage(session, here, "north, by another model", [1.0, 0.0], model="another")
        await passage(session, here, "north, in three dimensions", [1.0, 0.0, 0.0])
        await remember(session, here, "not embedded", "passage")
        asked = {"tree_id": chat.tree_id, "leaf_id": here.id, "embedding": [2.0, 0.0], "model": MODEL}
        found = await storage.memories.recall(session, **asked, limit=9)
        nearest = await storage.memories.recall(session, **asked, limit=1)
    assert [each.memory.text for each in found] == ["north-east", "east", "south", "nowhere"]
    assert [each.distance for each in found[:3]] == pytest.approx([1 - 0.5**0.5, 1, 2], abs=1e-6)
    assert nearest == found[:1]
    assert isinstance(nearest[0].memory, Memory)


@pytest.fixture
async def humble(database: Database, database_url: str) -> AsyncIterator[Database]:
    """The same database, as somebody who may install nothing in it."""
    role = f"humble_{uuid4().hex}"
    async with database.transaction() as session:
        if not await session.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            pytest.skip("this user can make no other")
        await session.execute(sa.text(f"CREATE ROLE {role}"))
    engine = create_async_engine(engine_url(database_url), connect_args={"server_settings": {"role": role}})
    yield Database(engine, database.vault)
    await engine.dispose()
    async with database.transaction() as session:
        await session.execute(sa.text(f"DROP ROLE {role}"))


async def test_without_pgvector_there_is_no_recall_and_no_error(humble: Database) -> None:
    assert not await storage.memories.enable_recall(humble)
