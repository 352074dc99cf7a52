"""/me delete: everything of a person goes; what others play on with stays, without them.

The key goes first, and with it every word of theirs, wherever a copy lies. What follows takes its time and is
taken up again where it stopped: each step looks for what is left.
"""

import asyncio
from uuid import UUID

import structlog

import storage.characters
import storage.chats
import storage.guests
import storage.jobs
import storage.leaving
import storage.listings
import storage.shown
import storage.users
from bot.account.courier import Courier, Ticket, Tickets, once_a_person
from bot.account.telling import Telling
from bot.caller import Caller
from bot.characters.avatars import Avatars
from bot.characters.playing import forget_if_unused
from bot.chat.generation import Writers
from bot.chat.stage import Place
from bot.errors import Busy, Invalid
from bot.usage import Usage
from storage.database import Database, Session
from storage.jobs import Payload
from storage.leaving import Holdings, Posted
from storage.search import searchable

JOB = "me.delete"
UNDER_WAY = "Everything of yours is being deleted already. I tell you when it is done."
NOT_YOUR_NAME = "That is not your username, so nothing was deleted. It is `{username}`; type it exactly."
POSTS = "I am deleting everything of yours. Your posts: {done:,} of {total:,} …"
REST = "I am deleting everything of yours. Your posts are done; now chats, words and characters …"
DONE = (
    "Everything of yours is deleted: your key, your words, your characters, chats, personas and books, and your id. "
    "What stays on Discord is yours to delete there. If you use me again, you begin anew."
)
POSTS_AT_ONCE, CHATS_AT_ONCE, CHARACTERS_AT_ONCE, MESSAGES_AT_ONCE = 50, 5, 20, 100
HUSH_SECONDS = 5.0
MOST_ROUNDS = 5
"""So often it is looked whether something came meanwhile, from somebody who goes on playing."""

log = structlog.get_logger()


