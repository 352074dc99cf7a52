"""`doctor`: checks what the bot stands on, and says of each thing how to mend it."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import aiohttp
import discord
from rich.console import Console

import storage.jobs
from bot.cli.running import BAD_TOKEN, NO_DISCORD, NO_TOKEN, make_client, point_at
from bot.cli.stores import with_engines
from bot.errors import UserError
from bot.llm import Llm
from bot.permissions import HELPFUL, NEEDED
from bot.services import model_choice, open_stores
from bot.settings import Settings, read_settings
from storage.database import OLDEST_POSTGRES, Database
from storage.memories import enable_recall

LATE = timedelta(minutes=10)
NO_VECTOR = (
    "EMBEDDING_MODEL is set, but this database has no pgvector, so no passages come to mind. Install the extension, "
    "or have an administrator run CREATE EXTENSION vector."
)
MARKS = {"good": "[green]✓[/green]", "worth knowing": "[yellow]![/yellow]", "wrong": "[red]✗[/red]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    state: Literal["good", "worth knowing", "wrong"]
    words: str


async def doctor() -> int:
    """Prints what was found; returns 1 when something is wrong."""
    console = Console(highlight=False, soft_wrap=True)
    wrong = 0
    async with aclosing(look()) as findings:
        async for finding in findings:
            wrong += finding.state == "wrong"
            console.print(f"{MARKS[finding.state]} {finding.words}")
    console.print("\nEverything needed is there." if not wrong else f"\n{wrong} to mend.")
    return 1 if wrong else 0


async def look() -> AsyncGenerator[Finding]:
    """Looks at settings, Discord, stores and model, one after the other."""
    try:
        settings = read_settings()
    except UserError as error:
        for line in str(error).splitlines():
            yield Finding("wrong", line)
        return
    yield Finding("good", "Settings: all readable.")
    async for finding in _discord(settings):
        yield finding
    async for finding in _stores(settings):
        yield finding
    async for finding in _model(settings):
        yield finding
    for name, address in (("PRIVACY_URL", settings.privacy_url), ("TERMS_URL", settings.terms_url)):
        if address is None:
            yield Finding(
                "worth knowing", f"{name} is not set; Discord's developer policy asks for one, /help links it."
            )


async def _discord(settings: Settings) -> AsyncGenerator[Finding]:
    if settings.discord_token is None:
        yield Finding("wrong", NO_TOKEN)
        return
    point_at(settings)
    client, _ = make_client(settings)
    try:
        await client.login(settings.discord_token.get_secret_value())
        yield Finding("good", f"Token: it is {client.user}'s.")
        async for finding in _intents(client, settings):
            yield finding
        async for finding in _permissions(client):
            yield finding
        async for finding in _operators(client, settings):
            yield finding
        async for finding in _shards(client, settings):
            yield finding
    except discord.LoginFailure:
        yield Finding("wrong", BAD_TOKEN)
    except discord.HTTPException as error:
        yield Finding(
            "wrong", f"Discord answered {error.status} when it was asked about this bot. Try again in a while."
        )
    except (aiohttp.ClientError, OSError, TimeoutError):
        yield Finding("wrong", NO_DISCORD.format(where=settings.discord_api_url or "its address"))
    finally:
        await client.close()


async def _intents(client: discord.Client, settings: Settings) -> AsyncGenerator[Finding]:
    flags = (await client.application_info()).flags
    allowed = flags.gateway_message_content or flags.gateway_message_content_limited
    if not settings.message_content_intent:
        yield Finding(
            "worth knowing", "MESSAGE_CONTENT_INTENT is off: people play by mention, /say and the Say button."
        )
    elif allowed:
        yield Finding("good", "Intent: Message Content is granted.")
    else:
        yield Finding(
            "wrong",
            "Intent: Message Content is not granted. Switch it on under Bot › Privileged Gateway Intents, or set "
            "MESSAGE_CONTENT_INTENT=false.",
        )


async def _permissions(client: discord.Client) -> AsyncGenerator[Finding]:
    servers = await client.http.get_guilds(limit=200, with_counts=False)
    if not servers:
        yield Finding("worth knowing", "The bot is in no server yet. The README says how to invite it.")
    for server in servers:
        granted = discord.Permissions(int(server.get("permissions", 0)))
        name = f"Server “{server['name']}”"
        missing = [right for right in NEEDED if not getattr(granted, right)]
        if granted.administrator or not missing:
            yield Finding("good", f"{name}: every right that is needed.")
        else:
            rights = "; ".join(f"{_title(right)} (to {NEEDED[right]})" for right in missing)
            yield Finding(
                "wrong", f"{name}: missing {rights}. Give the bot's role these rights in the server's settings."
            )
        helpful = [right for right in HELPFUL if not getattr(granted, right) and not granted.administrator]
        if helpful:
            rights = "; ".join(f"{_title(right)} (to {HELPFUL[right]})" for right in helpful)
            yield Finding("worth knowing", f"{name}: helpful would be {rights}.")


async def _operators(client: discord.Client, settings: Settings) -> AsyncGenerator[Finding]:
    if not settings.operator_ids:
        yield Finding("worth knowing", "OPERATOR_IDS is not set: nobody reads reports or takes characters down.")
    elif settings.operator_guild is None:
        yield Finding("worth knowing", "OPERATOR_GUILD is not set: /operator is nowhere to be found.")
    elif settings.operator_guild not in {int(each["id"]) for each in await client.http.get_guilds(limit=200)}:
        yield Finding("wrong", "OPERATOR_GUILD names a server in which the bot is not. Invite it there, or change it.")


async def _shards(client: discord.Client, settings: Settings) -> AsyncGenerator[Finding]:
    if settings.shard_count is None:
        return
    recommended, _, _ = await client.http.get_bot_gateway()
    ids = settings.shard_ids
    here = f"this process has {', '.join(map(str, ids))}" if ids else "this process has them all"
    if settings.shard_count < recommended:
        yield Finding(
            "worth knowing",
            f"Shards: Discord recommends {recommended}, SHARD_COUNT is {settings.shard_count}. Raise it everywhere.",
        )
    else:
        yield Finding("good", f"Shards: {settings.shard_count} in all, {here}.")


async def _stores(settings: Settings) -> AsyncGenerator[Finding]:
    try:
        async with with_engines(settings) as filled, AsyncExitStack() as stack:
            database, cache = await open_stores(filled, stack)
            version = await database.check()
            whose = "embedded" if settings.database_url is None else "yours"
            if version < OLDEST_POSTGRES:
                yield Finding("wrong", f"Database: Postgres {version // 10000} is too old; it must be 15 or newer.")
            else:
                yield Finding("good", f"Database: Postgres {version // 10000} ({whose}), tables up to date.")
            for finding in await _jobs(database):
                yield finding
            if settings.embedding_model and not await enable_recall(database):
                yield Finding("worth knowing", NO_VECTOR)
            await cache.check()
            yield Finding("good", f"Cache: answers ({'embedded' if settings.redis_url is None else 'yours'}).")
    except UserError as error:
        yield Finding("wrong", f"Stores: {error}")


async def _jobs(database: Database) -> list[Finding]:
    """What failed too often and what nobody does, or that all is well."""
    async with database.transaction() as session:
        tallies = await storage.jobs.count_by_name(session)
    dead = ", ".join(f"{tally.dead} × {tally.name}" for tally in tallies if tally.dead)
    late = ", ".join(tally.name for tally in tallies if tally.late > LATE)
    found: list[Finding] = []
    if dead:
        words = (
            f"Jobs: some failed too often and are kept ({dead}). `job.failed` in the log says why; "
            "`/operator status` has a button that tries them again."
        )
        found.append(Finding("worth knowing", words))
    if late:
        words = (
            f"Jobs: nobody does {late} though it is time. Start the bot, or `python -m bot worker` where "
            "JOBS_AT_ONCE is 0."
        )
        found.append(Finding("worth knowing", words))
    return found or [Finding("good", "Jobs: none failed for good, none is late.")]


async def _model(settings: Settings) -> AsyncGenerator[Finding]:
    try:
        model = model_choice(settings)
    except UserError as error:
        yield Finding("wrong", f"Model: {error}")
        return
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    server = Llm(api_key=key, base_url=settings.openai_base_url)
    try:
        await server.check(model.name)
        yield Finding("good", f"Model: {model.name} answers.")
        if settings.moderation_model:
            await server.moderate("Good morning.", model=settings.moderation_model)
            yield Finding("good", f"Moderation: {settings.moderation_model} answers.")
        if settings.embedding_model:
            await server.embed(["Good morning."], model=settings.embedding_model)
            yield Finding("good", f"Embeddings: {settings.embedding_model} answers.")
    except UserError as error:
        yield Finding("wrong", f"Model: {error}")
    finally:
        await server.close()


def _title(right: str) -> str:
    return right.replace("_", " ").title()
