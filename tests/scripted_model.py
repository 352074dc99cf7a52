"""A model server that says what a test tells it to, over the same wire as any OpenAI-compatible endpoint."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

TOKEN_PAUSE = 0.005


@dataclass(slots=True)
class Reply:
    """One answer: words that come one by one; `hold_after` waits for `release()` behind that many words.

    `ended_at` is when it was said whole, in seconds since 1970.
    """

    text: str
    hold_after: int | None = None
    status: int = 200
    finish: str = "stop"
    pause: float = TOKEN_PAUSE
    released: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: float | None = None

    def release(self) -> None:
        """Lets the rest come."""
        self.released.set()


class ScriptedModel:
    """Serves on loopback; what it was asked is in `requests`, and a client that hung up in `hung_up`.

    `keys` are those with which it was asked, and whoever comes with one of `refused_keys` is sent away.
    `flags` says for which words a text is flagged, and as what; `moderated` holds the texts that came to be judged,
    `moderations` counts the requests, and `moderation_status` is what they are answered with. `meanings` are the
    vectors of texts that hold a word, `embedded` the texts that came to be embedded, `embedding_status` is as above.
    """

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.refused_keys: set[str] = set()
        self.asked_at: list[float] = []
        self.asked = asyncio.Event()
        self.hung_up = 0
        self.flags: dict[str, list[str]] = {}
        self.moderated: list[str] = []
        self.moderations = 0
        self.moderation_status = 200
        self.meanings: dict[str, list[float]] = {}
        self.embedded: list[str] = []
        self.embedding_status = 200
        self.url = ""
        self._runner: web.AppRunner | None = None

    def says(self, text: str, **options: Any) -> Reply:
        """The next answer; after the last one it says “Indeed.”"""
        reply = Reply(text, **options)
        self.replies.append(reply)
        return reply

    @property
    def prompt(self) -> str:
        """All that the last request told the model, as one text."""
        return "\n".join(f"{each['role']}: {each['content']}" for each in self.requests[-1]["messages"])

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/moderations", self._moderate)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        for reply in self.replies:
            reply.release()
        if self._runner:
            await self._runner.cleanup()

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    async def _moderate(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.moderations += 1
        if self.moderation_status != 200:
            return web.json_response({"error": {"message": "no", "type": "x"}}, status=self.moderation_status)
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        self.moderated += texts
        results = [self._judged(text) for text in texts]
        return web.json_response({"id": "x", "model": asked["model"], "results": results})

    async def _embed(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if self.embedding_status != 200:
            return web.json_response({"error": {"message": "no", "type": "x"}}, status=self.embedding_status)
        self.embedded += asked["input"]
        meant = [
            next((vector for word, vector in self.meanings.items() if word in text), [1.0, 1.0, 1.0])
            for text in asked["input"]
        ]
        data = [{"object": "embedding", "index": number, "embedding": each} for number, each in enumerate(meant)]
        return web.json_response({"object": "list", "model": asked["model"], "data": data})

    def _judged(self, text: str) -> dict[str, Any]:
        every = sorted({category for categories in self.flags.values() for category in categories})
        found = {category for word, categories in self.flags.items() if word in text for category in categories}
        return {
            "flagged": bool(found),
            "categories": {category: category in found for category in every},
            "category_scores": {category: float(category in found) for category in every},
        }

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.asked_at.append(time.perf_counter())
        self.asked.set()
        asked = await request.json()
        self.keys.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if self.keys[-1] in self.refused_keys:
            return web.json_response({"error": {"message": "no such key", "type": "x"}}, status=401)
        self.requests.append(asked)
        reply = self.replies.popleft() if self.replies else Reply("Indeed.")
        if reply.status != 200:
            return web.json_response({"error": {"message": "no", "type": "x"}}, status=reply.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self._stream(response, reply)
        except (ConnectionError, asyncio.CancelledError):
            self.hung_up += 1
        return response

    @staticmethod
    async def _stream(response: web.StreamResponse, reply: Reply) -> None:
        words = reply.text.split(" ") if reply.text else []
        for number, word in enumerate(words):
            if reply.hold_after == number:
                await reply.released.wait()
            piece = word if number == 0 else f" {word}"
            await _send(response, {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
            await asyncio.sleep(reply.pause)
        if reply.hold_after is not None and reply.hold_after >= len(words):
            await reply.released.wait()
        reply.ended_at = time.time()
        await _send(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish}]})
        usage = {"prompt_tokens": 7, "completion_tokens": len(words), "total_tokens": 7 + len(words)}
        await _send(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")


async def _send(response: web.StreamResponse, event: dict[str, Any]) -> None:
    whole = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "scripted", **event}
    await response.write(b"data: " + orjson.dumps(whole) + b"\n\n")
