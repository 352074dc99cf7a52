"""People's books of lore: their entries, and the chats in which they are read along."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import event

import storage.chat_lore
import storage.chats
import storage.lorebooks
import storage.users
from storage.chats import Chat
from storage.database import Database, Session
from storage.lorebooks import Title
from storage.vault import Vault
from tests.storage.test_tree import ALICE, start

BOB = 12


async def write(session: Session, name: str, *entries: bytes, owner: int = ALICE) -> UUID:
    return await storage.lorebooks.add_lorebook(
        session, owner_user_id=owner, name=name, frame=b"{}", entries=entries, source_sha256=None
    )


async def use(session: Session, chat: Chat, book_id: UUID, by: int = ALICE) -> bool:
    return await storage.chat_lore.use_lorebook(session, chat_id=chat.id, lorebook_id=book_id, added_by=by)


async def in_use(session: Session, chat: Chat) -> list[str]:
    return [book.name for book in await storage.chat_lore.list_chat_books(session, chat.id)]


async def test_books_are_read_in_the_order_in_which_they_were_added(database: Database) -> None:
    async with database.transaction() as session:
        chat, other = await start(session), await start(session)
        await storage.users.touch_user(session, BOB, "bob")
        first, second = await write(session, "first"), await write(session, "second", owner=BOB)
        assert await use(session, chat, second)
        assert await use(session, chat, first, by=BOB)
        assert not await use(session, chat, second)
        assert await in_use(session, chat) == ["second", "first"]
        assert await in_use(session, other) == []
        assert await use(session, other, first)
        await storage.chat_lore.copy_books(session, from_chat_id=chat.id, to_chat_id=other.id)
        await storage.chat_lore.copy_books(session, from_chat_id=chat.id, to_chat_id=other.id)
        assert sorted(await in_use(session, other)) == ["first", "second"]
        assert await storage.chat_lore.drop_lorebook(session, chat_id=chat.id, lorebook_id=second)
        assert not await storage.chat_lore.drop_lorebook(session, chat_id=chat.id, lorebook_id=second)
        assert await in_use(session, chat) == ["first"]


async def test_a_book_leaves_with_its_owner_or_chat_but_stays_when_who_added_it_goes(database: Database) -> None:
    async with database.transaction() as session:
        chat, gone = await start(session), await start(session)
        await storage.users.touch_user(session, BOB, "bob")
        alices, bobs = await write(session, "Alice's", b"{}"), await write(session, "Bob's", b"{}", owner=BOB)
        for each in (chat, gone):
            await use(session, each, alices, by=BOB)
            await use(session, each, bobs)
        await storage.chats.delete_chat(session, gone)
        assert await storage.lorebooks.count_lorebooks(session, ALICE) == 1
        await session.execute(sa.text("DELETE FROM users WHERE id = :bob"), {"bob": BOB})
        assert await in_use(session, chat) == ["Alice's"]
        assert await storage.lorebooks.delete_lorebook(session, alices)
        assert not await storage.lorebooks.delete_lorebook(session, alices)
        assert await in_use(session, chat) == []
        assert await session.scalar(sa.text("SELECT count(*) FROM lore_entries")) == 0


async def test_however_many_books_and_entries_the_questions_are_as_few(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        await storage.users.touch_user(session, BOB, "bob")
        await use(session, chat, await write(session, "long", *(b'{"n": %d}' % number for number in range(150))))
        await use(session, chat, await write(session, "empty"))
        await use(session, chat, await write(session, "Bob's", b"1", b"2", owner=BOB))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        async with fresh.transaction() as session:
            books = await storage.chat_lore.list_chat_books(session, chat.id)
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert len(asked) == 3
    assert [(book.name, len(book.entries), book.owner_user_id) for book in books] == [
        ("long", 150, ALICE),
        ("empty", 0, ALICE),
        ("Bob's", 2, BOB),
    ]
    assert books[0].entries == tuple(b'{"n": %d}' % number for number in range(150))


async def test_entries_are_added_changed_and_deleted_in_their_order(database: Database) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, ALICE, "alice")
        book_id, other = await write(session, "The harbour", b"a", b"b", b"c"), await write(session, "The hills", b"x")
        book = await storage.lorebooks.find_lorebook(session, book_id)
        assert book
        a, b, c = book.entry_ids
        assert await storage.lorebooks.change_entry(session, book_id, a, b"A")
        assert await storage.lorebooks.delete_entry(session, book_id, c)
        assert not await storage.lorebooks.delete_entry(session, book_id, c)
        assert not await storage.lorebooks.change_entry(session, other, b, b"into another book")
        assert not await storage.lorebooks.delete_entry(session, other, b)
        d = await storage.lorebooks.add_entry(session, book_id, b"d")
        book = await storage.lorebooks.find_lorebook(session, book_id)
        assert book
        assert (book.entries, book.entry_ids) == ((b"A", b"b", b"d"), (a, b, d))
        assert await storage.lorebooks.count_entries(session, book_id) == 3
        assert await storage.lorebooks.rename_lorebook(session, book_id, "The old harbour")
        assert await storage.lorebooks.list_titles(session, ALICE) == [
            Title(book_id, "The old harbour", 3),
            Title(other, "The hills", 1),
        ]
        stored = (
            await session.execute(sa.text("SELECT name FROM lorebooks WHERE id = :id"), {"id": book_id})
        ).scalar_one()
        assert b"harbour" not in stored


async def test_a_book_that_is_not_there_takes_nothing(database: Database) -> None:
    async with database.transaction() as session:
        nowhere = uuid4()
        assert await storage.lorebooks.find_lorebook(session, nowhere) is None
        assert await storage.lorebooks.add_entry(session, nowhere, b"{}") is None
        assert not await storage.lorebooks.change_entry(session, nowhere, uuid4(), b"{}")
        assert not await storage.lorebooks.rename_lorebook(session, nowhere, "x")


async def test_a_book_whose_key_is_gone_has_no_words(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        await use(session, chat, await write(session, "soon gone", b"{}"))
        await session.execute(sa.text("DELETE FROM keys WHERE scope = 'user'"))
    fresh = Database(database.engine, Vault(list(database.vault.masters)))
    async with fresh.transaction() as session:
        (book,) = await storage.chat_lore.list_chat_books(session, chat.id)
    assert (book.name, book.frame, book.entries) == ("removed", None, ())
