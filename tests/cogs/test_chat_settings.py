"""Settings of a chat, its title, its end: what holds, whose choice it is, and who may change it."""

import pytest

from tests.cogs.showing import ended, file_of, is_over
from tests.cogs.workshop import Workshop, form_of, message_of, read
from tests.theatre import Theatre, until


async def test_each_value_tells_whose_choice_it_is(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("chat settings")
    for line in (
        "**Model:** scripted\n",
        "**Mode:** Role-play\n",
        "**History:** the last 200 messages\n",
        "Where no choice is named, the operator's holds.",
    ):
        assert line in panel.text
    form = await theatre.alice.click("Temperature, length, history", on=panel)
    assert form_of(form)
    await form.fill({"Temperature": "0,3"})
    await read(panel, "**Temperature:** 0.3 · chosen for this chat")
    await theatre.alice.say("Well?")
    await ended(theatre.alice, "Indeed.")
    assert theatre.model.requests[-1]["temperature"] == 0.3
    await theatre.alice.click("Reset", on=panel)
    await read(panel, "**Temperature:** 0.9\n")


async def test_what_makes_no_sense_is_said_and_nothing_changes(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("chat settings")
    cases = [
        ("Temperature", "warm", "“warm” is not a number"),
        ("Temperature", "nan", "“nan” is not a number"),
        ("Temperature", "2.5", "lies between 0"),
        ("Longest reply, in tokens", "1201", "between 16 and 1,200 tokens"),
        ("Messages read back", "2.5", "“2.5” is not a number"),
        ("Messages read back", "0", "between 1 and 2,000 messages"),
    ]
    for field, typed, told in cases:
        form = await theatre.alice.click("Temperature, length, history", on=panel)
        answer = await form.fill({field: typed})
        await until(lambda answer=answer, told=told: told in answer.text)
    assert "chosen for this chat" not in (await theatre.alice.slash("chat settings")).text


async def test_the_history_limit_holds(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("chat settings")
    form = await theatre.alice.click("Temperature, length, history", on=panel)
    await form.fill({"Messages read back": "2"})
    await read(panel, "the last 2 messages")
    for line in ("First line.", "Second line."):
        await theatre.alice.say(line)
        await until(lambda: is_over(theatre.alice.messages()[-1]) and "Indeed." in theatre.alice.messages()[-1].text)
    assert "First line." not in theatre.model.prompt
    assert "Second line." in theatre.model.prompt


async def test_a_story_is_told_otherwise_and_whole_replies_come_at_once(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("chat settings")
    await theatre.alice.select("chat.mode", ["story"], on=panel)
    await read(panel, "**Mode:** Story · chosen for this chat")
    await theatre.alice.click("Show whole replies", on=panel)
    await read(panel, "**Shown while it is written:** no · chosen for this chat")
    held = theatre.model.says("The lamp goes out slowly.", hold_after=3)
    await theatre.alice.say("(It gets dark.)")
    await theatre.alice.sees("is writing…")
    await until(lambda: len(theatre.model.requests) == 1)
    assert "You tell a story" in theatre.model.prompt
    await theatre.alice.sees_no("The lamp goes")
    held.release()
    await ended(theatre.alice, "The lamp goes out slowly.")


async def test_settings_are_reused_for_new_chats(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("chat settings")
    await theatre.alice.select("chat.mode", ["story"], on=panel)
    await read(panel, "Story")
    await theatre.alice.click("Reuse for new chats", on=panel)
    await read(panel, "Your new chats begin with these settings")
    await theatre.chat_with("Cue")
    fresh = await theatre.alice.slash("chat settings")
    assert "**Mode:** Story · the choice of whoever opened it" in fresh.text
    await theatre.chat_with("Cue", theatre.bob)
    assert "**Mode:** Role-play" in (await theatre.bob.slash("chat settings")).text


async def test_guests_read_the_settings_and_change_none(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    theatre.bob.here = thread
    seen = await theatre.bob.slash("chat settings")
    assert "can change this" in seen.text
    assert [button.label for button in message_of(seen).buttons] == ["Chats", "Settings"]
    refused = await theatre.bob.slash("chat rename", title="Mine")
    assert "Only whoever opened this chat" in refused.text


async def test_the_workbench_in_a_chat_has_its_settings_and_ones_chats(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    panel = await theatre.alice.slash("workbench")
    assert "Settings of this chat" in panel.text
    await theatre.alice.click("Chats", on=panel)
    await read(panel, "Cue & Alice")


async def test_a_chat_and_its_thread_get_another_title(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    answer = await theatre.alice.slash("chat rename", title="  The *long*\nnight ")
    assert "is called" in answer.text
    await until(lambda: thread.name == "The *long* night")
    assert "The \\*long\\* night" in (await theatre.alice.slash("chat list")).text


async def test_a_long_list_of_chats_has_pages(theatre: Theatre) -> None:
    for _ in range(11):
        await theatre.chat_with("Cue")
    listed = await theatre.alice.slash("chat list")
    assert listed.text.count("https://discord.com/channels/") == 10
    first = theatre.guild.threads[0]
    assert str(first.id) not in listed.text
    await theatre.alice.click("Older", on=listed)
    await read(listed, str(first.id))


async def test_deleting_a_chat_asks_first_and_leaves_nothing(theatre: Theatre) -> None:
    thread = await theatre.chat_with("Cue")
    theatre.bob.here = thread
    assert "Only whoever opened this chat can delete it" in (await theatre.bob.slash("chat delete")).text
    asked = await theatre.alice.slash("chat delete")
    sure = await theatre.alice.click("Delete for good", on=asked)
    await until(lambda: "is deleted" in sure.text)
    assert "You have no chats yet" in (await theatre.alice.slash("chat list")).text
    again = await theatre.alice.slash("chat history")
    assert "No chat is played here" in again.text
    twice = await theatre.alice.slash("chat delete")
    assert "No chat is or was played here" in twice.text


async def test_deleting_a_chat_leaves_its_branches_in_threads_of_their_own(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    theatre.model.says("Answer one.")
    await theatre.alice.say("One.")
    first = await ended(theatre.alice, "Answer one.")
    asked = await theatre.alice.menu(first, "Branch from here")
    opened = await theatre.alice.click("In a new thread", on=asked)
    await until(lambda: "The branch goes on in" in opened.text)
    gone = await theatre.alice.slash("chat delete")
    sure = await theatre.alice.click("Delete for good", on=gone)
    await until(lambda: "is deleted" in sure.text)
    theatre.alice.here = theatre.guild.threads[-1]
    theatre.model.says("Still here.")
    await theatre.alice.say("And now?")
    await ended(theatre.alice, "Still here.")
    assert "Answer one." in theatre.model.prompt


@pytest.mark.parametrize(
    ("wanted", "name", "held"),
    [
        ("markdown", "Cue-Alice.md", "**Alice**"),
        ("jsonl", "Cue-Alice.jsonl", '"swipes":["One way.","Another way."]'),
        ("text", "Cue-Alice.txt", "Another way."),
    ],
)
async def test_a_chat_is_taken_along_as_a_file(theatre: Theatre, wanted: str, name: str, held: str) -> None:
    await theatre.chat_with("Cue")
    theatre.model.says("One way.")
    await theatre.alice.say("Which way?")
    reply = await ended(theatre.alice, "One way.")
    theatre.model.says("Another way.")
    await theatre.alice.click("Regenerate", on=reply)
    await ended(theatre.alice, "Another way.")
    answer = await theatre.alice.slash("chat export", format=wanted)
    (file,) = message_of(answer).attachments
    assert file.filename == name
    words = file_of(answer)
    assert "Which way?" in words
    assert held in words


async def test_a_chat_without_words_is_not_exported(theatre: Theatre, workshop: Workshop) -> None:
    await workshop.published(theatre.alice, "Silent", first_mes="", description="Says nothing.")
    await theatre.chat_with("Silent")
    answer = await theatre.alice.slash("chat export")
    assert "Nothing was said here yet" in answer.text
