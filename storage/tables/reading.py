"""What a model is given to read beside the messages themselves: memories, books in use, and the reports of readings."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at, one_of


class Memory(Table):
    """What is remembered of a path up to a message; its embedding is readable, its words are not."""

    __tablename__ = "memories"
    __table_args__ = (
        one_of("kind", "summary", "fact", "passage"),
        one_of("written_by", "model", "person"),
        sa.CheckConstraint("num_nonnulls(embedding, embedding_model) <> 1", name="embedding_of_a_model"),
        sa.ForeignKeyConstraint(["tree_id", "message_id"], ["messages.tree_id", "messages.id"], ondelete="CASCADE"),
        sa.Index("ix_memories_tree_id_message_id", "tree_id", "message_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tree_id: Mapped[UUID] = mapped_column(sa.ForeignKey("trees.id", ondelete="CASCADE"))
    message_id: Mapped[UUID]
    kind: Mapped[str]
    text: Mapped[bytes]
    written_by: Mapped[str] = mapped_column(server_default="model")
    embedding: Mapped[list[float] | None]
    embedding_model: Mapped[str | None]
    created_at: Mapped[datetime] = made_at()


class ChatLorebook(Table):
    """A book of lore that is used in a chat."""

    __tablename__ = "chat_lorebooks"

    chat_id: Mapped[UUID] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    lorebook_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("lorebooks.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = made_at()


class Reading(Table):
    """What went into the prompt of a reply, and why."""

    __tablename__ = "readings"

    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    report: Mapped[bytes]
