"""Opening, closing and reopening a playground; loopback alone; the driver's own words."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import aiohttp
import pytest

from playground import NotLoopback, Person, Playground
from playground.__main__ import serve
from tests.playground.conftest import Client, Connect, Rest, until


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])  # noqa: S104
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(NotLoopback, match="loopback only"):
        Playground(host=host)


async def test_a_taken_port_is_an_error() -> None:
    async with Playground() as first:
        port = int(first.page_url.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(OSError, match=str(port)):
            await Playground(port=port).open()


async def test_a_rebound_domain_is_refused(play: Playground) -> None:
    headers = {"Host": "evil.example"}
    async with aiohttp.ClientSession() as session, session.get(play.page_url, headers=headers) as response:
        assert response.status == 403


async def test_opening_is_quick() -> None:
    async with Playground():
        pass
    began = time.perf_counter()
    async with Playground() as play:
        play.add_guild("Harbour").add_text_channel("tavern")
    assert time.perf_counter() - began < 0.1


async def test_everything_is_found_again(tmp_path: Path, png: bytes) -> None:
    async with Playground(tmp_path) as play, aiohttp.ClientSession() as session:
        rest = Rest(play, session)
        token, application = play.token, play.application_id
        guild = play.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern", nsfw=True, topic="Ale")
        alice = play.add_person("alice", display_name="Alice", avatar=png, guilds=[guild], admin=True).at(tavern)
        alice.install()
        said = await alice.say("Ahoy", files=[("map.txt", b"a map")])
        await alice.react(said, "⚓")
        thread = await alice.start_thread("Night", on=said)
        await play.lock(thread)
        guild.deny(guild.everyone, "add_reactions", channel=tavern)
        button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
        row = [{"type": 1, "components": [button]}]
        hook = (await rest("POST", f"/channels/{tavern.id}/webhooks", {"name": "Actors"})).body
        path = f"/webhooks/{hook['id']}/{hook['token']}"
        await rest("POST", path, {"content": "I am Mira", "username": "Mira", "components": row})
        command = [{"name": "tell", "description": "Tells."}]
        await rest("PUT", f"/applications/{application}/commands", command)
        assert play.violations == []

    async with Playground(tmp_path) as play, aiohttp.ClientSession() as session:
        rest = Rest(play, session)
        assert (play.token, play.application_id) == (token, application)
        tavern = play.find_guild("Harbour").channel("tavern")
        assert (tavern.nsfw, tavern.topic) == (True, "Ale")
        alice = play.find_person("alice").at(tavern)
        assert alice.user.installed
        first, mira = alice.messages()
        assert (first.text, first.author_name, first.reactions) == ("Ahoy", "Alice", {"⚓": [alice.id]})
        assert (mira.author_name, [button.label for button in mira.buttons]) == ("Mira", ["Go"])
        for address, content in ((first.attachments[0].url, b"a map"), (first.author_avatar_url, png)):
            assert address is not None
            assert address.startswith(play.cdn_url)
            async with session.get(address + "?size=64") as response:
                assert await response.read() == content
        assert play.find_guild("Harbour").channel("Night").locked
        assert (await rest("POST", path, {"content": "Again"})).status == 204
        assert [one["name"] for one in play.world.commands] == ["tell"]
        assert play.violations == []


async def test_ids_go_on_although_the_clock_was_moved(tmp_path: Path) -> None:
    async with Playground(tmp_path) as play:
        play.clock.advance(3600)
        guild = play.add_guild("Harbour")
        alice = play.add_person("alice", guilds=[guild]).at(guild.add_text_channel("tavern"))
        before = await alice.say("before")
    async with Playground(tmp_path) as play:
        alice = play.find_person("alice").at(play.find_guild("Harbour").channel("tavern"))
        assert (await alice.say("after")).id > before.id


async def test_it_is_saved_while_it_runs(tmp_path: Path) -> None:
    async with Playground(tmp_path) as play:
        play.add_guild("Harbour")
        saved = tmp_path / "playground.json"
        await until(saved.exists)
        assert b"Harbour" in saved.read_bytes()
    assert _names(tmp_path) == ["playground.json"]


def _names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def test_it_runs_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    serving = asyncio.create_task(serve(None, 0, limits=True))
    shown = ""

    def told() -> bool:
        nonlocal shown
        shown += capsys.readouterr().out
        return "Ctrl-C" in shown

    await until(told)
    page = shown.split()[1]
    async with aiohttp.ClientSession() as session, session.get(f"{page}play/people") as response:
        assert [one["username"] for one in await response.json()] == ["alice", "bob"]
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def test_the_driver_says_what_is_on_the_screen(alice: Person) -> None:
    await alice.say("Ahoy")
    with pytest.raises(AssertionError, match=r"does not see 'Farewell'[\s\S]*Alice: Ahoy"):
        await alice.sees("Farewell", within=0.01)
    with pytest.raises(AssertionError, match="does see 'Ahoy'"):
        await alice.sees_no("Ahoy")
    with pytest.raises(LookupError, match="tavern"):
        alice.play.find_guild("Harbour").channel("attic")
    with pytest.raises(ValueError, match=r"set carol\.here"):
        await alice.play.add_person("carol").say("hello")


async def test_requests_are_recorded(play: Playground, connect: Connect, alice: Person) -> None:
    await connect(Client())
    asked = [(request.method, request.path, request.status) for request in play.requests]
    assert ("PUT", f"/applications/{play.application_id}/commands", 200) in asked
    assert play.requests[0].at <= play.clock.now()
