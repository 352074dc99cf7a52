"""/me export: everything of a person as archives that can be read without the program, made and sent one by one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from uuid import UUID

import orjson
import structlog

import storage.belongings
import storage.jobs
import storage.lorebooks
import storage.users
from bot.account.chat_files import chat_entries, heard_entries
from bot.account.courier import Courier, Ticket, Tickets, once_a_person
from bot.account.packing import Entry, Parcel, as_json, fits_alone
from bot.account.readme import readme
from bot.account.telling import Telling
from bot.caller import Caller
from bot.cards.export_files import write_json
from bot.cards.untrusted_json import JsonObject
from bot.characters.avatars import Avatars
from bot.characters.catalogue import Characters
from bot.characters.exports import Exports
from bot.chat.transcripts import file_stem
from bot.errors import Busy, Invalid, NotFound
from storage.database import Database, Session
from storage.jobs import Payload
from storage.lorebooks import Book

JOB = "me.export"
MOST_BYTES = 10 * 1024 * 1024 - 65_536
"""Of one archive: as a direct message takes it from anybody, with what is sent around it."""
UNDER_WAY = "Your last export is still being made. It comes by itself; ask again when it is there."
COLLECTING = "I am putting together what is yours: {done:,} of {total:,} chats, characters and books …"
PART = "Part {number} of what is yours."
DONE = "That is everything of yours, in {parts}. README.txt in the first says what is what."
ONE, SEVERAL = "one archive", "{count} archives"

Progress = Callable[[int, int], Awaitable[None]]
log = structlog.get_logger()


class AccountExports:
    """Puts together what is a person's, and sends it to them."""

    def __init__(
        self,
        *,
        database: Database,
        tickets: Tickets,
        courier: Courier,
        characters: Characters,
        exports: Exports,
        avatars: Avatars,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._database = database
        self._tickets = tickets
        self._courier = courier
        self._characters = characters
        self._exports = exports
        self._avatars = avatars
        self._most_bytes = most_bytes

    async def require_free(self, caller: Caller) -> None:
        """Raises Busy while an export of the caller's is under way."""
        async with self._database.transaction() as session:
            if await storage.jobs.is_under_way(session, once_a_person(JOB, caller.user_id)):
                raise Busy(UNDER_WAY)

    async def begin(self, caller: Caller, ticket: Ticket) -> None:
        """Has the export made; it comes to where the ticket says, or by direct message."""
        await self._tickets.begin(caller, ticket, JOB)

    async def run(self, payload: Payload) -> None:
        """The job: sends archive after archive; begun anew it begins with the first."""
        user_id, ticket_id = int(payload["user"]), str(payload["ticket"])
        ticket = await self._tickets.find(user_id, ticket_id)
        telling = Telling(self._courier, ticket, user_id)
        limit = min(self._most_bytes, ticket.limit_bytes) if ticket else self._most_bytes

        async def progress(done: int, total: int) -> None:
            await telling.progress(COLLECTING.format(done=done, total=total))

        number = 0
        async with aclosing(self.archives(user_id, limit=limit, progress=progress)) as archives:
            async for name, content in archives:
                number += 1
                text = PART.format(number=number)
                if not await self._courier.hand_over(ticket, user_id, text, name=name, content=content):
                    log.warning("export.not_delivered", user=user_id, part=number)
                    return
        await telling.end(DONE.format(parts=ONE if number == 1 else SEVERAL.format(count=number)))
        await self._tickets.forget(ticket_id)

    async def archives(
        self, user_id: int, *, limit: int, progress: Progress | None = None
    ) -> AsyncGenerator[tuple[str, bytes]]:
        """Names and contents of the archives, each made when the one before has been taken."""
        parcel, number = Parcel(limit), 1
        try:
            async with aclosing(self._entries(user_id, limit, progress)) as entries:
                async for entry in entries:
                    if parcel.count and not parcel.fits(entry):
                        yield f"dramatis-{user_id}-{number}.zip", parcel.close()
                        parcel, number = Parcel(limit), number + 1
                    await asyncio.to_thread(parcel.add, entry)
            yield f"dramatis-{user_id}-{number}.zip", parcel.close()
        finally:
            parcel.close()

    # --- what is in them ------------------------------------------------------------------------------

    async def _entries(self, user_id: int, limit: int, progress: Progress | None) -> AsyncGenerator[Entry]:
        async with self._database.transaction() as session:
            username = await storage.users.find_username(session, user_id) or f"user {user_id}"
            characters = await storage.belongings.list_owned_characters(session, user_id)
            chats = await storage.belongings.list_owned_chats(session, user_id)
            books = await storage.lorebooks.list_titles(session, user_id)
            sheets = await _sheets(session, user_id)
        yield Entry("README.txt", readme(username=username, user_id=user_id, now=datetime.now(UTC)).encode())
        for name, value in sheets.items():
            yield Entry(f"{name}.json", as_json(value))
        async for entry in self._personas(user_id):
            yield entry
        caller = Caller(user_id, username, username)
        things = (
            *(self._character(caller, each, limit) for each in characters),
            *(self._book(each.id) for each in books),
            *(chat_entries(self._database, each, user_id) for each in chats),
        )
        for number, parts in enumerate(things, 1):
            async with aclosing(parts):
                async for entry in parts:
                    yield entry
            if progress is not None:
                await progress(number, len(things))
        async for entry in heard_entries(self._database, user_id):
            yield entry

    async def _personas(self, user_id: int) -> AsyncGenerator[Entry]:
        async with self._database.transaction() as session:
            sheets = await storage.belongings.list_personas(session, user_id)
        for sheet in sheets:
            stem = f"personas/{file_stem(str(sheet.values['name']))}-{sheet.id.hex[-6:]}"
            yield Entry(f"{stem}.json", as_json(sheet.values))
            picture = await self._avatars.read(sheet.avatar) if sheet.avatar else None
            if picture is not None:
                yield Entry(f"{stem}.png", picture)

    async def _character(self, caller: Caller, character_id: UUID, limit: int) -> AsyncGenerator[Entry]:
        """The card of a character, with its pictures as far as an archive has room for them."""
        try:
            definition = await self._characters.definition(caller, str(character_id))
        except NotFound:
            return  # its words were removed
        stem = f"characters/{file_stem(definition.character.name)}-{character_id.hex[-6:]}"
        avatar = definition.character.avatar
        entry = await self._card(caller, character_id, stem, limit)
        yield entry or Entry(f"{stem}.json", await asyncio.to_thread(write_json, definition.card))
        picture = await self._avatars.read(avatar) if avatar else None
        if picture is not None:
            yield await self._card(caller, character_id, stem, limit, picture=picture) or Entry(f"{stem}.png", picture)

    async def _card(
        self, caller: Caller, character_id: UUID, stem: str, limit: int, *, picture: bytes = b""
    ) -> Entry | None:
        """A card file, as a picture where there is one; None where an archive has no room for it."""
        kind = "png" if picture else "json"
        try:
            _, content = await self._exports.export(
                caller, str(character_id), kind, plain_picture=picture, limit_bytes=limit
            )
        except Invalid:
            return None
        entry = Entry(f"{stem}.{kind}", content)
        return entry if fits_alone(entry, limit) else None

    async def _book(self, book_id: UUID) -> AsyncGenerator[Entry]:
        async with self._database.transaction() as session:
            book = await storage.lorebooks.find_lorebook(session, book_id)
        if book is not None:
            yield Entry(f"lorebooks/{file_stem(book.name)}-{book_id.hex[-6:]}.json", as_json(_lorebook(book)))


async def _sheets(session: Session, user_id: int) -> dict[str, object]:
    """What is a file of its own, by its name."""
    return {
        "profile": await storage.belongings.find_profile(session, user_id),
        "usage": await storage.belongings.list_usage(session, user_id),
        "reports": await storage.belongings.list_reports(session, user_id),
        "decisions": await storage.belongings.list_decisions(session, user_id),
    }


def _lorebook(book: Book) -> JsonObject:
    frame: JsonObject = orjson.loads(book.frame) if book.frame else {}
    entries = [orjson.loads(entry) for entry in book.entries]
    return {"spec": "lorebook_v3", "data": {**frame, "name": book.name, "entries": entries}}
