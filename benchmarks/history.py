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
from storage.messages import Message, Node, Speaker
from storage.vault import MasterKey, Vault

PAGE, RUNS = 50, 400
SHORT, LONG = 1_000, 1_000_000
BARE = """
WITH RECURSIVE path AS (
    SELECT id, tree_id, parent_id, depth, role, speaker, parts, status, created_at, 1 AS step
    FROM messages WHERE tree_id = $1 AND id = $2
    UNION ALL
    SELECT m.id, m.tree_id, m.parent_id, m.depth, m.role, m.speaker, m.parts, m.status, m.created_at, path.step + 1
    FROM messages m JOIN path ON m.tree_id = path.tree_id AND m.id = path.parent_id WHERE path.step < $3
) SELECT * FROM path ORDER BY step
"""


FILLED = """
INSERT INTO messages (id, tree_id, chat_id, parent_id, depth, role, speaker, parts, status)
SELECT md5($1::uuid::text || n)::uuid, $1, $2, CASE WHEN n > 0 THEN md5($1::uuid::text || (n - 1))::uuid END, n,
       'character', '', '', 'complete'
FROM generate_series(0, $3::bigint - 1) AS n
"""


async def measure(stores: Stores, folder: Path) -> list[Figure]:
    """The storage call in a chat of a thousand messages, and in one of a million; and what opening adds to it."""
    database = Database.connect(stores.database_url, Vault([MasterKey.from_text(stores.key)]))
    bare = await asyncpg.connect(stores.database_url)
    figures: list[Figure] = []
    medians: list[float] = []
    for length in (SHORT, LONG):
        tree, leaf = await _grow(database, bare, length)
        await bare.execute("ANALYZE messages")
        ours, theirs = await _side_by_side(database, bare, tree, leaf)
        medians.append(quantile(ours, 0.5))
        ratio = quantile(ours, 0.5) / quantile(theirs, 0.5)
        what = f"page of {PAGE} messages of {length:,}, decrypted, p50 (baseline: bare asyncpg)"
        figures.append(Figure(what, quantile(ours, 0.5), "≤ 5×", ratio <= 5, quantile(theirs, 0.5)))
    grown = f"page in {LONG:,} messages against {SHORT:,}"
    figures.append(Figure(grown, medians[1], "≤ 1.2×", medians[1] <= 1.2 * medians[0], medians[0]))
    opened = quantile(await _opening(database, tree, leaf), 0.5)
    figures.append(Figure(f"opening {PAGE} sealed messages, p50", opened, "≤ 1 ms", opened <= 0.001))
    await bare.close()
    await database.close()
    return figures


async def _opening(database: Database, tree: UUID, leaf: UUID) -> list[float]:
    """Seconds from rows to messages whose words can be read."""
    times: list[float] = []
    async with database.transaction() as session:
        asked = {"tree_id": tree, "leaf_id": leaf, "steps": PAGE}
        rows = (await session.execute(storage.messages.WALK, asked)).all()
        for _ in range(RUNS):
            begun = time.perf_counter()
            await storage.messages.open_messages(session, rows)
            times.append(time.perf_counter() - begun)
    return times


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


async def _grow(database: Database, bare: asyncpg.Connection, length: int) -> tuple[UUID, UUID]:
    """A chat of so many messages; all but the newest thousand are there without words, for nobody reads them."""
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
    below = length - SHORT
    await bare.execute(FILLED, chat.tree_id, chat.id, below)
    ends = "SELECT id FROM messages WHERE tree_id = $1 AND depth = $2"
    message: Message | Node | None = None
    if below:
        end = await bare.fetchval(ends, chat.tree_id, below - 1)
        assert isinstance(end, UUID)
        message = Node(end, below - 1)
    for start in range(below, length, 100):
        async with database.transaction() as session:
            for number in range(start, min(start + 100, length)):
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
