"""Trees of messages, the chats that stand in them, and what Discord shows of both."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at, newest_or_most, one_of


class Tree(Table):
    """One tree of messages; it goes with its last chat."""

    __tablename__ = "trees"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = made_at()


class TreeGuest(Table):
    """A character that was invited into a scene of a tree: it is kept as long as the tree may need its words."""

    __tablename__ = "tree_guests"

    tree_id: Mapped[UUID] = mapped_column(sa.ForeignKey("trees.id", ondelete="CASCADE"), primary_key=True)
    character_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = made_at()


class Chat(Table):
    """Where somebody stands in a tree, and the thread or direct message in which it is played."""

    __tablename__ = "chats"
    __table_args__ = (
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
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    note: Mapped[bytes | None]
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
    look: Mapped[bool] = mapped_column(server_default=sa.false())


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


class HiddenMessage(Table):
    """A message that a chat no longer shows, and with it whatever follows it there."""

    __tablename__ = "hidden_messages"

    chat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, index=True
    )


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
