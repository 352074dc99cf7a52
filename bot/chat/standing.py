"""What stands at a place: its chat, the messages of that chat's tree, and who may do what with them."""

from uuid import UUID

import storage.branches
import storage.chats
import storage.messages
import storage.shown
from bot.caller import Caller
from bot.chat.stage import Controls, Ended, Unanswered
from bot.errors import Busy, Invalid, NotFound, NotYours
from storage.chats import Chat
from storage.database import Session
from storage.messages import Message, Status
from storage.shown import Shown

NO_CHAT_HERE = "No chat is played here. Start one with `/character pick`."
ENDED = "This chat has ended. Start another with `/character pick`; `/chat history` still shows this one."
PARKED = "This chat is parked while another one is played here. `/chat end` ends that one, and this one goes on."
GONE = "This message is no longer in the chat. `/chat history` shows what is."
ELSEWHERE = "This is not part of the chat that is played here. `/chat history` shows what is."
NOTHING_THERE = "Nothing was written there. Choose a message with words."
WRITING = "A reply is being written. Press *Stop* first, or wait until it has ended."
OWNERS = "Only whoever opened this chat, or somebody who manages threads here, can {what}. Ask one of them."
WRITTEN: tuple[Status, ...] = ("complete", "stopped", "length", "interrupted")


async def require_open(session: Session, place_id: int) -> Chat:
    """The chat that is played in a place, locked; NotFound says what to do where none is."""
    chat = await storage.chats.find_open_chat(session, place_id, lock=True)
    if chat is None:
        latest = await storage.chats.find_latest_chat(session, place_id)
        raise NotFound(ENDED if latest else NO_CHAT_HERE)
    return chat


async def require_settled(session: Session, place_id: int) -> Chat:
    """The chat of a place, locked, in which no reply is being written and none waits to be; else Busy.

    One that has ended and is not yet shown whole is no reason to wait: its posts are its own.
    """
    chat = await require_open(session, place_id)
    if chat.is_writing or chat.is_waiting:
        raise Busy(WRITING)
    return chat


async def require_part(session: Session, chat: Chat, message_id: UUID) -> Message:
    """A message that a chat shows; NotFound for one of another tree, a removed one, a hidden one."""
    message = await storage.messages.find_message(session, message_id)
    if message is None or message.tree_id != chat.tree_id:
        raise NotFound(await _why_elsewhere(session, message))
    if message.status == "removed" or await storage.branches.is_hidden(session, chat, message):
        raise NotFound(GONE)
    return message


async def require_shown(session: Session, chat: Chat, discord_message_id: int) -> Message:
    """The message of a chat that a post on Discord shows at present."""
    found = await storage.shown.find_shown(session, discord_message_id)
    if found is None:
        raise NotFound("This post is not part of the story. Choose a line or a reply that is.")
    return await require_part(session, chat, found[1].message_id)


async def _why_elsewhere(session: Session, message: Message | None) -> str:
    """A button of a chat that is no longer the one of this place says so."""
    chat = message and message.chat_id and await storage.chats.find_chat(session, message.chat_id)
    if not chat:
        return GONE if message is None else ELSEWHERE
    return PARKED if chat.status == "parked" else ENDED if chat.status != "open" else ELSEWHERE


def may_govern(caller: Caller, chat: Chat) -> bool:
    """Whether somebody may rewind, branch, delete, set and end: the owner, and who manages threads here."""
    return caller.user_id == chat.owner_id or (caller.may_moderate and caller.guild_id == chat.guild_id)


def require_governing(caller: Caller, chat: Chat, what: str) -> None:
    """Raises NotYours for everybody else; `what` completes the sentence."""
    if not may_govern(caller, chat):
        raise NotYours(OWNERS.format(what=what))


async def find_newest(session: Session, chat: Chat, message: Message) -> tuple[Shown, ...]:
    """The posts of a message in which it may be replaced: it is where the chat stands, and nothing was shown since."""
    if message.id != chat.leaf_id:
        return ()
    shown = await storage.shown.list_shown(session, message.id, chat.id)
    newest = await storage.shown.find_newest_shown(session, chat.id)
    return tuple(shown) if shown and shown[-1].discord_message_id == newest else ()


async def row_of(session: Session, chat: Chat, message: Message) -> Controls:
    """The buttons under a message of a chat."""
    if message.role != "character":
        return Unanswered(message.id)
    siblings = await storage.branches.list_siblings(session, message, chat_id=chat.id)
    is_greeting = message.parent_id is None
    return Ended(
        message.id,
        can_continue=bool(message.text) and message.status in WRITTEN and not is_greeting,
        can_regenerate=not is_greeting,
        position=siblings.index(message.id) + 1,
        count=len(siblings),
    )


def require_words(text: str, longest: int) -> str:
    """The words without the space around them; Invalid where there are none, or more than fit."""
    words = text.strip()
    if not words:
        raise Invalid("There are no words in this. Write what you say or do.")
    if len(words) > longest:
        raise Invalid(f"That is {len(words):,} letters; {longest:,} fit. Say it in two parts.")
    return words
