"""A door before a server: what goes through it can be cut off or held up, and the server behind it may change."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

CHUNK = 64 * 1024


class Gate:
    """Listens on loopback and passes everything on to a port, while it is open."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()
        await self.shut()

    async def open(self) -> None:
        """Takes connections again, on the same port as before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cuts every connection off and refuses new ones."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            self._server = None

    def freeze(self) -> None:
        """Takes everything and passes nothing on, as a server that hangs does."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Passes on what was held up."""
        self._flowing.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            self._writers.discard(writer)
            writer.transport.abort()
            return
        self._writers.add(inner_writer)
        try:
            await asyncio.gather(self._flow(reader, inner_writer), self._flow(inner_reader, writer))
        finally:
            for each in (writer, inner_writer):
                self._writers.discard(each)
                each.transport.abort()

    async def _flow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(CHUNK):
                await self._flowing.wait()
                writer.write(some)
                await writer.drain()
        # Whoever has gone, the other end hears of it.
        with contextlib.suppress(OSError):
            writer.close()
