"""Selects that fill themselves and options that name people, roles and channels, as discord.py reads them."""

from __future__ import annotations

from typing import Any

import pytest

from playground import Channel, Guild, Person, Playground, Role
from tests.playground.conftest import Client, Connect, Rest
from tests.playground.crew import Boatswain

Body = dict[str, Any]


@pytest.fixture
async def boatswain(connect: Connect, alice: Person, bob: Person) -> Client:
    return await connect(Boatswain())


@pytest.fixture
def sailor(guild: Guild, bob: Person) -> Role:
    role = guild.add_role("Sailor")
    guild.give_role(bob, role)
    return role


async def test_selects_of_a_message_fill_themselves(
    boatswain: Client, guild: Guild, tavern: Channel, alice: Person, bob: Person, sailor: Role
) -> None:
    deck, forum = guild.add_text_channel("deck"), guild.add_forum("ideas")
    shown = await alice.slash("pickers")
    assert (await shown.select("Crew", [alice, bob])).text == "Member alice, Member bob"
    assert (await shown.select("Ranks", [sailor, guild.everyone])).text == "Role Sailor, Role @everyone"
    assert (await shown.select("Either", [sailor, bob.id])).text == "Member bob, Role Sailor"
    assert (await shown.select("Places", [tavern, deck])).text == "AppCommandChannel tavern, AppCommandChannel deck"
    assert (await shown.select("Places", [])).text == "nothing"
    with pytest.raises(ValueError, match="other kinds of channel"):
        await shown.select("Places", [forum])
    with pytest.raises(ValueError, match="takes 1 to 2 values, not 0"):
        await shown.select("Crew", [])
    with pytest.raises(ValueError, match="twice"):
        await shown.select("Crew", [bob, bob])
    with pytest.raises(ValueError, match="no role"):
        await shown.select("Ranks", [bob])


async def test_selects_of_a_form_fill_themselves(
    boatswain: Client, guild: Guild, tavern: Channel, alice: Person, bob: Person, sailor: Role
) -> None:
    form = await alice.slash("order")
    answer = await form.fill({"Who": [bob, alice], "Rank": sailor, "Either": bob, "Where": tavern})
    assert answer.text == "Member bob, Member alice | Role Sailor | Member bob | AppCommandChannel tavern"
    form = await alice.slash("order")
    with pytest.raises(ValueError, match=r"'Where': .*other kinds"):
        await form.fill({"Who": bob, "Where": guild.add_forum("ideas")})
    with pytest.raises(ValueError, match="'Who' takes 1 to 2, not 3"):
        await form.fill({"Who": [bob, alice, alice.play.bot_user_id], "Where": tavern})
    answer = await form.fill({"Who": bob, "Where": tavern})
    assert answer.text == "Member bob |  |  | AppCommandChannel tavern"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("who", "Member bob ['@everyone', 'Sailor']"),
        ("rank", "Role Sailor []"),
        ("where", "TextChannel deck []"),
        ("either", "Role Sailor []"),
    ],
)
async def test_options_take_people_roles_and_channels(
    boatswain: Client, guild: Guild, alice: Person, bob: Person, sailor: Role, option: str, said: str
) -> None:
    deck = guild.add_text_channel("deck")
    values: Body = {"who": bob, "rank": sailor, "where": deck, "either": sailor}
    answer = await alice.slash("name", **{option: values[option]})
    assert answer.text == said


async def test_options_take_only_what_is_there(
    boatswain: Client, play: Playground, guild: Guild, alice: Person, bob: Person
) -> None:
    island = play.add_guild("Island")
    secret = guild.add_text_channel("secret")
    guild.deny(guild.everyone, "view_channel", channel=secret)
    for wrong in (island.add_text_channel("beach"), secret):
        with pytest.raises(ValueError, match="no channel"):
            await alice.slash("name", where=wrong)
    with pytest.raises(ValueError, match="other kinds of channel"):
        await alice.slash("name", where=guild.add_forum("ideas"))
    with pytest.raises(ValueError, match="no role"):
        await alice.slash("name", rank=island.add_role("Chief"))
    await alice.open_dm()
    assert (await alice.slash("weigh", who=alice)).text == "User alice"


@pytest.mark.parametrize(
    "select",
    [
        pytest.param({"type": 5, "default_values": [{"id": "1", "type": "user"}] * 2}, id="more presets than values"),
        pytest.param({"type": 5, "default_values": [{"id": "1", "type": "role"}]}, id="a role among people"),
        pytest.param({"type": 6, "channel_types": [0]}, id="channel types of roles"),
        pytest.param({"type": 8, "channel_types": [77]}, id="no such channel type"),
        pytest.param({"type": 7, "options": [{"label": "a", "value": "a"}]}, id="options of its own"),
        pytest.param({"type": 7, "min_values": 3, "max_values": 2}, id="more at least than at most"),
        pytest.param(
            {"type": 7, "max_values": 2, "default_values": [{"id": "1", "type": "user"}] * 2}, id="the same twice"
        ),
    ],
)
async def test_a_select_is_refused(play: Playground, rest: Rest, tavern: Channel, select: Body) -> None:
    rows = [{"type": 1, "components": [{"custom_id": "x"} | select]}]
    reply = await rest("POST", f"/channels/{tavern.id}/messages", {"content": "x", "components": rows})
    assert (reply.status, reply.code) == (400, 50035)
    assert len(play.violations) == 1
    play.violations.clear()