class Deletion:
    """Deletes people who ask for it."""

    def __init__(
        self,
        *,
        database: Database,
        tickets: Tickets,
        courier: Courier,
        writers: Writers,
        usage: Usage,
        avatars: Avatars,
    ) -> None:
        self._database = database
        self._tickets = tickets
        self._courier = courier
        self._writers = writers
        self._usage = usage
        self._avatars = avatars

    async def look(self, caller: Caller) -> Holdings:
        """What would go, in numbers; Busy while it is going."""
        async with self._database.transaction() as session:
            await self._require_free(session, caller)
            return await storage.leaving.count_holdings(session, caller.user_id)

    async def require_meant(self, caller: Caller, typed: str) -> None:
        """Raises Invalid unless the caller typed their own username, Busy where they did so before."""
        if typed.strip().removeprefix("@").casefold() != caller.username.casefold():
            raise Invalid(NOT_YOUR_NAME.format(username=caller.username))
        async with self._database.transaction() as session:
            await self._require_free(session, caller)

    async def begin(self, caller: Caller, ticket: Ticket) -> None:
        """Has everything of the caller's deleted; they hear of it where the ticket says, or by direct message."""
        await self._tickets.begin(caller, ticket, JOB)

    async def run(self, payload: Payload) -> None:
        """The job."""
        user_id, ticket_id = int(payload["user"]), str(payload["ticket"])
        telling = Telling(self._courier, await self._tickets.find(user_id, ticket_id), user_id)
        await self._hush(user_id)
        await self._destroy_key(user_id)
        await self._remove_posts(user_id, telling)
        await telling.progress(REST)
        for number in range(MOST_ROUNDS):
            await self._clear(user_id)
            if await self._forget(user_id, is_last=number == MOST_ROUNDS - 1):
                break
        await self._usage.forget(user_id)
        await self._tickets.forget(ticket_id)
        log.info("person.deleted")
        await telling.end(DONE)

    async def _require_free(self, session: Session, caller: Caller) -> None:
        if await storage.jobs.is_under_way(session, once_a_person(JOB, caller.user_id)):
            raise Busy(UNDER_WAY)

    async def _hush(self, user_id: int) -> None:
        """Ends the person's chats and the replies to them, and waits a little until they have ended."""
        async with self._database.transaction() as session:
            writing = await storage.leaving.end_chats(session, user_id)
        for generation_id in writing:
            await self._writers.stop(generation_id)
        deadline = asyncio.get_running_loop().time() + HUSH_SECONDS
        while writing and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.1)
            async with self._database.transaction() as session:
                writing = await storage.leaving.list_writing(session, user_id)

    async def _destroy_key(self, user_id: int) -> None:
        async with self._database.transaction() as session:
            await storage.leaving.destroy_key(session, user_id)
        self._database.vault.forget("user", user_id)

    # --- on Discord -----------------------------------------------------------------------------------

    async def _remove_posts(self, user_id: int, telling: Telling) -> None:
        """Deletes the posts that show the person's words, as far as Discord lets us."""
        async with self._database.transaction() as session:
            total = await storage.leaving.count_posts(session, user_id)
        done = 0
        while True:
            async with self._database.transaction() as session:
                posts = await storage.leaving.list_posts(session, user_id, limit=POSTS_AT_ONCE)
                # Forgotten first: else each would be taken for one that somebody deletes, and the scenes go back.
                await storage.shown.unshow(session, [each.shown.discord_message_id for each in posts])
            if not posts:
                return
            for place, here in _by_place(posts).items():
                await self._courier.remove(place, [each.shown for each in here])
            done += len(posts)
            await telling.progress(POSTS.format(done=done, total=total))

    # --- in the database ------------------------------------------------------------------------------

    async def _clear(self, user_id: int) -> None:
        while await self._delete_chats(user_id):
            pass
        while await self._wipe_words(user_id):
            pass
        while await self._delete_characters(user_id):
            pass

    async def _delete_chats(self, user_id: int) -> bool:
        async with self._database.transaction() as session:
            chats = await storage.leaving.list_own_chats(session, user_id, limit=CHATS_AT_ONCE)
            for chat_id in chats:
                await _delete_chat(session, chat_id)
        return bool(chats)

    async def _wipe_words(self, user_id: int) -> bool:
        async with self._database.transaction() as session:
            return bool(await storage.leaving.wipe_some(session, user_id, limit=MESSAGES_AT_ONCE))

    async def _delete_characters(self, user_id: int) -> bool:
        freed: list[str] = []
        async with self._database.transaction() as session:
            username = await storage.users.find_username(session, user_id)
            owned = await storage.leaving.list_own_characters(session, user_id, limit=CHARACTERS_AT_ONCE)
            for character_id in owned:
                pictures = await storage.leaving.list_pictures(session, character_id)
                await _delete_character(session, character_id, username)
                freed += [each for each in pictures if await storage.leaving.forget_file(session, each)]
        await self._drop_files(freed)
        return bool(owned)

    async def _forget(self, user_id: int, *, is_last: bool) -> bool:
        """Forgets the person themselves; False when something of theirs came meanwhile, and they stay."""
        async with self._database.transaction() as session:
            if not is_last and await storage.leaving.find_left(session, user_id):
                return False
            pictures = await storage.leaving.forget_person(session, user_id)
            freed = [each for each in pictures if await storage.leaving.forget_file(session, each)]
        self._database.vault.forget("user", user_id)
        await self._drop_files(freed)
        return True

    async def _drop_files(self, names: list[str]) -> None:
        for name in names:
            await self._avatars.drop(name)


async def _delete_chat(session: Session, chat_id: UUID) -> None:
    chat = await storage.chats.find_chat(session, chat_id, lock=True)
    if chat is None:
        return
    guests = await storage.guests.list_guests(session, chat.tree_id)
    await storage.chats.delete_chat(session, chat)
    for character_id in filter(None, (chat.character_id, *guests)):
        await forget_if_unused(session, character_id)


async def _delete_character(session: Session, character_id: UUID, username: str | None) -> None:
    """As its owner would; where others still play it, it is nobody's from now on."""
    found = await storage.characters.find_character(session, character_id, lock=True)
    if found is None:
        return
    await storage.characters.set_status(session, character_id, "deleted")
    await storage.listings.drop_pending(session, character_id)
    await forget_if_unused(session, character_id)
    await storage.leaving.orphan_character(session, character_id, username)
    named = searchable(found.name, found.nickname, found.short_description, *found.tags)
    await storage.leaving.forget_words(session, named.split())


def _by_place(posts: list[Posted]) -> dict[Place, list[Posted]]:
    places: dict[Place, list[Posted]] = {}
    for each in posts:
        thread = each.place_id if each.place_id != each.channel_id else None
        places.setdefault(Place(each.guild_id, each.channel_id, thread), []).append(each)
    return places
