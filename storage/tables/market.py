"""What servers and operators decide about characters, and who decided."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at, newest_or_most, one_of


class Listing(Table):
    """What a server decided about a character: approved (up to a version), featured, blocked."""

    __tablename__ = "listings"
    __table_args__ = (
        sa.Index("ix_listings_approved", "guild_id", postgresql_where=sa.text("approved_version_id IS NOT NULL")),
        sa.Index("ix_listings_featured", "guild_id", postgresql_where=sa.text("featured_at IS NOT NULL")),
    )

    guild_id: Mapped[int] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True)
    character_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    approved_version_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("character_versions.id", ondelete="SET NULL"), index=True
    )
    featured_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]


class Review(Table):
    """A character version that waits for a server's admins, or that they have decided about."""

    __tablename__ = "reviews"
    __table_args__ = (
        one_of("status", "pending", "approved", "rejected"),
        sa.UniqueConstraint("guild_id", "version_id"),
        sa.Index(
            "uq_reviews_one_pending",
            "guild_id",
            "character_id",
            unique=True,
            postgresql_where=sa.text("status = 'pending'"),
        ),
        sa.Index("ix_reviews_queue", "guild_id", "id", postgresql_where=sa.text("status = 'pending'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"))
    character_id: Mapped[UUID] = mapped_column(sa.ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("character_versions.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(server_default="pending")
    reason: Mapped[str] = mapped_column(server_default="")
    asked_by: Mapped[int]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()


class Report(Table):
    """A complaint about a character: for the admins of the server it came from, and for the operator."""

    __tablename__ = "reports"
    __table_args__ = (
        one_of("server_outcome", "blocked", "dismissed"),
        one_of("operator_outcome", "taken down", "dismissed"),
        sa.Index(
            "uq_reports_one_open",
            "character_id",
            "reporter_id",
            unique=True,
            postgresql_where=sa.text("operator_outcome IS NULL"),
        ),
        sa.Index("ix_reports_open", "id", postgresql_where=sa.text("operator_outcome IS NULL")),
        sa.Index(
            "ix_reports_server",
            "guild_id",
            "id",
            postgresql_where=sa.text("server_outcome IS NULL AND operator_outcome IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    character_id: Mapped[UUID] = mapped_column(sa.ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str]
    server_outcome: Mapped[str | None]
    server_decided_by: Mapped[int | None]
    operator_outcome: Mapped[str | None]
    operator_decided_by: Mapped[int | None]
    created_at: Mapped[datetime] = made_at()
    decided_at: Mapped[datetime | None]


class AuditEvent(Table):
    """Who decided what: in a server, or as the operator (no server)."""

    __tablename__ = "audit_events"
    __table_args__ = (sa.Index("ix_audit_events_guild_id_id", "guild_id", newest_or_most("id")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"))
    actor_id: Mapped[int]
    kind: Mapped[str]
    character_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("characters.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(server_default="")
