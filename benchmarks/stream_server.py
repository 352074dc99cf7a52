"""A model that only streams, as many replies at once as are asked for, at little cost: a process of its own.

`python -m benchmarks.stream_server A_SECOND` prints its port. All its streams share one clock, which ticks for each
word, and go on until somebody hangs up. A GET is answered with two numbers: how many streams there are, and how many
words were sent so far.
"""

import asyncio
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


WORD = (
    b'data: {"id":"x","object":"chat.completion.chunk","created":0,"model":"streaming","choices":'
    b'[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}\n\n'
)


class Streams:
    """Who is streamed to now, and what was sent."""

    def __init__(self) -> None:
        self.open: set[asyncio.Transport] = set()
        self.sent = 0

    def send(self) -> None:
        """One word for everybody."""
        for transport in self.open:
            transport.write(WORD)
        self.sent += len(self.open)


class Connection(asyncio.Protocol):
    """Reads a request and answers it."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Waits for the whole request, then begins."""
        self._asked += data
        head, found, body = self._asked.partition(b"\r\n\r\n")
        if not found or self._transport is None:
            return
        if head.startswith(b"GET"):
            self._transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            self._transport.write(f"{len(self._streams.open)} {self._streams.sent}".encode())
            self._transport.close()
        elif len(body) >= _length(head):
            self._transport.write(HEAD)
            self._streams.open.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        if self._transport is not None:
            self._streams.open.discard(self._transport)


def _length(head: bytes) -> int:
    lines = (line.lower().split(b":") for line in head.split(b"\r\n"))
    return next((int(line[1]) for line in lines if line[0] == b"content-length"), 0)


async def serve(a_second: float) -> None:
    """Streams for ever."""
    streams = Streams()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(streams), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    tick = loop.time()
    while True:
        tick += 1 / a_second
        await asyncio.sleep(max(0.0, tick - loop.time()))
        streams.send()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
