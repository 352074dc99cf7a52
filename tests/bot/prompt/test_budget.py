"""What goes in when not everything fits."""

from dataclasses import replace
from uuid import UUID

import pytest

from bot.cards.untrusted_json import Json
from bot.errors import Invalid
from bot.prompt import AuthorsNote, Line, Memory, Persona, PromptSettings, build_prompt
from tests.bot.prompt.building import book, constant, long_path, scene, told, whole

NEEDED = "word " * 60
"""About 66 tokens by the estimate."""


def room(tokens: int, history_limit: int = 500) -> PromptSettings:
    return PromptSettings(tokens + 300, 300, history_limit)


def keyed(name: str, words: str = NEEDED, **more: Json) -> dict[str, Json]:
    return {"keys": ["Hi"], "content": f"<{name}> {words}", "comment": name, **more}


# --- the fixed parts --------------------------------------------------------------------------------


def test_what_is_too_long_is_told_by_name_and_length() -> None:
    with pytest.raises(Invalid, match=r"needs [\d,]+ tokens of 1,700 \(description [\d,]+, main instruction \d+, "):
        build_prompt(scene(description="long " * 3000, scenario="short", settings=room(1700)))
    with pytest.raises(Invalid, match=r"The newest message is [\d,]+ tokens long, and [\d,]+ are left for it"):
        build_prompt(scene(path=(Line("person", "long " * 3000, "Ann"),), settings=room(1700)))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("author's note", {"note": AuthorsNote("long " * 900)}),
        ("persona", {"persona": Persona("Ann", "long " * 900)}),
        ("persona", {"persona": Persona("Ann", "long " * 900, position="at_depth")}),
        ("other people", {"others": (Persona("Bob", "long " * 900),)}),
        ("reply so far", {"continue_from": "long " * 900}),
        ("post-history instructions", {"post_history_instructions": "long " * 900}),
    ],
)
def test_every_part_that_must_go_in_is_named(name: str, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid, match=rf"\({name} [\d,]+, main instruction \d+"):
        build_prompt(scene(**changes, settings=room(800)))


def test_a_note_that_is_not_due_takes_no_room() -> None:
    note = AuthorsNote("long " * 900, frequency=2)
    assert build_prompt(scene(note=note, settings=room(800))).prompt_tokens < 100


# --- history, examples ------------------------------------------------------------------------------


def test_history_goes_from_the_newest_and_examples_come_last() -> None:
    examples = f"{{{{char}}}}: {'arr ' * 300}\n<START>\n{{{{char}}}}: Aye."
    prompt = build_prompt(scene(mes_example=examples, path=long_path(200), settings=room(1700)))
    parts = told(prompt.report)
    assert prompt.messages[-1].content.startswith("199 ")
    assert parts["history"][1].endswith("of 200 messages")
    assert parts["older history"][1].endswith("messages: there is no room for more")
    assert parts["example dialogue 1"] == (False, "there is no room for it beside the history")
    assert prompt.prompt_tokens <= 1700

    prompt = build_prompt(scene(mes_example=examples, path=long_path(20), settings=room(2400, 10)))
    parts = told(prompt.report)
    assert parts["history"] == (True, "the newest 10 of 20 messages")
    assert parts["older history"] == (False, "10 messages: the limit is 10 messages")
    assert parts["example dialogue 1"][0]
    assert parts["example dialogue 2"][0]


def test_a_block_that_does_not_fit_hides_no_smaller_one() -> None:
    examples = f"{{{{char}}}}: {'arr ' * 900}\n<START>\n{{{{char}}}}: Aye."
    parts = told(build_prompt(scene(mes_example=examples, settings=room(400))).report)
    assert [parts[f"example dialogue {number}"][0] for number in (1, 2)] == [False, True]


def test_the_report_tells_what_the_model_has_not_read() -> None:
    path = tuple(replace(line, message_id=UUID(int=n)) for n, line in enumerate(long_path(30)))
    report = build_prompt(scene(path=path, settings=room(4000, 12))).report
    assert (report.unread, report.unread_to) == (18, UUID(int=17))
    report = build_prompt(scene(path=path, settings=room(4000, 30))).report
    assert (report.unread, report.unread_to) == (0, None)


