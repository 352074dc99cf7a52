"""/chat draft, suggest and rephrase: written for one person alone, said with a press, once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import storage.guilds
from playground import Answer, Message
from tests.cogs.showing import ended, until_in_history
from tests.cogs.workshop import Workshop, forget_views, form_of, message_of, press_anything
from tests.theatre import Theatre, open_theatre, until

LINE = "I knock twice and step back."
THREE = "1. I knock.\n2. I break the window.\n3. I sing to the gulls."


def labels(answer: Answer) -> list[str | None]:
    """What stands on the buttons of an answer."""
    return [button.label for button in message_of(answer).buttons]


def said_by(theatre: Theatre, text: str) -> list[Message]:
    """The posts in which a person was shown to say this."""
    posts = [each for each in theatre.alice.messages() if not each.ephemeral and not each.webhook_id]
    return [each for each in posts if text in each.text]


async def told(answer: Answer, words: str) -> None:
    """Waits until an answer, or what follows it, says this."""
    await until(lambda: words in answer.text or any(words in each.text for each in answer.followups))


async def drafted(theatre: Theatre, line: str = LINE, **options: Any) -> Answer:
    """A draft in Alice's chat with Cue."""
    theatre.model.says(line, pause=0)
    answer = await theatre.alice.slash("chat draft", **options)
    assert line in answer.text, answer.text
    return answer


