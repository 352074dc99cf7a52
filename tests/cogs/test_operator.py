"""/operator: in one server alone, for those who host the program, and what they decide holds everywhere."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from playground import Guild, Person, Refused
from tests.cogs.test_character_pick import names
from tests.cogs.test_server import elsewhere, manages
from tests.cogs.workshop import Workshop, message_of, press_anything, read
from tests.theatre import Theatre

OPERATORS_ONLY = "Only the operator of this bot can do that."
CLOSED = "This report was decided about already."


async def host(theatre: Theatre, guild: Guild, operator: Person) -> None:
    """Starts the bot again with an operator, whose commands are in that server."""
    await theatre.stop()
    changes = {"operator_ids": [operator.id], "operator_guild": guild.id}
    theatre.settings = theatre.settings.model_copy(update=changes)
    await theatre.start()


@pytest.fixture
async def bridge(theatre: Theatre) -> Guild:
    """The operator's own server, which Alice runs."""
    guild = theatre.playground.add_guild("Bridge")
    guild.add_text_channel("helm")
    theatre.alice.join(guild)
    manages(theatre, theatre.alice, guild)
    await host(theatre, guild, theatre.alice)
    return guild


async def test_it_is_registered_in_the_operators_server_alone_and_nowhere_without_one(theatre: Theatre) -> None:
    assert "operator" not in {command["name"] for command in theatre.playground.world.commands}
    manages(theatre, theatre.alice, theatre.guild)
    foreign = theatre.playground.add_guild("Not ours", bot=False)
    with capture_logs() as logs:
        await host(theatre, foreign, theatre.alice)
    warning = next(each for each in logs if each["event"] == "operator.not_synced")
    assert (warning["log_level"], warning["guild"]) == ("warning", foreign.id)
    assert "## Whom do you want to meet?" in (await theatre.alice.slash("character pick")).text
    await host(theatre, theatre.guild, theatre.alice)
    (command,) = (each for each in theatre.playground.world.commands if each["name"] == "operator")
    assert command["guild_id"] == str(theatre.guild.id)
    assert command["default_member_permissions"] == str(1 << 5)
    assert "No report is open" in (await theatre.alice.slash("operator reports")).text
    with pytest.raises(Refused, match="permissions that you do not have"):
        await theatre.bob.slash("operator reports")
    eve = elsewhere(theatre)
    with pytest.raises(Refused, match="belongs to another server"):
        await eve.slash("operator reports")


async def test_who_runs_the_operators_server_is_no_operator(
    theatre: Theatre, bridge: Guild, workshop: Workshop
) -> None:
    alice, mate = theatre.alice, theatre.playground.add_person("mate", guilds=[bridge])
    manages(theatre, mate, bridge)
    helm = bridge.channel("helm")
    await workshop.published(theatre.bob, "Nova")
    await mate.at(helm).slash("character report", character="Nova", reason="Loud.")
    alice.here = helm
    assert await mate.autocomplete("operator restore", "character", "") == []
    commands: tuple[tuple[str, dict[str, Any]], ...] = (
        ("operator reports", {}),
        ("operator takedown", {"character": "Nova", "reason": "No."}),
        ("operator restore", {"character": "Nova"}),
        ("operator ban", {"person": theatre.bob, "reason": "No."}),
        ("operator unban", {"person": theatre.bob}),
    )
    for path, options in commands:
        assert (await mate.slash(path, **options)).text == OPERATORS_ONLY, path

    # Nor does a press help whose custom id they know.
    docket = message_of(await alice.slash("operator reports"))
    for button in docket.buttons:
        own = message_of(await mate.slash("character pick"))
        await read(await press_anything(mate, own, button.custom_id or ""), OPERATORS_ONLY)
    assert "## 1 open report" in (await alice.slash("operator reports")).text


