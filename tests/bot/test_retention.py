"""Servers that sent the bot away: forgotten in the end, with what belongs to them and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

import storage.characters
import storage.chats
import storage.guilds
import storage.jobs
import storage.lorebooks
import storage.messages
import storage.notices
import storage.webhooks
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.changes import Change
from bot.characters.notices import Notices
from bot.retention import Retention
from storage.characters import Character
from storage.database import Database
from storage.files import FileStore
from storage.ids import first_id_at, new_id
from storage.messages import Speaker
from storage.vault import Place
from storage.webhooks import Webhook
from tests.cogs.workshop import PICTURE

SHARDS = 4
LEFT, KEPT = (11 << 22) + 1, (15 << 22) + 1  # both of shard 3
OTHER_SHARD = (12 << 22) + 1
ALICE = 501


class Silent:
    """Nobody takes direct messages."""

    async def write_to(self, user_id: int, text: str) -> bool:
        return False


class House:
    """Two servers with everything in them that may belong to one."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.characters = Characters(database, Avatars(database, FileStore(folder)), None, adults=False)
        self.retention = Retention(database, Notices(database, Silent()))

    async def rows(self, query: str, **given: Any) -> list[Any]:
        async with self.database.transaction() as session:
            return [tuple(row) for row in await session.execute(sa.text(query), given)]

    async def run(self, statement: str, **given: Any) -> None:
        async with self.database.transaction() as session:
            await session.execute(sa.text(statement), given)

    async def character(self, name: str, guild_id: int | None = None, *, here_only: bool = False) -> Character:
        caller = Caller(ALICE, "alice", "Alice", guild_id=guild_id, may_manage=True)
        change = Change(name=name, first_mes="Hello.", short_description="A line.", age_rating="teen")
        made = await self.characters.create(caller, change, avatar=PICTURE)
        return (await self.characters.publish(caller, str(made.id), here_only=here_only)).character

    async def chat(self, guild_id: int | None, character: Character, *, tree_of: UUID | None = None) -> UUID:
        chat_id = new_id()
        async with self.database.transaction() as session:
            made = await storage.chats.add_chat(
                session,
                chat_id=chat_id,
                owner_id=ALICE,
                guild_id=guild_id,
                channel_id=9,
                character_id=character.id,
                title="A title",
                interaction_id=None,
            )
            assert made
            await storage.messages.add_message(
                session,
                message_id=new_id(),
                tree_id=made.tree_id,
                chat_id=chat_id,
                parent=None,
                role="character",
                speaker=Speaker("Nova"),
                text="Hello.",
                status="complete",
            )
        if tree_of:
            await self.run(
                "UPDATE chats SET tree_id = (SELECT tree_id FROM chats WHERE id = :other) WHERE id = :id",
                other=tree_of,
                id=chat_id,
            )
            await self.run("DELETE FROM trees WHERE id NOT IN (SELECT tree_id FROM chats)")
        return chat_id

    async def furnish(self, guild_id: int, character: Character) -> None:
        """A webhook, a ban, a listing and a book of lore."""
        async with self.database.transaction() as session:
            await storage.guilds.touch_guild(session, guild_id)
            await storage.webhooks.save_webhook(session, Webhook(guild_id + 5, 77, "token"), guild_id)
            key = await session.key("guild", guild_id)
            book = {"id": new_id(), "guild": guild_id, "sealed": key.seal(Place("lorebooks", "name", guild_id), b"x")}
            await session.execute(
                sa.text(
                    "INSERT INTO lorebooks (id, owner_guild_id, name, frame) VALUES (:id, :guild, :sealed, :sealed)"
                ),
                book,
            )
            given = {"id": new_id(), "guild": guild_id, "user": ALICE, "character": character.id}
            await session.execute(
                sa.text(
                    "INSERT INTO bans (id, user_id, guild_id, reason, decided_by) VALUES (:id, :user, :guild, '', 1)"
                ),
                given,
            )
            await session.execute(
                sa.text("INSERT INTO listings (guild_id, character_id) VALUES (:guild, :character)"), given
            )

    async def left_days_ago(self, guild_id: int, days: int) -> None:
        await self.run(
            "UPDATE guilds SET left_at = now() - make_interval(days => :days) WHERE id = :id", id=guild_id, days=days
        )

    async def left(self) -> set[int]:
        return {row[0] for row in await self.rows("SELECT id FROM guilds WHERE left_at IS NOT NULL")}

    async def daily(self) -> list[str]:
        """Does the daily job; returns the servers that are to be deleted."""
        await self.retention.daily({})
        rows = await self.rows(
            "SELECT convert_from(payload, 'UTF8')::jsonb->>'guild' FROM pgqueuer WHERE status = 'queued'"
        )
        return sorted(row[0] for row in rows)


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> House:
    """Two servers, and the service that keeps or forgets them."""
    house = House(database, tmp_path)
    async with database.transaction() as session:
        for guild_id in (LEFT, KEPT, OTHER_SHARD):
            await storage.guilds.touch_guild(session, guild_id)
    return house


