"""The gateway: what the bot hears, what is withheld, and how connections end."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Client, Connect, pointed_at, until


async def heard(client: Client, count: int) -> list[discord.Message]:
    """Returns what the client heard once it is that many messages."""
    await until(lambda: len(client.heard) >= count)
    return client.heard


async def test_messages_arrive_whole(play: Playground, bot: Client, tavern: Channel, alice: Person) -> None:
    first = await alice.say("Ahoy", files=[("a.txt", b"x")])
    await alice.say("Again", reply_to=first)
    ahoy, again = await heard(bot, 2)
    assert (ahoy.content, ahoy.author.display_name, [one.filename for one in ahoy.attachments]) == (
        "Ahoy",
        "Alice",
        ["a.txt"],
    )
    assert isinstance(ahoy.channel, discord.TextChannel)
    assert again.reference is not None
    assert again.reference.message_id == first.id


async def test_content_is_withheld_without_the_intent(
    play: Playground, connect: Connect, tavern: Channel, alice: Person
) -> None:
    client = await connect(Client(content=False))
    await alice.say("secret")
    await alice.say(f"<@{play.bot_user_id}> hear me")
    await alice.open_dm()
    await alice.say("just us")
    messages = await heard(client, 3)
    assert [message.content for message in messages] == ["", f"<@{play.bot_user_id}> hear me", "just us"]


async def test_an_intent_that_was_not_granted_ends_the_connection() -> None:
    async with Playground(message_content=False) as play:
        play.add_guild("Harbour")
        with pointed_at(play):
            client = Client()
            with pytest.raises(discord.PrivilegedIntentsRequired):
                await client.start(play.token)
            await client.close()
        assert play.violations == []


async def test_what_the_bot_cannot_see_it_does_not_hear(
    play: Playground, guild: Guild, bot: Client, tavern: Channel, alice: Person
) -> None:
    secret = guild.add_text_channel("secret")
    guild.revoke_from_bot("view_channel", channel=secret)
    await alice.at(secret).say("hidden")
    await alice.at(tavern).say("open")
    assert [message.content for message in await heard(bot, 1)] == ["open"]


async def test_a_wrong_token_does_not_log_in(play: Playground) -> None:
    with pointed_at(play):
        client = Client()
        with pytest.raises(discord.LoginFailure):
            await client.start("wrong")
        await client.close()


async def test_a_closed_connection_is_made_again(play: Playground, bot: Client, alice: Person) -> None:
    await play.disconnect_bot(4000)
    assert await play.world.pulse.until(lambda: not play.gateway.online, 2)
    assert await play.world.pulse.until(lambda: play.gateway.online, 15)
    await alice.say("still there?")
    assert [message.content for message in await heard(bot, 1)] == ["still there?"]


async def test_servers_and_channels_come_and_go(play: Playground, bot: Client, tavern: Channel) -> None:
    other = play.add_guild("Island")
    beach = other.add_text_channel("beach", nsfw=True, topic="Sand")
    await until(lambda: bot.get_channel(beach.id) is not None)
    found = bot.get_channel(beach.id)
    assert isinstance(found, discord.TextChannel)
    assert (found.nsfw, found.topic, found.guild.name) == (True, "Sand", "Island")
    await play.delete_channel(beach)
    await until(lambda: bot.get_channel(beach.id) is None)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("nonsense", 4002),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "wrong", "intents": 0}}', 4004),
    ],
)
async def test_bad_frames_close_the_connection(play: Playground, sent: str, code: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(play.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        await socket.send_str(sent)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == code


async def test_a_shard_hears_its_own_servers(play: Playground, guild: Guild) -> None:
    for number in range(2):
        async with aiohttp.ClientSession() as session, session.ws_connect(play.gateway_url) as socket:
            await socket.receive_json()
            data = {"token": play.token, "intents": 1, "shard": [number, 2], "properties": {}}
            await socket.send_json({"op": 2, "d": data})
            ready = await socket.receive_json()
            assert ready["d"]["shard"] == [number, 2]
            mine = (guild.id >> 22) % 2 == number
            assert [one["id"] for one in ready["d"]["guilds"]] == ([str(guild.id)] if mine else [])


async def test_reactions_and_typing_are_heard(play: Playground, bot: Client, alice: Person) -> None:
    events: list[tuple[str, object]] = []

    async def on_raw_reaction_add(event: discord.RawReactionActionEvent) -> None:
        events.append(("add", str(event.emoji)))

    async def on_raw_reaction_remove(event: discord.RawReactionActionEvent) -> None:
        events.append(("remove", event.user_id))

    async def on_typing(channel: discord.TextChannel, user: discord.User, when: object) -> None:
        events.append(("typing", user.id))

    for listener in (on_raw_reaction_add, on_raw_reaction_remove, on_typing):
        bot.event(listener)
    said = await alice.say("Ahoy")
    await alice.react(said, "❌")
    await alice.unreact(said, "❌")
    await alice.typing()
    await until(lambda: len(events) == 3)
    assert sorted(map(str, events)) == sorted(map(str, [("add", "❌"), ("remove", alice.id), ("typing", alice.id)]))


async def test_a_direct_message_may_be_refused(play: Playground, bot: Client, alice: Person) -> None:
    user = await bot.fetch_user(alice.id)
    await user.send("Psst")
    await alice.open_dm()
    await alice.sees("Psst")
    alice.user.refuses_dms = True
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("Psst")
    assert refused.value.code == 50007
