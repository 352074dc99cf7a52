"""What was asked of models: each time, by day, and what a server may still spend today.

When a person goes, their rows stay without them: a server's sums must remain what it spent, and nothing in them tells
who it was. A server's rows go with the server. Characters, chats and generations are named by their ids alone, not
by foreign keys: what was used was used, whatever became of them.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at


class UsageEvent(Table):
    """One generation and what it used; rows are only ever added. `cost` is in billionths of a dollar."""

    __tablename__ = "usage_events"

    generation_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"), index=True)
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[UUID | None]
    character_id: Mapped[UUID | None]
    model: Mapped[str]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    cost: Mapped[int | None]
    created_at: Mapped[datetime] = made_at()


class UsageDay(Table):
    """The events of a day (UTC) summed up, by person, server, character and model; no server: direct messages.

    Unique for those who are somebody: rows of people who have gone may be alike, and are added up by whoever reads.
    """

    __tablename__ = "usage_days"
    __table_args__ = (
        sa.Index(
            "uq_usage_days_sum",
            "user_id",
            "day",
            "guild_id",
            "character_id",
            "model",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sa.text("user_id IS NOT NULL"),
        ),
        sa.Index("ix_usage_days_user_id_day", "user_id", "day"),
        sa.Index("ix_usage_days_guild_id_day", "guild_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"))
    character_id: Mapped[UUID | None]
    model: Mapped[str]
    replies: Mapped[int]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost: Mapped[int | None]


class BudgetDay(Table):
    """How many tokens of a server's day (UTC) are taken: used, or reserved by what is being written."""

    __tablename__ = "budget_days"

    guild_id: Mapped[int] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int]


class UsageReservation(Table):
    """The estimate that a generation took out of its server's day; whoever ends the generation gives it back."""

    __tablename__ = "usage_reservations"

    generation_id: Mapped[UUID] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    tokens: Mapped[int]
    created_at: Mapped[datetime] = made_at()
