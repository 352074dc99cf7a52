"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "files",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_files")),
    )
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("policy", sa.Text(), server_default="open", nullable=False),
        sa.Column("default_assistant_id", sa.UUID(), nullable=True),
        sa.Column("api_key", postgresql.BYTEA(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("policy IN ('open', 'review', 'closed')", name=op.f("ck_guilds_policy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guilds")),
    )
    op.create_index(op.f("ix_guilds_default_assistant_id"), "guilds", ["default_assistant_id"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wrapped", postgresql.BYTEA(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("scope IN ('user', 'tree', 'character', 'guild')", name=op.f("ck_keys_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("scope", "subject", name=op.f("uq_keys_scope_subject")),
    )
    op.create_table(
        "trees",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trees")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("default_persona_id", sa.UUID(), nullable=True),
        sa.Column("account_status", sa.Text(), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("account_status IN ('active', 'banned')", name=op.f("ck_users_account_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index(op.f("ix_users_default_persona_id"), "users", ["default_persona_id"], unique=False)
    op.create_table(
        "characters",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("owner_user_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_guild_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), server_default="", nullable=False),
        sa.Column("short_description", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("licence", sa.Text(), server_default="", nullable=False),
        sa.Column("age_rating", sa.Text(), server_default="unrated", nullable=False),
        sa.Column("definition_visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column("avatar", sa.Text(), nullable=True),
        sa.Column("newest_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("play_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("stock", sa.Text(), nullable=True),
        sa.Column("source_sha256", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(visibility = 'guild') = (guild_id IS NOT NULL)", name=op.f("ck_characters_visibility_guild")
        ),
        sa.CheckConstraint(
            "age_rating IN ('unrated', 'everyone', 'teen', 'adult')", name=op.f("ck_characters_age_rating")
        ),
        sa.CheckConstraint(
            "definition_visibility IN ('public', 'author')", name=op.f("ck_characters_definition_visibility")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'unpublished', 'deleted')", name=op.f("ck_characters_status")
        ),
        sa.CheckConstraint("visibility IN ('public', 'guild')", name=op.f("ck_characters_visibility")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name=op.f("ck_characters_name_length")),
        sa.CheckConstraint("num_nonnulls(owner_user_id, owner_guild_id) = 1", name=op.f("ck_characters_one_owner")),
        sa.ForeignKeyConstraint(["avatar"], ["files.sha256"], name=op.f("fk_characters_avatar")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_characters_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_guild_id"], ["guilds.id"], name=op.f("fk_characters_owner_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_user_id"], ["users.id"], name=op.f("fk_characters_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_characters")),
        sa.UniqueConstraint("stock", name=op.f("uq_characters_stock")),
    )
    op.create_index(op.f("ix_characters_avatar"), "characters", ["avatar"], unique=False)
    op.create_index(op.f("ix_characters_guild_id"), "characters", ["guild_id"], unique=False)
    op.create_index("ix_characters_name", "characters", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index(
        "ix_characters_newest",
        "characters",
        [sa.literal_column("published_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(op.f("ix_characters_owner_guild_id"), "characters", ["owner_guild_id"], unique=False)
    op.create_index(op.f("ix_characters_owner_user_id"), "characters", ["owner_user_id"], unique=False)
    op.create_index(
        "ix_characters_popular",
        "characters",
        [sa.literal_column("play_count DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_characters_search",
        "characters",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_characters_source_sha256"), "characters", ["source_sha256"], unique=False)
    op.create_index("ix_characters_tags", "characters", ["tags"], unique=False, postgresql_using="gin")
    op.create_table(
        "file_uploads",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_file_uploads_sha256"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sha256", "channel_id", name=op.f("pk_file_uploads")),
    )
    op.create_table(
        "personas",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.BYTEA(), nullable=False),
        sa.Column("description", postgresql.BYTEA(), nullable=False),
        sa.Column("spec", sa.Text(), server_default="user_persona", nullable=False),
        sa.Column("spec_version", sa.Text(), server_default="1.0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_personas_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personas")),
    )
    op.create_index(op.f("ix_personas_owner_id"), "personas", ["owner_id"], unique=False)
    op.create_table(
        "webhooks",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("token", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_webhooks_guild_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_guild_id"), "webhooks", ["guild_id"], unique=False)
    op.create_table(
        "character_versions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("character_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("card", postgresql.BYTEA(), nullable=False),
        sa.Column("extensions", postgresql.BYTEA(), nullable=False),
        sa.Column("roleplay_data", postgresql.BYTEA(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["character_id"],
            ["characters.id"],
            name=op.f("fk_character_versions_character_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_character_versions")),
        sa.UniqueConstraint("character_id", "number", name=op.f("uq_character_versions_character_id_number")),
    )
    op.create_table(
        "chats",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("character_id", sa.UUID(), nullable=True),
        sa.Column("pinned_version_id", sa.UUID(), nullable=True),
        sa.Column("title", postgresql.BYTEA(), nullable=False),
        sa.Column("mode", sa.Text(), server_default="role-play", nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("history_limit", sa.BigInteger(), nullable=True),
        sa.Column("leaf_id", sa.UUID(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("forked_from_message_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("interaction_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('role-play', 'story')", name=op.f("ck_chats_mode")),
        sa.CheckConstraint("status IN ('open', 'parked', 'ended', 'deleted')", name=op.f("ck_chats_status")),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_chats_character_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_chats_guild_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_chats_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["pinned_version_id"],
            ["character_versions.id"],
            name=op.f("fk_chats_pinned_version_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_chats_tree_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_chats_interaction_id")),
    )
    op.create_index(op.f("ix_chats_character_id"), "chats", ["character_id"], unique=False)
    op.create_index(op.f("ix_chats_forked_from_message_id"), "chats", ["forked_from_message_id"], unique=False)
    op.create_index(op.f("ix_chats_guild_id"), "chats", ["guild_id"], unique=False)
    op.create_index(
        "ix_chats_owner_id_updated_at",
        "chats",
        ["owner_id", sa.literal_column("updated_at DESC")],
        unique=False,
    )
    op.create_index(op.f("ix_chats_pinned_version_id"), "chats", ["pinned_version_id"], unique=False)
    op.create_index("ix_chats_tree_id_leaf_id", "chats", ["tree_id", "leaf_id"], unique=False)
    op.create_index(
        "ix_chats_unplaced",
        "chats",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND place_id IS NULL"),
    )
    op.create_index(
        "uq_chats_open_place", "chats", ["place_id"], unique=True, postgresql_where=sa.text("status = 'open'")
    )
    op.create_table(
        "chat_participants",
        sa.Column("chat_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("active_custom_persona_id", sa.UUID(), nullable=True),
        sa.Column("active_impersonated_character_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(active_custom_persona_id, active_impersonated_character_id) <= 1",
            name=op.f("ck_chat_participants_one_identity"),
        ),
        sa.ForeignKeyConstraint(
            ["active_custom_persona_id"],
            ["personas.id"],
            name=op.f("fk_chat_participants_active_custom_persona_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["active_impersonated_character_id"],
            ["characters.id"],
            name=op.f("fk_chat_participants_active_impersonated_character_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_chat_participants_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_participants_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name=op.f("pk_chat_participants")),
    )
    op.create_index(
        op.f("ix_chat_participants_active_custom_persona_id"),
        "chat_participants",
        ["active_custom_persona_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_chat_participants_active_impersonated_character_id"),
        "chat_participants",
        ["active_impersonated_character_id"],
        unique=False,
    )
    op.create_index(op.f("ix_chat_participants_user_id"), "chat_participants", ["user_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree_id", sa.UUID(), nullable=False),
        sa.Column("chat_id", sa.UUID(), nullable=True),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("depth", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("author_user_id", sa.BigInteger(), nullable=True),
        sa.Column("character_id", sa.UUID(), nullable=True),
        sa.Column("speaker", postgresql.BYTEA(), nullable=False),
        sa.Column("parts", postgresql.BYTEA(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=True),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ms", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('person', 'character', 'narration')", name=op.f("ck_messages_role")),
        sa.CheckConstraint(
            "status IN ('queued', 'streaming', 'complete', 'stopped', 'length', 'interrupted', 'failed', 'removed')",
            name=op.f("ck_messages_status"),
        ),
        sa.CheckConstraint("(parent_id IS NULL) = (depth = 0)", name=op.f("ck_messages_root_depth")),
        sa.ForeignKeyConstraint(
            ["author_user_id"], ["users.id"], name=op.f("fk_messages_author_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["character_id"], ["characters.id"], name=op.f("fk_messages_character_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_messages_chat_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["tree_id", "parent_id"],
            ["messages.tree_id", "messages.id"],
            name=op.f("fk_messages_tree_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["tree_id"], ["trees.id"], name=op.f("fk_messages_tree_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("chat_id", "idempotency_key", name=op.f("uq_messages_chat_id_idempotency_key")),
        sa.UniqueConstraint("tree_id", "id", name=op.f("uq_messages_tree_id_id")),
    )
    op.create_index(op.f("ix_messages_author_user_id"), "messages", ["author_user_id"], unique=False)
    op.create_index(op.f("ix_messages_character_id"), "messages", ["character_id"], unique=False)
    op.create_index("ix_messages_tree_id_parent_id", "messages", ["tree_id", "parent_id"], unique=False)
    op.create_table(
        "generations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("chat_id", sa.UUID(), nullable=False),
        sa.Column("reply_id", sa.UUID(), nullable=True),
        sa.Column("answers_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('reply', 'regenerate', 'continue')", name=op.f("ck_generations_kind")),
        sa.CheckConstraint(
            "status <> 'streaming' OR (reply_id IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_generations_streaming_has_writer"),
        ),
        sa.CheckConstraint("status IN ('queued', 'streaming', 'done')", name=op.f("ck_generations_status")),
        sa.ForeignKeyConstraint(
            ["answers_id"], ["messages.id"], name=op.f("fk_generations_answers_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_generations_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["messages.id"], name=op.f("fk_generations_reply_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
    )
    op.create_index(op.f("ix_generations_answers_id"), "generations", ["answers_id"], unique=False)
    op.create_index("ix_generations_chat_id", "generations", ["chat_id"], unique=False)
    op.create_index(
        "ix_generations_lease_until",
        "generations",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_generations_queued",
        "generations",
        ["chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(op.f("ix_generations_reply_id"), "generations", ["reply_id"], unique=False)
    op.create_index(
        "uq_generations_one_writer",
        "generations",
        ["chat_id"],
        unique=True,
        postgresql_where=sa.text("status = 'streaming'"),
    )
    op.create_table(
        "message_events",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_events_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_events")),
        sa.UniqueConstraint("message_id", "seq", name=op.f("uq_message_events_message_id_seq")),
    )
    op.create_table(
        "shown_messages",
        sa.Column("discord_message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_shown_messages_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_shown_messages_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("discord_message_id", name=op.f("pk_shown_messages")),
    )
    op.create_index(op.f("ix_shown_messages_chat_id"), "shown_messages", ["chat_id"], unique=False)
    op.create_index("ix_shown_messages_message_id_part", "shown_messages", ["message_id", "part"], unique=False)
    # Two tables that point at each other: the second arrow comes last.
    op.create_foreign_key(
        "fk_guilds_default_assistant_id",
        "guilds",
        "characters",
        ["default_assistant_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        "fk_users_default_persona_id",
        "users",
        "personas",
        ["default_persona_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        "fk_chats_forked_from_message_id",
        "chats",
        "messages",
        ["forked_from_message_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        "fk_chats_leaf",
        "chats",
        "messages",
        ["tree_id", "leaf_id"],
        ["tree_id", "id"],
        ondelete="SET NULL (leaf_id)",
    )


def downgrade() -> None:
    op.drop_constraint("fk_guilds_default_assistant_id", "guilds", type_="foreignkey")
    op.drop_constraint("fk_users_default_persona_id", "users", type_="foreignkey")
    op.drop_constraint("fk_chats_forked_from_message_id", "chats", type_="foreignkey")
    op.drop_constraint("fk_chats_leaf", "chats", type_="foreignkey")
    op.drop_index("ix_shown_messages_message_id_part", table_name="shown_messages")
    op.drop_index(op.f("ix_shown_messages_chat_id"), table_name="shown_messages")
    op.drop_table("shown_messages")
    op.drop_table("message_events")
    op.drop_index(
        "uq_generations_one_writer",
        table_name="generations",
        postgresql_where=sa.text("status = 'streaming'"),
    )
    op.drop_index(op.f("ix_generations_reply_id"), table_name="generations")
    op.drop_index("ix_generations_queued", table_name="generations", postgresql_where=sa.text("status = 'queued'"))
    op.drop_index(
        "ix_generations_lease_until",
        table_name="generations",
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.drop_index("ix_generations_chat_id", table_name="generations")
    op.drop_index(op.f("ix_generations_answers_id"), table_name="generations")
    op.drop_table("generations")
    op.drop_index("ix_messages_tree_id_parent_id", table_name="messages")
    op.drop_index(op.f("ix_messages_character_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_author_user_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_chat_participants_user_id"), table_name="chat_participants")
    op.drop_index(op.f("ix_chat_participants_active_impersonated_character_id"), table_name="chat_participants")
    op.drop_index(op.f("ix_chat_participants_active_custom_persona_id"), table_name="chat_participants")
    op.drop_table("chat_participants")
    op.drop_index("uq_chats_open_place", table_name="chats", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(
        "ix_chats_unplaced",
        table_name="chats",
        postgresql_where=sa.text("status = 'open' AND place_id IS NULL"),
    )
    op.drop_index("ix_chats_tree_id_leaf_id", table_name="chats")
    op.drop_index(op.f("ix_chats_pinned_version_id"), table_name="chats")
    op.drop_index("ix_chats_owner_id_updated_at", table_name="chats")
    op.drop_index(op.f("ix_chats_guild_id"), table_name="chats")
    op.drop_index(op.f("ix_chats_forked_from_message_id"), table_name="chats")
    op.drop_index(op.f("ix_chats_character_id"), table_name="chats")
    op.drop_table("chats")
    op.drop_table("character_versions")
    op.drop_index(op.f("ix_webhooks_guild_id"), table_name="webhooks")
    op.drop_table("webhooks")
    op.drop_index(op.f("ix_personas_owner_id"), table_name="personas")
    op.drop_table("personas")
    op.drop_table("file_uploads")
    op.drop_index("ix_characters_tags", table_name="characters", postgresql_using="gin")
    op.drop_index(op.f("ix_characters_source_sha256"), table_name="characters")
    op.drop_index(
        "ix_characters_search",
        table_name="characters",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.drop_index("ix_characters_popular", table_name="characters", postgresql_where=sa.text("status = 'published'"))
    op.drop_index(op.f("ix_characters_owner_user_id"), table_name="characters")
    op.drop_index(op.f("ix_characters_owner_guild_id"), table_name="characters")
    op.drop_index("ix_characters_newest", table_name="characters", postgresql_where=sa.text("status = 'published'"))
    op.drop_index("ix_characters_name", table_name="characters")
    op.drop_index(op.f("ix_characters_guild_id"), table_name="characters")
    op.drop_index(op.f("ix_characters_avatar"), table_name="characters")
    op.drop_table("characters")
    op.drop_index(op.f("ix_users_default_persona_id"), table_name="users")
    op.drop_table("users")
    op.drop_table("trees")
    op.drop_table("keys")
    op.drop_index(op.f("ix_guilds_default_assistant_id"), table_name="guilds")
    op.drop_table("guilds")
    op.drop_table("files")
