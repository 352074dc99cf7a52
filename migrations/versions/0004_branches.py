"""Branches: which subtrees a chat hides; what a chat chose stands in its settings alone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hidden_messages",
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_hidden_messages_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_hidden_messages_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_hidden_messages")),
    )
    op.create_index(op.f("ix_hidden_messages_message_id"), "hidden_messages", ["message_id"])
    op.execute(
        "UPDATE chats SET settings = settings || jsonb_strip_nulls(jsonb_build_object("
        "'model', model, 'history_limit', history_limit, 'mode', nullif(mode, 'role-play')))"
    )
    for column in ("model", "history_limit", "mode"):
        op.drop_column("chats", column)


def downgrade() -> None:
    op.add_column("chats", sa.Column("mode", sa.Text(), server_default="role-play", nullable=False))
    op.add_column("chats", sa.Column("model", sa.Text(), nullable=True))
    op.add_column("chats", sa.Column("history_limit", sa.BigInteger(), nullable=True))
    op.create_check_constraint("mode", "chats", "mode IN ('role-play', 'story')")
    op.execute(
        "UPDATE chats SET model = settings ->> 'model', history_limit = (settings ->> 'history_limit')::bigint, "
        "mode = coalesce(settings ->> 'mode', 'role-play')"
    )
    op.drop_table("hidden_messages")
