"""The tree of messages: what was said, after what, and the walk from a message to its root."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import Message as Row
from storage.vault import Place, to_json

Role = Literal["person", "character", "narration"]
Status = Literal["queued", "streaming", "complete", "stopped", "length", "interrupted", "failed", "removed"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said something, as they were called at that moment."""

    name: str
    avatar: str | None = None
    persona_id: UUID | None = None
    character_id: UUID | None = None
    """The character that a person played as."""

    @property
    def is_oneself(self) -> bool:
        """Whether a person who spoke so was nobody else."""
        return self.persona_id is None and self.character_id is None


@dataclass(frozen=True, slots=True)
class Message:
    """One saying in a tree; `text` is None when the key to it is gone."""

    id: UUID
    tree_id: UUID
    chat_id: UUID | None
    parent_id: UUID | None
    depth: int
    role: Role
    author_user_id: int | None
    character_id: UUID | None
    speaker: Speaker
    text: str | None
    status: Status
    model: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reply ended: times in milliseconds, tokens as the provider counted them."""

    status: Status
    text: str
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_token_ms: int | None = None
    duration_ms: int | None = None


COLUMNS = (
    Row.id,
    Row.tree_id,
    Row.chat_id,
    Row.parent_id,
    Row.depth,
    Row.role,
    Row.author_user_id,
    Row.character_id,
    Row.speaker,
    Row.parts,
    Row.status,
    Row.model,
    Row.created_at,
)
PARTS = [column.key for column in COLUMNS].index("parts")
REMOVED = Speaker(name="someone")


@dataclass(frozen=True, slots=True)
class Node:
    """Where a message stands in its tree: all that its child needs to know."""

    id: UUID
    depth: int


def _walk() -> sa.Select[*tuple[Any, ...]]:
    """From a message towards the root; by primary key at each step, so the tree's size does not matter."""
    columns = [column.label(column.key) for column in COLUMNS]
    here = (
        sa.select(*columns, sa.literal(1).label("step"))
        .where(Row.tree_id == sa.bindparam("tree_id"), Row.id == sa.bindparam("leaf_id"))
        .cte("path", recursive=True)
    )
    path = here.union_all(
        sa.select(*columns, here.c.step + 1)
        .join(here, sa.and_(Row.tree_id == here.c.tree_id, Row.id == here.c.parent_id))
        .where(here.c.step < sa.bindparam("steps", type_=sa.Integer))
    )
    return sa.select(path).order_by(path.c.step)


WALK = _walk()
ONE = sa.select(*COLUMNS).where(Row.id == sa.bindparam("message_id"))


async def add_message(
    session: Session,
    *,
    message_id: UUID,
    tree_id: UUID,
    chat_id: UUID,
    parent: Message | Node | None,
    role: Role,
    speaker: Speaker,
    text: str,
    status: Status,
    author_user_id: int | None = None,
    character_id: UUID | None = None,
    idempotency_key: str | None = None,
) -> Message | None:
    """Adds a message after its parent; None when this very event was stored before.

    A person's words are sealed with their own key, everything else with the tree's.
    """
    key = await (session.key("user", author_user_id) if author_user_id is not None else session.key("tree", tree_id))
    added = await session.execute(
        insert(Row)
        .values(
            id=message_id,
            tree_id=tree_id,
            chat_id=chat_id,
            parent_id=parent.id if parent else None,
            depth=parent.depth + 1 if parent else 0,
            role=role,
            author_user_id=author_user_id,
            character_id=character_id,
            status=status,
            idempotency_key=idempotency_key,
            speaker=key.seal(Place("messages", "speaker", message_id), _speaker_json(speaker)),
            parts=key.seal(Place("messages", "parts", message_id), _parts_json(text)),
        )
        .on_conflict_do_nothing(index_elements=[Row.chat_id, Row.idempotency_key])
        .returning(Row.created_at)
    )
    created_at = added.scalar_one_or_none()
    if created_at is None:
        return None
    return Message(
        id=message_id,
        tree_id=tree_id,
        chat_id=chat_id,
        parent_id=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
        role=role,
        author_user_id=author_user_id,
        character_id=character_id,
        speaker=speaker,
        text=text,
        status=status,
        created_at=created_at,
    )


