"""Two processes of one bot on one database and one cache: they share the work and never do it twice.

Mostly both run here, in one event loop. What they share is only what two processes could share: Postgres, Valkey
and Discord. Where one has to be killed it is a program of its own.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.cli.running import serve
from bot.cli.stock import FOLDER, publish_stock
from bot.settings import read_settings
from bot.telemetry import set_up_logs
from playground import Channel, Guild, Message, Person, Playground
from playground.session import shard_of
from playground.world import Event
from storage.alone import alone
from storage.database import Database
from storage.files import FileStore
from storage.vault import MasterKey, Vault
from tests.program import environment, running
from tests.scripted_model import ScriptedModel
from tests.theatre import HASTE, until

WRITING = "A reply is being written. Press *Stop* first, or wait until it has ended."
PATIENCE = 30.0
SHELL = ("PATH", "HOME", "LANG")
PEOPLE = ("alice", "bob", "chidi", "dora", "emil")


@dataclass(slots=True)
class Company:
    """A playground with five people, a model, and as many processes as a test starts."""

    playground: Playground
    model: ScriptedModel
    tavern: Channel
    people: list[Person]
    environment: dict[str, str]
    tasks: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    @property
    def alice(self) -> Person:
        return self.people[0]

    async def start(self, **changes: Any) -> None:
        """One more process, connected and ready."""
        shards = len(self.playground.gateway.shards)
        task = self.start_soon(**changes)
        await until(lambda: task.done() or len(self.playground.gateway.shards) > shards, 15)
        assert not task.done(), task.exception()
        await self.playground.bot_ready(15)

    def start_soon(self, **changes: Any) -> "asyncio.Task[None]":
        """One more process."""
        given = {name.lower(): value for name, value in self.environment.items() if name not in SHELL}
        settings = read_settings(**({"_env_file": None, "openai_api_key": "x"} | given | changes))
        self.tasks.append(asyncio.create_task(serve(settings, haste=HASTE, guild_ready_timeout=0.02)))
        return self.tasks[-1]

    async def enter(self) -> Channel:
        """Alice opens a chat, and everybody goes there."""
        answer = await self.alice.slash("character start", character="Cue")
        assert "is waiting for you" in answer.text, answer.text
        thread = self.guild.threads[-1]
        for person in self.people:
            person.here = thread
        await self.alice.sees("Cue")
        return thread

    @property
    def guild(self) -> Guild:
        return self.playground.find_guild("Harbour")

    async def reply(self, text: str, within: float = 5.0) -> Message:
        message = await self.alice.sees(text, within=within)
        await until(lambda: any(button.label == "Regenerate" for button in message.buttons), within)
        return message

    def replies(self) -> list[Message]:
        """What the character said, without its greeting."""
        return [each for each in self.alice.messages() if each.webhook_id][1:]


class Dealt:
    """Says which of two processes with the same shard hears what: both every message, presses and commands in turn.

    Discord tells both everything while a new process takes a shard over from an old one, and here that lasts:
    whatever the two could do twice has every chance to happen. An interaction goes to one, for its first answer
    counts anyway.
    """

    def __init__(self, playground: Playground) -> None:
        self.says_to: int | None = None
        self.presses_to: int | None = None
        self.heard: Counter[int] = Counter()
        self._turn = 0
        self._last: object = None
        for number, session in enumerate(playground.gateway.sessions):
            session.hears = self._dealing(number, session.hears)  # pyright: ignore[reportAttributeAccessIssue]

    def _dealing(self, number: int, hears: Callable[[Event], bool]) -> Callable[[Event], bool]:
        def does(event: Event) -> bool:
            if event.name.startswith("MESSAGE_"):
                return self.says_to in (None, number) and hears(event)
            if event.name != "INTERACTION_CREATE":
                return hears(event)
            if event is not self._last:
                self._last, self._turn = event, 1 - self._turn
            mine = number == (self._turn if self.presses_to is None else self.presses_to) and hears(event)
            self.heard[number] += mine
            return mine

        return does


@pytest.fixture
async def company(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Company]:
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        people = [playground.add_person(name, guilds=[guild]).at(tavern) for name in PEOPLE]
        told = environment(
            playground,
            model.url,
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            CACHE_PREFIX=cache_prefix,
            MASTER_KEYS=master_key,
        )
        company = Company(playground, model, tavern, people, told)
        set_up_logs("text")
        yield company
        for task in company.tasks:
            task.cancel()
        if company.tasks:
            await asyncio.wait(company.tasks)
    assert playground.violations == []


async def test_a_hundred_presses_of_regenerate_in_two_processes_make_one_reply(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Bots and Discord share this one process, perhaps on a busy machine: a hundred at once may take their time.
    monkeypatch.setattr("playground.interactions.ANSWER_WITHIN", PATIENCE)
    await company.start()
    await company.start()
    dealt = Dealt(company.playground)
    await company.enter()
    company.model.says("The first way.")
    await company.alice.say("Which way?")
    reply = await company.reply("The first way.")
    held = company.model.says("The second way.", hold_after=1)
    company.model.says("A third way!")
    dealt.heard.clear()
    button = next(each.custom_id for each in reply.buttons if each.label == "Regenerate")
    assert button
    presses = [company.people[number % 5].press(reply, button) for number in range(100)]
    refusals: list[Message] = []

    def answered() -> bool:
        refusals[:] = [message for press in presses for message in press.followups]
        return len(refusals) == 99 and all(press.answered for press in presses)

    assert await company.playground.world.pulse.until(answered, PATIENCE)
    assert {message.text for message in refusals} == {WRITING}
    assert all(message.ephemeral for message in refusals)
    assert dealt.heard == {0: 50, 1: 50}
    held.release()
    second = await company.reply("The second way.")
    assert second.id == reply.id
    assert len(company.model.requests) == 2
    assert len(company.replies()) == 1


async def test_ten_messages_of_five_people_are_stored_in_order_and_answered_once(company: Company) -> None:
    await company.start()
    await company.start()
    Dealt(company.playground)
    await company.enter()
    held = company.model.says("Listening now.", hold_after=1)
    company.model.says("Ten heard.")
    await company.alice.say("Gather round.")
    await company.alice.sees("Listening")
    sayings = [f"Saying {number}." for number in range(10)]
    for number, saying in enumerate(sayings):
        await company.people[number % 5].say(saying)
    await _until_told(company, sayings)
    held.release()
    await company.reply("Ten heard.")
    assert len(company.model.requests) == 2
    assert len(company.replies()) == 2
    places = [company.model.prompt.index(saying) for saying in sayings]
    assert places == sorted(places)
    assert all(company.model.prompt.count(saying) == 1 for saying in sayings)


async def test_stop_in_one_process_ends_the_reply_of_the_other(company: Company) -> None:
    await company.start()
    await company.start()
    dealt = Dealt(company.playground)
    await company.enter()
    dealt.says_to, dealt.presses_to = 0, 1
    held = company.model.says("One two three four five", hold_after=3)
    await company.alice.say("Count.")
    await company.alice.sees("One two three")
    await company.alice.click("Stop")
    reply = await company.reply("Stopped", within=2.0)
    assert reply.content.startswith("One two three")
    held.release()
    await until(lambda: company.model.hung_up == 1)


@pytest.mark.long
async def test_what_a_killed_process_wrote_the_other_ends_as_interrupted(company: Company, tmp_path: Path) -> None:
    async with running(company.playground, company.environment, tmp_path / "bot.log") as (process, _):
        await company.start()
        dealt = Dealt(company.playground)
        await company.enter()
        dealt.says_to = dealt.presses_to = 0
        company.model.says("The lantern swings and then", hold_after=4)
        await company.alice.say("What do you see?")
        await company.alice.sees("The lantern swings and")
        process.kill()
        await process.wait()
        dealt.says_to = dealt.presses_to = 1
        connection = await asyncpg.connect(company.environment["DATABASE_URL"])
        aged = await connection.execute("UPDATE generations SET lease_until = now() WHERE lease_until IS NOT NULL")
        await connection.close()
        assert aged == "UPDATE 1"
        reply = await company.reply("Interrupted")
        assert reply.content.startswith("The lantern swings and")
        company.model.says(" then it stops.")
        await company.alice.click("Continue", on=reply)
        await company.reply("The lantern swings and then it stops.")
        assert len(company.replies()) == 1


@pytest.mark.long
async def test_shards_are_shared_and_identify_one_after_the_other(company: Company) -> None:
    playground = company.playground
    playground.identify_seconds = 5.0
    away = company.guild
    while shard_of(away.id, 2) == shard_of(company.guild.id, 2):
        away = playground.add_guild("Abroad")
        await asyncio.sleep(0.001)  # a shard is told by the millisecond in which a server was made
    quay = away.add_text_channel("quay")
    begun = asyncio.get_running_loop().time()
    company.start_soon(shard_count=2, shard_ids="0")
    company.start_soon(shard_count=2, shard_ids="1")
    await playground.bot_ready(4)
    assert asyncio.get_running_loop().time() - begun < 4  # the first does not wait
    await playground.bot_ready(15, shards=2)
    assert playground.gateway.shards == [0, 1]
    told = [each for each in playground.requests if each.method == "PUT" and each.path.endswith("/commands")]
    assert len(told) == 1
    await company.enter()
    company.model.says("Heard at home.")
    await company.alice.say("Hello?")
    await company.reply("Heard at home.")
    traveller = playground.add_person("traveller", guilds=[away]).at(quay)
    await traveller.slash("character start", character="Cue")
    traveller.here = away.threads[-1]
    company.model.says("Heard abroad.")
    await traveller.say("Hello?")
    await traveller.sees("Heard abroad.")
    await traveller.open_dm()
    await traveller.slash("character start", character="Cue")
    company.model.says("Heard in private.")
    await traveller.say("And here?")
    await traveller.sees("Heard in private.")


@pytest.mark.long
async def test_two_first_starts_at_once_publish_each_character_once(
    bare_database_url: str, master_key: str, tmp_path: Path
) -> None:
    async def first_start() -> int:
        database = Database.connect(bare_database_url, Vault([MasterKey.from_text(master_key)]), pool_size=3)
        characters = Characters(database, Avatars(database, FileStore(tmp_path)))
        try:
            async with alone(database, "publish stock"):
                return await publish_stock(characters, bot_id=1, bot_name="dramatis")
        finally:
            await database.close()

    published = await asyncio.gather(first_start(), first_start())
    assert sorted(published) == [0, len(list(FOLDER.glob("*.png")))]


async def _until_told(company: Company, lines: list[str]) -> None:
    """Waits until `/chat history` has these lines, and sees that each is there once, in the order of saying."""
    text = ""
    for _ in range(50):
        text = (await company.alice.slash("chat history")).text
        if all(line in text for line in lines):
            places = [text.index(line) for line in lines]
            assert places in (sorted(places), sorted(places, reverse=True))
            assert all(text.count(line) == 1 for line in lines)
            return
    raise AssertionError(f"not all was stored: {text}")
