"""The buttons under a reply: have it again, go on from it, look at its siblings, have something answered."""

from uuid import UUID

import storage.branches
import storage.chats
import storage.messages
import storage.shown
from bot.bans import require_player
from bot.caller import Caller
from bot.chat.generation import Writers
from bot.chat.posting import Poster, Standing
from bot.chat.scenes import Scenes
from bot.chat.stage import Divider, Place
from bot.chat.standing import (
    WRITING,
    find_newest,
    require_governing,
    require_part,
    require_settled,
    row_of,
)
from bot.chat.turns import Turns
from bot.chat.writer import Writer, reply_of
from bot.errors import Busy, Invalid, NotFound
from bot.usage import Usage
from storage.chats import Chat
from storage.database import Database, Session
from storage.generations import Kind
from storage.locks import Locks
from storage.messages import Message

FIRST = "This is the first one. ▶ shows the next."
LAST = "This is the last one. *Regenerate* asks for another."
GREETING = "The greeting stays as it is. Write something, and *Regenerate* works on the reply."
NO_REPLY = "That is not a reply. *Branch from here* has it answered anew."
NOTHING_YET = "There is nothing to go on from. *Regenerate* asks for a new reply."
NO_REPLY_YET = "There is no reply to go on from yet. Write something first."


class Swipes:
    """Siblings of replies: written anew, continued, shown in turn."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        locks: Locks,
        scenes: Scenes,
        usage: Usage,
        poster: Poster,
        turns: Turns,
    ) -> None:
        self._database = database
        self._writers = writers
        self._locks = locks
        self._scenes = scenes
        self._usage = usage
        self._poster = poster
        self._turns = turns

    async def regenerate(self, caller: Caller, place: Place, message_id: UUID, *, post_id: int | None = None) -> None:
        """Has a reply written again, as a sibling of the old one; `post_id` is the post whose button was pressed."""
        await self._write(caller, place, message_id, post_id, "regenerate")

    async def go_on(self, caller: Caller, place: Place, message_id: UUID, *, post_id: int | None = None) -> None:
        """Has a reply continued: a sibling that begins with the old text."""
        await self._write(caller, place, message_id, post_id, "continue")

    async def answer(self, caller: Caller, place: Place, message_id: UUID) -> None:
        """Has a person's words, or narration, answered."""
        await self._write(caller, place, message_id, None, "reply")

    async def speak(self, caller: Caller, place: Place, character_id: UUID) -> None:
        """Has a character of the scene speak next, whoever's turn it is."""
        async with self._database.transaction() as session:
            chat = await require_settled(session, place.id)
        if chat.leaf_id is None:
            raise Invalid(NO_REPLY_YET)
        await self._write(caller, place, chat.leaf_id, None, "reply", speaker_id=character_id)

    async def extend(self, caller: Caller, place: Place) -> None:
        """Has the scene go on from where it stands: continues the last reply, or answers what was said last."""
        async with self._database.transaction() as session:
            chat = await require_settled(session, place.id)
            leaf = await storage.messages.find_message(session, chat.leaf_id) if chat.leaf_id else None
        if leaf is None:
            raise Invalid(NO_REPLY_YET)
        await self._write(caller, place, leaf.id, None, "continue" if leaf.role == "character" else "reply")

    async def swipe(self, caller: Caller, place: Place, message_id: UUID, *, step: int, post_id: int) -> None:
        """Shows the sibling before (-1) or after (1): the scene then stands there, and no model is asked."""
        async with self._turns.take(place.id):
            async with self._database.transaction() as session:
                await require_player(session, caller)
                chat = await require_settled(session, place.id)
                old = await _pressed(session, chat, message_id, post_id)
                if old.role != "character":
                    raise Invalid(NO_REPLY)
                siblings = await storage.branches.list_siblings(session, old, chat_id=chat.id)
                at = siblings.index(old.id) + step
                if not 0 <= at < len(siblings):
                    raise Invalid(FIRST if step < 0 else LAST)
                if old.id != chat.leaf_id:
                    require_governing(caller, chat, "go back to an older reply")
                new = await require_part(session, chat, siblings[at])
                shown = await find_newest(session, chat, old)
                was = await storage.shown.list_shown(session, old.id, chat.id)
                await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=new.id)
                if shown:
                    shown = await storage.shown.reshow(session, shown, shows=new.id)
                standing = Standing(new, await row_of(session, chat, new), shown)
            self._poster.hush(place.id)
        if shown:
            await self._poster.show(chat, standing)
        else:
            await self._poster.arrive(chat, Divider("branch", was[0] if was else None), standing)

    async def _write(
        self,
        caller: Caller,
        place: Place,
        message_id: UUID,
        post_id: int | None,
        kind: Kind,
        *,
        speaker_id: UUID | None = None,
    ) -> None:
        if not await self._locks.take(message_id):
            raise Busy(WRITING)
        try:
            async with self._turns.take(place.id), self._database.transaction() as session:
                await require_player(session, caller)
                chat = await require_settled(session, place.id)
                old = await _pressed(session, chat, message_id, post_id)
                is_branch = old.id != chat.leaf_id
                if is_branch:
                    require_governing(caller, chat, "branch from an older message")
                shown = await find_newest(session, chat, old) if kind != "reply" else ()
                was = await storage.shown.list_shown(session, old.id, chat.id)
                writer = await self._begin(session, chat, caller, old, kind, speaker_id=speaker_id)
                if shown:
                    writer.shown = await storage.shown.reshow(session, shown, shows=reply_of(writer.generation))
        except BaseException:
            await self._locks.release(message_id)
            raise
        writer.lock = message_id
        self._poster.hush(place.id)
        if is_branch:
            await self._poster.arrive(chat, Divider("branch", was[0] if was else None), None)
        self._writers.start(writer)

    async def _begin(
        self,
        session: Session,
        chat: Chat,
        caller: Caller,
        old: Message,
        kind: Kind,
        *,
        speaker_id: UUID | None,
    ) -> Writer:
        parent: Message | None = old
        if kind != "reply":
            if old.role != "character":
                raise Invalid(NO_REPLY)
            parent = await storage.messages.find_message(session, old.parent_id) if old.parent_id else None
        if parent is None:
            raise Invalid(GREETING)
        continues = (old.text or "") if kind == "continue" else ""
        if kind == "continue" and not continues.strip():
            raise Invalid(NOTHING_YET)
        await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
        await storage.chats.join(session, chat_id=chat.id, user_id=caller.user_id, username=caller.username)
        speaker_id = speaker_id if kind == "reply" else old.character_id
        scene = await self._scenes.load(session, chat, answers=parent.id, continues=continues, speaker_id=speaker_id)
        return await self._writers.begin(session, chat, scene, parent=parent, kind=kind, asked_by=caller.user_id)


async def _pressed(session: Session, chat: Chat, message_id: UUID, post_id: int | None) -> Message:
    """The message that was meant: what the pressed post shows now, for its buttons may be a swipe behind."""
    meant = await require_part(session, chat, message_id)
    found = await storage.shown.find_shown(session, post_id) if post_id else None
    if found is None or found[0] != chat.id or found[1].message_id == meant.id:
        return meant
    now = await storage.messages.find_message(session, found[1].message_id)
    if now is None or now.parent_id != meant.parent_id:
        raise NotFound("This post shows something else by now. Press its buttons once more.")
    return now
