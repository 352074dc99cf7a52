"""`seed`: a marketplace of made-up characters that can really be shown and played."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import storage.character_pages
import storage.characters
import storage.seeding
import storage.users
from bot.__main__ import main
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.cli.made_up import MadeUpCharacters
from bot.cli.seed import add_characters, fill
from bot.errors import SettingsError
from bot.settings import read_settings
from storage.character_pages import Query
from storage.characters import Frame
from storage.database import Database
from storage.files import FileStore
from storage.ids import new_id
from storage.vault import MasterKey, Vault
from tests.bot.cli.test_command_line import bot, stand_in

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 1, tzinfo=UTC)
VIEWER = Caller(7, "viewer", "Viewer")


@pytest.fixture(scope="module")
def made() -> MadeUpCharacters:
    """Ten owners' worth of characters."""
    return MadeUpCharacters(3, 10)


def test_the_same_seed_makes_up_the_same_and_another_others(made: MadeUpCharacters) -> None:
    drawn = made.draw(0, 200, now=NOW)
    assert MadeUpCharacters(3, 10).draw(0, 200, now=NOW) == drawn
    assert made.draw(200, 200, now=NOW) != drawn
    assert MadeUpCharacters(4, 10).draw(0, 200, now=NOW) != drawn


def test_what_is_made_up_is_varied_as_real_ones_are(made: MadeUpCharacters) -> None:
    drawn = made.draw(0, 2_000, now=NOW)
    plays = sorted(each.play_count for each in drawn)
    assert plays[1_000] < 10 < 1_000 < plays[-1]
    assert {each.age_rating for each in drawn} == {"everyone", "teen", "adult"}
    assert 0.01 < sum(each.age_rating == "adult" for each in drawn) / 2_000 < 0.06
    assert {each.owner for each in drawn} == set(range(10))
    assert len({each.card.name for each in drawn}) > 1_500
    assert all(len(each.short_description) <= 200 and 1 <= len(each.card.tags) <= 5 for each in drawn)
    assert (max(each.published_at for each in drawn) - min(each.published_at for each in drawn)).days > 700


async def test_what_is_seeded_is_found_shown_and_read(
    database: Database, made: MadeUpCharacters, tmp_path: Path
) -> None:
    avatars, steps = Avatars(database, FileStore(tmp_path)), list[int]()
    assert await add_characters(database, avatars, made, 30, on_progress=steps.append) == 30
    assert await add_characters(database, avatars, made, 20, on_progress=steps.append) == 50
    assert steps == [30, 20]
    characters = Characters(database, avatars)
    page = await characters.page(Query(VIEWER.user_id, None, sort="popular", limit=25))
    assert len(page.characters) == 25
    first = page.characters[0]
    detail = await characters.detail(VIEWER, str(first.id))
    assert detail.card
    assert detail.card.name == first.name
    assert detail.card.first_mes
    assert first.owner_name
    assert first.avatar
    assert await avatars.read(first.avatar)
    found = await characters.page(Query(VIEWER.user_id, None, search=first.name))
    assert first.id in {each.id for each in found.characters}


async def test_the_words_are_sealed_with_keys_of_the_database(
    database: Database, made: MadeUpCharacters, tmp_path: Path
) -> None:
    await add_characters(database, Avatars(database, FileStore(tmp_path)), made, 5, on_progress=lambda _: None)
    stranger = Database(database.engine, Vault([MasterKey.from_text(MasterKey.new_text())]))
    async with stranger.transaction() as session:
        rows = await session.execute(sa.text("SELECT card, extensions FROM character_versions"))
        assert all(b"first_mes" not in row.card and len(row.extensions) > 28 for row in rows)
        assert (await session.execute(sa.text("SELECT count(*) FROM keys WHERE scope = 'character'"))).scalar_one() == 5


async def test_indexes_taken_away_for_many_come_back_as_they_were(database: Database) -> None:
    async def indexes() -> set[tuple[str, str]]:
        async with database.transaction() as session:
            rows = await session.execute(
                sa.text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'characters'")
            )
            return {(row[0], row[1]) for row in rows}

    before = await indexes()
    with pytest.raises(RuntimeError, match="pulled"):
        async with storage.seeding.bulk(database, storage.seeding.MANY):
            assert await indexes() < before
            raise RuntimeError("the plug was pulled")
    assert await indexes() == before


async def test_the_command_adds_and_leaves_a_database_in_use_alone(
    tmp_path: Path,
    database: Database,
    database_url: str,
    redis_url: str,
    master_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "MASTER_KEYS": master_key}
    done = bot("seed", "40", "--owners", "3", folder=tmp_path, **told)
    assert done.returncode == 0, done.stderr
    assert "40 characters added" in " ".join(done.stderr.split())
    async with database.transaction() as session:
        await storage.users.touch_user(session, 42, "person")
        await storage.characters.add_character(
            session, character_id=new_id(), owner_user_id=42, frame=Frame("Real"), owner_name="person"
        )
    stand_in(tmp_path, monkeypatch, told)
    with pytest.raises(SettingsError, match="has characters that people made"):
        await fill(read_settings(), 10, owners=None, seed=0, yes=False)
    await fill(read_settings(), 10, owners=None, seed=0, yes=True)
    async with database.transaction() as session:
        assert await storage.seeding.count_seeded(session) == 50


@pytest.mark.parametrize("arguments", [["0"], ["-5"], ["10", "--owners", "0"]])
def test_numbers_that_make_no_sense_are_said_so(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path, monkeypatch, {})
    assert main(["seed", *arguments]) == 1
    assert "whole numbers from 1 on" in capsys.readouterr().err
