"""/me: what is mine comes as a file, goes when I say so twice, and what I prefer holds everywhere."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from playground.messages import Message
from tests.cogs.acts import told
from tests.cogs.workshop import Workshop, read
from tests.theatre import Theatre, open_theatre, until


@pytest.fixture
async def theatre(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre that does its jobs."""
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, jobs_at_once=2) as theatre:
        yield theatre
    assert theatre.playground.violations == []


async def unpacked(message: Message) -> dict[str, bytes]:
    async with aiohttp.ClientSession() as session, session.get(message.attachments[0].url) as response:
        content = await response.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def played(theatre: Theatre) -> None:
    """A line of Alice's and its answer, in a thread where she stands."""
    await theatre.chat_with("Cue")
    theatre.model.says("The answer of Cue.")
    await theatre.alice.say("I look for the lamp.")
    await theatre.reply("The answer of Cue.")


async def test_the_export_arrives_as_a_file_and_opens(theatre: Theatre, workshop: Workshop) -> None:
    alice = theatre.alice
    await workshop.published(alice, "Nova")
    await played(theatre)
    answer = await alice.slash("me export")
    assert answer.ephemeral
    await until(lambda: "everything of yours" in answer.text)
    (part,) = answer.followups
    assert part.ephemeral
    assert part.attachments[0].filename == f"dramatis-{alice.id}-1.zip"
    files = await unpacked(part)
    story = next(content for name, content in files.items() if name.endswith("chat.md"))
    assert b"I look for the lamp." in story
    assert any(name.startswith("characters/Nova") and name.endswith(".png") for name in files)


async def test_the_export_comes_by_message_where_the_answer_is_too_old(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.stop()
    theatre.settings = theatre.settings.model_copy(update={"jobs_at_once": 0})
    await theatre.start()
    assert "I am putting together" in (await alice.slash("me export")).text
    theatre.playground.clock.advance(16 * 60)
    await theatre.stop()
    theatre.settings = theatre.settings.model_copy(update={"jobs_at_once": 1})
    await theatre.start()
    await until(lambda: len(alice.messages(alice.dm)) == 2, 10)
    part, last = alice.messages(alice.dm)
    assert "profile.json" in await unpacked(part)
    assert "everything of yours, in one archive" in last.text


async def test_deletion_asks_twice_and_does_it(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    await workshop.published(alice, "Nova")
    await played(theatre)
    thread = alice.here
    alice.here = visited = await theatre.chat_with("Nova", bob)
    for number in (1, 2):
        theatre.model.says(f"Nova hears you, {number}.")
        await alice.say(f"Alice was here, {number}.")
        await theatre.reply(f"Nova hears you, {number}.")
    asked = await alice.slash("me delete", in_=theatre.tavern)
    assert "1 character of yours. One chat of others plays them" in asked.text
    assert "1 chat that you opened" in asked.text
    form = await asked.click("Delete everything…")
    refused = await form.fill({"Your username": "bob"})
    assert "`alice`" in refused.text
    answer = await (await asked.click("Delete everything…")).fill({"Your username": "alice"})
    await until(lambda: "Everything of yours is deleted" in told(answer), 10)
    assert "I look for the lamp." not in "".join(each.text for each in alice.messages(thread) if not each.deleted)
    seen = "".join(each.text for each in bob.messages(visited))
    assert "Alice was here" not in seen
    assert "Nova hears you, 2." in seen
    gone = await alice.slash("character show", character="Nova", in_=theatre.tavern)
    assert "no such character" in gone.text
    theatre.model.says("Nova still speaks.")
    await bob.say("Are you there?")
    await theatre.reply("Nova still speaks.", bob)
    assert "Nova hears you, 2." in theatre.model.prompt
    assert "Alice was here" not in theatre.model.prompt
    assert "was deleted on Discord" not in "".join(each.text for each in bob.messages(visited))


async def test_a_reply_under_way_is_stopped_before_all_goes(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("One two three four", hold_after=2)
    await alice.say("Count.")
    await alice.sees("One two")
    asked = await alice.slash("me delete")
    answer = await (await asked.click("Delete everything…")).fill({"Your username": "alice"})
    await until(lambda: "Everything of yours is deleted" in told(answer), 10)
    held.release()
    await until(lambda: theatre.model.hung_up == 1)


async def test_preferences_are_chosen_and_kept(theatre: Theatre) -> None:
    alice = theatre.alice
    panel = await alice.slash("me preferences")
    assert "**Time zone:** UTC" in panel.text
    assert "begin as the server and the operator say" in panel.text
    form = await panel.click("Change the time zone")
    assert "no time zone “Atlantis”" in (await form.fill({"Time zone": "Atlantis"})).text
    form = await panel.click("Change the time zone")
    await read(await form.fill({"Time zone": "berlin"}), "**Time zone:** Europe/Berlin")
    await read(await panel.click("By direct message too"), "by direct message too")
    await theatre.chat_with("Cue")
    settings = await alice.slash("chat settings")
    await read(await settings.click("Show whole replies"), "**Shown while it is written:** no")
    await read(await settings.click("Reuse for new chats"), "Your new chats begin")
    again = await alice.slash("me preferences")
    assert "Europe/Berlin" in again.text
    assert "begin with: shown as written no" in again.text
    await read(await again.click("Reuse nothing"), "begin as the server and the operator say")