async def test_what_is_taken_down_plays_nowhere_until_it_is_let_back(
    theatre: Theatre, bridge: Guild, workshop: Workshop
) -> None:
    alice, bob, eve = theatre.alice, theatre.bob, elsewhere(theatre)
    carol = theatre.playground.add_person("carol", guilds=[theatre.guild]).at(theatre.tavern)
    manages(theatre, alice, theatre.guild)
    nova = await workshop.published(bob, "Nova", description="Made of light.", definition_visibility="author")
    await workshop.published(bob, "Vesper")
    await theatre.chat_with("Nova", carol)
    island = eve.here
    assert "is waiting for you" in (await eve.slash("character start", character="Nova")).text
    eve.here = island.guild.threads[-1] if island.guild else island
    await carol.slash("character report", character="Nova", reason="Blinds people.")
    await eve.slash("character report", character="Vesper", reason="Steals.", in_=island)
    docket = await alice.slash("server reports", in_=theatre.tavern)
    await read(await docket.click("Dismiss"), "is closed here")

    alice.here = bridge.channel("helm")
    docket = await alice.slash("operator reports")
    assert docket.text.startswith("## 2 open reports")
    assert "Reported by carol in the server Harbour" in docket.text
    assert "-# Its admins have dismissed the report." in docket.text
    texts = message_of(await docket.click("Texts"))
    kept = texts.world.files.get(texts.attachments[0].url.split("/cdn/")[1])
    assert kept is not None
    assert b"=== Description ===\nMade of light." in kept
    second = await read(await docket.click("Next"), "Reported by eve in the server Island")
    docket = await read(await second.click("Next"), "### Nova")
    stale = await alice.slash("operator reports")
    after = await (await docket.click("Take down…")).fill({"Why?": "It blinds people."})
    await read(after, "**Nova** is taken down everywhere; its author reads why.")
    assert "### Vesper" in after.text
    assert (await stale.click("Take down…")).text == CLOSED

    for person in (carol, eve):
        await person.say("Are you there?")
        await person.sees("The operator of this bot has taken this character down.")
    carol.here = theatre.tavern
    assert "has taken this character down" in (await carol.slash("character start", character=str(nova.id))).text
    await bob.slash("character manage")
    await bob.sees("The operator has taken **Nova** down: It blinds people.")
    assert (
        "so it cannot be published: It blinds people." in (await bob.slash("character publish", character="Nova")).text
    )
    await carol.slash("character manage")
    await carol.sees("You reported **Nova**: the operator has taken it down. Thank you.")

    assert await alice.autocomplete("operator restore", "character", "no") == [("Nova · by bob", str(nova.id))]
    assert "Vesper" not in (await alice.slash("operator restore", character="Vesper")).text
    assert (
        await alice.slash("operator restore", character="nova")
    ).text == "Nova may be published again by its author."
    assert (await alice.slash("operator restore", character=str(nova.id))).text == "Nova was not taken down."
    assert "is published" in (await bob.slash("character publish", character="Nova")).text
    assert names(await carol.slash("character pick", search="nova")) == ["Nova"]
    done = await read(await after.click("Dismiss"), "The report about **Vesper** is closed.")
    assert "No report is open" in done.text


async def test_who_is_banned_everywhere_is_out_of_every_server_with_what_they_made(
    theatre: Theatre, bridge: Guild, workshop: Workshop
) -> None:
    alice, bob, eve = theatre.alice, theatre.bob, elsewhere(theatre)
    await eve.slash("server policy", policy="review")
    bob.join(theatre.playground.find_guild("Island"))
    await workshop.draft(bob, "Nova")
    await bob.slash("character publish", character="Nova", in_=eve.here)
    await workshop.published(bob, "Vesper")
    assert "## Waiting for you: 1" in (await eve.slash("server queue")).text

    alice.here = bridge.channel("helm")
    assert (await alice.slash("operator ban", person=alice, reason="Tired.")).text == "You cannot ban yourself."
    banned = await alice.slash("operator ban", person=bob, reason="Spam.")
    assert banned.text == "bob is banned everywhere. 2 characters of theirs are offered no longer."
    assert "everywhere already" in (await alice.slash("operator ban", person=bob, reason="Spam.")).text
    words = "The operator of this bot has banned you: Spam."
    assert (await bob.slash("character pick")).text == words
    assert (await bob.slash("character pick", in_=eve.here)).text == words
    assert "Nothing waits for you" in (await eve.slash("server queue")).text
    assert "Nobody fits" in (await eve.slash("character pick", search="vesper")).text
    refused = await eve.slash("server unban", person=bob)
    assert refused.text == "bob is not banned here."
    assert (await alice.slash("operator unban", person=bob)).text == "bob may use this bot again."
    assert (await alice.slash("operator unban", person=bob)).text == "bob is not banned everywhere."
    assert "## Whom do you want to meet?" in (await bob.slash("character pick")).text

    await bob.slash("character publish", character="Vesper")
    await eve.slash("character report", character="Vesper", reason="Steals.", in_=eve.dm)
    docket = await alice.slash("operator reports")
    assert "-# Reported by eve in a direct message" in docket.text
    form = await docket.click("Ban the author…")
    answer = await form.fill({"Why?": ""})
    assert answer.text == "bob is banned everywhere. One character of theirs is offered no longer."
    assert (await bob.slash("character pick")).text == "The operator of this bot has banned you."
