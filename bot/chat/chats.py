"""Chats: say something, stop a reply, rename, end, delete."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

import storage.chats
import storage.generations
import storage.guests
import storage.personas
import storage.shown
import storage.turns
from bot.bans import Banned, require_player
from bot.caller import Caller
from bot.characters.playing import forget_if_unused
from bot.chat.generation import Writers
from bot.chat.identities import AS_IT_IS, Identity, load_identities, load_identity, name_of
from bot.chat.posting import Poster
from bot.chat.scene import place_of
from bot.chat.scenes import Scenes
from bot.chat.stage import Attached, Divider, Face, Look, Place, Stage
from bot.chat.standing import may_govern, require_governing, require_open, require_part, require_words
from bot.chat.turns import Turns
from bot.chat.writer import Writer
from bot.errors import Invalid, NotFound, NotYours
from bot.usage import Usage
from storage.branches import is_on_path
from storage.chats import Chat
from storage.database import Database, Session
from storage.ids import new_id
from storage.messages import Message, Node, Role, Speaker
from storage.shown import Shown
from storage.turns import Said

LONGEST_SAYING = 8_000
LONGEST_TITLE = 90
NOT_YOUR_BRANCH = (
    "You replied to a message of another branch, and only whoever opened this chat, or somebody who manages threads "
    "here, can go back to one. Your words were not taken in: say them without replying."
)
NO_LONGER_PLAYED = (
    "-# {name}, whom you played as may not be played as here any more, so you said this as yourself. `/persona use` "
    "and `/persona play-as` make you somebody else."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that a person said in a place, by a message or by an interaction.

    `event` is Discord's id of either: the same event never makes a second message.
    `discord_message_id` is the post that shows it, None when no post does yet. `to_us` tells whether it was
    certainly meant for a chat (a mention, a command), so that where none is played they should be told.
    `replies_to` is the post that was replied to. `files` go along where the post is shown anew under another name;
    None: it cannot be.
    """

    place: Place
    event: int
    discord_message_id: int | None
    text: str
    to_us: bool = False
    replies_to: int | None = None
    role: Role = "person"
    files: tuple[Attached, ...] | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A chat that has ended, and the parked one that goes on in its place (in direct messages)."""

    chat: Chat
    resumed: Chat | None


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of a saying: the branch that it began, and the reply to it unless that waits."""

    chat: Chat
    branched_at: Shown | None
    begun: Writer | None = None
    hint: str = ""
    look: Look | None = None


