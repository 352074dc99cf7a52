"""kill -9 in the middle of a reply: what people had seen stays, once, and the chat goes on."""

from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from playground import Channel, Message, Person, Playground
from storage.cache import Cache
from tests.program import environment, running
from tests.scripted_model import ScriptedModel
from tests.theatre import until

pytestmark = pytest.mark.long

SWEEP = 10.0


@dataclass(slots=True)
class Crash:
    """A playground whose bot is another process, which a test may kill."""

    playground: Playground
    alice: Person
    tavern: Channel
    model: ScriptedModel
    told: dict[str, str]
    log: Path

    async def enter_chat(self) -> Channel:
        await self.alice.slash("character start", character="Cue")
        self.alice.here = self.playground.find_guild("Harbour").threads[-1]
        return self.alice.here

    async def kill(self, process: Process) -> None:
        """Ends the bot without a word; its leases have run out when this returns."""
        process.kill()
        await process.wait()
        connection = await asyncpg.connect(self.told["DATABASE_URL"])
        await connection.execute("UPDATE generations SET lease_until = now() - interval '1 s' WHERE owner IS NOT NULL")
        await connection.close()

    def replies(self) -> list[Message]:
        return [each for each in self.alice.messages() if each.webhook_id][1:]


@pytest.fixture
async def crash(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Crash]:
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        tavern = guild.add_text_channel("tavern")
        alice = playground.add_person("alice", guilds=[guild]).at(tavern)
        told = environment(
            playground,
            model.url,
            tmp_path,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            CACHE_PREFIX=cache_prefix,
            MASTER_KEYS=master_key,
        )
        yield Crash(playground, alice, tavern, model, told, tmp_path / "bot.log")
    assert playground.violations == []


async def test_a_killed_reply_whose_stream_is_lost_ends_with_what_was_seen_exactly_once(
    crash: Crash, cache: Cache
) -> None:
    async with running(crash.playground, crash.told, crash.log) as (process, _):
        await crash.enter_chat()
        crash.model.says("The lantern swings and then it never stops", hold_after=4)
        await crash.alice.say("What do you see?")
        await crash.alice.sees("The lantern swings and")
        await crash.kill(process)
    async for key in cache.client.scan_iter(f"{crash.told['CACHE_PREFIX']}:*"):
        await cache.client.delete(key)
    async with running(crash.playground, crash.told, crash.log):
        await crash.alice.sees("Interrupted", within=SWEEP)
        (reply,) = crash.replies()
        assert reply.content.startswith("The lantern swings and")
        await until(lambda: [button.label for button in reply.buttons][:2] == ["Regenerate", "Continue"])
        crash.model.says(" then it never stops.")
        await crash.alice.click("Continue", on=reply)
        await crash.alice.sees("The lantern swings and then it never stops.")
        crash.model.says("As ever.")
        await crash.alice.say("And now?")
        await crash.alice.sees("As ever.")
        assert len(crash.replies()) == 2


async def test_what_was_said_during_a_killed_reply_is_answered_after_it(crash: Crash) -> None:
    async with running(crash.playground, crash.told, crash.log) as (process, _):
        await crash.enter_chat()
        crash.model.says("A first word and more", hold_after=2)
        await crash.alice.say("Begin.")
        await crash.alice.sees("A first")
        await crash.alice.say("One thing more.")
        # The saying is stored before its reply would start; only then may the process die.
        await until(lambda: len(crash.model.requests) == 1)
        await _stored(crash, "One thing more.")
        await crash.kill(process)
    crash.model.says("Both heard.")
    async with running(crash.playground, crash.told, crash.log):
        await crash.alice.sees("Interrupted", within=SWEEP)
        await crash.alice.sees("Both heard.", within=SWEEP)
        assert "One thing more." in crash.model.prompt
        assert len(crash.replies()) == 2


