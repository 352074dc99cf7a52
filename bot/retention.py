"""What is kept for how long: the data of servers that the bot was sent away from, and rows nobody reads any more."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog

import storage.characters
import storage.chats
import storage.jobs
import storage.listings
import storage.retention
from bot.characters.notices import Notices
from bot.characters.playing import forget_if_unused
from bot.errors import Unavailable
from storage.database import Database, Session
from storage.jobs import Payload

SERVERS_KEPT = timedelta(days=30)
GENERATIONS_KEPT = timedelta(days=7)
READ_NOTICES_KEPT = timedelta(days=90)
JOB_LOG_KEPT = timedelta(days=7)

DAILY = "retention.daily"
DELETE_SERVER = "server.delete"
CHATS_AT_ONCE = 5
CHARACTERS_AT_ONCE = 20
ROWS_AT_ONCE = 1000
NO_LONGER_THERE = (
    "I was sent away from the only server in which **{name}** was published, so it is published nowhere now. "
    "You still have it: `/character publish` offers it again."
)

log = structlog.get_logger()


class Retention:
    """Notes which servers the bot is in, and deletes what is kept no longer."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices
        self._noting = asyncio.Lock()
        self._is_closed = False

    async def close(self) -> None:
        """Notes nothing more: what comes now is found out by the next `compare`."""
        self._is_closed = True
        async with self._noting:
            pass

    async def leave(self, guild_id: int) -> None:
        """The bot was sent away from a server: its data is kept for a while, in case that was a mistake."""
        self._database.vault.forget("guild", guild_id)
        async with self._noted() as session:
            if session is not None:
                await storage.retention.mark_left(session, guild_id)

    async def join(self, guild_id: int) -> None:
        """The bot is in a server, perhaps again: nothing of it is deleted."""
        # Another process may have deleted the key that this one remembers.
        self._database.vault.forget("guild", guild_id)
        async with self._noted() as session:
            if session is not None:
                await storage.retention.mark_back(session, guild_id)

    async def compare(self, present: Collection[int], *, shard_id: int, shard_count: int) -> None:
        """Catches up with what happened to a shard's servers while the bot was off."""
        async with self._noted() as session:
            if session is not None:
                await storage.retention.compare(session, present, shard_id=shard_id, shard_count=shard_count)

    @asynccontextmanager
    async def _noted(self) -> AsyncGenerator[Session | None]:
        """A transaction; None once this is closed. What the database does not take down comes up at the next start."""
        async with self._noting:
            if self._is_closed:
                yield None
                return
            try:
                async with self._database.transaction() as session:
                    yield session
            except Unavailable:
                log.warning("servers.not_noted")

    async def daily(self, _: Payload) -> None:
        """The job that returns each day: begins to delete what was left long ago, and clears away old rows."""
        async with self._database.transaction() as session:
            for guild_id in await storage.retention.list_left(session, longer_than=SERVERS_KEPT):
                once = f"{DELETE_SERVER}:{guild_id}"
                await storage.jobs.enqueue(session, DELETE_SERVER, {"guild": str(guild_id)}, once=once)
        for forget, kept in (
            (storage.retention.forget_generations, GENERATIONS_KEPT),
            (storage.retention.forget_notices, READ_NOTICES_KEPT),
            (storage.jobs.forget_log, JOB_LOG_KEPT),
        ):
            gone = ROWS_AT_ONCE
            while gone == ROWS_AT_ONCE:
                async with self._database.transaction() as session:
                    gone = await forget(session, older_than=kept, limit=ROWS_AT_ONCE)

    async def delete_server(self, payload: Payload) -> None:
        """The job that deletes what belongs to a server, in short transactions; begun anew it goes on.

        Nothing more is deleted once the bot is back.
        """
        guild_id = int(payload["guild"])
        while await self._delete_some(guild_id):
            pass

    async def _delete_some(self, guild_id: int) -> bool:
        """Deletes a part of what belongs to a server; False when nothing is left, or the bot is back."""
        async with self._database.transaction() as session:
            if not await storage.retention.is_left(session, guild_id, longer_than=SERVERS_KEPT):
                return False
            if chats := await storage.retention.list_chats(session, guild_id, limit=CHATS_AT_ONCE):
                for chat_id in chats:
                    await _delete_chat(session, chat_id)
                return True
            if owned := await storage.retention.list_owned(session, guild_id, limit=CHARACTERS_AT_ONCE):
                for character_id in owned:
                    await storage.characters.forget_character(session, character_id)
                return True
            told: dict[str, list[int]] = {}
            for character_id, owner_id, name in await storage.retention.keep_for_owners(session, guild_id):
                await storage.listings.drop_pending(session, character_id)
                words = NO_LONGER_THERE.format(name=name)
                told.setdefault(words, []).extend(await self._notices.leave(session, [owner_id], words))
            await storage.retention.delete_guild(session, guild_id)
        self._database.vault.forget("guild", guild_id)
        log.info("server.deleted", guild=guild_id)
        for words, user_ids in told.items():
            await self._notices.send(user_ids, words)
        return False


async def _delete_chat(session: Session, chat_id: UUID) -> None:
    chat = await storage.chats.find_chat(session, chat_id, lock=True)
    if chat is None:
        return
    await storage.chats.delete_chat(session, chat)
    if chat.character_id is not None:
        await forget_if_unused(session, chat.character_id)
