"""Whoever brings a person the outcome of a job: the Protocol, and the ticket that says where they wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

import storage.jobs
from bot.caller import Caller
from bot.chat.stage import Place
from bot.errors import Unavailable
from storage.database import Database
from storage.shown import Shown
from storage.users import touch_user
from storage.vault import Place as Sealed
from storage.views import Views


@dataclass(frozen=True, slots=True)
class Ticket:
    """An answer of ours that can still be changed, for a quarter of an hour, and how large a file may be there."""

    application_id: int
    token: str = field(repr=False)
    limit_bytes: int


class Courier(Protocol):
    """Reaches a person where they asked, or else by direct message."""

    async def update(self, ticket: Ticket, text: str) -> bool:
        """Puts a text in the place of the answer; False when it cannot be changed any more."""
        ...

    async def hand_over(self, ticket: Ticket | None, user_id: int, text: str, *, name: str, content: bytes) -> bool:
        """Sends a file to the person alone, below the answer or by direct message; False when neither is possible."""
        ...

    async def tell(self, ticket: Ticket | None, user_id: int, text: str) -> bool:
        """Says the last word, in the answer or by direct message; False when neither is possible."""
        ...

    async def remove(self, place: Place, shown: Sequence[Shown]) -> int:
        """Deletes posts as far as Discord lets us; returns how many."""
        ...


class Nobody:
    """The courier of a program that is not connected to Discord: nobody is reached."""

    async def update(self, ticket: Ticket, text: str) -> bool:
        """Reaches nobody."""
        return False

    async def hand_over(self, ticket: Ticket | None, user_id: int, text: str, *, name: str, content: bytes) -> bool:
        """Reaches nobody."""
        return False

    async def tell(self, ticket: Ticket | None, user_id: int, text: str) -> bool:
        """Reaches nobody."""
        return False

    async def remove(self, place: Place, shown: Sequence[Shown]) -> int:
        """Deletes nothing."""
        return 0


def once_a_person(job: str, user_id: int) -> str:
    """The key under which a person's job waits or runs once."""
    return f"{job}:{user_id}"


class Tickets:
    """Tickets between the command and its job: in the cache, sealed with the key of whoever waits."""

    def __init__(self, database: Database, views: Views) -> None:
        self._database = database
        self._views = views

    async def keep(self, caller: Caller, ticket: Ticket) -> str:
        """A short id for a ticket of the caller's."""
        async with self._database.transaction() as session:
            await touch_user(session, caller.user_id, caller.username)
            key = await session.key("user", caller.user_id)
        written = orjson.dumps([ticket.application_id, ticket.token, ticket.limit_bytes])
        return await self._views.keep(key.seal(_place(caller.user_id), written))

    async def begin(self, caller: Caller, ticket: Ticket, job: str) -> None:
        """Has a job done for the caller, once at a time, that tells them where the ticket says."""
        payload = {"user": str(caller.user_id), "ticket": await self.keep(caller, ticket)}
        async with self._database.transaction() as session:
            await storage.jobs.enqueue(session, job, payload, once=once_a_person(job, caller.user_id))

    async def find(self, user_id: int, ticket_id: str) -> Ticket | None:
        """The ticket; None once it was forgotten, or the person's key is gone."""
        try:
            sealed = await self._views.find(ticket_id)
        except Unavailable:
            return None
        if sealed is None:
            return None
        async with self._database.transaction() as session:
            await session.vault.load(session, [sealed])
            opened = session.opened(_place(user_id), sealed)
        return Ticket(*orjson.loads(opened)) if opened else None

    async def forget(self, ticket_id: str) -> None:
        """Drops a ticket at once."""
        await self._views.forget(ticket_id)


def _place(user_id: int) -> Sealed:
    return Sealed("view", "ticket", user_id)
