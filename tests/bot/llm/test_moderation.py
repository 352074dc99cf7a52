from collections.abc import AsyncIterator

import pytest

from bot.errors import Unavailable
from bot.llm import Llm, moderating
from tests.scripted_model import ScriptedModel


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
