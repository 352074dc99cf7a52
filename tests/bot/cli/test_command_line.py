"""The command line as somebody types it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli.stores import own_master_key
from storage.vault import MasterKey
from tests.program import REPOSITORY

CARDS = REPOSITORY / "tests" / "data" / "cards"


def bot(*arguments: str, folder: Path, **told: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` with nothing of this shell's environment but its path."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DATA_DIR": str(folder / "data"), **told}
    command = [sys.executable, "-W", "ignore", "-m", "bot", *arguments]
    environment["PYTHONPATH"] = str(REPOSITORY)
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, str]) -> None:
    """Gives this process the folder and the environment that `bot` gives to another."""
    for name in set(os.environ) - {"PATH"}:
        monkeypatch.delenv(name)
    for name, value in ({"HOME": str(folder), "DATA_DIR": str(folder / "data")} | told).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    # What is logged would go on into the captured stderr of this one test, for ever.
    monkeypatch.setattr("bot.__main__.set_up_logs", lambda *_, **__: None)


def test_version(tmp_path: Path) -> None:
    done = bot("version", folder=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Dramatis 0.1.0")


@pytest.mark.parametrize(
    ("arguments", "told", "says"),
    [
        (["run"], {}, "DISCORD_TOKEN is not set"),
        (["run"], {"DISCORD_TOKEN": "x"}, "CHAT_MODEL is not set"),
        (["run"], {"DISCORD_TOKEN": "x", "CHAT_MODEL": "m", "TEMPERATURE": "hot"}, "TEMPERATURE cannot be used"),
        (
            ["run"],
            {"DISCORD_TOKEN": "x", "CHAT_MODEL": "m", "OPERATOR_IDS": "me"},
            "A good value looks like this: 1234",
        ),
        (["import", "nowhere"], {}, "There is no file or folder nowhere"),
        (["import", str(CARDS)], {}, "--owner"),
        (["migrate"], {"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/c"}, "The database does not answer"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str],
    told: dict[str, str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in(tmp_path, monkeypatch, told)
    assert main(arguments) == 1
    assert says in capsys.readouterr().err


def test_what_cannot_be_done_ends_the_process_with_the_sentence_alone(tmp_path: Path) -> None:
    done = bot("run", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("DISCORD_TOKEN is not set")
    assert "Traceback" not in done.stderr


def test_cards_are_checked_with_a_line_of_json_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path, monkeypatch, {})
    assert main(["import", str(CARDS), "--check", "--json"]) == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(set(report) == {"file", "ok", "name", "spec", "warnings", "error"} for report in reports)
    by_file = {report["file"]: report for report in reports}
    assert by_file["tavern_kit/test_character.png"]["spec"] == "chara_card_v3"
    assert by_file["tavern_kit/lorebook_invalid.json"]["ok"] is False
    assert all(report["error"] for report in reports if not report["ok"])
    assert not (tmp_path / "data").exists()


def test_cards_are_imported_once_and_told_the_second_time(
    tmp_path: Path,
    database_url: str,
    redis_url: str,
    master_key: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "MASTER_KEYS": master_key}
    card = str(REPOSITORY / "characters" / "cobb.png")
    first = bot("import", card, "--owner", "42", "--publish", folder=tmp_path, **told)
    assert first.returncode == 0, first.stderr
    assert "1 of 1 imported, 0 refused." in first.stderr
    stand_in(tmp_path, monkeypatch, told)
    main(["import", card, "--owner", "42"])
    assert "was imported before, as Cobb" in capsys.readouterr().err


def test_a_fresh_master_key_is_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path, monkeypatch, {})
    assert main(["keys", "new"]) == 0
    assert MasterKey.from_text(capsys.readouterr().out.strip())


async def test_two_processes_that_begin_together_share_one_master_key(tmp_path: Path) -> None:
    keys = await asyncio.gather(*(asyncio.to_thread(own_master_key, tmp_path) for _ in range(8)))
    assert len(set(keys)) == 1
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
