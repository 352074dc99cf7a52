"""Events: whatever belongs to a path of the tree stands on a message, and the state at a leaf is their fold.

Every so many messages the state itself is kept as an event, a snapshot, at which reading the path ends: it costs the
same after a thousand messages as after ten. An event holds for everything below its message; beside a snapshot that
stands further down already, one that is added later changes nothing there. So events belong on the message at which
a chat stands.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from storage.database import Session
from storage.ids import new_id
from storage.tables import Message, MessageEvent
from storage.vault import Place

SNAPSHOT = "snapshot"
SNAPSHOT_EVERY = 10
MOST_EVENTS = 200
"""After so many messages, or so many events, the state is kept."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what kind of thing, and the rest of it as JSON."""

    kind: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class PathEvent:
    """An event and where it stands; the events of one message are counted by `seq`, from 0."""

    message_id: UUID
    depth: int
    seq: int
    kind: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class PathEvents:
    """The events that make the state at a leaf, oldest first; the first may be a snapshot, and no other is.

    `steps` is how many messages follow the snapshot, of the whole path where there is none.
    """

    events: tuple[PathEvent, ...]
    steps: int

    @property
    def needs_snapshot(self) -> bool:
        """Whether so much has to be folded that the state is better kept."""
        return self.steps >= SNAPSHOT_EVERY or len(self.events) > MOST_EVENTS


# Each step asks by primary key, and ends the walk where it meets a snapshot. Both ends of the path come back, events or
# not, for they tell its length. OFFSET 0 keeps the planner from reading
# the events of all trees at once, which is what it would do with a path that it takes to be long.
READ = sa.text(
    """
    WITH RECURSIVE path AS (
        SELECT id, parent_id, depth,
               (SELECT max(seq) FROM message_events WHERE message_id = messages.id AND kind = 'snapshot') AS since
        FROM messages WHERE tree_id = CAST(:tree_id AS uuid) AND id = CAST(:leaf_id AS uuid)
        UNION ALL
        SELECT above.id, above.parent_id, above.depth,
               (SELECT max(seq) FROM message_events WHERE message_id = above.id AND kind = 'snapshot')
        FROM path JOIN messages AS above ON above.tree_id = CAST(:tree_id AS uuid) AND above.id = path.parent_id
        WHERE path.since IS NULL
    )
    SELECT path.id AS message_id, path.depth, path.since, event.id, event.seq, event.kind, event.payload
    FROM path LEFT JOIN LATERAL (
        SELECT id, seq, kind, payload FROM message_events
        WHERE message_id = path.id AND seq >= coalesce(path.since, 0)
              AND (CAST(:kinds AS text[]) IS NULL OR kind = 'snapshot' OR kind = ANY(CAST(:kinds AS text[])))
        OFFSET 0
    ) AS event ON true
    WHERE event.id IS NOT NULL OR path.depth = 0 OR path.id = CAST(:leaf_id AS uuid)
    ORDER BY path.depth, event.seq
    """
).columns(
    message_id=sa.Uuid, depth=sa.BigInteger, since=sa.BigInteger, id=sa.Uuid, seq=sa.BigInteger, kind=sa.Text,
    payload=BYTEA,
)  # fmt: skip


async def add_events(session: Session, *, tree_id: UUID, message_id: UUID, events: Sequence[Event]) -> None:
    """Adds events to a message, after those that it has; NoResultFound when the message is not of this tree.

    Called twice it adds them twice.
    """
    if not events:
        return
    await _lock(session, tree_id, message_id)
    key = await session.key("tree", tree_id)
    newest = sa.select(sa.func.coalesce(sa.func.max(MessageEvent.seq), -1))
    first = (await session.execute(newest.where(MessageEvent.message_id == message_id))).scalar_one() + 1
    rows: list[dict[str, object]] = []
    for seq, event in enumerate(events, start=first):
        event_id = new_id()
        payload = key.seal(Place("message_events", "payload", event_id), event.payload)
        rows.append({"id": event_id, "message_id": message_id, "seq": seq, "kind": event.kind, "payload": payload})
    await session.execute(sa.insert(MessageEvent), rows)


async def list_path_events(
    session: Session, *, tree_id: UUID, leaf_id: UUID, kinds: Collection[str] | None = None
) -> PathEvents:
    """What makes the state at a leaf: the nearest snapshot above it, and what happened since, the leaf included.

    With `kinds` only these, and the snapshot. What no longer opens is left out.
    """
    given = {"tree_id": tree_id, "leaf_id": leaf_id, "kinds": None if kinds is None else sorted(kinds)}
    rows = (await session.execute(READ, given)).all()
    if not rows:
        return PathEvents((), 0)
    await session.vault.load(session, (row.payload for row in rows))
    events: list[PathEvent] = []
    for message_id, depth, _, event_id, seq, kind, sealed in rows:
        payload = None if sealed is None else session.opened(Place("message_events", "payload", event_id), sealed)
        if payload is not None:
            events.append(PathEvent(message_id, depth, seq, kind, payload))
    has_snapshot = rows[0].since is not None
    return PathEvents(tuple(events), rows[-1].depth - rows[0].depth + (not has_snapshot))


async def keep_snapshot(
    session: Session, *, tree_id: UUID, leaf_id: UUID, fold: Callable[[Sequence[PathEvent]], bytes]
) -> bool:
    """Keeps the state at a leaf where it is time to: `fold` makes it from the events; returns whether it did.

    What somebody else adds to this message meanwhile comes after the snapshot, so that it is not lost in it.
    """
    await _lock(session, tree_id, leaf_id)
    found = await list_path_events(session, tree_id=tree_id, leaf_id=leaf_id)
    if found.needs_snapshot:
        state = Event(SNAPSHOT, fold(found.events))
        await add_events(session, tree_id=tree_id, message_id=leaf_id, events=[state])
    return found.needs_snapshot


async def _lock(session: Session, tree_id: UUID, message_id: UUID) -> None:
    # A statement of its own: what is asked next is then asked after everybody who held the lock before.
    message = sa.select(Message.id).where(Message.tree_id == tree_id, Message.id == message_id)
    (await session.execute(message.with_for_update(key_share=True))).scalar_one()
