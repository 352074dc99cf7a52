"""Proposals of the model: who may ask, what is kept, and what becomes of slow and broken answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

import storage.characters
import storage.guilds
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.changes import Change
from bot.characters.enhancing import Enhancer
from bot.characters.previews import Previews
from bot.errors import Busy, Invalid, NotFound, NotYours, Unavailable
from bot.llm import Llm
from bot.usage import Usage
from storage.cache import Cache
from storage.characters import Character
from storage.database import Database
from storage.files import FileStore
from storage.guilds import GuildSettings
from storage.locks import Locks
from storage.rates import Rates
from storage.views import Views
from tests.scripted_model import ScriptedModel

ALICE, BOB = Caller(1, "alice", "Alice"), Caller(2, "bob", "Bob")
WORDS = "Nova is a star that fell. She likes {{user}}."
BETTER = "Nova is a star that fell. She adores {{user}}."


@pytest.fixture
async def model() -> AsyncIterator[ScriptedModel]:
    """The model server."""
    async with ScriptedModel() as model:
        yield model


@pytest.fixture
async def characters(database: Database, tmp_path: Path) -> Characters:
    """The catalogue."""
    return Characters(database, Avatars(database, FileStore(tmp_path)))


@pytest.fixture
async def enhancer(
    database: Database, cache: Cache, characters: Characters, model: ScriptedModel
) -> AsyncIterator[Enhancer]:
    """The service, with little patience."""
    llm = Llm(api_key="x", base_url=model.url, attempts=1, pace=0.001)
    yield Enhancer(
        database=database,
        usage=Usage(database, Rates(cache, {"person": "9/hour"})),
        previews=Previews(database, Views(cache)),
        locks=Locks(cache),
        characters=characters,
        model_server=llm,
        model="scripted",
        context_tokens=4096,
        temperature=0.3,
        patience=1.0,
        progress_every=0.0,
    )
    await llm.close()


@pytest.fixture
async def nova(characters: Characters) -> Character:
    """A draft of Alice's."""
    return await characters.create(ALICE, Change(name="Nova", description=WORDS, personality="Warm."))


async def test_a_proposal_changes_nothing_until_it_is_accepted(
    enhancer: Enhancer, characters: Characters, model: ScriptedModel, nova: Character
) -> None:
    model.says(BETTER)
    heard: list[str] = []

    async def progress(written: str) -> None:
        heard.append(written)

    made = await enhancer.propose(ALICE, str(nova.id), "description", "warmer", progress=progress)
    assert (made.before, made.after, made.version, made.warnings) == (WORDS, BETTER, 1, ())
    assert heard[-1] == BETTER
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert model.requests[0]["temperature"] == 0.3
    assert (await characters.definition(ALICE, str(nova.id))).card.description == WORDS
    assert await enhancer.proposal(ALICE, made.id) == made
    saved = await enhancer.accept(ALICE, made.id)
    assert (saved.version, saved.card.description, saved.card.personality) == (2, BETTER, "Warm.")
    assert (await enhancer.accept(ALICE, made.id)).version == 2


async def test_every_text_can_be_rewritten_and_saved(
    enhancer: Enhancer, characters: Characters, model: ScriptedModel, nova: Character
) -> None:
    for field in ("description", "personality", "scenario", "first_mes", "mes_example", "short_description"):
        model.says(f"A new {field} for {{{{user}}}}.")
        made = await enhancer.propose(ALICE, str(nova.id), field)
        await enhancer.accept(ALICE, made.id)
    kept = await characters.definition(ALICE, str(nova.id))
    assert kept.version == 7
    assert kept.card.mes_example == "A new mes_example for {{user}}."
    assert kept.character.short_description == "A new short_description for {{user}}."


async def test_a_change_of_that_very_text_stands_in_the_way_and_another_does_not(
    enhancer: Enhancer, characters: Characters, model: ScriptedModel, nova: Character
) -> None:
    model.says(BETTER)
    made = await enhancer.propose(ALICE, str(nova.id), "description")
    await characters.edit(ALICE, str(nova.id), Change(personality="Cold."))
    model.says(BETTER)
    other = await enhancer.again(ALICE, made.id)
    await characters.edit(ALICE, str(nova.id), Change(scenario="A field."))
    assert (await enhancer.accept(ALICE, other.id)).card.scenario == "A field."
    await characters.edit(ALICE, str(nova.id), Change(description="By hand."))
    with pytest.raises(Invalid, match="The description was changed since"):
        await enhancer.accept(ALICE, made.id)
    assert (await characters.definition(ALICE, str(nova.id))).card.description == "By hand."


