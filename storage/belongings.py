"""What is stored of a person, opened for them alone, in stretches that fit memory."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from storage.database import Database, Session
from storage.messages import COLUMNS, Message, open_messages
from storage.tables import AuditEvent, Character, Chat, ChatParticipant, Memory, Notice, Persona, Report, UsageDay, User
from storage.tables import Message as Row
from storage.vault import Place

TEXTS = ("name", "description")
STRETCH = 200
"""So many messages are in memory at once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row that is a person's, as JSON may hold it, by the names of its columns."""

    id: UUID
    values: dict[str, object]
    avatar: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A message said in somebody else's chat; `title` is that chat's, None where it is gone or was left."""

    message: Message
    chat_id: UUID | None
    title: str | None


async def find_profile(session: Session, user_id: int) -> dict[str, object]:
    """The person's own row, and the news they have not read."""
    row = (
        await session.execute(
            sa.select(User.username, User.preferences, User.created_at, User.default_persona_id).where(
                User.id == user_id
            )
        )
    ).one_or_none()
    news = await session.execute(sa.select(Notice.text, Notice.created_at).where(Notice.user_id == user_id))
    return {
        "id": str(user_id),
        "username": row.username if row else None,
        "since": row.created_at if row else None,
        "preferences": row.preferences if row else {},
        "default_persona": row.default_persona_id if row else None,
        "news": [{"text": text, "at": at} for text, at in news.all()],
    }


async def list_usage(session: Session, user_id: int) -> list[dict[str, object]]:
    """What the person used, by day, server, character and model."""
    query = (
        sa.select(
            UsageDay.day,
            UsageDay.guild_id,
            Character.name,
            UsageDay.model,
            UsageDay.replies,
            UsageDay.prompt_tokens,
            UsageDay.completion_tokens,
        )
        .outerjoin(Character, Character.id == UsageDay.character_id)
        .where(UsageDay.user_id == user_id)
        .order_by(UsageDay.day, UsageDay.id)
    )

    def told(day: date, guild_id: int | None, *rest: Any) -> dict[str, object]:
        names = ("character", "model", "replies", "tokens_read", "tokens_written")
        server = None if guild_id is None else str(guild_id)
        return {"day": day, "server": server, **dict(zip(names, rest, strict=True))}

    return [told(*row) for row in await session.execute(query)]


async def list_personas(session: Session, user_id: int) -> list[Sheet]:
    """The person's personas with every field."""
    columns = list(Persona.__table__.columns)
    rows = (await session.execute(sa.select(*columns).where(Persona.owner_id == user_id).order_by(Persona.id))).all()
    sealed = [value for row in rows for value in row if isinstance(value, bytes)]
    await session.vault.load(session, sealed)
    sheets: list[Sheet] = []
    for row in rows:
        values: dict[str, object] = {}
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, bytes):
                opened = session.opened(Place("personas", column.key, row.id), value)
                words = None if opened is None else opened.decode()
                # What is not a text of its own is JSON: many fields that are sealed together.
                values |= {column.key: words} if column.key in TEXTS else orjson.loads(words or "{}")
            elif column.key != "owner_id":
                values[column.key] = value
        sheets.append(Sheet(row.id, values, row.avatar))
    return sheets


async def list_reports(session: Session, user_id: int) -> list[dict[str, object]]:
    """The complaints that the person made, and what became of them."""
    query = (
        sa.select(Character.name, Report.reason, Report.created_at, Report.server_outcome, Report.operator_outcome)
        .join(Character, Character.id == Report.character_id)
        .where(Report.reporter_id == user_id)
        .order_by(Report.id)
    )
    names = ("character", "reason", "at", "decided_by_server", "decided_by_operator")
    return [dict(zip(names, row, strict=True)) for row in await session.execute(query)]


async def list_decisions(session: Session, user_id: int) -> list[dict[str, object]]:
    """What the person decided for servers."""
    query = (
        sa.select(AuditEvent.guild_id, AuditEvent.kind, Character.name, AuditEvent.detail)
        .outerjoin(Character, Character.id == AuditEvent.character_id)
        .where(AuditEvent.actor_id == user_id)
        .order_by(AuditEvent.id)
    )
    return [
        {"server": None if guild_id is None else str(guild_id), "what": kind, "character": name, "detail": detail}
        for guild_id, kind, name, detail in await session.execute(query)
    ]


