"""Memories: what is kept of a path that has grown too long to be read whole, with the message they reach to.

A branch has its own: a memory holds where its message lies on the path. The words are sealed with the tree's key. An
embedding is not, for the database compares it; it tells what a passage is about to whoever reads the database and
has the same embedding model.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.exc import DBAPIError

from storage.database import Database, Session
from storage.ids import new_id
from storage.tables import Memory as Row
from storage.tables import Message
from storage.vault import Place

Kind = Literal["summary", "fact", "passage"]
Writer = Literal["model", "person"]


@dataclass(frozen=True, slots=True)
class Memory:
    """Something remembered of a path, from wherever it begins to `message_id`, which stands at `depth`."""

    id: UUID
    tree_id: UUID
    message_id: UUID
    depth: int
    kind: Kind
    text: str
    written_by: Writer
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Recalled:
    """A passage that came to mind; `distance` (1 - cosine) is 0 for the same meaning, 1 for none in common."""

    memory: Memory
    distance: float


COLUMNS = "id, tree_id, message_id, depth, kind, text, written_by, created_at"
TYPES: dict[str, Any] = {
    "id": sa.Uuid, "tree_id": sa.Uuid, "message_id": sa.Uuid, "depth": sa.BigInteger, "kind": sa.Text, "text": BYTEA,
    "written_by": sa.Text, "created_at": sa.DateTime(timezone=True),
}  # fmt: skip
# A path is walked by primary key, and only as far up as anything is remembered: in a tree without memories not at all.
ON_PATH = """
    WITH RECURSIVE mine AS MATERIALIZED (
        SELECT memories.*, messages.depth FROM memories JOIN messages ON messages.id = memories.message_id
        WHERE memories.tree_id = CAST(:tree_id AS uuid) AND memories.kind = ANY(CAST(:kinds AS text[]))
    ), highest AS MATERIALIZED (
        SELECT min(depth) AS depth FROM mine
    ), line AS (
        SELECT id, parent_id, depth FROM messages
        WHERE tree_id = CAST(:tree_id AS uuid) AND id = CAST(:leaf_id AS uuid)
              AND depth >= (SELECT depth FROM highest)
        UNION ALL
        SELECT above.id, above.parent_id, above.depth
        FROM line JOIN messages AS above ON above.tree_id = CAST(:tree_id AS uuid) AND above.id = line.parent_id
        WHERE line.depth > (SELECT depth FROM highest)
    ), remembered AS (
        SELECT * FROM mine WHERE message_id IN (SELECT id FROM line)
    )
"""
PATH = sa.text(
    f"{ON_PATH} SELECT {COLUMNS} FROM remembered ORDER BY depth, id"  # noqa: S608 - constants alone
).columns(**TYPES)
# What has not as many dimensions cannot be compared, and what has no direction (zeros alone) is as far as can be.
NEAREST = (
    sa.text(
        f"""
        {ON_PATH}, comparable AS MATERIALIZED (
            SELECT *, CAST(embedding AS vector) <=> CAST(CAST(:asked AS real[]) AS vector) AS distance
            FROM remembered
            WHERE embedding_model = CAST(:model AS text)
                  AND cardinality(embedding) = cardinality(CAST(:asked AS real[]))
        )
        SELECT {COLUMNS}, distance FROM comparable ORDER BY distance, id LIMIT CAST(:most AS bigint)
        """  # noqa: S608 - constants alone
    )
    .bindparams(sa.bindparam("asked", type_=sa.ARRAY(sa.REAL)))
    .columns(**TYPES, distance=sa.Float)
)

FORGET = sa.text(
    """
    DELETE FROM memories USING messages WHERE messages.id = memories.message_id
    AND memories.tree_id = CAST(:tree_id AS uuid) AND messages.depth >= :depth AND memories.written_by = 'model'
    """
)


async def enable_recall(database: Database) -> bool:
    """Whether passages can be compared by meaning: tries to make pgvector, where the server has it, ready for use."""
    if not await _has_vector(database):
        # Perhaps it is not installed, or only an administrator may, or another process has just done it.
        with suppress(DBAPIError):
            async with database.transaction() as session:
                await session.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
    return await _has_vector(database)


async def add_memory(
    session: Session, *, tree_id: UUID, message_id: UUID, kind: Kind, text: str, written_by: Writer = "model"
) -> UUID:
    """Keeps something remembered of the path down to a message, sealed with the tree's key."""
    key, memory_id = await session.key("tree", tree_id), new_id()
    await session.execute(
        sa.insert(Row).values(
            id=memory_id,
            tree_id=tree_id,
            message_id=message_id,
            kind=kind,
            text=key.seal(_place(memory_id), text.encode()),
            written_by=written_by,
        )
    )
    return memory_id


