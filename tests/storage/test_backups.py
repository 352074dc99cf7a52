"""Backups: everything comes back as it was, except what was sealed by keys that are gone."""

import os
import stat

import pytest
import sqlalchemy as sa

import storage.events
import storage.jobs
import storage.lorebooks
import storage.messages
import storage.readings
from bot.errors import SettingsError
from storage import schema
from storage.backups import dumping
from storage.backups.archive import KEYS_INDEX, Archive
from storage.backups.keys_file import NAME
from storage.backups.opening import open_all, sealed_columns
from storage.database import Database
from storage.tables import Key
from tests.storage.backing import SHAPE, Shelf, all_rows, delete_key, rows_of, silent
from tests.storage.planting import BOB, TRICKY, Planted
from tests.storage.test_tree import ALICE, say


async def test_planting_leaves_no_sealed_column_empty(database: Database, planted: Planted) -> None:
    async with database.transaction() as session:
        for table, names in sealed_columns().items():
            for name in names:
                filled = sa.select(sa.func.count()).select_from(table).where(table.c[name].is_not(None))
                assert (await session.execute(filled)).scalar_one(), f"{table.name}.{name}"
    assert (await open_all(database, silent)).closed == 0


async def test_everything_comes_back_as_it_was(
    database: Database,
    database_url: str,
    other: Database,
    other_url: str,
    place: Shelf,
    planted: Planted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dumping, "PART_BYTES", 700)
    async with database.transaction() as session:
        last = planted.bobs
        for number in range(30):
            said = await say(session, planted.chat, last, f"line {number}" * 3_000)
            assert said
            last = said
    written = await place.back_up(database_url)
    assert len(list(Archive(place.archive).rows("messages"))) > 3  # cut between rows, wherever they are long
    loaded = await place.restore(other_url, other.vault)
    assert await all_rows(other_url) == await all_rows(database_url)
    assert await rows_of(other_url, SHAPE) == await rows_of(database_url, SHAPE)
    assert loaded.gone == {}
    assert loaded.keys == written.keys == 5
    assert (loaded.files, [path.read_bytes() for path in place.files_after.rglob("*") if path.is_file()]) == (
        1,
        [b"plain picture"],
    )
    opened = await open_all(other, silent)
    assert (opened.closed, opened.damaged) == (0, {})
    assert opened.open == (await open_all(database, silent)).open > 15
    async with other.transaction() as session:
        found = await storage.messages.find_message(session, planted.alices.id)
        assert found
        assert found == planted.alices
        assert found.text == TRICKY
        # Numbers go on where they were: a new job gets an id of its own.
        await storage.jobs.enqueue(session, "title", {"chat": "another"})
        assert [(tally.name, tally.waiting) for tally in await storage.jobs.count_by_name(session)] == [("title", 2)]


async def test_a_backup_and_its_keys_are_for_their_owner_alone_and_nothing_else_is_left(
    database_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    await place.back_up(database_url)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.archive.parent.iterdir()}
    assert found == {"yesterday.tar": 0o600, NAME: 0o600}


async def test_the_backup_holds_neither_words_nor_keys_and_the_keys_file_no_usable_key(
    database: Database, database_url: str, place: Shelf, planted: Planted, master_key: str
) -> None:
    await place.back_up(database_url)
    archive = Archive(place.archive)
    everything = b"".join(b"".join(archive.rows(table.name)) for table in archive.manifest.tables)
    assert b"Readable" in everything
    assert b"planted" not in everything
    assert b"planted".hex().encode() not in everything  # as COPY writes bytes
    assert "keys" not in {table.name for table in archive.manifest.tables}
    lines = place.keys.read_bytes()
    assert master_key.encode() not in lines
    async with database.transaction() as session:
        wrapped = (await session.execute(sa.select(Key.wrapped))).scalars().all()
    assert all(each.hex().encode() not in everything for each in wrapped)


async def test_who_deleted_their_key_stays_closed_in_yesterdays_backup_too(
    database: Database, database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    await delete_key(database, "user", ALICE)
    await place.back_up(database_url, place.archive.with_name("today.tar"))
    loaded = await place.restore(other_url, other.vault)
    assert loaded.gone == {"user": 1}
    async with other.transaction() as session:
        alices = await storage.messages.find_message(session, planted.alices.id)
        bobs = await storage.messages.find_message(session, planted.bobs.id)
        assert alices
        assert bobs
        assert (alices.text, alices.speaker.name) == (None, "someone")
        assert bobs.text == "plantedbob"
        assert await storage.lorebooks.find_lorebook(session, planted.book)
    opened = await open_all(other, silent)
    assert (opened.closed, opened.damaged) == (2, {})


@pytest.mark.long
async def test_an_older_backup_is_migrated(
    database: Database, database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await schema.downgrade(database_url, "0006")
    written = await place.back_up(database_url)
    assert written.manifest.revision == "0006"
    await schema.upgrade(database_url)
    await place.restore(other_url, other.vault)
    await schema.require_newest(other_url)
    # What later migrations added is as they say; what was there is as it was.
    before = {table.name: table.columns for table in written.manifest.tables if table.name != KEYS_INDEX}
    assert before.keys() >= {"messages", "personas", "characters"}
    kept = {name: columns for name, columns in before.items() if name in await all_rows(other_url)}
    assert await all_rows(other_url, kept) == await all_rows(database_url, kept)


async def test_a_persons_words_in_a_backup_are_those_of_one_moment(
    database: Database, database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    async with database.transaction() as session:
        later = await say(session, planted.chat, planted.bobs, "later")
        # Not committed yet: the backup must not see it, nor wait for it.
        await place.back_up(database_url)
    assert later
    await place.restore(other_url, other.vault)
    async with other.transaction() as session:
        assert await storage.messages.find_message(session, later.id) is None
        assert await storage.messages.find_message(session, planted.bobs.id) == planted.bobs
        assert BOB in {row[0] for row in await session.execute(sa.text("SELECT id FROM users"))}


async def test_a_database_without_tables_is_nothing_to_back_up_and_good_to_restore_into(
    database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await schema.downgrade(other_url)
    with pytest.raises(SettingsError, match="nothing to back up"):
        await place.back_up(other_url)
    await place.back_up(database_url)
    await place.restore(other_url, other.vault)
    assert await all_rows(other_url) == await all_rows(database_url)
    await schema.differences(other_url)


async def test_what_a_killed_backup_left_goes_after_a_day(database_url: str, place: Shelf, planted: Planted) -> None:
    place.archive.parent.mkdir()
    left, other, mine = (
        place.archive.with_name(name) for name in (".dramatis-1.tar.99.half", ".dramatis-2.tar.99.half", ".mine.half")
    )
    for path in (left, other, mine):
        path.write_bytes(b"x")
    for path in (left, mine):
        os.utime(path, (1, 1))
    await place.back_up(database_url)
    assert (left.exists(), other.exists(), mine.exists()) == (False, True, True)
