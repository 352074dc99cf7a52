"""The wire format of streamed completions (server-sent events with JSON), read tolerantly and without I/O.

Endpoints differ: `data:` with and without a space, CRLF, comments as signs of life, no `[DONE]`, usage in a
chunk of its own or beside the last, errors inside the stream, a whole completion instead of a stream.
"""

from collections.abc import Iterator
from typing import TypedDict, cast

import orjson

from bot.llm.events import Event, Finish, Text, Usage


class StreamError(Exception):
    """The endpoint reported an error inside the stream."""


class _Delta(TypedDict, total=False):
    content: object  # text or null, and parts of other kinds at some endpoints
    refusal: object


class _Choice(TypedDict, total=False):
    delta: _Delta | None
    message: _Delta | None  # of a whole completion
    finish_reason: str | None


class _Tokens(TypedDict, total=False):
    prompt_tokens: int
    completion_tokens: int


class _Chunk(TypedDict, total=False):
    choices: list[_Choice] | None
    usage: _Tokens | None
    error: object


class Chunks:
    """Reads a stream as it arrives: `feed` it bytes, cut anywhere, and take the events they complete.

    `heard` counts what the model said or thought, so that comments alone do not pass for life. `over` becomes
    true at `[DONE]`, `finished` at the finish reason.
    """

    __slots__ = ("_rest", "finished", "heard", "over")

    def __init__(self) -> None:
        self._rest = b""
        self.heard = 0
        self.over = False
        self.finished = False

    def feed(self, received: bytes) -> Iterator[Event]:
        """Yield the events of all lines that are complete now, or raise StreamError."""
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            yield from self._read(line)

    def end(self) -> Iterator[Event]:
        """Yield the events of a last line that no line break ended."""
        line, self._rest = self._rest, b""
        yield from self._read(line)

    def _read(self, line: bytes) -> Iterator[Event]:
        if line.startswith(b"data:"):
            payload = line[5:].strip()
        else:
            payload = line.strip()
            if not payload.startswith(b"{"):  # empty, a comment, another field, or rubbish
                return
        if payload == b"[DONE]":
            self.over = True
            return
        try:
            chunk = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return
        if isinstance(chunk, dict):
            yield from self._events(cast("_Chunk", chunk))

    def _events(self, chunk: _Chunk) -> Iterator[Event]:
        self.heard += 1
        try:
            for choice in (chunk.get("choices") or ())[:1]:
                said = choice.get("delta") or choice.get("message") or _Delta()
                text = said.get("content") or said.get("refusal")
                if text and isinstance(text, str):
                    yield Text(text)
                reason = choice.get("finish_reason")
                if reason and not self.finished:
                    self.finished = True
                    yield Finish(str(reason))
            if usage := chunk.get("usage"):
                yield Usage(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
        except (AttributeError, TypeError, ValueError):
            return  # JSON of another shape
        if chunk.get("error"):
            raise StreamError
