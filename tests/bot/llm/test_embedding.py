"""Embeddings: the order of the texts, many texts, and endpoints that have none."""

import pytest
from aiohttp import web

from bot.errors import Unavailable
from bot.llm.embedding import TEXTS
from tests.bot.llm.endpoint import Endpoint, Step, refuses


def answers(*vectors: list[float], backwards: bool = False) -> Step:
    """The embeddings of a request, in their order or not."""
    data = [{"index": number, "embedding": each} for number, each in enumerate(vectors)]

    async def step(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": data[::-1] if backwards else data})

    return step


async def test_each_text_gets_its_own_vector_whatever_the_order_of_the_answer() -> None:
    endpoint = Endpoint(answers([1, 0], [0, 1], backwards=True))
    async with endpoint.llm() as llm:
        assert await llm.embed(["east", "north"], model="m") == [[1, 0], [0, 1]]
    assert endpoint.bodies == [{"input": ["east", "north"], "model": "m", "encoding_format": "float"}]


async def test_many_texts_are_asked_in_several_requests_and_none_in_no_request() -> None:
    endpoint = Endpoint(answers(*[[1.0]] * TEXTS), answers([2.0]))
    async with endpoint.llm() as llm:
        assert await llm.embed(["text"] * (TEXTS + 1), model="m") == [[1.0]] * TEXTS + [[2.0]]
        assert await llm.embed([], model="m") == []
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("wrong", [answers(), answers([1], [2]), answers([])])
async def test_an_answer_about_something_else_is_tried_again(wrong: Step) -> None:
    endpoint = Endpoint(wrong, refuses(500), answers([1]))
    async with endpoint.llm(attempts=3) as llm:
        assert await llm.embed(["east"], model="m") == [[1]]


async def test_what_is_urgent_is_asked_once() -> None:
    endpoint = Endpoint(refuses(500), answers([1]))
    async with endpoint.llm(attempts=3) as llm:
        with pytest.raises(Unavailable):
            await llm.embed(["east"], model="m", is_urgent=True)
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (refuses(500), "does not answer"),
        (refuses(401), "refuses the bot's key"),
        (refuses(404), "does not know m"),
        (refuses(400), "does not accept the request"),
    ],
)
async def test_what_is_wrong_is_told_to_the_operator(refusal: Step, words: str) -> None:
    async with Endpoint(refusal).llm(attempts=1) as llm:
        with pytest.raises(Unavailable, match=words):
            await llm.embed(["east"], model="m")
