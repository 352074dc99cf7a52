"""A model that only streams, as many replies at once as are asked for, at little cost: a process of its own.

`python -m benchmarks.stream_server WORDS A_SECOND` prints its port. All its streams share one clock, which ticks
for each word; every reply has so many words.
"""

import asyncio
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(word: str | None) -> bytes:
    """One chunk as OpenAI sends it; None is the end."""
    delta = f'{{"content":"{word}"}}' if word else "{}"
    finish = "null" if word else '"stop"'
    chunk = (
        '{"id":"x","object":"chat.completion.chunk","created":0,"model":"streaming","choices":'
        f'[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}'
    )
    return f"data: {chunk}\n\n".encode()


WORD, END = event("word "), event(None) + b"data: [DONE]\n\n"


class Connection(asyncio.Protocol):
    """Reads a request and puts itself among those who are streamed to."""

    def __init__(self, streaming: dict["Connection", int], words: int) -> None:
        self._streaming = streaming
        self._words = words
        self._asked = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Waits for the whole request, then begins."""
        self._asked += data
        head, found, body = self._asked.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        if found and len(body) >= length and self.transport is not None and self not in self._streaming:
            self.transport.write(HEAD)
            self._streaming[self] = self._words

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._streaming.pop(self, None)


async def serve(words: int, a_second: float) -> None:
    """Streams for ever."""
    streaming: dict[Connection, int] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(streaming, words), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    tick = loop.time()
    while True:
        tick += 1 / a_second
        await asyncio.sleep(max(0.0, tick - loop.time()))
        for connection, left in list(streaming.items()):
            assert connection.transport is not None
            if left:
                streaming[connection] = left - 1
                connection.transport.write(WORD)
            else:
                streaming.pop(connection)
                connection.transport.write(END)
                connection.transport.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
