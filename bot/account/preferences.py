"""/me preferences: news by direct message, one's time zone, and with which settings new chats begin."""

import asyncio
import zoneinfo
from dataclasses import dataclass
from functools import cache

import storage.notices
import storage.preferences
import storage.users
import storage.wishes
from bot.caller import Caller
from bot.errors import Invalid
from storage.database import Database, Session
from storage.wishes import Wishes

NO_SUCH_ZONE = (
    "I know no time zone “{typed}”. Type one like Europe/Berlin or America/New_York, or leave the field blank for UTC."
)


@dataclass(frozen=True, slots=True)
class Preferred:
    """What somebody prefers: `reused` are the settings with which their new chats begin."""

    by_message: bool
    time_zone: str | None
    reused: Wishes


class Preferences:
    """What people prefer, in all servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, caller: Caller) -> Preferred:
        """What the caller prefers now."""
        async with self._database.transaction() as session:
            return await _preferred(session, caller)

    async def switch_messages(self, caller: Caller) -> Preferred:
        """Has news sent by direct message too, or no longer."""
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            wanted = not await storage.notices.wants_messages(session, caller.user_id)
            await storage.notices.choose_messages(session, caller.user_id, wanted=wanted)
            return await _preferred(session, caller)

    async def choose_zone(self, caller: Caller, typed: str) -> Preferred:
        """Sets the caller's clock by a time zone; nothing typed: by UTC. Invalid where there is no such zone."""
        name = await asyncio.to_thread(zone_of, typed)  # which reads a folder of many files
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            await storage.preferences.save_time_zone(session, caller.user_id, name)
            return await _preferred(session, caller)

    async def clear_reused(self, caller: Caller) -> Preferred:
        """Has new chats begin as the server and the operator say again."""
        async with self._database.transaction() as session:
            await storage.users.touch_user(session, caller.user_id, caller.username)
            await storage.wishes.save_of_person(session, caller.user_id, Wishes())
            return await _preferred(session, caller)


def zone_of(typed: str) -> str | None:
    """The time zone that was typed, by its name or the city alone; None for nothing."""
    words = "_".join(typed.split()).casefold()
    if not words:
        return None
    whole, cities = _zones()
    name = whole.get(words) or cities.get(words)
    if name is None:
        raise Invalid(NO_SUCH_ZONE.format(typed=typed.strip()[:60]))
    return name


@cache
def _zones() -> tuple[dict[str, str], dict[str, str]]:
    """The names of all time zones, and of those cities that only one has, without capitals."""
    whole = {name.casefold(): name for name in zoneinfo.available_timezones()}
    cities: dict[str, list[str]] = {}
    for name in whole.values():
        if name.count("/") == 1 and not name.startswith(("Etc/", "SystemV/", "US/")):
            cities.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    return whole, {city: names[0] for city, names in cities.items() if len(names) == 1}


async def _preferred(session: Session, caller: Caller) -> Preferred:
    return Preferred(
        by_message=await storage.notices.wants_messages(session, caller.user_id),
        time_zone=await storage.preferences.find_time_zone(session, caller.user_id),
        reused=await storage.wishes.find_of_person(session, caller.user_id),
    )
