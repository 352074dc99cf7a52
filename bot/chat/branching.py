"""Moving about in the tree: edits, going back, taking back, deleting, and telling what happened on Discord itself."""

from dataclasses import dataclass
from uuid import UUID

import storage.branches
import storage.chats
import storage.messages
import storage.shown
from bot.bans import Banned, require_player
from bot.caller import Caller
from bot.chat.generation import Writers
from bot.chat.identities import AS_IT_IS
from bot.chat.posting import Poster, Standing
from bot.chat.scenes import Scenes
from bot.chat.stage import Divider, Place
from bot.chat.standing import (
    NOTHING_THERE,
    find_newest,
    may_govern,
    require_governing,
    require_open,
    require_part,
    require_settled,
    require_shown,
    require_words,
    row_of,
)
from bot.chat.turns import Turns
from bot.chat.writer import Writer
from bot.errors import Invalid, NotYours
from bot.usage import Usage
from storage.chats import Chat
from storage.database import Database, Session
from storage.ids import new_id
from storage.messages import Message, Node
from storage.shown import Shown

LONGEST = 8_000
LOOKED_BACK = 50
SAME = "These words stand there already, so nothing was changed. Press *Edit* again to change them."
HERE_ALREADY = "The scene stands here already. Just go on."
NOTHING_TO_UNDO = "There is nothing to take back: nobody has said anything here yet. Write the first line."
NOT_YOUR_WORDS = "You can change your own words only. Ask whoever said this."
NOT_YOURS_TO_DELETE = "You can delete your own words; whoever opened this chat may take out the rest. Ask them."
OLDER_EDIT = (
    "-# ✎ You changed an older message on Discord; the story keeps it as it was. Right-click it (or hold it), then "
    "Apps › *Edit* changes the story too, and branches there."
)
OLDER_DELETE = (
    "-# ✕ A message was deleted on Discord, but the story went on from it and keeps it. `/chat history` shows it; "
    "`/chat undo` and *Rewind to here* (right-click a message, then Apps) go back."
)
EDIT_MEANWHILE = "-# ✎ A reply to the old words is being written. Change them once more when it has ended."


@dataclass(frozen=True, slots=True)
class _Took:
    """What a deletion took: posts by chat; and where the chat stands now, if it moved."""

    posts: list[tuple[Chat, list[Shown]]]
    moved: bool
    standing: Standing | None
    at: Shown | None


