"""What a reply is made from: the path, the character's words, who the people are."""

from dataclasses import dataclass
from uuid import UUID

import storage.characters
import storage.chats
import storage.messages
from bot.caller import Caller
from bot.characters.card import Card
from bot.characters.catalogue import load_card
from bot.chat.stage import Face
from bot.errors import NotFound
from storage.chats import ActivePersona, Chat, Shown
from storage.database import Session
from storage.generations import Generation
from storage.messages import Message

WORDS_GONE = "The words of this character were removed, so it cannot go on. Start another chat: `/character pick`."


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a prompt may need; `path` runs from the root to what is answered."""

    card: Card
    face: Face
    path: tuple[Message, ...]
    personas: dict[int, ActivePersona]
    continues: str
    shown: tuple[Shown, ...]


async def load_scene(session: Session, chat: Chat, generation: Generation, *, limit: int) -> Scene:
    """The scene of a reply: at most `limit` messages, those before the reply itself.

    NotFound when the character's words are gone.
    """
    reply = await storage.messages.find_message(session, generation.reply_id) if generation.reply_id else None
    start = reply.id if reply else generation.answers_id
    path = (
        await storage.messages.list_path(
            session,
            tree_id=chat.tree_id,
            leaf_id=start,
            limit=chat.history_limit or limit,
            with_leaf=reply is None,
        )
        if start
        else []
    )
    if chat.character_id is None:
        raise NotFound(WORDS_GONE)
    card = await load_card(session, chat.character_id, version_id=chat.pinned_version_id)
    if card is None:
        raise NotFound(WORDS_GONE)
    return Scene(
        card=card,
        face=await face_of(session, chat.character_id),
        path=tuple(reversed(path)),
        personas=await storage.chats.list_personas(session, chat.id),
        continues=(reply.text or "") if reply and generation.kind == "continue" else "",
        shown=tuple(await storage.chats.list_shown(session, reply.id, chat.id)) if reply else (),
    )


async def face_of(session: Session, character_id: UUID) -> Face:
    """The name and avatar that a character speaks with: its nickname where it has one."""
    character = await storage.characters.find_character(session, character_id)
    if character is None:
        raise NotFound(WORDS_GONE)
    return Face(character.nickname or character.name, character.avatar)


def user_name(caller: Caller, persona: ActivePersona | None) -> str:
    """What `{{user}}` means for somebody: their persona's name, else how they are shown on Discord."""
    return persona.name if persona else caller.display_name
