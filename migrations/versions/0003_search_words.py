"""Search by words: full text in place of trigrams over all, every word once for typos, names by code point."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = "array_to_tsvector(array_remove(string_to_array(search, ' '), ''))"


def upgrade() -> None:
    _make_beside(
        words=f"USING gin ({WORDS}) WITH (fastupdate = off)",
        name='((lower(name) COLLATE "C"), id)',
        tags="USING gin (tags) WITH (fastupdate = off)",
        owner="(owner_user_id, created_at DESC, id DESC)",
    )
    for old in ("search", "name", "tags", "owner_user_id"):
        op.drop_index(f"ix_characters_{old}", table_name="characters")
    _put_in_place("words", "name", "tags", "owner")
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    op.execute(
        "INSERT INTO search_words SELECT DISTINCT word FROM characters, unnest(string_to_array(search, ' ')) word "
        "WHERE word <> ''"
    )
    op.create_index(
        "ix_search_words_near",
        "search_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    _make_beside(
        search="USING gin (search gin_trgm_ops)",
        name="(lower(name), id)",
        tags="USING gin (tags)",
        owner_user_id="(owner_user_id)",
    )
    for new in ("words", "name", "tags", "owner"):
        op.drop_index(f"ix_characters_{new}", table_name="characters")
    _put_in_place("search", "name", "tags", "owner_user_id")
    op.drop_table("search_words")


def _make_beside(**indexes: str) -> None:
    """Makes indexes while everybody goes on; what a try that was broken off left behind is made anew."""
    with op.get_context().autocommit_block():
        for name, definition in indexes.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS ix_characters_{name}_beside")
            op.execute(f"CREATE INDEX CONCURRENTLY ix_characters_{name}_beside ON characters {definition}")


def _put_in_place(*names: str) -> None:
    for name in names:
        op.execute(f"ALTER INDEX ix_characters_{name}_beside RENAME TO ix_characters_{name}")
