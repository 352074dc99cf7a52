"""/server: who may use it, what its settings change at once, whom it keeps out, and that all of it is written down."""

import re
from pathlib import Path
from typing import Any

import pytest

from playground import Answer, Guild, Person, Refused
from playground.messages import walk
from tests.cogs.test_character_pick import names
from tests.cogs.workshop import Workshop, message_of, read
from tests.theatre import Theatre, open_theatre

ADMINS_ONLY = "Only people with the right Manage Server can do that, in their own server."
CLOSED = "This report was decided about already."


@pytest.fixture
async def admin(theatre: Theatre) -> Person:
    """Alice, who manages the harbour."""
    return manages(theatre, theatre.alice, theatre.guild)


def manages(theatre: Theatre, person: Person, guild: Guild) -> Person:
    """Lets a member manage a server."""
    guild.give_role(person, theatre.playground.admin_role(guild))
    return person


def elsewhere(theatre: Theatre, name: str = "eve") -> Person:
    """Somebody who manages another server, and looks at its only channel."""
    island = theatre.playground.add_guild("Island")
    person = theatre.playground.add_person(name, guilds=[island]).at(island.add_text_channel("beach"))
    return manages(theatre, person, island)


def presets(answer: Answer, custom_id: str) -> list[int]:
    """What a menu of an answer holds already."""
    menu = next(part for part in walk(message_of(answer).components) if part.get("custom_id") == custom_id)
    return [int(one["id"]) for one in menu.get("default_values") or []]


