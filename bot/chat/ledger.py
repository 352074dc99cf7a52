"""The ledger of what Discord shows, kept in the database."""

from collections.abc import Sequence
from uuid import UUID

import storage.shown
from storage.database import Database
from storage.shown import Shown


class Posts:
    """Fulfils bot.chat.stage.Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, chat_id: UUID, shown: Shown) -> None:
        """A post now shows this part."""
        async with self._database.transaction() as session:
            await storage.shown.show(session, chat_id, shown)

    async def forget(self, discord_message_ids: Sequence[int]) -> None:
        """These posts are gone."""
        async with self._database.transaction() as session:
            await storage.shown.unshow(session, discord_message_ids)

    async def claimed(self, discord_message_ids: Sequence[int]) -> set[int]:
        """Which of these posts are known to show something."""
        async with self._database.transaction() as session:
            return await storage.shown.list_claimed(session, discord_message_ids)
