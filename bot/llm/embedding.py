"""What an embeddings endpoint is asked, and what its answer means.

Source: OpenAI's API reference, POST /embeddings. A request there takes 2,048 texts; servers on one's own machine
take far fewer at once.
"""

from collections.abc import Sequence
from math import isfinite

from pydantic import BaseModel, ValidationError

TEXTS = 32  # a request


class _Embedded(BaseModel):
    index: int = 0
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Embedded]


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Return the texts as requests of as many as the endpoint takes."""
    return [list(texts[start : start + TEXTS]) for start in range(0, len(texts), TEXTS)]


def vectors(content: bytes, *, texts: int) -> list[list[float]] | None:
    """Return the embeddings of an answer in the order of the texts; None when it is no answer about all of them."""
    try:
        found = _Answer.model_validate_json(content).data
    except ValidationError:
        return None
    in_order = sorted(found, key=lambda each: each.index)
    if len(in_order) != texts or not all(each.embedding and all(map(isfinite, each.embedding)) for each in in_order):
        return None
    return [each.embedding for each in in_order]