async def test_it_is_for_those_who_manage_the_server_at_every_press(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    with pytest.raises(Refused, match="permissions that you do not have"):
        await theatre.bob.slash("server settings")
    admin.here = admin.dm
    with pytest.raises(Refused, match="not for direct messages"):
        await admin.slash("server settings")
    admin.here = theatre.tavern

    await workshop.published(theatre.bob, "Nova")
    await workshop.published(admin, "Mine")
    await theatre.bob.slash("character report", character="Cue", reason="Too loud.")
    panel = await admin.slash("server settings")
    assert panel.ephemeral
    asked = await admin.slash("server publish", character="Mine")
    await admin.slash("server policy", policy="review")
    queue = await admin.slash("server queue", character="Nova")
    rejection = await queue.click("Reject…")
    docket = await admin.slash("server reports")
    for number in range(11):
        await admin.slash("server feature", character="Mine", off=bool(number % 2), in_=theatre.tavern)
    audit = await admin.slash("server audit")
    theatre.guild.take_role(admin, theatre.playground.admin_role(theatre.guild))
    for answer in (
        await asked.click("Give it to the server"),
        await queue.click("Approve"),
        await rejection.fill({"Why?": "No."}),
        await docket.click("Block here"),
        await docket.click("Dismiss"),
        await audit.click("Older"),
        await panel.select("server.policy", ["Open"]),
        await panel.select("server.channels", [theatre.tavern]),
        await panel.select("server.players", []),
        await panel.select("server.publishers", []),
    ):
        await read(answer, ADMINS_ONLY)
    theatre.guild.give_role(admin, theatre.playground.admin_role(theatre.guild))
    assert "**Which characters** · 1 version waits for you" in (await admin.slash("server settings")).text
    assert "1 open report" in (await admin.slash("server reports")).text


async def test_channels_and_roles_hold_from_the_moment_they_are_chosen(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob, guild = theatre.bob, theatre.guild
    quay, sailors = guild.add_text_channel("quay"), guild.add_role("Sailors")
    panel = await admin.slash("server settings")
    assert "**Where chats start:** everywhere" in panel.text
    panel = await panel.select("server.channels", [quay])
    assert f"**Where chats start:** <#{quay.id}>" in panel.text
    assert presets(panel, "server.channels") == [quay.id]
    panel = await panel.select("server.players", [sailors])
    assert f"**Who plays:** <@&{sailors.id}>" in panel.text

    refused = await bob.slash("character start", character="Cue")
    assert refused.text == "In this server only people with certain roles play; ask its admins."
    guild.give_role(bob, sailors)
    refused = await bob.slash("character start", character="Cue")
    assert refused.text == f"In this server chats are started in <#{quay.id}> alone."
    assert "is waiting for you" in (await bob.slash("character start", character="Cue", in_=quay)).text

    panel = await admin.slash("server settings")
    assert (presets(panel, "server.channels"), presets(panel, "server.players")) == ([quay.id], [sailors.id])
    panel = await panel.select("server.channels", [])
    panel = await panel.select("server.players", [])
    assert "**Where chats start:** everywhere" in panel.text
    assert "**Who plays:** everybody" in panel.text
    assert "is waiting for you" in (await bob.slash("character start", character="Cue")).text

    # Who may publish here, and a channel that is gone.
    gone, poets = guild.add_text_channel("gone"), guild.add_role("Poets")
    panel = await admin.slash("server settings")
    panel = await panel.select("server.publishers", [poets])
    panel = await panel.select("server.channels", [gone, theatre.tavern])
    await workshop.draft(bob, "Nova")
    refused = await bob.slash("character publish", character="Nova", where="This server alone")
    assert refused.text == "Only people with certain roles may offer characters to this server; ask its admins."
    guild.give_role(bob, poets)
    published = await bob.slash("character publish", character="Nova", where="This server alone")
    assert published.text.startswith("Nova is published: this server finds it")
    await theatre.playground.delete_channel(gone)
    await theatre.chat_with("Nova", bob)
    assert presets(await admin.slash("server settings"), "server.channels") == [theatre.tavern.id]


async def test_the_server_chooses_among_the_operators_models(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    models: dict[str, Any] = {"fallback_models": "bigger, smaller"}
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, **models) as theatre:
        admin = manages(theatre, theatre.alice, theatre.guild)
        assert "**Model:** scripted" in (await admin.slash("server settings")).text
        panel = await (await admin.slash("server settings")).select("server.model", ["bigger"])
        assert "**Model:** bigger" in panel.text
        await theatre.chat_with("Cue", theatre.bob)
        theatre.model.says("Aye.")
        await theatre.bob.say("Ahoy!")
        await theatre.reply("Aye.", theatre.bob)
        assert theatre.model.requests[-1]["model"] == "bigger"
        panel = await panel.select("server.model", ["scripted"])
        theatre.model.says("Still aye.")
        await theatre.bob.say("And now?")
        await theatre.reply("Still aye.", theatre.bob)
        assert theatre.model.requests[-1]["model"] == "scripted"
    assert theatre.playground.violations == []


async def test_the_assistant_and_featured_ones_stand_in_front_here_and_nowhere_else(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    eve = elsewhere(theatre)
    nova = await workshop.published(theatre.bob, "Nova")
    await workshop.draft(admin, "Rough")
    refused = await admin.slash("server settings", assistant="Rough")
    assert refused.text == "Rough is not published, so nobody but its author could start it."
    assert await admin.autocomplete("server settings", "assistant", "ship") == [("Shipped one", "-")]
    offered = await admin.autocomplete("server settings", "assistant", "nov")
    assert offered == [("Nova · by bob", str(nova.id))]
    panel = await admin.slash("server settings", assistant=str(nova.id))
    assert "**First in the picker:** Nova" in panel.text
    assert names(await theatre.bob.slash("character pick"))[0] == "Nova"
    assert names(await eve.slash("character pick"))[0] == "Cue"
    assert "the one that ships" in (await admin.slash("server settings", assistant="-")).text
    assert names(await theatre.bob.slash("character pick"))[0] == "Cue"

    # Behind the assistant those that the server features.
    await workshop.published(theatre.bob, "Zebra")
    await workshop.published(theatre.bob, "Later")
    featured = await admin.slash("server feature", character="Zebra")
    assert featured.text == "Zebra is featured: it stands at the front of this server's picker."
    page = await theatre.bob.slash("character pick")
    assert names(page)[:2] == ["Cue", "Zebra"]
    assert "**Featured**" in page.text.split("### ")[2]
    assert names(await eve.slash("character pick"))[:2] == ["Cue", "Later"]
    back = await admin.slash("server feature", character="Zebra", off=True)
    assert back.text == "Zebra is back in line with the others."
    assert names(await theatre.bob.slash("character pick"))[1] != "Zebra"
    assert "is not published" in (await admin.slash("server feature", character="Rough")).text


async def test_a_policy_says_what_it_changes_and_running_chats_obey(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob = theatre.bob
    await workshop.published(admin, "House Cat")
    given = await (await admin.slash("server publish", character="House Cat")).click("Give it to the server")
    await read(given, "belongs to this server")
    await theatre.chat_with("Cue", bob)
    closed = await admin.slash("server policy", policy="closed")
    assert closed.text.startswith("This server is **closed** now")
    assert names(await bob.slash("character pick", in_=theatre.tavern)) == ["House Cat"]
    await bob.say("Are you there?")
    await bob.sees("This server shows only its own characters.")
    reviewing = await admin.slash("server policy", policy="review")
    assert "wait" not in reviewing.text
    await bob.say("Now?")
    await bob.sees("This server shows only characters that its admins have approved")
    panel = await (await admin.slash("server settings")).select("server.policy", ["Open"])
    assert "nothing waits" not in panel.text
    theatre.model.says("Here again.")
    await bob.say("And now?")
    await theatre.reply("Here again.", bob)


async def test_a_character_of_the_servers_own_is_its_admins_to_change(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob, eve = theatre.bob, elsewhere(theatre)
    await workshop.draft(admin, "House Cat", first_mes="Purr.", age_rating="teen")
    await workshop.draft(admin, "Half a Cat", first_mes="")
    await workshop.published(bob, "Nova")
    assert "Only its author can do that" in (await admin.slash("server publish", character="Nova")).text
    half = await (await admin.slash("server publish", character="Half a Cat")).click("Give it to the server")
    await read(half, "Not yet: it still needs a greeting")
    assert "Half a Cat · by alice" in [
        name for name, _ in await admin.autocomplete("server publish", "character", "half")
    ]

    asked = await admin.slash("server publish", character="House Cat")
    assert asked.text.startswith("**Give House Cat to this server?**")
    done = await read(await asked.click("Give it to the server"), "belongs to this server and is published here")
    assert message_of(done).buttons == []
    assert (
        "-# By this server · **Published** · **Server only**"
        in (await bob.slash("character pick", search="house cat")).text
    )
    assert "Nobody fits" in (await eve.slash("character pick", search="house cat")).text

    # Another admin of the server decides about it too, and its author no longer outside it.
    second = manages(theatre, bob, theatre.guild)
    taken_back = await second.slash("character unpublish", character="House Cat")
    assert "no longer offered" in taken_back.text
    again = await second.slash("server publish", character="House Cat")
    assert again.text.startswith("House Cat belongs to this server and is published here")
    await admin.open_dm()
    assert "There is no such character" in (await admin.slash("character unpublish", character="House Cat")).text


async def test_a_blocked_character_stops_here_and_can_be_let_back_in(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob, eve = theatre.bob, elsewhere(theatre)
    nova = await workshop.published(bob, "Nova")
    await theatre.chat_with("Nova", bob)
    assert [name for name, _ in await admin.autocomplete("server block", "character", "nov")] == ["Nova · by bob"]
    blocked = await admin.slash("server block", character=str(nova.id))
    assert blocked.text.startswith("Nova is blocked here: nobody finds it")
    await bob.say("Hello?")
    await bob.sees("The admins of this server have blocked this character.")
    assert names(await eve.slash("character pick", search="nova")) == ["Nova"]
    assert "Nobody fits" in (await theatre.alice.slash("character pick", search="nova")).text
    assert "have blocked this character" in (await admin.slash("server feature", character=str(nova.id))).text
    assert await admin.autocomplete("server block", "character", "", off=True) == [("Nova", str(nova.id))]
    back = await admin.slash("server block", character="Nova", off=True)
    assert back.text.startswith("Nova is no longer blocked here")
    theatre.model.says("Here.")
    await bob.say("And now?")
    await theatre.reply("Here.", bob)

    # What is for this server alone is blocked as well, and is nobody else's to block.
    local = await workshop.draft(theatre.bob, "Local")
    await theatre.bob.slash("character publish", character="Local", where="This server alone")
    assert "There is no such character" in (await eve.slash("server block", character=str(local.id))).text
    assert "is blocked here" in (await admin.slash("server block", character="Local")).text
    assert "Nobody fits" in (await theatre.alice.slash("character pick", search="local")).text
    assert "no longer blocked" in (await admin.slash("server block", character="local", off=True)).text
    assert names(await theatre.alice.slash("character pick", search="local")) == ["Local"]


async def test_who_is_banned_is_told_why_and_not_heard_in_scenes(theatre: Theatre, admin: Person) -> None:
    bob, eve = theatre.bob, elsewhere(theatre)
    bob.join(theatre.playground.find_guild("Island"))
    assert (await admin.slash("server bans")).text.startswith("Nobody is banned here.")
    thread = await theatre.chat_with("Cue", bob)
    banned = await admin.slash("server ban", person=bob, reason="Spoils *every* scene.")
    assert banned.text.startswith("bob is banned: I answer none of their commands here")
    assert "was banned here before" in (await admin.slash("server ban", person=bob)).text
    assert f"**bob** (`{bob.id}`): Spoils \\*every\\* scene." in (await admin.slash("server bans")).text

    words = "The admins of this server have banned you from using me here: Spoils *every* scene."
    assert (await bob.slash("character pick")).text == words
    before, count = len(theatre.model.requests), len(bob.messages(thread))
    await bob.say("Can you hear me?")
    admin.here = thread
    theatre.model.says("I hear Alice.")
    await admin.say("I am here too.")
    await theatre.reply("I hear Alice.", admin)
    assert len(theatre.model.requests) == before + 1
    assert "Can you hear me?" not in theatre.model.prompt
    assert words not in "\n".join(message.text for message in bob.messages(thread)[count:] if not message.ephemeral)
    assert "## Whom do you want to meet?" in (await bob.slash("character pick", in_=eve.here)).text

    assert (await eve.slash("server unban", person=bob)).text == "bob is not banned here."
    # Who has left can be let back in all the same.
    bob.leave(theatre.guild)
    assert (await admin.slash("server unban", person=bob)).text == "bob may use me here again."
    bob.join(theatre.guild)
    assert "## Whom do you want to meet?" in (await bob.slash("character pick")).text

    # No admin is banned, and one who was banned before presses nothing.
    role, admin.here = theatre.playground.admin_role(theatre.guild), theatre.tavern
    assert (await admin.slash("server ban", person=admin)).text == "You cannot ban yourself."
    theatre.guild.give_role(bob, role)
    panel = await bob.slash("server settings")
    refused = await admin.slash("server ban", person=bob)
    assert refused.text == "They manage this server themselves, so I cannot keep them out of it."
    theatre.guild.take_role(bob, role)
    await admin.slash("server ban", person=bob)
    theatre.guild.give_role(bob, role)
    assert (
        await panel.select("server.players", [])
    ).text == "The admins of this server have banned you from using me here."


async def test_reports_reach_the_admins_of_their_server_one_at_a_time(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    bob, eve = theatre.bob, elsewhere(theatre)
    carol = theatre.playground.add_person("carol", guilds=[theatre.guild]).at(theatre.tavern)
    nova = await workshop.published(carol, "Nova")
    await workshop.published(carol, "Vesper")
    assert "No report is open" in (await admin.slash("server reports")).text
    await bob.slash("character report", character="Nova", reason="Says [rude](https://bad.example) things.")
    await bob.slash("character report", character="Vesper", reason="Steals the scene.")
    assert "No report is open" in (await eve.slash("server reports")).text

    docket = await admin.slash("server reports")
    assert docket.text.startswith("## 2 open reports")
    assert "### Nova" in docket.text
    assert "-# Reported by bob <t:" in docket.text
    assert "Says \\[rude\\](https\\://bad.example) things." in docket.text
    second = await read(await docket.click("Next"), "### Vesper")
    first = await read(await second.click("Next"), "### Nova")
    stale = await admin.slash("server reports")
    second = await read(await first.click("Block here"), "**Nova** is blocked here; whoever reported it is told so.")
    assert "## 1 open report" in second.text
    await read(await stale.click("Block here"), CLOSED)
    await read(await stale.click("Dismiss"), CLOSED)
    assert "have blocked this character" in (await bob.slash("character start", character=str(nova.id))).text
    done = await read(await second.click("Dismiss"), "The report about **Vesper** is closed here.")
    assert "No report is open" in done.text
    assert "is waiting for you" in (await bob.slash("character start", character="Vesper")).text
    news = await bob.slash("character manage")
    assert news.kind == "message"
    await bob.sees("You reported **Nova**: the server's admins have blocked it there.")


async def test_the_log_names_who_what_and_whom_and_pages_back(
    theatre: Theatre, admin: Person, workshop: Workshop
) -> None:
    eve = elsewhere(theatre)
    await workshop.published(theatre.bob, "*No*va")
    assert "Nothing has been decided here yet." in (await admin.slash("server audit")).text
    await admin.slash("server policy", policy="review")
    await admin.slash("server ban", person=theatre.bob, reason="@everyone look")
    for number in range(10):
        await admin.slash("server block", character="*No*va", off=bool(number % 2))
    page = await admin.slash("server audit")
    lines = page.text.splitlines()
    assert lines[0] == "## Decisions in this server"
    assert len(lines) == 11
    assert re.fullmatch(r"<t:\d+:f> \*\*alice\*\* let back in \*\\\*No\\\*va\*", lines[1])
    assert [button.label for button in message_of(page).buttons] == ["Older"]
    older = await page.click("Older")
    assert "**alice** banned *bob*: \\@everyone look" in older.text
    assert "**alice** changed the policy: open → review" in older.text
    assert [button.label for button in message_of(older).buttons] == ["Newest"]
    assert (await older.click("Newest")).text == page.text
    assert "Nothing has been decided here yet." in (await eve.slash("server audit")).text
