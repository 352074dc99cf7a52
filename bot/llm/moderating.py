"""What a moderation endpoint is asked, and what its answer means.

Source: OpenAI's API reference, POST /moderations. Its guide advises pieces of less than 2,000 characters, for they
are judged best, and one request takes no more than 32 of them.
"""

from pydantic import BaseModel, ValidationError

PIECE = 1_900  # characters
PIECES = 32  # a request
NAMELESS = "unnamed"
_NAME = 60  # characters of a category that are worth showing


class _Result(BaseModel):
    flagged: bool
    categories: dict[str, bool | None] = {}


class _Answer(BaseModel):
    results: list[_Result]


def batches(text: str) -> list[list[str]]:
    """Return the text as requests of pieces that the endpoint takes; a blank text makes none."""
    pieces = _pieces(text)
    return [pieces[start : start + PIECES] for start in range(0, len(pieces), PIECES)]


def flagged(content: bytes, *, pieces: int) -> tuple[str, ...] | None:
    """Return the names of what was found in an answer, each once; None when it is no answer about all the pieces."""
    try:
        results = _Answer.model_validate_json(content).results
    except ValidationError:
        return None
    if len(results) < pieces:
        return None
    found: dict[str, None] = {}
    for result in results:
        if result.flagged:
            named = [name[:_NAME] for name, applies in result.categories.items() if applies]
            found.update(dict.fromkeys(named or [NAMELESS]))
    return tuple(found)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > PIECE:
        # Between two words, unless somebody wrote none.
        cut = max(rest.rfind(" ", PIECE // 2, PIECE), rest.rfind("\n", PIECE // 2, PIECE))
        cut = cut if cut > 0 else PIECE
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*pieces, rest] if rest else pieces
