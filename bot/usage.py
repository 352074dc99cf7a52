"""Usage: who may ask a model for how much, and what it came to."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from uuid import UUID

import storage.guilds
import storage.usage
from bot.caller import Caller, require_admin
from bot.errors import LimitReached, Unavailable
from storage.database import Database, Session
from storage.rates import Full, Rates
from storage.usage import Column, Spent, Sums, Whose

__all__ = ["Line", "Price", "Report", "Spent", "Sums", "Usage"]

TOP = 5
PERIODS = (7, 30, 90)
"""For how many days usage is told."""

SLOWER = {
    "person": "You have had {amount} replies within {window}, the most for one person. You can go on {when}.",
    "chat": "This scene has had {amount} replies within {window}, the most for one scene. It can go on {when}.",
    "server": "This server has had {amount} replies within {window}, the most for one server. It can go on {when}.",
    "program": "So many people are playing right now that I need a moment. Please try again {when}.",
}
SPENT_TODAY = (
    "This server has used up the {budget:,} tokens that its admins allow a day. It can go on {when}, when the day ends "
    "(UTC). `/server settings` is where an admin can allow more."
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens read, and written."""

    prompt: Decimal
    completion: Decimal

    def of(self, spent: Spent) -> int:
        """What it cost, in billionths of a dollar."""
        read, written = spent.prompt_tokens or 0, spent.completion_tokens or 0
        return round(1000 * (read * self.prompt + written * self.completion))


@dataclass(frozen=True, slots=True)
class Line:
    """One of those who used the most: an id or a model's name, a character's name where it may be read, the sums."""

    key: int | UUID | str | None
    name: str | None
    sums: Sums


@dataclass(frozen=True, slots=True)
class Report:
    """What was used on each of so many days, the oldest first, and by whom the most; today's budget in tokens."""

    days: tuple[tuple[date, Sums], ...]
    characters: tuple[Line, ...]
    models: tuple[Line, ...]
    people: tuple[Line, ...] = ()
    servers: tuple[Line, ...] = ()
    budget: int | None = None

    @property
    def total(self) -> Sums:
        """All days together."""
        sums = [each for _, each in self.days]
        costs = [each.cost for each in sums if each.cost is not None]
        return Sums(
            sum(each.replies for each in sums),
            sum(each.prompt_tokens for each in sums),
            sum(each.completion_tokens for each in sums),
            sum(costs) if costs else None,
        )


class Usage:
    """Who may ask for how much, and what it came to."""

    def __init__(
        self,
        database: Database,
        rates: Rates,
        *,
        prices: Mapping[str, Price] | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._database = database
        self._rates = rates
        self._prices = prices or {}
        self._now = now

    async def admit(self, *, user_id: int, chat_id: UUID | None, guild_id: int | None) -> None:
        """Counts one request for words from a model: for the person, the chat, the server and the program.

        LimitReached says which limit was met and when to come back; what is refused counts nowhere. Unavailable when
        the cache is away.
        """
        asked = {"person": user_id, "chat": chat_id, "server": guild_id, "program": "all"}
        full = await self._rates.take({name: whose for name, whose in asked.items() if whose is not None})
        if full is not None:
            raise LimitReached(_slower(full))

    async def forget(self, user_id: int) -> None:
        """Forgets how often a person asked lately; without the cache it is forgotten by itself."""
        with suppress(Unavailable):
            await self._rates.forget("person", user_id)

    async def reserve(self, session: Session, *, generation_id: UUID, guild_id: int | None, tokens: int) -> None:
        """Inside the transaction that begins a generation: takes an estimate out of the server's budget of the day.

        LimitReached when it does not fit, and nothing was taken; nothing happens in direct messages and without a
        budget.
        """
        if guild_id is None:
            return
        today = self._now().date()
        budget = await storage.usage.reserve(
            session, generation_id=generation_id, guild_id=guild_id, tokens=tokens, day=today
        )
        if budget is not None:
            tomorrow = datetime.combine(today + timedelta(days=1), time(), UTC)
            raise LimitReached(SPENT_TODAY.format(budget=budget, when=_stamp(tomorrow.timestamp())))

    async def settle(self, session: Session, spent: Spent) -> None:
        """Inside the transaction that ends a generation: gives the reservation back, and adds what was used.

        Doing it again changes nothing.
        """
        price = self._prices.get(spent.model)
        cost = price.of(spent) if price else None
        await storage.usage.settle(session, spent, cost=cost, day=self._now().date())

    async def of_server(self, caller: Caller, days: int) -> Report:
        """What the caller's server used in so many days up to today, for its admins."""
        guild_id = require_admin(caller)
        whose = Whose(self._since(days), guild_id=guild_id)
        async with self._database.transaction() as session:
            budget = (await storage.guilds.find_settings(session, guild_id)).tokens_a_day
            return Report(
                days=await self._days(session, whose),
                characters=await self._characters(session, whose, caller),
                people=await self._most(session, whose, "user_id"),
                models=await self._most(session, whose, "model"),
                budget=budget,
            )

    async def of_person(self, caller: Caller, days: int) -> Report:
        """What the caller used in so many days up to today, in all servers and in direct messages."""
        whose = Whose(self._since(days), user_id=caller.user_id)
        async with self._database.transaction() as session:
            return Report(
                days=await self._days(session, whose),
                characters=await self._characters(session, whose, caller),
                servers=await self._most(session, whose, "guild_id"),
                models=await self._most(session, whose, "model"),
            )

    def _since(self, days: int) -> date:
        return self._now().date() - timedelta(days=days - 1)

    async def _days(self, session: Session, whose: Whose) -> tuple[tuple[date, Sums], ...]:
        found = await storage.usage.list_days(session, whose)
        count = (self._now().date() - whose.since).days + 1
        every = [whose.since + timedelta(days=number) for number in range(count)]
        return tuple((day, found.get(day, Sums())) for day in every)

    async def _most(self, session: Session, whose: Whose, column: Column) -> tuple[Line, ...]:
        found = await storage.usage.list_most(session, whose, column, limit=TOP)
        return tuple(Line(key, None, sums) for key, sums in found)

    async def _characters(self, session: Session, whose: Whose, caller: Caller) -> tuple[Line, ...]:
        found = await storage.usage.list_most(session, whose, "character_id", limit=TOP)
        ids = [key for key, _ in found if isinstance(key, UUID)]
        names = await storage.usage.find_names(session, ids, guild_id=whose.guild_id, user_id=caller.user_id)
        return tuple(Line(key, names.get(key), sums) for key, sums in found)


def _slower(full: Full) -> str:
    return SLOWER[full.name].format(amount=f"{full.amount:,}", window=full.window, when=_stamp(full.until))


def _stamp(when: float) -> str:
    """A moment as Discord shows it to everybody in their own words: “in 20 seconds”."""
    return f"<t:{ceil(when)}:R>"