@pytest.mark.parametrize("said_after", [True, False], ids=["somebody spoke after it", "it is the last"])
async def test_a_post_whose_answer_came_after_the_kill_is_found_again(crash: Crash, said_after: bool) -> None:
    async with running(crash.playground, crash.told, crash.log) as (process, _):
        await crash.enter_chat()
        crash.model.says("The lantern swings and then it never stops", hold_after=4)
        crash.playground.faults.slow(30, method="POST", path="/webhooks/*", after=True)
        await crash.alice.say("What do you see?")
        await crash.alice.sees("The lantern swings and")
        if said_after:
            await crash.alice.say("One thing more.")
            await _stored(crash, "One thing more.")
        await crash.kill(process)
        crash.playground.faults.clear()
    crash.model.says("Yes.")
    async with running(crash.playground, crash.told, crash.log):
        await crash.alice.sees("Interrupted", within=SWEEP)
        if said_after:
            await crash.alice.sees("Yes.", within=SWEEP)
        await until(lambda: len(crash.replies()) == (2 if said_after else 1))
        assert not [each for each in crash.replies() if "is writing" in each.content]


async def test_a_post_that_was_made_twice_before_the_kill_stands_once(crash: Crash) -> None:
    async with running(crash.playground, crash.told, crash.log) as (process, _):
        await crash.enter_chat()
        crash.model.says("The lantern swings and then it never stops", hold_after=4)
        crash.playground.faults.lose_answer("POST", "/webhooks/*", status=502, times=1)
        reading = crash.playground.faults.fail("GET", "/channels/*/messages", status=503)
        await crash.alice.say("What do you see?")
        await until(lambda: len(crash.replies()) == 2)
        await crash.alice.sees("The lantern swings and")
        await crash.kill(process)
        reading.stop()
    async with running(crash.playground, crash.told, crash.log):
        await crash.alice.sees("Interrupted", within=SWEEP)
        await until(lambda: len(crash.replies()) == 1)


async def test_a_post_that_was_about_to_give_way_is_gone_after_the_kill(crash: Crash) -> None:
    async with running(crash.playground, crash.told, crash.log) as (process, _):
        await crash.enter_chat()
        crash.model.says("The lantern swings")
        await crash.alice.say("What do you see?")
        reply = await crash.alice.sees("The lantern swings")
        await until(lambda: any(button.label == "Continue" for button in reply.buttons))
        for webhook_id in list(crash.playground.world.webhooks):
            await crash.playground.delete_webhook(webhook_id)
        crash.model.says(" and then it never stops", hold_after=2)
        await crash.alice.click("Continue", on=reply)
        await until(lambda: len(crash.replies()) == 2)
        await crash.kill(process)
    async with running(crash.playground, crash.told, crash.log):
        await crash.alice.sees("Interrupted", within=SWEEP)
        await until(lambda: len(crash.replies()) == 1)


async def test_an_orderly_stop_ends_running_replies_at_once(crash: Crash) -> None:
    async with running(crash.playground, crash.told, crash.log):
        await crash.enter_chat()
        crash.model.says("Half a sentence and no more", hold_after=3)
        await crash.alice.say("Go on.")
        await crash.alice.sees("Half a sentence")
    (reply,) = crash.replies()
    assert "Interrupted" in reply.content
    assert [button.label for button in reply.buttons][:2] == ["Regenerate", "Continue"]
    async with running(crash.playground, crash.told, crash.log):
        crash.model.says(" after all.")
        await crash.alice.click("Continue", on=reply)
        await crash.alice.sees("Half a sentence after all.")


async def test_the_log_holds_no_words_of_anybody(crash: Crash) -> None:
    async with running(crash.playground, crash.told, crash.log):
        await crash.enter_chat()
        crash.model.says("plantedreply")
        await crash.alice.say("plantedsaying")
        await crash.alice.sees("plantedreply")
        for _ in range(3):
            crash.model.says("no", status=500)
        await crash.alice.say("plantedagain")
        await crash.alice.sees("Regenerate", within=15)
    logs = crash.log.read_text()
    assert "generation.finished" in logs
    assert "planted" not in logs
    assert "alice" not in logs


async def _stored(crash: Crash, text: str) -> None:
    """Waits until `/chat history` has it."""
    for _ in range(50):
        answer = await crash.alice.slash("chat history")
        if text in answer.text:
            return
    raise AssertionError(f"{text!r} was not stored")
