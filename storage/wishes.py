"""What a chat, its owner and its server chose of how replies are written; whatever nobody chose is the operator's."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from storage.database import Session
from storage.tables import Chat, User

Mode = Literal["role-play", "story"]
Turns = Literal["manual", "list", "natural", "pooled"]
Switchers = Literal["everyone", "owner"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one of them chose; None: nothing. `reply_tokens` and `history_limit` are the most tokens and messages.

    `turns` is how it is decided which of several characters speaks next, `personas` who may switch who they are.
    """

    model: str | None = None
    temperature: float | None = None
    reply_tokens: int | None = None
    history_limit: int | None = None
    mode: Mode | None = None
    streaming: bool | None = None
    turns: Turns | None = None
    personas: Switchers | None = None

    @classmethod
    def read(cls, stored: dict[str, Any] | None) -> Self:
        """The wishes among what is stored of a chat, a person or a server."""
        names = [each.name for each in fields(cls)]
        return cls(**{name: (stored or {}).get(name) for name in names})

    @property
    def chosen(self) -> dict[str, Any]:
        """Those that were chosen, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


async def save_of_chat(session: Session, chat_id: UUID, wishes: Wishes) -> None:
    """Replaces what a chat chose."""
    names = sa.cast([each.name for each in fields(Wishes)], sa.ARRAY(sa.Text))
    kept = Chat.settings.op("-")(names)
    chosen = sa.cast(wishes.chosen, JSONB)
    await session.execute(sa.update(Chat).where(Chat.id == chat_id).values(settings=kept.op("||")(chosen)))


async def find_of_person(session: Session, user_id: int) -> Wishes:
    """What a person chose for new chats."""
    stored = await session.scalar(sa.select(User.preferences["chat"]).where(User.id == user_id))
    return Wishes.read(stored)


async def save_of_person(session: Session, user_id: int, wishes: Wishes) -> None:
    """Replaces what a person chose for new chats."""
    chosen = sa.cast({"chat": wishes.chosen}, JSONB)
    await session.execute(
        sa.update(User).where(User.id == user_id).values(preferences=User.preferences.op("||")(chosen))
    )
