"""Who has left: what stays behind without them keeps to the rules of the tables, in every process."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import storage.bans
import storage.characters
import storage.leaving
import storage.users
import storage.vault
from storage import schema
from storage.characters import Frame
from storage.database import Database
from storage.ids import new_id
from storage.vault import MasterKey, Place, Vault
from tests.storage.test_tree import ALICE

PLACE = Place("messages", "parts", 7)


async def test_what_stays_behind_survives_an_older_release(database: Database, database_url: str) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, ALICE, "alice")
        await storage.bans.add_ban(session, user_id=ALICE, guild_id=None, reason="Rude.", decided_by=1)
        character_id = new_id()
        await storage.characters.add_character(
            session, character_id=character_id, owner_user_id=ALICE, frame=Frame("Nova"), owner_name="alice"
        )
        await storage.characters.set_status(session, character_id, "deleted")
        await session.key("character", character_id)
        await storage.leaving.orphan_character(session, character_id, "alice")
        await storage.leaving.forget_person(session, ALICE)
        (word,) = (await session.execute(sa.text("SELECT string_agg(word, ' ') FROM search_words"))).one()
        assert word == "nova"
    await database.close()
    await schema.downgrade(database_url, "0009")
    await schema.upgrade(database_url)
    async with database.transaction() as session:
        (banned,) = await storage.bans.list_bans(session, None)
        assert (banned.user_id, banned.reason) == (ALICE, "Rude.")
        assert await storage.characters.find_character(session, character_id) is None
        assert (await session.execute(sa.text("SELECT count(*) FROM keys"))).scalar_one() == 0


async def test_only_what_is_deleted_may_be_nobodys(database: Database) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, ALICE, "alice")
        character_id = new_id()
        await storage.characters.add_character(
            session, character_id=character_id, owner_user_id=ALICE, frame=Frame("Nova"), owner_name="alice"
        )
    with pytest.raises(IntegrityError, match="one_owner"):
        async with database.transaction() as session:
            await storage.leaving.orphan_character(session, character_id, None)


async def test_another_process_notices_in_time_that_a_key_is_gone(
    database: Database, database_url: str, master_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database.connect(database_url, Vault([MasterKey.from_text(master_key)]), pool_size=1)
    monkeypatch.setattr(storage.vault, "GOOD_SECONDS", 0.0)
    async with other.transaction() as session:
        before = await session.key("user", ALICE)
    async with other.transaction() as session:
        assert (await session.key("user", ALICE)).id == before.id
    async with database.transaction() as session:
        await storage.leaving.destroy_key(session, ALICE)
    async with other.transaction() as session:
        after = await session.key("user", ALICE)
        assert session.opened(PLACE, before.seal(PLACE, b"words")) == b"words"
    assert after.id != before.id
    async with other.transaction() as session:
        assert session.opened(PLACE, before.seal(PLACE, b"words")) is None
        assert session.opened(PLACE, after.seal(PLACE, b"words")) == b"words"
    await other.close()
