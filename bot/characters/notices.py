"""Notices: what became of a person's characters and reports, read at the next look or sent by direct message."""

from collections.abc import Sequence
from typing import Protocol

import structlog

import storage.notices
from bot.caller import Caller
from storage.database import Database, Session
from storage.notices import Notice

log = structlog.get_logger()


class Messenger(Protocol):
    """Whoever can write to a person on Discord."""

    async def write_to(self, user_id: int, text: str) -> bool:
        """Sends a direct message; False when the person takes none from us."""
        ...


class Notices:
    """Leaves notices for people, and sends them to those who asked for that."""

    def __init__(self, database: Database, messenger: Messenger) -> None:
        self._database = database
        self._messenger = messenger

    async def leave(self, session: Session, user_ids: Sequence[int | None], text: str) -> list[int]:
        """Leaves a notice for each, in the transaction that causes it; returns who wants it by message (`send`)."""
        return [
            user_id
            for user_id in dict.fromkeys(user_ids)
            if user_id is not None and await storage.notices.add_notice(session, user_id, text)
        ]

    async def send(self, user_ids: Sequence[int], text: str) -> None:
        """After that transaction: writes to those who asked for it; whom it does not reach reads it later."""
        for user_id in user_ids:
            if not await self._messenger.write_to(user_id, text):
                log.info("notice.not_sent", user=user_id)

    async def unread(self, caller: Caller) -> list[Notice]:
        """What the caller has not read yet, the newest first."""
        async with self._database.transaction() as session:
            return await storage.notices.list_unread(session, caller.user_id)

    async def mark_read(self, caller: Caller) -> None:
        """The caller has read what there was."""
        async with self._database.transaction() as session:
            unread = await storage.notices.list_unread(session, caller.user_id, limit=1)
            if unread:
                await storage.notices.mark_read(session, caller.user_id, up_to=unread[0].id)

    async def by_message(self, caller: Caller) -> bool:
        """Whether the caller wants notices by direct message too."""
        async with self._database.transaction() as session:
            return await storage.notices.wants_messages(session, caller.user_id)

    async def choose(self, caller: Caller, *, by_message: bool) -> None:
        """Remembers whether the caller wants notices by direct message too."""
        async with self._database.transaction() as session:
            await storage.notices.choose_messages(session, caller.user_id, wanted=by_message)
