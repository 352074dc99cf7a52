"""Chats in direct messages: the bot itself speaks, under a bold name."""

import pytest

from tests.cogs.showing import ended, posts, refused
from tests.theatre import Theatre, until


async def start(theatre: Theatre, name: str = "Cue") -> None:
    """Alice starts a chat in her direct messages."""
    answer = await theatre.alice.slash("character start", character=name)
    assert "is waiting for you" in answer.text


async def test_a_chat_from_the_greeting_to_the_end(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    await alice.open_dm()
    await start(theatre)
    await until(lambda: posts(alice) != [])
    assert posts(alice)[0].content.startswith("**Cue**\n")
    assert posts(alice)[0].webhook_id is None
    held = model.says("One two three four.", hold_after=2, pause=0)
    await alice.say("Count.")
    await alice.sees("One two")
    await alice.click("Stop")
    reply = await ended(alice, "One two")
    assert reply.content == "**Cue**\nOne two\n\n-# Stopped. *Continue* goes on from here."
    held.release()
    model.says(" three four.", pause=0)
    await alice.click("Continue")
    assert (await ended(alice, "One two three four.")).id == reply.id
    model.says("Five six.", pause=0)
    await alice.click("Regenerate")
    assert (await ended(alice, "Five six.")).id == reply.id
    assert "One two" not in model.prompt
    read = await alice.slash("chat history")
    assert "Five six." in read.text
    said_good_bye = await alice.slash("chat end")
    assert "has ended" in said_good_bye.text
    await alice.click("Regenerate")
    assert (await alice.sees("This chat has ended")).ephemeral
    assert len(model.requests) == 3
    assert refused(theatre) == []


async def test_starting_another_parks_the_first(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    await alice.open_dm()
    await start(theatre)
    model.says("Cue speaks.", pause=0)
    await alice.say("Hello.")
    first = await ended(alice, "Cue speaks.")
    await start(theatre, "Captain Juniper Wake")
    await alice.click("Regenerate", on=first)
    assert (await alice.sees("This chat is parked")).ephemeral
    model.says("The Captain speaks.", pause=0)
    await alice.say("Hello, Captain.")
    second = await ended(alice, "The Captain speaks.")
    assert second.content.startswith("**Juniper**\n")
    assert "Cue speaks." not in model.prompt
    listed = await alice.slash("chat list")
    assert listed.text.count(f"https://discord.com/channels/@me/{alice.here.id}") == 2
    assert "parked" in listed.text


@pytest.mark.parametrize("how", ["end", "delete"])
async def test_what_was_parked_goes_on_when_the_other_is_over(theatre: Theatre, how: str) -> None:
    alice = theatre.alice
    await alice.open_dm()
    await start(theatre)
    theatre.model.says("Cue speaks.", pause=0)
    await alice.say("Hello, Cue.")
    await ended(alice, "Cue speaks.")
    await start(theatre, "Captain Juniper Wake")
    answer = await alice.slash(f"chat {how}")
    if how == "delete":
        answer = await alice.click("Delete for good", on=answer)
    await until(lambda: "**Cue & Alice**, which was parked, goes on here." in answer.text)
    theatre.model.says("Still here.", pause=0)
    await alice.say("Cue?")
    await ended(alice, "Still here.")
    assert "Cue speaks." in theatre.model.prompt


async def test_a_long_reply_keeps_its_name_in_every_part(theatre: Theatre) -> None:
    alice = theatre.alice
    await alice.open_dm()
    await start(theatre)
    theatre.model.says("word " * 390 + "end.\n\n" + "word " * 390 + "finis.", pause=0)
    await alice.say("At length.")
    await ended(alice, "finis.")
    parts = posts(alice)[1:]
    assert [len(part.content) > 1900 for part in parts] == [True, True]
    assert all(part.content.startswith("**Cue**\n") and len(part.content) <= 2000 for part in parts)


async def test_where_no_chat_is_played_people_are_told(theatre: Theatre) -> None:
    await theatre.alice.open_dm()
    for command in ("chat end", "chat history"):
        answer = await theatre.alice.slash(command)
        assert "No chat is played here" in answer.text
        assert answer.ephemeral
