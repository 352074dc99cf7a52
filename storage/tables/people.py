"""People and servers: who they are, what they set, what reaches them, and the keys to what they said."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at, one_of


class User(Table):
    """A person of Discord; the username is refreshed at each interaction."""

    __tablename__ = "users"
    __table_args__ = (one_of("account_status", "active", "banned"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str]
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    default_persona_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("personas.id", ondelete="SET NULL", use_alter=True), index=True
    )
    account_status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = made_at()


class Guild(Table):
    """A server of Discord: what its admins decided."""

    __tablename__ = "guilds"
    __table_args__ = (one_of("policy", "open", "review", "closed"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    policy: Mapped[str] = mapped_column(server_default="open")
    default_assistant_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("characters.id", ondelete="SET NULL", use_alter=True), index=True
    )
    api_key: Mapped[bytes | None]
    api_key_set_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("users.id", ondelete="SET NULL", use_alter=True), index=True
    )
    api_key_set_at: Mapped[datetime | None]
    api_key_refused_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()


class Key(Table):
    """A data key, wrapped by a master key; whoever deletes the row makes the words unreadable."""

    __tablename__ = "keys"
    __table_args__ = (
        one_of("scope", "user", "tree", "character", "guild"),
        sa.UniqueConstraint("scope", "subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str]
    subject: Mapped[str]
    wrapped: Mapped[bytes]
    master_key_id: Mapped[str]
    created_at: Mapped[datetime] = made_at()


class Ban(Table):
    """Somebody who may not use the bot: in one server, or nowhere (no server).

    It holds without a row of theirs: who has everything of theirs deleted stays banned.
    """

    __tablename__ = "bans"
    __table_args__ = (sa.UniqueConstraint("user_id", "guild_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    decided_by: Mapped[int]
    created_at: Mapped[datetime] = made_at()


class Notice(Table):
    """Something that a person should read when they look at their characters next."""

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_unread", "user_id", "id", postgresql_where=sa.text("read_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime] = made_at()
    read_at: Mapped[datetime | None]
