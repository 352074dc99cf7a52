"""Sessions of the gateway: going on after a break, being invalid, shards, and who may begin when."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from playground import Channel, Guild, Person, Playground
from playground.gateway import RESUMABLE_FOR
from playground.session import KEPT_EVENTS
from tests.playground.conftest import Client, Connect, Rest, until

JsonObject = dict[str, Any]
INTENTS = 1 << 0 | 1 << 9 | 1 << 12 | 1 << 15


class Socket:
    """A bare connection to the gateway."""

    def __init__(self, play: Playground, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.play = play
        self.socket = socket
        self.sequence = 0
        self.id = ""

    async def hear(self) -> JsonObject:
        """Returns the next payload."""
        payload = await self.socket.receive_json(timeout=5)
        self.sequence = payload["s"] or self.sequence
        return payload

    async def events(self, last: str) -> list[JsonObject]:
        """Returns what comes up to an event of that name."""
        heard = [await self.hear()]
        while heard[-1]["t"] != last:
            heard.append(await self.hear())
        return heard

    async def identify(self, shard: tuple[int, int] = (0, 1)) -> JsonObject:
        """Identifies and returns the answer; the servers after READY are read too."""
        data = {"token": self.play.token, "intents": INTENTS, "shard": shard, "properties": {}}
        await self.socket.send_json({"op": 2, "d": data})
        answer = await self.hear()
        if answer["t"] == "READY":
            self.id = answer["d"]["session_id"]
            for _ in answer["d"]["guilds"]:
                assert (await self.hear())["t"] == "GUILD_CREATE"
        return answer

    async def resume(self, session_id: str, sequence: object, token: str | None = None) -> None:
        """Sends RESUME."""
        data = {"token": token or self.play.token, "session_id": session_id, "seq": sequence}
        await self.socket.send_json({"op": 6, "d": data})


@contextlib.asynccontextmanager
async def opened(play: Playground) -> AsyncGenerator[Socket]:
    async with aiohttp.ClientSession() as session, session.ws_connect(play.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        yield Socket(play, socket)


@pytest.fixture
async def socket(play: Playground, tavern: Channel) -> AsyncIterator[Socket]:
    """A connection that has identified."""
    async with opened(play) as one:
        await one.identify()
        yield one


def said(events: list[JsonObject]) -> list[str]:
    return [event["d"]["content"] for event in events if event["t"] == "MESSAGE_CREATE"]


Break = Callable[[Playground, Socket], Any]
BREAKS: dict[str, Break] = {
    "closed by the client with 4000": lambda play, socket: socket.socket.close(code=4000),
    "closed by the server with 1000": lambda play, socket: play.faults.close_gateway(1000),
    "closed by the server with 4000": lambda play, socket: play.faults.close_gateway(4000),
    "cut off": lambda play, socket: play.faults.cut_gateway(),
}


@pytest.mark.parametrize("break_off", BREAKS.values(), ids=BREAKS.keys())
async def test_what_was_missed_is_replayed(play: Playground, socket: Socket, alice: Person, break_off: Break) -> None:
    await alice.say("heard")
    await socket.hear()
    await alice.say("sent, but never read")
    result = break_off(play, socket)
    if result is not None:
        await result
    assert await play.world.pulse.until(lambda: not play.gateway.online, 5)
    await alice.say("while away")
    async with opened(play) as again:
        await again.resume(socket.id, socket.sequence)
        events = await again.events("RESUMED")
        assert said(events) == ["sent, but never read", "while away"]
        assert [event["s"] for event in events] == list(range(socket.sequence + 1, socket.sequence + 4))
        assert play.gateway.online
        await alice.say("from now on")
        assert (await again.hear())["d"]["content"] == "from now on"
    assert len(play.gateway.identifies) == 1


@pytest.mark.parametrize(
    ("token", "session_id", "sequence"),
    [
        ("wrong", None, None),
        (None, "f" * 32, None),
        (None, None, 9999),
        (None, None, -1),
        (None, None, "2"),
    ],
    ids=["token", "session", "a number to come", "a number before the first", "no number"],
)
async def test_a_wrong_resume_is_an_invalid_session(
    play: Playground, socket: Socket, token: str | None, session_id: str | None, sequence: object
) -> None:
    await socket.socket.close(code=4000)
    async with opened(play) as again:
        await again.resume(session_id or socket.id, socket.sequence if sequence is None else sequence, token)
        answer = await again.hear()
        assert (answer["op"], answer["d"]) == (9, False)
        assert (await again.identify())["t"] == "READY"


@pytest.mark.parametrize("code", [4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014])
async def test_some_codes_end_the_session(play: Playground, socket: Socket, code: int) -> None:
    await play.faults.close_gateway(code)
    assert (await socket.socket.receive()).data == code
    await refused(play, socket)


async def refused(play: Playground, socket: Socket) -> None:
    async with opened(play) as again:
        await again.resume(socket.id, socket.sequence)
        assert (await again.hear())["d"] is False


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_says_farewell_cannot_resume(play: Playground, socket: Socket, code: int) -> None:
    await socket.socket.close(code=code)
    await refused(play, socket)


async def test_a_session_is_kept_for_a_while(play: Playground, socket: Socket) -> None:
    await socket.socket.close(code=4000)
    assert await play.world.pulse.until(lambda: not play.gateway.online, 5)
    play.clock.advance(RESUMABLE_FOR + 1)
    assert play.gateway.sessions == []
    await refused(play, socket)


async def test_too_many_missed_events_cannot_be_replayed(play: Playground, socket: Socket, alice: Person) -> None:
    await socket.socket.close(code=4000)
    for number in range(KEPT_EVENTS + 1):
        await alice.say(str(number))
    await refused(play, socket)


async def test_a_second_resume_takes_the_session_over(play: Playground, socket: Socket, alice: Person) -> None:
    async with opened(play) as again:
        await again.resume(socket.id, socket.sequence)
        assert (await again.hear())["t"] == "RESUMED"
        assert (await socket.socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        await alice.say("one of you")
        assert (await again.hear())["d"]["content"] == "one of you"
        assert play.gateway.shards == [0]


async def test_an_unmodified_client_resumes_and_misses_nothing(play: Playground, bot: Client, alice: Person) -> None:
    resumed: list[bool] = []

    async def on_resumed() -> None:
        resumed.append(True)

    bot.event(on_resumed)
    asked = (play.faults.ask_reconnect, lambda: play.faults.invalidate_session(resumable=True))
    for number, ask in enumerate(asked, start=1):
        ask()
        await alice.say(f"while away {number}")
        await until(lambda wanted=number: len(resumed) == wanted)
        await until(lambda wanted=number: len(bot.heard) == wanted)
    play.faults.cut_gateway()
    await alice.say("while away 3")
    await until(lambda: len(bot.heard) == 3, 10)
    assert [message.content for message in bot.heard] == ["while away 1", "while away 2", "while away 3"]
    assert len(play.gateway.identifies) == 1


async def test_an_unmodified_client_begins_anew(play: Playground, bot: Client, alice: Person) -> None:
    play.faults.invalidate_session(resumable=False)
    assert not play.gateway.online
    await alice.say("lost")
    assert await play.world.pulse.until(lambda: play.gateway.online, 5)
    await alice.say("heard")
    await until(lambda: len(bot.heard) == 1)
    assert bot.heard[0].content == "heard"
    assert len(play.gateway.identifies) == 2


async def test_an_unmodified_client_answers_with_a_heartbeat(play: Playground, socket: Socket, bot: Client) -> None:
    await until(lambda: bot.ws.latency < float("inf"))
    before = bot.ws.latency
    play.faults.ask_heartbeat()
    assert (await socket.hear())["op"] == 1
    await until(lambda: bot.ws.latency != before)


async def test_a_gateway_that_is_down_is_tried_again(play: Playground, bot: Client, alice: Person) -> None:
    fault = play.faults.gateway_down(times=1)
    play.faults.cut_gateway()
    await alice.say("while away")
    await until(lambda: len(bot.heard) == 1, 10)
    assert fault.struck == 1


async def test_beginning_too_soon_is_refused_and_recorded(play: Playground) -> None:
    play.identify_seconds = 5.0
    play.max_concurrency = 2
    async with opened(play) as zero, opened(play) as one, opened(play) as two:
        assert (await zero.identify((0, 4)))["t"] == "READY"
        assert (await one.identify((1, 4)))["t"] == "READY"
        assert (await two.identify((2, 4)))["d"] is False
        assert [line.split(" s after")[1] for line in play.violations] == [" the one before it in bucket 0"]
        play.violations.clear()
        play.clock.advance(5)
        assert (await two.identify((2, 4)))["t"] == "READY"
    assert [one.shard for one in play.gateway.identifies] == [0, 1, 2]


async def test_resuming_counts_as_no_beginning(play: Playground, socket: Socket) -> None:
    play.identify_seconds = 5.0
    await socket.socket.close(code=4000)
    async with opened(play) as again:
        await again.resume(socket.id, socket.sequence)
        assert (await again.hear())["t"] == "RESUMED"


async def test_the_gateway_says_how_many_shards(play: Playground, rest: Rest, socket: Socket) -> None:
    play.shards, play.max_concurrency = 4, 2
    answer = (await rest("GET", "/gateway/bot")).body
    limit = answer["session_start_limit"]
    assert (answer["shards"], limit["total"], limit["remaining"], limit["max_concurrency"]) == (4, 1000, 999, 2)
    assert 0 < limit["reset_after"] <= 86_400_000
    play.clock.advance(86_400)
    assert (await rest("GET", "/gateway/bot")).body["session_start_limit"]["remaining"] == 1000


async def test_each_shard_hears_its_own(play: Playground, guild: Guild, tavern: Channel, alice: Person) -> None:
    while (other := play.add_guild("Island")).id >> 22 & 1 == guild.id >> 22 & 1:
        play.clock.advance(0.001)
    beach = other.add_text_channel("beach")
    alice.join(other)
    async with opened(play) as zero, opened(play) as one:
        await zero.identify((0, 2))
        await one.identify((1, 2))
        assert play.gateway.shards == [0, 1]
        homes = [zero, one] if guild.id >> 22 & 1 == 0 else [one, zero]
        await alice.at(tavern).say("tavern")
        await alice.at(beach).say("beach")
        assert [said([await home.hear()]) for home in homes] == [["tavern"], ["beach"]]
        await alice.open_dm()
        await alice.say("just us")
        assert said(await zero.events("MESSAGE_CREATE")) == ["just us"]
        await alice.at(tavern).say("last")
        assert said([await homes[0].hear()]) == ["last"]
        await alice.at(beach).say("last")
        assert said([await homes[1].hear()]) == ["last"]


async def test_two_sessions_of_one_shard_both_hear(play: Playground, socket: Socket, alice: Person) -> None:
    async with opened(play) as second:
        await second.identify()
        assert play.gateway.shards == [0, 0]
        await alice.say("both of you")
        assert [said([await one.hear()]) for one in (socket, second)] == [["both of you"]] * 2


class Sharded(discord.AutoShardedClient):
    """A plain sharded client with one command, which tells the shard that it arrived at."""

    def __init__(self, shards: list[int], count: int) -> None:
        super().__init__(
            intents=discord.Intents.default(), guild_ready_timeout=0.05, shard_ids=shards, shard_count=count
        )
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(app_commands.Command(name="where", description="Tells.", callback=self._where))
        self.heard: list[str] = []

    async def _where(self, interaction: discord.Interaction) -> None:
        shard = interaction.guild.shard_id if interaction.guild else 0
        await interaction.response.send_message(f"shard {shard} of {sorted(self.shards)}")

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Connects without Discord's five seconds between two shards."""


