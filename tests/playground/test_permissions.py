"""What the bot may not do is refused with Discord's codes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import Channel, Guild, Person, Playground, Refused, permissions
from playground.channels import Overwrite
from tests.playground.conftest import Rest

NEW = {"content": "x"}
TABLE: list[tuple[str, str, str, Any, int]] = [
    ("view_channel", "GET", "/channels/{channel}", None, 50001),
    ("view_channel", "POST", "/channels/{channel}/messages", NEW, 50001),
    ("view_channel", "GET", "/channels/{channel}/messages", None, 50001),
    ("send_messages", "POST", "/channels/{channel}/messages", NEW, 50013),
    ("send_messages", "POST", "/channels/{channel}/typing", None, 50013),
    ("embed_links", "POST", "/channels/{channel}/messages", {"embeds": [{"title": "x"}]}, 50013),
    ("manage_webhooks", "POST", "/channels/{channel}/webhooks", {"name": "x"}, 50013),
    ("manage_webhooks", "GET", "/channels/{channel}/webhooks", None, 50013),
    ("manage_messages", "DELETE", "/channels/{channel}/messages/{message}", None, 50013),
    ("add_reactions", "PUT", "/channels/{channel}/messages/{message}/reactions/❌/@me", None, 50013),
    ("create_public_threads", "POST", "/channels/{channel}/threads", {"name": "x", "type": 11}, 50013),
    ("create_private_threads", "POST", "/channels/{channel}/threads", {"name": "x", "type": 12}, 50013),
    ("create_public_threads", "POST", "/channels/{channel}/messages/{message}/threads", {"name": "x"}, 50013),
    ("manage_channels", "PATCH", "/channels/{channel}", {"topic": "x"}, 50013),
    ("manage_threads", "DELETE", "/channels/{thread}", None, 50013),
    ("manage_threads", "PATCH", "/channels/{thread}", {"locked": True}, 50013),
    ("send_messages_in_threads", "POST", "/channels/{thread}/messages", NEW, 50013),
    ("pin_messages", "PUT", "/channels/{channel}/messages/pins/{message}", None, 50013),
]


@pytest.mark.parametrize(("missing", "method", "path", "body", "code"), TABLE)
@pytest.mark.parametrize("where", ["everywhere", "there"])
async def test_the_bot_is_refused(
    guild: Guild,
    tavern: Channel,
    alice: Person,
    rest: Rest,
    missing: str,
    method: str,
    path: str,
    body: Any,
    code: int,
    where: str,
) -> None:
    message = await alice.say("Ahoy")
    thread = await alice.start_thread("Night")
    path = path.format(channel=tavern.id, message=message.id, thread=thread.id)
    guild.revoke_from_bot(missing, channel=tavern if where == "there" else None)
    reply = await rest(method, path, body)
    assert (reply.status, reply.code) == (403, code)
    guild.grant_to_bot(missing, channel=tavern if where == "there" else None)
    assert (await rest(method, path, body)).status < 300


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/channels/1", 10003),
        ("GET", "/channels/{channel}/messages/1", 10008),
        ("GET", "/guilds/1", 10004),
        ("GET", "/users/1", 10013),
        ("GET", "/guilds/{guild}/members/1", 10013),
        ("GET", "/webhooks/1", 10015),
        ("GET", "/webhooks/1/abc", 10015),
        ("POST", "/interactions/1/abc/callback", 10062),
    ],
)
async def test_what_is_not_there(guild: Guild, tavern: Channel, rest: Rest, method: str, path: str, code: int) -> None:
    body = {"type": 5} if method == "POST" else None
    reply = await rest(method, path.format(channel=tavern.id, guild=guild.id), body)
    assert (reply.status, reply.code) == (404, code)


async def test_people_are_refused_too(guild: Guild, tavern: Channel, alice: Person, bob: Person) -> None:
    mine = await alice.say("mine")
    with pytest.raises(Refused) as refused:
        await bob.edit(mine, "yours")
    assert refused.value.code == 50005
    with pytest.raises(Refused):
        await bob.delete(mine)
    guild.deny(bob, "send_messages", channel=tavern)
    with pytest.raises(Refused) as refused:
        await bob.say("silenced")
    assert refused.value.code == 50013
    guild.deny(guild.everyone, "view_channel", channel=tavern)
    assert alice.messages() == []
    guild.allow(alice, "view_channel", channel=tavern)
    assert [message.text for message in alice.messages()] == ["mine"]


async def test_a_private_thread_is_for_its_members(tavern: Channel, alice: Person, bob: Person, rest: Rest) -> None:
    thread = await alice.start_thread("Secret", private=True)
    assert bob.at(thread).messages() == []
    with pytest.raises(Refused):
        await bob.say("hello?")
    assert (await rest("PUT", f"/channels/{thread.id}/thread-members/{bob.id}")).status == 204
    assert (await bob.say("hello")).channel is thread


numbers = st.integers(min_value=0, max_value=permissions.ALL).map(lambda one: one & permissions.ALL)


@given(everyone=numbers, role=numbers, allow=numbers, deny=numbers)
def test_overwrites_decide_last(everyone: int, role: int, allow: int, deny: int) -> None:
    play = Playground()
    guild = play.add_guild("Harbour")
    place = guild.add_text_channel("tavern")
    alice = play.add_person("alice", guilds=[guild])
    rank = guild.add_role("Sailor", role & ~permissions.bits("administrator"))
    guild.members[alice.id].roles.append(rank.id)
    guild.everyone.permissions = everyone & ~permissions.bits("administrator")
    place.overwrites[alice.id] = Overwrite(alice.id, 1, allow & ~deny, deny)
    found = permissions.in_channel(place, alice.id)
    seen = permissions.bits("view_channel")
    if deny & seen:
        assert found == 0
    elif found:
        assert found & seen
        assert not found & deny
    guild.members[alice.id].roles.append(guild.add_role("Captain", permissions.bits("administrator")).id)
    assert permissions.in_channel(place, alice.id) == permissions.ALL
