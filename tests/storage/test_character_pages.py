"""The pages of characters: their order, both ways, whatever the values are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import storage.character_pages
import storage.characters
import storage.guilds
import storage.users
from storage.character_pages import Cursor, Filter, Query, Sort
from storage.characters import Character, Frame
from storage.database import Database, Session
from storage.ids import new_id
from storage.tables import Character as Row

VIEWER, OTHER = 1, 2
START = datetime(2026, 1, 1, tzinfo=UTC)

rows = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Anna", "anna", "ANNA", "Älva", "Bo", "Z" * 80, "_", "%"]),
        "owner_user_id": st.sampled_from([VIEWER, OTHER]),
        "status": st.sampled_from(["published", "draft", "unpublished", "deleted"]),
        "play_count": st.sampled_from([0, 0, 1, 2**40]),
        "published_at": st.sampled_from([None, START, START, START + timedelta(microseconds=1), START + timedelta(1)]),
        "stock": st.just(None),
    }
)


async def fill(session: Session, made: Sequence[dict[str, Any]]) -> None:
    """Puts exactly these characters there, the first one as the default assistant."""
    await session.execute(sa.delete(Row))
    await storage.users.touch_user(session, VIEWER, "viewer")
    await storage.users.touch_user(session, OTHER, "other")
    for number, values in enumerate(made):
        published_at = values["published_at"] or (START if values["status"] == "published" else None)
        stock = storage.characters.DEFAULT_ASSISTANT if number == 0 else None
        columns = values | {
            "stock": stock,
            "newest_version": 1,
            "search": values["name"].lower(),
            "published_at": published_at,
        }
        await session.execute(sa.insert(Row).values(id=new_id(), **columns))


async def turned(session: Session, query: Query, *, backwards: bool) -> list[list[Character]]:
    """All pages one after the other, from the first on or from the last back."""
    pages: list[list[Character]] = []
    cursor: Cursor | None = Cursor(9, 0, new_id()) if backwards else None
    while True:
        ways = {"before": cursor} if backwards else {"after": cursor}
        found = await storage.character_pages.list_page(session, query, **ways)
        if not found:
            return pages
        pages.append([character for character, _ in found])
        cursor = found[0][1] if backwards else found[-1][1]


@pytest.mark.parametrize("sort", ["popular", "newest", "name"])
async def test_pages_hold_everyone_once_in_one_order_both_ways(database: Database, sort: Sort) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(rows, max_size=14), st.integers(1, 6))
    def check(made: list[dict[str, Any]], limit: int) -> None:
        cases.append((made, limit))

    cases: list[tuple[list[dict[str, Any]], int]] = []
    check()
    for made, limit in cases:
        async with database.transaction() as session:
            await fill(session, made)
            query = Query(VIEWER, None, sort=sort, limit=limit)
            forward = await turned(session, query, backwards=False)
            backward = await turned(session, query, backwards=True)
            whole = [character for page in forward for character in page]
            assert [character for page in reversed(backward) for character in page] == whole
            assert all(len(page) == limit for page in forward[:-1])
            visible = [
                each
                for each in made
                if each["status"] == "published" or (each["status"] != "deleted" and each["owner_user_id"] == VIEWER)
            ]
            assert len({character.id for character in whole}) == len(whole) == len(visible)
            ranks = [rank(character) for character in whole]
            assert ranks == sorted(ranks)
            if sort == "popular":
                counts = [(rank(each), -each.play_count) for each in whole]
                assert counts == sorted(counts)


def rank(character: Character) -> int:
    """The group in which a character stands for the viewer."""
    if character.is_default and character.status == "published":
        return 0
    return 2 if character.owner_user_id == VIEWER and character.status != "published" else 1


SEARCHES: list[tuple[str, list[str]]] = [
    ("", ["Captain Juniper", "Mother Pine", "100% Bo_b"]),
    ("juniper", ["Captain Juniper"]),
    ("JUNIPPER", ["Captain Juniper"]),
    ("captian", ["Captain Juniper"]),
    ("capt pirates", ["Captain Juniper"]),
    ("pine pirates", []),
    ("100%", ["100% Bo_b"]),
    ("%", ["100% Bo_b"]),
    ("_", ["100% Bo_b"]),
    ("\\", []),
    ("other", ["Captain Juniper", "Mother Pine", "100% Bo_b"]),
    ("moth", ["Mother Pine"]),
]


async def test_search_forgives_typos_and_takes_signs_as_they_are(database: Database) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, OTHER, "other")
        for plays, (name, tags) in enumerate(
            (("100% Bo_b", ("odd",)), ("Mother Pine", ("trees",)), ("Captain Juniper", ("pirates", "sea")))
        ):
            await add(session, name, tags=tags, plays=plays)
        for search, expected in SEARCHES:
            page = await storage.character_pages.list_page(session, Query(VIEWER, None, search=search))
            assert [character.name for character, _ in page] == expected, search


async def test_tags_are_counted_asked_for_and_left_out(database: Database) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, OTHER, "other")
        for name, tags in (("A", ("sea", "old")), ("B", ("sea", "50%")), ("C", ("old", "sea")), ("D", ())):
            await add(session, name, tags=tags)
        await add(session, "Hidden", tags=("secret",), status="draft")

        async def with_tags(*tags: str, without: tuple[str, ...] = ()) -> set[str]:
            query = Query(VIEWER, None, tags=tags, without=without)
            return {each.name for each, _ in await storage.character_pages.list_page(session, query)}

        assert await storage.character_pages.list_tags(session, Query(VIEWER, None), "") == ["sea", "old", "50%"]
        assert await storage.character_pages.list_tags(session, Query(VIEWER, None), "%") == ["50%"]
        assert await storage.character_pages.list_tags(session, Query(VIEWER, None), "sec") == []
        assert await with_tags("sea") == {"A", "B", "C"}
        assert await with_tags("sea", "old") == {"A", "C"}
        assert await with_tags("sea", without=("old",)) == {"B"}
        assert await with_tags(without=("old", "50%")) == {"D"}


async def test_this_server_means_none_in_a_direct_message(database: Database) -> None:
    async with database.transaction() as session:
        await storage.users.touch_user(session, OTHER, "other")
        await storage.guilds.touch_guild(session, 7)
        await add(session, "Everywhere")
        await add(session, "Here", visibility="guild", guild_id=7)

        async def seen(guild_id: int | None, chosen: Filter) -> list[str]:
            query = Query(VIEWER, guild_id, filter=chosen, sort="name")
            return [each.name for each, _ in await storage.character_pages.list_page(session, query)]

        assert await seen(7, "everything") == ["Everywhere", "Here"]
        assert await seen(7, "server") == ["Here"]
        assert await seen(7, "marketplace") == ["Everywhere"]
        for elsewhere in (8, None):
            assert await seen(elsewhere, "everything") == ["Everywhere"]
            assert await seen(elsewhere, "server") == []


async def add(session: Session, name: str, *, tags: tuple[str, ...] = (), plays: int = 0, **columns: Any) -> None:
    """A published character of OTHER's."""
    character_id = new_id()
    await storage.characters.add_character(
        session,
        character_id=character_id,
        owner_user_id=OTHER,
        frame=Frame(name, tags=tags),
        owner_name="other",
    )
    values = {"status": "published", "published_at": START, "newest_version": 1, "play_count": plays} | columns
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**values))
