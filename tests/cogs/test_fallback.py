"""The chosen model is away, or says nothing sensible: another speaks, or the person reads what to do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.vault import MasterKey, Vault
from tests.cogs.showing import ended, is_over, posts
from tests.theatre import Theatre, open_theatre, until


@pytest.fixture
async def company(
    database_url: str, redis_url: str, cache_prefix: str, master_key: str, tmp_path: Path
) -> AsyncIterator[Theatre]:
    """A theatre with two models that may stand in, and little patience."""
    options = {"fallback_models": "second,third", "model_silence": 0.5}
    async with open_theatre(database_url, redis_url, cache_prefix, master_key, tmp_path, **options) as theatre:
        yield theatre
    assert theatre.playground.violations == []


def asked(theatre: Theatre) -> list[str]:
    return [each["model"] for each in theatre.model.requests]


async def stored(theatre: Theatre) -> list[tuple[str, str]]:
    """Model and status of each reply, the greeting aside."""
    assert theatre.settings.database_url
    key = theatre.settings.master_keys[0].get_secret_value()
    database = Database.connect(
        theatre.settings.database_url.get_secret_value(), Vault([MasterKey.from_text(key)]), pool_size=1
    )
    async with database.transaction() as session:
        query = "SELECT model, status FROM messages WHERE role = 'character' AND depth > 0 ORDER BY id"
        rows = [(str(model), str(status)) for model, status in await session.execute(sa.text(query))]
    await database.close()
    return rows


async def test_another_model_stands_in_and_the_message_knows_which(company: Theatre) -> None:
    await company.chat_with("Cue")
    company.model.says("", status=404)
    for _ in range(3):
        company.model.says("", status=503)
    company.model.says("The third speaks.", pause=0)
    await company.alice.say("Hello?")
    await ended(company.alice, "The third speaks.")
    assert asked(company) == ["scripted", "second", "second", "second", "third"]
    # What was silent just now is asked last for a while.
    company.model.says("The third again.", pause=0)
    await company.alice.say("Still there?")
    await ended(company.alice, "The third again.")
    assert asked(company)[5:] == ["third"]
    assert await stored(company) == [("third", "complete"), ("third", "complete")]


ENDINGS: list[tuple[str, dict[str, Any], str, str]] = [
    ("", {}, "The model said nothing", "failed"),
    ("  \n ", {}, "The model said nothing", "failed"),
    ("", {"finish": "length"}, "used up the reply's length before its first word", "failed"),
    ("", {"finish": "content_filter"}, "does not let this be answered", "failed"),
    ("Half a", {"finish": "content_filter"}, "broke this off", "interrupted"),
    ("Half of a", {"finish": "SAFETY"}, "broke this off", "interrupted"),
    ("Half a thought", {"hold_after": 2}, "The reply was cut off", "interrupted"),
]


async def test_every_ending_has_words(company: Theatre) -> None:
    await company.chat_with("Cue")
    for text, options, words, status in ENDINGS:
        before = len(posts(company.alice))
        reply = company.model.says(text, pause=0, **options)
        await company.alice.say("Hello?")
        await until(lambda before=before: len(posts(company.alice)) > before and is_over(posts(company.alice)[-1]))
        shown = posts(company.alice)[-1]
        assert words in shown.content
        assert shown.content.startswith(text.strip()[:6])
        labels = [button.label for button in shown.buttons]
        assert ("Continue" in labels) == (status == "interrupted")
        reply.release()
    assert set(asked(company)) == {"scripted"}
    assert await stored(company) == [("scripted", status) for *_, status in ENDINGS]
