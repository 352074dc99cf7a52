"""A small web server on METRICS_PORT: is the program alive, is it ready, its figures, and the avatars for Discord."""

import re
from types import TracebackType
from typing import Self

import discord
from aiohttp import web

from bot.errors import SettingsError, UserError
from bot.services import Services

_AVATAR = re.compile(r"[0-9a-f]{64}")


class Health:
    """Serves `/healthz`, `/readyz`, `/metrics` and `/<sha256>.png` while it is open."""

    def __init__(self, services: Services, client: discord.Client, port: int, *, gateway: bool = True) -> None:
        self._services = services
        self._client = client
        self._port = port
        self._gateway = gateway
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._figures)
        app.router.add_get("/{name}.png", self._avatar)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, None, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"METRICS_PORT {self._port} cannot be used: {error.strerror}. Choose another."
            ) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        wrong = ["gateway"] if self._gateway and not self._client.is_ready() else []
        for name, check in (
            ("database", self._services.database.check),
            ("cache", self._services.cache.check),
        ):
            try:
                await check()
            except UserError:
                wrong.append(name)
        if wrong:
            return web.Response(status=503, text=f"not ready: {', '.join(wrong)}\n")
        return web.Response(text="ready\n")

    async def _figures(self, _request: web.Request) -> web.Response:
        figures, content_type = self._services.metrics.render()
        return web.Response(body=figures, headers={"Content-Type": content_type})

    async def _avatar(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        picture = await self._services.avatars.read(name) if _AVATAR.fullmatch(name) else None
        if picture is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=picture, content_type="image/png", headers=headers)
