"""What holds on a path beside the words follows the branch: variables of cards, timers of lore, the report of it."""

from typing import Any

import sqlalchemy as sa

from tests.cogs.workshop import Workshop
from tests.theatre import Theatre


def told(theatre: Theatre) -> str:
    """All that the model read for its last reply."""
    return theatre.model.prompt


async def say(theatre: Theatre, words: str, answer: str) -> Any:
    theatre.model.says(answer)
    await theatre.alice.say(words)
    return await theatre.reply(answer)


async def test_a_variable_is_what_it_was_on_this_branch(theatre: Theatre, workshop: Workshop) -> None:
    counting = "{{incvar::mood}}Mood {{getvar::mood}}."
    await workshop.published(theatre.alice, "Moody", system_prompt=counting, first_mes="{{setvar::mood::5}}Hm.")
    await theatre.chat_with("Moody")
    first = await say(theatre, "Hello.", "One.")
    assert "Mood 6." in told(theatre)
    second = await say(theatre, "And?", "Two.")
    assert "Mood 7." in told(theatre)
    theatre.model.says("Two again.")
    await theatre.alice.click("Regenerate", on=second)
    await theatre.reply("Two again.")
    assert "Mood 7." in told(theatre)
    await say(theatre, "On.", "Three.")
    assert "Mood 8." in told(theatre)
    await theatre.alice.menu(first, "Rewind to here")
    await say(theatre, "Another way.", "Four.")
    assert "Mood 7." in told(theatre)


async def test_the_state_of_a_long_path_is_kept_and_read_back(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(theatre.alice, "Moody", system_prompt="{{incvar::mood}}Mood {{getvar::mood}}.")
    await theatre.chat_with("Moody")
    for number in range(1, 9):
        await say(theatre, f"Line {number}.", f"Answer {number}.")
        assert f"Mood {number}." in told(theatre)
    async with workshop.database.transaction() as session:
        kinds = await session.execute(sa.text("SELECT kind FROM message_events ORDER BY id"))
        readings = await session.execute(sa.text("SELECT count(*) FROM readings"))
    assert "snapshot" in list(kinds.scalars())
    assert readings.scalar_one() == 8
