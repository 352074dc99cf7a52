"""One record a character: two people and two servers, of which one reviews."""

from dataclasses import replace

import sqlalchemy as sa

import storage.character_versions
import storage.characters
import storage.guilds
import storage.listings
from bot.characters.changes import Change
from playground import Channel, Guild, Person
from storage.characters import Character
from storage.guilds import Policy
from storage.tables import Character as Row
from tests.cogs.workshop import Workshop, caller
from tests.theatre import Theatre

NEWS = "Version {number} of me."


async def test_an_edit_is_in_everybodys_next_reply_but_where_a_server_reviews(
    theatre: Theatre, workshop: Workshop
) -> None:
    alice, bob = theatre.alice, theatre.bob
    quay = await second_server(theatre, workshop, "review")
    nova = await workshop.published(alice, "Nova", description=NEWS.format(number=1))
    await approve(workshop, quay, nova, 1)
    here = await theatre.chat_with("Nova", bob)
    there = await chat_in(quay, bob, nova)
    assert await heard(theatre, bob, here) == [1]
    assert await heard(theatre, bob, there) == [1]

    await workshop.characters.edit(caller(alice), str(nova.id), Change(description=NEWS.format(number=2)))
    assert await heard(theatre, bob, here) == [2]
    assert await heard(theatre, bob, there) == [1]
    async with workshop.database.transaction() as session:
        (waiting,) = await storage.listings.list_queue(session, quay.id)
    assert (waiting.version, waiting.approved_before) == (2, 1)

    await approve(workshop, quay, nova, 2)
    assert await heard(theatre, bob, there) == [2]

    await workshop.characters.unpublish(caller(alice), str(nova.id))
    assert await heard(theatre, bob, here) == [2]
    assert await heard(theatre, bob, there) == [2]
    refused = await bob.at(theatre.tavern).slash("character start", character=str(nova.id))
    assert "has taken this character back" in refused.text
    async with workshop.database.transaction() as session:
        rows = await session.execute(sa.select(sa.func.count()).where(Row.name == "Nova"))
        assert rows.scalar_one() == 1


