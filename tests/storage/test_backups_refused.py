"""Backups that are damaged, strange or in the way: refused in words, and nothing is changed."""

from datetime import UTC, datetime

import asyncpg
import pytest
import sqlalchemy as sa

from bot.errors import Invalid, SettingsError, Unavailable
from storage import schema
from storage.backups import archive as archives
from storage.backups.archive import Archive, ArchiveWriter
from storage.backups.dumping import replace_keys
from storage.database import Database
from storage.vault import MasterKey, Vault
from tests.storage.backing import Shelf, all_rows
from tests.storage.planting import Planted


async def test_what_is_not_empty_is_left_alone(
    database: Database, database_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    before = await all_rows(database_url)
    with pytest.raises(Invalid, match="not empty"):
        await place.restore(database_url, database.vault)
    assert await all_rows(database_url) == before


async def test_a_damaged_backup_changes_nothing(
    database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    whole = place.archive.read_bytes().rstrip(b"\0")
    for at in (0.02, 0.3, 0.6, 0.9, 0.98):
        where = next(place for place in range(int(len(whole) * at), len(whole)) if whole[place])
        changed = whole[:where] + bytes([whole[where] ^ 0x55]) + whole[where + 1 :]
        for harmed in (whole[:where], changed):
            place.archive.write_bytes(harmed)
            with pytest.raises(Invalid, match=r"damaged|no backup"):
                await place.restore(other_url, other.vault)
    assert not place.files_after.exists()
    await refused_nothing_changed(other)


async def refused_nothing_changed(other: Database) -> None:
    async with other.transaction() as session:
        for name in ("users", "keys", "messages"):
            assert (await session.execute(sa.text(f"SELECT count(*) FROM {name}"))).scalar_one() == 0


async def test_every_byte_of_the_end_matters(database_url: str, place: Shelf, planted: Planted) -> None:
    await place.back_up(database_url)
    whole = place.archive.read_bytes().rstrip(b"\0")
    words = whole.rindex(b'"version"')
    for where in range(words, len(whole), 97):
        changed = bytearray(whole)
        changed[where] ^= 1
        if changed[where] and whole[where]:
            place.archive.write_bytes(changed)
            with pytest.raises(Invalid, match="damaged"):
                Archive(place.archive)


async def test_a_manifest_that_counts_otherwise_rolls_all_back(
    database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    old = Archive(place.archive)
    forged = place.archive.with_name("forged.tar")
    writer = ArchiveWriter(forged)
    for table in old.manifest.tables:
        for rows in old.rows(table.name):
            writer.add_rows(table.name, rows)
    tables = tuple(
        table.model_copy(update={"rows": 4}) if table.name == "messages" else table for table in old.manifest.tables
    )
    manifest = old.manifest
    writer.finish(
        version="x", revision=manifest.revision, made_at=datetime.now(UTC), tables=tables, sequences=manifest.sequences
    )
    writer.close()
    forged.replace(place.archive)
    with pytest.raises(Invalid, match="3 rows of messages where its manifest says 4"):
        await place.restore(other_url, other.vault)
    await refused_nothing_changed(other)


async def test_a_file_with_a_path_that_leads_out_is_refused(place: Shelf) -> None:
    place.archive.parent.mkdir()
    writer = ArchiveWriter(place.archive)
    (place.folder / "evil").write_bytes(b"x")
    writer.add_file("../../evil", place.folder / "evil")
    writer.finish(version="x", revision="0001", made_at=datetime.now(UTC), tables=(), sequences={})
    writer.close()
    with pytest.raises(Invalid, match="impossible name"):
        Archive(place.archive).write_files(place.files_after, lambda _: None)


async def test_a_backup_of_a_newer_program_is_refused(
    database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        await place.back_up(database_url)
        with pytest.raises(SettingsError, match="newer Dramatis"):
            await place.restore(other_url, other.vault)
    finally:
        await connection.execute("UPDATE alembic_version SET version_num = $1", await newest())
        await connection.close()


async def newest() -> str:
    return max(path.name[:4] for path in schema.MIGRATIONS.glob("versions/0*.py"))


async def test_a_keys_file_that_does_not_fit_changes_nothing(
    database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    whole = place.keys.read_bytes()
    for content, says in (
        (b"", "not a keys file"),
        (b"# keys of something else\n", "not a keys file"),
        (b'{"program": "another", "format": 1}\n', "not a keys file"),
        (whole[: len(whole) // 2], "damaged"),
        (whole[: whole.rindex(b"\n", 0, -1) + 1], "damaged"),
        (whole.replace(b'"guild"', b'"tree"'), "damaged"),
    ):
        place.keys.write_bytes(content)
        with pytest.raises(Invalid, match=says):
            await place.restore(other_url, other.vault)
    place.keys.write_bytes(whole)
    with pytest.raises(SettingsError, match="which is not in MASTER_KEYS"):
        await place.restore(other_url, Vault([MasterKey.from_text(MasterKey.new_text())]))
    place.keys.unlink()
    with pytest.raises(Invalid, match="name it with --keys"):
        await place.restore(other_url, other.vault)
    assert not place.files_after.exists()
    await refused_nothing_changed(other)


async def test_the_keys_of_another_installation_are_not_written_over(
    database: Database, database_url: str, other: Database, other_url: str, place: Shelf, planted: Planted
) -> None:
    await place.back_up(database_url)
    before = place.keys.read_bytes()
    # As when a nightly backup runs on a database that was begun anew.
    with pytest.raises(Invalid, match="another installation"):
        await place.back_up(other_url, place.archive.with_name("other.tar"))
    with pytest.raises(Invalid, match="another installation"):
        await replace_keys(other_url, place.keys, version="test")
    assert place.keys.read_bytes() == before
    assert not place.archive.with_name("other.tar").exists()


async def test_what_is_no_backup_is_not_written_over(database_url: str, place: Shelf, planted: Planted) -> None:
    place.archive.parent.mkdir()
    place.archive.write_text("my diary")
    with pytest.raises(Invalid, match="is no backup"):
        await place.back_up(database_url)
    assert place.archive.read_text() == "my diary"


async def test_a_backup_that_fails_leaves_the_old_one_and_no_halves(
    database_url: str, place: Shelf, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.back_up(database_url)
    before = {path.name: path.read_bytes() for path in place.archive.parent.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives.ArchiveWriter, "add_file", full)
    with pytest.raises(Invalid, match="No space left on device"):
        await place.back_up(database_url)
    assert {path.name: path.read_bytes() for path in place.archive.parent.iterdir()} == before


async def test_a_database_that_is_away_is_said_in_words(place: Shelf) -> None:
    with pytest.raises(Unavailable):
        await place.back_up("postgresql://a:b@127.0.0.1:9/c")
