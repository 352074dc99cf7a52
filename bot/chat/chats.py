"""Chats: open one, say something, have a reply again, stop it, go on, look back, end."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

import storage.characters
import storage.chats
import storage.generations
import storage.guilds
import storage.messages
import storage.personas
import storage.users
from bot.bans import Banned, require_player
from bot.caller import Caller
from bot.characters.finding import find_visible
from bot.characters.playing import forget_if_unused
from bot.characters.visibility import require_startable, why_not
from bot.chat.generation import Writer, Writers, reply_of
from bot.chat.openings import add_greeting, find_pinned
from bot.chat.scene import ModelChoice, Scene, Scenes, place_of, user_name
from bot.chat.stage import Opening, Place, Showing, Stage
from bot.chat.turns import Turns
from bot.errors import Busy, Invalid, LimitReached, NotFound, NotYours, Unavailable
from storage.chats import Chat, Shown
from storage.database import Database, Session
from storage.generations import Kind
from storage.ids import new_id
from storage.locks import Locks
from storage.messages import Message, Speaker
from storage.personas import Persona

PAGE = 50
LONGEST_SAYING = 8_000
NO_CHAT_HERE = "No chat is played here. Start one with `/character pick`."
ENDED = "This chat has ended. Start another with `/character pick`; `/chat history` still shows this one."
GONE = "This reply is no longer in the chat. `/chat history` shows what is."
WRITING = "A reply is being written. Press *Stop* first, or wait for its end."
PARKED = "This chat is parked, for another one was started here since. End that one first: `/chat end`."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that a person said in a place, by a message or by an interaction.

    `event` is Discord's id of either: the same event never makes a second message.
    `discord_message_id` is the post that shows it, None when no post does yet. `to_us` tells whether it was
    certainly meant for a chat (a mention, a command), so that where none is played they should be told.
    """

    place: Place
    event: int
    discord_message_id: int | None
    text: str
    to_us: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A chat that has just begun, and whether this very command had opened it before."""

    place: Place
    character_name: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A stretch of a chat's path, newest first; `older` is the cursor of the next page."""

    title: str
    messages: tuple[Message, ...]
    older: UUID | None


