"""A playground for each test, a discord.py client for those that need one, and no violation unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import io
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import aiohttp
import pytest
import yarl
from PIL import Image

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # discord.py imports audioop
    import discord
    import discord.gateway
    import discord.http
    from discord import app_commands

from playground import Channel, Guild, Person, Playground


class Client(discord.Client):
    """A plain discord.py client whose commands are registered before it connects."""

    def __init__(self, *, content: bool = True) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Connects again without Discord's five seconds between two logins."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)


@pytest.fixture(autouse=True)
def no_violations(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test in which any playground recorded a violation that the test has not cleared."""
    opened: list[Playground] = []
    plainly = Playground.open

    async def noted(play: Playground) -> None:
        opened.append(play)
        await plainly(play)

    monkeypatch.setattr(Playground, "open", noted)
    yield
    assert [violation for play in opened for violation in play.violations] == []


@pytest.fixture
async def play() -> AsyncIterator[Playground]:
    """An open playground."""
    async with Playground() as opened:
        yield opened


@pytest.fixture
def png() -> bytes:
    """A small picture."""
    kept = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def guild(play: Playground) -> Guild:
    return play.add_guild("Harbour")


@pytest.fixture
def tavern(guild: Guild) -> Channel:
    return guild.add_text_channel("tavern")


@pytest.fixture
def alice(play: Playground, guild: Guild, tavern: Channel) -> Person:
    return play.add_person("alice", display_name="Alice", guilds=[guild]).at(tavern)


@pytest.fixture
def bob(play: Playground, guild: Guild, tavern: Channel) -> Person:
    return play.add_person("bob", guilds=[guild]).at(tavern)


@contextlib.contextmanager
def pointed_at(play: Playground) -> Iterator[None]:
    """Lets discord.py talk to the playground instead of Discord."""
    places = (
        (discord.http.Route, "BASE", play.api_url),
        (discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(play.gateway_url)),
        (discord.Asset, "BASE", play.cdn_url),
    )
    before = [getattr(owner, name) for owner, name, _ in places]
    for owner, name, ours in places:
        setattr(owner, name, ours)
    try:
        yield
    finally:
        for (owner, name, _), theirs in zip(places, before, strict=True):
            setattr(owner, name, theirs)


async def until(true: Callable[[], bool], within: float = 3.0) -> None:
    """Waits until something is true on the client's side, which the playground cannot know of."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not true():
        assert loop.time() < end, "It never came true."
        await asyncio.sleep(0.005)


AnyClient = TypeVar("AnyClient", bound=discord.Client)


class Connect(Protocol):
    """Connects a client, waits until it is ready and returns it."""

    async def __call__(self, client: AnyClient, /) -> AnyClient: ...


@pytest.fixture
async def connect(play: Playground) -> AsyncIterator[Connect]:
    """Connects clients to the playground and closes them after the test."""
    running: list[tuple[discord.Client, asyncio.Task[None]]] = []

    async def start(client: AnyClient, /) -> AnyClient:
        running.append((client, asyncio.create_task(client.start(play.token))))
        await play.bot_ready()
        await until(client.is_ready, within=10)
        return client

    with pointed_at(play):
        yield start
        for client, task in running:
            await client.close()
            with contextlib.suppress(asyncio.CancelledError, discord.ConnectionClosed):
                await task


@pytest.fixture
async def bot(play: Playground, connect: Connect, alice: Person) -> Client:
    """A connected client without commands, in a server where Alice is."""
    return await connect(Client())


@dataclass(frozen=True, slots=True)
class Reply:
    """What the REST API answered."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> int:
        return self.body["code"]


class Rest:
    """Bare requests, for what a well-behaved client would never send."""

    def __init__(self, play: Playground, session: aiohttp.ClientSession) -> None:
        self.play = play
        self.session = session

    async def __call__(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Reply:
        headers = {"Authorization": f"Bot {self.play.token if token is None else token}"}
        async with self.session.request(method, self.play.api_url + path, json=body, headers=headers) as response:
            shown = await response.json() if response.content_type == "application/json" else None
            return Reply(response.status, shown, response.headers)


@pytest.fixture
async def rest(play: Playground) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(play, session)
