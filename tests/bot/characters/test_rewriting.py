"""What a model is asked for one text of a card, and what its answer comes down to."""

from dataclasses import replace

import pytest

from bot import tokens
from bot.cards.card import Card
from bot.characters.catalogue import Definition
from bot.characters.rewriting import FIELDS, INSTRUCTIONS, lost_macros, proposed, task
from bot.errors import Invalid
from tests.cogs.test_sweeps import character

BEFORE = "She waits for {{user}} by the sea."

ANSWERS: list[tuple[str, str]] = [
    ("She sings.", "She sings."),
    ("  She sings.\n", "She sings."),
    ('"She sings."', "She sings."),
    ("“She sings.”", "She sings."),
    ('"Sing," she says. "Now."', '"Sing," she says. "Now."'),
    ("'It's hers.'", "'It's hers.'"),
    ("```\nShe sings.\n```", "She sings."),
    ("```markdown\nShe\n\nsings.\n```", "She\n\nsings."),
    ("She sings:\n```\nla\n```", "She sings:\n```\nla\n```"),
    ("Here is the rewritten description:\n\nShe sings.", "She sings."),
    ("Sure! Here's a better one:\n\n```\nShe sings.\n```", "She sings."),
    ("Here is a place of peace: the sea.", "Here is a place of peace: the sea."),
    ("<think>Hm. Sea?</think>\nShe sings.", "She sings."),
]


@pytest.mark.parametrize(("answer", "text"), ANSWERS)
def test_what_models_put_around_a_text_goes(answer: str, text: str) -> None:
    assert proposed(answer, BEFORE, "description") == text


def test_quotation_marks_that_were_there_before_stay() -> None:
    assert proposed('"Come in, friend."', '"Come in."', "first_mes") == '"Come in, friend."'


NO_USE: list[tuple[str, str, str]] = [
    ("", "description", "The model wrote nothing"),
    ("<think>Hm.</think>", "description", "The model wrote nothing"),
    (f"  {BEFORE} ", "description", "left the text as it is"),
    ("a" * 201, "short_description", "wrote 201 letters, where 200 fit"),
    ("a" * 100_001, "description", "100,000 fit"),
]


@pytest.mark.parametrize(("answer", "field", "words"), NO_USE)
def test_an_answer_that_cannot_be_saved_is_told(answer: str, field: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        proposed(answer, BEFORE, field)


def test_a_short_description_is_one_line() -> None:
    assert proposed("A star\nthat  fell.", "", "short_description") == "A star that fell."


LOST: list[tuple[str, str, tuple[str, ...]]] = [
    ("{{char}} and {{user}}", "{{user}}, then {{ CHAR }}", ()),
    ("{{char}} and {{user}}", "{{char}} alone", ("{{user}}",)),
    ("<START>\n{{user}}: Hi", "<user>: Hi", ("<START>",)),
    ("<BOT> sings", "{{char}} sings", ()),
    ("{{random:a,b}} {{Char}}", "nothing", ("{{random:a,b}}", "{{Char}}")),
    ("no macro", "no macro", ()),
]


@pytest.mark.parametrize(("before", "after", "lost"), LOST)
def test_macros_that_are_gone_are_found(before: str, after: str, lost: tuple[str, ...]) -> None:
    assert lost_macros(before, after) == lost


def definition(**texts: str) -> Definition:
    """A character of which only these texts are written."""
    shown = replace(character("Nova"), short_description=texts.pop("short_description", ""))
    return Definition(shown, Card(name="Nova", **texts), 1)  # type: ignore[arg-type]


def asked(of: Definition, field: str, *, wish: str = "", anew: bool = False, context: int = 8192) -> str:
    """The prompt, which must fit the model together with its answer."""
    made = task(of, field, wish=wish, anew=anew, model="some-model", context_tokens=context)
    system, user = made.messages
    assert (system.role, system.content, user.role) == ("system", INSTRUCTIONS, "user")
    assert tokens.count(system.content, "m") + tokens.count(user.content, "m") + made.max_tokens <= context
    return user.content


def test_the_prompt_holds_the_text_the_rest_and_the_wish_and_names_the_text_last() -> None:
    of = definition(description=BEFORE, personality="Calm.", short_description="A sailor.")
    prompt = asked(of, "description", wish="shorter")
    assert BEFORE in prompt
    assert "personality: Calm.\nshort description: A sailor." in prompt
    assert "The wish: shorter" in prompt
    assert "scenario:" not in prompt
    assert prompt.endswith("Answer with the new description alone.")
    assert "There is no such text yet" in asked(of, "scenario")
    assert "write another one" in asked(of, "description", anew=True)


@pytest.mark.parametrize("context", [1024, 1500, 4096, 8192])
@pytest.mark.parametrize("letters", ["word ", "日本", "🐉", "1!? "])
def test_however_long_the_rest_is_the_prompt_fits(context: int, letters: str) -> None:
    of = definition(description=letters * 20_000, personality=BEFORE, first_mes=letters * 20_000)
    assert BEFORE in asked(of, "personality", context=context)


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_too_long_for_the_model_is_told_and_nothing_to_write_from_too(field: str) -> None:
    with pytest.raises(Invalid, match="nothing to write from"):
        asked(definition(), field)
    if field != "short_description":
        with pytest.raises(Invalid, match=r"has about [\d,]+ tokens.*1,024 together"):
            asked(definition(**{field: "word " * 2_000}), field, context=1024)