class Branches:
    """What people do with the tree of a chat beside talking on."""

    def __init__(
        self,
        *,
        database: Database,
        writers: Writers,
        scenes: Scenes,
        usage: Usage,
        poster: Poster,
        turns: Turns,
    ) -> None:
        self._database = database
        self._writers = writers
        self._scenes = scenes
        self._usage = usage
        self._poster = poster
        self._turns = turns

    async def find(self, place: Place, post_id: int) -> Message:
        """The message that a post in this place shows; NotFound where it is none of the story."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            return await require_shown(session, chat, post_id)

    async def words_to_edit(self, caller: Caller, place: Place, message_id: UUID) -> str:
        """The words of a message, for somebody who may change them."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            message = await require_part(session, chat, message_id)
            _require_editing(caller, chat, message)
        return message.text or ""

    async def edit(self, caller: Caller, place: Place, message_id: UUID, text: str) -> None:
        """Puts other words beside a message, where the scene then stands; a person's are answered at once."""
        begun: Writer | None = None
        words = require_words(text, LONGEST)
        async with self._turns.take(place.id), self._database.transaction() as session:
            await require_player(session, caller)
            chat = await require_settled(session, place.id)
            old = await require_part(session, chat, message_id)
            _require_editing(caller, chat, old)
            shown = await find_newest(session, chat, old) if old.role == "character" else ()
            worn = await _worn(session, chat, old)
            new = await self._put_beside(session, chat, old, words)
            if shown:
                shown = await storage.shown.reshow(session, shown, shows=new.id)
            standing = Standing(new, await row_of(session, chat, new), shown)
            if new.role == "person":
                await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
                scene = await self._scenes.load_next(session, chat, answers=new.id)
                if scene is not None:
                    begun = await self._writers.begin(session, chat, scene, parent=new, kind="reply")
                    standing = Standing(new, None)
        self._poster.hush(place.id)
        if shown:
            await self._poster.show(chat, standing)
        else:
            drawn = await self._poster.arrive(chat, Divider("edit"), standing)
            if drawn and new.role != "character":
                await self._note(chat, Shown(drawn, new.id, 0, place.id, None))
        if worn and await self._poster.reword(chat, worn, words):
            async with self._database.transaction() as session:
                await storage.shown.reshow(session, worn, shows=new.id)
        if begun:
            self._writers.start(begun)

    async def rewind(self, caller: Caller, place: Place, message_id: UUID) -> None:
        """Goes back, or over to another branch: the scene stands at this message from now on."""
        async with self._turns.take(place.id):
            async with self._database.transaction() as session:
                await require_player(session, caller)
                chat = await require_settled(session, place.id)
                message = await require_part(session, chat, message_id)
                require_governing(caller, chat, "go back to an older message")
                if message.id == chat.leaf_id:
                    raise Invalid(HERE_ALREADY)
                if message.status == "failed":
                    raise Invalid(NOTHING_THERE)
                standing, at = await self._stand(session, chat, message)
            await self._poster.arrive(chat, Divider("rewind", at), standing)

    async def undo(self, caller: Caller, place: Place) -> None:
        """Takes back the newest words of a person and what answered them; they stay in the tree."""
        async with self._turns.take(place.id):
            async with self._database.transaction() as session:
                await require_player(session, caller)
                chat = await require_settled(session, place.id)
                newest = await _newest_saying(session, chat)
                if newest is None:
                    raise Invalid(NOTHING_TO_UNDO)
                if newest.author_user_id != caller.user_id:
                    require_governing(caller, chat, "take back what somebody else said")
                parent = await storage.messages.find_message(session, newest.parent_id) if newest.parent_id else None
                standing, at = await self._stand(session, chat, parent)
            await self._poster.arrive(chat, Divider("undo", at), standing)

    async def delete(self, caller: Caller, place: Place, message_id: UUID) -> None:
        """Deletes words for good, as far as they are the caller's to delete.

        The author's words go everywhere. Whoever governs the chat takes the message, and what follows it, out of
        this chat; if the scene stood there, it goes back to what came before.
        """
        async with self._turns.take(place.id):
            async with self._database.transaction() as session:
                chat = await require_settled(session, place.id)
                message = await require_part(session, chat, message_id)
                governs, is_author = may_govern(caller, chat), message.author_user_id == caller.user_id
                if not (governs or is_author):
                    raise NotYours(NOT_YOURS_TO_DELETE)
                took = await self._delete(session, chat, message, hides=governs, wipes=is_author)
            await self._poster.take_away(took.posts)
            if took.moved:
                await self._poster.arrive(chat, Divider("delete", took.at), took.standing)

    async def edited_on_discord(self, caller: Caller, place: Place, post_id: int, text: str) -> None:
        """Takes over what somebody changed in their own newest message; a hint where the story keeps the old words."""
        async with self._turns.take(place.id):
            async with self._database.transaction() as session:
                chat, message, shown = await _posted(session, post_id)
                if chat is None or message is None or shown is None or message.author_user_id != caller.user_id:
                    return
                if text.startswith(AS_IT_IS) and not (message.text or "").startswith(AS_IT_IS):
                    text = text.removeprefix(AS_IT_IS)  # its first words were taken in without it
                if not text.strip() or text.strip() == message.text:
                    return
                try:
                    await require_player(session, caller)
                except Banned:
                    return  # told when they ask for something, not under all that they write
                hint, standing = await _why_kept(session, chat, message, text), None
                if not hint:
                    new = await self._put_beside(session, chat, message, text.strip())
                    await storage.shown.reshow(session, [shown], shows=new.id)
                    standing = Standing(new, await row_of(session, chat, new))
            if hint:
                await self._poster.hint(chat, hint)
            else:
                await self._poster.arrive(chat, Divider("edit", shown), standing)

    async def deleted_on_discord(self, place_id: int, post_id: int) -> None:
        """Takes out of the story what was deleted on Discord, if nothing followed it; else a hint says what to do."""
        async with self._turns.take(place_id):
            async with self._database.transaction() as session:
                chat, message, _ = await _posted(session, post_id)
                if chat is None or message is None or message.role != "person" or message.status == "removed":
                    return  # the posts of characters we delete ourselves
                await storage.shown.unshow(session, [post_id])
                is_kept = chat.is_writing or chat.is_waiting or await storage.branches.has_children(session, message)
                if not is_kept:
                    await self._delete(session, chat, message, hides=True, wipes=True)
            if is_kept:
                await self._poster.hint(chat, OLDER_DELETE)

    # --- steps -----------------------------------------------------------------------------------------

    async def _put_beside(self, session: Session, chat: Chat, old: Message, words: str) -> Message:
        """A sibling with other words, said by the same speaker; the chat stands at it."""
        if words == old.text:
            raise Invalid(SAME)
        new = await storage.messages.add_message(
            session,
            message_id=new_id(),
            tree_id=chat.tree_id,
            chat_id=chat.id,
            parent=Node(old.parent_id, old.depth - 1) if old.parent_id else None,
            role=old.role,
            speaker=old.speaker,
            text=words,
            status="complete",
            author_user_id=old.author_user_id,
            character_id=old.character_id,
        )
        assert new is not None  # noqa: S101 - without an event's key it is always added
        await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=new.id)
        return new

    async def _stand(
        self, session: Session, chat: Chat, message: Message | None
    ) -> tuple[Standing | None, Shown | None]:
        """Moves the chat to a message; what to show of it, and where it was shown before."""
        await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id if message else None)
        if message is None:
            return None, None
        was = await storage.shown.list_shown(session, message.id, chat.id)
        return Standing(message, await row_of(session, chat, message)), was[0] if was else None

    async def _delete(self, session: Session, chat: Chat, message: Message, *, hides: bool, wipes: bool) -> _Took:
        stood_inside = await storage.branches.is_on_path(session, chat, message)
        if wipes or (message.author_user_id is None and message.chat_id in (chat.id, None)):
            posts = await storage.shown.list_shown_anywhere(session, message.id)
            await storage.branches.remove_words(session, message)
        else:
            posts = {chat.id: await storage.shown.list_shown(session, message.id, chat.id)}
        if hides:
            await storage.branches.hide(session, chat_id=chat.id, message_id=message.id)
        moved, standing, at = stood_inside and (hides or message.id == chat.leaf_id), None, None
        if moved:
            parent = await storage.messages.find_message(session, message.parent_id) if message.parent_id else None
            standing, at = await self._stand(session, chat, parent)
        chats = [(await storage.chats.find_chat(session, chat_id), shown) for chat_id, shown in posts.items()]
        return _Took([(each, shown) for each, shown in chats if each], moved, standing, at)

    async def _note(self, chat: Chat, shown: Shown) -> None:
        async with self._database.transaction() as session:
            await storage.shown.show(session, chat.id, shown)


