"""Characters, their versions and pictures, personas, and books of lore."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Table, made_at, newest_or_most, one_of


class Character(Table):
    """The one shared record of a character; its words stand in character_versions."""

    __tablename__ = "characters"
    __table_args__ = (
        # What chats still play when its author has gone has nobody.
        sa.CheckConstraint(
            "num_nonnulls(owner_user_id, owner_guild_id) = 1"
            " OR (status = 'deleted' AND num_nonnulls(owner_user_id, owner_guild_id) = 0)",
            name="one_owner",
        ),
        one_of("status", "draft", "published", "unpublished", "deleted"),
        one_of("visibility", "public", "guild"),
        sa.CheckConstraint("(visibility = 'guild') = (guild_id IS NOT NULL)", name="visibility_guild"),
        one_of("age_rating", "unrated", "everyone", "teen", "adult"),
        one_of("definition_visibility", "public", "author"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        sa.Index(
            "ix_characters_words",
            sa.text("array_to_tsvector(array_remove(string_to_array(search, ' '), ''))"),
            postgresql_using="gin",
            # Else what was saved last stands in a list that every search reads through.
            postgresql_with={"fastupdate": "off"},
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
        # COLLATE "C", as its migration says: only by code point an index finds what begins alike. (Alembic reads an
        # index without its collation, and would take the two for different ones if it stood here.)
        sa.Index("ix_characters_name", sa.text("lower(name)"), "id"),
        sa.Index("ix_characters_tags", "tags", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        sa.Index("ix_characters_owner", "owner_user_id", newest_or_most("created_at"), newest_or_most("id")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
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
    taken_down_at: Mapped[datetime | None]
    taken_down_reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = made_at()
    published_at: Mapped[datetime | None]


class SearchWord(Table):
    """A word that some character is searched by; typos are looked for here."""

    __tablename__ = "search_words"
    __table_args__ = (
        sa.Index(
            "ix_search_words_near",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},
        ),
    )

    word: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)


class CharacterVersion(Table):
    """What a character was at one saving; never changed afterwards."""

    __tablename__ = "character_versions"
    __table_args__ = (sa.UniqueConstraint("character_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    character_id: Mapped[UUID] = mapped_column(sa.ForeignKey("characters.id", ondelete="CASCADE"))
    number: Mapped[int]
    spec: Mapped[str]
    spec_version: Mapped[str]
    frame: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
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
    fields: Mapped[bytes | None]
    avatar: Mapped[str | None] = mapped_column(sa.ForeignKey("files.sha256"), index=True)
    look: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[datetime] = made_at()
    updated_at: Mapped[datetime] = made_at()


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


class CharacterAsset(Table):
    """A further picture of a character, such as an expression, under the address its card gives it."""

    __tablename__ = "character_assets"

    character_id: Mapped[UUID] = mapped_column(sa.ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True)
    uri: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("files.sha256"), index=True)


class Lorebook(Table):
    """A book of lore that belongs to a person, a server or a chat; a character's stands in its card."""

    __tablename__ = "lorebooks"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(owner_user_id, owner_guild_id, chat_id) = 1", name="one_owner"),
        sa.UniqueConstraint("owner_user_id", "source_sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    owner_guild_id: Mapped[int | None] = mapped_column(sa.ForeignKey("guilds.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    name: Mapped[bytes]
    frame: Mapped[bytes]
    source_sha256: Mapped[str | None]
    created_at: Mapped[datetime] = made_at()


class LoreEntry(Table):
    """One entry of a book, as JSON, in the book's order."""

    __tablename__ = "lore_entries"
    __table_args__ = (sa.UniqueConstraint("lorebook_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lorebook_id: Mapped[UUID] = mapped_column(sa.ForeignKey("lorebooks.id", ondelete="CASCADE"))
    position: Mapped[int]
    entry: Mapped[bytes]
