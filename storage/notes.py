"""The author's note of a chat: a text that is put among the newest messages, again and again."""

from dataclasses import asdict, dataclass
from typing import Literal

import orjson
import sqlalchemy as sa

from storage.chats import Chat
from storage.database import Session
from storage.tables import Chat as Row
from storage.vault import Place, to_json

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Note:
    """A note: how many messages from the end it stands, at every how many of a person's, and in whose voice."""

    text: str
    depth: int = 4
    frequency: int = 1
    role: Role = "system"


async def find_note(session: Session, chat: Chat) -> Note | None:
    """The note of a chat; None where it has none, or its key is gone."""
    sealed = await session.scalar(sa.select(Row.note).where(Row.id == chat.id))
    if sealed is None:
        return None
    await session.vault.load(session, [sealed])
    opened = session.opened(Place("chats", "note", chat.id), sealed)
    return None if opened is None else Note(**orjson.loads(opened))


async def save_note(session: Session, chat: Chat, note: Note | None) -> None:
    """Keeps the note of a chat, sealed with its tree's key, in the place of an earlier one; None takes it away."""
    sealed = None
    if note is not None:
        key = await session.key("tree", chat.tree_id)
        sealed = key.seal(Place("chats", "note", chat.id), to_json(asdict(note)))
    await session.execute(sa.update(Row).where(Row.id == chat.id).values(note=sealed))
