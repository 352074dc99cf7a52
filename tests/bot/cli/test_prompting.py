"""`prompt`, as an author types it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from tests.program import REPOSITORY

CARD = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Cob",
        "description": "{{char}} fears {{user}}.",
        "personality": "shy [bold]not[/bold]",
        "first_mes": "Hello, {{user}}.",
        "character_book": {"entries": [{"keys": ["bell"], "content": "It rings."}, {"keys": ["cat"], "content": "x"}]},
    },
}
ANN = {"name": "Ann", "description": "A {{char}} fan.", "favourite_colour": "red", "age": 30}
SILLYTAVERN = [
    {"user_name": "Ann", "character_name": "Cob", "create_date": "", "chat_metadata": {}},
    {"name": "Cob", "is_user": False, "is_system": False, "mes": "Hello.", "extra": {}},
    {"name": "Cob", "is_user": False, "is_system": True, "mes": "(hidden)", "extra": {}},
    {"name": "Narrator", "is_user": False, "is_system": False, "mes": "Rain.", "extra": {"type": "narrator"}},
    {"name": "Ann", "is_user": True, "is_system": False, "mes": "The bell?", "extra": {}},
]
PLAIN = [
    {"role": "assistant", "content": "Hello."},
    {"role": "system", "content": "Rain."},
    {"role": "user", "name": "Ann", "content": "The bell?"},
]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return made(tmp_path / "cob.json", json.dumps(CARD))


def made(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def lines(path: Path, *entries: dict[str, Any]) -> Path:
    return made(path, "\n".join(map(json.dumps, entries)) + "\n\n")


def read(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert main(["prompt", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("history", [SILLYTAVERN, PLAIN])
def test_an_author_sees_what_the_model_would_read(
    history: list[dict[str, Any]], card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = lines(tmp_path / "chat.jsonl", *history)
    persona = made(tmp_path / "ann.json", json.dumps(ANN))
    found = read(capsys, card, "--history", said, "--persona", persona, "--model", "gpt-4o")
    system, *turns = [(message["role"], message["content"]) for message in found["messages"]]
    assert "About Ann:\nA {{char}} fan.\nFavourite colour: red\n\nCob fears Ann." in system[1]
    assert "It rings." in system[1]
    assert turns == [("assistant", "Hello."), ("system", "Rain."), ("user", "The bell?")]
    assert found["report"]["counted_by"] == "tokenizer of gpt-4o"
    assert [entry["fired"] for entry in found["report"]["lore"]] == [True, False]


def test_without_a_history_it_begins_with_the_greeting(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompt", str(card), "--story"]) == 0
    shown = capsys.readouterr().out
    for words in ("You tell a story", "Hello, User.", "[Go on with", "shy [bold]not[/bold]", "Lore", "was not said"):
        assert words in shown
    assert "counted by estimate" in shown


def test_somebody_plays_as_another_character(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    system = read(capsys, card, "--persona", REPOSITORY / "characters" / "halcyon.json")["messages"][0]["content"]
    assert "About Halcyon:\n" in system
    assert "{{" not in system


@pytest.mark.parametrize(
    ("name", "content", "option", "says"),
    [
        ("no.json", None, None, "no.json cannot be read: No such file or directory."),
        ("no.json", "{", None, "no.json"),
        ("ann.json", '{"name": 1}', "--persona", "write a JSON object with name and description"),
        ("ann.txt", "Ann", "--persona", "ann.txt"),
        ("chat.jsonl", '{"role": "user", "content": "Hi"}\n{"role": "cat"}', "--history", "Line 2 of "),
        ("chat.jsonl", '{"name": "Ann"}', "--history", "says nothing"),
        ("chat.jsonl", "[1]", "--history", "is no message"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    name: str,
    content: str | None,
    option: str | None,
    says: str,
    card: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    if content is not None:
        made(path, content)
    assert main(["prompt", str(card), option, str(path)] if option else ["prompt", str(path)]) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.out == ""


def test_a_character_that_is_too_long_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = {**CARD, "data": {**CARD["data"], "description": "long " * 20_000}}
    assert main(["prompt", str(made(tmp_path / "long.json", json.dumps(long)))]) == 2
    assert "(description " in capsys.readouterr().err
