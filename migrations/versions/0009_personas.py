"""Personas: the other fields of a card, a face, and whether words are shown under it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("personas", sa.Column("fields", postgresql.BYTEA(), nullable=True))
    op.add_column("personas", sa.Column("avatar", sa.Text(), nullable=True))
    op.add_column("personas", sa.Column("look", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "personas",
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_foreign_key(op.f("fk_personas_avatar"), "personas", "files", ["avatar"], ["sha256"])
    op.create_index(op.f("ix_personas_avatar"), "personas", ["avatar"])
    op.add_column("chat_participants", sa.Column("look", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("chat_participants", "look")
    op.drop_index(op.f("ix_personas_avatar"), "personas")
    op.drop_constraint(op.f("fk_personas_avatar"), "personas")
    for column in ("updated_at", "look", "avatar", "fields"):
        op.drop_column("personas", column)
