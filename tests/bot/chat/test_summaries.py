"""The job that sums up what no prompt holds any more, on a real database and over the wire of a model server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

import storage.chats
import storage.guilds
import storage.jobs
import storage.memories
from bot.caller import Caller
from bot.characters.booking import Booked
from bot.chat.choices import ModelChoice
from bot.chat.memory import ELSEWHERE, FORGOTTEN, NO_WORDS, Memories
from bot.chat.recall import Recall
from bot.chat.stage import Place
from bot.chat.summaries import JOB, Summaries, sum_up_later
from bot.chat.summing import BY_HAND, Reach
from bot.errors import Invalid, NotFound, NotYours, Unavailable
from bot.llm import Llm, StandIns
from bot.usage import Usage
from storage.cache import Cache
from storage.chats import Chat
from storage.database import Database
from storage.ids import new_id
from storage.memories import Memory
from storage.messages import Message
from storage.rates import Rates
from tests.bot.chat.remembering import talk
from tests.scripted_model import Reply, ScriptedModel
from tests.storage.test_tree import ALICE, start

PLACE = Place(None, 1)
ALICE_HERE, BOB = Caller(ALICE, "alice", "Alice"), Caller(22, "bob", "Bob")
CHOICE = ModelChoice("scripted", context_tokens=4000, reply_tokens=200, history_limit=10, temperature=0.8)
EMBEDDER = "small-embedder"


@dataclass
class Desk:
    """A chat of 24 messages, a model, and what sums up."""

    database: Database
    model: ScriptedModel
    summaries: Summaries
    memories: Memories
    recall: Recall
    chat: Chat
    path: list[Message]

    def says(self, summary: str, *facts: str, **options: Any) -> Reply:
        """The model's next answer."""
        return self.model.says(orjson.dumps({"summary": summary, "facts": facts}).decode(), pause=0, **options)

    async def keep(self, to: Message) -> None:
        """The job."""
        await self.summaries.keep({"chat": str(self.chat.id), "to": str(to.id)})

    async def known(self, leaf: Message, *kinds: storage.memories.Kind) -> list[Memory]:
        async with self.database.transaction() as session:
            return await storage.memories.list_path_memories(
                session, tree_id=leaf.tree_id, leaf_id=leaf.id, kinds=kinds or ("summary", "fact")
            )

    async def texts(self, leaf: Message, *kinds: storage.memories.Kind) -> list[str]:
        return [each.text for each in await self.known(leaf, *kinds)]


@pytest.fixture
async def desk(database: Database, cache: Cache, embedder: str | None) -> AsyncIterator[Desk]:
    """What sums up; with embeddings where a test asks for them."""
    async with database.transaction() as session:
        made = await start(session)
        await storage.chats.place_chat(session, made.id, PLACE.channel_id)
        path = await talk(session, made, [f"Line {number}." for number in range(24)])
        chat = await storage.chats.find_chat(session, made.id)
    assert chat
    async with ScriptedModel() as model:
        llm = Llm(api_key="x", base_url=model.url, attempts=1)
        booked = Booked(database, Usage(database, Rates(cache, {})), StandIns(llm, ["scripted"]))
        recall = Recall(database, llm, embedder)
        yield Desk(database, model, Summaries(database, booked, CHOICE, recall), Memories(database), recall, chat, path)
        await llm.close()


@pytest.fixture
def embedder() -> str | None:
    """No embedding model; the tests that want one say so."""
    return None


async def test_what_is_unread_becomes_a_summary_and_facts_that_the_next_builds_on(desk: Desk) -> None:
    desk.says("They met at sea.", "The ship is called Gull.")
    await desk.keep(desk.path[11])
    assert await desk.texts(desk.path[11]) == ["They met at sea.", "The ship is called Gull."]
    assert {each.depth for each in await desk.known(desk.path[11])} == {11}
    assert "Nova: Line 0." in desk.model.prompt
    assert "Alice: Line 11." in desk.model.prompt
    assert "Line 12." not in desk.model.prompt
    assert desk.model.requests[0]["response_format"]["json_schema"]["strict"] is True

    # Done again there is nothing to do, nor is a little more worth a summary.
    await desk.keep(desk.path[11])
    await desk.keep(desk.path[20])
    assert len(desk.model.requests) == 1

    desk.says("They met at sea and parted.", "the ship is called GULL", "Nova fears cats.")
    await desk.keep(desk.path[21])
    assert "They met at sea." in desk.model.prompt
    assert "- The ship is called Gull." in desk.model.prompt
    assert "Line 11." not in desk.model.prompt
    assert await desk.texts(desk.path[23]) == [
        "They met at sea.", "The ship is called Gull.", "They met at sea and parted.", "Nova fears cats.",
    ]  # fmt: skip


