"""/server queue: from publishing to a decision, and which version is played meanwhile."""

import asyncio

import pytest

from bot.characters.changes import Change
from playground import Answer, Person
from playground.messages import walk
from tests.cogs.test_character_pick import names
from tests.cogs.test_server import elsewhere, manages
from tests.cogs.workshop import Workshop, caller, message_of, read
from tests.theatre import Theatre, until

WAITS = "Nova is published, and waits for the admins of this server to approve it."


@pytest.fixture
async def admin(theatre: Theatre) -> Person:
    """Alice, who manages the harbour, which reviews."""
    alice = manages(theatre, theatre.alice, theatre.guild)
    await alice.slash("server policy", policy="review")
    return alice


async def test_the_whole_way_from_publishing_to_playing(theatre: Theatre, admin: Person, workshop: Workshop) -> None:
    bob = theatre.bob
    carol = theatre.playground.add_person("carol", guilds=[theatre.guild]).at(theatre.tavern)
    nova = await workshop.draft(bob, "Nova", description="Likes rain.")
    assert (await admin.slash("server queue")).text.startswith("### Nothing waits for you")
    assert (await bob.slash("character publish", character="Nova")).text.startswith(WAITS)
    assert "Nobody fits" in (await carol.slash("character pick", search="nova")).text
    assert "**Which characters** · 1 version waits for you" in (await admin.slash("server settings")).text

    queue = await admin.slash("server queue")
    assert queue.text.startswith("## Waiting for you: 1")
    assert "-# Version 1, new here." in queue.text
    assert "**Description**\nLikes rain." in queue.text
    assert "**Greeting**\nNova greets you." in queue.text
    assert [button.label for button in message_of(queue).buttons if button.disabled] == ["Skip"]
    rejected = await (await queue.click("Reject…")).fill({"Why?": "Rain is\nnot enough."})
    await read(rejected, "**Nova** (version 1) is rejected; its author reads why.")
    assert "### Nothing waits for you" in rejected.text

    # The author reads why, and mends it; what they save comes back by itself.
    await bob.slash("character manage")
    await bob.sees("A server has not approved **Nova** (version 1). Its admins say: Rain is not enough.")
    assert "From now on I also write" in (await bob.click("By direct message too")).text
    assert "Nobody fits" in (await carol.slash("character pick", search="nova")).text
    await workshop.characters.edit(caller(bob), str(nova.id), Change(description="Likes rain and tea."))
    queue = await admin.slash("server queue")
    assert "-# Version 2, new here." in queue.text
    approved = await read(await queue.click("Approve"), "**Nova** (version 2) is approved")
    assert approved.kind == "update"
    assert names(await carol.slash("character pick", search="nova")) == ["Nova"]
    await bob.sees("A server has approved **Nova** (version 2)", in_=bob.dm)

    # An edit waits, and the chat goes on with what was approved until it is approved too.
    await theatre.chat_with("Nova", carol)
    await workshop.characters.edit(
        caller(bob), str(nova.id), Change(description="Likes rain and coffee.", short_description="Other words.")
    )
    await carol.say("What do you like?")
    await carol.sees("Indeed.")
    assert "Likes rain and tea." in theatre.model.prompt
    page = await carol.slash("character pick", search="nova", in_=theatre.tavern)
    assert "Nova in a line." in page.text
    queue = await admin.slash("server queue")
    assert "-# Version 3. Until you decide, version 2 goes on being played here." in queue.text
    assert "**Short description**\n-# Before: Nova in a line.\nOther words." in queue.text
    assert "**Description**\n-# Before: Likes rain and tea.\nLikes rain and coffee." in queue.text
    assert "**Greeting**" not in queue.text
    await read(await queue.click("Approve"), "version 3")
    theatre.model.says("Coffee.")
    await carol.say("And now?")
    await theatre.reply("Coffee.", carol)
    assert "Likes rain and coffee." in theatre.model.prompt
    assert "Other words." in (await carol.slash("character pick", search="nova", in_=theatre.tavern)).text
    audit = (await admin.slash("server audit")).text
    assert "**alice** approved *Nova*: version 3" in audit
    assert "**alice** rejected *Nova*: version 1\\: Rain" in audit or "rejected *Nova*: version 1: Rain" in audit


