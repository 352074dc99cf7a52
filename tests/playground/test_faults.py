"""Faults on request, as an unmodified client meets them."""

from __future__ import annotations

import time
from collections.abc import Callable

import aiohttp
import discord
import pytest

from playground import Channel, Fault, Guild, Person, Playground
from tests.playground.conftest import Client, Connect, Rest, until

POSTING = ("POST", "/channels/*/messages")


@pytest.fixture
def place(bot: Client, tavern: Channel) -> discord.TextChannel:
    """The tavern as the bot has it."""
    found = bot.get_channel(tavern.id)
    assert isinstance(found, discord.TextChannel)
    return found


def texts(person: Person) -> list[str]:
    return [message.content for message in person.messages()]


def statuses(play: Playground, path: str) -> list[int]:
    return [request.status for request in play.requests if request.path.endswith(path) and request.method == "POST"]


# Requests


async def test_a_failed_request_is_not_carried_out_and_tried_again(
    play: Playground, place: discord.TextChannel, alice: Person
) -> None:
    fault = play.faults.fail(*POSTING, times=1)
    await place.send("Ahoy")
    assert texts(alice) == ["Ahoy"]
    assert fault.struck == 1
    assert statuses(play, "/messages") == [500, 200]


async def test_a_refusal_for_good_reaches_the_program(
    play: Playground, place: discord.TextChannel, alice: Person
) -> None:
    with play.faults.fail(*POSTING, status=503) as fault:
        with pytest.raises(discord.DiscordServerError) as failed:
            await place.send("Ahoy")
        await place.edit(topic="Other requests pass")
    assert (failed.value.status, fault.struck) == (503, 1)
    await place.send("After the storm")
    assert texts(alice) == ["After the storm"]


async def test_a_limit_on_request_is_waited_for(play: Playground, place: discord.TextChannel, alice: Person) -> None:
    play.faults.fail(*POSTING, status=429, retry_after=0.1, times=2)
    began = time.monotonic()
    await place.send("Ahoy")
    assert time.monotonic() - began >= 0.2
    assert texts(alice) == ["Ahoy"]
    assert statuses(play, "/messages") == [429, 429, 200]


async def test_an_answer_may_be_lost_after_the_deed(
    play: Playground, place: discord.TextChannel, alice: Person
) -> None:
    fault = play.faults.lose_answer(*POSTING, times=1)
    with pytest.raises(aiohttp.ClientError):
        await place.send("Ahoy")
    assert (texts(alice), fault.struck, fault.active) == (["Ahoy"], 1, False)


async def test_an_answer_may_turn_into_an_error_after_the_deed(
    play: Playground, place: discord.TextChannel, alice: Person
) -> None:
    play.faults.lose_answer(*POSTING, status=503, times=1)
    with pytest.raises(discord.DiscordServerError):
        await place.send("Ahoy")
    assert texts(alice) == ["Ahoy"]


@pytest.mark.parametrize("after", [False, True])
async def test_requests_may_be_slow(
    play: Playground, place: discord.TextChannel, alice: Person, *, after: bool
) -> None:
    play.faults.slow(0.2, *POSTING, times=1, after=after)
    began = time.monotonic()
    arrived: list[float] = []
    play.world.listeners.append(lambda event: arrived.append(time.monotonic() - began))
    await place.send("Ahoy")
    took = time.monotonic() - began
    assert took >= 0.2
    assert (arrived[0] < 0.2) == after
    await place.send("Again")
    assert time.monotonic() - began - took < 0.2


async def test_all_of_rest_may_be_down(play: Playground, rest: Rest, tavern: Channel, alice: Person) -> None:
    sent = await alice.say("A map", files=[("map.txt", b"here be dragons")])
    address = sent.attachments[0].url
    with play.faults.rest_down(status=502) as fault:
        replies = [await rest(method, "/users/@me", {}) for method in ("GET", "PATCH")]
        assert [reply.status for reply in replies] == [502, 502]
        async with rest.session.get(address) as file:
            assert await file.read() == b"here be dragons"
    assert fault.struck == 2
    assert (await rest("GET", "/users/@me")).status == 200


async def test_rest_may_be_cut_off_for_a_time(play: Playground, rest: Rest) -> None:
    fault = play.faults.rest_down(status=None, seconds=60)
    with pytest.raises(aiohttp.ClientError):
        await rest("POST", "/users/@me/channels", {"recipient_id": "1"})
    assert play.requests[-1].status == 0
    play.clock.advance(60)
    assert not fault.active
    assert (await rest("GET", "/users/@me")).status == 200


async def test_files_may_fail_too(play: Playground, rest: Rest, alice: Person) -> None:
    sent = await alice.say("A map", files=[("map.txt", b"here be dragons")])
    play.faults.fail("GET", "/cdn/*", status=500, times=1)
    answers = []
    for _ in range(2):
        async with rest.session.get(sent.attachments[0].url) as file:
            answers.append(file.status)
    assert answers == [500, 200]


MATCHES = [
    (("*", "*"), True),
    (("GET", "*"), True),
    (("POST", "*"), False),
    (("GET", "/users/@me"), True),
    (("GET", "/users/*"), True),
    (("GET", "/users"), False),
    (("GET", "/channels/*"), False),
    (("GET", "/cdn/*"), False),
]