async def test_a_draft_is_seen_by_one_person_and_said_with_a_press(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    thread = await theatre.chat_with("Cue")
    theatre.bob.here = thread
    answer = await drafted(theatre, hint="something polite")
    assert answer.ephemeral
    assert labels(answer) == ["Say it", "Another", "Change it first"]
    asked = model.requests[-1]["messages"]
    assert "something polite" in model.prompt
    assert "Alice" in asked[-2]["content"]
    assert asked[-2]["role"] == "system"
    assert asked[-1]["role"] == "user"
    assert not any("Write Cue's next message" in each["content"] for each in asked)
    assert said_by(theatre, LINE) == []
    assert not any(LINE in each.text for each in theatre.bob.messages())

    model.says("Come in, then.", pause=0)
    await answer.click("Say it")
    await ended(alice, "Come in, then.")
    (shown,) = said_by(theatre, LINE)
    assert shown.text == f"**Alice**\n{LINE}"
    assert f"user: {LINE}" in model.prompt
    assert "Pause the role-play" not in model.prompt
    assert "Said." in answer.text
    assert labels(answer) == []
    await until_in_history(alice, LINE)


async def test_a_press_twice_says_it_once(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    await theatre.chat_with("Cue")
    answer = await drafted(theatre)
    model.says("Come in, then.", pause=0)
    presses = await asyncio.gather(*(answer.click("Say it") for _ in range(3)), return_exceptions=True)
    await ended(alice, "Come in, then.")
    assert len(said_by(theatre, LINE)) == 1
    assert len(model.requests) == 2
    late = [each for each in presses if isinstance(each, Answer)]
    await until(lambda: sum("was said already" in text.text for each in late for text in each.followups) == 2)


async def test_another_takes_its_place_and_what_fails_leaves_it(theatre: Theatre) -> None:
    model = theatre.model
    await theatre.chat_with("Cue")
    answer = await drafted(theatre, hint="polite")
    model.says("Instead I whistle.", pause=0)
    another = await answer.click("Another")
    await until(lambda: "Instead I whistle." in message_of(another).text)
    assert "polite" in model.prompt
    assert message_of(another).id == message_of(answer).id
    model.says("", pause=0)
    refused = await another.click("Another")
    await until(lambda: "Instead I whistle." in message_of(answer).text)
    await told(refused, "wrote nothing")
    model.says("What a tune.", pause=0)
    await another.click("Say it")
    await ended(theatre.alice, "What a tune.")
    assert said_by(theatre, LINE) == []
    assert len(said_by(theatre, "Instead I whistle.")) == 1


async def test_a_line_is_changed_before_it_is_said(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    await theatre.chat_with("Cue")
    answer = await drafted(theatre)
    form, same = await answer.click("Change it first"), await answer.click("Change it first")
    assert form_of(form).fields[0].value == LINE
    long = "I knock, and wait. " * 150
    model.says("What a lot of waiting.", pause=0)
    await form.fill({"What you say or do": long})
    await ended(alice, "What a lot of waiting.")
    shown = [each for each in alice.messages() if "I knock, and wait." in each.text and not each.ephemeral]
    assert len(shown) == 2
    assert f"user: {long.strip()}" in model.prompt
    await told(await same.fill({"What you say or do": "Once more."}), "was said already")
    assert said_by(theatre, "Once more.") == []


async def test_three_things_to_say_are_three_buttons(theatre: Theatre) -> None:
    model = theatre.model
    await theatre.chat_with("Cue")
    model.says(THREE, pause=0)
    answer = await theatre.alice.slash("chat suggest")
    assert answer.ephemeral
    assert labels(answer) == ["Say 1", "Say 2", "Say 3", "Three others"]
    model.says("Mind the glass!", pause=0)
    await answer.click("Say 2")
    await ended(theatre.alice, "Mind the glass!")
    assert len(said_by(theatre, "I break the window.")) == 1
    assert said_by(theatre, "I knock.") == []


async def test_a_line_is_written_better(theatre: Theatre) -> None:
    model = theatre.model
    await theatre.chat_with("Cue")
    model.says("Alice: “I knock, twice.”", pause=0)
    answer = await theatre.alice.slash("chat rephrase", words="i knok too times")
    assert "I knock, twice." in answer.text
    assert "“" not in answer.text
    assert "The line:\ni knok too times" in model.prompt
    model.says("Yes?", pause=0)
    await answer.click("Say it")
    await ended(theatre.alice, "Yes?")
    assert len(said_by(theatre, "I knock, twice.")) == 1


async def test_what_was_drafted_is_ones_own_and_for_this_chat(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    thread = await theatre.chat_with("Cue")
    answer = await drafted(theatre)
    bob.here = thread
    theatre.model.says("Bob's own line.", pause=0)
    bobs = await bob.slash("chat draft")
    for button in message_of(answer).buttons:
        assert button.custom_id
        pressed = await press_anything(bob, bobs.message, button.custom_id)
        await told(pressed, "more than a day old")
    await alice.slash("chat end")
    await told(await answer.click("Say it"), "has ended")
    await theatre.chat_with("Cue")
    assert said_by(theatre, LINE) == []


async def test_a_day_later_it_is_a_sentence(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    answer = await drafted(theatre)
    await forget_views(theatre)
    for label in ("Say it", "Another", "Change it first"):
        await told(await answer.click(label), "more than a day old")


@pytest.mark.parametrize(
    ("status", "says"),
    [(500, "does not answer"), (400, "does not accept"), (401, "key")],
)
async def test_a_model_that_does_not_write_is_told_of(theatre: Theatre, status: int, says: str) -> None:
    await theatre.chat_with("Cue")
    for _ in range(4):
        theatre.model.says("", status=status)
    answer = await theatre.alice.slash("chat draft", within=20)
    assert answer.ephemeral
    assert says in answer.text.lower(), answer.text


async def test_it_counts_as_what_is_asked_of_a_model(theatre: Theatre, workshop: Workshop) -> None:
    await theatre.chat_with("Cue")
    await drafted(theatre)
    theatre.model.says("", pause=0)
    await theatre.alice.slash("chat suggest")
    async with workshop.database.transaction() as session:
        noted = sa.text(
            "SELECT kind, user_id, model, prompt_tokens, completion_tokens FROM usage_events ORDER BY created_at"
        )
        rows = [tuple(row) for row in await session.execute(noted)]
        held = (await session.execute(sa.text("SELECT count(*) FROM usage_reservations"))).scalar_one()
    assert rows == [
        ("draft", theatre.alice.id, "scripted", 7, len(LINE.split())),
        ("draft", theatre.alice.id, "scripted", 7, 0),
    ]
    assert held == 0


async def test_who_has_asked_for_too_much_waits(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    async with open_theatre(
        database_url, redis_url, cache_prefix, master_key, tmp_path, limit_person="1/hour"
    ) as theatre:
        await theatre.chat_with("Cue")
        await drafted(theatre)
        refused = await theatre.alice.slash("chat draft")
        assert "the most for one person" in refused.text
        assert len(theatre.model.requests) == 1


async def test_who_may_not_play_here_gets_no_lines(theatre: Theatre, workshop: Workshop) -> None:
    nowhere = await theatre.alice.slash("chat draft")
    assert "No chat is played here" in nowhere.text
    bob = theatre.bob
    bob.here = await theatre.chat_with("Cue")
    async with workshop.database.transaction() as session:
        settings = storage.guilds.GuildSettings(player_roles=frozenset({1}))
        await storage.guilds.save_settings(session, theatre.guild.id, settings)
    asked = (bob.slash("chat draft"), bob.slash("chat suggest"), bob.slash("chat rephrase", words="Hm."))
    for refused in await asyncio.gather(*asked):
        assert "only people with certain roles play" in refused.text
    assert theatre.model.requests == []
