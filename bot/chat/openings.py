"""How a chat begins: which version it keeps to, and the greeting."""

from uuid import UUID

import storage.character_versions
import storage.chats
import storage.messages
from bot.caller import Caller
from bot.characters.playing import WORDS_GONE, greetings, load_played
from bot.chat.stage import Face
from bot.errors import Invalid, NotFound
from bot.macros import Names, expand
from storage.characters import Character
from storage.chats import Chat
from storage.database import Session
from storage.ids import new_id
from storage.messages import Message, Speaker


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


async def add_greeting(session: Session, chat: Chat, caller: Caller) -> tuple[Message, Face] | None:
    """Stores a character's greeting at the root of its chat; None when it has none, or greeted before."""
    played = chat.character_id and await load_played(
        session, chat.character_id, version_id=chat.pinned_version_id, guild_id=chat.guild_id
    )
    if not played:
        raise NotFound(WORDS_GONE)
    offered = greetings(played.card)
    if not offered:
        return None
    face = Face(played.called, played.character.avatar)
    message = await storage.messages.add_message(
        session,
        message_id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent=None,
        role="character",
        speaker=Speaker(face.name, face.avatar),
        text=expand(offered[0], Names(char=face.name, user=caller.display_name)),
        status="complete",
        character_id=chat.character_id,
    )
    if message is None:
        return None
    await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
    return message, face
