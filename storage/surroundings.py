"""What a chat has beside its messages, told by one question: most have none of it, and nothing more is asked then."""

from dataclasses import dataclass

import sqlalchemy as sa

from storage.chats import Chat
from storage.database import Session
from storage.preferences import TIME_ZONE
from storage.tables import Chat as Row
from storage.tables import ChatLorebook, Memory, User

QUERY = sa.select(
    Row.note.is_not(None),
    sa.select(ChatLorebook.chat_id).where(ChatLorebook.chat_id == Row.id).correlate(Row).exists(),
    sa.select(Memory.id).where(Memory.tree_id == Row.tree_id).correlate(Row).exists(),
    sa.select(User.preferences[TIME_ZONE].as_string())
    .where(User.id == sa.bindparam("user_id", type_=sa.BigInteger))
    .scalar_subquery(),
).where(Row.id == sa.bindparam("chat_id"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Whether a chat has a note, books that are read along, and memories (of its tree); where somebody's clock goes."""

    has_note: bool = False
    has_books: bool = False
    has_memories: bool = False
    time_zone: str | None = None


async def find_surroundings(session: Session, chat: Chat, *, user_id: int | None) -> Surroundings:
    """What a chat has, and the time zone of a person; nothing where it is gone."""
    row = (await session.execute(QUERY, {"chat_id": chat.id, "user_id": user_id})).one_or_none()
    return Surroundings(*row) if row else Surroundings()
