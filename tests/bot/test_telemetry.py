"""What operators see: figures and log lines, and never a word or a name of anybody's."""

import asyncio
import contextlib
import io
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import structlog

from bot import telemetry
from bot.caller import Caller
from bot.characters.changes import Change
from bot.chat.chats import Saying
from bot.chat.stage import Place
from bot.services import Services
from bot.telemetry import Metrics, set_up_logs
from storage.database import Database
from tests.bot.chat.board import CHANNEL, GUILD, PLACE, World
from tests.theatre import until

PLANTED = "planted"
ALICE = Caller(11, "planted_alice", "Planted Alice", guild_id=GUILD, may_moderate=True, channel_id=CHANNEL)


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    """What the logs print."""
    out = io.StringIO()
    with contextlib.redirect_stderr(out):
        set_up_logs("json")
    yield out
    set_up_logs("text")


def figure(metrics: Metrics, wanted: str, /, **labels: str) -> float:
    """One figure, by its name and labels; 0 when it is not there."""
    for line in metrics.render()[0].decode().splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == wanted and dict(re.findall(r'(\w+)="([^"]*)"', found[2] or "")) == labels:
            return float(found[3])
    return 0.0


async def open_chat(world: World, services: Services) -> None:
    change = Change(name="Planted Wake", description="planted", first_mes="planted hello", age_rating="teen")
    made = await services.characters.create(ALICE, change)
    await services.openings.open(ALICE, str(made.id), Place(GUILD, CHANNEL), interaction_id=next(world.events))


async def say(world: World, services: Services, text: str) -> None:
    await services.chats.say(ALICE, Saying(PLACE, next(world.events), None, text))


async def over(world: World, number: int) -> None:
    await until(lambda: len(world.board.replies) == number and all(each.is_over for each in world.board.replies))


async def test_a_life_of_replies_in_figures_and_lines(world: World, database: Database, printed: io.StringIO) -> None:
    changes = {"fallback_models": "second", "model_silence": 0.5}
    async with world.process(**changes) as first, world.process(**changes) as second:
        await open_chat(world, first)
        world.model.says("planted reply")
        await say(world, first, "planted saying")
        await over(world, 1)
        for _ in range(3):
            world.model.says("", status=503)
        world.model.says("planted stand-in")
        await say(world, first, "planted again")
        await over(world, 2)
        world.model.says("", finish="content_filter")
        await say(world, first, "planted and declined")
        await over(world, 3)
        held = world.model.says("planted half of a reply", hold_after=2)
        await say(world, first, "planted once more")
        await until(lambda: world.board.posts[-1].text == "planted half")
        await first.caretaker.close()
        async with database.transaction() as session:
            await session.execute(
                sa.text("UPDATE generations SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL")
            )
        await second.caretaker.sweep()
        await over(world, 4)
        held.release()
        metrics = first.metrics
        assert figure(metrics, "dramatis_replies_total", status="complete", kind="reply", model="scripted") == 1
        assert figure(metrics, "dramatis_replies_total", status="complete", kind="reply", model="second") == 1
        assert figure(metrics, "dramatis_replies_total", status="failed", kind="reply", model="second") == 1
        assert figure(metrics, "dramatis_stand_ins_total", model="second", instead_of="scripted") >= 1
        assert figure(metrics, "dramatis_tokens_total", model="scripted", direction="prompt") == 7
        assert figure(metrics, "dramatis_tokens_total", model="scripted", direction="completion") == 2
        assert figure(metrics, "dramatis_first_token_seconds_count", model="scripted") == 1
        assert figure(metrics, "dramatis_reply_seconds_count", model="scripted") == 1
        assert figure(metrics, "dramatis_lock_wait_seconds_count") > 3
        both = [each.metrics.render()[0].decode().lower() for each in (first, second)]
        assert figure(second.metrics, "dramatis_replies_total", status="interrupted", kind="reply", model="second") == 1
    said = printed.getvalue()
    lines = [json.loads(line) for line in said.splitlines()]
    events = {line["event"]: line for line in lines}
    for event, more in {
        "generation.started": {"kind"},
        "generation.finished": {"prompt_tokens", "completion_tokens", "first_token_ms", "ms", "status"},
        "generation.failed": {"ms", "status"},
        "generation.recovered": {"letters"},
    }.items():
        assert {"chat", "character", "model", "generation", *more} <= events[event].keys()
    assert {"model", "ms"} <= events["generation.first_token"].keys()
    assert events["generation.stood_in"]["chosen"] == "scripted"
    assert PLANTED not in said.lower()
    assert events["generation.recovered"]["model"] == "second"
    assert all(PLANTED not in each for each in both)


async def test_a_loop_that_was_held_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "LOOK_SECONDS", 0.02)
    metrics = Metrics(serving=True)
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 - this is what is to be noticed
    await until(lambda: figure(metrics, "dramatis_event_loop_lag_seconds_count") >= 1)
    assert figure(metrics, "dramatis_event_loop_lag_seconds_sum") > 0.2
    watching.cancel()
    await asyncio.wait((watching,))


def test_what_nobody_reads_is_neither_counted_nor_loaded() -> None:
    code = (
        "import sys; from bot.telemetry import Metrics; m = Metrics(serving=False); "
        "m.replied(status='complete', kind='reply', model='m', seconds=1); m.waited_for_lock(1); m.shown(1); "
        "assert m.render()[0] == b''; assert not [n for n in sys.modules if n.startswith('prometheus')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_sets_of_figures_know_nothing_of_each_other() -> None:
    one, other = Metrics(serving=True), Metrics(serving=True)
    one.waiting(3)
    one.refused_by_discord()
    one.worked("chat.title", outcome="done")
    one.shown(0.4)
    assert figure(one, "dramatis_queued_replies") == 3
    assert figure(one, "dramatis_discord_429_total") == 1
    assert figure(one, "dramatis_jobs_total", name="chat.title", outcome="done") == 1
    assert figure(one, "dramatis_edit_delay_seconds_sum") == 0.4
    assert figure(other, "dramatis_queued_replies") == 0
    assert figure(other, "dramatis_edit_delay_seconds_count") == 0


@pytest.mark.parametrize("speaker", ["ours", "a library's"])
def test_an_exception_is_told_without_its_words(printed: io.StringIO, speaker: str) -> None:
    words = "".join(("plan", "ted"))  # tracebacks quote the source, which is nobody's secret

    def fail() -> None:
        try:
            raise OSError(32, words)
        except OSError as error:
            raise ValueError(words) from error

    try:
        fail()
    except ValueError:
        if speaker == "ours":
            structlog.get_logger().exception("it.broke", number=3)
        else:
            logging.getLogger("library").exception("it broke")
    (line,) = [json.loads(each) for each in printed.getvalue().splitlines()]
    assert "in fail" in line["exception"]
    assert "BrokenPipeError (32)" in line["exception"]
    assert line["exception"].endswith("builtins.ValueError")
    assert PLANTED not in printed.getvalue()
