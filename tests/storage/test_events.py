"""Events along a path: what is read at a leaf folds to the same state, with snapshots and without."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import NoResultFound

import storage.chats
import storage.events
from storage.chats import Chat
from storage.database import Database, Session
from storage.events import MOST_EVENTS, READ, SNAPSHOT, SNAPSHOT_EVERY, Event, PathEvent, PathEvents
from storage.messages import Message
from tests.storage.test_tree import say, start


def told(*words: str, kind: str = "told") -> list[Event]:
    return [Event(kind, orjson.dumps(word)) for word in words]


def fold(events: Sequence[PathEvent]) -> bytes:
    """A state that shows each event in it, in order: a list of what was told."""
    state: list[str] = []
    for event in events:
        payload = orjson.loads(event.payload)
        state = payload if event.kind == SNAPSHOT else [*state, payload]
    return orjson.dumps(state)


async def read(session: Session, message: Message, kinds: Sequence[str] | None = None) -> PathEvents:
    return await storage.events.list_path_events(session, tree_id=message.tree_id, leaf_id=message.id, kinds=kinds)


async def state_at(session: Session, message: Message) -> list[str]:
    return orjson.loads(fold((await read(session, message)).events))


async def add(session: Session, message: Message, events: Sequence[Event]) -> None:
    await storage.events.add_events(session, tree_id=message.tree_id, message_id=message.id, events=events)


async def keep(session: Session, message: Message) -> bool:
    return await storage.events.keep_snapshot(session, tree_id=message.tree_id, leaf_id=message.id, fold=fold)


async def grow(session: Session, chat: Chat, length: int, parent: Message | None = None) -> list[Message]:
    path: list[Message] = []
    for number in range(length):
        message = await say(session, chat, path[-1] if path else parent, f"line {number}")
        assert message
        path.append(message)
    return path


@dataclass
class Grown:
    """A message as the property makes it: under which one, what is told before a snapshot and after it."""

    under: int
    before: int
    is_kept: bool
    after: int
    history: list[str] = field(default_factory=list)


MESSAGES = st.lists(
    st.builds(Grown, st.integers(0, 99), st.integers(0, 2), st.booleans(), st.integers(0, 2)), min_size=1, max_size=9
)


@given(MESSAGES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_fold_of_what_is_read_is_the_fold_of_the_whole_path(database: Database, tree: list[Grown]) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        messages: list[Message] = []
        for number, each in enumerate(tree):
            above = each.under % number if number else None
            message = await say(session, chat, None if above is None else messages[above], "…")
            assert message
            before = [f"{number}a{count}" for count in range(each.before)]
            after = [f"{number}b{count}" for count in range(each.after)]
            each.history = [*(tree[above].history if above is not None else ()), *before, *after]
            await add(session, message, told(*before))
            if each.is_kept:
                kept = Event(SNAPSHOT, fold((await read(session, message)).events))
                await add(session, message, [kept])
            await add(session, message, told(*after))
            messages.append(message)
        for message, each in zip(messages, tree, strict=True):
            found = await read(session, message)
            assert orjson.loads(fold(found.events)) == each.history
            assert SNAPSHOT not in [event.kind for event in found.events[1:]]
            places = [(event.depth, event.seq) for event in found.events]
            assert places == sorted(set(places))
            is_kept = bool(found.events) and found.events[0].kind == SNAPSHOT
            assert found.steps == message.depth - (found.events[0].depth if is_kept else -1)


async def test_snapshots_come_when_it_is_time_and_the_walk_stays_short(database: Database) -> None:
    walked: dict[int, int] = {}
    async with database.transaction() as session:
        chat = await start(session)
        path = await grow(session, chat, SNAPSHOT_EVERY * 4)
        for number, message in enumerate(path):
            await add(session, message, told(str(number)))
            assert await keep(session, message) is (number % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1)
            walked[number] = await messages_walked(session, message.tree_id, message.id)
        assert await state_at(session, path[-1]) == [str(number) for number in range(SNAPSHOT_EVERY * 4)]
    assert walked[SNAPSHOT_EVERY * 4 - 1] == 1
    assert max(walked.values()) == SNAPSHOT_EVERY


async def messages_walked(session: Session, tree_id: UUID, leaf_id: UUID) -> int:
    """How many messages the database reads for the state at a leaf, as it says itself."""
    explain = sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {READ.element}")
    answer = await session.execute(explain, {"tree_id": tree_id, "leaf_id": leaf_id, "kinds": None})
    return next(rows_of(answer.scalar_one()[0]["Plan"]))


def rows_of(plan: dict[str, Any]) -> Any:
    if plan["Node Type"] == "Recursive Union":
        yield round(plan["Actual Rows"] * plan["Actual Loops"])
    for below in plan.get("Plans", []):
        yield from rows_of(below)


async def test_many_events_on_few_messages_are_kept_too(database: Database) -> None:
    async with database.transaction() as session:
        (message,) = await grow(session, await start(session), 1)
        await add(session, message, told(*map(str, range(MOST_EVENTS))))
        assert not await keep(session, message)
        await add(session, message, told("one more"))
        assert await keep(session, message)
        found = await read(session, message)
        assert (len(found.events), found.steps, found.needs_snapshot) == (1, 0, False)
        assert len(await state_at(session, message)) == MOST_EVENTS + 1


async def test_the_state_goes_along_with_the_branch(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        root, here = await grow(session, chat, 2)
        (there,) = await grow(session, chat, 1, parent=root)
        await add(session, root, told("a sword"))
        await add(session, here, told("sold the sword"))
        await add(session, there, told("broke the sword"))
        assert await state_at(session, root) == ["a sword"]
        assert await state_at(session, here) == ["a sword", "sold the sword"]
        assert await state_at(session, there) == ["a sword", "broke the sword"]


async def test_only_what_is_asked_for_is_read_and_the_snapshot(database: Database) -> None:
    async with database.transaction() as session:
        first, second = await grow(session, await start(session), 2)
        await add(session, first, [*told("before"), Event(SNAPSHOT, b"[]"), *told("lore", kind="timers")])
        await add(session, second, [*told("x", kind="cast"), *told("y"), *told("z", kind="timers")])
        found = await read(session, second, ["timers", "cast"])
        assert [event.kind for event in found.events] == [SNAPSHOT, "timers", "cast", "timers"]
        assert [event.seq for event in found.events] == [1, 2, 0, 2]
        assert found.steps == 1
        assert [event.kind for event in (await read(session, second, [])).events] == [SNAPSHOT]


async def test_a_path_without_events_tells_how_long_it_is(database: Database) -> None:
    async with database.transaction() as session:
        path = await grow(session, await start(session), SNAPSHOT_EVERY)
        assert await read(session, path[0]) == PathEvents((), 1)
        assert await read(session, path[-2]) == PathEvents((), SNAPSHOT_EVERY - 1)
        assert await keep(session, path[-1])
        assert (await read(session, path[-1])).steps == 0


async def test_a_message_of_another_tree_takes_and_shows_no_events(database: Database) -> None:
    async with database.transaction() as session:
        (here,), (there,) = await grow(session, await start(session), 1), await grow(session, await start(session), 1)
        await add(session, here, told("here"))
        found = await storage.events.list_path_events(session, tree_id=there.tree_id, leaf_id=here.id)
        assert found == PathEvents((), 0)
        with pytest.raises(NoResultFound):
            await storage.events.add_events(session, tree_id=there.tree_id, message_id=here.id, events=told("no"))


async def test_who_adds_at_the_same_time_waits_and_loses_nothing(database: Database) -> None:
    async with database.transaction() as session:
        path = await grow(session, await start(session), SNAPSHOT_EVERY)

    async def added(word: str) -> None:
        async with database.transaction() as session:
            await add(session, path[-1], told(word))

    async def kept() -> None:
        async with database.transaction() as session:
            await keep(session, path[-1])

    await asyncio.gather(added("a"), added("b"), kept(), added("c"))
    async with database.transaction() as session:
        assert sorted(await state_at(session, path[-1])) == ["a", "b", "c"]
        assert (await read(session, path[-1])).steps == 0


async def test_events_are_sealed_and_go_with_their_tree(database: Database) -> None:
    async with database.transaction() as session:
        chat = await start(session)
        (message,) = await grow(session, chat, 1)
        await add(session, message, told("a secret"))
        stored = await session.execute(sa.text("SELECT payload FROM message_events"))
        assert b"a secret" not in stored.scalar_one()
        await storage.chats.delete_chat(session, chat)
        assert await session.scalar(sa.text("SELECT count(*) FROM message_events")) == 0