async def test_a_server_is_forgotten_after_thirty_days_and_not_before(house: House) -> None:
    await house.retention.leave(LEFT)
    assert await house.left() == {LEFT}
    assert await house.daily() == []
    await house.left_days_ago(LEFT, 29)
    assert await house.daily() == []
    await house.left_days_ago(LEFT, 31)
    assert await house.daily() == [str(LEFT)]
    assert await house.daily() == [str(LEFT)], "a second day brings no second job"
    await house.retention.leave(LEFT)
    assert (await house.rows("SELECT left_at < now() - interval '30 days' FROM guilds WHERE left_at IS NOT NULL")) == [
        (True,)
    ], "leaving again does not begin the time anew"


async def test_a_server_that_comes_back_in_time_keeps_everything(house: House) -> None:
    nova = await house.character("Nova")
    await house.furnish(LEFT, nova)
    chat_id = await house.chat(LEFT, nova)
    await house.left_days_ago(LEFT, 31)
    await house.retention.join(LEFT)
    assert await house.left() == set()
    await house.retention.delete_server({"guild": str(LEFT)})
    assert await house.rows("SELECT id FROM chats") == [(chat_id,)]
    assert await house.rows("SELECT count(*) FROM bans") == [(1,)]


@pytest.mark.parametrize(
    ("present", "left_before", "left_after"),
    [
        ({LEFT, KEPT}, set[int](), set[int]()),
        ({KEPT}, set[int](), {LEFT}),
        ({LEFT, KEPT}, {LEFT}, set[int]()),
        (set[int](), set[int](), {LEFT, KEPT}),
        ({KEPT}, {OTHER_SHARD}, {LEFT, OTHER_SHARD}),
    ],
    ids=["nothing new", "one left", "one came back", "all left", "another shard is not asked about"],
)
async def test_at_start_it_catches_up_with_the_servers_of_its_shard(
    house: House, present: set[int], left_before: set[int], left_after: set[int]
) -> None:
    for guild_id in left_before:
        await house.retention.leave(guild_id)
    await house.retention.compare(present | {999 << 22}, shard_id=3, shard_count=SHARDS)
    assert await house.left() == left_after