async def list_owned_characters(session: Session, user_id: int) -> list[UUID]:
    """The person's characters, the oldest first."""
    query = sa.select(Character.id).where(Character.owner_user_id == user_id, Character.status != "deleted")
    return list((await session.execute(query.order_by(Character.id))).scalars())


async def list_owned_chats(session: Session, user_id: int) -> list[UUID]:
    """The person's chats, ended ones too, the oldest first."""
    query = sa.select(Chat.id).where(Chat.owner_id == user_id).order_by(Chat.id)
    return list((await session.execute(query)).scalars())


async def list_path_ids(session: Session, *, tree_id: UUID, leaf_id: UUID) -> list[UUID]:
    """The ids from the root to a leaf; by primary key at each step."""
    line = (
        sa.select(Row.id, Row.tree_id, Row.parent_id, Row.depth)
        .where(Row.tree_id == tree_id, Row.id == leaf_id)
        .cte("line", recursive=True)
    )
    line = line.union_all(
        sa.select(Row.id, Row.tree_id, Row.parent_id, Row.depth).join(
            line, sa.and_(Row.tree_id == line.c.tree_id, Row.id == line.c.parent_id)
        )
    )
    return list((await session.execute(sa.select(line.c.id).order_by(line.c.depth))).scalars())


async def list_memories(session: Session, tree_id: UUID) -> list[dict[str, object]]:
    """What is remembered of a tree, the oldest first."""
    query = sa.select(Memory.id, Memory.message_id, Memory.kind, Memory.text, Memory.written_by, Memory.created_at)
    rows = (await session.execute(query.where(Memory.tree_id == tree_id).order_by(Memory.id))).all()
    await session.vault.load(session, (row.text for row in rows))
    told: list[dict[str, object]] = []
    for row in rows:
        text = session.opened(Place("memories", "text", row.id), row.text)
        if text is not None:
            about = {"up_to": row.message_id, "kind": row.kind, "text": text.decode()}
            told.append({**about, "written_by": row.written_by, "at": row.created_at})
    return told


async def stretches_of_tree(database: Database, tree_id: UUID) -> AsyncGenerator[list[Message]]:
    """All messages of a tree in the order of creation, a stretch after the other, each in a transaction of its own."""
    async for found in _stretches(database, Row.tree_id == tree_id):
        yield found


async def stretches_heard(database: Database, user_id: int) -> AsyncGenerator[list[Heard]]:
    """What the person said in trees in which none of the chats is theirs, a stretch after the other."""
    own = sa.select(Chat.id).where(Chat.tree_id == Row.tree_id, Chat.owner_id == user_id).correlate(Row)
    async for found in _stretches(database, sa.and_(Row.author_user_id == user_id, ~own.exists())):
        async with database.transaction() as session:
            titles = await _titles(session, user_id, [each.chat_id for each in found if each.chat_id])
        yield [Heard(each, each.chat_id, titles.get(each.chat_id) if each.chat_id else None) for each in found]


async def _stretches(database: Database, which: sa.ColumnElement[bool]) -> AsyncGenerator[list[Message]]:
    after: UUID | None = None
    while True:
        query = sa.select(*COLUMNS).where(which)
        if after is not None:
            query = query.where(Row.id > after)
        async with database.transaction() as session:
            rows = (await session.execute(query.order_by(Row.id).limit(STRETCH))).all()
            found = await open_messages(session, rows)
        if found:
            yield found
            after = found[-1].id
        if len(found) < STRETCH:
            return


async def _titles(session: Session, user_id: int, chat_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The titles of those chats in which the person takes part."""
    taking_part = sa.select(ChatParticipant.chat_id).where(
        ChatParticipant.chat_id == Chat.id, ChatParticipant.user_id == user_id
    )
    query = sa.select(Chat.id, Chat.title).where(Chat.id.in_(set(chat_ids)), taking_part.correlate(Chat).exists())
    rows = (await session.execute(query)).all()
    await session.vault.load(session, (row.title for row in rows))
    opened = {row.id: session.opened(Place("chats", "title", row.id), row.title) for row in rows}
    return {chat_id: title.decode() for chat_id, title in opened.items() if title}
