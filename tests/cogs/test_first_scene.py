"""The main job, end to end: pick a character, play with it in a thread."""

from tests.theatre import Theatre, until


async def test_a_newcomer_picks_a_character_and_plays(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    picked = await alice.slash("character pick", search="pirate")
    assert "Captain Juniper Wake" in picked.text
    assert "Halcyon" not in picked.text
    answer = await picked.click("Chat")
    assert "is waiting for you" in answer.text
    alice.here = theatre.guild.threads[-1]
    model.says("The lamp turns, and the fog answers.")
    await alice.say("I knock on the door.")
    reply = await theatre.reply("the fog answers")
    assert reply.webhook_id
    assert "I knock on the door." in model.prompt


async def test_the_picker_shows_the_default_assistant_first(theatre: Theatre) -> None:
    picked = await theatre.alice.slash("character pick")
    assert picked.ephemeral
    assert "Cue" in picked.text.split("### ")[1]
    assert picked.message
    assert [button.label for button in picked.message.buttons].count("Chat") == 5


async def test_stop_keeps_what_was_said(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("One two three four five six", hold_after=3)
    await alice.say("Count.")
    await alice.sees("One two three")
    await alice.click("Stop")
    reply = await theatre.reply("One two three")
    assert "four" not in reply.text
    assert "Stopped" in reply.text
    held.release()
    await until(lambda: theatre.model.hung_up == 1)


async def test_regenerate_replaces_the_shown_reply(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("The first way.")
    await alice.say("Which way?")
    reply = await theatre.reply("The first way.")
    theatre.model.says("The second way.")
    await alice.click("Regenerate", on=reply)
    second = await theatre.reply("The second way.")
    assert second.id == reply.id
    assert "The first way." not in theatre.model.prompt


async def test_continue_goes_on_from_the_old_text(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("Once upon", finish="length")
    await alice.say("Tell me.")
    reply = await theatre.reply("Once upon")
    theatre.model.says(" a time.")
    await alice.click("Continue", on=reply)
    whole = await theatre.reply("Once upon a time.")
    assert whole.id == reply.id


async def test_what_is_said_during_a_reply_is_answered_next(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    thread = await theatre.chat_with("Cue")
    bob.here = thread
    held = theatre.model.says("First answer done.", hold_after=1)
    await alice.say("Hello.")
    await alice.sees("First")
    await alice.say("And another thing.")
    await bob.say("Me too!")
    theatre.model.says("Second answer.")
    held.release()
    await theatre.reply("First answer done.")
    await theatre.reply("Second answer.")
    assert len(theatre.model.requests) == 2
    assert "And another thing." in theatre.model.prompt
    assert "Me too!" in theatre.model.prompt


async def test_long_replies_go_on_in_further_messages(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    paragraphs = [f"Paragraph {number}. " + "word " * 110 for number in range(9)]
    theatre.model.says("\n\n".join(paragraphs), pause=0.0005)
    await alice.say("At length, please.")
    last = await alice.sees("Paragraph 8.", within=30)
    await until(lambda: any(button.label == "Regenerate" for button in last.buttons), 30)
    parts = [each for each in alice.messages() if each.webhook_id and "Paragraph" in each.text]
    assert len(parts) > 2
    assert all(len(part.content) <= 2000 for part in parts)
    assert not any(part.buttons for part in parts[:-1])
    assert "".join("".join(part.content.split()) for part in parts) == "".join("".join(paragraphs).split())
