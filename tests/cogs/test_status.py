"""/operator status: what the program is doing, on one card."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

import storage.jobs
from bot.status import Standing
from cogs.ui.status import Seen, StatusView, job_lines, shard_lines
from cogs.ui.text import units
from storage.database import Database
from storage.jobs import DeadJob, Tally
from storage.vault import MasterKey, Vault
from tests.cogs.test_operator import host
from tests.cogs.test_server import manages
from tests.cogs.workshop import read
from tests.theatre import Theatre

ON_TIME = timedelta(0)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
async def beside(theatre: Theatre, master_key: str) -> AsyncIterator[Database]:
    """The database beside the running bot, whose operator is Alice."""
    for person in (theatre.alice, theatre.bob):
        manages(theatre, person, theatre.guild)
    await host(theatre, theatre.guild, theatre.alice)
    assert theatre.settings.database_url
    url = theatre.settings.database_url.get_secret_value()
    database = Database.connect(url, Vault([MasterKey.from_text(master_key)]), pool_size=2)
    yield database
    await database.close()


async def test_it_tells_what_waits_what_failed_and_on_what_it_runs(theatre: Theatre, beside: Database) -> None:
    alice = theatre.alice
    well = await alice.slash("operator status")
    assert well.ephemeral
    assert "## All is well" in well.text
    assert "Nothing waits." in well.text
    assert "Shard 0: " in well.text
    for version in ("Dramatis 0.1.0", "discord.py 2.", "Postgres 1", "tables 00", "model scripted"):
        assert version in well.text
    assert "Valkey" in well.text or "Redis" in well.text

    # A job of a name that this version knows no more, one that failed for good, and a reply under way.
    async with beside.transaction() as session:
        await storage.jobs.enqueue(session, "old.name", {"chat": "x"})
        await storage.jobs.enqueue(session, "broken", {"chat": "x"})
    async with beside.transaction() as session:
        owner = uuid4()
        (job,) = await storage.jobs.take(session, ["broken"], owner=owner, limit=1, lease=ON_TIME)
        await storage.jobs.bury(session, job, owner=owner, reason="ValueError in propose, line 80")
    thread = await theatre.chat_with("Cue")
    held = theatre.model.says("One two three", hold_after=1)
    await alice.say("Count.")
    await alice.sees("One")
    alice.here = theatre.tavern
    told = await alice.slash("operator status")
    assert "## Something needs a look" in told.text
    assert "1 being written · 0 waiting" in told.text
    assert "- `old.name` 1 waiting" in told.text
    assert "- `broken` 1 failed too often" in told.text
    assert f"`broken` no. {job.id}: ValueError in propose, line 80, <t:" in told.text
    held.release()
    alice.here = thread
    await theatre.reply("One two three")

    after = await read(await told.click("Try the dead jobs again"), "1 job will be tried again.")
    assert "- `broken` 1 waiting" in after.text
    assert "### Failed too often" not in after.text
    assert (await theatre.bob.slash("operator status")).text == "Only the operator of this bot can do that."


def test_a_late_queue_says_how_late() -> None:
    tallies = [
        Tally("a", 3, 1, 0, timedelta(seconds=5)),
        Tally("b", 1, 0, 0, timedelta(seconds=45)),
        Tally("c", 1, 0, 2, timedelta(hours=3)),
    ]
    assert job_lines(tallies) == [
        "- `a` 3 waiting · 1 running",
        "- `b` 1 waiting · the first is 45 seconds late",
        "- `c` 1 waiting · 2 failed too often · the first is 3 hours late",
    ]


def seen(shards: int, *, dead: int = 0) -> Seen:
    letters = tuple(DeadJob(n, "chat.title", NOW, "A" * 200) for n in range(min(dead, 8)))
    standing = Standing(
        tallies=tuple(Tally(f"job.{n}", 10**6, 4, dead if n == 0 else 0, ON_TIME) for n in range(12)),
        dead=letters,
        writing=10,
        queued=2,
        running_here=1,
        lag=0.001,
        started_at=NOW,
        postgres="18.1",
        revision="0006",
        cache="Valkey 8.1.1",
        model="a-model" * 30,
    )
    latencies = [(n, 0.04 + n / 1000 if n else float("nan")) for n in range(shards)]
    return Seen(standing, latencies, dict.fromkeys(range(shards), 1000))


def test_few_shards_are_listed_and_of_many_the_slowest_is_named() -> None:
    assert shard_lines(seen(2)) == ["- Shard 0: not connected yet, 1,000 servers", "- Shard 1: 41 ms, 1,000 servers"]
    assert shard_lines(seen(101)) == ["- 101 shards, 101,000 servers: 91 ms in the middle, 140 ms at worst (shard 100)"]


@pytest.mark.parametrize("dead", [0, 5000])
def test_the_card_fits_however_much_there_is_to_tell(dead: int) -> None:
    view = StatusView(seen(12, dead=dead))
    assert view.content_length() <= 4000
    text = "\n".join(str(item) for item in view.walk_children())
    assert units(text)
    assert view.total_children_count <= 40
