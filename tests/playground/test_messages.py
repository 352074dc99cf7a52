"""Messages over the REST API: history, edits, deletions, pings, reactions, pins."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest

from playground import Channel, Person, Playground, Refused
from tests.playground.conftest import Rest

Body = dict[str, Any]


@pytest.fixture
async def five(tavern: Channel, alice: Person) -> list[int]:
    return [(await alice.say(str(number))).id for number in range(5)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "43210"),
        ("?limit=2", "43"),
        ("?before={2}", "10"),
        ("?before={4}&limit=1", "3"),
        ("?after={1}", "432"),
        ("?after={1}&limit=2", "32"),
        ("?around={2}&limit=3", "321"),
    ],
)
async def test_history(tavern: Channel, rest: Rest, five: list[int], query: str, expected: str) -> None:
    reply = await rest("GET", f"/channels/{tavern.id}/messages{query.format(*five)}")
    assert "".join(message["content"] for message in reply.body) == expected


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=x"])
async def test_history_has_bounds(play: Playground, tavern: Channel, rest: Rest, query: str) -> None:
    assert (await rest("GET", f"/channels/{tavern.id}/messages{query}")).code == 50035
    play.violations.clear()


async def test_history_is_empty_without_the_permission(tavern: Channel, rest: Rest, five: list[int]) -> None:
    guild = tavern.guild
    assert guild is not None
    guild.revoke_from_bot("read_message_history")
    assert (await rest("GET", f"/channels/{tavern.id}/messages")).body == []
    reply = {"content": "x", "message_reference": {"message_id": five[0]}}
    assert (await rest("POST", f"/channels/{tavern.id}/messages", reply)).code == 160002


async def test_content_is_withheld_in_history_too() -> None:
    async with Playground(message_content=False) as play, aiohttp.ClientSession() as session:
        guild = play.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        await play.add_person("alice", guilds=[guild]).at(tavern).say("secret")
        shown = (await Rest(play, session)("GET", f"/channels/{tavern.id}/messages")).body
        assert [message["content"] for message in shown] == [""]


async def test_others_messages_are_not_the_bots_to_edit(tavern: Channel, rest: Rest, five: list[int]) -> None:
    path = f"/channels/{tavern.id}/messages/{five[0]}"
    assert (await rest("PATCH", path, {"content": "x"})).code == 50005
    hidden = await rest("PATCH", path, {"flags": 4})
    assert hidden.body["flags"] & 4


async def test_an_edit_keeps_what_it_does_not_name(tavern: Channel, rest: Rest) -> None:
    path = f"/channels/{tavern.id}/messages"
    made = (await rest("POST", path, {"content": "a", "embeds": [{"title": "t"}]})).body
    edited = (await rest("PATCH", f"{path}/{made['id']}", {"content": "b"})).body
    assert (edited["content"], edited["embeds"][0]["title"], bool(edited["edited_timestamp"])) == (
        "b",
        "t",
        True,
    )
    emptied = await rest("PATCH", f"{path}/{made['id']}", {"content": "", "embeds": []})
    assert emptied.code == 50006
    assert tavern.messages[0].text == "b\nt"
    rest.play.violations.clear()


async def test_many_are_deleted_at_once(play: Playground, tavern: Channel, rest: Rest, five: list[int]) -> None:
    path = f"/channels/{tavern.id}/messages/bulk-delete"
    assert (await rest("POST", path, {"messages": five[:3]})).status == 204
    assert [message.content for message in tavern.messages] == ["3", "4"]
    play.clock.advance(15 * 24 * 3600)
    assert (await rest("POST", path, {"messages": five[3:]})).code == 50034


async def test_a_nonce_is_used_once(tavern: Channel, rest: Rest) -> None:
    body = {"content": "x", "nonce": "abc", "enforce_nonce": True}
    first = await rest("POST", f"/channels/{tavern.id}/messages", body)
    second = await rest("POST", f"/channels/{tavern.id}/messages", body)
    assert first.body["id"] == second.body["id"]
    assert len(tavern.messages) == 1


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, {"alice", "bob"}),
        ({"parse": []}, set()),
        ({"parse": ["users"]}, {"bob"}),
        ({"parse": [], "replied_user": True}, {"alice"}),
        ({"parse": [], "users": ["{bob}"]}, {"bob"}),
    ],
)
async def test_pings_are_those_allowed(
    tavern: Channel, rest: Rest, alice: Person, bob: Person, allowed: Body | None, pinged: set[str]
) -> None:
    said = await alice.say("Ahoy")
    body: Body = {"content": f"hello {bob.mention}", "message_reference": {"message_id": said.id}}
    if allowed is not None:
        users = [one.format(bob=bob.id) for one in allowed.get("users", [])]
        body["allowed_mentions"] = allowed | ({"users": users} if users else {})
    reply = await rest("POST", f"/channels/{tavern.id}/messages", body)
    assert {user["username"] for user in reply.body["mentions"]} == pinged
    assert reply.body["referenced_message"]["content"] == "Ahoy"


async def test_a_reply_to_nothing(tavern: Channel, rest: Rest) -> None:
    reference = {"message_id": "1"}
    path = f"/channels/{tavern.id}/messages"
    assert (await rest("POST", path, {"content": "x", "message_reference": reference})).code == 50035
    reference |= {"fail_if_not_exists": False}
    assert (await rest("POST", path, {"content": "x", "message_reference": reference})).status == 200


async def test_reactions_are_counted(tavern: Channel, rest: Rest, alice: Person, five: list[int]) -> None:
    path = f"/channels/{tavern.id}/messages/{five[0]}"
    await alice.react(tavern.messages[0], "❓")
    assert (await rest("PUT", f"{path}/reactions/❓/@me")).status == 204
    shown = (await rest("GET", path)).body["reactions"]
    assert [(one["emoji"]["name"], one["count"], one["me"]) for one in shown] == [("❓", 2, True)]
    who = await rest("GET", f"{path}/reactions/❓")
    assert {user["username"] for user in who.body} == {"alice", "dramatis"}
    assert (await rest("DELETE", f"{path}/reactions/❓/{alice.id}")).status == 204
    assert (await rest("DELETE", f"{path}/reactions/❓/@me")).status == 204
    assert tavern.messages[0].reactions == {}
    assert (await rest("PUT", f"{path}/reactions/nonsense/@me")).code == 10014


async def test_pins(tavern: Channel, rest: Rest, five: list[int]) -> None:
    assert (await rest("PUT", f"/channels/{tavern.id}/messages/pins/{five[1]}")).status == 204
    pinned = (await rest("GET", f"/channels/{tavern.id}/messages/pins")).body["items"]
    assert [one["message"]["content"] for one in pinned] == ["1"]


async def test_people_have_discords_limits_too(alice: Person) -> None:
    with pytest.raises(Refused, match="2000"):
        await alice.say("x" * 2001)
    with pytest.raises(Refused, match="empty"):
        await alice.say("")


async def test_a_file_has_its_limit(tavern: Channel, rest: Rest) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", "{}", content_type="application/json")
    form.add_field("files[0]", io.BytesIO(bytes(10 * 1024 * 1024 + 1)), filename="big.bin")
    address = f"{rest.play.api_url}/channels/{tavern.id}/messages"
    headers = {"Authorization": f"Bot {rest.play.token}"}
    async with rest.session.post(address, data=form, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (413, 40005)
    assert tavern.messages == []
    rest.play.violations.clear()


async def test_a_person_answers_edits_and_deletes_where_the_message_is(
    tavern: Channel, alice: Person, bob: Person
) -> None:
    said = await alice.say("Ahoy")
    await bob.open_dm()
    answer = await bob.reply(said, "Ahoy yourself", [("map.txt", b"here")])
    assert (answer.channel_id, answer.reply_to, len(answer.attachments)) == (tavern.id, said, 1)
    assert (await bob.edit(answer, "Ahoy!")).content == "Ahoy!"
    with pytest.raises(Refused, match="50005"):
        await alice.edit(answer, "Nonsense")
    await bob.delete(answer)
    assert alice.messages(tavern) == [said]
