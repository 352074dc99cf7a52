"""Progress of a job, told to whoever waits for it, every few seconds and not oftener."""

import asyncio

from bot.account.courier import Courier, Ticket

EVERY_SECONDS = 3.0


class Telling:
    """What a person hears while a job of theirs is being done."""

    def __init__(self, courier: Courier, ticket: Ticket | None, user_id: int) -> None:
        self._courier = courier
        self._ticket = ticket
        self._user_id = user_id
        self._told_at = asyncio.get_running_loop().time()

    async def progress(self, text: str) -> None:
        """Puts this in the answer, unless something was put there a moment ago, or it cannot be changed any more."""
        now = asyncio.get_running_loop().time()
        if self._ticket is not None and now - self._told_at >= EVERY_SECONDS:
            self._told_at = now
            await self._courier.update(self._ticket, text)

    async def end(self, text: str) -> bool:
        """Says the last word; False when it reaches nobody."""
        return await self._courier.tell(self._ticket, self._user_id, text)
