"""Sketches: what the others of a scene are told of a character, made once for each of its versions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import orjson
import pytest

import storage.jobs
from bot.caller import Caller
from bot.cards.card import Card
from bot.characters.avatars import Avatars
from bot.characters.booking import Booked
from bot.characters.catalogue import Characters
from bot.characters.changes import Change
from bot.characters.playing import Played, load_played
from bot.characters.sketching import (
    APPEARANCE_LETTERS,
    JOB,
    SUMMARY_LETTERS,
    RoleplayData,
    Sketches,
    asked_of,
    load_sketch,
    sketch_in,
)
from bot.llm import Llm, StandIns
from bot.usage import Usage
from storage.cache import Cache
from storage.database import Database
from storage.files import FileStore
from storage.ids import new_id
from storage.rates import Rates
from tests.scripted_model import ScriptedModel

ALICE = Caller(11, "alice", "Alice")
CARD = Card(name="Nova", description="{{char}} is a fallen star.", personality="calm")
SAID = orjson.dumps({"appearance": "silver hair, bare feet", "summary": "{{char}} is a fallen star."}).decode()
LEASE = timedelta(minutes=1)
MADE = RoleplayData(appearance="silver hair, bare feet", summary="Nova is a fallen star.")


@pytest.mark.parametrize(
    ("answer", "sketch"),
    [
        (SAID, MADE),
        (f"```json\n{SAID}\n```", MADE),
        ('{"summary": "A  star\\nthat fell."}', RoleplayData(summary="A star that fell.")),
        ('{"appearance": "silver hair"}', None),
        ('{"summary": " "}', None),
        ("Nova is a star.", None),
        ("", None),
    ],
)
def test_a_sketch_is_read_in_what_a_model_says(answer: str, sketch: RoleplayData | None) -> None:
    assert sketch_in(answer, CARD) == sketch


def test_a_sketch_is_short() -> None:
    sketch = sketch_in(orjson.dumps({"appearance": "hair, " * 200, "summary": "star " * 900}).decode(), CARD)
    assert sketch
    assert len(sketch.appearance) <= APPEARANCE_LETTERS
    assert len(sketch.summary) <= SUMMARY_LETTERS
    assert sketch.summary.endswith("star…")


def test_of_a_long_card_as_much_is_told_as_fits() -> None:
    card = Card(name="Nova", description="She fell from the sky. " * 4000)
    system, user = asked_of(card, "m", 2000)
    assert user.content.startswith("name: Nova")
    assert len(user.content) + len(system.content) < 9000
    assert "personality: calm" in asked_of(CARD, "m", 2000)[1].content


@dataclass
class Desk:
    """A character, a model, and what sketches."""

    database: Database
    model: ScriptedModel
    sketches: Sketches
    played: Played

    async def look(self) -> RoleplayData:
        """As a scene of several does, which asks for what is missing."""
        async with self.database.transaction() as session:
            return await load_sketch(session, self.played)

    async def waiting(self) -> list[storage.jobs.Job]:
        """The jobs that were asked for, taken."""
        async with self.database.transaction() as session:
            return await storage.jobs.take(session, [JOB], owner=new_id(), limit=9, lease=LEASE)


@pytest.fixture
async def desk(database: Database, cache: Cache, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Nova, and a model that has not been asked about her."""
    characters = Characters(database, Avatars(database, FileStore(tmp_path_factory.mktemp("files"))))
    made = await characters.create(ALICE, Change(name="Nova", description="A fallen star."))
    async with database.transaction() as session:
        played = await load_played(session, made.id)
    assert played
    async with ScriptedModel() as model:
        llm = Llm(api_key="x", base_url=model.url, attempts=1)
        booked = Booked(database, Usage(database, Rates(cache, {})), StandIns(llm, ["scripted"]))
        yield Desk(database, model, Sketches(database, booked, model="scripted", context_tokens=4000), played)
        await llm.close()


async def test_a_sketch_is_asked_for_once_made_once_and_kept(desk: Desk) -> None:
    assert await desk.look() == RoleplayData()
    assert await desk.look() == RoleplayData()
    (job,) = await desk.waiting()
    desk.model.says(SAID, pause=0)
    await desk.sketches.make(job.payload)
    assert await desk.look() == MADE
    assert "A fallen star." in desk.model.prompt
    assert await desk.waiting() == []
    await desk.sketches.make(job.payload)
    assert len(desk.model.requests) == 1


async def test_a_model_that_makes_nothing_is_left_alone(desk: Desk) -> None:
    await desk.look()
    (job,) = await desk.waiting()
    desk.model.says("I would rather not.")
    await desk.sketches.make(job.payload)
    await desk.sketches.make(job.payload)
    assert len(desk.model.requests) == 1
    assert await desk.look() == RoleplayData()


async def test_a_character_that_is_gone_is_not_sketched(desk: Desk) -> None:
    await desk.sketches.make({"character": str(new_id()), "version": str(new_id()), "guild": 0})
    assert desk.model.requests == []
