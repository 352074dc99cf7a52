"""The tree as people use it: swipes, branches, edits, going back, deleting, threads of their own."""

import pytest

from playground import Answer, Message, Person
from tests.cogs.showing import ended, until_in_history
from tests.cogs.workshop import Workshop, form_of, message_of, press_anything
from tests.theatre import Theatre, until


async def exchange(theatre: Theatre, said: str, answered: str, person: Person | None = None) -> Message:
    """Somebody says something and has it answered; the answer."""
    theatre.model.says(answered)
    await (person or theatre.alice).say(said)
    return await ended(person or theatre.alice, answered)


async def regenerated(theatre: Theatre, reply: Message, answered: str) -> Message:
    theatre.model.says(answered)
    await theatre.alice.click("Regenerate", on=reply)
    return await ended(theatre.alice, answered)


def labels(message: Message) -> list[str | None]:
    return [button.label for button in message.buttons]


async def told(answer: Answer, words: str) -> None:
    await until(lambda: words in answer.text)


async def prompt_of_next(theatre: Theatre, said: str, answered: str = "Very well.") -> str:
    """What the model reads for the answer to the next line."""
    await exchange(theatre, said, answered)
    return theatre.model.prompt


async def test_a_swipe_shows_a_sibling_and_the_scene_stands_there(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "Which way?", "The first way.")
    assert labels(first) == ["Regenerate", "Continue", "⋯"]
    second = await regenerated(theatre, first, "The second way.")
    assert second.id == first.id
    assert labels(second) == ["◀", "2/2 ▶", "Regenerate", "Continue", "⋯"]
    asked = len(theatre.model.requests)
    await theatre.alice.click("◀", on=second)
    shown = await ended(theatre.alice, "The first way.")
    assert shown.id == first.id
    assert "1/2 ▶" in labels(shown)
    assert len(theatre.model.requests) == asked
    prompt = await prompt_of_next(theatre, "On we go.")
    assert "The first way." in prompt
    assert "The second way." not in prompt


