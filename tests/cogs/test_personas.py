"""Personas in scenes: who people are there, who knows it, and that the past is never rewritten."""

from typing import Any

from playground import Answer, Channel, Person
from playground.posting import Author, post
from tests.cogs.acts import told
from tests.cogs.workshop import Workshop, caller, picture
from tests.theatre import Theatre, until

WHO = {"Name": "Mara", "Description": "A smuggler with one eye.", "Personality": "Sly and warm."}


async def make(person: Person, **given: Any) -> Answer:
    """Makes a persona by its form, and waits for its panel."""
    return await (await person.slash("persona create")).fill({**WHO, **given})


async def test_two_people_switch_in_the_middle_of_a_scene(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    await workshop.published(alice, "Nova", first_mes="Welcome, {{user}}.", description="Nova meets {{user}}.")
    await workshop.published(bob, "Juniper", description="{{char}} keeps a lighthouse, and waits for {{user}}.")
    await make(alice)
    assert "you are Mara" in (await alice.slash("persona default", persona="Mara")).text
    bob.here = await theatre.chat_with("Nova")
    await alice.sees("Welcome, Mara.")

    model.says("One.")
    await alice.say("I come ashore.")
    await theatre.reply("One.")
    assert "A smuggler with one eye." in model.prompt
    assert "Personality: Sly and warm." in model.prompt
    assert "Nova meets Mara." in model.prompt

    assert "You are Juniper here" in (await bob.slash("persona play-as", character="Juniper")).text
    model.says("Two.")
    await bob.say("I light the lamp.")
    await theatre.reply("Two.")
    assert "Juniper keeps a lighthouse, and waits for Nova." in model.prompt
    assert "A smuggler with one eye." in model.prompt
    assert "Nova meets Juniper." in model.prompt
    assert "Mara: I come ashore." in model.prompt

    for command in ("chat inspect", "chat history", "chat tree", "persona list", "persona show"):
        assert "smuggler" not in told(await bob.slash(command)), command
    assert await bob.autocomplete("persona use", "persona", "mara") == []
    assert "no such persona" in (await bob.slash("persona show", persona="Mara")).text

    await alice.slash("persona clear")
    model.says("Three.")
    await alice.say("It is only me.")
    await theatre.reply("Three.")
    assert "A smuggler with one eye." not in model.prompt
    assert "Mara: I come ashore." in model.prompt
    assert "Alice: It is only me." in model.prompt


async def dressed(theatre: Theatre) -> Channel:
    """A chat in which Alice is Mara and is shown so."""
    alice = theatre.alice
    await make(alice, Avatar=[("mara.png", picture())])
    thread = await theatre.chat_with("Cue")
    assert "You are Mara" in (await alice.slash("persona use", persona="Mara")).text
    assert "under the name and face of Mara" in (await alice.slash("persona look", shown="on")).text
    return thread


async def test_what_is_said_is_shown_under_the_name_of_whom_one_is(theatre: Theatre) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    bob.here = await dressed(theatre)
    model.says("Who goes there?")
    said = await alice.say("Only me. @everyone", files=[("map.png", picture())])
    reply = await theatre.reply("Who goes there?")
    shown = await bob.sees("Only me.")
    assert (shown.author_name, bool(shown.webhook_id), shown.mention_everyone) == ("Mara", True, False)
    assert [each.filename for each in shown.attachments] == ["map.png"]
    assert shown.id < reply.id
    await until(lambda: said.deleted)
    assert model.prompt.count("Only me.") == 1

    await bob.react(shown, "❓")
    answer = await bob.sees("Mara is", bob.dm)
    assert "alice" in answer.text
    await until(lambda: "❓" not in shown.reactions)

    model.says("Nobody, then.")
    plainly = await alice.say("\\Just Alice for once.")
    await theatre.reply("Nobody, then.")
    assert "Mara: \\Just" not in model.prompt
    assert "Just Alice for once." in model.prompt
    assert not plainly.deleted

    last = await alice.say("// out of the story")
    await bob.react(shown, "❌")
    await alice.react(shown, "❌")
    await until(lambda: shown.deleted)
    await alice.sees("the story went on from it and keeps it")
    assert not last.deleted


async def test_what_is_shown_under_another_name_can_be_changed_and_is_never_taken_for_a_reply(
    theatre: Theatre,
) -> None:
    alice, model, playground = theatre.alice, theatre.model, theatre.playground
    await dressed(theatre)
    model.says("First.")
    # Discord posts it and does not answer, so it is asked once more: nobody knows of the first.
    playground.faults.lose_answer("POST", "/webhooks/*", status=502, times=1)
    original = await alice.say("I am here.")
    reply = await theatre.reply("First.")
    await until(lambda: original.deleted)
    shown = await alice.sees("I am here.")
    await until(lambda: [each.text for each in alice.messages()].count("I am here.") == 1)

    model.says("Second.")
    opened = await alice.menu(shown, "Edit")
    await opened.fill({"What is said": "I am gone."})
    await theatre.reply("Second.")
    await until(lambda: shown.text == "I am gone.")
    assert "I am here." not in model.prompt

    model.says("Third.")
    await alice.say("And if I stayed?", reply_to=shown)
    await theatre.reply("Third.")
    assert "I am gone." in model.prompt
    assert "Second." not in model.prompt
    assert not reply.deleted

    # Somebody's words of which no row was written before a kill; and a reply that looks for posts of its own.
    (hook,) = playground.webhooks(theatre.tavern)
    left = post(alice.here, Author(hook.user_id, hook.id, "Mara", None, hook.application_id), {"content": "I hide."})
    await alice.slash("persona look", shown="off")
    playground.faults.lose_answer("POST", "/webhooks/*", status=502, times=1)
    model.says("Fourth.")
    await alice.say("Anybody?")
    await theatre.reply("Fourth.")
    model.says("Fifth.")
    await alice.say("Really not?")  # answered only when all posts of the reply before stand
    await theatre.reply("Fifth.")
    assert [each.content for each in alice.messages()].count("Fourth.") == 1
    assert not left.deleted


async def test_without_the_right_words_stay_as_they_are_and_one_hint_says_why(
    theatre: Theatre, workshop: Workshop
) -> None:
    alice, bob, model = theatre.alice, theatre.bob, theatre.model
    juniper = await workshop.published(bob, "Juniper")
    thread = await dressed(theatre)
    theatre.guild.revoke_from_bot("manage_messages")
    for words in ("One.", "Two."):
        model.says(f"Answer {words}")
        said = await alice.say(words)
        await theatre.reply(f"Answer {words}")
        assert not said.deleted
    await alice.sees("Until an admin gives me that")
    assert sum("Until an admin" in each.text for each in alice.messages()) == 1

    assert "**Mara**" in (await alice.slash("say", words="Aloud.")).text
    await theatre.reply("Indeed.")
    model.says("I walk to the pier.")
    assert "I walk to the pier." in (await alice.slash("chat draft")).text
    assert "About Mara: A smuggler with one eye." in model.prompt

    await alice.slash("persona play-as", character="Juniper")
    await workshop.characters.unpublish(caller(bob), str(juniper.id))
    for words in ("Three.", "Four."):
        model.says(f"Answer {words}")
        await alice.say(words)
        await theatre.reply(f"Answer {words}")
    assert sum("you said this as yourself" in each.text for each in alice.messages(thread)) == 1
    assert "Alice: Four." not in model.prompt
    assert "Four." in model.prompt