@pytest.mark.parametrize(("pattern", "fails"), MATCHES, ids=[" ".join(pattern) for pattern, _ in MATCHES])
async def test_requests_are_named_by_method_and_path(
    play: Playground, rest: Rest, pattern: tuple[str, str], *, fails: bool
) -> None:
    play.faults.fail(*pattern)
    assert ((await rest("GET", "/users/@me")).status == 500) == fails


async def test_several_faults_strike_one_request(play: Playground, rest: Rest) -> None:
    slow, fail = play.faults.slow(0.01), play.faults.fail(times=1)
    assert (await rest("GET", "/users/@me")).status == 500
    assert (await rest("GET", "/users/@me")).status == 200
    assert (slow.struck, fail.struck) == (2, 1)
    play.faults.clear()
    await rest("GET", "/users/@me")
    assert slow.struck == 2


# Events


async def test_dropped_events_never_arrive(play: Playground, bot: Client, alice: Person) -> None:
    fault = play.faults.drop_events("MESSAGE_CREATE", times=2)
    for words in ("one", "two", "three"):
        await alice.say(words)
    await until(lambda: len(bot.heard) == 1)
    play.faults.ask_reconnect()
    await alice.say("four")
    await until(lambda: len(bot.heard) == 2)
    assert ([message.content for message in bot.heard], fault.struck) == (["three", "four"], 2)


async def test_repeated_events_arrive_twice(play: Playground, bot: Client, alice: Person) -> None:
    play.faults.repeat_events("MESSAGE_CREATE", times=1)
    await alice.say("one")
    await alice.say("two")
    await until(lambda: len(bot.heard) == 3)
    assert [message.content for message in bot.heard] == ["one", "one", "two"]
    assert bot.heard[0].id == bot.heard[1].id


async def test_delayed_events_are_overtaken(play: Playground, bot: Client, alice: Person) -> None:
    play.faults.delay_events(60, "MESSAGE_CREATE", times=1)
    await alice.say("one")
    await alice.say("two")
    await until(lambda: len(bot.heard) == 1)
    play.clock.advance(60)
    await until(lambda: len(bot.heard) == 2)
    assert [message.content for message in bot.heard] == ["two", "one"]


async def test_events_are_chosen_by_what_they_say(play: Playground, bot: Client, alice: Person, bob: Person) -> None:
    with play.faults.drop_events("*", where=lambda data: data.get("content") == "secret") as fault:
        await alice.say("secret")
        await bob.say("open")
        await until(lambda: len(bot.heard) == 1)
    await alice.say("secret")
    await until(lambda: len(bot.heard) == 2)
    assert ([message.content for message in bot.heard], fault.struck) == (["open", "secret"], 1)


async def test_events_that_no_bot_would_hear_count_for_nothing(play: Playground, alice: Person) -> None:
    fault = play.faults.drop_events("*")
    await alice.say("Ahoy")
    assert fault.struck == 0


async def test_a_repeated_press_is_acknowledged_once(play: Playground, connect: Connect, alice: Person) -> None:
    client = Client()
    refused: list[int] = []

    @client.tree.command(description="Answers.")
    async def ahoy(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.send_message("Ahoy")
        except discord.HTTPException as error:
            refused.append(error.code)

    await connect(client)
    play.faults.repeat_events("INTERACTION_CREATE", times=1)
    assert (await alice.slash("ahoy")).text == "Ahoy"
    await until(lambda: refused == [40060])
    assert texts(alice) == ["Ahoy"]


# What someone at Discord does


def revoke(guild: Guild, place: discord.TextChannel) -> None:
    guild.revoke_from_bot("send_messages", channel=guild.channel(place.name))


def hide(guild: Guild, place: discord.TextChannel) -> None:
    guild.revoke_from_bot("view_channel", channel=guild.channel(place.name))


def kick(guild: Guild, place: discord.TextChannel) -> None:
    guild.remove_bot()


DEEDS: list[tuple[Callable[[Guild, discord.TextChannel], None], int]] = [(revoke, 50013), (hide, 50001), (kick, 50001)]


@pytest.mark.parametrize(("deed", "code"), DEEDS, ids=[deed.__name__ for deed, _ in DEEDS])
async def test_permissions_may_be_taken(
    guild: Guild, place: discord.TextChannel, deed: Callable[[Guild, discord.TextChannel], None], code: int
) -> None:
    deed(guild, place)
    with pytest.raises(discord.Forbidden) as refused:
        await place.send("Ahoy")
    assert refused.value.code == code


async def test_webhooks_threads_and_channels_may_go(
    play: Playground, place: discord.TextChannel, tavern: Channel, alice: Person
) -> None:
    webhook = await place.create_webhook(name="Actors")
    thread = await alice.start_thread("Night")
    await play.delete_channel(thread)
    with pytest.raises(discord.NotFound) as gone:
        await webhook.send("Ahoy", thread=discord.Object(thread.id))
    assert gone.value.code == 10003
    await play.delete_webhook(webhook.id)
    with pytest.raises(discord.NotFound) as gone:
        await webhook.send("Ahoy")
    assert gone.value.code == 10015
    await play.delete_channel(tavern)
    with pytest.raises(discord.NotFound) as gone:
        await place.send("Ahoy")
    assert gone.value.code == 10003


async def test_a_fault_is_no_violation(play: Playground, rest: Rest) -> None:
    fault: Fault = play.faults.fail(times=1)
    await rest("POST", "/nowhere", {"nonsense": 1})
    assert (fault.struck, play.violations) == (1, [])
