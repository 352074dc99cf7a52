"""The client: requests, retries, time limits."""

import asyncio
import random
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing

import openai
from openai import AsyncOpenAI, OpenAIError
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, SecretStr

from bot.errors import UserError
from bot.llm import embedding, moderating, refusals
from bot.llm.chunks import Chunks, StreamError
from bot.llm.events import Event, Finish, Message, StreamBroken, Text
from bot.llm.structured import as_format

_LONGEST_WAIT = 10.0  # seconds; nobody should look at a silent chat for longer because of a Retry-After
_AFTERWORDS = 2.0  # seconds for usage and [DONE] once the reply is whole
_NONE: list[ChatCompletionMessageParam] = []  # the body is given whole
_MOST_KEYS = 100
_AT_ONCE = 0.001  # seconds; reading what has arrived takes far less
OPENAI = "https://api.openai.com/v1"


def _without_certificates() -> openai.DefaultAsyncHttpxClient:
    """A client that trusts nobody, for a server without TLS: to load the usual authorities takes 40 ms."""
    return openai.DefaultAsyncHttpxClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class _Silence(Exception):
    """A stream ended, broke or fell silent before its finish."""


class Llm:
    """A client of one endpoint; any number of replies may stream through it at once."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None,
        connect_timeout: float = 5.0,
        first_chunk_timeout: float = 60.0,
        chunk_timeout: float = 30.0,
        attempts: int = 3,
        backoff: float = 0.5,
        pace: float = 0.1,
    ) -> None:
        self._base_url = base_url or OPENAI
        self._first_chunk_timeout = first_chunk_timeout
        self._chunk_timeout = chunk_timeout
        self._attempts = attempts
        self._backoff = backoff
        self._pace = pace
        self._others: OrderedDict[SecretStr, AsyncOpenAI] = OrderedDict()  # by key, the one used last at the end
        self._refused: dict[str, set[str]] = {}  # by model: options it has refused
        # Retries are counted here, not in the client: a hang after the headers must be tried again too, out
        # of the same budget, and a Retry-After of minutes must reach the person instead of being waited out.
        # Reading has no limit here either: each read gets its own below.
        timeout = openai.Timeout(first_chunk_timeout, connect=connect_timeout, read=None)
        self._client = AsyncOpenAI(
            api_key=api_key or "none",
            base_url=self._base_url,
            timeout=timeout,
            max_retries=0,
            http_client=_without_certificates() if self._base_url.startswith("http://") else None,
        )

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        model: str,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        shape: type[BaseModel] | None = None,
        patience: float = float("inf"),
        api_key: SecretStr | None = None,
    ) -> AsyncGenerator[Event]:
        """Yield a reply as it is written: Text pieces, one Finish, and Usage where the endpoint tells it.

        With an `api_key` it is asked for with that one, not with the operator's. With a `shape` it is asked for as
        JSON of that shape, where the endpoint takes such a wish.
        Close the generator (`aclose`) to stop: the connection closes at once, and the provider stops work.
        Before the first text, failures are retried while the patience (in seconds) lasts; then Unavailable or
        Invalid says what the person can do.
        After the first text a failure is StreamBroken, and what came has been yielded.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + patience
        attempt = 1
        while True:
            spoken = False
            request = self._request(messages, model, temperature, max_tokens, stop, shape=shape)
            try:
                attempted = self._attempt(request, within=deadline - clock(), api_key=api_key)
                async with aclosing(attempted) as events:
                    async for event in events:
                        spoken = spoken or isinstance(event, Text)
                        yield event
            except (OpenAIError, _Silence) as error:
                # `from None`: what the provider wrote may hold the prompt or the key, and must not be logged.
                if spoken:
                    raise StreamBroken from None
                if self._leave_out(model, error, request):
                    continue
                pause = _wait_asked(error) or self._pause(attempt)
                if attempt >= self._attempts or not _may_pass(error) or clock() + pause >= deadline:
                    raise _told(error, model) from None
                await asyncio.sleep(pause)
                attempt += 1
            else:
                return

    async def check(self, model: str) -> None:
        """Ask for one word; Invalid or Unavailable says which setting is wrong."""
        try:
            await self._ask_for_a_word(model)
        except _Silence:
            raise refusals.nobody(self._base_url) from None
        except OpenAIError as error:
            raise refusals.told_operator(error, model, self._base_url) from None

    async def check_key(self, model: str, api_key: SecretStr) -> None:
        """Ask for one word with another key; raises what `stream` does: KeyRefused where that is what is wrong."""
        try:
            await self._ask_for_a_word(model, api_key)
        except (OpenAIError, _Silence) as error:
            raise _told(error, model) from None

    async def _ask_for_a_word(self, model: str, api_key: SecretStr | None = None) -> None:
        while True:
            request = self._request([Message("user", "Say yes.")], model, None, 16, ())
            try:
                async with aclosing(self._attempt(request, api_key=api_key)) as events:
                    await anext(events, None)
            except OpenAIError as error:
                if not self._leave_out(model, error, request):
                    raise
            else:
                return

    async def moderate(self, text: str, *, model: str) -> tuple[str, ...]:
        """Return the names of the categories for which a moderation model flags the text; none when it is fine.

        Failures are retried; then Unavailable says that it cannot be checked now.
        """
        found: dict[str, None] = {}
        for pieces in moderating.batches(text):
            found.update(dict.fromkeys(await self._moderated(pieces, model)))
        return tuple(found)

    async def embed(self, texts: Sequence[str], *, model: str, is_urgent: bool = False) -> list[list[float]]:
        """Return what an embedding model makes of each text, in their order.

        Failures are retried, unless it `is_urgent`; then Unavailable says what is wrong, for the operator.
        """
        attempts = 1 if is_urgent else self._attempts
        found: list[list[float]] = []
        for some in embedding.batches(texts):
            found += await self._embedded(some, model, attempts)
        return found

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _moderated(self, pieces: list[str], model: str) -> tuple[str, ...]:
        attempt = 1
        while True:
            try:
                return await self._flagged(pieces, model)
            except (OpenAIError, _Silence) as error:
                if attempt >= self._attempts or not _may_pass(error):
                    raise _told_of_moderation(error, model) from None
                await asyncio.sleep(_wait_asked(error) or self._pause(attempt))
                attempt += 1

    async def _flagged(self, pieces: list[str], model: str) -> tuple[str, ...]:
        # Some endpoints read a single text alone, so a list is sent only where there are several.
        asked = pieces[0] if len(pieces) == 1 else pieces
        try:
            async with asyncio.timeout(self._first_chunk_timeout):
                answer = await self._client.moderations.with_raw_response.create(input=asked, model=model)
        except TimeoutError:
            raise _Silence from None
        found = moderating.flagged(answer.content, pieces=len(pieces))
        if found is None:
            raise _Silence
        return found

    async def _embedded(self, texts: list[str], model: str, attempts: int) -> list[list[float]]:
        attempt = 1
        while True:
            try:
                return await self._vectors(texts, model)
            except (OpenAIError, _Silence) as error:
                if attempt >= attempts or not _may_pass(error):
                    raise _told_of_embedding(error, model) from None
                await asyncio.sleep(_wait_asked(error) or self._pause(attempt))
                attempt += 1

    async def _vectors(self, texts: list[str], model: str) -> list[list[float]]:
        try:
            async with asyncio.timeout(self._first_chunk_timeout):
                # Numbers as numbers: the client's own default is base64, which not every endpoint knows.
                answer = await self._client.embeddings.with_raw_response.create(
                    input=texts, model=model, encoding_format="float"
                )
        except TimeoutError:
            raise _Silence from None
        found = embedding.vectors(answer.content, texts=len(texts))
        if found is None:
            raise _Silence
        return found

    def _request(
        self,
        messages: Sequence[Message],
        model: str,
        temperature: float | None,
        max_tokens: int | None,
        stop: Sequence[str],
        *,
        shape: type[BaseModel] | None = None,
    ) -> Mapping[str, object]:
        refused = self._refused.get(model, set())
        body: dict[str, object] = {
            "model": model,
            "messages": [_as_json(message, with_name="name" not in refused) for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": temperature,
            "max_tokens": max_tokens,
            "stop": list(stop) or None,
            "response_format": as_format(shape) if shape else None,
        }
        if "max_tokens" in refused:  # newer models of OpenAI know it by another name
            body["max_completion_tokens"] = max_tokens
        return {key: value for key, value in body.items() if value is not None and key not in refused}

    def _leave_out(self, model: str, error: Exception, request: Mapping[str, object]) -> bool:
        """Remember an option that this model refuses; True if the request is worth repeating without it."""
        refused = self._refused.setdefault(model, set())
        option = refusals.refused_option(error)
        if option in refused and "response_format" in request:
            option = "response_format"  # what is left, and the least known of all
        if option is None or option in refused:
            return False
        refused.add(option)
        return True

    def _pause(self, attempt: int) -> float:
        """Return seconds that double with each attempt, and differ so that not all come back at once."""
        return self._backoff * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311

    def _client_of(self, api_key: SecretStr | None) -> AsyncOpenAI:
        """Return the client that asks with a key; all of them share their connections."""
        if api_key is None:
            return self._client
        known = self._others.pop(api_key, None)
        client = self._others[api_key] = known or self._client.with_options(api_key=api_key.get_secret_value())
        if len(self._others) > _MOST_KEYS:
            self._others.popitem(last=False)
        return client

    async def _attempt(
        self, request: Mapping[str, object], *, within: float = float("inf"), api_key: SecretStr | None = None
    ) -> AsyncGenerator[Event]:
        clock = asyncio.get_running_loop().time
        deadline = clock() + min(self._first_chunk_timeout, within)
        after = min(self._chunk_timeout, _AFTERWORDS)
        chunks = Chunks()
        async with AsyncExitStack() as stack:
            received = await self._opened(request, stack, deadline, self._client_of(api_key))
            try:
                asked = clock()
                while not chunks.over and (data := await _next(received, deadline)) is not None:
                    came, heard = clock(), chunks.heard
                    for event in chunks.feed(data):
                        yield event
                    if chunks.finished:
                        deadline = came + after
                    elif chunks.heard != heard:
                        deadline = came + self._chunk_timeout
                        # A read from the network costs as much as several chunks. After one that had to wait,
                        # the next is put off, so that it finds more; never while there is something to read.
                        if came - asked > _AT_ONCE:
                            await asyncio.sleep(self._pace)
                    asked = clock()
                for event in chunks.end():
                    yield event
            except (StreamError, _Silence):
                if not chunks.finished:
                    raise _Silence from None
                return
            if chunks.over:
                await _drain(received)  # a connection whose answer was read to its end can be used again
                if not chunks.finished:
                    yield Finish("stop")
            elif not chunks.finished:
                raise _Silence

    async def _opened(
        self, request: Mapping[str, object], stack: AsyncExitStack, deadline: float, client: AsyncOpenAI
    ) -> AsyncIterator[bytes]:
        response = client.chat.completions.with_streaming_response.create(
            model="", messages=_NONE, stream=True, extra_body=request
        )
        try:
            async with asyncio.timeout_at(deadline):
                opened = await stack.enter_async_context(response)
        except TimeoutError:
            raise _Silence from None
        return opened.iter_bytes()


def _as_json(message: Message, *, with_name: bool) -> dict[str, str]:
    named = {"name": message.name} if with_name and message.name else {}
    return {"role": message.role, "content": message.content, **named}


async def _next(received: AsyncIterator[bytes], deadline: float) -> bytes | None:
    """Return the next bytes, or None at the end."""
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(received, None)
    except Exception:  # however the connection fails: the network library's errors are the client's secret
        raise _Silence from None


async def _drain(received: AsyncIterator[bytes]) -> None:
    deadline = asyncio.get_running_loop().time() + _AFTERWORDS
    try:
        while await _next(received, deadline) is not None:
            pass
    except _Silence:
        return


def _may_pass(error: OpenAIError | _Silence) -> bool:
    return isinstance(error, _Silence) or (refusals.may_pass(error) and _wait_asked(error) <= _LONGEST_WAIT)


def _wait_asked(error: OpenAIError | _Silence) -> float:
    return 0.0 if isinstance(error, _Silence) else refusals.retry_after(error) or 0.0


def _told(error: OpenAIError | _Silence, model: str) -> UserError:
    return refusals.silent() if isinstance(error, _Silence) else refusals.told(error, model)


def _told_of_moderation(error: OpenAIError | _Silence, model: str) -> UserError:
    return refusals.unchecked() if isinstance(error, _Silence) else refusals.told_of_moderation(error, model)


def _told_of_embedding(error: OpenAIError | _Silence, model: str) -> UserError:
    return refusals.told_of_embedding(None if isinstance(error, _Silence) else error, model)
