"""`run`: the bot on Discord, or on whatever speaks Discord's language."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.cli.health import Health
from bot.cli.stock import publish_stock
from bot.cli.stores import with_engines
from bot.client import CharacterBot
from bot.errors import SettingsError, Unavailable
from bot.services import Services, model_choice, open_services
from bot.settings import Settings
from cogs.ui.budget import trace_of
from cogs.ui.courier import DiscordCourier
from cogs.ui.edits import PER_SECOND
from cogs.ui.stage import DiscordStage
from storage.alone import alone
from storage.identify import IdentifyTurns
from storage.pace import Pace

log = structlog.get_logger()

NO_TOKEN = (
    "DISCORD_TOKEN is not set. Make an application at https://discord.com/developers/applications, copy the token "
    "from its Bot page into .env (DISCORD_TOKEN=…), and start again. `python -m bot demo` works without one."
)
BAD_TOKEN = "Discord does not know this DISCORD_TOKEN. Copy it anew from the Bot page (Reset Token)."
NO_INTENT = (
    "Discord refuses the Message Content intent. Switch it on under Bot › Privileged Gateway Intents, or set "
    "MESSAGE_CONTENT_INTENT=false: playing then works by mention, /say and the Say button."
)
NO_DISCORD = "Discord cannot be reached at {where}. Is this machine on line, and is DISCORD_API_URL right?"


async def run(settings: Settings) -> None:
    """Runs the bot until it is told to stop; SettingsError and Unavailable say why it cannot."""
    if settings.discord_token is None:
        raise SettingsError(NO_TOKEN)
    model_choice(settings)
    async with with_engines(settings, on_progress=_say) as filled:
        await serve(filled, when_up=settle)


def settle() -> None:
    """Keeps the collector from looking again at what start-up made: a full look takes over 100 ms."""
    gc.collect()
    gc.freeze()


async def serve(
    settings: Settings, *, when_up: Callable[[], None] | None = None, haste: float = 1.0, **options: Any
) -> None:
    """Runs the bot on engines that are there; `haste` goes to the stage, `options` to discord.py's client."""
    point_at(settings)
    async with AsyncExitStack() as stack:
        client, stage = make_client(settings, haste=haste, **options)
        await stack.enter_async_context(client)
        await login(client, settings)
        courier = DiscordCourier(client, stage)
        services = await stack.enter_async_context(
            open_services(settings, stage=stage, messenger=stage, courier=courier)
        )
        client.services = services
        stage.attach(services)
        await join_others(client, stage, services, settings, per_second=PER_SECOND * haste)
        user = client.user
        assert user is not None  # noqa: S101 - login sets it
        if settings.metrics_port:
            await stack.enter_async_context(Health(services, client, settings.metrics_port))
        if settings.stock_characters and client.is_first:
            async with alone(services.database, "publish stock"):
                await publish_stock(services.characters, bot_id=user.id, bot_name=user.name)
        await client.load_features()
        services.caretaker.open()
        if settings.jobs_at_once:
            services.jobs.open()
        if not settings.message_content_intent:
            log.info("intent.off", words="without Message Content: mentions, /say and the Say button")
        if when_up:
            when_up()
        stack.push_async_callback(client.leave)
        await _connect(client)


async def join_others(
    client: CharacterBot, stage: DiscordStage, services: Services, settings: Settings, *, per_second: float
) -> None:
    """Agrees with the processes beside this one: on the requests a second, and on who identifies when."""
    pace = Pace(services.cache, address=settings.outgoing_address, per_second=per_second)
    stage.scheduler.share_with_others(pace)
    if settings.shard_ids:
        limits = await client.fetch_session_start_limits()
        client.identify_turn = IdentifyTurns(services.cache, buckets=limits.max_concurrency).wait


def make_client(settings: Settings, *, haste: float = 1.0, **options: Any) -> tuple[CharacterBot, DiscordStage]:
    """The client and its stage; nothing is sent yet."""
    # Dramatis has no voice; what voice would need is not to be warned about at each start.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    trace = aiohttp.TraceConfig()
    client = CharacterBot(
        message_content=settings.message_content_intent,
        shard_count=settings.shard_count,
        shard_ids=settings.shard_ids or None,
        http_trace=trace,
        **options,
    )
    stage = DiscordStage(client, say_button=not settings.message_content_intent, haste=haste)
    trace_of(trace, stage)
    return client, stage


def point_at(settings: Settings) -> None:
    """Sends discord.py to the addresses of the settings; they are class attributes there."""
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)
    if settings.discord_cdn_url:
        Asset.BASE = settings.discord_cdn_url  # pyright: ignore[reportAttributeAccessIssue]


async def login(client: discord.Client, settings: Settings) -> None:
    """Logs in, or says in words why not."""
    assert settings.discord_token is not None  # noqa: S101 - asked before
    try:
        await client.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure:
        raise SettingsError(BAD_TOKEN) from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unavailable(NO_DISCORD.format(where=Route.BASE)) from error


async def _connect(client: discord.Client) -> None:
    try:
        await client.connect()
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(NO_INTENT) from None
    except asyncio.CancelledError:
        log.info("stopping")
        raise


def _say(text: str) -> None:
    log.info("engines", words=text)