async def test_a_reviewing_server_shows_the_card_that_it_approved(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    quay = await second_server(theatre, workshop, "review")
    nova = await workshop.published(alice, "Nova")
    await approve(workshop, quay, nova, 1)
    await workshop.characters.edit(caller(alice), str(nova.id), Change(name="Rude", short_description="Rude words."))
    bob.at(quay.channel("quay-side"))
    shown = await bob.slash("character show", character=str(nova.id))
    assert "Nova in a line." in shown.text
    assert "Rude" not in shown.text
    assert "Rude" in (await bob.at(theatre.tavern).slash("character show", character=str(nova.id))).text


async def test_policy_decides_what_each_servers_picker_shows(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    quay = await second_server(theatre, workshop, "open")
    public = await workshop.published(alice, "Public")
    blocked = await workshop.published(alice, "Blocked")
    approved = await workshop.published(alice, "Approved")
    own = await workshop.published(alice, "Houseghost")
    async with workshop.database.transaction() as session:
        await storage.characters.give_to_guild(session, own.id, quay.id)
        await storage.listings.mark(session, guild_id=quay.id, character_id=blocked.id, blocked=True)
        await storage.listings.mark(session, guild_id=quay.id, character_id=approved.id, featured=True)
    await approve(workshop, quay, approved, 1)
    await workshop.draft(bob, "Zephyrine")
    expected: dict[Policy, set[str]] = {
        "open": {"Public", "Approved", "Houseghost", "Zephyrine"},
        "review": {"Approved", "Houseghost"},
        "closed": {"Houseghost"},
    }
    channel = quay.channel("quay-side")
    names = {"Public", "Blocked", "Approved", "Houseghost", "Zephyrine"}
    for policy, visible in expected.items():
        await choose(workshop, quay, policy)
        bob.at(channel)
        for name in sorted(names):
            picked = await bob.slash("character pick", search=name)
            assert (f"### {name}" in picked.text) == (name in visible), (policy, name, picked.text)
        offered = {name.split(" · ")[0] for name, _ in await bob.autocomplete("character start", "character", "")}
        # One's own come up wherever one types; whether they start here is asked then.
        assert offered & names == visible | {"Zephyrine"}, policy
        for name, one in (("Public", public), ("Blocked", blocked)):
            answer = await bob.slash("character start", character=str(one.id))
            assert ("is waiting for you" in answer.text) == (name in visible), (policy, name, answer.text)
    picked = await alice.at(theatre.tavern).slash("character pick", search="houseghost")
    assert "### Houseghost" not in picked.text
    await choose(workshop, quay, "open")
    first = await bob.at(channel).slash("character pick")
    names_in_order = [line for line in first.text.splitlines() if line.startswith("### ")]
    assert names_in_order[:2] == ["### Cue", "### Approved"], "the default assistant, then what is featured"
    assert "**Featured**" in first.text


async def test_what_a_server_decides_holds_in_running_chats_too(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova")
    thread = await theatre.chat_with("Nova", bob)
    harbour = theatre.guild
    async with workshop.database.transaction() as session:
        await storage.listings.mark(session, guild_id=harbour.id, character_id=nova.id, blocked=True)
    await bob.say("Are you there?")
    await bob.sees("have blocked this character", in_=thread)
    async with workshop.database.transaction() as session:
        await storage.listings.mark(session, guild_id=harbour.id, character_id=nova.id, blocked=False)
    await choose(workshop, harbour, "review")
    await bob.say("And now?")
    await bob.sees("shows only characters that its admins have approved", in_=thread)
    await choose(workshop, harbour, "closed")
    await bob.say("And now then?")
    await bob.sees("shows only its own characters", in_=thread)
    await choose(workshop, harbour, "open")
    async with workshop.database.transaction() as session:
        await storage.characters.take_down(session, nova.id, "It was stolen.")
    await bob.say("Hello?")
    await bob.sees("The operator of this bot has taken this character down", in_=thread)
    again = await alice.at(theatre.tavern).slash("character publish", character=str(nova.id))
    assert "It was stolen." in again.text


async def test_a_version_is_kept_to_where_it_was_asked_for(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    nova = await workshop.published(alice, "Nova", description=NEWS.format(number=1))
    await workshop.characters.edit(caller(alice), str(nova.id), Change(description=NEWS.format(number=2)))
    started = await bob.slash("character start", character=str(nova.id), version=1)
    assert "is waiting for you" in started.text
    assert await heard(theatre, bob, theatre.guild.threads[-1]) == [1]
    missing = await bob.at(theatre.tavern).slash("character start", character=str(nova.id), version=9)
    assert "has no version 9; the newest is 2" in missing.text


async def test_roles_and_channels_of_a_server_are_respected(theatre: Theatre, workshop: Workshop) -> None:
    bob, harbour = theatre.bob, theatre.guild
    players = harbour.add_role("players")
    garden = harbour.add_text_channel("garden")
    async with workshop.database.transaction() as session:
        settings = await storage.guilds.find_settings(session, harbour.id)
        settings = replace(settings, channels=frozenset({garden.id}), player_roles=frozenset({players.id}))
        await storage.guilds.save_settings(session, harbour.id, settings)
    refused = await bob.slash("character start", character="Cue")
    assert "only people with certain roles play" in refused.text
    harbour.members[bob.id].roles.append(players.id)
    refused = await bob.slash("character start", character="Cue")
    assert f"chats are started in <#{garden.id}> alone" in refused.text
    started = await bob.at(garden).slash("character start", character="Cue")
    assert "is waiting for you" in started.text


async def test_publishing_for_one_server_alone(theatre: Theatre, workshop: Workshop) -> None:
    alice, bob = theatre.alice, theatre.bob
    quay = await second_server(theatre, workshop, "open")
    nova = await workshop.draft(alice, "Nova")
    published = await alice.slash("character publish", character=str(nova.id), where="here")
    assert "this server finds it" in published.text
    assert "### Nova" in (await bob.slash("character pick", search="nova")).text
    bob.at(quay.channel("quay-side"))
    assert "### Nova" not in (await bob.slash("character pick", search="nova")).text
    assert "no such character" in (await bob.slash("character show", character=str(nova.id))).text


async def second_server(theatre: Theatre, workshop: Workshop, policy: Policy) -> Guild:
    """Another server with a channel, in which both people are."""
    quay = theatre.playground.add_guild("Quay")
    quay.add_text_channel("quay-side")
    for person in (theatre.alice, theatre.bob):
        person.join(quay)
    await choose(workshop, quay, policy)
    return quay


async def choose(workshop: Workshop, guild: Guild, policy: Policy) -> None:
    """Sets a server's policy behind the scenes."""
    async with workshop.database.transaction() as session:
        await storage.guilds.touch_guild(session, guild.id)
        settings = await storage.guilds.find_settings(session, guild.id)
        await storage.guilds.save_settings(session, guild.id, replace(settings, policy=policy))


async def approve(workshop: Workshop, guild: Guild, character: Character, number: int) -> None:
    """Lets a server approve a version behind the scenes."""
    async with workshop.database.transaction() as session:
        version_id = await storage.character_versions.find_version_id(session, character.id, number)
        assert version_id is not None
        await storage.listings.enqueue(
            session, guild_id=guild.id, character_id=character.id, version_id=version_id, asked_by=1
        )
        queue = await storage.listings.list_queue(session, guild.id, limit=25)
        review = next(each for each in queue if each.character_id == character.id)
        await storage.listings.decide(session, review, status="approved", reason="", decided_by=1)


async def chat_in(guild: Guild, person: Person, character: Character) -> Channel:
    """Starts a chat in that server."""
    answer = await person.at(guild.channel("quay-side")).slash("character start", character=str(character.id))
    assert "is waiting for you" in answer.text, answer.text
    return guild.threads[-1]


async def heard(theatre: Theatre, person: Person, thread: Channel) -> list[int]:
    """Which versions of the description the model reads for the next reply in a thread."""
    person.here = thread
    words = f"I nod, {len(theatre.model.requests)} times."
    theatre.model.says(f"So be it after {words}")
    await person.say(words)
    await theatre.reply(f"So be it after {words}", person)
    return [number for number in range(1, 5) if NEWS.format(number=number) in theatre.model.prompt]
