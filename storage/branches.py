"""Branches of a tree: the other ways it went, where they end, and which of them a chat does not show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import storage.memories
from storage.chats import Chat
from storage.database import Session
from storage.messages import COLUMNS, Message, Role, Speaker, Status, open_messages, seal_words
from storage.tables import HiddenMessage
from storage.tables import Message as Row

MOST_OUTLINED = 5_000


@dataclass(frozen=True, slots=True)
class Outlined:
    """Where a message stands in its tree."""

    id: UUID
    parent_id: UUID | None
    depth: int
    role: Role
    status: Status


def _hidden(chat_id: UUID) -> sa.ColumnElement[bool]:
    return (
        sa.select(HiddenMessage.message_id)
        .where(HiddenMessage.chat_id == chat_id, HiddenMessage.message_id == Row.id)
        .exists()
    )


async def list_siblings(session: Session, message: Message, *, chat_id: UUID) -> list[UUID]:
    """The ids of what a chat may show in the place of a message, in the order of creation, itself among them.

    They have the same parent and the same role. Left out is what was removed, is hidden in this chat, or came to
    nothing.
    """
    same_parent = Row.parent_id.is_(None) if message.parent_id is None else Row.parent_id == message.parent_id
    fit = sa.and_(Row.status.not_in(("failed", "removed")), ~_hidden(chat_id))
    rows = await session.execute(
        sa.select(Row.id)
        .where(Row.tree_id == message.tree_id, same_parent, Row.role == message.role)
        .where(sa.or_(fit, Row.id == message.id))
        .order_by(Row.id)
    )
    return list(rows.scalars())


async def list_siblings_along(session: Session, chat: Chat, path: Sequence[Message]) -> dict[UUID, list[Message]]:
    """For each message of a path what a chat may show in its place, in the order of creation, itself among them."""
    on_path = {each.id for each in path}
    parents = [each.parent_id for each in path if each.parent_id is not None]
    under = Row.parent_id.in_(parents) if parents else sa.false()
    fit = sa.and_(Row.status.not_in(("failed", "removed")), ~_hidden(chat.id))
    rows = await session.execute(
        sa.select(*COLUMNS)
        .where(Row.tree_id == chat.tree_id, sa.or_(under, Row.parent_id.is_(None)))
        .where(sa.or_(fit, Row.id.in_(on_path)))
        .order_by(Row.id)
    )
    beside: dict[tuple[UUID | None, Role], list[Message]] = {}
    for message in await open_messages(session, rows.all()):
        beside.setdefault((message.parent_id, message.role), []).append(message)
    return {each.id: beside[each.parent_id, each.role] for each in path}


async def list_messages(session: Session, chat: Chat, ids: Collection[UUID]) -> list[Message]:
    """These messages of a chat's tree, in the order of creation."""
    rows = await session.execute(
        sa.select(*COLUMNS).where(Row.tree_id == chat.tree_id, Row.id.in_(ids)).order_by(Row.id)
    )
    return await open_messages(session, rows.all())


async def has_children(session: Session, message: Message) -> bool:
    """Whether anything follows a message, in whatever chat of its tree."""
    child = sa.select(Row.id).where(Row.tree_id == message.tree_id, Row.parent_id == message.id)
    return bool((await session.execute(sa.select(child.exists()))).scalar())


async def is_on_path(session: Session, chat: Chat, message: Message) -> bool:
    """Whether a message lies between a chat's leaf and the root, the leaf itself included."""
    return chat.leaf_id is not None and message.id in await _line_above(session, chat, chat.leaf_id, message.depth)


async def is_hidden(session: Session, chat: Chat, message: Message) -> bool:
    """Whether a chat does not show a message, for it or one above it was deleted there."""
    any_at_all = sa.select(HiddenMessage.message_id).where(HiddenMessage.chat_id == chat.id)
    hidden = set((await session.execute(any_at_all)).scalars())
    return bool(hidden) and not hidden.isdisjoint(await _line_above(session, chat, message.id, 0))


async def hide(session: Session, *, chat_id: UUID, message_id: UUID) -> None:
    """Takes a message and what follows it out of what a chat shows."""
    await session.execute(insert(HiddenMessage).values(chat_id=chat_id, message_id=message_id).on_conflict_do_nothing())


async def remove_words(session: Session, message: Message) -> None:
    """Wipes what was said, how the speaker was called, and what a model made of it, wherever the message is read."""
    emptied = await seal_words(session, message, text="", speaker=Speaker(name="someone"))
    await session.execute(sa.update(Row).where(Row.id == message.id).values(status="removed", **emptied))
    await storage.memories.forget_made_of(session, tree_id=message.tree_id, depth=message.depth)


async def list_outline(session: Session, chat: Chat, *, limit: int = MOST_OUTLINED) -> list[Outlined]:
    """The tree of a chat without the words, the newest messages of it, parents before children.

    What the chat does not show is left out, with what follows it; so are greetings that nothing follows and that
    the chat does not stand at.
    """
    columns = (Row.id, Row.parent_id, Row.depth, Row.role, Row.status, _hidden(chat.id).label("hidden"))
    newest = sa.select(*columns).where(Row.tree_id == chat.tree_id).order_by(Row.id.desc()).limit(limit)
    rows = list(reversed((await session.execute(newest)).all()))
    parents = {row.parent_id for row in rows}
    gone: set[UUID] = set()
    outline: list[Outlined] = []
    for row in rows:
        is_unused_root = row.parent_id is None and row.id not in parents and row.id != chat.leaf_id
        if row.hidden or row.parent_id in gone or (is_unused_root and row.role == "character"):
            gone.add(row.id)
        else:
            role, status = cast("Role", row.role), cast("Status", row.status)
            outline.append(Outlined(row.id, row.parent_id, row.depth, role, status))
    return outline


def leaves_of(outline: Sequence[Outlined]) -> list[UUID]:
    """What nothing follows, the newest first."""
    parents = {each.parent_id for each in outline}
    return [each.id for each in reversed(outline) if each.id not in parents]


async def _line_above(session: Session, chat: Chat, start_id: UUID, down_to: int) -> set[UUID]:
    """The ids from a message up to a depth; by primary key at each step."""
    line = (
        sa.select(Row.id, Row.tree_id, Row.parent_id, Row.depth)
        .where(Row.tree_id == chat.tree_id, Row.id == start_id)
        .cte("line", recursive=True)
    )
    line = line.union_all(
        sa.select(Row.id, Row.tree_id, Row.parent_id, Row.depth)
        .join(line, sa.and_(Row.tree_id == line.c.tree_id, Row.id == line.c.parent_id))
        .where(Row.depth >= down_to)
    )
    return set((await session.execute(sa.select(line.c.id))).scalars())