class Chats:
    """What people do in chats."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        stage: Stage,
        scenes: Scenes,
        usage: Usage,
        poster: Poster,
        turns: Turns,
    ) -> None:
        self._database = database
        self._writers = writers
        self._stage = stage
        self._scenes = scenes
        self._usage = usage
        self._poster = poster
        self._turns = turns

    async def require_open(self, caller: Caller, place: Place, text: str) -> str:
        """The name under which the caller says this here; NotFound, Invalid or MissingPermission when they cannot."""
        require_words(text, LONGEST_SAYING)
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            await require_player(session, caller)
            adults = self._scenes.shows_adults(place)
            return name_of(caller, await load_identity(session, chat, caller, adults=adults))

    async def say(self, caller: Caller, saying: Saying) -> bool:
        """Takes what a person said into the story and has it answered.

        While a reply is being written it is stored, and answered next. False when it was here before, or
        when no chat is played in this place and the words were not certainly for one.
        """
        async with self._turns.take(saying.place.id):
            taken = await self._take(caller, saying)
        if taken is None:
            return False
        if taken.branched_at is not None:
            await self._poster.arrive(taken.chat, Divider("branch", taken.branched_at), None)
        if taken.hint:
            await self._poster.hint(taken.chat, taken.hint)
        if taken.look is not None and taken.look.files:
            await self._poster.look(taken.look)  # first, for it takes its time, and the reply belongs below it
        elif taken.look is not None:
            self._writers.run(self._poster.look(taken.look), name=f"look {taken.look.message_id}")
        if taken.begun is not None:
            self._writers.start(taken.begun)
        return True

    async def narrate(self, caller: Caller, saying: Saying) -> UUID:
        """Adds narration where the scene stands; nothing answers it before somebody asks. Its message's id."""
        async with self._turns.take(saying.place.id), self._database.transaction() as session:
            await require_player(session, caller)
            chat = await require_open(session, saying.place.id)
            require_words(saying.text, LONGEST_SAYING)
            await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
            message = await self._add_saying(session, chat, caller, saying, parent=chat.leaf)
            if message is None:
                raise Invalid("This narration is in the story already.")
            await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
            if chat.is_waiting:  # what waits is answered with this in mind
                await storage.generations.queue(session, generation_id=new_id(), chat_id=chat.id, answers_id=message.id)
        return message.id

    async def _take(self, caller: Caller, saying: Saying) -> _Taken | None:
        async with self._database.transaction() as session:
            chat = await storage.chats.find_open_chat(session, saying.place.id, lock=True)
            if chat is None:
                if saying.to_us:
                    await require_open(session, saying.place.id)
                return None
            try:
                await require_player(session, caller)
            except Banned:
                if saying.to_us:
                    raise
                return None  # told when they ask for something, not under all that they write
            adults = self._scenes.shows_adults(saying.place)
            identities = await load_identities(session, chat, adults=adults, caller=caller)
            identity = identities.get(caller.user_id)
            saying = _unescaped(saying, identity)
            require_words(saying.text, LONGEST_SAYING)
            parent, branched_at = await _parent_of(session, chat, caller, saying)
            message = await self._add_saying(session, chat, caller, saying, parent=parent, identity=identity)
            if message is None:
                return None
            hint = await _give_back(session, chat, caller) if identity is not None and identity.is_lost else ""
            taken = _Taken(chat, branched_at, hint=hint, look=_look_of(chat, saying, identity, message))
            # Asks the cache, too: without it nothing is stored half.
            await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
            if chat.is_unsettled:
                await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
                await storage.generations.queue(session, generation_id=new_id(), chat_id=chat.id, answers_id=message.id)
                return taken
            scene = await self._scenes.load_next(session, chat, answers=message.id, identities=identities)
            if scene is None:
                await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
                return taken
            writer = await self._writers.begin(session, chat, scene, parent=message, kind="reply")
        return replace(taken, begun=writer)

    async def stop(self, caller: Caller, generation_id: UUID, place: Place) -> None:
        """Ends the reply that is being written in this place."""
        async with self._database.transaction() as session:
            generation = await storage.generations.find_generation(session, generation_id)
            chat = await storage.chats.find_chat(session, generation.chat_id) if generation else None
            await require_player(session, caller)
        if chat is None or chat.place_id != place.id or not await self._writers.stop(generation_id):
            raise NotFound("This reply has already ended.")

    async def owner_of(self, place: Place) -> int | None:
        """Who opened the chat that is played in a place; None when none is."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_open_chat(session, place.id)
        return chat.owner_id if chat else None

    async def end(self, caller: Caller, place: Place) -> Gone:
        """Ends the chat of a place: its owner's right, and that of whoever moderates threads there."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, "end it")
            running = await storage.generations.find_streaming(session, chat.id)
            await storage.generations.drop_queued(session, chat.id)
            await storage.chats.set_status(session, chat.id, "ended")
            resumed = await storage.chats.unpark(session, place_id=place.id)
            await _forget_unused(session, chat, await storage.guests.list_guests(session, chat.tree_id))
        if running:
            await self._writers.stop(running.id)
        return Gone(chat, resumed)

    async def rename(self, caller: Caller, place: Place, title: str) -> Chat:
        """Calls the chat of a place, and its thread, by another title."""
        words = require_words(" ".join(title.split()), LONGEST_TITLE)
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            require_governing(caller, chat, "rename it")
            await storage.chats.rename(session, chat, words)
        await self._stage.rename(place, words)
        return chat

    async def to_delete(self, caller: Caller, place: Place) -> Chat:
        """The chat of a place, ended ones too, if the caller may delete it."""
        async with self._database.transaction() as session:
            return await _require_owned(session, caller, place)

    async def delete(self, caller: Caller, chat_id: UUID) -> Gone:
        """Deletes one's chat with all that was said in it; words in branches that are chats of their own stay there."""
        async with self._database.transaction() as session:
            chat = await storage.chats.find_chat(session, chat_id, lock=True)
            if chat is None or chat.owner_id != caller.user_id:
                raise NotFound("This chat is gone already.")
            running = await storage.generations.find_streaming(session, chat.id)
            guests = await storage.guests.list_guests(session, chat.tree_id)
            await storage.chats.delete_chat(session, chat)
            was_open = chat.place_id if chat.status == "open" else None
            resumed = await storage.chats.unpark(session, place_id=was_open) if was_open is not None else None
            await _forget_unused(session, chat, guests)
        if running:
            self._writers.stop_here(running.id)
        return Gone(chat, resumed)

    async def close(self, gone: Gone) -> None:
        """Archives the thread of a chat that has ended, once the good-bye is said."""
        await self._stage.close(place_of(gone.chat))

    async def mine(self, caller: Caller, *, before: datetime | None = None, limit: int = 10) -> list[Chat]:
        """The caller's chats, the one played last first."""
        async with self._database.transaction() as session:
            return await storage.chats.list_chats(session, caller.user_id, limit=limit, before=before)

    async def _add_saying(
        self,
        session: Session,
        chat: Chat,
        caller: Caller,
        saying: Saying,
        *,
        parent: Node | None,
        identity: Identity | None = None,
    ) -> Message | None:
        said = Said(
            user_id=caller.user_id,
            username=caller.username,
            speaker=identity.speaker(caller) if identity else Speaker(caller.display_name),
            text=saying.text,
            event=saying.event,
            post_id=saying.discord_message_id,
            place_id=saying.place.id,
            role=saying.role,
        )
        return await storage.turns.add_saying(session, chat, said, parent=parent)


