"""Titles that a model proposed: stored where no person has chosen one."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from storage.chats import Chat
from storage.database import Session
from storage.tables import Chat as Row
from storage.vault import Place

BY_PERSON, BY_MODEL, IS_SHOWN = "named", "titled", "title_shown"


@dataclass(frozen=True, slots=True)
class Naming:
    """Who has given a chat its title (neither: it is the one it was opened with), and whether Discord was told."""

    by_person: bool = False
    by_model: bool = False
    is_shown: bool = False


async def find_naming(session: Session, chat_id: UUID) -> Naming:
    """Who has given a chat its title."""
    asked = sa.select(*map(_is_set, (BY_PERSON, BY_MODEL, IS_SHOWN))).where(Row.id == chat_id)
    row = (await session.execute(asked)).one_or_none()
    return Naming(*row) if row else Naming()


async def save_title(session: Session, chat: Chat, title: str) -> bool:
    """Stores a title that a model proposed, sealed; False when a person has chosen one meanwhile."""
    key = await session.key("tree", chat.tree_id)
    saved = await session.execute(
        sa.update(Row)
        .where(Row.id == chat.id, ~_is_set(BY_PERSON))
        .values(
            title=key.seal(Place("chats", "title", chat.id), title.encode()),
            settings=_with(BY_MODEL),
        )
        .returning(Row.id)
    )
    return saved.first() is not None


async def mark_shown(session: Session, chat_id: UUID) -> None:
    """Discord was told the title that a model proposed: it is not told again."""
    await session.execute(sa.update(Row).where(Row.id == chat_id).values(settings=_with(IS_SHOWN)))


def _with(flag: str) -> sa.ColumnElement[object]:
    return Row.settings.op("||")(sa.cast({flag: True}, JSONB))


def _is_set(flag: str) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Row.settings[flag].as_boolean(), sa.false())