async def find_memory(session: Session, memory_id: UUID) -> Memory | None:
    """One memory; None when it was forgotten, or its key is gone."""
    found = await _opened(session, (await session.execute(_select().where(Row.id == memory_id))).all())
    return found[0] if found else None


async def list_path_memories(
    session: Session, *, tree_id: UUID, leaf_id: UUID, kinds: Collection[Kind] = get_args(Kind)
) -> list[Memory]:
    """What is remembered of the path of a leaf, oldest first: that is, in the order of the messages it reaches to.

    What no longer opens is left out.
    """
    given = {"tree_id": tree_id, "leaf_id": leaf_id, "kinds": list(kinds)}
    return await _opened(session, (await session.execute(PATH, given)).all())


async def correct_memory(session: Session, memory_id: UUID, text: str) -> bool:
    """Puts a person's words in the place of a memory's; False when it was forgotten.

    What had been computed of the old words is dropped.
    """
    query = sa.select(Row.tree_id).where(Row.id == memory_id).with_for_update(key_share=True)
    tree_id = (await session.execute(query)).scalar_one_or_none()
    if tree_id is None:
        return False
    key = await session.key("tree", tree_id)
    sealed = key.seal(_place(memory_id), text.encode())
    await session.execute(
        sa.update(Row)
        .where(Row.id == memory_id)
        .values(text=sealed, written_by="person", embedding=None, embedding_model=None)
    )
    return True


async def forget_memory(session: Session, memory_id: UUID) -> bool:
    """Removes a memory; False when it was forgotten before."""
    gone = await session.execute(sa.delete(Row).where(Row.id == memory_id).returning(Row.id))
    return gone.first() is not None


async def forget_made_of(session: Session, *, tree_id: UUID, depth: int) -> None:
    """Removes what a model made of messages so deep in a tree, or deeper: it may hold words that are to go.

    Where the scene goes on it is made anew; what people wrote stays.
    """
    await session.execute(FORGET, {"tree_id": tree_id, "depth": depth})


async def list_unembedded(session: Session, tree_id: UUID, *, model: str, limit: int) -> list[Memory]:
    """Some passages of a tree that this model has not embedded yet, the oldest first."""
    waiting = sa.or_(Row.embedding_model.is_(None), Row.embedding_model != model)
    query = _select().where(Row.tree_id == tree_id, Row.kind == "passage", waiting).order_by(Row.id).limit(limit)
    return await _opened(session, (await session.execute(query)).all())


async def embed_memory(session: Session, memory: Memory, embedding: Sequence[float], *, model: str) -> bool:
    """Keeps what a model made of a memory's words; False when they were changed or forgotten meanwhile."""
    row = (await session.execute(_select().where(Row.id == memory.id).with_for_update(of=Row))).one_or_none()
    now = await _opened(session, [] if row is None else [row])
    if not now or now[0].text != memory.text:
        return False
    await session.execute(
        sa.update(Row).where(Row.id == memory.id).values(embedding=list(embedding), embedding_model=model)
    )
    return True


async def recall(
    session: Session, *, tree_id: UUID, leaf_id: UUID, embedding: Sequence[float], model: str, limit: int
) -> list[Recalled]:
    """The passages of a leaf's path that are nearest in meaning, the nearest first; needs `enable_recall`.

    Only those that the same model embedded. All of the path are compared: a tree has few.
    """
    given: dict[str, Any] = {"tree_id": tree_id, "leaf_id": leaf_id, "kinds": ["passage"]}
    rows = (await session.execute(NEAREST, {**given, "asked": list(embedding), "model": model, "most": limit})).all()
    far = {row.id: row.distance for row in rows}
    return [Recalled(memory, far[memory.id]) for memory in await _opened(session, rows)]


def _select() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Row.id,
        Row.tree_id,
        Row.message_id,
        Message.depth,
        Row.kind,
        Row.text,
        Row.written_by,
        Row.created_at,
    ).join(Message, Message.id == Row.message_id)


async def _opened(session: Session, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[Memory]:
    await session.vault.load(session, (row.text for row in rows))
    memories: list[Memory] = []
    for row in rows:
        text = session.opened(_place(row.id), row.text)
        if text is not None:
            memories.append(
                Memory(
                    id=row.id,
                    tree_id=row.tree_id,
                    message_id=row.message_id,
                    depth=row.depth,
                    kind=row.kind,
                    text=text.decode(),
                    written_by=row.written_by,
                    created_at=row.created_at,
                )
            )
    return memories


def _place(memory_id: UUID) -> Place:
    return Place("memories", "text", memory_id)


async def _has_vector(database: Database) -> bool:
    async with database.transaction() as session:
        installed = sa.text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")
        return bool(await session.scalar(installed))