async def test_it_is_booked_to_whoever_opened_the_chat(desk: Desk) -> None:
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    async with desk.database.transaction() as session:
        rows = await session.execute(sa.text("SELECT kind, user_id, prompt_tokens FROM usage_events"))
        assert [tuple(row) for row in rows] == [("memory", ALICE, 7)]


async def test_a_branch_has_its_own(desk: Desk) -> None:
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    async with desk.database.transaction() as session:
        other = await talk(session, desk.chat, [f"Elsewhere {number}." for number in range(12)], parent=desk.path[4])
    assert await desk.texts(other[-1]) == []
    desk.says("They stayed ashore.")
    await desk.keep(other[-1])
    assert "They met at sea." not in desk.model.prompt
    assert "Line 4." in desk.model.prompt
    assert "Line 5." not in desk.model.prompt
    assert await desk.texts(other[-1]) == ["They stayed ashore."]
    assert await desk.texts(desk.path[23]) == ["They met at sea."]


@pytest.mark.parametrize("said", ["I cannot help with that.", "", '{"facts": ["A."]}'])
async def test_garbage_is_not_kept_and_the_model_is_left_alone(desk: Desk, said: str) -> None:
    desk.model.says(said)
    await desk.keep(desk.path[11])
    await desk.keep(desk.path[23])
    assert await desk.texts(desk.path[23]) == []
    assert len(desk.model.requests) == 1


async def test_a_model_that_is_away_is_asked_again_later(desk: Desk) -> None:
    desk.model.says("", status=503)
    with pytest.raises(Unavailable):
        await desk.keep(desk.path[11])
    desk.says("They met at sea.")
    desk.summaries = Summaries(  # another process
        desk.database,
        desk.summaries._booked,
        CHOICE,
        desk.recall,  # pyright: ignore[reportPrivateUsage]
    )
    await desk.keep(desk.path[11])
    assert await desk.texts(desk.path[11]) == ["They met at sea."]


