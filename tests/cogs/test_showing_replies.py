"""How replies stand on Discord: parts, buttons, names, notes; nobody is pinged, and nothing is embedded."""

import asyncio
from typing import Any

import pytest

from playground import Message, Person, posting
from playground.messages import SUPPRESS_EMBEDS
from tests.cogs.showing import ended, message_of, posts, refused, writes
from tests.cogs.workshop import open_workshop
from tests.theatre import Theatre, until

LONG = "\n\n".join(f"Paragraph {number}. " + "word " * 270 for number in range(5))


def letters(messages: list[Message]) -> str:
    """What the messages say, without white space."""
    return "".join("".join(each.content.split()) for each in messages)


async def is_shown(person: Person, text: str, parts: int) -> None:
    """Waits until a reply stands in that many messages, with buttons under the last alone."""
    last = await ended(person, text[-20:].strip(), within=15)
    await until(lambda: len(posts(person)) == parts and letters(posts(person)) == "".join(text.split()))
    assert [bool(each.buttons) for each in posts(person)] == [False] * (parts - 1) + [True]
    assert posts(person)[-1] is last


async def test_a_reply_goes_from_many_parts_to_one_and_back(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    await until(lambda: posts(alice) != [])
    posting.delete(posts(alice)[0])
    theatre.model.says(LONG, pause=0)
    await alice.say("At length.")
    await is_shown(alice, LONG, 5)
    first = posts(alice)[0]
    theatre.model.says("In one word: no.", pause=0)
    await alice.click("Regenerate")
    await is_shown(alice, "In one word: no.", 1)
    assert posts(alice) == [first]
    theatre.model.says(LONG.replace("word", "deed"), pause=0)
    await alice.click("Regenerate")
    await is_shown(alice, LONG.replace("word", "deed"), 5)
    assert posts(alice)[0] is first


async def test_every_request_pings_nobody_and_edits_leave_the_buttons_alone(theatre: Theatre) -> None:
    alice, bob = theatre.alice, theatre.bob
    thread = await theatre.chat_with("Cue")
    words = (
        f"@everyone and @here, <@{bob.id}> <@&{theatre.guild.id}> see [this](https://evil.example) " + "and so on " * 6
    )
    since = len(theatre.playground.requests)
    theatre.model.says(words, pause=0.03)
    await alice.say("Tell everybody.", files=[("cat.png", b"x")])
    reply = await ended(alice, "see")
    bodies = [message_of(each) for each in writes(theatre)]
    assert len(bodies) >= 5
    assert [each for each in bodies if each.get("allowed_mentions", {}).get("parse") != []] == []
    assert [each for each in thread.messages if each.mentions or each.mention_everyone or each.mention_roles] == []
    assert reply.flags & SUPPRESS_EMBEDS
    assert "](https" not in reply.content
    assert "https://evil.example" in reply.content
    edits = [each.body for each in writes(theatre, since=since) if each.method == "PATCH"]
    assert len(edits) >= 3
    assert [("components" in each) for each in edits] == [False] * (len(edits) - 1) + [True]
    assert refused(theatre) == []


async def test_a_name_that_discord_refuses_is_spoken_all_the_same(theatre: Theatre) -> None:
    async with open_workshop(theatre) as workshop:
        await workshop.published(theatre.alice, "Discord Clyde")
        await workshop.published(theatre.alice, "everyone")
    for name, spoken in (("Discord Clyde", "Dis\u2009cord Cl\u2009yde"), ("everyone", "e\u2009veryone")):
        await theatre.chat_with(name)
        theatre.model.says("It is I.", pause=0)
        await theatre.alice.say("Who is there?")
        assert (await ended(theatre.alice, "It is I.")).webhook_name == spoken
    assert theatre.playground.violations == []


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        ({"text": "Once upon a time", "finish": "length"}, "Cut at the length limit. *Continue* goes on from here."),
        ({"text": ""}, "The model said nothing. *Regenerate* asks it again."),
        ({"text": "```\ncode", "finish": "length"}, "Cut at the length limit. *Continue* goes on from here."),
    ],
)
async def test_a_note_stands_under_a_reply_that_did_not_simply_end(
    theatre: Theatre, reply: dict[str, Any], note: str
) -> None:
    await theatre.chat_with("Cue")
    theatre.model.says(**reply, pause=0)
    await theatre.alice.say("Go on.")
    shown = await ended(theatre.alice, note)
    closing = "\n```" if "```" in reply["text"] else ""
    assert shown.content == f"{reply['text']}{closing}\n\n-# {note}".strip()


async def test_chats_opened_at_once_share_one_webhook(theatre: Theatre) -> None:
    people = [theatre.playground.add_person(f"p{number}", guilds=[theatre.guild]) for number in range(10)]
    for person in people:
        person.here = theatre.tavern
    await asyncio.gather(*(person.slash("character start", character="Cue", within=15) for person in people))
    assert len(theatre.guild.threads) == 10
    assert len(theatre.playground.webhooks(theatre.tavern)) == 1
    for thread in theatre.guild.threads:
        await until(lambda thread=thread: any(each.webhook_id for each in thread.messages), 15)


async def test_a_reply_from_the_middle_leaves_the_newer_ones_and_says_where_it_goes_on(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    theatre.model.says("The first answer.", pause=0)
    await alice.say("One?")
    first = await ended(alice, "The first answer.")
    theatre.model.says("The second answer.", pause=0)
    await alice.say("Two?")
    second = await ended(alice, "The second answer.")
    theatre.model.says("Another first answer.", pause=0)
    await alice.click("Regenerate", on=first)
    third = await ended(alice, "Another first answer.")
    assert third.id > second.id
    assert "The scene goes on from" in alice.messages()[-2].text
    assert first.content == "The first answer."
    assert not second.deleted


async def test_a_reply_that_is_stopped_before_its_first_word(theatre: Theatre) -> None:
    alice = theatre.alice
    await theatre.chat_with("Cue")
    held = theatre.model.says("Never said.", hold_after=0, pause=0)
    await alice.say("Hello?")
    await alice.sees("is writing…")
    await alice.click("Stop")
    stopped = await ended(alice, "Stopped")
    assert "writing…" not in stopped.content
    held.release()


async def test_a_forum_has_a_post_for_every_chat(theatre: Theatre) -> None:
    forum = theatre.guild.add_forum("stories")
    await theatre.alice.at(forum).slash("character start", character="Cue")
    theatre.alice.here = theatre.guild.threads[-1]
    assert theatre.alice.here.parent_id == forum.id
    theatre.model.says("In the forum, then.", pause=0)
    await theatre.alice.say("Where are we?")
    assert (await ended(theatre.alice, "In the forum, then.")).webhook_id


async def test_where_no_thread_may_be_opened_people_are_told(theatre: Theatre) -> None:
    theatre.guild.revoke_from_bot("create_public_threads")
    answer = await theatre.alice.slash("character start", character="Cue")
    assert "Create Public Threads" in answer.text
    assert answer.ephemeral
    assert "You have no chats yet" in (await theatre.alice.slash("chat list")).text
