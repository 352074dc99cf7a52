"""Where the chosen model is away, the next one speaks; where asking another is of no use, nobody else is asked."""

import asyncio
import time
from contextlib import aclosing

import pytest

from bot.errors import Invalid, UserError
from bot.llm import Declined, Event, KeyRefused, NoAnswer, Speaks, StandIns, StreamBroken, Text, TooLong, UnknownModel
from tests.bot.llm.endpoint import ASK, FAULTS, HASTE, HELLO, WHOLE, Endpoint, Step, chunk, refuses, says


async def heard(stand_ins: StandIns, model: str = "a") -> list[Event | Speaks]:
    async with aclosing(stand_ins.stream(ASK, model=model)) as events:
        return [event async for event in events]


def asked(endpoint: Endpoint) -> str:
    return "".join(str(body["model"]) for body in endpoint.bodies)


async def test_the_chosen_model_speaks_and_nobody_else_is_asked() -> None:
    endpoint = Endpoint(says(*WHOLE))
    async with endpoint.llm() as llm:
        assert await heard(StandIns(llm, ["a", "b", "c"]), "b") == [Speaks("b"), *HELLO]
    assert asked(endpoint) == "b"


@pytest.mark.parametrize("fault", [*FAULTS, "unknown", "unknown, told as 400"])
async def test_where_a_model_is_away_the_next_speaks(fault: str) -> None:
    unknown = {
        "unknown": refuses(404, "The model `a` does not exist"),
        "unknown, told as 400": refuses(400, "a is not a valid model ID"),
    }
    step = (FAULTS | unknown)[fault]
    endpoint = Endpoint(step, step, says(*WHOLE)) if fault in FAULTS else Endpoint(step, says(*WHOLE))
    async with endpoint.llm(attempts=2, **HASTE) as llm:
        assert await heard(StandIns(llm, ["a", "b", "c"])) == [Speaks("b"), *HELLO]
    assert asked(endpoint) in ("aab", "ab")


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (refuses(400, "blocked", code="content_filter"), Declined),
        (refuses(403, "Your input was flagged"), Declined),
        (refuses(400, "too much", code="context_length_exceeded"), TooLong),
        (refuses(401), KeyRefused),
        (refuses(429, code="insufficient_quota"), KeyRefused),
    ],
    ids=["content", "flagged", "too long", "key", "no credit"],
)
async def test_what_would_fare_no_better_elsewhere_is_told_at_once(step: Step, kind: type[UserError]) -> None:
    endpoint = Endpoint(step)
    async with endpoint.llm() as llm:
        with pytest.raises(kind) as caught:
            await heard(StandIns(llm, ["a", "b"]))
    assert type(caught.value) is kind
    assert issubclass(Declined, Invalid)
    assert asked(endpoint) == "a"


async def test_a_reply_that_has_begun_is_never_begun_again_by_another() -> None:
    endpoint = Endpoint(says(chunk("Hello"), cut=True))
    came: list[Event | Speaks] = []
    async with endpoint.llm() as llm:
        with pytest.raises(StreamBroken):
            async for event in StandIns(llm, ["a", "b"]).stream(ASK, model="a"):
                came.append(event)
    assert came == [Speaks("a"), Text("Hello")]
    assert asked(endpoint) == "a"


async def test_when_all_are_away_the_person_hears_of_the_chosen_one() -> None:
    endpoint = Endpoint(refuses(404), refuses(500))
    async with endpoint.llm(attempts=1) as llm:
        with pytest.raises(UnknownModel, match="does not know a"):
            await heard(StandIns(llm, ["a", "b"]))
    assert asked(endpoint) == "ab"


async def test_a_model_that_was_silent_is_asked_last_for_a_while() -> None:
    endpoint = Endpoint(refuses(500), says(*WHOLE), says(*WHOLE), refuses(500), says(*WHOLE))
    async with endpoint.llm(attempts=1) as llm:
        stand_ins = StandIns(llm, ["a", "b"])
        for expected in "bb":
            assert (await heard(stand_ins))[0] == Speaks(expected)
        # Both rest now, and the chosen one has its turn first again.
        assert (await heard(stand_ins))[0] == Speaks("a")
        assert (await heard(stand_ins))[0] == Speaks("a")
    assert asked(endpoint) == "abbbaa"


@pytest.mark.parametrize("models", [["a"], ["a", "b", "c"]])
async def test_all_tries_together_end_within_the_patience(models: list[str]) -> None:
    endpoint = Endpoint(says(hang=True))
    began = time.monotonic()
    async with endpoint.llm(first_chunk_timeout=30, attempts=9) as llm:
        with pytest.raises(NoAnswer):
            await heard(StandIns(llm, models, patience=0.6))
    assert 0.4 < time.monotonic() - began < 2.0
    assert dict.fromkeys(asked(endpoint)) == dict.fromkeys(models)


async def test_the_patience_ends_once_a_model_has_begun() -> None:
    released = asyncio.Event()

    endpoint = Endpoint(says(chunk("Hello"), until=released, then=WHOLE[1:]))
    async with endpoint.llm() as llm:
        stream = StandIns(llm, ["a", "b"], patience=0.3).stream(ASK, model="a")
        assert [await anext(stream), await anext(stream)] == [Speaks("a"), Text("Hello")]
        await asyncio.sleep(0.4)
        released.set()
        assert [event async for event in stream] == HELLO[1:]
