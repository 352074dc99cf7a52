"""Personas by themselves: what they may hold, whose they are, and that nobody else ever reads one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

import storage.users
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.chat.choices import ModelChoice
from bot.chat.identities import Identity, name_of
from bot.chat.stage import Place
from bot.chat.switching import Switching
from bot.errors import Invalid, LimitReached, NotFound
from bot.personas import MOST_PERSONAS, PersonaChange, Personas, changed
from storage.database import Database
from storage.files import FileStore
from storage.messages import Speaker
from storage.personas import Persona
from tests.cogs.workshop import PICTURE

ALICE, BOB = Caller(11, "alice", "Alice"), Caller(12, "bob", "Bob")
MARA = Persona(uuid4(), "Mara", "A smuggler.")
WHOLE = PersonaChange(
    name="  Mara   Quill ",
    description="A smuggler.",
    personality="Sly.",
    scenario="At the harbour.",
    first_mes="Ahoy.",
    mes_example="Mara: No.",
    alternate_greetings="Hello.\n---\n\n---\nGood evening.",
    system_prompt="Call me Captain.",
    post_history_instructions="I never lie.",
    creator_notes="For Sundays.",
    tags="Sea, sea, Rogue",
)


@pytest.fixture
async def personas(database: Database, tmp_path: Path) -> Personas:
    async with database.transaction() as session:
        for who in (ALICE, BOB):
            await storage.users.touch_user(session, who.user_id, who.username)
    return Personas(database, Avatars(database, FileStore(tmp_path)))


WRONG: tuple[tuple[PersonaChange, str], ...] = (
    (PersonaChange(name=" "), "needs a name"),
    (PersonaChange(name="x" * 81), "81 letters; 80 is the limit"),
    (PersonaChange(description=" \n"), "needs a description"),
    (PersonaChange(description="x" * 4_001), "description has 4,001 letters; 4,000 is the limit"),
    (PersonaChange(personality="x" * 4_001), "personality has 4,001 letters"),
    (PersonaChange(alternate_greetings="x" * 4_001), "other greetings has 4,001 letters"),
    (PersonaChange(tags=",".join(map(str, range(13)))), "13 tags"),
)


@pytest.mark.parametrize(("change", "words"), WRONG, ids=lambda each: each if isinstance(each, str) else "")
def test_what_cannot_be_is_said(change: PersonaChange, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        changed(MARA, change)


def test_what_is_not_named_stays() -> None:
    whole = changed(MARA, WHOLE)
    assert whole.name == "Mara Quill"
    assert whole.tags == ("sea", "rogue")
    assert whole.alternate_greetings == ("Hello.", "Good evening.")
    assert changed(whole, PersonaChange()) == whole
    assert changed(whole, PersonaChange(personality="")) == replace(whole, personality="")


async def test_everything_comes_back_and_nothing_of_it_can_be_read_in_the_database(
    personas: Personas, database: Database
) -> None:
    made = await personas.create(ALICE, WHOLE, avatar=PICTURE)
    assert made.avatar
    assert await personas.find(ALICE, str(made.id)) == made
    assert await personas.find(ALICE, "mara quill") == made
    async with database.transaction() as session:
        stored = sa.text("SELECT personas::text, name || description || fields FROM personas")
        row, sealed = (await session.execute(stored)).one()
    for words in ("Mara", "smuggler", "Sly", "harbour", "Captain", "Sundays"):
        assert words not in row
        assert words.encode() not in sealed


OTHERS: dict[str, Callable[[Personas, Caller, str], Awaitable[object]]] = {
    "find": lambda personas, who, it: personas.find(who, it),
    "edit": lambda personas, who, it: personas.edit(who, it, PersonaChange(name="Mine")),
    "delete": lambda personas, who, it: personas.delete(who, it),
    "default": lambda personas, who, it: personas.set_default(who, it),
}


@pytest.mark.parametrize("what", OTHERS)
@pytest.mark.parametrize("by", ["id", "name"])
async def test_to_everybody_else_a_persona_is_not_there(personas: Personas, what: str, by: str) -> None:
    made = await personas.create(ALICE, WHOLE)
    wanted = str(made.id) if by == "id" else made.name
    with pytest.raises(NotFound) as refusal:
        await OTHERS[what](personas, BOB, wanted)
    assert "Mara" not in str(refusal.value)
    assert await personas.names(BOB, "mara") == []
    assert (await personas.mine(BOB)).personas == ()
    assert await personas.find(ALICE, wanted) == made
    await OTHERS[what](personas, ALICE, wanted)


async def test_there_are_so_many_and_no_more(personas: Personas) -> None:
    for number in range(MOST_PERSONAS):
        await personas.create(ALICE, PersonaChange(name=f"Mask {number}", description="Somebody."))
    with pytest.raises(LimitReached, match="Delete one first"):
        await personas.create(ALICE, WHOLE)
    assert len(await personas.names(ALICE, "mask 4")) == 11
    await personas.delete(ALICE, "mask 3")
    await personas.create(ALICE, WHOLE)


async def test_who_one_is_by_default_goes_with_its_persona(personas: Personas) -> None:
    made = await personas.create(ALICE, WHOLE)
    await personas.set_default(ALICE, str(made.id))
    assert (await personas.mine(ALICE)).default_id == made.id
    await personas.set_default(ALICE, " None ")
    assert (await personas.mine(ALICE)).default_id is None
    await personas.set_default(ALICE, "Mara Quill")
    await personas.delete(ALICE, str(made.id))
    assert (await personas.mine(ALICE)).default_id is None


def test_a_model_reads_what_is_filled_but_for_notes_and_tags() -> None:
    whole = changed(MARA, WHOLE)
    identity = Identity(whole.name, whole)
    told = identity.described(facing="Nova").told
    for words in (
        "A smuggler.",
        "Personality: Sly.",
        "Scenario: At the harbour.",
        "Greeting: Ahoy.",
        "Call me Captain.",
    ):
        assert words in told
    assert "Sundays" not in told
    assert "rogue" not in told
    assert identity.speaker(ALICE) == Speaker("Mara Quill", None, whole.id)
    assert name_of(ALICE, identity) == "Mara Quill"
    assert name_of(ALICE, Identity("alice")) == name_of(ALICE, None) == "Alice"
    assert Identity("alice").speaker(ALICE) == Speaker("Alice")


UNSHOWN = ((Place(70, 80, 90), True, "without reading messages"), (Place(None, 80), True, "In direct messages"))


@pytest.mark.parametrize(("place", "on", "words"), UNSHOWN)
async def test_words_are_shown_under_another_name_where_that_can_be(
    database: Database, place: Place, on: bool, words: str
) -> None:
    switching = Switching(database, ModelChoice("scripted", 4_000, 500, 50, 1.0), looks=False)
    with pytest.raises(Invalid, match=words):
        await switching.look(ALICE, place, on=on)
