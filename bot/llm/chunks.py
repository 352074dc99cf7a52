"""The wire format of streamed completions (server-sent events with JSON), read tolerantly and without I/O.

Endpoints differ: `data:` with and without a space, CRLF, comments as signs of life, no `[DONE]`, usage in a
chunk of its own or beside the last, errors inside the stream, a whole completion instead of a stream.
"""

import codecs
import json
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

    __slots__ = ("_half", "_mending", "_rest", "finished", "heard", "over")

    def __init__(self) -> None:
        self._rest = b""
        self._mending: codecs.IncrementalDecoder | None = None
        self._half = ""
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
        if self._mending and (left := self._mending.decode(b"", final=True)):
            yield Text(left)

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
            chunk = self._loads_torn(payload)
        if isinstance(chunk, dict):
            yield from self._events(cast("_Chunk", chunk))

    def _events(self, chunk: _Chunk) -> Iterator[Event]:
        self.heard += 1
        try:
            for choice in (chunk.get("choices") or ())[:1]:
                said = choice.get("delta") or choice.get("message") or _Delta()
                text = said.get("content") or said.get("refusal")
                if self._mending and isinstance(text, str):
                    text = self._mended(text)
                if text and isinstance(text, str):
                    yield Text(text)
                reason = choice.get("finish_reason")
                if reason == "error":
                    raise StreamError
                if reason and not self.finished:
                    self.finished = True
                    yield Finish(str(reason))
            if usage := chunk.get("usage"):
                yield Usage(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
        except (AttributeError, TypeError, ValueError):
            return  # JSON of another shape
        if chunk.get("error"):
            raise StreamError

    def _loads_torn(self, payload: bytes) -> object:
        """Read JSON in which a character is torn in two, as endpoints do that cut the model's bytes anywhere."""
        try:
            chunk: object = json.loads(payload.decode(errors="surrogateescape"))
        except ValueError:
            return None
        self._mending = self._mending or codecs.getincrementaldecoder("utf-8")("replace")
        return chunk

    def _mended(self, text: str) -> str:
        """Return a text whose torn characters are whole; half a one waits for the other half."""
        assert self._mending is not None  # noqa: S101 - asked before
        text, self._half = self._half + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":  # the first half of a surrogate pair
            text, self._half = text[:-1], text[-1]
        try:
            torn = text.encode(errors="surrogateescape")
        except UnicodeEncodeError:  # surrogate pairs, joined just now
            torn = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
        return self._mending.decode(torn)
