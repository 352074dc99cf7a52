"""`doctor` says in words what is wrong, and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import storage.jobs
from bot.cli.doctor import Finding, look
from playground import Guild, Playground
from storage.database import Database
from tests.scripted_model import ScriptedModel


@dataclass(slots=True)
class Surgery:
    """A bot's surroundings, all well until a test makes something wrong."""

    playground: Playground
    guild: Guild
    model: ScriptedModel
    patch: pytest.MonkeyPatch

    def set(self, name: str, value: str) -> None:
        self.patch.setenv(name, value)

    async def wrong(self) -> list[str]:
        """What is wrong, in the doctor's words."""
        return [finding.words for finding in await self.findings() if finding.state == "wrong"]

    async def findings(self) -> list[Finding]:
        return [finding async for finding in look()]


@pytest.fixture
async def surgery(
    database_url: str, redis_url: str, master_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Surgery]:
    monkeypatch.chdir(tmp_path)  # no .env of this checkout
    async with ScriptedModel() as model, Playground() as playground:
        guild = playground.add_guild("Harbour")
        told = {
            "DISCORD_TOKEN": playground.token, "DISCORD_API_URL": playground.api_url,
            "DISCORD_GATEWAY_URL": playground.gateway_url, "DISCORD_CDN_URL": playground.cdn_url,
            "DATABASE_URL": database_url, "REDIS_URL": redis_url, "MASTER_KEYS": master_key,
            "DATA_DIR": str(tmp_path), "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "x", "CHAT_MODEL": "scripted",
        }  # fmt: skip
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        yield Surgery(playground, guild, model, monkeypatch)


async def test_a_healthy_bot_has_nothing_to_mend(surgery: Surgery) -> None:
    assert await surgery.wrong() == []
    told = " ".join(finding.words for finding in await surgery.findings())
    for part in ("Settings", "Token", "Message Content is granted", "Harbour", "Database", "Cache", "Model"):
        assert part in told


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DISCORD_TOKEN", "", "DISCORD_TOKEN is not set"),
        ("DISCORD_TOKEN", "wrong", "Discord does not know this DISCORD_TOKEN"),
        ("DISCORD_API_URL", "http://127.0.0.1:9/api/v10", "Discord cannot be reached"),
        ("DISCORD_API_URL", "nonsense", "DISCORD_API_URL cannot be used"),
        ("DATABASE_URL", "postgresql://nobody:wrong@127.0.0.1:9/none", "database"),
        ("DATABASE_URL", "mysql://x/y", "it must begin with postgresql://"),
        ("REDIS_URL", "redis://127.0.0.1:9/0", "cache does not answer"),
        ("MASTER_KEYS", "short", "each key is 32 bytes"),
        ("MASTER_KEYS", "", "MASTER_KEYS is not set"),
        ("CHAT_MODEL", "", "CHAT_MODEL is not set"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1", "Model:"),
        ("METRICS_PORT", "seventy", "METRICS_PORT cannot be used"),
    ],
)
async def test_each_wrong_setting_is_named(surgery: Surgery, name: str, value: str, says: str) -> None:
    surgery.set(name, value)
    wrong = await surgery.wrong()
    assert any(says in words for words in wrong), wrong
    assert not any("Traceback" in words for words in wrong)


async def test_a_missing_right_is_named_with_what_it_is_for(surgery: Surgery) -> None:
    surgery.guild.revoke_from_bot("manage_webhooks", "create_public_threads")
    (words,) = await surgery.wrong()
    assert "Manage Webhooks (to let characters speak under their own name and face)" in words
    assert "Create Public Threads" in words
    assert "Send Messages (" not in words


async def test_a_missing_intent_is_named(surgery: Surgery) -> None:
    surgery.playground.message_content = False
    (words,) = await surgery.wrong()
    assert "Message Content is not granted" in words
    surgery.set("MESSAGE_CONTENT_INTENT", "false")
    assert await surgery.wrong() == []


async def test_a_wrong_model_is_told(surgery: Surgery) -> None:
    surgery.model.says("", status=404)
    surgery.model.says("", status=404)
    wrong: list[Any] = await surgery.wrong()
    assert wrong
    assert wrong[0].startswith("Model:")


async def test_no_secret_is_ever_printed(surgery: Surgery, master_key: str) -> None:
    surgery.set("DISCORD_TOKEN", "a-very-secret-token")
    surgery.set("DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:9/none")
    said = " ".join(finding.words for finding in await surgery.findings())
    for secret in ("a-very-secret-token", "hunter2", master_key):
        assert secret not in said


async def test_it_looks_for_operators_and_their_server(surgery: Surgery) -> None:
    surgery.set("OPERATOR_IDS", "1")
    assert "OPERATOR_GUILD is not set" in " ".join(finding.words for finding in await surgery.findings())
    surgery.set("OPERATOR_GUILD", "12345")
    assert ["OPERATOR_GUILD names a server" in words for words in await surgery.wrong()] == [True]
    surgery.set("OPERATOR_GUILD", str(surgery.guild.id))
    assert await surgery.wrong() == []


async def test_it_asks_the_moderation_model(surgery: Surgery) -> None:
    surgery.set("MODERATION_MODEL", "moderator")
    assert any("moderator answers" in finding.words for finding in await surgery.findings())
    surgery.model.moderation_status = 404
    assert await surgery.wrong() != []


async def test_it_asks_the_embedding_model(surgery: Surgery) -> None:
    surgery.set("EMBEDDING_MODEL", "embedder")
    told = " ".join(finding.words for finding in await surgery.findings())
    assert "embedder answers" in told
    surgery.model.embedding_status = 404
    assert ["check EMBEDDING_MODEL" in words for words in await surgery.wrong()] == [True]


async def test_it_tells_of_jobs_that_failed_for_good_and_of_those_that_nobody_does(
    surgery: Surgery, database: Database
) -> None:
    assert "Jobs: none failed for good, none is late." in [finding.words for finding in await surgery.findings()]
    async with database.transaction() as session:
        for name in ("broken", "forgotten"):
            await storage.jobs.enqueue(session, name, {"chat": "x"})
        owner = uuid4()
    async with database.transaction() as session:
        (job,) = await storage.jobs.take(session, ["broken"], owner=owner, limit=1, lease=timedelta(0))
        await storage.jobs.bury(session, job, owner=owner, reason="ValueError")
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE pgqueuer SET execute_after = now() - interval '1 hour'")
    told = " ".join(finding.words for finding in await surgery.findings() if finding.state == "worth knowing")
    assert "kept (1 × broken). `job.failed` in the log says why" in told
    assert "nobody does forgotten though it is time" in told
    assert await surgery.wrong() == []


@pytest.mark.parametrize(
    ("count", "ids", "recommended", "says"),
    [
        ("4", "0,2", 2, "Shards: 4 in all, this process has 0, 2."),
        ("2", "", 2, "Shards: 2 in all, this process has them all."),
        ("2", "0", 3, "Discord recommends 3, SHARD_COUNT is 2"),
    ],
)
async def test_it_tells_how_the_shards_are_shared(
    surgery: Surgery, count: str, ids: str, recommended: int, says: str
) -> None:
    surgery.playground.shards = recommended
    surgery.set("SHARD_COUNT", count)
    surgery.set("SHARD_IDS", ids)
    assert says in " ".join(finding.words for finding in await surgery.findings())
