"""Commands of one server, applications that people install themselves, and what an app from elsewhere may do."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from playground import Channel, Guild, Person, Playground, Refused
from playground.permissions import bits
from tests.playground.conftest import Client, Connect, Rest, until
from tests.playground.crew import Porter

Body = dict[str, Any]
EVERYWHERE: Body = {"name": "tell", "description": "Tells.", "integration_types": [0, 1], "contexts": [0, 1, 2]}


@pytest.fixture
async def porter(connect: Connect, alice: Person) -> Porter:
    client = Porter()
    await connect(client)
    return client


@pytest.fixture
def elsewhere(play: Playground) -> Guild:
    """A server that the bot is not in."""
    return play.add_guild("Elsewhere", bot=False)


@pytest.fixture
def attic(elsewhere: Guild, alice: Person, bob: Person) -> Channel:
    """A channel of that server, with Alice and Bob in it."""
    for person in (alice, bob):
        person.join(elsewhere)
    return elsewhere.add_text_channel("attic")


# Commands of one server


async def test_a_servers_own_commands_are_synced_and_offered_in_it_alone(
    play: Playground, connect: Connect, guild: Guild, alice: Person
) -> None:
    other = play.add_guild("Island")
    client = Client()
    here = discord.Object(guild.id)

    @client.tree.command(description="Of all.", name="tide")
    async def of_all(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("of all")

    @client.tree.command(description="Of the harbour.", guild=here)
    @app_commands.default_permissions(manage_guild=True)
    async def crane(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("up")

    await connect(client)
    synced = await client.tree.sync(guild=here)
    assert [(one.name, one.guild_id) for one in synced] == [("crane", guild.id)]
    assert [one.name for one in await client.tree.fetch_commands(guild=here)] == ["crane"]
    assert [one.name for one in await client.tree.fetch_commands()] == ["tide"]

    boss = play.add_person("boss", guilds=[guild, other], admin=True).at(alice.here)
    assert (await boss.slash("crane")).text == "up"
    assert (await boss.slash("tide")).text == "of all"
    with pytest.raises(Refused, match="permissions"):
        await alice.slash("crane")
    with pytest.raises(Refused, match="another server"):
        await boss.slash("crane", in_=other.add_text_channel("beach"))
    with pytest.raises(Refused, match="direct messages"):
        await boss.slash("crane", in_=boss.dm)

    client.tree.remove_command("crane", guild=here)
    assert await client.tree.sync(guild=here) == []
    with pytest.raises(ValueError, match="no command 'crane'"):
        await boss.slash("crane")


async def test_a_servers_commands_need_the_bot_there_and_are_checked(
    play: Playground, rest: Rest, guild: Guild, elsewhere: Guild
) -> None:
    path = f"/applications/{play.application_id}/guilds/{{}}/commands"
    for place, code in ((elsewhere.id, 50001), (1, 10004)):
        assert (await rest("GET", path.format(place))).code == code
        assert (await rest("PUT", path.format(place), [EVERYWHERE])).code == code
    assert (await rest("PUT", path.format(guild.id), [{"name": "Loud", "description": "x"}])).code == 50035
    assert len(play.violations) == 1
    play.violations.clear()
    shown = (await rest("PUT", path.format(guild.id), [EVERYWHERE])).body
    assert (shown[0]["guild_id"], shown[0]["integration_types"]) == (str(guild.id), [0])
    again = (await rest("PUT", path.format(guild.id), [EVERYWHERE])).body
    assert again[0]["id"] == shown[0]["id"]


# Installed by a person


async def test_the_application_is_for_servers_and_for_people(porter: Porter, alice: Person) -> None:
    alice.install()
    told = await porter.application_info()
    assert told.guild_integration_config is not None
    assert told.user_integration_config is not None
    assert told.approximate_user_install_count == 1


async def test_a_command_of_ones_own_is_used_where_the_bot_is_not(
    porter: Porter, alice: Person, bob: Person, attic: Channel, elsewhere: Guild
) -> None:
    alice.here = bob.here = attic
    with pytest.raises(Refused, match="not installed here"):
        await alice.slash("desk")
    alice.install()
    desk = await alice.slash("desk")
    with pytest.raises(Refused, match="not installed here"):
        await bob.slash("desk")
    with pytest.raises(Refused, match="not installed here"):
        await alice.slash("home")
    assert desk.message is not None
    assert desk.message.attachments[0].filename == "desk.txt"

    (asked,) = porter.seen
    assert asked.is_user_integration()
    assert not asked.is_guild_integration()
    assert asked.context.guild
    assert (asked.guild_id, asked.channel_id) == (elsewhere.id, attic.id)
    assert asked.app_permissions.attach_files
    assert not asked.app_permissions.manage_webhooks
    assert porter.get_guild(elsewhere.id) is None

    assert (await bob.click("Stamp")).text == "stamped"
    form = await bob.click("Note")
    told = await form.fill({"Words": "well"})
    assert (told.text, told.ephemeral) == ("noted well", True)
    assert [one.content for one in porter.heard] == []
    alice.uninstall()
    with pytest.raises(Refused, match="not installed here"):
        await alice.slash("desk")


async def test_the_payload_names_who_authorised_it(play: Playground, rest: Rest, alice: Person, attic: Channel) -> None:
    await rest("PUT", f"/applications/{play.application_id}/commands", [EVERYWHERE])
    alice.install()
    abroad = alice.use(attic, "tell", {}).to_json()
    assert abroad["authorizing_integration_owners"] == {"1": str(alice.id)}
    assert abroad["context"] == 0
    assert abroad["guild"] == {"id": str(attic.guild_id), "locale": "en-US", "features": []}
    assert (abroad["channel"]["name"], abroad["member"]["user"]["username"]) == ("attic", "alice")
    at_home = alice.use(alice.here, "tell", {}).to_json()
    owners = {"0": str(alice.here.guild_id), "1": str(alice.id)}
    assert at_home["authorizing_integration_owners"] == owners
    with_bot = alice.use(alice.dm, "tell", {}).to_json()
    assert (with_bot["context"], with_bot["authorizing_integration_owners"]) == (1, {"0": "0", "1": str(alice.id)})
    assert int(with_bot["app_permissions"]) == bits(
        "attach_files", "embed_links", "mention_everyone", "use_external_emojis"
    )


async def test_a_press_is_authorised_as_the_command_was(
    play: Playground, rest: Rest, alice: Person, bob: Person, attic: Channel
) -> None:
    await rest("PUT", f"/applications/{play.application_id}/commands", [EVERYWHERE])
    alice.install()
    asked = alice.use(attic, "tell", {})
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    data = {"content": "x", "components": [{"type": 1, "components": [button]}]}
    await rest("POST", f"/interactions/{asked.id}/{asked.token}/callback", {"type": 4, "data": data})
    pressed = bob.press(attic.messages[-1], "go").to_json()
    assert pressed["authorizing_integration_owners"] == {"1": str(alice.id)}
    assert pressed["member"]["user"]["username"] == "bob"


async def test_two_people_alone(porter: Porter, rest: Rest, alice: Person, bob: Person) -> None:
    place = await alice.open_dm(bob)
    assert await bob.open_dm(alice) is place
    await bob.say("Just us")
    alice.install()
    assert (await alice.slash("desk")).text == "the desk"
    await bob.sees("the desk")
    assert (await bob.click("Stamp")).text == "stamped"
    (asked,) = porter.seen
    assert asked.context.private_channel
    assert isinstance(asked.channel, discord.DMChannel)
    assert asked.channel.recipient is not None
    assert asked.channel.recipient.id == bob.id
    assert asked.app_permissions.embed_links
    assert not asked.app_permissions.use_external_emojis
    assert [one.content for one in porter.heard] == []
    assert (await rest("GET", f"/channels/{place.id}")).code == 50001
    with pytest.raises(Refused, match="not installed here"):
        await bob.slash("desk")
    with pytest.raises(Refused, match="direct messages"):
        await alice.slash("prattle", times=1, in_=alice.dm)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/channels/{channel}", None),
        ("GET", "/channels/{channel}/messages", None),
        ("POST", "/channels/{channel}/messages", {"content": "x"}),
        ("PATCH", "/channels/{channel}/messages/{message}", {"content": "x"}),
        ("DELETE", "/channels/{channel}/messages/{message}", None),
        ("POST", "/channels/{channel}/typing", None),
        ("POST", "/channels/{channel}/webhooks", {"name": "x"}),
        ("POST", "/channels/{channel}/threads", {"name": "x", "type": 11}),
        ("GET", "/guilds/{guild}", None),
        ("GET", "/guilds/{guild}/channels", None),
    ],
)
async def test_by_its_token_the_bot_does_nothing_there(
    porter: Porter, rest: Rest, alice: Person, attic: Channel, method: str, path: str, body: Body | None
) -> None:
    alice.at(attic).install()
    answer = await alice.slash("desk")
    assert answer.message is not None
    reply = await rest(method, path.format(channel=attic.id, message=answer.message.id, guild=attic.guild_id), body)
    assert (reply.status, reply.code) == (403, 50001)


async def test_an_app_from_elsewhere_follows_up_five_times(
    play: Playground, porter: Porter, alice: Person, attic: Channel, tavern: Channel
) -> None:
    alice.at(attic).install()
    await alice.slash("prattle", times=5)
    await alice.sees("edited")
    await alice.sees("more 4")
    await alice.at(tavern).slash("prattle", times=6)
    await alice.sees("more 5")


async def test_the_sixth_follow_up_is_refused(play: Playground, rest: Rest, alice: Person, attic: Channel) -> None:
    await rest("PUT", f"/applications/{play.application_id}/commands", [EVERYWHERE])
    alice.at(attic).install()
    asked = alice.use(attic, "tell", {})
    await rest("POST", f"/interactions/{asked.id}/{asked.token}/callback", {"type": 4, "data": {"content": "x"}})
    path = f"/webhooks/{play.application_id}/{asked.token}"
    replies = [await rest("POST", path, {"content": str(number)}) for number in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [400]
    assert (replies[-1].code, len(play.violations)) == (40094, 1)
    play.violations.clear()


async def test_a_server_may_hush_apps_from_elsewhere(
    porter: Porter, alice: Person, bob: Person, attic: Channel, elsewhere: Guild
) -> None:
    alice.at(attic).install()
    elsewhere.deny(elsewhere.everyone, "use_external_apps", channel=attic)
    assert (await alice.slash("desk")).ephemeral
    await bob.at(attic).sees_no("the desk")


# Coming and going


async def test_the_bot_leaves_a_server_and_comes_back(
    porter: Porter, rest: Rest, guild: Guild, tavern: Channel, alice: Person
) -> None:
    assert (await alice.slash("home")).text == "home"
    guild.remove_bot()
    await until(lambda: porter.left == [guild.id])
    assert porter.get_guild(guild.id) is None
    assert (await rest("POST", f"/channels/{tavern.id}/messages", {"content": "x"})).code == 50001
    with pytest.raises(Refused, match="not installed here"):
        await alice.slash("home")
    await alice.say("It is gone.")
    alice.install()
    assert (await alice.slash("desk")).text == "the desk"

    guild.add_bot()
    await until(lambda: porter.joined == [guild.id])
    assert (await alice.slash("home")).text == "home"
    assert porter.left == [guild.id]
    assert [one.content for one in porter.heard if one.author.id == alice.id] == []
    with pytest.raises(ValueError, match="already"):
        guild.add_bot()


async def test_nothing_is_told_of_a_server_without_the_bot(
    porter: Porter, alice: Person, bob: Person, attic: Channel, elsewhere: Guild
) -> None:
    await alice.at(attic).say("psst")
    elsewhere.give_role(bob, elsewhere.add_role("Keeper"))
    elsewhere.add_text_channel("roof")
    attic.set_nsfw()
    bob.leave(elsewhere)
    await alice.at(alice.play.find_guild("Harbour").channel("tavern")).say("aloud")
    await until(lambda: bool(porter.heard))
    assert [one.content for one in porter.heard] == ["aloud"]
    assert [one.name for one in porter.guilds] == ["Harbour"]