async def find_message(session: Session, message_id: UUID) -> Message | None:
    """One message."""
    found = await open_messages(session, (await session.execute(ONE, {"message_id": message_id})).all())
    return found[0] if found else None


async def list_path(
    session: Session, *, tree_id: UUID, leaf_id: UUID, limit: int, with_leaf: bool = True
) -> list[Message]:
    """The walk from a message towards the root, newest first, at most `limit` messages.

    Costs the same in a tree of a thousand and of a million messages.
    """
    steps = limit if with_leaf else limit + 1
    found = await session.execute(WALK, {"tree_id": tree_id, "leaf_id": leaf_id, "steps": steps})
    rows = found.all()
    return await open_messages(session, rows if with_leaf else rows[1:])


async def finish_message(session: Session, message: Message, outcome: Outcome) -> None:
    """Writes how a reply ended."""
    key = await session.key("tree", message.tree_id)
    await session.execute(
        sa.update(Row)
        .where(Row.id == message.id)
        .values(
            parts=key.seal(Place("messages", "parts", message.id), _parts_json(outcome.text)),
            status=outcome.status,
            model=outcome.model,
            prompt_tokens=outcome.prompt_tokens,
            completion_tokens=outcome.completion_tokens,
            first_token_ms=outcome.first_token_ms,
            duration_ms=outcome.duration_ms,
        )
    )


async def seal_words(session: Session, message: Message, *, text: str, speaker: Speaker) -> dict[str, bytes]:
    """Words for the columns of a message, sealed with the key of whoever said it."""
    author = message.author_user_id
    key = await (session.key("user", author) if author is not None else session.key("tree", message.tree_id))
    return {
        "speaker": key.seal(Place("messages", "speaker", message.id), _speaker_json(speaker)),
        "parts": key.seal(Place("messages", "parts", message.id), _parts_json(text)),
    }


async def open_messages(session: Session, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[Message]:
    """Rows of COLUMNS as messages, their words opened."""
    await session.vault.load(session, (row[PARTS] for row in rows))
    return [_message(session, *row[: len(COLUMNS)]) for row in rows]


def _message(  # noqa: PLR0917 - in the order of COLUMNS: by name each value of a row would cost twice as much
    session: Session,
    message_id: UUID,
    tree_id: UUID,
    chat_id: UUID | None,
    parent_id: UUID | None,
    depth: int,
    role: Role,
    author_user_id: int | None,
    character_id: UUID | None,
    speaker: bytes,
    parts: bytes,
    status: Status,
    model: str | None,
    created_at: datetime,
) -> Message:
    called = session.opened(Place("messages", "speaker", message_id), speaker)
    said = session.opened(Place("messages", "parts", message_id), parts)
    return Message(
        id=message_id,
        tree_id=tree_id,
        chat_id=chat_id,
        parent_id=parent_id,
        depth=depth,
        role=role,
        author_user_id=author_user_id,
        character_id=character_id,
        speaker=_speaker(called) if called else REMOVED,
        text=_text(said) if said else None,
        status=status,
        model=model,
        created_at=created_at,
    )


def _speaker_json(speaker: Speaker) -> bytes:
    told = {"name": speaker.name, "avatar": speaker.avatar, "persona": speaker.persona_id and str(speaker.persona_id)}
    return to_json(told | ({"character": str(speaker.character_id)} if speaker.character_id else {}))


def _speaker(sealed: bytes) -> Speaker:
    read = orjson.loads(sealed)
    return Speaker(
        name=read["name"],
        avatar=read["avatar"],
        persona_id=UUID(read["persona"]) if read["persona"] else None,
        character_id=UUID(read["character"]) if read.get("character") else None,
    )


def _parts_json(text: str) -> bytes:
    return to_json([{"type": "text", "text": text}])


def _text(parts: bytes) -> str:
    return "".join(part["text"] for part in orjson.loads(parts) if part["type"] == "text")
