import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.errors import Invalid, Unavailable, UserError
from bot.llm import Event, Finish, Llm, Message, StreamBroken, Text, Usage, moderating
from tests.scripted_model import ScriptedModel

ASK = [Message("system", "You are a pirate."), Message("user", "Who are you?")]
DONE = b"data: [DONE]\n\n"
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

    def __init__(self, *steps: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
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
    *pieces: bytes, hang: bool = False, cut: bool = False
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Stream the pieces, each in a network chunk of its own."""

    async def step(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0)
        if hang:
            await asyncio.Event().wait()
        if cut:
            assert request.transport
            request.transport.abort()
        return response

    return step


def refuses(
    status: int, message: str = "no", headers: dict[str, str] | None = None, **error: str
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def step(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": message, **error}}, status=status, headers=headers)

    return step


async def everything(llm: Llm, **options: object) -> list[Event]:
    return [event async for event in llm.stream(ASK, model="m", **options)]  # type: ignore[arg-type]


def bytewise(*pieces: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in b"".join(pieces)]


@pytest.mark.parametrize(
    ("pieces", "events"),
    [
        (WHOLE, HELLO),
        ([b"".join(WHOLE)], HELLO),
        (bytewise(*WHOLE), HELLO),
        ([piece.replace(b"data: ", b"data:") for piece in WHOLE], HELLO),
        ([piece.replace(b"\n", b"\r\n") for piece in WHOLE], HELLO),
        ([piece.replace(b"\n\n", b"\n") for piece in WHOLE], HELLO),
        ([b": thinking\n\n", b"event: x\nid: 3\nretry: 1\n", *WHOLE], HELLO),
        (WHOLE[:-1], HELLO),
        ([*WHOLE[:3], DONE], HELLO[:3]),
        ([chunk("Hello"), chunk(" you"), DONE], HELLO[:3]),
        ([b"".join(WHOLE[:3]).rstrip()], HELLO[:3]),
        (
            [
                chunk("Hello"),
                b"data: {not json\n\n",
                b"rubbish\n\n",
                b"data: 3\n\n",
                b"data: [1]\n\n",
                *WHOLE[1:],
            ],
            HELLO,
        ),
        (
            [
                chunk("Hello"),
                b'data: {"choices": [3]}\n\n',
                b'data: {"choices": [{"delta": 4}]}\n\n',
                *WHOLE[1:],
            ],
            HELLO,
        ),
        ([chunk(None), b'data: {"choices": [{"delta": {"content": null}}]}\n\n', chunk(""), *WHOLE], HELLO),
        ([b'data: {"choices": [{"delta": {"reasoning_content": "Hm"}}]}\n\n', *WHOLE], HELLO),
        ([b'data: {"prompt_filter_results": [], "choices": []}\n\n', *WHOLE], HELLO),
        ([chunk("Hello"), chunk(" you", finish="length")], [Text("Hello"), Text(" you"), Finish("length")]),
        ([*bytewise(chunk("Ærø 🐙")), chunk(finish="stop")], [Text("Ærø 🐙"), Finish("stop")]),
        ([chunk(finish="content_filter")], [Finish("content_filter")]),
        ([chunk(finish="stop"), DONE], [Finish("stop")]),
        (
            [b'{"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}'],
            [Text("Hi"), Finish("stop")],
        ),
        (
            [b'data: {"choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}\n\n'],
            [Text("No."), Finish("stop")],
        ),
    ],
)
async def test_reads_what_endpoints_send(pieces: list[bytes], events: list[Event]) -> None:
    async with Endpoint(says(*pieces)).llm(attempts=1) as llm:
        assert await everything(llm) == events


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


@pytest.mark.parametrize("fault", FAULTS)
async def test_failures_before_the_first_text_are_tried_again(fault: str) -> None:
    endpoint = Endpoint(FAULTS[fault], says(*WHOLE))
    async with endpoint.llm(attempts=2, **HASTE) as llm:
        assert await everything(llm) == HELLO
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_failures_that_last_end_in_a_sentence(fault: str) -> None:
    endpoint = Endpoint(FAULTS[fault])
    async with endpoint.llm(attempts=2, **HASTE) as llm:
        with pytest.raises(Unavailable, match=r"press \*Regenerate\* in a moment") as caught:
            await everything(llm)
    assert not isinstance(caught.value, StreamBroken)
    assert len(endpoint.bodies) == 2


async def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    endpoint = Endpoint(refuses(429, headers={"Retry-After": "0.3"}), says(*WHOLE))
    async with endpoint.llm() as llm:
        assert await everything(llm) == HELLO
    assert endpoint.times[1] - endpoint.times[0] >= 0.3


@pytest.mark.parametrize("wait", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_nobody_is_kept_waiting_for_minutes(wait: str) -> None:
    endpoint = Endpoint(refuses(429, headers={"Retry-After": wait}))
    async with endpoint.llm() as llm:
        with pytest.raises(Unavailable, match="asked too much right now"):
            await everything(llm)
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    "step",
    [
        says(chunk("Hello"), hang=True),
        says(chunk("Hello"), cut=True),
        says(chunk("Hello")),
        says(chunk("Hello"), b'data: {"error": {"message": "sk-secret overloaded"}}\n\n'),
        says(chunk("Hello"), b"data: garbage\n\n" * 3),
    ],
    ids=["hang", "cut", "clean end", "error", "garbage"],
)
async def test_a_break_after_the_first_text_keeps_what_came_and_is_not_tried_again(
    step: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> None:
    endpoint = Endpoint(step)
    came: list[Event] = []
    async with endpoint.llm(**HASTE) as llm:
        with pytest.raises(StreamBroken, match=r"\*Continue\*"):
            async for event in llm.stream(ASK, model="m"):
                came.append(event)
    assert came == [Text("Hello")]
    assert len(endpoint.bodies) == 1


async def test_a_hang_after_the_finish_is_no_failure() -> None:
    async with Endpoint(says(*WHOLE[:3], hang=True)).llm(chunk_timeout=0.1) as llm:
        assert await everything(llm) == HELLO[:3]


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (refuses(401, "Incorrect API key provided: sk-secret"), Unavailable, "refuses the bot's key"),
        (refuses(403), Unavailable, "refuses the bot's key"),
        (refuses(404, "The model `m` does not exist"), Unavailable, "does not know m"),
        (refuses(402), Unavailable, "used up"),
        (refuses(429, code="insufficient_quota"), Unavailable, "used up"),
        (refuses(400, "too much", code="context_length_exceeded"), Invalid, "longer than m can read"),
        (refuses(400, "the request exceeds the available context size"), Invalid, "longer than m can read"),
        (refuses(413), Invalid, "longer than m can read"),
        (refuses(418), Unavailable, "does not accept the request (error 418)"),
    ],
)
async def test_refusals_are_told_at_once_and_in_our_words(
    step: Callable[[web.Request], Awaitable[web.StreamResponse]], kind: type[UserError], words: str
) -> None:
    endpoint = Endpoint(step)
    async with endpoint.llm() as llm:
        with pytest.raises(kind) as caught:
            await everything(llm)
    assert words in str(caught.value)
    assert "sk-secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    ("refusal", "gone", "instead"),
    [
        (refuses(400, "Unknown field: stream_options"), "stream_options", None),
        (refuses(422, "extra inputs are not permitted"), "stream_options", None),
        (
            refuses(400, "Unsupported parameter: 'max_tokens'", param="max_tokens"),
            "max_tokens",
            "max_completion_tokens",
        ),
        (refuses(400, "Only the default (1) is supported", param="temperature"), "temperature", None),
    ],
)
async def test_options_that_an_endpoint_refuses_are_left_out_from_then_on(
    refusal: Callable[[web.Request], Awaitable[web.StreamResponse]], gone: str, instead: str | None
) -> None:
    endpoint = Endpoint(refusal, says(*WHOLE))
    async with endpoint.llm(attempts=1) as llm:
        for _ in range(2):
            assert await everything(llm, temperature=0.7, max_tokens=50, stop=["\n"]) == HELLO
    first, second, third = endpoint.bodies
    assert first["stream_options"] == {"include_usage": True}
    assert (first["temperature"], first["max_tokens"], first["stop"]) == (0.7, 50, ["\n"])
    assert second == third
    assert gone not in second
    assert instead is None or second[instead] == 50


async def test_a_request_holds_the_messages_and_nothing_unasked_for() -> None:
    endpoint = Endpoint(says(*WHOLE))
    async with endpoint.llm() as llm:
        assert [event async for event in llm.stream([Message("user", "Hæ", name="Ann")], model="m")] == HELLO
    assert endpoint.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Hæ", "name": "Ann"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_closing_the_stream_closes_the_connection_at_once() -> None:
    endpoint = Endpoint(says(chunk("Hello"), hang=True))
    async with endpoint.llm(chunk_timeout=30) as llm:
        stream = llm.stream(ASK, model="m")
        assert await anext(stream) == Text("Hello")
        await stream.aclose()
        await asyncio.wait_for(endpoint.gone.wait(), 5)


async def test_cancelling_while_nothing_came_closes_the_connection() -> None:
    endpoint = Endpoint(says(hang=True))
    async with endpoint.llm(first_chunk_timeout=30) as llm:
        task = asyncio.create_task(everything(llm))
        await asyncio.wait_for(endpoint.asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(endpoint.gone.wait(), 5)


async def test_connection_refused_is_told_to_the_person_and_to_the_operator() -> None:
    llm = Llm(api_key="", base_url="http://127.0.0.1:1/v1", attempts=2)
    with pytest.raises(Unavailable, match="does not answer right now"):
        await everything(llm)
    with pytest.raises(Unavailable, match=r"Nothing answers at http://127\.0\.0\.1:1/v1: check OPENAI_BASE_URL"):
        await llm.check("m")
    await llm.close()


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (refuses(401, "bad key sk-secret"), Invalid, "check OPENAI_API_KEY"),
        (refuses(404), Invalid, "check CHAT_MODEL"),
        (refuses(429, code="insufficient_quota"), Invalid, "no credit left"),
        (refuses(503), Unavailable, "try again later"),
        (refuses(400), Invalid, "does not accept a simple request to m (error 400)"),
        (says(hang=True), Unavailable, "Nothing answers"),
    ],
)
async def test_check_says_which_setting_is_wrong(
    step: Callable[[web.Request], Awaitable[web.StreamResponse]], kind: type[UserError], words: str
) -> None:
    async with Endpoint(step).llm(**HASTE) as llm:
        with pytest.raises(kind) as caught:
            await llm.check("m")
    assert words in str(caught.value)
    assert "sk-secret" not in str(caught.value)


async def test_check_is_content_with_an_answer() -> None:
    async with Endpoint(refuses(400, param="max_tokens"), says(*WHOLE)).llm() as llm:
        await llm.check("m")


async def test_a_real_model_speaks_and_counts(model_url: str, model_key: str, model_name: str) -> None:
    llm = Llm(api_key=model_key, base_url=model_url)
    await llm.check(model_name)
    events = [event async for event in llm.stream(ASK, model=model_name, temperature=0.5, max_tokens=12)]
    texts = [event for event in events if isinstance(event, Text)]
    assert "".join(text.text for text in texts).strip()
    assert len(texts) > 1
    counted = [event for event in events if isinstance(event, Usage)]
    assert len(counted) == 1
    assert counted[0].prompt_tokens > 10
    assert 0 < counted[0].completion_tokens <= 12
    assert any(event in (Finish("length"), Finish("stop")) for event in events)
    await llm.close()


async def test_a_real_model_stops_at_a_stop_word_refuses_a_wrong_key_and_an_endless_prompt(
    model_url: str, model_key: str, model_name: str
) -> None:
    llm = Llm(api_key=model_key, base_url=model_url)
    count = [Message("user", "Count from one to ten, in digits: 1, 2, 3,")]
    events = [event async for event in llm.stream(count, model=model_name, max_tokens=25, stop=["5"])]
    assert "5" not in "".join(event.text for event in events if isinstance(event, Text))
    with pytest.raises(Invalid, match="longer than"):
        await anext(llm.stream([Message("user", "long " * 9000)], model=model_name))
    await llm.close()
    stranger = Llm(api_key="wrong", base_url=model_url)
    with pytest.raises(Invalid, match="OPENAI_API_KEY"):
        await stranger.check(model_name)
    await stranger.close()


@pytest.fixture
async def moderator() -> AsyncIterator[ScriptedModel]:
    async with ScriptedModel() as model:
        model.flags = {"forbidden": ["violence", "harassment/threatening"], "worse": ["hate", "violence"]}
        yield model


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A quiet evening.", set[str]()),
        ("", set[str]()),
        (" \n ", set[str]()),
        ("This is forbidden.", {"violence", "harassment/threatening"}),
        ("forbidden and worse", {"violence", "harassment/threatening", "hate"}),
        ("fine " * 20_000 + "forbidden", {"violence", "harassment/threatening"}),
        ("x" * 5_000 + " forbidden", {"violence", "harassment/threatening"}),
    ],
)
async def test_moderation_names_what_it_finds(moderator: ScriptedModel, text: str, found: set[str]) -> None:
    llm = Llm(api_key="x", base_url=moderator.url)
    assert set(await llm.moderate(text, model="guard")) == found
    assert all(0 < len(piece) < 2_000 for piece in moderator.moderated)
    assert "".join("".join(moderator.moderated).split()) == "".join(text.split())
    await llm.close()


@pytest.mark.parametrize(
    ("status", "words", "asked"),
    [(500, "try again in a moment", 2), (429, "try again in a moment", 2), (401, "refuses the bot's key", 1)],
)
async def test_moderation_that_fails_lets_nothing_pass(
    moderator: ScriptedModel, status: int, words: str, asked: int
) -> None:
    moderator.moderation_status = status
    llm = Llm(api_key="sk-secret", base_url=moderator.url, attempts=2, backoff=0.01)
    with pytest.raises(Unavailable, match=words) as caught:
        await llm.moderate("Some text.", model="guard")
    assert caught.value.__suppress_context__
    assert moderator.moderations == asked
    moderator.moderation_status = 200
    assert await llm.moderate("Some text.", model="guard") == ()
    await llm.close()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<html>Bad gateway</html>", None),
        (b'{"results": []}', None),
        (b'{"results": [{"flagged": false, "categories": {"hate": false}}]}', ()),
        (b'{"results": [{"flagged": true, "categories": {"hate": true, "x": null}}]}', ("hate",)),
        (b'{"results": [{"flagged": true}], "more": 1}', ("unnamed",)),
    ],
)
def test_what_moderation_endpoints_send_is_read(content: bytes, found: tuple[str, ...] | None) -> None:
    assert moderating.flagged(content, pieces=1) == found
