"""Bodies that Discord refuses are refused, recorded, and explained at the right place."""

from __future__ import annotations

from typing import Any

import pytest

from playground import Channel, Playground
from tests.playground.conftest import Rest

Body = dict[str, Any]


def button(**more: object) -> Body:
    return {"type": 2, "style": 1, "label": "B", "custom_id": "b"} | more


def select(**more: object) -> Body:
    options = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
    return {"type": 3, "custom_id": "s", "options": options} | more


def row(*parts: Body) -> Body:
    return {"type": 1, "components": list(parts)}


def text(content: str) -> Body:
    return {"type": 10, "content": content}


V2 = 1 << 15
MESSAGES: list[tuple[str, Body, str]] = [
    ("content over 2,000", {"content": "x" * 2001}, "content"),
    ("unknown key", {"content": "x", "colour": 1}, ""),
    ("a number as content", {"content": 1}, "content"),
    ("button beside select", {"components": [row(button(), select())]}, "components.0.components"),
    (
        "two selects in a row",
        {"components": [row(select(), select(custom_id="t"))]},
        "components.0.components",
    ),
    (
        "six buttons",
        {"components": [row(*(button(custom_id=str(n)) for n in range(6)))]},
        "components.0.components",
    ),
    ("six rows", {"components": [row(button(custom_id=str(n))) for n in range(6)]}, "components"),
    ("an empty row", {"components": [row()]}, "components.0.components"),
    ("label over 80", {"components": [row(button(label="x" * 81))]}, "components.0.components.0.label"),
    (
        "custom id over 100",
        {"components": [row(button(custom_id="x" * 101))]},
        "components.0.components.0.custom_id",
    ),
    ("custom id twice", {"components": [row(button(), button())]}, "components"),
    (
        "select value twice",
        {"components": [row(select(options=[{"label": "A", "value": "a"}] * 2))]},
        "components.0.components.0.options",
    ),
    (
        "26 options",
        {"components": [row(select(options=[{"label": str(n), "value": str(n)} for n in range(26)]))]},
        "components.0.components.0.options",
    ),
    (
        "more values than options",
        {"components": [row(select(max_values=3))]},
        "components.0.components.0.max_values",
    ),
    ("min above max", {"components": [row(select(min_values=2))]}, "components.0.components.0.min_values"),
    (
        "a link with a custom id",
        {"components": [row(button(style=5, url="https://example.com"))]},
        "components.0.components.0.url",
    ),
    (
        "a button without an id",
        {"components": [row(button(custom_id=None))]},
        "components.0.components.0.custom_id",
    ),
    ("a button without words", {"components": [row(button(label=None))]}, "components.0.components.0.label"),
    ("v2 parts without the flag", {"components": [text("x")]}, "components.0.type"),
    ("content with v2", {"content": "x", "flags": V2, "components": [text("x")]}, "content"),
    ("41 parts", {"flags": V2, "components": [text("x")] * 41}, "components"),
    (
        "41 nested parts",
        {"flags": V2, "components": [{"type": 17, "components": [text("x")] * 40}]},
        "components",
    ),
    (
        "text over 4,000 in all",
        {"flags": V2, "components": [text("x" * 2001), text("x" * 2000)]},
        "components",
    ),
    ("text over 4,000 in one", {"flags": V2, "components": [text("x" * 4001)]}, "components.0.content"),
    (
        "an attachment that is not there",
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://a.txt"}}]},
        "components",
    ),
    ("eleven embeds", {"embeds": [{"title": "x"}] * 11}, "embeds"),
    ("embed title over 256", {"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
    ("embeds over 6,000", {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, "embeds"),
    (
        "an embed's picture that is no address",
        {"embeds": [{"image": {"url": "nonsense"}}]},
        "embeds.0.image.url",
    ),
    (
        "parse beside users",
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
    ),
    (
        "unknown mention kind",
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        "allowed_mentions.parse.0",
    ),
    (
        "a poll",
        {"content": "x", "poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "!"}}]}},
        "poll",
    ),
    (
        "an id that is none",
        {"content": "x", "message_reference": {"message_id": "abc"}},
        "message_reference.message_id",
    ),
]


def at(errors: Body, path: str) -> Body:
    for step in path.split(".") if path else []:
        errors = errors[step]
    return errors


@pytest.mark.parametrize(("body", "path"), [pytest.param(body, path, id=name) for name, body, path in MESSAGES])
async def test_a_message_is_refused(play: Playground, tavern: Channel, rest: Rest, body: Body, path: str) -> None:
    reply = await rest("POST", f"/channels/{tavern.id}/messages", body)
    assert reply.code == 50035
    assert reply.status == (501 if path == "poll" else 400)
    assert at(reply.body["errors"], path)["_errors"]
    assert len(play.violations) == 1
    assert tavern.messages == []
    play.violations.clear()


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"embeds": [], "components": []}])
async def test_an_empty_message_is_refused(play: Playground, tavern: Channel, rest: Rest, body: Body) -> None:
    reply = await rest("POST", f"/channels/{tavern.id}/messages", body)
    assert (reply.status, reply.code) == (400, 50006)
    play.violations.clear()


def command(**more: object) -> Body:
    return {"name": "tell", "description": "Tells.", "type": 1} | more


def option(name: str = "one", **more: object) -> Body:
    return {"type": 3, "name": name, "description": "One."} | more


COMMANDS: list[tuple[str, list[Body]]] = [
    ("capitals", [command(name="Tell")]),
    ("spaces", [command(name="tell me")]),
    ("33 letters", [command(name="x" * 33)]),
    ("no description", [command(description="")]),
    ("description over 100", [command(description="x" * 101)]),
    ("a name twice", [command(), command()]),
    ("required after optional", [command(options=[option(), option("two", required=True)])]),
    ("an option twice", [command(options=[option(), option()])]),
    ("an option in capitals", [command(options=[option("One")])]),
    ("26 options", [command(options=[option(f"o{n}") for n in range(26)])]),
    (
        "26 choices",
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
    ),
    (
        "choices and completion",
        [command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])])],
    ),
    ("a choice of the wrong type", [command(options=[option(choices=[{"name": "a", "value": 1}])])]),
    (
        "subcommand beside option",
        [command(options=[option(), {"type": 1, "name": "sub", "description": "S."}])],
    ),
    ("a menu with a description", [command(type=3, name="Quote")]),
    ("101 commands", [command(name=f"c{n}") for n in range(101)]),
    (
        "over 8,000 characters",
        [
            command(
                options=[
                    option(
                        f"o{n}",
                        choices=[{"name": f"{m} {'x' * 90}", "value": "x" * 95 + str(m)} for m in range(25)],
                    )
                    for n in range(2)
                ]
            )
        ],
    ),
    ("an unknown key", [command(colour=1)]),
]


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in COMMANDS])
async def test_commands_are_refused(play: Playground, rest: Rest, body: list[Body]) -> None:
    reply = await rest("PUT", f"/applications/{play.application_id}/commands", body)
    assert (reply.status, reply.code) == (400, 50035)
    assert play.world.commands == []
    assert len(play.violations) == 1
    play.violations.clear()


