"""Chaos in small: two processes, three kills, the cache and the model away, and people who play on."""

from pathlib import Path

import asyncpg

from tests.chaos.ledger import Verdict
from tests.chaos.show import Plan, Show, open_show

OUTAGES = (("cache", "stopped", 0.7), ("model", "stopped", 0.7))


async def test_nothing_is_lost_doubled_or_blocked(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> None:
    plan = Plan(
        seed=7,
        kills=3,
        database_url=database_url,
        redis_url=redis_url,
        master_key=master_key,
        cache_prefix=cache_prefix,
        folder=tmp_path,
        seconds=12.0,
        linger=0.8,
        between_calms=100,
        chats=1,
        outages=OUTAGES,
        limits=False,
        enough=60.0,  # fifteen on a machine of its own: `make chaos`
        ages_leases=True,
    )
    async with open_show(plan) as show:
        await show.run()
        assert show.verdict.lost == []
        assert show.verdict.doubled == []
        assert show.verdict.blocked == []
        assert show.troubles.happened["kill -9"] >= 1
        assert show.ledger.words
        assert show.ledger.acknowledged
        await _pretend_losses(show)
    assert show.playground.violations == []


async def _pretend_losses(show: Show) -> None:
    """The judge is not blind: what was seen and is not kept is missed, and what is there too often is noticed."""
    show.ledger.acknowledged["S999999"] = "told to the model"
    show.ledger.words["r999999w1"] = 1
    connection = await asyncpg.connect(show.database_url)
    for status in ("done", "queued"):
        await connection.execute(
            "INSERT INTO generations (id, chat_id, reply_id, answers_id, kind, status) SELECT gen_random_uuid(), "
            f"chat_id, reply_id, answers_id, kind, '{status}' FROM generations WHERE kind = 'reply' LIMIT 1"
        )
    await connection.close()
    verdict = Verdict()
    await show.ledger.judge(show.playground, show.database_url, show.plan.master_key, verdict)
    assert [line.split(" is ")[0] for line in verdict.lost] == [
        "the saying S999999 (told to the model)",
        "the word r999999w1 was seen (post 1) and",
    ]
    assert len(verdict.doubled) == 1
    assert len(verdict.blocked) == 1