async def _give_back(session: Session, chat: Chat, caller: Caller) -> str:
    """Makes somebody themselves again whose character may not be played any more; the words that tell them."""
    await storage.personas.use_persona(session, chat_id=chat.id, user_id=caller.user_id, persona_id=None)
    return NO_LONGER_PLAYED.format(name=f"<@{caller.user_id}>")


def _unescaped(saying: Saying, identity: Identity | None) -> Saying:
    """Without the backslash that has a single message shown as it is, where otherwise another name would stand."""
    if identity is None or not identity.look or not saying.text.startswith(AS_IT_IS):
        return saying
    return replace(saying, text=saying.text.removeprefix(AS_IT_IS), files=None)


def _look_of(chat: Chat, saying: Saying, identity: Identity | None, message: Message) -> Look | None:
    """How a saying is shown anew; None where it stays as it is."""
    if identity is None or not identity.look or saying.files is None or saying.discord_message_id is None:
        return None
    if saying.place.guild_id is None:
        return None
    face = Face(identity.name, identity.avatar)
    post_id, files = saying.discord_message_id, saying.files
    return Look(saying.place, chat.id, message.id, face, saying.text, post_id, files)


async def _parent_of(session: Session, chat: Chat, caller: Caller, saying: Saying) -> tuple[Node | None, Shown | None]:
    """What a saying follows: where the chat stands, or what was replied to, which then is where the scene branches."""
    found = await storage.shown.find_shown(session, saying.replies_to) if saying.replies_to else None
    if found is None or found[0] != chat.id or found[1].message_id == chat.leaf_id:
        return chat.leaf, None
    meant = await require_part(session, chat, found[1].message_id)
    if may_govern(caller, chat):
        return Node(meant.id, meant.depth), found[1]
    if not await is_on_path(session, chat, meant):
        raise NotYours(NOT_YOUR_BRANCH)
    return chat.leaf, None  # others quote what they talk about


async def _forget_unused(session: Session, chat: Chat, guests: Sequence[UUID]) -> None:
    """Removes for good those characters of a chat that were deleted and are played nowhere else."""
    for character_id in filter(None, (chat.character_id, *guests)):
        await forget_if_unused(session, character_id)


async def _require_owned(session: Session, caller: Caller, place: Place) -> Chat:
    chat = await storage.chats.find_latest_chat(session, place.id)
    if chat is None:
        raise NotFound("No chat is or was played here. `/chat list` shows yours.")
    if chat.owner_id != caller.user_id:
        raise NotYours("Only whoever opened this chat can delete it. `/chat end` ends it.")
    return chat
