"""/chat list, history and end; and which messages belong to a story."""

import re

import pytest

from playground import Channel, Person, posting
from tests.cogs.showing import ended, file_of, until_in_history
from tests.cogs.workshop import open_workshop
from tests.theatre import Theatre, until

RENAMED = 4
"""The type of the notice that a channel has a new name."""


async def test_a_list_leads_back_to_ones_chats(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    empty = await alice.slash("chat list")
    assert "You have no chats yet. `/character pick` starts one." in empty.text
    first = await theatre.chat_with("Cue")
    second = await theatre.chat_with("Captain Juniper Wake")
    await theatre.chat_with("Cue", bob)
    await alice.slash("chat end", in_=first)
    listed = await alice.slash("chat list")
    assert listed.ephemeral
    guild = theatre.guild.id
    links = re.findall(r"\((https://\S+)\)", listed.text)
    assert sorted(links) == sorted(f"https://discord.com/channels/{guild}/{each.id}" for each in (first, second))
    assert next(line for line in listed.text.splitlines() if str(first.id) in line).endswith("ended")


async def test_a_list_of_long_titles_fits_a_message(theatre: Theatre) -> None:
    name = "*_~`|>[]" * 10
    async with open_workshop(theatre) as workshop:
        made = await workshop.published(theatre.alice, name)
    for _ in range(10):
        await theatre.alice.at(theatre.tavern).slash("character start", character=str(made.id))
    listed = await theatre.alice.slash("chat list")
    assert listed.text.count("https://discord.com/channels/") >= 5


async def test_history_reads_back_page_by_page(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("Yes?", hold_after=0, pause=0)
    for number in range(54):
        await alice.say(f"Line {number}.")
    await until_in_history(alice, "Line 53.")
    held.release()
    theatre.model.says("The last word.", pause=0)
    await ended(alice, "The last word.")
    newest = await alice.slash("chat history")
    assert newest.ephemeral
    assert "Line 53." in newest.text
    said = file_of(newest)
    assert said.index("Line 52.") < said.index("Line 53.")
    assert said.count("\n---\n") == 49
    older = await newest.click("Older")
    before = file_of(older)
    assert older.ephemeral
    assert "Line 0." in before
    assert not set(re.findall(r"Line \d+\.", before)) & set(re.findall(r"Line \d+\.", said))
    assert not older.message or not older.message.buttons


async def test_words_whose_key_is_gone_are_shown_as_removed(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    thread = await theatre.chat_with("Cue")
    theatre.model.says("Answered.", pause=0)
    await bob.at(thread).say("Words of Bob.")
    await ended(alice, "Answered.")
    await forget_words_of(theatre, bob)
    read = await alice.slash("chat history")
    assert "Words of Bob." not in read.text + file_of(read)
    assert "(removed)" in file_of(read)
    assert "Answered." in read.text


async def forget_words_of(theatre: Theatre, person: Person) -> None:
    """Deletes somebody's key behind the bot's back, and has the bot start anew."""
    import sqlalchemy as sa  # noqa: PLC0415 - the one test that looks into the database

    async with open_workshop(theatre) as workshop, workshop.database.transaction() as session:
        await session.execute(
            sa.text("DELETE FROM keys WHERE scope = 'user' AND subject = :who"), {"who": str(person.id)}
        )
    await theatre.stop()
    await theatre.start()


async def test_history_where_there_is_none(theatre: Theatre) -> None:
    nothing = await theatre.alice.slash("chat history")
    assert "No chat is played here" in nothing.text


async def test_an_ended_chat_can_be_read_but_not_played(theatre: Theatre) -> None:
    alice = theatre.alice
    thread = await theatre.chat_with("Cue")
    theatre.model.says("A word.", pause=0)
    await alice.say("Speak.")
    reply = await ended(alice, "A word.")
    good_bye = await alice.slash("chat end")
    assert "The chat has ended" in good_bye.text
    assert not good_bye.ephemeral
    await until(lambda: thread.archived)
    await alice.say("Hello?")
    assert not thread.archived
    read = await alice.slash("chat history")
    assert "A word." in read.text
    assert "Hello?" not in file_of(read)
    await alice.click("Regenerate", on=reply)
    assert (await alice.sees("This chat has ended")).ephemeral
    again = await alice.slash("chat end")
    assert "This chat has ended" in again.text
    assert len(theatre.model.requests) == 1


async def test_ending_while_a_reply_is_written_keeps_what_there_is(theatre: Theatre) -> None:
    alice = theatre.alice
    thread = await theatre.chat_with("Cue")
    held = theatre.model.says("One two three four.", hold_after=2, pause=0)
    await alice.say("Count.")
    await alice.sees("One two")
    await alice.slash("chat end")
    await until(lambda: "Stopped" in "".join(each.content for each in thread.messages))
    held.release()
    await until(lambda: thread.archived)


@pytest.mark.parametrize(("who", "may"), [("owner", True), ("moderator", True), ("stranger", False)])
async def test_who_may_end_a_chat(theatre: Theatre, who: str, may: bool) -> None:
    thread = await theatre.chat_with("Cue")
    mod = theatre.playground.add_person("mod", guilds=[theatre.guild], admin=True)
    person = {"owner": theatre.alice, "moderator": mod, "stranger": theatre.bob}[who].at(thread)
    answer = await person.slash("chat end")
    assert ("The chat has ended" in answer.text) is may
    assert answer.ephemeral is not may
    if not may:
        assert "Only whoever opened this chat" in answer.text
    answered = await theatre.alice.at(thread).slash("chat end")
    assert ("This chat has ended" in answered.text) is may


async def test_what_stays_out_of_the_story(theatre: Theatre) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    thread = await theatre.chat_with("Cue")
    bob.here = thread
    await alice.say("// an aside")
    await alice.say("((another aside))")
    await alice.say("  // a third")
    await alice.say("", files=[("cat.png", b"x")])
    await alice.sees("I read words only")
    stranger = theatre.playground.add_person("machine", guilds=[theatre.guild])
    stranger.user.bot = True
    await stranger.at(thread).say("I am a machine.")
    posting.system_message(thread, alice.id, RENAMED, "A new name")
    model.says("I heard.", pause=0)
    await bob.say("A word of the story.", files=[("dog.png", b"x")])
    await ended(alice, "I heard.")
    assert "A word of the story." in model.prompt
    assert "aside" not in model.prompt
    assert "machine" not in model.prompt
    assert "A new name" not in model.prompt
    assert "a third" not in model.prompt
    assert len(model.requests) == 1
    await until(lambda: sum("I read words only" in each.text for each in alice.messages()) == 2)


async def test_a_channel_without_a_chat(theatre: Theatre) -> None:
    alice = theatre.alice
    thread = await alice.at(theatre.tavern).start_thread("Ours alone")
    for place in (theatre.tavern, thread):
        alice.here = place
        await alice.say("Just talking.")
        await alice.say("", files=[("cat.png", b"x")])
        asked = await alice.say(f"<@{theatre.playground.bot_user_id}> hello?")
        told = await alice.sees("No chat is played here. Start one with `/character pick`.")
        assert told.reply_to_id == asked.id
        assert [each for each in alice.messages() if each.author_id == theatre.playground.bot_user_id] == [told]
    assert theatre.model.requests == []


async def test_the_longest_message_and_an_empty_mention(theatre: Theatre) -> None:
    alice, model = theatre.alice, theatre.model
    await theatre.chat_with("Cue")
    long = "x" * 1_990 + " the end."[:10]
    model.says("Quite so.", pause=0)
    await alice.say(long)
    await ended(alice, "Quite so.")
    assert long in model.prompt
    await alice.say(f"<@{theatre.playground.bot_user_id}>")
    await alice.sees("There are no words in this")


async def test_what_several_people_say_keeps_its_order(theatre: Theatre) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    thread: Channel = await theatre.chat_with("Cue")
    bob.here = thread
    held = model.says("Yes?", hold_after=0, pause=0)
    await alice.say("Line 0.")
    await until(lambda: len(model.requests) == 1)
    for number in range(1, 12):
        await (alice, bob)[number % 2].say(f"Line {number}.")
    await until_in_history(alice, "Line 11.")
    model.says("I see.", pause=0)
    held.release()
    await ended(alice, "I see.")
    assert re.findall(r"Line (\d+)\.", model.prompt) == [str(number) for number in range(12)]
    assert len(model.requests) == 2


async def test_messages_of_our_own_webhook_are_not_heard(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("One answer.", pause=0)
    await alice.say("One question.")
    await ended(alice, "One answer.")
    read = await alice.slash("chat history")
    assert file_of(read).count("\n---\n") == 2
