"""Rate limits, seen through bare requests and through an unmodified client that keeps to them."""

from __future__ import annotations

import time

import discord
import pytest

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Client, Connect, Rest


@pytest.fixture
def limited(play: Playground) -> Playground:
    play.limits.on = True
    return play


async def test_a_channel_takes_five_messages_in_five_seconds(limited: Playground, tavern: Channel, rest: Rest) -> None:
    replies = [await rest("POST", f"/channels/{tavern.id}/messages", {"content": str(n)}) for n in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["4", "3", "2", "1", "0", "0"]
    refused = replies[-1]
    assert refused.headers["Via"]
    assert 4 < refused.body["retry_after"] <= 5
    assert refused.body["global"] is False
    limited.clock.advance(5)
    assert (await rest("POST", f"/channels/{tavern.id}/messages", {"content": "again"})).status == 200


async def test_a_webhook_shares_its_bucket(limited: Playground, tavern: Channel, rest: Rest) -> None:
    hook = (await rest("POST", f"/channels/{tavern.id}/webhooks", {"name": "Actors"})).body
    path = f"/webhooks/{hook['id']}/{hook['token']}"
    posted = [await rest("POST", f"{path}?wait=true", {"content": str(n)}) for n in range(3)]
    message = posted[0].body["id"]
    assert (await rest("PATCH", f"{path}/messages/{message}", {"content": "edited"})).status == 200
    assert (await rest("DELETE", f"{path}/messages/{message}")).status == 204
    assert (await rest("POST", path, {"content": "six"})).status == 429


async def test_an_address_has_fifty_requests_a_second(limited: Playground, rest: Rest) -> None:
    replies = [await rest("GET", "/users/@me") for _ in range(55)]
    refused = [reply for reply in replies if reply.status == 429]
    assert refused
    assert refused[0].body["global"] is True


async def test_old_messages_are_edited_seldom(limited: Playground, tavern: Channel, rest: Rest) -> None:
    path = f"/channels/{tavern.id}/messages"
    message = (await rest("POST", path, {"content": "old"})).body["id"]
    limited.clock.advance(3601)
    replies = [await rest("PATCH", f"{path}/{message}", {"content": str(n)}) for n in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].code == 30046
    assert replies[-1].body["retry_after"] > 0


async def test_an_unmodified_client_waits_and_gets_through(
    limited: Playground, tavern: Channel, connect: Connect, alice: Person
) -> None:
    client = await connect(Client())
    place = client.get_channel(tavern.id)
    assert isinstance(place, discord.TextChannel)
    webhook = await place.create_webhook(name="Actors")
    began = time.monotonic()
    for number in range(7):
        await webhook.send(str(number))
    assert time.monotonic() - began > 1
    assert [message.content for message in alice.messages()] == [str(number) for number in range(7)]


async def test_limits_may_be_off(play: Playground, guild: Guild, tavern: Channel, rest: Rest) -> None:
    replies = [await rest("POST", f"/channels/{tavern.id}/messages", {"content": str(n)}) for n in range(8)]
    assert {reply.status for reply in replies} == {200}
    assert "X-RateLimit-Limit" not in replies[0].headers
