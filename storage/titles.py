"""Titles that a model proposed: stored where no person has chosen one."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from storage.chats import Chat
from storage.database import Session
from storage.tables import Chat as Row
from storage.vault import Place

BY_PERSON, BY_MODEL = "named", "titled"


@dataclass(frozen=True, slots=True)
class Naming:
    """Who has given a chat its title; neither, when it is still the one it was opened with."""

    by_person: bool
    by_model: bool


async def find_naming(session: Session, chat_id: UUID) -> Naming:
    """Who has given a chat its title."""
    asked = sa.select(_is_set(BY_PERSON), _is_set(BY_MODEL)).where(Row.id == chat_id)
    row = (await session.execute(asked)).one_or_none()
    return Naming(*row) if row else Naming(by_person=False, by_model=False)


async def save_title(session: Session, chat: Chat, title: str) -> bool:
    """Stores a title that a model proposed, sealed; False when a person has chosen one meanwhile."""
    key = await session.key("tree", chat.tree_id)
    saved = await session.execute(
        sa.update(Row)
        .where(Row.id == chat.id, ~_is_set(BY_PERSON))
        .values(
            title=key.seal(Place("chats", "title", chat.id), title.encode()),
            settings=Row.settings.op("||")(sa.cast({BY_MODEL: True}, JSONB)),
        )
        .returning(Row.id)
    )
    return saved.first() is not None


def _is_set(flag: str) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Row.settings[flag].as_boolean(), sa.false())
