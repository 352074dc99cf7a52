"""Greetings: what a character says before anybody has said anything to it, as siblings between which one swipes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import storage.chats
import storage.events
import storage.messages
from bot.caller import Caller
from bot.characters.playing import Played
from bot.chat.cast import Cast
from bot.chat.identities import load_identity, name_of
from bot.chat.path_state import PathState, consequences, greeted
from bot.macros import Expander, Meanings
from storage.chats import Chat
from storage.database import Session
from storage.ids import new_id
from storage.messages import Message, Node, Speaker

MOST = 25


async def add_greetings(
    session: Session, chat: Chat, played: Played, caller: Caller, texts: Sequence[str], *, after: Message | None = None
) -> Message | None:
    """Stores a character's greetings to a caller, at the root of a chat or `after` a message.

    The chat then stands at the first, which is returned; None where none says anything.
    """
    user = name_of(caller, await load_identity(session, chat, caller, adults=caller.sees_adults))
    first: Message | None = None
    for number, greeting in enumerate(texts[:MOST]):
        message_id = new_id()
        # Each on its own, for only one of them is how the scene goes on.
        expander = Expander(_meanings(chat, played, user, message_id))
        text = expander.expand(greeting, place=f"greeting {number}")
        if not text.strip():
            continue
        message = await storage.messages.add_message(
            session,
            message_id=message_id,
            tree_id=chat.tree_id,
            chat_id=chat.id,
            parent=Node(after.id, after.depth) if after else None,
            role="character",
            speaker=Speaker(played.called, played.character.avatar),
            text=text,
            status="complete",
            character_id=played.character.id,
        )
        events = consequences(PathState(Cast()), variables=expander.changed, timers={})
        begins = [greeted(number)] if after is None else []
        await storage.events.add_events(session, tree_id=chat.tree_id, message_id=message_id, events=[*begins, *events])
        first = first or message
    if first is not None:
        await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=first.id)
    return first


def _meanings(chat: Chat, played: Played, user: str, message_id: UUID) -> Meanings:
    """What macros stand for in a greeting."""
    card = played.card
    return Meanings(
        char=played.called,
        user=user,
        description=card.description,
        personality=card.personality,
        scenario=card.scenario,
        examples=card.mes_example,
        now=datetime.now(UTC),
        seed=str(message_id),
        place_seed=str(chat.tree_id),
    )
