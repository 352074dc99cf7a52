"""Migrations go up, say the same as the tables, go down, and up again; and rules of the tables hold."""

import asyncpg
import pytest

import storage.chat_lore
import storage.chats
import storage.lorebooks
import storage.memories
import storage.messages
import storage.notes
import storage.readings
from bot.errors import SettingsError, Unavailable
from storage import schema
from storage.database import Database
from storage.notes import Note
from storage.vault import MasterKey, Vault
from tests.storage.test_tree import ALICE, say, start


async def test_up_the_same_down_and_up_again(database_url: str) -> None:
    await schema.differences(database_url)
    await schema.downgrade(database_url)
    with pytest.raises(SettingsError, match="python -m bot migrate"):
        await schema.require_newest(database_url)
    await schema.upgrade(database_url)
    await schema.require_newest(database_url)
    await schema.differences(database_url)


async def test_a_chat_outlives_the_going_and_coming_of_what_is_read_in_it(
    database: Database, database_url: str
) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        message = await say(session, chat, None, "still here")
        assert message
        book_id = await storage.lorebooks.add_lorebook(session, owner_user_id=ALICE, name="Lore", frame=b"{}")
        await storage.chat_lore.use_lorebook(session, chat_id=chat.id, lorebook_id=book_id, added_by=ALICE)
        await storage.memories.add_memory(
            session, tree_id=chat.tree_id, message_id=message.id, kind="summary", text="So far so good."
        )
        await storage.readings.keep_reading(session, message, b"{}")
        await storage.notes.save_note(session, chat, Note("It rains."))
    await database.close()
    await schema.downgrade(database_url, "0006")
    await schema.upgrade(database_url)
    async with database.transaction() as session:
        assert await storage.chats.find_chat(session, chat.id) == chat
        assert await storage.messages.find_message(session, message.id) == message
        assert await storage.notes.find_note(session, chat) is None
        assert await storage.readings.find_reading(session, message) is None


async def test_every_foreign_key_has_an_index(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        missing = await connection.fetch(
            """
            SELECT c.conrelid::regclass AS table, c.conname FROM pg_constraint c
            WHERE c.contype = 'f' AND NOT EXISTS (
                SELECT 1 FROM pg_index i
                WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
                  AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
            )
            """
        )
    finally:
        await connection.close()
    assert [f"{row['table']}: {row['conname']}" for row in missing] == []


@pytest.mark.parametrize(
    "broken",
    [
        "INSERT INTO characters (id, name) VALUES (gen_random_uuid(), 'nobody owns me')",
        "INSERT INTO characters (id, name, owner_user_id, owner_guild_id) VALUES (gen_random_uuid(), 'two', 1, 2)",
        "INSERT INTO characters (id, name, owner_user_id) VALUES (gen_random_uuid(), '', 1)",
        "INSERT INTO characters (id, name, owner_user_id, visibility) VALUES (gen_random_uuid(), 'x', 1, 'guild')",
        "INSERT INTO users (id, username, account_status) VALUES (9, 'x', 'perhaps')",
        "INSERT INTO keys VALUES (gen_random_uuid(), 'user', '1', '', ''), (gen_random_uuid(), 'user', '1', '', '')",
    ],
)
async def test_what_must_not_be_cannot_be(database_url: str, broken: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("INSERT INTO users (id, username) VALUES (1, 'a'); INSERT INTO guilds (id) VALUES (2)")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(broken)
    finally:
        await connection.close()


async def test_a_participant_has_one_identity_at_most(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        constraint = await connection.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_chat_participants_one_identity'"
        )
    finally:
        await connection.close()
    assert "num_nonnulls(active_custom_persona_id, active_impersonated_character_id) <= 1" in constraint


async def test_a_database_that_is_away_is_said_in_words() -> None:
    away = Database.connect("postgresql://a:b@127.0.0.1:9/c", Vault([MasterKey.from_text(MasterKey.new_text())]))
    with pytest.raises(Unavailable, match="Nothing was changed"):
        await away.check()
    await away.close()
