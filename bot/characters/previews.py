"""What one person was shown and has not decided about yet: kept for a day, sealed with that person's key."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

import storage.users
from bot.caller import Caller
from bot.errors import NotFound
from storage.database import Database
from storage.vault import Place
from storage.views import Views

State = TypeVar("State", bound=BaseModel)


class Previews:
    """States by short ids; nobody but who they were made for can open them."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views

    async def keep(self, caller: Caller, state: BaseModel) -> str:
        """A short id for a state of the caller's."""
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            key = await session.key("user", caller.user_id)
        return await self._views.keep(key.seal(_place(caller), state.model_dump_json().encode()))

    async def find(self, caller: Caller, preview_id: str, kind: type[State], *, too_late: str) -> State:
        """The state; NotFound, in the words of `too_late`, a day later, or where it is not the caller's."""
        return await self._opened(caller, await self._views.find(preview_id), kind, too_late)

    @asynccontextmanager
    async def taken(
        self, caller: Caller, preview_id: str, kind: type[State], *, too_late: str
    ) -> AsyncGenerator[State]:
        """The state, for whoever comes first; for all others it is too late, unless the block fails."""
        # Looked at first, so that nobody takes what is another's.
        await self.find(caller, preview_id, kind, too_late=too_late)
        sealed = await self._views.take(preview_id)
        state = await self._opened(caller, sealed, kind, too_late)
        try:
            yield state
        except BaseException:
            if sealed is not None:
                await asyncio.shield(self._views.put_back(preview_id, sealed))
            raise

    async def forget(self, preview_id: str) -> None:
        """Drops a state at once."""
        await self._views.forget(preview_id)

    async def _opened(self, caller: Caller, sealed: bytes | None, kind: type[State], too_late: str) -> State:
        if sealed is None:
            raise NotFound(too_late)
        async with self._database.transaction() as session:
            key = await session.key("user", caller.user_id)
        if UUID(bytes=sealed[:16]) != key.id:
            raise NotFound(too_late)
        try:
            return kind.model_validate_json(key.open(_place(caller), sealed))
        except ValidationError:
            raise NotFound(too_late) from None  # what is kept there is something else


def _place(caller: Caller) -> Place:
    return Place("view", "preview", caller.user_id)
