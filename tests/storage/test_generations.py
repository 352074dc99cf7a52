"""Who may write: fences, leases, and the statements that take one from another."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

import storage.chats
import storage.generations
import storage.messages
import storage.turns
from storage.chats import Chat
from storage.database import Database, Session
from storage.generations import LEASE, Generation
from storage.ids import new_id
from storage.messages import Speaker
from tests.storage.test_tree import start


async def begin(session: Session, chat: Chat, *, owner: str = "first") -> Generation:
    """A reply that is being written."""
    greeting = await storage.messages.add_message(
        session,
        message_id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent=None,
        role="character",
        speaker=Speaker("Wake"),
        text="Hello.",
        status="complete",
    )
    assert greeting
    return await storage.turns.begin_reply(
        session,
        chat,
        generation_id=new_id(),
        parent=greeting,
        kind="reply",
        character_id=None,
        speaker=Speaker("Wake"),
        text="",
        owner=owner,
    )


async def run_out(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(sa.text("UPDATE generations SET lease_until = now() - interval '1 s'"))


async def take(database: Database, expired: Generation, owner: str) -> Generation | None:
    async with database.transaction() as session:
        return await storage.generations.take_over(session, expired, owner)


async def finish(database: Database, generation: Generation) -> str:
    async with database.transaction() as session:
        return await storage.generations.finish(session, generation)


@pytest.fixture
async def writing(database: Database) -> Generation:
    async with database.transaction() as session:
        return await begin(session, await start(session))


async def test_a_writer_ends_its_generation_once_and_may_ask_again(database: Database, writing: Generation) -> None:
    assert await finish(database, writing) == "now"
    assert await finish(database, writing) == "before"
    async with database.transaction() as session:
        await storage.generations.release(session, writing)
    assert await finish(database, writing) == "never"


async def test_one_of_many_takes_over_and_the_fence_shuts_the_others_out(
    database: Database, writing: Generation
) -> None:
    assert await take(database, writing, "early") is None
    await run_out(database)
    taken = await asyncio.gather(*(take(database, writing, f"sweeper {number}") for number in range(4)))
    (mine,) = [each for each in taken if each is not None]
    assert mine.fence is not None
    assert writing.fence is not None
    assert mine.fence > writing.fence
    assert await finish(database, writing) == "never"
    assert await finish(database, mine) == "now"
    async with database.transaction() as session:
        chat = await storage.chats.find_chat(session, writing.chat_id)
    assert chat
    assert chat.fence == mine.fence


async def test_who_takes_over_learns_what_happened_since_it_looked(database: Database, writing: Generation) -> None:
    async with database.transaction() as session:
        await storage.generations.request_stop(session, writing.id)
    assert await finish(database, writing) == "now"
    await run_out(database)
    mine = await take(database, writing, "sweeper")
    assert mine
    assert (mine.is_done, mine.stop_requested) == (True, True)


async def test_leases_are_renewed_for_their_owner_alone(database: Database, writing: Generation) -> None:
    async with database.transaction() as session:
        assert await storage.generations.renew_leases(session, "first", [writing.id]) == {writing.id: False}
        assert await storage.generations.renew_leases(session, "other", [writing.id]) == {}
        await storage.generations.give_up(session, "first")
    async with database.transaction() as session:
        assert await storage.generations.renew_leases(session, "first", [writing.id]) == {}
        assert [each.id for each in await storage.generations.list_expired(session)] == [writing.id]


async def test_a_lease_runs_from_when_it_was_written_not_from_when_its_transaction_began(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        await session.execute(sa.text("SELECT pg_sleep(0.3)"))  # as long as others hold the chat's row
        begun = await begin(session, chat)
        left = sa.text("SELECT extract(epoch FROM lease_until - now()) FROM generations WHERE id = :id")
        seconds = float((await session.execute(left, {"id": begun.id})).scalar_one())
    assert seconds > LEASE.total_seconds() + 0.25


@pytest.mark.parametrize(
    ("state", "orphaned"), [("streaming", False), ("done", False), ("released", True), ("fresh", False)]
)
async def test_what_waits_is_orphaned_once_nobody_writes(
    database: Database, writing: Generation, state: str, orphaned: bool
) -> None:
    async with database.transaction() as session:
        answers = writing.reply_id
        assert answers
        await storage.generations.queue(session, generation_id=new_id(), chat_id=writing.chat_id, answers_id=answers)
        await storage.generations.queue(session, generation_id=new_id(), chat_id=writing.chat_id, answers_id=answers)
        assert await storage.generations.count_queued(session) == 1
        if state != "streaming":
            await storage.generations.finish(session, writing)
        if state in ("released", "fresh"):
            await storage.generations.release(session, writing)
        if state != "fresh":
            await session.execute(sa.text("UPDATE generations SET created_at = now() - interval '6 s'"))
    async with database.transaction() as session:
        assert await storage.generations.list_orphaned_queues(session) == ([writing.chat_id] if orphaned else [])


async def test_a_foreign_fence_releases_nothing(database: Database, writing: Generation) -> None:
    assert await finish(database, writing) == "now"
    async with database.transaction() as session:
        await storage.generations.release(session, replace(writing, fence=99))
        chat = await storage.chats.find_chat(session, writing.chat_id)
    assert chat
    assert chat.is_unsettled
