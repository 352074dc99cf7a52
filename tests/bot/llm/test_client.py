import asyncio

import pytest

from bot.errors import Invalid, Unavailable, UserError
from bot.llm import Event, Finish, Llm, Message, StreamBroken, Text, Usage
from tests.bot.llm.endpoint import (
    ASK,
    DONE,
    FAULTS,
    HASTE,
    HELLO,
    WHOLE,
    Endpoint,
    Step,
    bytewise,
    chunk,
    everything,
    refuses,
    says,
)

HALVES = (
    b'data: {"choices": [{"delta": {"content": "Ah \\ud83d"}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": "\\udc80."}}]}\n\n',
)


def torn(text: str, where: int | slice) -> bytes:
    """A chunk that holds some bytes of a text, cut wherever."""
    cut = text.encode()[where if isinstance(where, slice) else slice(where)]
    return b'data: {"choices": [{"delta": {"content": "' + cut + b'"}}]}\n\n'


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
        (
            [torn("Ah \U0001f419", 5), torn("Ah \U0001f419", slice(5, None)), chunk(finish="stop")],
            [Text("Ah "), Text("\U0001f419"), Finish("stop")],
        ),
        (
            [HALVES[0], HALVES[1], chunk("!"), chunk(finish="stop")],
            [Text("Ah "), Text("\U0001f480."), Text("!"), Finish("stop")],
        ),
        ([torn("Ah \U0001f419", 5), chunk(finish="stop")], [Text("Ah "), Finish("stop"), Text("\ufffd")]),
        ([chunk("Hello"), chunk(" you", finish="stop"), b'data: {"choices": [{"delta": {"content": "cut'], HELLO[:3]),
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
    step: Step,
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
        (refuses(403, "no access", code="model_not_found"), Unavailable, "does not know m"),
        (refuses(400, "The response was filtered", code="content_filter"), Invalid, "Put it in other words"),
        (refuses(403, "the input was flagged"), Invalid, "Put it in other words"),
        (refuses(402), Unavailable, "used up"),
        (refuses(429, code="insufficient_quota"), Unavailable, "used up"),
        (refuses(400, "too much", code="context_length_exceeded"), Invalid, "longer than m can read"),
        (refuses(400, "the request exceeds the available context size"), Invalid, "longer than m can read"),
        (refuses(413), Invalid, "longer than m can read"),
        (refuses(418), Unavailable, "does not accept the request (error 418)"),
    ],
)
async def test_refusals_are_told_at_once_and_in_our_words(step: Step, kind: type[UserError], words: str) -> None:
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
    refusal: Step, gone: str, instead: str | None
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
async def test_check_says_which_setting_is_wrong(step: Step, kind: type[UserError], words: str) -> None:
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
