"""The page's socket: what it is shown, what it can do, and who may open it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import ui

from playground import Channel, Guild, Person, Playground
from tests.playground.conftest import Client, Connect

Body = dict[str, Any]


class Window:
    """One open page, as its script uses the socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.events: list[Body] = []

    async def ask(self, action: str, **more: object) -> Body:
        """Sends an action and returns the frame that answers it."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "do": action} | more)
        while True:
            frame = await self._socket.receive_json(timeout=5)
            if frame.get("re") == self._number:
                return frame
            self.events.append(frame)

    async def do(self, action: str, **more: object) -> Any:
        """Does something that must succeed and returns its result."""
        frame = await self.ask(action, **more)
        assert frame["ok"], frame
        return frame["result"]

    async def event(self, name: str) -> Any:
        """Returns the data of the next event of that name."""
        while True:
            for frame in self.events:
                if frame["event"] == name:
                    self.events.remove(frame)
                    return frame["data"]
            self.events.append(await self._socket.receive_json(timeout=5))


class Form(ui.Modal, title="Greeting"):
    def __init__(self) -> None:
        super().__init__()
        self.words: ui.TextInput[Form] = ui.TextInput()
        self.file: ui.FileUpload[Form] = ui.FileUpload(required=False)
        self.add_item(ui.Label(text="Words", component=self.words))
        self.add_item(ui.Label(text="File", component=self.file))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        files = [await one.read() for one in self.file.values]
        await interaction.response.send_message(f"{self.words.value} {files}", ephemeral=True)


def client() -> Client:
    made = Client()

    @made.tree.command(description="Thinks.")
    async def think(interaction: discord.Interaction, times: int, loud: bool = False) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(f"thought {times} {loud}")

    @made.tree.command(description="Opens a form.")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @made.tree.command(description="Does nothing.")
    async def sleep(interaction: discord.Interaction) -> None:
        interaction.extras["ignored"] = True

    return made


@pytest.fixture
async def window(play: Playground, connect: Connect, alice: Person) -> AsyncIterator[Window]:
    await connect(client())
    async with aiohttp.ClientSession() as session:
        address = f"{play.page_url}play/socket?person={alice.id}"
        origin = play.page_url.rstrip("/")
        async with session.ws_connect(address, origin=origin) as socket:
            yield Window(socket)


async def test_it_begins_with_everything(
    play: Playground, guild: Guild, tavern: Channel, window: Window, alice: Person
) -> None:
    play.notes["Model"] = "a small one"
    guild.deny(guild.everyone, "view_channel", channel=guild.add_text_channel("secret"))
    shown = await window.do("hello")
    assert shown["me"]["username"] == "alice"
    assert shown["notes"] == {"Model": "a small one"}
    assert shown["bot"]["online"] is True
    assert [one["name"] for one in shown["guilds"][0]["channels"]] == ["tavern"]
    assert shown["guilds"][0]["channels"][0]["can_send"] is True
    assert sorted(one["name"] for one in shown["commands"]) == ["form", "sleep", "think"]


async def test_messages_come_and_go(window: Window, tavern: Channel, alice: Person, bob: Person) -> None:
    place = str(tavern.id)
    file = {"filename": "a.txt", "content_type": "text/plain", "base64": base64.b64encode(b"x").decode()}
    sent = await window.do("say", channel_id=place, content="Ahoy", files=[file])
    created = await window.event("MESSAGE_CREATE")
    assert (created["id"], created["attachments"][0]["filename"]) == (sent["message_id"], "a.txt")
    await window.do("edit", channel_id=place, message_id=sent["message_id"], content="Ahoy!")
    assert (await window.event("MESSAGE_UPDATE"))["content"] == "Ahoy!"
    await window.do("react", channel_id=place, message_id=sent["message_id"], emoji="⚓")
    assert (await window.event("MESSAGE_REACTION_ADD"))["emoji"]["name"] == "⚓"
    said = await bob.say("Hello", reply_to=tavern.messages[0])
    reply = await window.event("MESSAGE_CREATE")
    assert reply["referenced_message"]["author"]["avatar_url"] is None
    refused = await window.ask("edit", channel_id=place, message_id=str(said.id), content="x")
    assert refused["error"] == "Cannot edit a message authored by another user"
    history = await window.do("history", channel_id=place, limit=1)
    assert ([one["content"] for one in history["messages"]], history["more"]) == (["Hello"], True)
    older = await window.do("history", channel_id=place, before=history["messages"][0]["id"])
    assert ([one["content"] for one in older["messages"]], older["more"]) == (["Ahoy!"], False)
    await window.do("delete", channel_id=place, message_id=sent["message_id"])
    assert (await window.event("MESSAGE_DELETE"))["id"] == sent["message_id"]


async def test_thinking_becomes_a_message(window: Window, tavern: Channel) -> None:
    options = {"times": "3", "loud": "true"}
    asked = await window.do("slash", channel_id=str(tavern.id), command="think", options=options)
    assert (await window.event("THINKING"))["interaction_id"] == asked["interaction_id"]
    message = await window.event("MESSAGE_CREATE")
    assert message["content"] == "thought 3 True"
    assert message["interaction_metadata"]["id"] == asked["interaction_id"]


async def test_a_form_is_filled_in(window: Window, tavern: Channel, alice: Person, bob: Person) -> None:
    await window.do("slash", channel_id=str(tavern.id), command="form", options={})
    form = await window.event("MODAL")
    words, file = (part["component"]["custom_id"] for part in form["components"])
    short = await window.ask("submit", modal_id=form["modal_id"], fields={})
    assert short["error"] == "'Words' is required."
    upload = {"filename": "a.txt", "content_type": "text/plain", "base64": base64.b64encode(b"hi").decode()}
    await window.do("submit", modal_id=form["modal_id"], fields={words: "Hello", file: [upload]})
    answer = await window.event("MESSAGE_CREATE")
    assert (answer["content"], answer["flags"] & 64) == ("Hello [b'hi']", 64)
    assert bob.messages() == []


async def test_no_answer_is_told(play: Playground, window: Window, tavern: Channel) -> None:
    asked = await window.do("slash", channel_id=str(tavern.id), command="sleep")
    play.clock.advance(3.1)
    failed = await window.event("INTERACTION_FAILED")
    assert failed["interaction_id"] == asked["interaction_id"]


async def test_the_bot_goes(play: Playground, window: Window) -> None:
    await play.disconnect_bot()
    assert await window.event("BOT") == {"online": False}


@pytest.mark.parametrize(
    ("action", "more", "said"),
    [
        ("fly", {}, "knows no action"),
        ("slash", {"command": "nothing"}, "There is no command"),
        ("history", {"channel_id": "1"}, "Unknown Channel"),
        ("say", {"content": ""}, "Cannot send an empty message"),
        ("say", {"content": "x" * 2001}, "Must be 2000 or fewer"),
        ("click", {"message_id": "1", "custom_id": "x"}, "Unknown Message"),
        ("submit", {"modal_id": "1"}, "not open"),
    ],
)
async def test_mistakes_are_answered_in_words(
    window: Window, tavern: Channel, action: str, more: Body, said: str
) -> None:
    frame = await window.ask(action, **({"channel_id": str(tavern.id)} | more))
    assert frame["ok"] is False
    assert said in frame["error"]


async def test_another_site_may_not_open_it(play: Playground, alice: Person) -> None:
    async with aiohttp.ClientSession() as session:
        address = f"{play.page_url}play/socket?person={alice.id}"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(address, origin="https://evil.example")
        assert refused.value.status == 403
        async with session.get(f"{play.page_url}play/people") as response:
            assert [one["username"] for one in await response.json()] == ["alice"]


@pytest.mark.parametrize("path", ["static/../server.py", "static/%2e%2e/server.py", "static/none.js"])
async def test_other_files_are_not_served(play: Playground, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(play.page_url + path) as response:
        assert response.status == 404


async def test_uploads_cannot_become_a_page(alice: Person) -> None:
    said = await alice.say("look", files=[("x.html", b"<script>1</script>")])
    async with aiohttp.ClientSession() as session, session.get(said.attachments[0].url) as response:
        assert "sandbox" in response.headers["Content-Security-Policy"]
