"""A page of 50 messages from a leaf, decrypted, beside the bare query."""

import time
from pathlib import Path
from uuid import UUID

import asyncpg

import storage.characters
import storage.chats
import storage.messages
import storage.users
from benchmarks.figures import Figure, quantile
from benchmarks.stores import Stores
from storage.characters import Frame
from storage.database import Database
from storage.ids import new_id
from storage.messages import Message, Speaker
from storage.vault import MasterKey, Vault

PAGE, RUNS = 50, 400
SHORT, LONG = 1_000, 100_000
BARE = """
WITH RECURSIVE path AS (
    SELECT id, tree_id, parent_id, depth, role, speaker, parts, status, created_at, 1 AS step
    FROM messages WHERE tree_id = $1 AND id = $2
    UNION ALL
    SELECT m.id, m.tree_id, m.parent_id, m.depth, m.role, m.speaker, m.parts, m.status, m.created_at, path.step + 1
    FROM messages m JOIN path ON m.tree_id = path.tree_id AND m.id = path.parent_id WHERE path.step < $3
) SELECT * FROM path ORDER BY step
"""


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """The storage call in a chat of a thousand messages, and in one of a hundred thousand."""
    database = Database.connect(stores.database_url, Vault([MasterKey.from_text(stores.key)]))
    bare = await asyncpg.connect(stores.database_url)
    figures: list[Figure] = []
    medians: list[float] = []
    for length in (SHORT, LONG):
        tree, leaf = await _grow(database, length)
        await bare.execute("ANALYZE messages")
        ours, theirs = await _side_by_side(database, bare, tree, leaf)
        medians.append(quantile(ours, 0.5))
        ratio = quantile(ours, 0.5) / quantile(theirs, 0.5)
        what = f"page of {PAGE} messages of {length:,}, decrypted, p50 (baseline: bare asyncpg)"
        figures.append(Figure(what, quantile(ours, 0.5), "≤ 5×", ratio <= 5, quantile(theirs, 0.5)))
    grown = f"page in {LONG:,} messages against {SHORT:,}"
    figures.append(Figure(grown, medians[1], "≤ 1.2×", medians[1] <= 1.2 * medians[0], medians[0]))
    await bare.close()
    await database.close()
    return figures


async def _side_by_side(
    database: Database, bare: asyncpg.Connection, tree: UUID, leaf: UUID
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        async with database.transaction() as session:
            page = await storage.messages.list_path(session, tree_id=tree, leaf_id=leaf, limit=PAGE)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        rows = await bare.fetch(BARE, tree, leaf, PAGE)
        theirs.append(time.perf_counter() - begun)
        assert len(page) == len(rows) == PAGE
    return ours, theirs


async def _grow(database: Database, length: int) -> tuple[UUID, UUID]:
    async with database.transaction() as session:
        await storage.users.touch_user(session, 1, "bench")
        character = new_id()
        await storage.characters.add_character(
            session, character_id=character, owner_user_id=1, frame=Frame(name="Bench"), owner_name="bench"
        )
        chat = await storage.chats.add_chat(
            session,
            chat_id=new_id(),
            owner_id=1,
            guild_id=None,
            channel_id=1,
            character_id=character,
            title="bench",
            interaction_id=None,
        )
        assert chat
    message: Message | None = None
    for start in range(0, length, 1000):
        async with database.transaction() as session:
            for number in range(start, min(start + 1000, length)):
                by_person = number % 2 == 0
                message = await storage.messages.add_message(
                    session,
                    message_id=new_id(),
                    tree_id=chat.tree_id,
                    chat_id=chat.id,
                    parent=message,
                    role="person" if by_person else "character",
                    speaker=Speaker("Bench"),
                    status="complete",
                    text=f"Line {number} of a scene that goes on for a while, as scenes do.",
                    author_user_id=1 if by_person else None,
                )
    assert message
    return chat.tree_id, message.id