@pytest.mark.parametrize(("model", "by"), [("gpt-4o", "tokenizer of gpt-4o"), ("SmolLM2", "estimate")])
def test_the_report_tells_how_tokens_were_counted(model: str, by: str) -> None:
    report = build_prompt(scene(model=model)).report
    assert (report.model, report.counted_by, report.limit) == (model, by, 3796)


# --- lore -------------------------------------------------------------------------------------------


def test_lore_that_needs_a_key_never_displaces_the_last_ten_messages_but_older_ones() -> None:
    path = (*long_path(20), Line("person", "Hi", "Ann"))
    lore = book(*(keyed(f"entry {n}", priority=n) for n in range(40)), token_budget=100_000)
    prompt = build_prompt(scene(path=path, books=(lore,), settings=room(1300)))
    parts = told(prompt.report)
    assert parts["history"][1].startswith("the newest 10 ")
    fired = [n for n in range(40) if parts[f"lore: entry {n}"][0]]
    assert 0 < len(fired) < 40
    assert fired == list(range(40 - len(fired), 40))  # the lowest priority goes first
    assert parts["lore: entry 0"][1].endswith("there is no room for it")
    assert prompt.prompt_tokens <= 1300


def test_constant_lore_comes_before_all_history_but_the_newest_message() -> None:
    lore = book(*(constant(f"<{n}> {NEEDED}") for n in range(40)), token_budget=100_000)
    prompt = build_prompt(scene(path=long_path(20), books=(lore,), settings=room(1300)))
    parts = told(prompt.report)
    assert parts["history"][1] == "the newest 1 of 20 messages"
    assert prompt.messages[-1].content.startswith("19 ")
    assert sum(included for name, (included, _) in parts.items() if name.startswith("lore")) > 10


def test_a_book_that_names_no_budget_gets_a_quarter_of_the_prompt() -> None:
    entries = [constant(f"<{n}> {NEEDED}", comment=str(n)) for n in range(9)]
    report = build_prompt(scene(books=(book(*entries),), settings=room(1300))).report
    assert [told.fired for told in report.lore].count(True) == 325 // 70
    assert report.lore[-1].why == "over the book's 325 tokens"


def test_an_entry_that_does_not_fit_hides_no_smaller_one() -> None:
    entries = keyed("long", NEEDED * 9, priority=9), keyed("short", "x", priority=1)
    prompt = build_prompt(scene(books=(book(*entries, token_budget=100_000),), settings=room(300)))
    assert "<short>" in whole(prompt)
    assert "<long>" not in whole(prompt)


def test_nothing_begins_for_an_entry_that_found_no_room() -> None:
    entries = keyed("in", "x", sticky=3), keyed("out", NEEDED * 9, sticky=3)
    prompt = build_prompt(scene(books=(book(*entries, token_budget=100_000),), settings=room(300)))
    assert [(told.title, told.fired) for told in prompt.report.lore] == [("in", True), ("out", False)]
    assert prompt.report.lore[1].why == 'key "Hi" in the newest message; there is no room for it'
    assert list(prompt.timers) == [prompt.report.lore[0].key]


@pytest.mark.parametrize(("lines", "is_in"), [(3, True), (40, False)])
def test_lore_may_ask_to_be_left_out_of_a_full_prompt(lines: int, is_in: bool) -> None:
    entry = constant("@@ignore_on_max_context\n<modest>", comment="modest")
    prompt = build_prompt(scene(books=(book(entry),), path=long_path(lines), settings=room(1300)))
    assert ("<modest>" in whole(prompt)) is is_in
    assert told(prompt.report)["lore: modest"][0] is is_in
    if not is_in:
        assert "the prompt is full" in told(prompt.report)["lore: modest"][1]


# --- memory -----------------------------------------------------------------------------------------


def test_memory_gives_way_piece_by_piece() -> None:
    memory = Memory("<summary>", tuple(f"<fact {n}> {NEEDED}" for n in range(9)), (f"<passage> {NEEDED * 9}",))
    prompt = build_prompt(scene(memory=memory, settings=room(500)))
    parts = told(prompt.report)
    assert parts["summary"] == (True, "")
    assert parts["facts"][0]
    assert parts["facts"][1].endswith("of 9: there is no room for more")
    assert parts["recalled passages"] == (False, "there is no room for it")
    assert "<fact 0>" in whole(prompt)
    assert "<fact 8>" not in whole(prompt)
    assert prompt.prompt_tokens <= 500