async def test_an_edit_before_the_decision_takes_the_place_of_what_waited(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    nova = await workshop.draft(theatre.bob, "Nova")
    await theatre.bob.slash("character publish", character="Nova")
    stale = await admin.slash("server queue")
    await workshop.characters.edit(caller(theatre.bob), str(nova.id), Change(name="Supernova"))
    await read(await stale.click("Approve"), "This version was decided about already, or its author has taken it back.")
    queue = await admin.slash("server queue")
    assert queue.text.startswith("## Waiting for you: 1")
    assert "### Supernova" in queue.text
    assert "-# Version 2, new here." in queue.text
    await theatre.bob.slash("character unpublish", character="Supernova")
    await read(await queue.click("Approve"), "or its author has taken it back")
    assert "Nothing waits" in (await admin.slash("server queue")).text

    # At one moment it is one or the other.
    await theatre.bob.slash("character publish", character="Supernova")
    for number in range(5):
        queue = await admin.slash("server queue")
        edit = workshop.characters.edit(caller(theatre.bob), str(nova.id), Change(description=f"Draft {number}."))
        pressed, _ = await asyncio.gather(queue.click("Approve"), edit)
        await until(lambda pressed=pressed: "approved" in pressed.text or "decided about already" in pressed.text)
    assert "## Waiting for you: 1" in (await admin.slash("server queue")).text


async def test_skipping_goes_round_and_another_servers_admin_decides_nothing(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    for name in ("First", "Second", "Third"):
        await workshop.draft(theatre.bob, name)
        await theatre.bob.slash("character publish", character=name)
    queue = await admin.slash("server queue")
    for expected in ("First", "Second", "Third", "First"):
        assert f"### {expected}" in queue.text
        queue = await queue.click("Skip")
    assert "### Second" in queue.text
    decided = await read(await queue.click("Approve"), "**Second** (version 1) is approved")
    assert "## Waiting for you: 2" in decided.text
    assert "### First" in decided.text

    # What waits here is not for the admins of another server.
    shown = message_of(decided).buttons
    approve = next(button.custom_id for button in shown if button.label == "Approve")
    eve = elsewhere(theatre)
    await eve.slash("server policy", policy="review")
    own = message_of(await eve.slash("server queue", character="First"))
    button = next(part for part in walk(own.components) if part.get("label") == "Approve")
    button["custom_id"] = approve
    await read(await eve.click("Approve", own), "This version was decided about already")
    assert "## Waiting for you: 2" in (await admin.slash("server queue")).text


async def test_anything_public_can_be_put_into_the_queue_and_a_rejection_taken_back(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob, eve = theatre.bob, elsewhere(theatre)
    nova = await workshop.published(bob, "Nova")
    await workshop.draft(bob, "Hidden")
    assert ("Nova · by bob", str(nova.id)) in await admin.autocomplete("server queue", "character", "nova")
    assert await admin.autocomplete("server queue", "character", "hidden") == []
    assert "There is no such character" in (await admin.slash("server queue", character="Hidden")).text
    queue = await admin.slash("server queue", character=str(nova.id))
    assert "### Nova" in queue.text
    await read(await (await queue.click("Reject…")).fill({"Why?": "Not today."}), "is rejected")
    again = await admin.slash("server queue", character="Nova")
    assert "### Nova" in again.text
    await read(await again.click("Approve"), "is approved")
    assert (await admin.slash("server queue", character="Nova")).text == (
        "The newest version of Nova is approved already."
    )
    refused = await eve.slash("server queue", character="Nova")
    assert refused.text == "This server does not review characters. `/server policy review` changes that."
    assert "`/server policy review` changes that" in (await eve.slash("server queue")).text


async def test_long_texts_come_as_a_file_and_what_the_author_keeps_stays_theirs(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob = theatre.bob
    long = "Once upon a time. " * 200
    nova = await workshop.draft(bob, "Nova", description=long + "The end.", system_prompt="Rhyme *always*.")
    await bob.slash("character publish", character="Nova")
    queue = await admin.slash("server queue")
    assert "-# All of it in full:" in queue.text
    assert f"=== Description ===\n{long}The end.\n" in file_of_texts(queue)
    assert "=== System prompt ===\nRhyme *always*.\n" in file_of_texts(queue)
    await read(await queue.click("Approve"), "is approved")

    await workshop.characters.edit(caller(bob), str(nova.id), Change(description=f"{long}The very end."))
    queue = await admin.slash("server queue")
    assert "**Description**\n-# Before: …" in queue.text
    assert "time. The end." in queue.text
    assert "time. The very end." in queue.text
    assert "=== Description, approved before ===" in file_of_texts(queue)

    kept = Change(definition_visibility="author", description="A secret.", first_mes="Welcome!")
    await workshop.characters.edit(caller(bob), str(nova.id), kept)
    queue = await admin.slash("server queue")
    assert "**Description**\n-# Before: 3,608 letters\n9 letters" in queue.text
    assert "-# The author keeps some texts to themselves" in queue.text
    assert "**Greeting**" in queue.text
    assert "Welcome!" in queue.text
    assert "A secret." not in queue.text + file_of_texts(queue)


def file_of_texts(answer: Answer) -> str:
    """The file of texts that a page of the queue carries."""
    message = message_of(answer)
    attached = next(one for one in message.attachments if one.filename == "texts.txt")
    content = message.world.files.get(attached.url.split("/cdn/")[1])
    assert content is not None
    return content.decode()
