"""`backup`, `restore` and `keys rotate` as an operator types them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.__main__ import main
from bot.cli.backup import back_up
from bot.cli.keys import rotate
from bot.cli.restore import restore
from bot.errors import SettingsError, UserError
from bot.settings import Settings, read_settings
from storage.backups.keys_file import NAME
from storage.database import Database
from storage.files import FileStore
from storage.tables import Key
from storage.vault import MasterKey, Vault
from tests.bot.cli.test_command_line import bot, stand_in
from tests.databases import Clones
from tests.program import REPOSITORY
from tests.storage.planting import Planted, plant
from tests.storage.test_rewrapping import all_open, counts, make_keys
from tests.storage.test_tree import ALICE

NEW_KEY = MasterKey.new_text()
KILLS = 4


@pytest.fixture
async def other_url(clones: Clones, template: str) -> AsyncIterator[str]:
    """A second database, empty and migrated."""
    async with clones.one_of(template) as url:
        yield url


@pytest.fixture
async def planted(database: Database, tmp_path: Path) -> Planted:
    return await plant(database, FileStore(tmp_path / "data" / "files"))


def told(url: str, folder: Path, *keys: str) -> Settings:
    return read_settings(database_url=url, master_keys=",".join(keys), data_dir=folder / "data")


async def test_a_folder_of_backups_and_what_is_said_about_them(
    database: Database,
    database_url: str,
    other_url: str,
    master_key: str,
    planted: Planted,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, here = tmp_path / "backups", told(database_url, tmp_path, master_key)
    made = await back_up(here, folder, keys=None)
    assert made.parent == folder
    said = capsys.readouterr().err
    assert "Copying rows: 0 %\nCopying rows: 25 %" in said
    assert "5 keys in" in said
    assert "MASTER_KEYS" in said
    async with database.transaction() as session:
        await session.execute(sa.delete(Key).where(Key.subject == str(ALICE)))
    await back_up(here, folder, keys=None, only_keys=True)
    assert f"4 keys stand in {folder / NAME}." in capsys.readouterr().err
    assert await restore(told(other_url, tmp_path / "elsewhere", master_key), folder, keys=None) == 0
    said = capsys.readouterr().err
    assert "4 keys and 1 picture came back from" in said
    assert "1 person's words stay closed: their keys were deleted after this backup." in said
    assert "Shown as removed, for want of a key: 2 values." in said
    assert FileStore(tmp_path / "elsewhere" / "data" / "files").path(planted.picture).read_bytes() == b"plain picture"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["restore", "nowhere.tar"], "cannot be read: No such file"),
        (["restore", "."], "There is no backup in ."),
        (["backup", "notes.txt"], "is no backup. Name another file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str],
    says: str,
    database_url: str,
    master_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in(tmp_path, monkeypatch, {"DATABASE_URL": database_url, "MASTER_KEYS": master_key})
    (tmp_path / "notes.txt").write_text("mine")
    assert main(arguments) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["backup", "x"], ["restore", "x.tar"], ["keys", "rotate"]])
def test_without_the_master_key_it_is_asked_for(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path, monkeypatch, {"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/c"})
    assert main(arguments) == 1
    assert "MASTER_KEYS is not set" in capsys.readouterr().err


async def test_rotating_says_which_master_keys_may_go(
    database: Database,
    database_url: str,
    master_key: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sealed = await make_keys(database, 450)
    new, old = MasterKey.from_text(NEW_KEY).id, MasterKey.from_text(master_key).id
    assert await rotate(told(database_url, tmp_path, master_key)) == 0
    assert f"by the first of MASTER_KEYS ({old}) already" in capsys.readouterr().err
    assert await rotate(told(database_url, tmp_path, NEW_KEY, master_key)) == 0
    said = capsys.readouterr().err
    assert "Wrapping keys anew: 25 %" in said
    assert f"450 keys are wrapped by the first of MASTER_KEYS ({new})." in said
    assert f"These wrap nothing any more: number 2 ({old})." in said
    assert await all_open(database, sealed, NEW_KEY)
    assert await rotate(told(database_url, tmp_path, NEW_KEY, master_key)) == 0
    assert "These wrap nothing any more" in capsys.readouterr().err
    with pytest.raises(SettingsError, match="which wraps 450 data keys"):
        await rotate(told(database_url, tmp_path, master_key))


async def test_a_damaged_key_is_counted_and_keeps_its_master_key(
    database: Database, database_url: str, master_key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await make_keys(database, 3)
    async with database.transaction() as session:
        await session.execute(sa.update(Key).where(Key.subject == "1").values(wrapped=b"x" * 60))
    assert await rotate(told(database_url, tmp_path, NEW_KEY, master_key)) == 1
    said = capsys.readouterr().err
    assert "Damaged keys that were left as they are: 1." in said
    assert "wrap nothing any more" not in said


async def test_after_a_rotation_the_keys_file_wants_the_new_key(
    database_url: str, other_url: str, master_key: str, planted: Planted, tmp_path: Path
) -> None:
    folder, both = tmp_path / "backups", told(database_url, tmp_path, NEW_KEY, master_key)
    await back_up(both, folder, keys=None)
    await rotate(both)
    with pytest.raises(UserError, match="is not in MASTER_KEYS"):
        await restore(told(other_url, tmp_path / "elsewhere", NEW_KEY), folder, keys=None)
    await back_up(both, folder, keys=None, only_keys=True)
    assert await restore(told(other_url, tmp_path / "elsewhere", NEW_KEY), folder, keys=None) == 0


@pytest.mark.long
async def test_a_rotation_that_is_killed_again_and_again_comes_to_its_end(
    database: Database, database_url: str, master_key: str, tmp_path: Path
) -> None:
    sealed = await make_keys(database, 4_000)
    old = MasterKey.from_text(master_key).id
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "MASTER_KEYS": f"{NEW_KEY},{master_key}",
        "PYTHONPATH": str(REPOSITORY),
    }
    command = (sys.executable, "-W", "ignore", "-m", "bot", "keys", "rotate")
    writer = Database(database.engine, Vault([MasterKey.from_text(NEW_KEY), MasterKey.from_text(master_key)]))
    kills, left = 0, 4_000
    while left:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL
        )
        while process.returncode is None:
            await asyncio.sleep(0.005)
            sealed |= await make_keys(writer, 1, first=30_000 + len(sealed))
            if kills < KILLS and (await counts(database)).get(old, 0) < left - 300:
                process.kill()
                await process.wait()
                kills += 1
        left = (await counts(database)).get(old, 0)
        assert await all_open(database, dict(list(sealed.items())[:: len(sealed) // 500]), NEW_KEY, master_key)
    assert kills == KILLS
    assert await all_open(database, sealed, NEW_KEY)
    done = bot("keys", "rotate", folder=tmp_path, DATABASE_URL=database_url, MASTER_KEYS=f"{NEW_KEY},{master_key}")
    assert "These wrap nothing any more: number 2" in done.stderr


@pytest.mark.long
async def test_backup_and_restore_as_processes_of_their_own(
    database_url: str, other_url: str, master_key: str, planted: Planted, tmp_path: Path
) -> None:
    def run(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return bot(*arguments, folder=tmp_path, DATABASE_URL=url, MASTER_KEYS=master_key)

    made = await asyncio.to_thread(run, database_url, "backup", "backups")
    assert made.returncode == 0, made.stderr
    back = await asyncio.to_thread(run, other_url, "restore", "backups")
    assert back.returncode == 0, back.stderr
    assert "Sealed values that open: 22." in back.stderr
    again = await asyncio.to_thread(run, other_url, "restore", "backups")
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("This database is not empty")
