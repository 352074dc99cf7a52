"""What is kept of a reading: its report, a chat's note and turns, and what was made of a character for scenes."""

from dataclasses import replace
from uuid import uuid4

import sqlalchemy as sa

import storage.character_versions
import storage.chats
import storage.notes
import storage.readings
import storage.wishes
from storage.characters import Frame
from storage.database import Database
from storage.notes import Note
from storage.vault import Vault
from storage.wishes import Wishes
from tests.storage.test_events import grow
from tests.storage.test_tree import start

REPORT = b'{"parts": [' + b", ".join([b'{"name": "description", "tokens": 120}'] * 200) + b"]}"


async def test_a_report_is_kept_with_its_reply_small_and_sealed(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        message, other = await grow(session, chat, 2)
        assert await storage.readings.find_reading(session, message) is None
        await storage.readings.keep_reading(session, message, b"an earlier one")
        await storage.readings.keep_reading(session, message, REPORT)
    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    async with fresh.transaction() as session:
        assert await storage.readings.find_reading(session, message) == REPORT
        assert await storage.readings.find_reading(session, other) is None
        stored = (await session.execute(sa.text("SELECT report FROM readings"))).scalar_one()
        assert len(stored) < len(REPORT) / 10
        assert b"description" not in stored
        await storage.chats.delete_chat(session, chat)
        assert await session.scalar(sa.text("SELECT count(*) FROM readings")) == 0


async def test_a_chat_has_one_note_that_can_be_replaced_and_taken_away(database: Database) -> None:
    note = Note("It rains, and nobody says so.", depth=2, frequency=3, role="user")
    async with database.transaction() as session:
        chat, other = await start(session), await start(session)
        assert await storage.notes.find_note(session, chat) is None
        await storage.notes.save_note(session, chat, Note("An earlier one."))
        await storage.notes.save_note(session, chat, note)
    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    async with fresh.transaction() as session:
        assert await storage.notes.find_note(session, chat) == note
        assert await storage.notes.find_note(session, other) is None
        stored = (await session.execute(sa.text("SELECT note FROM chats WHERE note IS NOT NULL"))).scalar_one()
        assert b"rains" not in stored
        await storage.notes.save_note(session, chat, None)
        assert await storage.notes.find_note(session, chat) is None


async def test_who_speaks_next_is_chosen_like_everything_else(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        assert chat.own.turns is None
        await storage.wishes.save_of_chat(session, chat.id, replace(chat.own, turns="natural", mode="story"))
        found = await storage.chats.find_chat(session, chat.id)
        assert found
        assert found.own == Wishes(turns="natural", mode="story")
        await storage.wishes.save_of_chat(session, chat.id, replace(found.own, turns=None))
        found = await storage.chats.find_chat(session, chat.id)
        assert found
        assert found.own == Wishes(mode="story")


async def test_what_was_made_of_a_version_stays_with_that_version(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        assert chat.character_id
        first, second = [
            (
                await storage.character_versions.add_version(
                    session,
                    character_id=chat.character_id,
                    frame=Frame(name="Wake"),
                    spec="chara_card_v2",
                    spec_version="2.0",
                    card=b"{}",
                    extensions=b"{}",
                )
            )[0]
            for _ in range(2)
        ]
        assert await storage.character_versions.save_roleplay_data(session, first, b'{"summary": "a lighthouse"}')
        assert not await storage.character_versions.save_roleplay_data(session, uuid4(), b"{}")
    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    async with fresh.transaction() as session:
        found = await storage.character_versions.find_roleplay_data(session, first)
        assert found == b'{"summary": "a lighthouse"}'
        assert await storage.character_versions.find_roleplay_data(session, second) is None
        stored = await session.scalar(
            sa.text("SELECT roleplay_data FROM character_versions WHERE id = :id"), {"id": first}
        )
        assert b"lighthouse" not in stored
