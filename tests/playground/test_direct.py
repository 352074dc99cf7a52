"""Direct messages that the bot begins, and members, roles and channels that change while it runs."""

from __future__ import annotations

import discord
import pytest

from playground import Channel, Guild, Person, Playground
from playground.permissions import bits
from tests.playground.conftest import Client, Connect, Rest, until

# The bot writes first


async def test_the_bot_writes_first(bot: Client, alice: Person, tavern: Channel) -> None:
    user = await bot.fetch_user(alice.id)
    await user.send("Your story was reported.")
    seen = await alice.sees("reported", in_=alice.dm)
    assert alice.here is tavern
    assert [message.text for message in alice.messages(alice.dm)] == ["Your story was reported."]
    await alice.at(alice.dm).say("Thank you", reply_to=seen)
    await until(lambda: [one.content for one in bot.heard] == ["Your story was reported.", "Thank you"])
    assert isinstance(bot.heard[-1].channel, discord.DMChannel)


@pytest.mark.parametrize(
    ("member", "refuses", "installed", "written"),
    [
        (True, False, False, True),
        (True, True, False, False),
        (False, False, False, False),
        (False, False, True, True),
        (False, True, True, False),
    ],
)
async def test_some_cannot_be_written_to(
    bot: Client, play: Playground, guild: Guild, member: bool, refuses: bool, installed: bool, written: bool
) -> None:
    carol = play.add_person("carol", guilds=[guild] if member else [])
    carol.user.refuses_dms = refuses
    if installed:
        carol.install()
    user = await bot.fetch_user(carol.id)
    if written:
        await user.send("Hello")
        assert (await carol.sees("Hello", in_=carol.dm)).author_name == "dramatis"
        return
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("Hello")
    assert refused.value.code == 50007
    assert carol.messages(carol.dm) == []


async def test_leaving_the_last_shared_server_ends_it(bot: Client, guild: Guild, alice: Person) -> None:
    user = await bot.fetch_user(alice.id)
    await user.send("Hello")
    alice.leave(guild)
    with pytest.raises(discord.Forbidden):
        await user.send("Are you there?")


async def test_what_is_not_built_of_direct_channels_is_said(rest: Rest, play: Playground) -> None:
    group = await rest("POST", "/users/@me/channels", {"access_tokens": ["a", "b"]})
    assert group.status == 501
    assert len(play.violations) == 1
    play.violations.clear()
    assert (await rest("POST", "/users/@me/channels", {"recipient_id": str(play.bot_user_id)})).code == 50007


# Members, roles, channels


async def test_roles_come_and_go(bot: Client, guild: Guild, alice: Person, bob: Person) -> None:
    sailor = guild.add_role("Sailor", bits("manage_messages"))
    guild.give_role(alice, sailor)
    guild.give_role(alice, sailor)
    assert guild.members[alice.id].roles == [sailor.id]
    said = await bob.say("Ahoy")
    await alice.delete(said)
    await alice.say("Deleted")
    await until(lambda: bool(bot.heard) and bot.heard[-1].content == "Deleted")
    author = bot.heard[-1].author
    assert isinstance(author, discord.Member)
    assert [role.name for role in author.roles] == ["@everyone", "Sailor"]
    guild.take_role(alice, sailor)
    await alice.say("Back to deck")
    await until(lambda: bot.heard[-1].content == "Back to deck")
    author = bot.heard[-1].author
    assert isinstance(author, discord.Member)
    assert [role.name for role in author.roles] == ["@everyone"]


async def test_another_servers_role_is_not_given(play: Playground, guild: Guild, alice: Person) -> None:
    foreign = play.add_guild("Island").add_role("Chief")
    with pytest.raises(ValueError, match="another server"):
        guild.give_role(alice, foreign)
    with pytest.raises(KeyError):
        guild.give_role(play.add_person("carol"), guild.add_role("Sailor"))


async def test_the_bot_hears_of_its_own_roles_alone(bot: Client, play: Playground, guild: Guild, alice: Person) -> None:
    steward = guild.add_role("Steward", bits("manage_guild"))
    heard: list[str] = []

    @bot.event
    async def on_member_update(before: discord.Member, after: discord.Member) -> None:
        heard.append(after.name)

    there = bot.get_guild(guild.id)
    assert there is not None
    guild.give_role(alice, steward)
    guild.give_role(play.world.bot, steward)
    await until(lambda: bool(heard))
    assert heard == ["dramatis"]
    assert there.me.guild_permissions.manage_guild


async def test_a_channel_becomes_age_restricted(
    bot: Client, connect: Connect, guild: Guild, tavern: Channel, alice: Person
) -> None:
    place = bot.get_channel(tavern.id)
    assert isinstance(place, discord.TextChannel)
    thread = await alice.start_thread("Night")
    assert not place.is_nsfw()
    tavern.set_nsfw()
    await until(place.is_nsfw)
    assert thread.age_restricted
    tavern.set_nsfw(False)
    await until(lambda: not place.is_nsfw())
    with pytest.raises(ValueError, match="as its channel is"):
        thread.set_nsfw()
