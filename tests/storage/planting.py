"""A little of everything that is stored, with words that are easily found again: `planted…` wherever it is sealed."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

import storage.character_versions
import storage.characters
import storage.chat_lore
import storage.chats
import storage.events
import storage.jobs
import storage.lorebooks
import storage.memories
import storage.messages
import storage.notes
import storage.personas
import storage.readings
import storage.users
import storage.webhooks
from storage.character_versions import Asset
from storage.characters import Frame
from storage.chats import Chat
from storage.database import Database
from storage.events import Event
from storage.files import FileStore, add_file
from storage.ids import new_id
from storage.messages import Message, Speaker
from storage.notes import Note
from storage.personas import Persona
from storage.tables import Chat as ChatRow
from storage.tables import Guild, User
from storage.vault import Place
from storage.webhooks import Webhook
from tests.storage.test_tree import ALICE

BOB, GUILD = 72, 73
TRICKY = "planted\ttab, \\N backslash, new\nline, ünï — 日本語 \x01"


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted, as far as tests ask for it again."""

    chat: Chat
    alices: Message
    bobs: Message
    reply: Message
    book: UUID
    persona: UUID
    picture: str


async def plant(database: Database, files: FileStore) -> Planted:
    """Fills every table of words, and every sealed column, with a scene of two people in a server."""
    picture = await files.write(b"plain picture")
    async with database.transaction() as session:
        await add_file(session, sha256=picture, content_type="image/png", size=13)
        await storage.users.touch_user(session, ALICE, "alice")
        await storage.users.touch_user(session, BOB, "bob")
        await storage.webhooks.save_webhook(session, Webhook(901, 902, "plantedtoken"), GUILD)
        guild_key = await session.key("guild", GUILD)
        sealed = guild_key.seal(Place("guilds", "api_key", GUILD), b"plantedapikey")
        await session.execute(sa.update(Guild).where(Guild.id == GUILD).values(api_key=sealed))
        character, frame = new_id(), Frame("Readable", avatar=picture, tags=("a\tb", 'quo"te', ""))
        await storage.characters.add_character(
            session, character_id=character, owner_user_id=ALICE, frame=frame, owner_name="alice"
        )
        version, _ = await storage.character_versions.add_version(
            session,
            character_id=character,
            frame=frame,
            spec="chara_card_v3",
            spec_version="3.0",
            card=b'{"description": "plantedcard"}',
            extensions=b'{"x": "plantedextension"}',
        )
        await storage.character_versions.save_roleplay_data(session, version, b'{"summary": "plantedlooks"}')
        await storage.character_versions.save_assets(session, character, [Asset("u", "n", "icon", picture)])
        persona = Persona(new_id(), "plantedname", "planteddescription", "plantedpersonality", avatar=picture)
        await storage.personas.add_persona(session, owner_id=BOB, persona=persona)
        # Persons name their personas, personas their persons: a circle of foreign keys.
        await session.execute(sa.update(User).where(User.id == BOB).values(default_persona_id=persona.id))
        await session.execute(sa.update(Guild).where(Guild.id == GUILD).values(default_assistant_id=character))
        chat = await storage.chats.add_chat(
            session,
            chat_id=new_id(),
            owner_id=ALICE,
            guild_id=GUILD,
            channel_id=901,
            character_id=character,
            title="plantedtitle",
            interaction_id=905,
        )
        assert chat
        await storage.personas.use_persona(session, chat_id=chat.id, user_id=BOB, persona_id=persona.id)

        async def say(parent: Message | None, text: str, by: int | None) -> Message:
            message = await storage.messages.add_message(
                session,
                message_id=new_id(),
                tree_id=chat.tree_id,
                chat_id=chat.id,
                parent=parent,
                role="person" if by else "character",
                speaker=Speaker("plantedspeaker"),
                text=text,
                status="complete",
                author_user_id=by,
                character_id=None if by else character,
            )
            assert message
            return message

        alices = await say(None, TRICKY, ALICE)
        reply = await say(alices, "plantedreply", None)
        bobs = await say(reply, "plantedbob", BOB)
        await session.execute(sa.update(ChatRow).where(ChatRow.id == chat.id).values(leaf_id=bobs.id))
        await storage.notes.save_note(session, chat, Note("plantednote"))
        await storage.events.add_events(
            session, tree_id=chat.tree_id, message_id=reply.id, events=[Event("variable", b'"plantedevent"')]
        )
        memory = await storage.memories.add_memory(
            session, tree_id=chat.tree_id, message_id=reply.id, kind="passage", text="plantedmemory"
        )
        found = await storage.memories.find_memory(session, memory)
        assert found
        await storage.memories.embed_memory(session, found, [0.1, -2.5e-7, 3.0], model="m")
        await storage.readings.keep_reading(session, reply, b"plantedreading")
        book = await storage.lorebooks.add_lorebook(
            session, owner_user_id=BOB, name="plantedbook", frame=b'"plantedframe"', entries=[b'"plantedentry"']
        )
        await storage.chat_lore.use_lorebook(session, chat_id=chat.id, lorebook_id=book, added_by=BOB)
        await storage.jobs.enqueue(session, "title", {"chat": str(chat.id)}, once=f"title {chat.id}")
    return Planted(chat, alices, bobs, reply, book, persona.id, picture)