async def test_sound_commands_are_registered_and_keep_their_ids(play: Playground, rest: Rest) -> None:
    path = f"/applications/{play.application_id}/commands"
    sub = {"type": 1, "name": "sub", "description": "S.", "options": [option(required=True), option("two")]}
    body = [command(options=[{"type": 2, "name": "group", "description": "G.", "options": [sub]}])]
    first = await rest("PUT", path, body)
    second = await rest("PUT", path, [*body, {"name": "Quote it", "type": 3}])
    assert (first.status, second.status) == (200, 200)
    assert second.body[0]["id"] == first.body[0]["id"]
    assert (await rest("GET", path)).body == second.body


@pytest.mark.parametrize("name", ["Discord", "my clyde", "DISCORDIA", "everyone", "here", "a```b", "x" * 81, "", " "])
@pytest.mark.parametrize("place", ["create", "execute"])
async def test_webhook_names_are_refused(play: Playground, tavern: Channel, rest: Rest, name: str, place: str) -> None:
    path = f"/channels/{tavern.id}/webhooks"
    if place == "create":
        reply = await rest("POST", path, {"name": name})
    else:
        hook = (await rest("POST", path, {"name": "Actors"})).body
        reply = await rest("POST", f"/webhooks/{hook['id']}/{hook['token']}", {"content": "x", "username": name})
    assert (reply.status, reply.code) == (400, 50035)
    play.violations.clear()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/guilds/1/audit-logs"),
        ("POST", "/channels/1/invites"),
        ("GET", "/voice/regions"),
        ("GET", "/no/such/thing"),
    ],
)
async def test_what_is_not_built_says_so(play: Playground, rest: Rest, method: str, path: str) -> None:
    assert (await rest(method, path)).status == 501
    assert play.violations == [f"{method} {path}: the playground has not built this"]
    play.violations.clear()


@pytest.mark.parametrize("raw", [b"{", b"", b"[1"])
async def test_broken_json_is_refused(play: Playground, tavern: Channel, rest: Rest, raw: bytes) -> None:
    address = f"{play.api_url}/channels/{tavern.id}/messages"
    headers = {"Authorization": f"Bot {play.token}", "Content-Type": "application/json"}
    async with rest.session.post(address, data=raw, headers=headers) as response:
        assert response.status == 400
    play.violations.clear()


async def test_another_token_is_refused(play: Playground, rest: Rest) -> None:
    assert (await rest("GET", "/users/@me", token="wrong")).status == 401
    assert (await rest("GET", "/users/@me")).body["id"] == str(play.bot_user_id)