async def test_what_belongs_to_the_server_goes_and_nothing_else(house: House) -> None:
    nova, mine = await house.character("Nova"), await house.character("Mine", LEFT, here_only=True)
    owned = await house.character("Owned", LEFT, here_only=True)
    draft = await house.character("Draft", LEFT, here_only=True)
    async with house.database.transaction() as session:
        await storage.characters.give_to_guild(session, owned.id, LEFT)
        await storage.characters.set_status(session, draft.id, "draft")
    for guild_id in (LEFT, KEPT):
        await house.furnish(guild_id, nova)
    gone = [await house.chat(LEFT, each) for each in (nova, mine, owned) for _ in range(3)]
    kept = [await house.chat(KEPT, nova), await house.chat(None, nova), await house.chat(KEPT, owned)]
    fork = await house.chat(KEPT, nova, tree_of=gone[0])
    await house.left_days_ago(LEFT, 31)
    (job,) = await house.daily()
    await house.retention.delete_server({"guild": job})

    assert {row[0] for row in await house.rows("SELECT id FROM chats")} == {*kept, fork}
    trees = {row[0] for row in await house.rows("SELECT id FROM trees")}
    used = {row[0] for row in await house.rows("SELECT tree_id FROM chats")}
    assert used == trees
    keys = await house.rows("SELECT scope, subject FROM keys")
    assert {subject for scope, subject in keys if scope == "guild"} == {str(KEPT)}
    assert {str(each) for each in used} <= {subject for scope, subject in keys if scope == "tree"}
    assert {row[0] for row in await house.rows("SELECT tree_id FROM messages")} == used
    for table in ("bans", "listings", "webhooks"):
        assert await house.rows(f"SELECT guild_id FROM {table}") == [(KEPT,)], table
    assert await house.rows("SELECT owner_guild_id FROM lorebooks") == [(KEPT,)]
    assert {row[0] for row in await house.rows("SELECT id FROM guilds")} == {KEPT, OTHER_SHARD}

    found = await house.rows("SELECT name, status, visibility FROM characters ORDER BY name")
    assert found == [("Draft", "draft", "public"), ("Mine", "unpublished", "public"), ("Nova", "published", "public")]
    assert {subject for scope, subject in keys if scope == "character"} == {
        str(each.id) for each in (nova, mine, draft)
    }
    async with house.database.transaction() as session:
        (notice,) = await storage.notices.list_unread(session, ALICE)
    assert "**Mine**" in notice.text
    await house.retention.delete_server({"guild": job})


async def test_a_key_that_was_deleted_seals_nothing_more(house: House) -> None:
    async with house.database.transaction() as session:
        before = await session.key("guild", LEFT)
    await house.left_days_ago(LEFT, 31)
    await house.retention.delete_server({"guild": str(LEFT)})
    await house.retention.join(LEFT)
    async with house.database.transaction() as session:
        await storage.webhooks.save_webhook(session, Webhook(5, 77, "token"), LEFT)
        assert (await session.key("guild", LEFT)).id != before.id
    async with house.database.transaction() as session:
        assert await storage.webhooks.find_webhook(session, 5) == Webhook(5, 77, "token")
        assert await house_keys(session) == 1


async def house_keys(session: Any) -> int:
    counted = await session.execute(sa.text("SELECT count(*) FROM keys WHERE scope = 'guild'"))
    return int(counted.scalar_one())


async def test_old_rows_that_nobody_reads_are_cleared_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.retention.ROWS_AT_ONCE", 2)
    nova = await house.character("Nova")
    chat_id = await house.chat(KEPT, nova)
    old, new = first_id_at(datetime.now(UTC) - timedelta(days=100)), new_id()
    for number in range(5):
        for start, status in ((old, "done"), (old, "queued"), (new, "done")):
            await house.run(
                "INSERT INTO generations (id, chat_id, kind, status) VALUES (:id, :chat, 'reply', :status)",
                id=UUID(int=start.int + number * 2 + (status == "done")),
                chat=chat_id,
                status=status,
            )
        for start, read in ((old, True), (old, False), (new, True)):
            await house.run(
                "INSERT INTO notices (id, user_id, text, read_at) VALUES (:id, :user, 'x', "
                "CASE WHEN :read THEN now() END)",
                id=UUID(int=start.int + number * 2 + read),
                user=ALICE,
                read=read,
            )
    await house.run(
        "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, created) "
        "SELECT n, 'successful', 0, 'x', now() - make_interval(days => n) FROM generate_series(1, 12) n"
    )
    await house.retention.daily({})
    assert await house.rows("SELECT status, count(*) FROM generations GROUP BY 1 ORDER BY 1") == [
        ("done", 5),
        ("queued", 5),
    ]
    assert await house.rows("SELECT read_at IS NULL, count(*) FROM notices GROUP BY 1 ORDER BY 1") == [
        (False, 5),
        (True, 5),
    ]
    assert await house.rows("SELECT max(job_id), count(*) FROM pgqueuer_log") == [(6, 6)]
