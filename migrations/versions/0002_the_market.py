"""What servers and operators decide; further pictures; books of lore."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_bans_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bans_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
        sa.UniqueConstraint(
            "user_id", "guild_id", name=op.f("uq_bans_user_id_guild_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_bans_guild_id"), "bans", ["guild_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        "ix_notices_unread", "notices", ["user_id", "id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(op.f("ix_notices_user_id"), "notices", ["user_id"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_audit_events_character_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_audit_events_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_character_id"), "audit_events", ["character_id"], unique=False)
    op.create_index(
        "ix_audit_events_guild_id_id", "audit_events", ["guild_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(op.f("ix_audit_events_user_id"), "audit_events", ["user_id"], unique=False)
    op.create_table(
        "character_assets",
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_character_assets_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_character_assets_sha256")),
        sa.PrimaryKeyConstraint("character_id", "uri", name=op.f("pk_character_assets")),
    )
    op.create_index(op.f("ix_character_assets_sha256"), "character_assets", ["sha256"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("server_outcome", sa.Text(), nullable=True),
        sa.Column("server_decided_by", sa.BigInteger(), nullable=True),
        sa.Column("operator_outcome", sa.Text(), nullable=True),
        sa.Column("operator_decided_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("operator_outcome IN ('taken down', 'dismissed')", name=op.f("ck_reports_operator_outcome")),
        sa.CheckConstraint("server_outcome IN ('blocked', 'dismissed')", name=op.f("ck_reports_server_outcome")),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_reports_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_reports_guild_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_character_id"), "reports", ["character_id"], unique=False)
    op.create_index(op.f("ix_reports_guild_id"), "reports", ["guild_id"], unique=False)
    op.create_index(
        "ix_reports_open", "reports", ["id"], unique=False, postgresql_where=sa.text("operator_outcome IS NULL")
    )
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"], unique=False)
    op.create_index(
        "ix_reports_server",
        "reports",
        ["guild_id", "id"],
        unique=False,
        postgresql_where=sa.text("server_outcome IS NULL AND operator_outcome IS NULL"),
    )
    op.create_index(
        "uq_reports_one_open",
        "reports",
        ["character_id", "reporter_id"],
        unique=True,
        postgresql_where=sa.text("operator_outcome IS NULL"),
    )
    op.create_table(
        "listings",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("approved_version_id", sa.UUID(), nullable=True),
        sa.Column("featured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_version_id"],
            ["character_versions.id"],
            name=op.f("fk_listings_approved_version_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_listings_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_listings_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "character_id", name=op.f("pk_listings")),
    )
    op.create_index(
        "ix_listings_approved",
        "listings",
        ["guild_id"],
        unique=False,
        postgresql_where=sa.text("approved_version_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_listings_approved_version_id"), "listings", ["approved_version_id"], unique=False)
    op.create_index(op.f("ix_listings_character_id"), "listings", ["character_id"], unique=False)
    op.create_index(
        "ix_listings_featured",
        "listings",
        ["guild_id"],
        unique=False,
        postgresql_where=sa.text("featured_at IS NOT NULL"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("version_id", sa.UUID(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'approved', 'rejected')", name=op.f("ck_reviews_status")),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_reviews_character_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_reviews_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["character_versions.id"], name=op.f("fk_reviews_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("guild_id", "version_id", name=op.f("uq_reviews_guild_id_version_id")),
    )
    op.create_index(op.f("ix_reviews_character_id"), "reviews", ["character_id"], unique=False)
    op.create_index(
        "ix_reviews_queue", "reviews", ["guild_id", "id"], unique=False, postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(op.f("ix_reviews_version_id"), "reviews", ["version_id"], unique=False)
    op.create_index(
        "uq_reviews_one_pending",
        "reviews",
        ["guild_id", "character_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "lorebooks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("owner_user_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_guild_id", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.UUID(), nullable=True),
        sa.Column("name", postgresql.BYTEA(), nullable=False),
        sa.Column("frame", postgresql.BYTEA(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(owner_user_id, owner_guild_id, chat_id) = 1", name=op.f("ck_lorebooks_one_owner")
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_lorebooks_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_guild_id"], ["guilds.id"], name=op.f("fk_lorebooks_owner_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_user_id"], ["users.id"], name=op.f("fk_lorebooks_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lorebooks")),
        sa.UniqueConstraint("owner_user_id", "source_sha256", name=op.f("uq_lorebooks_owner_user_id_source_sha256")),
    )
    op.create_index(op.f("ix_lorebooks_chat_id"), "lorebooks", ["chat_id"], unique=False)
    op.create_index(op.f("ix_lorebooks_owner_guild_id"), "lorebooks", ["owner_guild_id"], unique=False)
    op.create_table(
        "lore_entries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("lorebook_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lorebook_id"], ["lorebooks.id"], name=op.f("fk_lore_entries_lorebook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lore_entries")),
        sa.UniqueConstraint("lorebook_id", "position", name=op.f("uq_lore_entries_lorebook_id_position")),
    )
    op.add_column("character_versions", sa.Column("frame", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("characters", sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("characters", sa.Column("taken_down_reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("character_versions", "frame")
    op.drop_column("characters", "taken_down_reason")
    op.drop_column("characters", "taken_down_at")
    op.drop_table("lore_entries")
    op.drop_table("lorebooks")
    op.drop_table("reviews")
    op.drop_table("listings")
    op.drop_table("reports")
    op.drop_table("character_assets")
    op.drop_table("audit_events")
    op.drop_table("notices")
    op.drop_table("bans")
