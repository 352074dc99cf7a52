"""`worker`: does the jobs of the queue, without a connection to Discord's gateway, on as many machines as wanted."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from bot.cli.health import Health
from bot.cli.running import NO_TOKEN, login, make_client, point_at, settle
from bot.cli.stores import with_engines
from bot.errors import SettingsError
from bot.services import model_choice, open_services
from bot.settings import Settings
from cogs.ui.courier import DiscordCourier

AT_ONCE = 4
"""How many jobs a worker does at once where JOBS_AT_ONCE leaves all of them to workers."""

log = structlog.get_logger()


async def work(settings: Settings) -> None:
    """Does jobs until it is told to stop; SettingsError and Unavailable say why it cannot."""
    if settings.discord_token is None:
        raise SettingsError(NO_TOKEN)
    model_choice(settings)
    async with with_engines(settings, on_progress=lambda words: log.info("engines", words=words)) as filled:
        await serve_jobs(filled, when_up=settle)


async def serve_jobs(settings: Settings, *, when_up: Callable[[], None] | None = None) -> None:
    """Does jobs on engines that are there."""
    point_at(settings)
    settings = settings.model_copy(update={"jobs_at_once": settings.jobs_at_once or AT_ONCE})
    async with AsyncExitStack() as stack:
        client, stage = make_client(settings)
        await stack.enter_async_context(client)
        await login(client, settings)
        courier = DiscordCourier(client, stage)
        services = await stack.enter_async_context(
            open_services(settings, stage=stage, messenger=stage, courier=courier)
        )
        client.services = services
        stage.attach(services)
        if settings.metrics_port:
            await stack.enter_async_context(Health(services, client, settings.metrics_port, gateway=False))
        services.jobs.open()
        log.info("worker.up", at_once=settings.jobs_at_once)
        if when_up:
            when_up()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.info("stopping")
            raise