async def test_processes_share_the_shards(play: Playground, connect: Connect, guild: Guild, alice: Person) -> None:
    first, second = Sharded([0, 1], 4), Sharded([2, 3], 4)
    for client in (first, second):
        await connect(client)
    await play.bot_ready(shards=4)
    assert play.gateway.shards == [0, 1, 2, 3]
    shard = (guild.id >> 22) % 4
    mine = first if shard < 2 else second
    assert (await alice.slash("where")).text == f"shard {shard} of {sorted(mine.shards)}"
    await alice.open_dm()
    assert (await alice.slash("where")).text == "shard 0 of [0, 1]"


async def test_a_fault_may_befall_one_shard(play: Playground, connect: Connect, guild: Guild) -> None:
    client = await connect(Sharded([0, 1], 2))
    await play.bot_ready(shards=2)
    resumed: list[int] = []

    async def on_shard_resumed(shard: int) -> None:
        resumed.append(shard)

    client.event(on_shard_resumed)
    play.faults.ask_reconnect(shard=1)
    await until(lambda: resumed == [1])
    await play.faults.close_gateway(4000, shard=0)
    assert play.gateway.shards == [1]
    await until(lambda: resumed == [1, 0], 10)
    assert len(play.gateway.identifies) == 2


class Patient(Sharded):
    """A client that waits between its shards as it was told."""

    def __init__(self, play: Playground) -> None:
        super().__init__([0, 1], 2)
        self.play = play

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        ended = self.play.clock.now() + self.play.identify_seconds
        await until(lambda: initial or self.play.clock.now() >= ended)


async def test_a_client_that_keeps_the_pause_is_let_in(play: Playground, connect: Connect, guild: Guild) -> None:
    play.identify_seconds = 0.2
    await connect(Patient(play))
    await play.bot_ready(shards=2)
    first, second = play.gateway.identifies
    assert (first.shard, second.shard, first.count) == (0, 1, 2)
    assert second.at - first.at >= 0.2
