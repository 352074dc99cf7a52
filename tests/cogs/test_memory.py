"""Memory as people meet it: what is no longer read is summed up, corrected by hand, and a branch has its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

import storage.chats
import storage.jobs
import storage.messages
from bot.chat.summaries import JOB
from playground import Channel
from tests.bot.chat.remembering import talk
from tests.cogs.showing import ended
from tests.cogs.workshop import Workshop, message_of, open_workshop, read
from tests.theatre import Theatre, open_theatre, until

SUMMARY = orjson.dumps({"summary": "They met at *sea*.", "facts": ["The ship is called Gull."]}).decode()


@pytest.fixture
async def forgetful(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre in which two messages are read back."""
    told = (database_url, redis_url, cache_prefix, master_key, tmp_path)
    async with open_theatre(*told, history_limit=2, jobs_at_once=1) as theatre:
        yield theatre
    assert theatre.playground.violations == []


async def told_much(theatre: Theatre, workshop: Workshop, thread: Channel) -> None:
    """Ten more messages of the scene, behind the bot's back."""
    async with workshop.database.transaction() as session:
        chat = await storage.chats.find_open_chat(session, thread.id)
        assert chat
        assert chat.leaf_id
        leaf = await storage.messages.find_message(session, chat.leaf_id)
        await talk(session, chat, [f"Line {number}." for number in range(10)], leaf, user_id=theatre.alice.id)


async def summed_up(workshop: Workshop) -> None:
    """Waits until no scene waits to be summed up."""
    async with asyncio.timeout(10):
        while True:
            async with workshop.database.transaction() as session:
                tallies = await storage.jobs.count_by_name(session)
            if not any(each.waiting + each.running for each in tallies if each.name == JOB):
                return
            await asyncio.sleep(0.01)


async def test_what_is_summed_up_is_corrected_by_hand_and_read_with_the_next_reply(forgetful: Theatre) -> None:
    theatre, alice = forgetful, forgetful.alice
    thread = await theatre.chat_with("Cue")
    greeting = next(each for each in alice.messages() if each.webhook_id)
    assert "reads everything that was said here" in (await alice.slash("chat memory")).text
    async with open_workshop(theatre) as workshop:
        await told_much(theatre, workshop, thread)
        theatre.model.says("Then we sailed.", pause=0)
        theatre.model.says(SUMMARY, pause=0)
        await alice.say("And then?")
        await ended(alice, "Then we sailed.")
        await summed_up(workshop)

    panel = await alice.slash("chat memory")
    assert "They met at \\*sea\\*." in panel.text
    assert "The first 10 of 13 messages, summed up by the model." in panel.text
    assert "- The ship is called Gull." in panel.text
    form = await alice.click("Correct the summary", on=panel)
    await form.fill({"What to remember": "They met in a tavern."})
    await read(panel, "They met in a tavern.")
    assert "summed up by a person" in panel.text
    form = await alice.click("Remember something", on=panel)
    await form.fill({"What to remember": "Nova fears cats."})
    await read(panel, "- Nova fears cats. ✎\n- The ship is called Gull.")
    (menu,) = [each for each in message_of(panel).selects if each.placeholder == "Forget a fact"]
    await alice.select("Forget a fact", [menu.options[1]["value"]], on=panel)
    await until(lambda: "Gull" not in panel.text)

    theatre.model.says("The tavern, of course.", pause=0)
    await alice.say("Where did we meet?")
    await ended(alice, "The tavern, of course.")
    assert "They met in a tavern." in theatre.model.prompt
    assert "- Nova fears cats." in theatre.model.prompt
    for gone in ("They met at *sea*.", "The ship is called Gull.", "Line 5."):
        assert gone not in theatre.model.prompt

    theatre.model.says("We never met.", pause=0)
    await alice.say("Who are you?", reply_to=greeting)
    await ended(alice, "We never met.")
    assert "They met in a tavern." not in theatre.model.prompt
    assert "reads everything that was said here" in (await alice.slash("chat memory")).text
