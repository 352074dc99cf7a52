"""The tables; what must be true of a row stands here as a constraint.

A `bytea` column holds a sealed value (storage/vault.py) and nothing else. Ids are uuidv7 made by the
program, Discord's ids are bigint, times are timestamptz in UTC.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The base of every table: how Python types become columns, and how constraints are named."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: sa.BigInteger,
        str: sa.Text,
        bytes: BYTEA,
        UUID: PgUuid(as_uuid=True),
        datetime: sa.DateTime(timezone=True),
        list[str]: ARRAY(sa.Text),
        dict[str, Any]: JSONB,
    }


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """A CHECK that holds a text column to these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def newest_or_most(column: str) -> Any:
    """A column of an index from the highest value down."""
    return sa.desc(column)  # pyright: ignore[reportUnknownVariableType]


def made_at() -> Mapped[datetime]:
    """A column with the time at which the row was made."""
    return mapped_column(server_default=sa.func.now())


class User(Table):
    """A person of Discord; the username is refreshed at each interaction."""

    __tablename__ = "users"
    __table_args__ = (one_of("account_status", "active", "banned"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str]
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    default_persona_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("personas.id", ondelete="SET NULL", use_alter=True), index=True
    )
    account_status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = made_at()


class Guild(Table):
    """A server of Discord: what its admins decided."""

    __tablename__ = "guilds"
    __table_args__ = (one_of("policy", "open", "review", "closed"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    policy: Mapped[str] = mapped_column(server_default="open")
    default_assistant_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("characters.id", ondelete="SET NULL", use_alter=True), index=True
    )
    api_key: Mapped[bytes | None]
    left_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()


class Key(Table):
    """A data key, wrapped by a master key; whoever deletes the row makes the words unreadable."""

    __tablename__ = "keys"
    __table_args__ = (
        one_of("scope", "user", "tree", "character", "guild"),
        sa.UniqueConstraint("scope", "subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str]
    subject: Mapped[str]
    wrapped: Mapped[bytes]
    master_key_id: Mapped[str]
    created_at: Mapped[datetime] = made_at()


class Character(Table):
    """The one shared record of a character; its words stand in character_versions."""

    __tablename__ = "characters"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(owner_user_id, owner_guild_id) = 1", name="one_owner"),
        one_of("status", "draft", "published", "unpublished", "deleted"),
        one_of("visibility", "public", "guild"),
        sa.CheckConstraint("(visibility = 'guild') = (guild_id IS NOT NULL)", name="visibility_guild"),
        one_of("age_rating", "unrated", "everyone", "teen", "adult"),
        one_of("definition_visibility", "public", "author"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        sa.Index(
            "ix_characters_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        sa.Index(
            "ix_characters_popular",
            newest_or_most("play_count"),
            newest_or_most("id"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index(
            "ix_characters_newest",
            newest_or_most("published_at"),
            newest_or_most("id"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index("ix_characters_name", sa.text("lower(name)"), "id"),
        sa.Index("ix_characters_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    owner_guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(server_default="draft")
    visibility: Mapped[str] = mapped_column(server_default="public")
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    nickname: Mapped[str] = mapped_column(server_default="")
    short_description: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[list[str]] = mapped_column(server_default="{}")
    category: Mapped[str] = mapped_column(server_default="")
    licence: Mapped[str] = mapped_column(server_default="")
    age_rating: Mapped[str] = mapped_column(server_default="unrated")
    definition_visibility: Mapped[str] = mapped_column(server_default="public")
    avatar: Mapped[str | None] = mapped_column(sa.ForeignKey("files.sha256"), index=True)
    newest_version: Mapped[int] = mapped_column(server_default="0")
    play_count: Mapped[int] = mapped_column(server_default="0")
    search: Mapped[str] = mapped_column(server_default="")
    stock: Mapped[str | None] = mapped_column(unique=True)
    source_sha256: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = made_at()
    published_at: Mapped[datetime | None]


class CharacterVersion(Table):
    """What a character was at one saving; never changed afterwards."""

    __tablename__ = "character_versions"
    __table_args__ = (sa.UniqueConstraint("character_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    character_id: Mapped[UUID] = mapped_column(sa.ForeignKey("characters.id", ondelete="CASCADE"))
    number: Mapped[int]
    spec: Mapped[str]
    spec_version: Mapped[str]
    card: Mapped[bytes]
    extensions: Mapped[bytes]
    roleplay_data: Mapped[bytes | None]
    created_at: Mapped[datetime] = made_at()


class Persona(Table):
    """Who a person is in a scene."""

    __tablename__ = "personas"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[bytes]
    description: Mapped[bytes]
    spec: Mapped[str] = mapped_column(server_default="user_persona")
    spec_version: Mapped[str] = mapped_column(server_default="1.0")
    created_at: Mapped[datetime] = made_at()


class Tree(Table):
    """One tree of messages; it goes with its last chat."""

    __tablename__ = "trees"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = made_at()


class Chat(Table):
    """Where somebody stands in a tree, and the thread or direct message in which it is played."""

    __tablename__ = "chats"
    __table_args__ = (
        one_of("mode", "role-play", "story"),
        one_of("status", "open", "parked", "ended", "deleted"),
        sa.ForeignKeyConstraint(
            ["tree_id", "leaf_id"],
            ["messages.tree_id", "messages.id"],
            name="fk_chats_leaf",
            use_alter=True,
            ondelete="SET NULL (leaf_id)",
        ),
        sa.Index("uq_chats_open_place", "place_id", unique=True, postgresql_where=sa.text("status = 'open'")),
        sa.Index("ix_chats_owner_id_updated_at", "owner_id", newest_or_most("updated_at")),
        sa.Index("ix_chats_tree_id_leaf_id", "tree_id", "leaf_id"),
        sa.Index(
            "ix_chats_unplaced",
            "created_at",
            postgresql_where=sa.text("status = 'open' AND place_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tree_id: Mapped[UUID] = mapped_column(sa.ForeignKey("trees.id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int]
    place_id: Mapped[int | None]
    character_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("characters.id", ondelete="SET NULL"), index=True)
    pinned_version_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("character_versions.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[bytes]
    mode: Mapped[str] = mapped_column(server_default="role-play")
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    model: Mapped[str | None]
    history_limit: Mapped[int | None]
    leaf_id: Mapped[UUID | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    forked_from_message_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("messages.id", ondelete="SET NULL", use_alter=True), index=True
    )
    status: Mapped[str] = mapped_column(server_default="open")
    interaction_id: Mapped[int | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = made_at()
    updated_at: Mapped[datetime] = made_at()


class ChatParticipant(Table):
    """Somebody who spoke in a chat, and who they are in it."""

    __tablename__ = "chat_participants"
    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(active_custom_persona_id, active_impersonated_character_id) <= 1",
            name="one_identity",
        ),
    )

    chat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    active_custom_persona_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("personas.id", ondelete="SET NULL"), index=True
    )
    active_impersonated_character_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("characters.id", ondelete="SET NULL"), index=True
    )


class Message(Table):
    """One saying in a tree; its parent is what it follows, its siblings are the other ways it went."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("role", "person", "character", "narration"),
        one_of(
            "status",
            "queued",
            "streaming",
            "complete",
            "stopped",
            "length",
            "interrupted",
            "failed",
            "removed",
        ),
        sa.CheckConstraint("(parent_id IS NULL) = (depth = 0)", name="root_depth"),
        sa.UniqueConstraint("tree_id", "id"),
        # Never a cascade from parent to child: a branch may only go with its whole tree.
        sa.ForeignKeyConstraint(["tree_id", "parent_id"], ["messages.tree_id", "messages.id"]),
        sa.UniqueConstraint("chat_id", "idempotency_key"),
        sa.Index("ix_messages_tree_id_parent_id", "tree_id", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tree_id: Mapped[UUID] = mapped_column(sa.ForeignKey("trees.id", ondelete="CASCADE"))
    chat_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("chats.id", ondelete="SET NULL"))
    parent_id: Mapped[UUID | None]
    depth: Mapped[int]
    role: Mapped[str]
    author_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"), index=True)
    character_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("characters.id", ondelete="SET NULL"), index=True)
    speaker: Mapped[bytes]
    parts: Mapped[bytes]
    status: Mapped[str]
    model: Mapped[str | None]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int | None]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime] = made_at()


class MessageEvent(Table):
    """Something that belongs to a path of the tree; the state at a leaf is the fold of its path's events."""

    __tablename__ = "message_events"
    __table_args__ = (sa.UniqueConstraint("message_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str]
    payload: Mapped[bytes]


class Generation(Table):
    """Who may write a reply: the truth behind every lock."""

    __tablename__ = "generations"
    __table_args__ = (
        one_of("kind", "reply", "regenerate", "continue"),
        one_of("status", "queued", "streaming", "done"),
        sa.CheckConstraint(
            "status <> 'streaming' OR (reply_id IS NOT NULL AND lease_until IS NOT NULL)",
            name="streaming_has_writer",
        ),
        sa.Index(
            "uq_generations_one_writer",
            "chat_id",
            unique=True,
            postgresql_where=sa.text("status = 'streaming'"),
        ),
        sa.Index("ix_generations_chat_id", "chat_id"),
        sa.Index("ix_generations_lease_until", "lease_until", postgresql_where=sa.text("lease_until IS NOT NULL")),
        sa.Index("ix_generations_queued", "chat_id", "id", postgresql_where=sa.text("status = 'queued'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"))
    reply_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    answers_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    status: Mapped[str]
    fence: Mapped[int | None]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    stop_requested: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[datetime] = made_at()


class ShownMessage(Table):
    """Which message a post on Discord shows at present, and which part of it."""

    __tablename__ = "shown_messages"
    __table_args__ = (sa.Index("ix_shown_messages_message_id_part", "message_id", "part"),)

    discord_message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"))
    part: Mapped[int]
    channel_id: Mapped[int]
    webhook_id: Mapped[int | None]


class Webhook(Table):
    """The one webhook of a channel through which characters speak there."""

    __tablename__ = "webhooks"

    channel_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    webhook_id: Mapped[int]
    token: Mapped[bytes]


class File(Table):
    """A file in the data directory, named by what is in it."""

    __tablename__ = "files"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    content_type: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime] = made_at()


class FileUpload(Table):
    """A copy of a file on Discord, from which webhooks take their avatars."""

    __tablename__ = "file_uploads"

    sha256: Mapped[str] = mapped_column(sa.ForeignKey("files.sha256", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int]
    attachment_id: Mapped[int]
    url: Mapped[str]
