"""Moderation before publishing, news that reach authors, and the bot brought along by a person."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import storage.characters
import storage.notices
from bot.characters.changes import Change
from playground import Person
from storage.characters import Character
from tests.cogs.workshop import Workshop, caller, open_workshop
from tests.theatre import Theatre, open_theatre, until


@pytest.fixture
async def moderated(
    bare_database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[tuple[Theatre, Workshop]]:
    """A bot whose operator has what is published looked at first."""
    async with (
        open_theatre(
            bare_database_url,
            redis_url,
            cache_prefix,
            master_key,
            tmp_path,
            moderation_model="moderator",
            stock_characters=False,
        ) as theatre,
        open_workshop(theatre) as workshop,
    ):
        yield theatre, workshop
    assert theatre.playground.violations == []


async def test_what_is_flagged_is_not_published_and_not_edited_in(moderated: tuple[Theatre, Workshop]) -> None:
    theatre, workshop = moderated
    alice, model = theatre.alice, theatre.model
    model.flags = {"forbidden": ["violence", "hate"]}
    nova = await workshop.draft(alice, "Nova", mes_example="Something forbidden.")
    refused = await alice.slash("character publish", character=str(nova.id))
    assert "it found hate, violence" in refused.text or "it found violence, hate" in refused.text, refused.text
    assert (await status(workshop, nova)) == "draft"
    await workshop.characters.edit(caller(alice), str(nova.id), Change(mes_example="Something nice."))
    assert "is published" in (await alice.slash("character publish", character=str(nova.id))).text
    panel = await alice.slash("character edit", character=str(nova.id))
    form = await alice.click("Character", on=panel)
    await form.fill({"Personality": "forbidden"})
    await alice.sees("it found")
    definition = await workshop.characters.definition(caller(alice), str(nova.id))
    assert definition.card.personality == ""


async def test_when_moderation_is_away_nothing_is_published(moderated: tuple[Theatre, Workshop]) -> None:
    theatre, workshop = moderated
    theatre.model.moderation_status = 500
    nova = await workshop.draft(theatre.alice, "Nova")
    refused = await theatre.alice.slash("character publish", character=str(nova.id), within=20)
    assert "is published" not in refused.text
    assert "incident" not in refused.text
    assert (await status(workshop, nova)) == "draft"


async def test_news_wait_in_the_manager_and_come_by_message_when_asked_for(
    theatre: Theatre, workshop: Workshop
) -> None:
    alice = theatre.alice
    nova = await workshop.published(alice, "Nova")
    await leave_news(workshop, alice, "First news about *Nova*.")
    await alice.slash("character manage")
    shown = await alice.sees("First news about")
    assert "### News for you" in shown.content
    chosen = await alice.click("By direct message too", on=shown)
    assert "I also write such news" in chosen.text
    async with workshop.database.transaction() as session:
        assert await storage.notices.wants_messages(session, alice.id)
    await alice.click("Got it", on=shown)
    await until(lambda: "First news" not in shown.content)
    again = await alice.slash("character manage")
    assert nova.name in again.text
    await alice.sees_no("First news about")


async def test_a_person_brings_the_bot_along_where_it_is_no_member(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    await workshop.published(theatre.bob, "Nova")
    await workshop.draft(alice, "Mine")
    elsewhere = theatre.playground.add_guild("Elsewhere", bot=False)
    attic = elsewhere.add_text_channel("attic")
    alice.join(elsewhere)
    alice.install()
    alice.at(attic)
    assert "### Nova" in (await alice.slash("character pick", search="nova")).text
    shown = await alice.slash("character show", character="Nova")
    assert "Nova in a line." in shown.text
    assert "### Mine" in (await alice.slash("character manage")).text
    for answer in (
        await alice.slash("character start", character="Nova"),
        await alice.click("Chat", on=shown),
    ):
        assert "chats need me as a member" in answer.text
    assert elsewhere.threads == []


async def leave_news(workshop: Workshop, person: Person, text: str) -> None:
    """Something that a person should read."""
    async with workshop.database.transaction() as session:
        await storage.notices.add_notice(session, person.id, text)


async def status(workshop: Workshop, character: Character) -> str:
    """What the database says of a character."""
    async with workshop.database.transaction() as session:
        found = await storage.characters.find_character(session, character.id)
    assert found is not None
    return found.status


async def test_a_new_username_is_on_every_card_and_is_searched(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    await workshop.published(alice, "Nova")
    alice.user.username = "alicia"
    await alice.slash("character manage")
    picked = await theatre.bob.slash("character pick", search="alicia")
    assert "### Nova" in picked.text
    assert "By alicia" in picked.text
