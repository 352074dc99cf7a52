"""What a chat has beside its messages, told by one question: most have none of it, and nothing more is asked then."""

from dataclasses import dataclass

import sqlalchemy as sa

from storage.chats import Chat
from storage.database import Session
from storage.tables import Chat as Row
from storage.tables import ChatLorebook, Memory

QUERY = sa.select(
    Row.note.is_not(None),
    sa.select(ChatLorebook.chat_id).where(ChatLorebook.chat_id == Row.id).correlate(Row).exists(),
    sa.select(Memory.id).where(Memory.tree_id == Row.tree_id).correlate(Row).exists(),
).where(Row.id == sa.bindparam("chat_id"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Whether a chat has a note, books that are read along, and memories (of its tree)."""

    has_note: bool = False
    has_books: bool = False
    has_memories: bool = False


async def find_surroundings(session: Session, chat: Chat) -> Surroundings:
    """What a chat has; nothing where it is gone."""
    row = (await session.execute(QUERY, {"chat_id": chat.id})).one_or_none()
    return Surroundings(*row) if row else Surroundings()
