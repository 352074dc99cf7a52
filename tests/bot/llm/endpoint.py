"""A server that does what a test tells it, well, badly or not at all, over the wire of a model server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from bot.llm import Event, Finish, Llm, Message, Text, Usage

ASK = [Message("system", "You are a pirate."), Message("user", "Who are you?")]
DONE = b"data: [DONE]\n\n"
Step = Callable[[web.Request], Awaitable[web.StreamResponse]]
HELLO = [Text("Hello"), Text(" you"), Finish("stop"), Usage(7, 2)]


def chunk(text: str | None = None, finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


def usage() -> bytes:
    tokens = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    return b"data: " + json.dumps({"choices": [], "usage": tokens}).encode() + b"\n\n"


WHOLE = [chunk("Hello"), chunk(" you"), chunk(finish="stop"), usage(), DONE]


class Endpoint:
    """A server that does in turn what a test tells it, and counts."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.bodies: list[dict[str, object]] = []
        self.times: list[float] = []
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.times.append(time.monotonic())
        self.bodies.append(await request.json())
        self.asked.set()
        step = self.steps[min(len(self.bodies), len(self.steps)) - 1]
        try:
            return await step(request)
        except (asyncio.CancelledError, ConnectionError):
            self.gone.set()
            raise

    @asynccontextmanager
    async def llm(self, **limits: float) -> AsyncIterator[Llm]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        app.router.add_post("/v1/embeddings", self.answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site.name
        port = runner.addresses[0][1]
        short = {"first_chunk_timeout": 5, "chunk_timeout": 5, "backoff": 0.01, "pace": 0.01, **limits}
        llm = Llm(api_key="sk-secret", base_url=f"http://127.0.0.1:{port}/v1", **short)  # type: ignore[arg-type]
        try:
            yield llm
        finally:
            await llm.close()
            await runner.cleanup()


def says(
    *pieces: bytes,
    hang: bool = False,
    cut: bool = False,
    until: asyncio.Event | None = None,
    then: Sequence[bytes] = (),
) -> Step:
    """Stream the pieces, each in a network chunk of its own; `then` others follow when `until` is set."""

    async def step(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0)
        if until:
            await until.wait()
        for piece in then:
            await response.write(piece)
        if hang:
            await asyncio.Event().wait()
        if cut:
            assert request.transport
            request.transport.abort()
        return response

    return step


def refuses(status: int, message: str = "no", headers: dict[str, str] | None = None, **error: str) -> Step:
    async def step(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": message, **error}}, status=status, headers=headers)

    return step


async def everything(llm: Llm, **options: object) -> list[Event]:
    return [event async for event in llm.stream(ASK, model="m", **options)]  # type: ignore[arg-type]


def bytewise(*pieces: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in b"".join(pieces)]


HASTE = {"first_chunk_timeout": 0.5, "chunk_timeout": 0.2}
FAULTS = {
    "429, then well": refuses(429, headers={"Retry-After": "0.05"}),
    "500": refuses(500),
    "503": refuses(503),
    "an error in the stream": says(b'data: {"error": {"message": "overloaded"}}\n\n'),
    "an empty stream": says(),
    "only comments": says(b": working\n\n"),
    "comments without end": says(b": working\n\n", hang=True),
    "a hang before the first chunk": says(hang=True),
    "a hang after the role": says(b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n', hang=True),
    "a cut before the first chunk": says(cut=True),
    "rubbish": says(b"<html>Bad gateway</html>"),
}