async def test_a_press_of_a_button_that_is_a_swipe_behind_counts_from_what_is_shown(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    reply = await exchange(theatre, "Count.", "One way.")
    for number in ("Two ways.", "Three ways."):
        reply = await regenerated(theatre, reply, number)
    behind = next(button.custom_id for button in reply.buttons if button.label == "◀")
    assert behind
    theatre.alice.press(reply, behind)
    theatre.alice.press(reply, behind)
    await ended(theatre.alice, "One way.")


async def test_greetings_are_swipes_and_the_chosen_one_is_read(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(
        theatre.alice, "Hostess", first_mes="Good morning.", alternate_greetings="Good evening.\n---\nGood night."
    )
    await theatre.chat_with("Hostess")
    greeting = await theatre.alice.sees("Good morning.")
    await until(lambda: "1/3 ▶" in labels(greeting))
    assert "Regenerate" not in labels(greeting)
    await theatre.alice.click("1/3 ▶", on=greeting)
    await theatre.alice.sees("Good evening.")
    prompt = await prompt_of_next(theatre, "Hello.")
    assert "Good evening." in prompt
    assert "Good morning." not in prompt


async def test_a_single_greeting_has_no_buttons(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(theatre.alice, "Plain", first_mes="Hello there.")
    await theatre.chat_with("Plain")
    greeting = await theatre.alice.sees("Hello there.")
    assert labels(greeting) == []


async def test_an_older_reply_branches_with_a_line_and_a_link(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "Where to?", "To the harbour.")
    await exchange(theatre, "And then?", "Then to sea.")
    theatre.model.says("To the hills.")
    await theatre.alice.click("Regenerate", on=first)
    branched = await ended(theatre.alice, "To the hills.")
    assert branched.id > first.id
    line = await theatre.alice.sees("The scene goes on from")
    assert f"{theatre.guild.id}/{theatre.alice.here.id}/{first.id}" in line.text
    assert first.text.startswith("To the harbour.")
    prompt = await prompt_of_next(theatre, "Good.")
    assert "To the hills." in prompt
    for gone in ("To the harbour.", "And then?", "Then to sea."):
        assert gone not in prompt


async def test_replying_to_an_older_message_branches_there(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "Where to?", "To the harbour.")
    await exchange(theatre, "And then?", "Then to sea.")
    theatre.model.says("There is a tavern, too.")
    await theatre.alice.say("What else is there?", reply_to=first)
    await ended(theatre.alice, "There is a tavern, too.")
    assert "To the harbour." in theatre.model.prompt
    assert "Then to sea." not in theatre.model.prompt
    await theatre.alice.sees("The scene goes on from")


async def test_replying_to_the_newest_reply_is_simply_going_on(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "Where to?", "To the harbour.")
    theatre.model.says("Fish.")
    await theatre.alice.say("What is there?", reply_to=first)
    await ended(theatre.alice, "Fish.")
    await theatre.alice.sees_no("The scene goes on from")


async def test_guests_swipe_and_quote_but_only_the_owner_goes_back(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    theatre.bob.here = thread
    first = await exchange(theatre, "Where to?", "To the harbour.")
    theatre.model.says("To the market.")
    await theatre.bob.click("Regenerate", on=first)
    await ended(theatre.bob, "To the market.")
    await exchange(theatre, "And I?", "You stay.", theatre.bob)
    refused = await theatre.bob.click("Regenerate", on=first)
    await told(refused, "Only whoever opened this chat")
    theatre.model.says("Both heard.")
    await theatre.bob.say("What was that about a market?", reply_to=first)
    await ended(theatre.bob, "Both heard.")
    assert "You stay." in theatre.model.prompt
    for menu in ("Rewind to here", "Delete"):
        answer = await theatre.bob.menu(first, menu)
        if menu == "Delete":
            answer = await theatre.bob.click("Delete for good", on=answer)
        await told(answer, "hoever opened this chat")


async def test_an_edit_of_ones_line_is_answered_anew_and_loses_nothing(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    said = await theatre.alice.say("I open the door.")
    await ended(theatre.alice, "Indeed.")
    answer = await theatre.alice.menu(said, "Edit")
    assert form_of(answer)
    theatre.model.says("Glass everywhere.")
    await answer.fill({"What is said": "I break the window."})
    await ended(theatre.alice, "Glass everywhere.")
    assert "I break the window." in theatre.model.prompt
    assert "I open the door." not in theatre.model.prompt
    line = await theatre.alice.sees("I break the window.")
    assert "Edited." in line.text


async def test_a_reply_that_was_edited_is_read_as_it_stands_now(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    reply = await exchange(theatre, "Who is there?", "Nobody at all.")
    menu = await theatre.alice.click("⋯", on=reply)
    answer = await theatre.alice.click("Edit", on=menu)
    assert form_of(answer)
    await answer.fill({"What is said": "A ghost is there."})
    shown = await ended(theatre.alice, "A ghost is there.")
    assert shown.id == reply.id
    assert "2/2 ▶" in labels(shown)
    prompt = await prompt_of_next(theatre, "A ghost?")
    assert "A ghost is there." in prompt
    assert "Nobody at all." not in prompt


async def test_a_change_on_discord_of_the_newest_line_is_an_edit(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    said = await theatre.alice.say("I go lfet.")
    await ended(theatre.alice, "Indeed.")
    await theatre.alice.edit(said, "I go left.")
    line = await theatre.alice.sees("Edited.")
    theatre.model.says("Left it is.")
    await theatre.alice.click("Have it answered", on=line)
    await ended(theatre.alice, "Left it is.")
    assert "I go left." in theatre.model.prompt
    assert "lfet" not in theatre.model.prompt


async def test_a_change_on_discord_of_an_older_line_gets_a_hint(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    said = await theatre.alice.say("I go left.")
    await ended(theatre.alice, "Indeed.")
    await exchange(theatre, "And on.", "On it is.")
    await theatre.alice.edit(said, "I go right.")
    await theatre.alice.sees("You changed an older message")
    assert "I go left." in await prompt_of_next(theatre, "Well?")


async def test_what_is_deleted_on_discord_goes_only_when_nothing_followed(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    said = await theatre.alice.say("I whisper a secret.")
    await ended(theatre.alice, "Indeed.")
    await theatre.alice.delete(said)
    await theatre.alice.sees("the story went on from it and keeps it")
    await until_in_history(theatre.alice, "I whisper a secret.")


async def test_what_is_deleted_on_discord_before_an_answer_is_gone(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await exchange(theatre, "One.", "Answer one.")
    said = await theatre.alice.say("I go lfet.")
    await ended(theatre.alice, "Indeed.")
    await theatre.alice.edit(said, "Planted words.")
    await theatre.alice.sees("Edited.")
    await theatre.alice.delete(said)
    prompt = await prompt_of_next(theatre, "Three.")
    assert "Answer one." in prompt
    assert "Planted words." not in prompt


async def test_going_back_shows_the_reply_again_and_reads_no_further(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "One.", "Answer one.")
    await exchange(theatre, "Two.", "Answer two.")
    await theatre.alice.menu(first, "Rewind to here")
    await until(lambda: len([each for each in theatre.alice.messages() if each.text.startswith("Answer one.")]) == 2)
    prompt = await prompt_of_next(theatre, "Three.")
    assert "Answer one." in prompt
    assert "Answer two." not in prompt


async def test_undo_takes_back_a_line_and_its_reply(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await exchange(theatre, "One.", "Answer one.")
    await exchange(theatre, "Two.", "Answer two.")
    await theatre.alice.slash("chat undo")
    await theatre.alice.sees("Taken back")
    prompt = await prompt_of_next(theatre, "Three.")
    assert "Answer one." in prompt
    assert "Two." not in prompt.replace("Answer two.", "")
    assert "Answer two." not in prompt


async def test_deleting_takes_the_words_out_of_everything(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await exchange(theatre, "One.", "Answer one.")
    said = await theatre.alice.say("Planted words.")
    await ended(theatre.alice, "Indeed.")
    asked = await theatre.alice.menu(said, "Delete")
    sure = await theatre.alice.click("Delete for good", on=asked)
    await told(sure, "It is deleted.")
    await theatre.alice.sees("Deleted.")
    prompt = await prompt_of_next(theatre, "Three.")
    assert "Answer one." in prompt
    assert "Planted words." not in prompt
    history = await theatre.alice.slash("chat history")
    assert "Planted words." not in history.text


async def test_a_branch_in_a_thread_of_its_own_leaves_the_old_one_alone(theatre: Theatre) -> None:
    old = await theatre.chat_with("Cue")
    first = await exchange(theatre, "One.", "Answer one.")
    await exchange(theatre, "Two.", "Answer two.")
    asked = await theatre.alice.menu(first, "Branch from here")
    opened = await theatre.alice.click("In a new thread", on=asked)
    await told(opened, "The branch goes on in")
    new = theatre.guild.threads[-1]
    assert new.id != old.id
    theatre.alice.here = new
    again = await ended(theatre.alice, "Answer one.")
    assert again.channel.id == new.id
    prompt = await prompt_of_next(theatre, "Elsewhere.")
    assert "Answer one." in prompt
    assert "Answer two." not in prompt
    theatre.alice.here = old
    prompt = await prompt_of_next(theatre, "Here.", "As before.")
    assert "Answer two." in prompt
    assert "Elsewhere." not in prompt


async def test_buttons_of_another_chat_are_refused_in_words(theatre: Theatre) -> None:
    elsewhere = await theatre.chat_with("Cue")
    reply = await exchange(theatre, "One.", "Answer one.")
    stolen = next(button.custom_id for button in reply.buttons if button.label == "Regenerate")
    await theatre.chat_with("Cue", theatre.bob)
    theatre.alice.here = theatre.bob.here
    here = await exchange(theatre, "Mine.", "Answer mine.", theatre.bob)
    answer = await press_anything(theatre.alice, here, stolen or "")
    assert "not part of the chat" in answer.text
    assert elsewhere.id != theatre.alice.here.id


async def test_while_a_reply_is_written_the_tree_stands_still(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "One.", "Answer one.")
    held = theatre.model.says("Slowly now.", hold_after=1)
    await theatre.alice.say("Two.")
    await theatre.alice.sees("Slowly")
    for answer in (
        await theatre.alice.menu(first, "Rewind to here"),
        await theatre.alice.slash("chat undo"),
        await theatre.alice.click("Regenerate", on=first),
        await theatre.alice.slash("chat continue"),
    ):
        await told(answer, "A reply is being written")
    held.release()
    await ended(theatre.alice, "Slowly now.")


async def test_continue_goes_on_or_has_the_last_line_answered(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await exchange(theatre, "Tell me.", "Once upon")
    theatre.model.says(" a time.")
    await theatre.alice.slash("chat continue")
    await ended(theatre.alice, "Once upon a time.")
    narrated = await theatre.alice.slash("chat narrate", text="Night falls.")
    await until(lambda: "Have it answered" in labels(message_of(narrated)))
    theatre.model.says("Stars come out.")
    await theatre.alice.slash("chat continue")
    await ended(theatre.alice, "Stars come out.")
    assert "Night falls." in theatre.model.prompt


async def test_narration_is_answered_when_somebody_asks(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    narrated = await theatre.alice.slash("chat narrate", text="Snow begins to fall.")
    assert not narrated.ephemeral
    await until(lambda: "Have it answered" in labels(message_of(narrated)))
    theatre.model.says("It is cold.")
    await theatre.alice.click("Have it answered", on=narrated)
    await ended(theatre.alice, "It is cold.")
    assert "Snow begins to fall." in theatre.model.prompt


async def test_in_direct_messages_one_branches_in_place(theatre: Theatre) -> None:
    alice = theatre.alice
    alice.here = alice.dm
    await alice.slash("character start", character="Cue")
    first = await exchange(theatre, "One.", "Answer one.")
    await exchange(theatre, "Two.", "Answer two.")
    asked = await alice.menu(first, "Branch from here")
    assert asked.message
    assert labels(asked.message) == ["Here"]
    await alice.click("Here", on=asked)
    await alice.sees("The scene goes on from")
    prompt = await prompt_of_next(theatre, "Three.")
    assert "Answer two." not in prompt


@pytest.mark.parametrize("menu", ["Edit", "Branch from here", "Rewind to here", "Delete"])
async def test_posts_that_are_no_part_of_the_story_are_named(theatre: Theatre, menu: str) -> None:
    await theatre.chat_with("Cue")
    aside = await theatre.alice.say("// out of the story")
    answer = await theatre.alice.menu(aside, menu)
    await told(answer, "not part of the story")
    elsewhere = await theatre.alice.at(theatre.tavern).say("Hello, tavern.")
    answer = await theatre.alice.menu(elsewhere, menu)
    await told(answer, "No chat is played here")


async def test_the_tree_is_a_picture_with_a_way_to_every_end(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    first = await exchange(theatre, "Where to?", "To the harbour.")
    await regenerated(theatre, first, "To the hills.")
    await exchange(theatre, "And then?", "Up and up.")
    answer = await theatre.alice.slash("chat tree")
    message = message_of(answer)
    (picture,) = message.attachments
    assert picture.filename == "tree.png"
    (menu,) = message.selects
    labels_of_ends = [option["label"] for option in menu.options]
    assert labels_of_ends == ["1. Up and up.", "2. To the harbour."]
    assert [option["description"] for option in menu.options] == ["Cue · the scene stands here", "Cue"]
    await theatre.alice.select("Go to the end of a branch", [menu.options[1]["value"]], on=answer)
    await until(
        lambda: len([each for each in theatre.alice.messages() if each.text.startswith("To the harbour.")]) == 1
    )
    prompt = await prompt_of_next(theatre, "By boat?")
    assert "To the harbour." in prompt
    assert "Up and up." not in prompt


async def test_narration_while_a_reply_is_written_stays_in_the_story(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    held = theatre.model.says("Slowly now.", hold_after=1)
    await theatre.alice.say("One.")
    await theatre.alice.sees("Slowly")
    await theatre.alice.say("Two.")
    await until_in_history(theatre.alice, "Two.")
    narrated = await theatre.alice.slash("chat narrate", text="A bell rings.")
    await until(lambda: "Have it answered" in labels(message_of(narrated)))
    theatre.model.says("I hear it.")
    held.release()
    await ended(theatre.alice, "I hear it.")
    assert "A bell rings." in theatre.model.prompt
    assert "A bell rings." in await prompt_of_next(theatre, "Three.")