async def _worn(session: Session, chat: Chat, message: Message) -> list[Shown]:
    """The posts that show a person's words under another name: they are ours, and can be changed."""
    if message.role != "person":
        return []
    shown = await storage.shown.list_shown(session, message.id, chat.id)
    return [each for each in shown if each.webhook_id is not None]


def _require_editing(caller: Caller, chat: Chat, message: Message) -> None:
    if message.author_user_id is None:
        require_governing(caller, chat, "change what a character said")
    elif message.author_user_id != caller.user_id:
        raise NotYours(NOT_YOUR_WORDS)


async def _newest_saying(session: Session, chat: Chat) -> Message | None:
    """What a person said last on the path, narration included."""
    if chat.leaf_id is None:
        return None
    path = await storage.messages.list_path(session, tree_id=chat.tree_id, leaf_id=chat.leaf_id, limit=LOOKED_BACK)
    return next((each for each in path if each.role != "character" and each.status != "removed"), None)


async def _posted(session: Session, post_id: int) -> tuple[Chat | None, Message | None, Shown | None]:
    """The open chat, locked, and the message that a post shows."""
    found = await storage.shown.find_shown(session, post_id)
    chat = await storage.chats.find_chat(session, found[0], lock=True) if found else None
    if found is None or chat is None or chat.status != "open":
        return None, None, None
    return chat, await storage.messages.find_message(session, found[1].message_id), found[1]


async def _why_kept(session: Session, chat: Chat, message: Message, text: str) -> str:
    """Why the story keeps the old words of a message that was changed on Discord; empty where it does not."""
    if chat.is_writing or chat.is_waiting:
        return EDIT_MEANWHILE
    newest = await _newest_saying(session, chat)
    return "" if newest is not None and newest.id == message.id and len(text) <= LONGEST else OLDER_EDIT
