"""Leaving: characters without an owner, bans that outlive who is banned, and who set a server's own key."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNERS = "num_nonnulls(owner_user_id, owner_guild_id)"


def upgrade() -> None:
    # Only what chats still play stays behind when its author has gone.
    op.drop_constraint(op.f("ck_characters_one_owner"), "characters", type_="check")
    op.create_check_constraint(
        op.f("ck_characters_one_owner"),
        "characters",
        f"{OWNERS} = 1 OR (status = 'deleted' AND {OWNERS} = 0)",
        postgresql_not_valid=True,
    )
    op.execute("ALTER TABLE characters VALIDATE CONSTRAINT ck_characters_one_owner")
    op.drop_constraint(op.f("fk_bans_user_id"), "bans", type_="foreignkey")
    op.add_column("guilds", sa.Column("api_key_set_by", sa.BigInteger(), nullable=True))
    op.add_column("guilds", sa.Column("api_key_set_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("guilds", sa.Column("api_key_refused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_guilds_api_key_set_by"), "guilds", "users", ["api_key_set_by"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_guilds_api_key_set_by"), "guilds", ["api_key_set_by"])


def downgrade() -> None:
    op.drop_index(op.f("ix_guilds_api_key_set_by"), "guilds")
    op.drop_constraint(op.f("fk_guilds_api_key_set_by"), "guilds", type_="foreignkey")
    for column in ("api_key_refused_at", "api_key_set_at", "api_key_set_by"):
        op.drop_column("guilds", column)
    op.execute("INSERT INTO users (id, username) SELECT DISTINCT user_id, '' FROM bans ON CONFLICT DO NOTHING")
    op.create_foreign_key(op.f("fk_bans_user_id"), "bans", "users", ["user_id"], ["id"], ondelete="CASCADE")
    op.execute(
        "WITH gone AS (DELETE FROM characters WHERE owner_user_id IS NULL AND owner_guild_id IS NULL RETURNING id)"
        " DELETE FROM keys USING gone WHERE scope = 'character' AND subject = gone.id::text"
    )
    op.drop_constraint(op.f("ck_characters_one_owner"), "characters", type_="check")
    op.create_check_constraint(op.f("ck_characters_one_owner"), "characters", f"{OWNERS} = 1")
