"""Answers in JSON: how an endpoint is asked for a shape, and what of that shape an answer holds.

Source: OpenAI's API reference, `response_format` of chat completions; in its strict form every object names all its
properties as required and allows no others. Endpoints that do not know it are asked in words alone, so an answer is
read wherever in a text it stands.
"""

import json
import re
from typing import TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)

LETTERS = 100_000
"""A longer answer is none: nobody asked for so much."""
_STARTS = 20
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)
_UNSAID = ("title", "description", "default")
_DECODER = json.JSONDecoder()


def as_format(shape: type[BaseModel]) -> dict[str, JsonValue]:
    """Return what a request says in `response_format` to get an answer of that shape."""
    schema = _strict(_JSON.validate_python(shape.model_json_schema()))
    return {"type": "json_schema", "json_schema": {"name": shape.__name__.lower(), "strict": True, "schema": schema}}


def read(answer: str, shape: type[Shape]) -> Shape | None:
    """Return the first object of that shape in an answer, whatever stands around it; None where there is none."""
    text = _THOUGHT.sub("", answer)
    if len(text) > LETTERS:
        return None
    at = -1
    for _ in range(_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            return None
        try:
            found, _end = _DECODER.raw_decode(text, at)
            return shape.model_validate(found)
        except (ValueError, RecursionError, ValidationError):
            continue
    return None


def _strict(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    kept = {key: _strict(value) for key, value in schema.items() if key not in _UNSAID and key != "properties"}
    if isinstance(properties, dict):
        kept["properties"] = {name: _strict(value) for name, value in properties.items()}
        kept["required"] = list(properties)
        kept["additionalProperties"] = False
    return kept
