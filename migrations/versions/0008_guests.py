"""Guests: the characters that were invited into the scenes of a tree."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tree_guests",
        sa.Column("tree_id", sa.UUID(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_tree_guests_tree_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_tree_guests_character_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tree_id", "character_id", name=op.f("pk_tree_guests")),
    )
    op.create_index(op.f("ix_tree_guests_character_id"), "tree_guests", ["character_id"])


def downgrade() -> None:
    op.drop_table("tree_guests")
