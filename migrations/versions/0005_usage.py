"""Usage: what replies cost, and what a server may spend a day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_events",
        sa.Column("generation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.Uuid(), nullable=True),
        sa.Column("character_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=True),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_usage_events_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_usage_events_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation_id", name=op.f("pk_usage_events")),
    )
    op.create_index(op.f("ix_usage_events_user_id"), "usage_events", ["user_id"])
    op.create_index(op.f("ix_usage_events_guild_id"), "usage_events", ["guild_id"])
    op.create_table(
        "usage_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("character_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("replies", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_usage_days_user_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_usage_days_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_days")),
    )
    op.create_index(
        "uq_usage_days_sum",
        "usage_days",
        ["user_id", "day", "guild_id", "character_id", "model"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_index("ix_usage_days_user_id_day", "usage_days", ["user_id", "day"])
    op.create_index("ix_usage_days_guild_id_day", "usage_days", ["guild_id", "day"])
    op.create_table(
        "budget_days",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_budget_days_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("guild_id", "day", name=op.f("pk_budget_days")),
    )
    op.create_table(
        "usage_reservations",
        sa.Column("generation_id", sa.Uuid(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_usage_reservations_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("generation_id", name=op.f("pk_usage_reservations")),
    )
    op.create_index(op.f("ix_usage_reservations_guild_id"), "usage_reservations", ["guild_id"])


def downgrade() -> None:
    for table in ("usage_reservations", "budget_days", "usage_days", "usage_events"):
        op.drop_table(table)
