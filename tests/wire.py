"""A wire to a server that a test can cut, or let hang, and mend: what the program sees when a server is away."""

import asyncio
import contextlib
from typing import Self
from urllib.parse import urlsplit


class Wire:
    """Passes everything on to the server of an address; `url` is the same address at this end of the wire."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._server = parts.hostname, parts.port
        self._given = url
        self._flows = asyncio.Event()
        self._flows.set()
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address that the program is told."""
        host, port = self._server
        return self._given.replace(f"@{host}:{port}", f"@127.0.0.1:{self._port}")

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self) -> None:
        """Ends every connection; new ones are refused."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for end in list(self._ends):
            end.transport.abort()

    def hang(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._flows.clear()

    async def mend(self) -> None:
        """All is well again, for new connections and for those that hung."""
        self._flows.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
            self._port = self._listener.sockets[0].getsockname()[1]

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            there = await asyncio.open_connection(*self._server)
        except OSError:
            writer.transport.abort()
            self._ends.discard(writer)
            return
        self._ends.add(there[1])
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while received := await source.read(65_536):
                await self._flows.wait()
                sink.write(received)
                await sink.drain()
        self._ends.discard(sink)
        sink.transport.abort()
