"""Reading: memories, books used in chats, reports of what a model read, and a chat's note."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", postgresql.BYTEA(), nullable=False),
        sa.Column("written_by", sa.Text(), server_default="model", nullable=False),
        sa.Column("embedding", postgresql.ARRAY(sa.REAL()), nullable=True),
        sa.Column("embedding_model", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('summary', 'fact', 'passage')", name=op.f("ck_memories_kind")),
        sa.CheckConstraint("written_by IN ('model', 'person')", name=op.f("ck_memories_written_by")),
        sa.CheckConstraint(
            "num_nonnulls(embedding, embedding_model) <> 1", name=op.f("ck_memories_embedding_of_a_model")
        ),
        sa.ForeignKeyConstraint(
            ["tree_id", "message_id"],
            ["messages.tree_id", "messages.id"],
            name=op.f("fk_memories_tree_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_memories_tree_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
    )
    op.create_index("ix_memories_tree_id_message_id", "memories", ["tree_id", "message_id"])
    op.create_table(
        "chat_lorebooks",
        sa.Column("chat_id", sa.UUID(), nullable=False),
        sa.Column("lorebook_id", sa.UUID(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_chat_lorebooks_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["lorebook_id"], ["lorebooks.id"], name=op.f("fk_chat_lorebooks_lorebook_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_chat_lorebooks_added_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("chat_id", "lorebook_id", name=op.f("pk_chat_lorebooks")),
    )
    op.create_index(op.f("ix_chat_lorebooks_lorebook_id"), "chat_lorebooks", ["lorebook_id"])
    op.create_index(op.f("ix_chat_lorebooks_added_by"), "chat_lorebooks", ["added_by"])
    op.create_table(
        "readings",
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("report", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_readings_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_readings")),
    )
    op.add_column("chats", sa.Column("note", postgresql.BYTEA(), nullable=True))


def downgrade() -> None:
    op.drop_column("chats", "note")
    for table in ("readings", "chat_lorebooks", "memories"):
        op.drop_table(table)
