"""Without the Message Content intent: by button, by command, by mention; in direct messages as ever."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.showing import ended
from tests.theatre import Theatre, open_theatre, until


@pytest.fixture
async def deaf(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre whose bot may not read messages."""
    async with open_theatre(
        database_url, redis_url, cache_prefix, master_key, tmp_path, message_content_intent=False
    ) as theatre:
        yield theatre
    assert theatre.playground.violations == []


async def test_one_speaks_by_button_by_command_and_by_mention(deaf: Theatre) -> None:
    alice, model = deaf.alice, deaf.model
    thread = await deaf.chat_with("Cue")
    card = next(each for each in thread.messages if any(button.label == "Say" for button in each.buttons))
    assert "Press *Say*" in card.text
    form = await alice.click("Say", on=card)
    assert form.modal
    model.says("By the button, then.", pause=0)
    shown = await form.fill({"What you say or do": "I *knock*. @everyone"})
    assert shown.text == "**Alice**\nI *knock*. @everyone"
    assert shown.message
    assert not shown.message.mention_everyone
    reply = await ended(alice, "By the button, then.")
    assert "I *knock*. @everyone" in model.prompt
    model.says("By the command, then.", pause=0)
    await alice.slash("say", words="I knock again.")
    await ended(alice, "By the command, then.")
    assert "I knock again." in model.prompt
    model.says("By mention, then.", pause=0)
    await alice.say(f"<@{deaf.playground.bot_user_id}> I shout.")
    await ended(alice, "By mention, then.")
    assert "I shout." in model.prompt
    assert "<@" not in model.prompt
    model.says("Another way.", pause=0)
    await alice.click("Regenerate", on=reply)
    await ended(alice, "Another way.")


async def test_plain_messages_are_not_heard(deaf: Theatre) -> None:
    alice, model = deaf.alice, deaf.model
    await deaf.chat_with("Cue")
    await alice.say("Nobody hears this.")
    await alice.say("", files=[("cat.png", b"x")])
    await alice.slash("say", words="But this.")
    await until(lambda: len(model.requests) == 1)
    assert "Nobody hears this." not in model.prompt
    read = await alice.slash("chat history")
    assert "Nobody hears this." not in read.text
    assert "But this." in read.text


async def test_direct_messages_are_read_as_ever(deaf: Theatre) -> None:
    alice = deaf.alice
    await alice.open_dm()
    await alice.slash("character start", character="Cue")
    deaf.model.says("Loud and clear.", pause=0)
    await alice.say("Do you hear me?")
    await ended(alice, "Loud and clear.")
    assert "Do you hear me?" in deaf.model.prompt
    helped = await alice.slash("help")
    assert "I may not read messages" not in helped.text
    helped = await alice.at(deaf.tavern).slash("help")
    assert "I may not read messages" in helped.text


async def test_saying_where_no_chat_is_played(deaf: Theatre) -> None:
    answer = await deaf.alice.slash("say", words="Hello?")
    assert "No chat is played here" in answer.text
    assert answer.ephemeral
