"""Several characters in a scene: who speaks, who heard what, and that a branch has its own cast."""

import json
from typing import Any

from bot.cards.card_files import read_card_file
from tests.cogs.workshop import Workshop, caller
from tests.theatre import Theatre, until


async def come(theatre: Theatre, name: str, **options: Any) -> None:
    answer = await theatre.alice.slash("chat invite", character=name, **options)
    assert "joins the scene" in answer.text, answer.text


def heard(theatre: Theatre) -> str:
    """What the model last read of the story."""
    return "\n".join(each["content"] for each in theatre.model.requests[-1]["messages"])


async def test_who_is_spoken_to_answers_under_its_own_name(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await come(theatre, "Halcyon")
    await come(theatre, "Tefi")
    theatre.model.says("I steer by the stars.")
    await theatre.alice.say("Halcyon, where are we?")
    reply = await theatre.reply("I steer by the stars.")
    assert reply.author_name == "Halcyon"
    assert "Halcyon joins the scene." in heard(theatre)
    theatre.model.says("Tefi's word.")
    await theatre.bob.at(theatre.alice.here).say("And you, Tefi?")
    reply = await theatre.reply("Tefi's word.")
    assert reply.author_name == "Tefi"
    assert "Halcyon: I steer by the stars." in heard(theatre)


async def test_in_the_order_of_a_list_everybody_speaks_once(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await come(theatre, "Halcyon")
    answer = await theatre.alice.slash("chat turns", order="list")
    assert "- Cue" in answer.text
    assert "- Halcyon" in answer.text
    theatre.model.says("First.")
    theatre.model.says("Second.")
    await theatre.alice.say("Speak, all of you.")
    first, second = await theatre.reply("First."), await theatre.reply("Second.")
    assert (first.author_name, second.author_name) == ("Cue", "Halcyon")
    assert "Cue: First." in heard(theatre)
    asked = len(theatre.model.requests)
    await theatre.alice.slash("chat history")
    assert len(theatre.model.requests) == asked


async def test_nobody_speaks_by_hand_before_somebody_is_chosen(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await come(theatre, "Halcyon")
    await theatre.alice.slash("chat turns", order="manual")
    await theatre.alice.say("Anybody?")
    await until(lambda: theatre.alice.messages()[-1].content == "Anybody?")
    theatre.model.says("Here.")
    answer = await theatre.alice.slash("chat turns", speaker="Halcyon")
    assert "Halcyon speaks." in answer.text
    reply = await theatre.reply("Here.")
    assert reply.author_name == "Halcyon"
    assert len(theatre.model.requests) == 1
    assert "Anybody?" in heard(theatre)


async def test_who_was_sent_away_has_not_heard_what_was_said_meanwhile(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    await come(theatre, "Halcyon")
    answer = await theatre.alice.slash("chat dismiss", character="Halcyon")
    assert "leaves the scene" in answer.text
    theatre.model.says("It is under the stone.")
    await theatre.alice.say("Cue, where is the key? Halcyon must not know.")
    await theatre.reply("It is under the stone.")
    await come(theatre, "Halcyon")
    theatre.model.says("I know nothing.")
    await theatre.alice.say("Halcyon, where is the key?")
    reply = await theatre.reply("I know nothing.")
    assert reply.author_name == "Halcyon"
    assert "under the stone" not in heard(theatre)
    assert "where is the key?" in heard(theatre)
    refused = await theatre.alice.slash("chat invite", character="Halcyon")
    assert "is in this scene already" in refused.text


async def test_the_last_one_stays(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    answer = await theatre.alice.slash("chat dismiss", character="Cue")
    assert "Nobody else would be left" in answer.text


async def test_a_branch_has_its_own_cast(theatre: Theatre) -> None:
    await theatre.chat_with("Cue")
    theatre.model.says("Just us.")
    await theatre.alice.say("Are we alone?")
    alone = await theatre.reply("Just us.")
    await come(theatre, "Halcyon")
    theatre.model.says("I am here.")
    await theatre.alice.say("Halcyon?")
    assert (await theatre.reply("I am here.")).author_name == "Halcyon"
    await theatre.alice.menu(alone, "Rewind to here")
    theatre.model.says("Only me.")
    await theatre.alice.say("Halcyon?")
    reply = await theatre.reply("Only me.")
    assert reply.author_name == "Cue"
    answer = await theatre.alice.slash("chat turns")
    assert "Halcyon" not in answer.text


async def test_a_guest_greets_as_its_card_says_and_is_regenerated_as_itself(
    theatre: Theatre, workshop: Workshop
) -> None:
    card = {"name": "Guest", "first_mes": "Hello.", "group_only_greetings": ["{{char}} nods at {{user}}."]}
    whole = json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": card}).encode()
    file = read_card_file(whole, "guest.json")
    await workshop.characters.save_import(caller(theatre.alice), file, source_sha256="0" * 64)
    await theatre.chat_with("Cue")
    await come(theatre, "Guest")
    greeting = await theatre.alice.sees("Guest nods at Alice.")
    assert greeting.author_name == "Guest"
    theatre.model.says("Yes.")
    await theatre.alice.say("Guest?")
    reply = await theatre.reply("Yes.")
    theatre.model.says("No.")
    await theatre.alice.click("Regenerate", on=reply)
    again = await theatre.reply("No.")
    assert (again.id, again.author_name) == (reply.id, "Guest")
