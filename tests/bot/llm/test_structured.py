"""Answers in JSON: how they are asked for, and what is read in what models say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.llm import Llm, Message, Text
from bot.llm.structured import as_format, read
from tests.bot.llm.endpoint import HELLO, WHOLE, Endpoint, everything, refuses, says


class Ship(BaseModel):
    """A name that must be there, and its crew."""

    name: str
    crew: list[str] = []


GULL = Ship(name="Gull", crew=["Ada"])


@pytest.mark.parametrize(
    ("answer", "ship"),
    [
        ('{"name": "Gull", "crew": ["Ada"]}', GULL),
        ('```json\n{"name": "Gull", "crew": ["Ada"]}\n```', GULL),
        ('Sure, here it is: {"name": "Gull", "crew": ["Ada"]} I hope it helps {really}.', GULL),
        ('<think>{"name": "Heron"}</think>{"name": "Gull", "crew": ["Ada"]}', GULL),
        ('{"ship": {"name": "Gull", "crew": ["Ada"]}}', GULL),
        ('{not json} {"name": "Gull", "crew": ["Ada"], "more": 3}', GULL),
        ('{"name": "Gull"}', Ship(name="Gull")),
        ('{"name": "Gull", "crew": ["Ada"', None),
        ('{"name": 3}', None),
        ('["Gull"]', None),
        ("I am sorry, but I cannot help with that.", None),
        ("<think>never closed", None),
        ("", None),
        ("{" * 50_000, None),
        ('{"name": ' + "[" * 20_000, None),
        ('{"name": "' + "a" * 200_000 + '"}', None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_object_is_found_wherever_it_stands(answer: str, ship: Ship | None) -> None:
    assert read(answer, Ship) == ship


@given(st.text())
def test_no_answer_breaks_the_reading(answer: str) -> None:
    found = read(answer, Ship)
    assert found is None or found.name in answer


def test_what_is_asked_for_allows_nothing_else() -> None:
    asked = as_format(Ship)
    assert asked == {
        "type": "json_schema",
        "json_schema": {
            "name": "ship",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "crew": {"type": "array", "items": {"type": "string"}}},
                "required": ["name", "crew"],
                "additionalProperties": False,
            },
        },
    }


async def test_a_real_server_heeds_the_shape(model_url: str, model_key: str, model_name: str) -> None:
    llm = Llm(api_key=model_key, base_url=model_url)
    asked = [Message("user", "Which ship? Answer with JSON.")]
    events = [event async for event in llm.stream(asked, model=model_name, max_tokens=8, shape=Ship)]
    assert "".join(event.text for event in events if isinstance(event, Text)).lstrip().startswith("{")
    await llm.close()


@pytest.mark.parametrize(
    "refusal",
    [
        refuses(400, "'response_format' of type 'json_schema' is not supported with this model."),
        refuses(400, "no", param="response_format"),
        refuses(422, "json_schema is unknown here"),
    ],
)
async def test_where_json_cannot_be_asked_for_it_is_left_out_from_then_on(refusal: object) -> None:
    endpoint = Endpoint(refusal, says(*WHOLE), says(*WHOLE))  # type: ignore[arg-type]
    async with endpoint.llm(attempts=1) as llm:
        assert await everything(llm, shape=Ship) == HELLO
        assert await everything(llm, shape=Ship) == HELLO
    assert ["response_format" in body for body in endpoint.bodies] == [True, False, False]


async def test_a_refusal_that_names_nothing_is_tried_without_json_at_last() -> None:
    endpoint = Endpoint(refuses(400, "bad request"), refuses(400, "bad request"), says(*WHOLE))
    async with endpoint.llm(attempts=1) as llm:
        assert await everything(llm, shape=Ship) == HELLO
    assert "response_format" not in endpoint.bodies[-1]
