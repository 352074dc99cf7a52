"""One WebSocket of the bot to the gateway: frames out, in order, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from playground.session import Session

ABNORMAL = 1006


class Connection:
    """One connection; `session` is whom it speaks for, `left` whether it was the client that ended it."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        when_over: Callable[[Connection], None],
        *,
        compressed: bool,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._when_over = when_over
        self._squeeze = zlib.compressobj() if compressed else None
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self.session: Session | None = None
        self.close_code: int | None = None
        self.left = False

    async def write(self) -> None:
        """Sends what is waiting, in order, until it is cancelled or nobody reads any more."""
        with contextlib.suppress(ConnectionError):
            while True:
                raw = await self._waiting.get()
                if self._squeeze is None:
                    await self._socket.send_str(raw.decode())
                else:
                    packed = self._squeeze.compress(raw) + self._squeeze.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(packed)

    def send(self, code: int, data: object) -> None:
        """Queues a payload that is no event."""
        self.send_raw(orjson.dumps({"op": code, "d": data, "s": None, "t": None}))

    def send_raw(self, raw: bytes) -> None:
        """Queues a payload that is JSON already."""
        self._waiting.put_nowait(raw)

    async def close(self, code: int) -> None:
        """Closes it with a close code; its session hears nothing over it from this moment on."""
        self.over(code)
        await self._socket.close(code=code)

    def cut(self) -> None:
        """Breaks it off without a word, which the client notes as 1006."""
        self.over(ABNORMAL)
        if self._transport is not None:
            self._transport.abort()

    def over(self, code: int | None = None) -> None:
        """Notes that it is at its end, by the playground's close code or else by the client's."""
        if self.close_code is None:
            self.left = code is None
            self.close_code = code or self._socket.close_code or ABNORMAL
            self._when_over(self)
