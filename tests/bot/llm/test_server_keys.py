"""A server's own key is used for that server alone, and where it is refused no other one is."""

import asyncio
import logging
from contextlib import aclosing

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.errors import Unavailable
from bot.llm import KeyRefused, NoAnswer, Speaks, StandIns, Text
from storage.server_keys import ServerKey
from tests.bot.llm.endpoint import ASK, HASTE, HELLO, WHOLE, Endpoint, Step, chunk, refuses, says

GUILD = ServerKey(7, SecretStr("sk-of-a-server"))


def key_of(request: web.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


async def tells_the_key(request: web.Request) -> web.StreamResponse:
    return await says(chunk(key_of(request)), chunk(finish="stop"), b"data: [DONE]\n\n")(request)


def by_key(**steps: Step) -> Step:
    async def step(request: web.Request) -> web.StreamResponse:
        return await steps["server" if key_of(request) == "sk-of-a-server" else "operator"](request)

    return step


async def said(stand_ins: StandIns, key: ServerKey | None) -> str:
    async with aclosing(stand_ins.stream(ASK, model="a", key=key)) as events:
        return "".join([event.text async for event in events if isinstance(event, Text)])


async def test_each_server_is_asked_for_with_its_own_key() -> None:
    keys = [None, *(ServerKey(number, SecretStr(f"sk-number-{number}")) for number in range(150))]
    endpoint = Endpoint(tells_the_key)
    async with endpoint.llm() as llm:
        told = await asyncio.gather(*(said(StandIns(llm, ["a"]), key) for key in (*keys, *keys[:2])))
    own = ["sk-secret"] + [f"sk-number-{number}" for number in range(150)]
    assert told == own + own[:2]


@pytest.mark.parametrize("step", [refuses(401, "sk-of-a-server"), refuses(429, code="insufficient_quota")])
async def test_a_refused_key_is_heard_of_and_told_and_the_operators_is_not_used(
    step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[ServerKey] = []

    async def hear(key: ServerKey) -> None:
        heard.append(key)

    endpoint = Endpoint(by_key(server=step, operator=says(*WHOLE)))
    async with endpoint.llm() as llm:
        models = StandIns(llm, ["a", "b"], on_refused=hear)
        with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable, match="`/server key`") as caught:
            await said(models, GUILD)
        assert len(endpoint.bodies) == 1
        assert await said(models, None) == "Hello you"
        with pytest.raises(KeyRefused) as checked:
            await llm.check_key("a", GUILD.secret)
    assert heard == [GUILD]
    assert "sk-of-a-server" not in f"{caught.value!r} {caught.value.__cause__} {checked.value} {GUILD!r} {caplog.text}"


async def test_a_model_that_is_busy_for_one_server_rests_for_it_alone() -> None:
    endpoint = Endpoint(by_key(server=refuses(503), operator=says(*WHOLE)))
    async with endpoint.llm(attempts=1, **HASTE) as llm:
        models = StandIns(llm, ["a", "b"])
        with pytest.raises(NoAnswer):
            await said(models, GUILD)
        async with aclosing(models.stream(ASK, model="a")) as events:
            assert [event async for event in events] == [Speaks("a"), *HELLO]
