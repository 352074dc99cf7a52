"""How a chat begins: the thread, which version it keeps to, the greeting; and branches in threads of their own."""

from dataclasses import dataclass, replace
from uuid import UUID

import structlog

import storage.character_versions
import storage.characters
import storage.chat_lore
import storage.chats
import storage.guilds
import storage.notes
import storage.shown
import storage.users
from bot.bans import require_player
from bot.caller import Caller
from bot.characters.finding import find_visible
from bot.characters.playing import WORDS_GONE, greetings, load_played
from bot.characters.visibility import require_playable, require_startable, why_not
from bot.chat.choices import ModelChoice, choices_of
from bot.chat.greetings import add_greetings
from bot.chat.posting import Poster, Standing
from bot.chat.scene import place_of
from bot.chat.stage import Divider, Ended, Opening, Place, Stage, link_to
from bot.chat.standing import NOTHING_THERE, WRITING, require_governing, require_open, require_part, row_of
from bot.errors import Busy, Invalid, NotFound, Unavailable
from storage.characters import Character
from storage.chats import Chat
from storage.database import Database, Session
from storage.ids import new_id

LONGEST_TITLE = 90

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """A chat that has just begun, and whether this very command had opened it before."""

    place: Place
    character_name: str
    again: bool = False


class Openings:
    """How chats begin: with a character, or as a branch of another chat."""

    def __init__(self, *, database: Database, stage: Stage, poster: Poster, model: ModelChoice) -> None:
        self._database = database
        self._stage = stage
        self._poster = poster
        self._model = model

    async def open(
        self,
        caller: Caller,
        wanted: str,
        place: Place,
        *,
        interaction_id: int,
        private: bool = False,
        version: int | None = None,
    ) -> Opened:
        """Opens a chat: the row first, then the thread with its starter card, then the greeting.

        With a `version` the chat keeps to that one; without, it follows the newest.
        """
        async with self._database.transaction() as session:
            await require_player(session, caller, starting=True)
            await storage.users.touch_user(session, caller.user_id, caller.username)
            if place.guild_id is not None:
                await storage.guilds.touch_guild(session, place.guild_id)
            character = await find_visible(session, caller, wanted)
            title = f"{character.name} & {caller.display_name}"
            # Locked, for its author may be deleting it at this moment.
            locked = await storage.characters.find_character(session, character.id, guild_id=caller.guild_id, lock=True)
            if locked is None:
                raise NotFound(why_not(caller, None))
            require_startable(caller, locked)
            chat = await storage.chats.add_chat(
                session,
                chat_id=new_id(),
                owner_id=caller.user_id,
                guild_id=place.guild_id,
                channel_id=place.channel_id,
                character_id=character.id,
                title=title,
                interaction_id=interaction_id,
                pinned_version_id=await find_pinned(session, character, version),
            )
            if chat is None:
                return await self._opened_before(session, interaction_id, character.name)
        model = choices_of(chat, self._model).model
        chat = await self._place(chat, Opening(place, caller.user_id, title, private, character, model))
        await self._greet(chat, caller)
        log.info("chat.opened", chat=str(chat.id), character=str(character.id))
        return Opened(place_of(chat), character.name)

    async def fork(
        self, caller: Caller, place: Place, message_id: UUID, *, interaction_id: int, private: bool = False
    ) -> Opened:
        """Opens a thread of its own for the branch at a message: a new chat in the same tree; nothing is copied.

        `private` is whether the thread it leaves is, for so is then the new one.
        """
        if place.guild_id is None:
            raise Invalid("In direct messages there are no threads. *Here* branches in place.")
        async with self._database.transaction() as session:
            await require_player(session, caller, starting=True)
            old = await require_open(session, place.id)
            require_governing(caller, old, "branch into a new thread")
            message = await require_part(session, old, message_id)
            if message.status == "streaming":
                raise Busy(WRITING)
            if message.status == "failed":
                raise Invalid(NOTHING_THERE)
            character = old.character_id and await storage.characters.find_character(
                session, old.character_id, guild_id=caller.guild_id
            )
            if not character:
                raise NotFound(WORDS_GONE)
            require_playable(character, adults=caller.sees_adults)
            await storage.users.touch_user(session, caller.user_id, caller.username)
            chat = await storage.chats.add_chat(
                session,
                chat_id=new_id(),
                owner_id=caller.user_id,
                guild_id=place.guild_id,
                channel_id=place.channel_id,
                character_id=character.id,
                title=f"↱ {old.title.removeprefix('↱ ')}"[:LONGEST_TITLE],
                interaction_id=interaction_id,
                pinned_version_id=old.pinned_version_id,
                fork_of=old,
                leaf_id=message.id,
            )
            if chat is None:
                return await self._opened_before(session, interaction_id, character.name)
            await storage.chat_lore.copy_books(session, from_chat_id=old.id, to_chat_id=chat.id)
            await storage.notes.save_note(session, chat, await storage.notes.find_note(session, old))
            shown = await storage.shown.list_shown(session, message.id, old.id)
            standing = Standing(message, await row_of(session, chat, message))
        at, model = shown[0].discord_message_id if shown else None, choices_of(chat, self._model).model
        from_post = link_to(place, at) if at else None
        opening = Opening(place, caller.user_id, chat.title, private, character, model, from_post)
        chat = await self._place(chat, opening)
        if message.role == "character":
            await self._poster.show(chat, standing)
        else:
            await self._poster.arrive(chat, Divider("fork"), standing)
        return Opened(place_of(chat), character.name)

    async def _place(self, chat: Chat, opening: Opening) -> Chat:
        """Has the thread opened for a chat's row, or forgets the row."""
        try:
            place = await self._stage.open(opening)
        except BaseException:
            await self._forget(chat)
            raise
        async with self._database.transaction() as session:
            await storage.chats.park(session, place_id=place.id)
            await storage.chats.place_chat(session, chat.id, place.id)
            await storage.characters.count_play(session, opening.character.id)
        return replace(chat, place_id=place.id)

    async def _greet(self, chat: Chat, caller: Caller) -> None:
        async with self._database.transaction() as session:
            played = chat.character_id and await load_played(
                session, chat.character_id, version_id=chat.pinned_version_id, guild_id=chat.guild_id
            )
            if not played:
                raise NotFound(WORDS_GONE)
            greeting = await add_greetings(session, chat, played, caller, greetings(played.card))
            row = await row_of(session, chat, greeting) if greeting else None
        if greeting is not None:
            has_others = isinstance(row, Ended) and row.count > 1
            await self._poster.show(chat, Standing(greeting, row if has_others else None))

    async def _opened_before(self, session: Session, interaction_id: int, name: str) -> Opened:
        chat = await storage.chats.find_chat_of_interaction(session, interaction_id)
        if chat is None or chat.place_id is None:
            raise Busy("This chat is being opened already. It appears in a moment.")
        return Opened(place_of(chat), name, again=True)

    async def _forget(self, chat: Chat) -> None:
        try:
            async with self._database.transaction() as session:
                await storage.chats.delete_chat(session, chat)
        except Unavailable:
            log.warning("chat.not_forgotten", chat=str(chat.id))  # the sweeper does it later


async def find_pinned(session: Session, character: Character, number: int | None) -> UUID | None:
    """The version that a chat shall keep to, None for none; NotFound or Invalid when it cannot."""
    if number is None:
        return None
    version_id = await storage.character_versions.find_version_id(session, character.id, number)
    if version_id is None:
        raise NotFound(f"{character.name} has no version {number}; the newest is {character.newest_version}.")
    reviewed = character.policy == "review" and character.owner_guild_id is None
    if reviewed and number != character.approved_version:
        raise Invalid(f"This server plays version {character.approved_version}, the one its admins approved.")
    return version_id