async def test_a_server_that_has_spent_its_budget_is_asked_nothing(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        await storage.guilds.save_settings(session, 70, storage.guilds.GuildSettings(tokens_a_day=100))
        await session.execute(sa.text("UPDATE chats SET guild_id = 70"))
    await desk.keep(desk.path[11])
    assert desk.model.requests == []


async def test_a_long_stretch_is_summed_up_piece_by_piece(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        long = await talk(session, desk.chat, ["word " * 600] * 20, parent=desk.path[23])
    for number in range(12):
        desk.says(f"Summary {number}.", f"Fact {number}.")
    await desk.keep(long[-1])
    summaries = [each for each in await desk.known(long[-1]) if each.kind == "summary"]
    assert len(summaries) > 2
    assert [each.text for each in summaries] == [f"Summary {number}." for number in range(len(summaries))]
    # What is left over is less than is worth a summary.
    assert long[-1].depth - summaries[-1].depth < 10
    assert "Summary 0." in str(desk.model.requests[1]["messages"])


async def test_a_chat_that_is_gone_or_a_message_of_another_tree_is_left_alone(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        other = await start(session)
        stranger = await talk(session, other, ["Hello."] * 12)
    await desk.keep(stranger[-1])
    await desk.summaries.keep({"chat": str(new_id()), "to": str(desk.path[11].id)})
    assert desk.model.requests == []


async def test_the_job_is_enqueued_once_a_chat(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        for place in (11, 13):
            await sum_up_later(session, desk.chat, Reach(desk.path[place].id, place))
        tallies = await storage.jobs.count_by_name(session)
    assert [(each.name, each.waiting) for each in tallies] == [(JOB, 1)]


# --- by hand ----------------------------------------------------------------------------------------


async def test_what_a_person_corrects_is_what_the_next_summary_is_built_from(desk: Desk) -> None:
    desk.says("They met at sea.", "The ship is called Gull.")
    await desk.keep(desk.path[11])
    summary, fact = await desk.known(desk.path[11])
    await desk.memories.correct(ALICE_HERE, PLACE, summary.id, "They met in a tavern.")
    await desk.memories.correct(ALICE_HERE, PLACE, fact.id, " The ship is called Heron. ")
    desk.says("They met in a tavern and sailed.")
    await desk.keep(desk.path[21])
    assert BY_HAND in desk.model.prompt
    assert "They met in a tavern." in desk.model.prompt
    assert "They met at sea." not in desk.model.prompt
    assert "- The ship is called Heron." in desk.model.prompt


async def test_what_is_corrected_while_the_model_writes_is_not_lost(desk: Desk) -> None:
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    (summary,) = await desk.known(desk.path[11])
    held = desk.says("They met at sea and sailed.", hold_after=1)
    desk.says("They met in a tavern and sailed.")
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.keep(desk.path[21]))
        while len(desk.model.requests) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await desk.memories.correct(ALICE_HERE, PLACE, summary.id, "They met in a tavern.")
        held.release()
    assert await desk.texts(desk.path[21]) == ["They met in a tavern.", "They met in a tavern and sailed."]


async def test_who_opened_the_chat_changes_what_is_remembered_and_others_read_it(desk: Desk) -> None:
    desk.says("They met at sea.", "The ship is called Gull.")
    await desk.keep(desk.path[11])
    _, fact = await desk.known(desk.path[11])
    seen = await desk.memories.look(BOB, PLACE)
    assert (seen.may_change, seen.length, seen.known.depth) == (False, 24, 11)
    for refused in (
        desk.memories.correct(BOB, PLACE, fact.id, "x"),
        desk.memories.forget(BOB, PLACE, fact.id),
        desk.memories.add_fact(BOB, PLACE, "x"),
        desk.memories.find(BOB, PLACE, fact.id),
        desk.memories.require_changing(BOB, PLACE),
    ):
        with pytest.raises(NotYours, match="can change what is remembered"):
            await refused
    await desk.memories.forget(ALICE_HERE, PLACE, fact.id)
    with pytest.raises(NotFound, match=FORGOTTEN[:20]):
        await desk.memories.forget(ALICE_HERE, PLACE, fact.id)
    with pytest.raises(Invalid, match=NO_WORDS[:20]):
        await desk.memories.add_fact(ALICE_HERE, PLACE, "  ")
    with pytest.raises(Invalid, match="501 letters; 500 fit"):
        await desk.memories.add_fact(ALICE_HERE, PLACE, "a" * 501)
    assert await desk.texts(desk.path[23]) == ["They met at sea."]


async def test_what_belongs_to_another_branch_is_not_changed_from_here(desk: Desk) -> None:
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    (summary,) = await desk.known(desk.path[11])
    async with desk.database.transaction() as session:
        await talk(session, desk.chat, ["Elsewhere."], parent=desk.path[4])
    with pytest.raises(NotFound, match=ELSEWHERE[:20]):
        await desk.memories.correct(ALICE_HERE, PLACE, summary.id, "x")
    assert (await desk.memories.look(ALICE_HERE, PLACE)).known.summary is None


async def test_a_fact_by_hand_stays_when_the_reply_is_written_anew(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        await storage.chats.move_leaf(session, chat_id=desk.chat.id, leaf_id=desk.path[22].id)
    await desk.memories.add_fact(ALICE_HERE, PLACE, "Nova fears cats.")
    (fact,) = await desk.known(desk.path[22])
    assert (fact.written_by, fact.depth) == ("person", 21)


# --- by meaning -------------------------------------------------------------------------------------


@pytest.mark.parametrize("embedder", [EMBEDDER])
async def test_passages_are_embedded_and_nothing_twice(desk: Desk) -> None:
    if not await desk.recall.is_ready():
        pytest.skip("this server has no pgvector")
    desk.model.meanings = {"Line 0.": [1, 0, 0]}
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    passages = await desk.known(desk.path[11], "passage")
    assert [each.text for each in passages] == desk.model.embedded
    assert "\n".join(desk.model.embedded).count("Line ") == 12
    (summary,) = await desk.known(desk.path[11])
    # Forgotten, the same stretch is summed up anew; its passages are there.
    await desk.memories.forget(ALICE_HERE, PLACE, summary.id)
    desk.says("They met at sea.")
    await desk.keep(desk.path[11])
    assert await desk.known(desk.path[11], "passage") == passages
    async with desk.database.transaction() as session:
        found = await storage.memories.recall(
            session, tree_id=desk.chat.tree_id, leaf_id=desk.path[23].id, embedding=[1, 0, 0], model=EMBEDDER, limit=3
        )
    assert [each.memory.id for each in found] == [each.id for each in passages]


@pytest.mark.parametrize("embedder", [EMBEDDER])
async def test_an_embedding_model_that_is_away_costs_no_memory(desk: Desk) -> None:
    if not await desk.recall.is_ready():
        pytest.skip("this server has no pgvector")
    desk.model.embedding_status = 503
    desk.says("They met at sea.")
    with pytest.raises(Unavailable):
        await desk.keep(desk.path[11])
    assert await desk.texts(desk.path[11]) == ["They met at sea."]
    desk.model.embedding_status = 200
    await desk.keep(desk.path[11])
    assert desk.model.embedded
    assert len(desk.model.requests) == 1
