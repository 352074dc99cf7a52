"""The tree of messages and its walk to the root."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import storage.branches
import storage.characters
import storage.chats
import storage.messages
import storage.users
from storage.characters import Frame
from storage.chats import Chat
from storage.database import Database, Session
from storage.ids import new_id
from storage.messages import Message, Speaker
from storage.vault import Vault

ALICE = 11


async def start(session: Session) -> Chat:
    await storage.users.touch_user(session, ALICE, "alice")
    character_id = new_id()
    await storage.characters.add_character(
        session, character_id=character_id, owner_user_id=ALICE, frame=Frame(name="Wake"), owner_name="alice"
    )
    chat = await storage.chats.add_chat(
        session,
        chat_id=new_id(),
        owner_id=ALICE,
        guild_id=None,
        channel_id=1,
        character_id=character_id,
        title="A scene",
        interaction_id=None,
    )
    assert chat
    return chat


async def say(
    session: Session, chat: Chat, parent: Message | None, text: str, *, key: str | None = None
) -> Message | None:
    return await storage.messages.add_message(
        session,
        message_id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent=parent,
        role="person",
        speaker=Speaker("Alice"),
        text=text,
        status="complete",
        author_user_id=ALICE,
        idempotency_key=key,
    )


async def test_the_walk_goes_from_a_leaf_to_the_root_and_no_further(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        message: Message | None = None
        for number in range(60):
            message = await say(session, chat, message, f"line {number}")
    assert message
    async with database.transaction() as session:
        page = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=message.id, limit=50)
        rest = await storage.messages.list_path(
            session, tree_id=chat.tree_id, leaf_id=page[-1].id, limit=50, with_leaf=False
        )
    assert [each.text for each in page] == [f"line {number}" for number in range(59, 9, -1)]
    assert [each.text for each in rest] == [f"line {number}" for number in range(9, -1, -1)]
    assert rest[-1].parent_id is None


async def test_a_branch_does_not_see_its_sibling(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        root = await say(session, chat, None, "root")
        left = await say(session, chat, root, "left")
        right = await say(session, chat, root, "right")
    assert left
    assert right
    async with database.transaction() as session:
        path = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=right.id, limit=9)
        siblings = await storage.branches.list_siblings(session, left, chat_id=chat.id)
    assert [each.text for each in path] == ["right", "root"]
    assert siblings == [left.id, right.id]


async def test_the_same_event_never_makes_a_second_message(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        assert await say(session, chat, None, "once", key="discord:1")
        assert await say(session, chat, None, "once", key="discord:1") is None


async def test_a_parent_in_another_tree_is_impossible(database: Database) -> None:
    async with database.transaction() as session:
        here, there = await start(session), await start(session)
        stranger = await say(session, there, None, "elsewhere")
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await say(session, here, stranger, "here")


async def test_a_message_whose_key_is_gone_is_removed_not_broken(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        message = await say(session, chat, None, "soon gone")
        await session.execute(sa.text("DELETE FROM keys WHERE scope = 'user'"))
    assert message
    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    async with fresh.transaction() as session:
        found = await storage.messages.find_message(session, message.id)
    assert found
    assert found.text is None


async def test_a_chat_goes_with_its_tree_and_all_its_messages(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        root = await say(session, chat, None, "root")
        await say(session, chat, root, "leaf")
        await storage.chats.delete_chat(session, chat)
    assert root
    async with database.transaction() as session:
        assert await storage.messages.find_message(session, root.id) is None
        assert await storage.chats.find_chat(session, chat.id) is None


async def test_an_interaction_opens_one_chat_alone(database: Database) -> None:
    async def opened(session: Session, character_id: UUID) -> Chat | None:
        return await storage.chats.add_chat(
            session,
            chat_id=new_id(),
            owner_id=ALICE,
            guild_id=None,
            channel_id=1,
            character_id=character_id,
            title="A scene",
            interaction_id=77,
        )

    async with database.transaction() as session:
        chat = await start(session)
        assert chat.character_id
        first = await opened(session, chat.character_id)
        assert await opened(session, chat.character_id) is None
        found = await storage.chats.find_chat_of_interaction(session, 77)
    assert first
    assert found == first
