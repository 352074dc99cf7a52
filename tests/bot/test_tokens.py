import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tokens import count, estimate, tokenizer_of

TEXTS = {
    "prose": 'The rain had not stopped since morning. Captain Mirela leaned on the rail. "You are late," she said. '
    * 6,
    "role-play": '*She tilts her head, eyes narrowing as a slow smile spreads.* "Well, well... what is this?" Mmm~ '
    * 6,
    "json": '{"name": "Mirela", "tags": ["pirate", "captain"], "extensions": {"depth_prompt": {"depth": 4}}}\n' * 6,
    "capitals": 'WHAT DO YOU MEAN, "THE SHIP IS GONE"?! I LEFT IT RIGHT HERE!!! ' * 6,
    "dice": "2d6+3=11 HP 42/50 AC 17 3.14159 26535 " * 6,
    "German": "Der alte Leuchtturmwärter stieg langsam hinauf und zündete, wie jeden Abend, die große Lampe an. " * 6,
    "Russian": "Старый смотритель маяка медленно поднимался по лестнице и зажигал большую лампу. " * 6,
    "Japanese": "灯台守の老人は、毎晩のようにゆっくりと螺旋階段を上り、大きなランプに火を灯した。" * 6,
    "emoji": "😀😂🥹🔥✨🐙🏴‍☠️ " * 20,
}


@pytest.mark.parametrize(
    ("model", "text", "number"),
    [
        ("gpt-4o", "", 0),
        ("gpt-4o", "Hello, world!", 4),
        ("gpt-4.1-mini", "Hello, world!", 4),
        ("openai/gpt-5", "灯台守の老人", 5),
        ("o3-mini", "<|endoftext|>", 7),
        ("gpt-4-turbo", "灯台守の老人", 8),
        ("gpt-3.5-turbo-0125", "Hello, world!", 4),
    ],
)
def test_models_of_openai_are_counted_exactly(model: str, text: str, number: int) -> None:
    assert count(text, model) == number


def test_what_is_remembered_is_remembered_for_its_tokenizer() -> None:
    text = "灯台守の老人"
    assert [count(text, model) for model in ("gpt-4o", "gpt-4", "gpt-4o", "?", "?", "gpt-4")] == [5, 8, 5, 16, 16, 8]
    assert [tokenizer_of(model) for model in ("openai/gpt-4o", "gpt-4", "SmolLM2")] == [
        "o200k_base",
        "cl100k_base",
        None,
    ]


@pytest.mark.parametrize("text", TEXTS)
async def test_the_estimate_is_a_little_more_than_a_greedy_tokenizer_needs(
    text: str, model_url: str, model_key: str
) -> None:
    address = model_url.removesuffix("/v1") + "/tokenize"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {model_key}"}) as client,
        client.post(address, json={"content": TEXTS[text]}) as answer,
    ):
        real = len((await answer.json())["tokens"])
    assert real <= count(TEXTS[text], "SmolLM2-135M-Instruct") <= 1.5 * real


@settings(deadline=None)
@given(st.text(), st.text())
def test_estimates_add_up(first: str, second: str) -> None:
    assert 0 <= estimate(first) <= estimate(first + second + first)
    # A text in another language makes the Latin letters beside it dearer, so only plain texts are additive.
    if first.isascii() and second.isascii():
        assert estimate(first + second) <= estimate(first) + estimate(second)


def test_broken_surrogates_are_counted_too() -> None:
    assert count("\ud800", "unknown") > 0
    assert count("a\ud800", "gpt-4o") > 0
