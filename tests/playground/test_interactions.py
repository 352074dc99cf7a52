"""The clocks and rules of answering interactions, with answers that a client would not send."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground import Channel, DidNotAnswer, Message, Person, Playground
from playground.interactions import Interaction
from tests.playground.conftest import Reply, Rest

Body = dict[str, Any]
V2 = 1 << 15


@pytest.fixture
async def panel(play: Playground, tavern: Channel, rest: Rest, alice: Person) -> Message:
    """A message with a button, and a command, from an application that answers by bare requests."""
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    await rest(
        "POST",
        f"/channels/{tavern.id}/messages",
        {"content": "x", "components": [{"type": 1, "components": [button]}]},
    )
    option = {"type": 3, "name": "what", "description": "W.", "autocomplete": True}
    command = {"name": "tell", "description": "Tells.", "options": [option]}
    await rest("PUT", f"/applications/{play.application_id}/commands", [command])
    return tavern.messages[-1]


async def callback(rest: Rest, interaction: Interaction, body: Body, query: str = "") -> Reply:
    return await rest("POST", f"/interactions/{interaction.id}/{interaction.token}/callback{query}", body)


def of_token(play: Playground, interaction: Interaction, more: str = "") -> str:
    return f"/webhooks/{play.application_id}/{interaction.token}{more}"


async def test_it_is_answered_once(rest: Rest, alice: Person, panel: Message) -> None:
    asked = alice.use(alice.here, "tell", {})
    first = await callback(rest, asked, {"type": 4, "data": {"content": "a"}}, "?with_response=true")
    assert first.status == 200
    assert first.body["resource"]["message"]["content"] == "a"
    assert first.body["interaction"]["response_message_id"] == first.body["resource"]["message"]["id"]
    second = await callback(rest, asked, {"type": 4, "data": {"content": "b"}})
    assert (second.status, second.code) == (400, 40060)


async def test_three_seconds_and_then_it_is_unknown(
    play: Playground, rest: Rest, alice: Person, panel: Message
) -> None:
    asked = alice.use(alice.here, "tell", {})
    play.clock.advance(3.1)
    late = await callback(rest, asked, {"type": 4, "data": {"content": "a"}})
    assert (late.status, late.code) == (404, 10062)
    wrong = await rest("POST", f"/interactions/{asked.id}/wrong/callback", {"type": 5})
    assert wrong.code == 10062


async def test_fifteen_minutes_and_then_the_token_is_spent(
    play: Playground, rest: Rest, alice: Person, panel: Message
) -> None:
    asked = alice.use(alice.here, "tell", {})
    await callback(rest, asked, {"type": 5})
    play.clock.advance(890)
    assert (await rest("POST", of_token(play, asked), {"content": "thought"})).status == 200
    play.clock.advance(11)
    for method, path in [("POST", ""), ("PATCH", "/messages/@original"), ("GET", "/messages/@original")]:
        body = None if method == "GET" else {"content": "too late"}
        assert (await rest(method, of_token(play, asked, path), body)).code == 50027


async def test_a_follow_up_comes_after_an_answer(play: Playground, rest: Rest, alice: Person, panel: Message) -> None:
    asked = alice.use(alice.here, "tell", {})
    assert (await rest("POST", of_token(play, asked), {"content": "x"})).code == 10015
    await callback(rest, asked, {"type": 4, "data": {"content": "a", "flags": 64}})
    assert (await rest("POST", of_token(play, asked), {"content": "b"})).status == 200
    assert [(one.text, one.ephemeral) for one in alice.messages()[1:]] == [("a", True), ("b", False)]
    assert (await rest("DELETE", of_token(play, asked, "/messages/@original"))).status == 204
    assert (await rest("GET", of_token(play, asked, "/messages/@original"))).code == 10008


async def test_thinking_for_ever_is_no_answer(rest: Rest, alice: Person, panel: Message) -> None:
    waiting = asyncio.create_task(alice.slash("tell", within=0.1))
    play = alice.play
    assert await play.world.pulse.until(lambda: bool(play.interactions.open), 2)
    await callback(rest, play.interactions.open[-1], {"type": 5, "data": {"flags": 64}})
    with pytest.raises(DidNotAnswer, match="still thinking"):
        await waiting


async def test_a_press_may_be_deferred_or_update(play: Playground, rest: Rest, alice: Person, panel: Message) -> None:
    pressed = alice.press(panel, "go")
    await callback(rest, pressed, {"type": 6})
    assert (await rest("PATCH", of_token(play, pressed, "/messages/@original"), {"content": "later"})).status == 200
    assert panel.text == "later"
    again = alice.press(panel, "go")
    await callback(rest, again, {"type": 7, "data": {"content": "now", "components": []}})
    assert (panel.text, panel.buttons) == ("now", [])


@pytest.mark.parametrize("kind", [6, 7, 8])
async def test_a_command_takes_no_such_callback(
    play: Playground, rest: Rest, alice: Person, panel: Message, kind: int
) -> None:
    asked = alice.use(alice.here, "tell", {})
    reply = await callback(rest, asked, {"type": kind, "data": {}})
    assert (reply.status, reply.code) == (400, 50035)
    play.violations.clear()


def label(name: str, **more: object) -> Body:
    return {"type": 18, "label": name, "component": {"type": 4, "style": 1, "custom_id": name} | more}


@pytest.mark.parametrize(
    ("title", "components"),
    [
        pytest.param("x" * 46, [label("a")], id="title over 45"),
        pytest.param("x", [label(str(n)) for n in range(6)], id="six parts"),
        pytest.param("x", [], id="no parts"),
        pytest.param("x", [label("a"), label("a")], id="custom id twice"),
        pytest.param("x", [label("x" * 46)], id="label over 45"),
        pytest.param("x", [label("a", value="x" * 11, max_length=10)], id="value over max_length"),
        pytest.param("x", [label("a", value="x" * 4001)], id="value over 4,000"),
        pytest.param(
            "x",
            [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "b", "label": "b"}]}],
            id="a button",
        ),
    ],
)
async def test_a_form_is_refused(
    play: Playground, rest: Rest, alice: Person, panel: Message, title: str, components: list[Body]
) -> None:
    asked = alice.use(alice.here, "tell", {})
    data = {"custom_id": "form", "title": title, "components": components}
    reply = await callback(rest, asked, {"type": 9, "data": data})
    assert (reply.status, reply.code) == (400, 50035)
    assert len(play.violations) == 1
    play.violations.clear()


async def test_completions_are_twenty_five_at_most(play: Playground, rest: Rest, alice: Person, panel: Message) -> None:
    asked = alice.ask(alice.here, "tell", {"what": "a"}, "what")
    choices = [{"name": str(number), "value": str(number)} for number in range(26)]
    reply = await callback(rest, asked, {"type": 8, "data": {"choices": choices}})
    assert (reply.status, reply.code) == (400, 50035)
    assert (await callback(rest, asked, {"type": 8, "data": {"choices": choices[:25]}})).status == 204
    assert len(asked.choices) == 25
    play.violations.clear()


async def test_a_v2_answer_keeps_being_one(play: Playground, rest: Rest, alice: Person, panel: Message) -> None:
    asked = alice.use(alice.here, "tell", {})
    await callback(rest, asked, {"type": 5})
    body = {"flags": V2, "components": [{"type": 10, "content": "card"}]}
    assert (await rest("PATCH", of_token(play, asked, "/messages/@original"), body)).status == 200
    refused = await rest("PATCH", of_token(play, asked, "/messages/@original"), {"content": "plain"})
    assert refused.code == 50035
    assert alice.messages()[-1].text == "card"
    play.violations.clear()


async def test_callbacks_do_not_count_against_the_address(
    play: Playground, rest: Rest, alice: Person, panel: Message
) -> None:
    play.limits.on = True
    asked = [alice.use(alice.here, "tell", {}) for _ in range(60)]
    replies = [await callback(rest, one, {"type": 4, "data": {"content": "x", "flags": 64}}) for one in asked]
    assert {reply.status for reply in replies} == {204}