class Chats:
    """What people do in chats."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        locks: Locks,
        stage: Stage,
        scenes: Scenes,
        model: ModelChoice,
    ) -> None:
        self._database = database
        self._writers = writers
        self._locks = locks
        self._stage = stage
        self._scenes = scenes
        self._model = model
        self._turns = Turns()

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
        model = self._model.name_for(chat)
        try:
            place = await self._stage.open(Opening(place, caller.user_id, title, private, character, model))
        except BaseException:
            await self._forget(chat)
            raise
        async with self._database.transaction() as session:
            await storage.chats.park(session, place_id=place.id)
            await storage.chats.place_chat(session, chat.id, place.id)
            await storage.characters.count_play(session, character.id)
        await self._greet(replace(chat, place_id=place.id), caller)
        log.info("chat.opened", chat=str(chat.id), character=str(character.id))
        return Opened(place, character.name)

    async def require_open(self, place: Place, text: str) -> None:
        """Raises NotFound, Invalid or LimitReached when this could not be said here."""
        _require_words(text)
        async with self._database.transaction() as session:
            await self._open_chat(session, place.id)

    async def say(self, caller: Caller, saying: Saying) -> bool:
        """Takes what a person said into the story and has it answered.

        While a reply is being written it is stored, and answered next. False when it was here before, or
        when no chat is played in this place and the words were not certainly for one.
        """
        async with self._turns.take(saying.place.id):
            return await self._say(caller, saying)

    async def _say(self, caller: Caller, saying: Saying) -> bool:
        async with self._database.transaction() as session:
            chat = await storage.chats.find_open_chat(session, saying.place.id, lock=True)
            if chat is None:
                if saying.to_us:
                    await self._open_chat(session, saying.place.id)
                return False
            try:
                await require_player(session, caller)
            except Banned:
                if saying.to_us:
                    raise
                return False  # told when they ask for something, not under all that they write
            _require_words(saying.text)
            personas = await storage.personas.list_active(session, chat.id)
            message = await self._add_saying(session, chat, caller, saying, personas.get(caller.user_id))
            if message is None:
                return False
            if chat.is_unsettled:
                await storage.generations.queue(session, generation_id=new_id(), chat_id=chat.id, answers_id=message.id)
                return True
            scene = await self._scenes.load(session, chat, answers=message.id, personas=personas)
            writer = await self._writers.begin(session, chat, scene, parent=message, kind="reply")
            await self._locks.check()  # without Redis nothing is stored half
        self._writers.start(writer, scene)
        return True

    async def regenerate(self, caller: Caller, message_id: UUID) -> None:
        """Has a reply written again, as a sibling of the old one."""
        await self._write_sibling(caller, message_id, "regenerate")

    async def go_on(self, caller: Caller, message_id: UUID) -> None:
        """Has a reply continued: a sibling that begins with the old text."""
        await self._write_sibling(caller, message_id, "continue")

    async def stop(self, caller: Caller, generation_id: UUID, place: Place) -> None:
        """Ends the reply that is being written in this place."""
        async with self._database.transaction() as session:
            generation = await storage.generations.find_generation(session, generation_id)
            chat = await storage.chats.find_chat(session, generation.chat_id) if generation else None
        if chat is None or chat.place_id != place.id or not await self._writers.stop(generation_id):
            raise NotFound("This reply has already ended.")

    async def owner_of(self, place: Place) -> int | None:
        """Who opened the chat that is played in a place; None when none is."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_open_chat(session, place.id)
        return chat.owner_id if chat else None

    async def end(self, caller: Caller, place: Place) -> Chat:
        """Ends the chat of a place: its owner's right, and that of whoever moderates threads there."""
        async with self._database.transaction() as session:
            chat = await self._open_chat(session, place.id)
            if caller.user_id != chat.owner_id and not caller.may_moderate:
                raise NotYours("Only whoever opened this chat, or somebody who manages threads here, can end it.")
            running = await storage.generations.find_streaming(session, chat.id)
            await storage.generations.drop_queued(session, chat.id)
            await storage.chats.set_status(session, chat.id, "ended")
            if chat.character_id:
                await forget_if_unused(session, chat.character_id)
        if running:
            await self._writers.stop(running.id)
        return chat

    async def close(self, chat: Chat) -> None:
        """Archives the thread of a chat that has ended, once the good-bye is said."""
        await self._stage.close(place_of(chat))

    async def mine(self, caller: Caller, *, before: datetime | None = None, limit: int = 10) -> list[Chat]:
        """The caller's chats, the one played last first."""
        async with self._database.transaction() as session:
            return await storage.chats.list_chats(session, caller.user_id, limit=limit, before=before)

    async def history(self, caller: Caller, place: Place, *, cursor: UUID | None = None) -> HistoryPage:
        """What was said in the chat of a place, up to 50 messages from the leaf or from a cursor backwards."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_latest_chat(session, place.id)
            if chat is None:
                raise NotFound(NO_CHAT_HERE)
            start = cursor or chat.leaf_id
            path = (
                await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=start, limit=PAGE + 1)
                if start
                else []
            )
        more = len(path) > PAGE
        return HistoryPage(chat.title, tuple(path[:PAGE]), path[PAGE].id if more else None)

    async def _write_sibling(self, caller: Caller, message_id: UUID, kind: Kind) -> None:
        if not await self._locks.take(message_id):
            raise Busy(WRITING)
        try:
            async with self._database.transaction() as session:
                await require_player(session, caller)
                old, chat = await self._reply_here(session, message_id)
                writer, scene = await self._begin_sibling(session, chat, caller, old, kind)
                shown = await storage.chats.list_shown(session, old.id, chat.id)
                newest = await storage.chats.find_newest_shown(session, chat.id)
                in_place = bool(shown) and shown[-1].discord_message_id == newest
                if in_place:
                    reply = reply_of(writer.generation)
                    await storage.chats.reshow(session, chat_id=chat.id, shows=reply, instead_of=old.id)
                    writer.shown = tuple(replace(each, message_id=reply) for each in shown)
        except BaseException:
            await self._locks.release(message_id)
            raise
        writer.lock = message_id
        if shown and not in_place:
            await self._stage.say(place_of(chat), _divider(place_of(chat), shown[0]))
        self._writers.start(writer, scene)

    async def _begin_sibling(
        self, session: Session, chat: Chat, caller: Caller, old: Message, kind: Kind
    ) -> tuple[Writer, Scene]:
        if chat.is_writing:
            raise Busy(WRITING)
        parent = await storage.messages.find_message(session, old.parent_id) if old.parent_id else None
        if parent is None:
            raise Invalid("The greeting stands as it is. Write something, and the reply can be had again.")
        continues = (old.text or "") if kind == "continue" else ""
        if kind == "continue" and not continues.strip():
            raise Invalid("There is nothing to go on from. *Regenerate* asks for a new reply.")
        await storage.chats.join(session, chat_id=chat.id, user_id=caller.user_id, username=caller.username)
        scene = await self._scenes.load(session, chat, answers=parent.id, continues=continues)
        return await self._writers.begin(session, chat, scene, parent=parent, kind=kind), scene

    async def _reply_here(self, session: Session, message_id: UUID) -> tuple[Message, Chat]:
        old = await storage.messages.find_message(session, message_id)
        chat = await storage.chats.find_chat(session, old.chat_id, lock=True) if old and old.chat_id else None
        if old is None or chat is None or old.role != "character" or old.status == "removed":
            raise NotFound(GONE)
        if chat.status == "parked":
            raise Invalid(PARKED)
        if chat.status != "open":
            raise Invalid(ENDED)
        return old, chat

    async def _open_chat(self, session: Session, place_id: int) -> Chat:
        chat = await storage.chats.find_open_chat(session, place_id, lock=True)
        if chat is None:
            latest = await storage.chats.find_latest_chat(session, place_id)
            raise NotFound(ENDED if latest else NO_CHAT_HERE)
        return chat

    async def _add_saying(
        self, session: Session, chat: Chat, caller: Caller, saying: Saying, persona: Persona | None
    ) -> Message | None:
        await storage.chats.join(session, chat_id=chat.id, user_id=caller.user_id, username=caller.username)
        message = await storage.messages.add_message(
            session,
            message_id=new_id(),
            tree_id=chat.tree_id,
            chat_id=chat.id,
            parent=chat.leaf,
            role="person",
            speaker=Speaker(user_name(caller, persona), None, persona.id if persona else None),
            text=saying.text,
            status="complete",
            author_user_id=caller.user_id,
            idempotency_key=f"discord:{saying.event}",
        )
        if message is None:
            return None
        if chat.is_unsettled:
            await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
        if saying.discord_message_id:
            await storage.chats.show(
                session, chat.id, Shown(saying.discord_message_id, message.id, 0, saying.place.id, None)
            )
        return message

    async def _greet(self, chat: Chat, caller: Caller) -> None:
        async with self._database.transaction() as session:
            greeted = await add_greeting(session, chat, caller)
        if greeted is not None:
            message, face = greeted
            showing = Showing(place_of(chat), chat.id, message.id, face, (), None)
            await self._stage.display(showing, self._writers.posts).finish(message.text or "", "", None)

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
            log.warning("chat.not_forgotten", chat=str(chat.id))  # remove_unplaced does it later


def _require_words(text: str) -> None:
    if not text.strip():
        raise Invalid("There are no words in this. Write what you say or do.")
    if len(text) > LONGEST_SAYING:
        raise LimitReached(f"That is {len(text):,} letters; {LONGEST_SAYING:,} fit. Say it in two parts.")


def _divider(place: Place, shown: Shown) -> str:
    link = f"https://discord.com/channels/{place.guild_id or '@me'}/{place.id}/{shown.discord_message_id}"
    return f"-# ↱ The scene goes on from [an earlier reply]({link}); what came after it stands in another branch."