async def test_others_neither_ask_nor_accept(
    enhancer: Enhancer, characters: Characters, model: ScriptedModel, nova: Character, cache: Cache
) -> None:
    with pytest.raises(NotFound):
        await enhancer.propose(BOB, str(nova.id), "description")
    assert model.requests == []
    model.says(BETTER)
    made = await enhancer.propose(ALICE, str(nova.id), "description")
    for act in (enhancer.accept, enhancer.again, enhancer.proposal):
        with pytest.raises(NotFound, match="Ask for a new one"):
            await act(BOB, made.id)
    sealed = await Views(cache).find(made.id)
    assert sealed is not None
    assert b"star" not in sealed
    with pytest.raises(NotFound, match="more than a day old"):
        await enhancer.accept(ALICE, "nothing-here")
    with pytest.raises(Invalid, match="no such text"):
        await enhancer.propose(ALICE, str(nova.id), "avatar")


async def test_a_published_character_of_another_is_not_theirs(
    enhancer: Enhancer, characters: Characters, nova: Character, database: Database
) -> None:
    async with database.transaction() as session:
        await storage.characters.set_status(session, nova.id, "published")
    with pytest.raises(NotYours):
        await enhancer.propose(BOB, str(nova.id), "description")


async def test_one_at_a_time_for_each_person(
    enhancer: Enhancer, characters: Characters, model: ScriptedModel, nova: Character
) -> None:
    reply = model.says(BETTER, hold_after=2)
    first = asyncio.create_task(enhancer.propose(ALICE, str(nova.id), "description"))
    await model.asked.wait()
    with pytest.raises(Busy):
        await enhancer.propose(ALICE, str(nova.id), "personality")
    other = await characters.create(BOB, Change(name="Vega", description="A star."))
    model.says("A brighter star.")
    assert (await enhancer.propose(BOB, str(other.id), "description")).after == "A brighter star."
    reply.release()
    assert (await first).after == BETTER
    model.says("Hot.")
    assert (await enhancer.propose(ALICE, str(nova.id), "personality")).after == "Hot."


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"text": "no", "status": 500}, Unavailable, "does not answer right now. Try again"),
        ({"text": "no", "status": 401}, Unavailable, "refuses the bot's key"),
        ({"text": "no", "status": 413}, Invalid, "longer than scripted can read"),
        ({"text": BETTER, "finish": "length"}, Invalid, "did not come to an end"),
        ({"text": BETTER, "finish": "content_filter"}, Invalid, "refused to write this"),
        ({"text": BETTER, "hold_after": 2}, Unavailable, "too slow"),
        ({"text": "word " * 3_000, "pause": 0}, Invalid, "did not come to an end"),
    ],
)
async def test_what_went_wrong_is_told_and_the_next_may_ask(
    enhancer: Enhancer, model: ScriptedModel, nova: Character, options: dict[str, object], kind: type, words: str
) -> None:
    model.says(**options)  # type: ignore[arg-type]
    with pytest.raises(kind, match=words):
        await enhancer.propose(ALICE, str(nova.id), "description")
    model.says(BETTER)
    assert (await enhancer.propose(ALICE, str(nova.id), "description")).after == BETTER


@pytest.mark.parametrize(
    ("options", "is_noted"),
    [
        ({"text": BETTER}, True),
        ({"text": BETTER, "finish": "length"}, True),
        ({"text": BETTER, "hold_after": 2}, True),
        ({"text": "no", "status": 500}, False),
    ],
)
async def test_what_was_asked_is_paid_for_however_it_ends(
    enhancer: Enhancer,
    model: ScriptedModel,
    nova: Character,
    database: Database,
    options: dict[str, object],
    is_noted: bool,
) -> None:
    here = replace(ALICE, guild_id=7)
    async with database.transaction() as session:
        await storage.guilds.save_settings(session, 7, GuildSettings(tokens_a_day=100_000))
    model.says(**options)  # type: ignore[arg-type]
    with suppress(Invalid, Unavailable):
        await enhancer.propose(here, str(nova.id), "description")
    async with database.transaction() as session:
        reserved = (await session.execute(sa.text("SELECT count(*) FROM usage_reservations"))).scalar_one()
        taken = (await session.execute(sa.text("SELECT sum(taken) FROM budget_days"))).scalar_one()
        found = await session.execute(sa.text("SELECT kind, prompt_tokens + completion_tokens FROM usage_events"))
        noted = [(row[0], row[1] > 0) for row in found]
    assert reserved == 0
    assert noted == [("enhance", True)] * is_noted
    assert (taken > 0) == is_noted
