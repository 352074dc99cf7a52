"""Words: how texts become them, what typed ones mean, and that pages of a search hold everyone once, in order."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

import storage.character_pages
import storage.characters
import storage.search
import storage.users
from storage.character_pages import Cursor, Query, Sort
from storage.characters import Character, Frame
from storage.database import Database, Session
from storage.ids import new_id
from storage.search import searchable
from storage.tables import Character as Row

VIEWER, OTHER = 1, 2
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("Captain Juniper",), "captain juniper"),
        (("Ann", "ann  the\tBRAVE"), "ann the brave"),
        (("Älva Ñandú",), "alva nandu"),
        (("Well, “who” (me)?",), "well who me"),
        (("sci-fi", "O'Neil"), "sci-fi sci fi o'neil o neil"),
        (("100% Bo_b",), "100% 100 bo_b bo b"),
        (("? !",), "? !"),
        (("", " "), ""),
        (("a\x00b",), "ab"),
        (("x" * 90,), "x" * 60),
    ],
)
def test_texts_become_words(texts: tuple[str, ...], words: str) -> None:
    assert searchable(*texts) == words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("juniper", [["juniper"]]),
        ("JUN", [["juniper", "juno"]]),
        ("junipper", [["juniper"]]),
        ("niper", [["juniper"]]),
        ("juno alva", [["juno"], ["alva"]]),
        ("Älva", [["alva"]]),
        ("o'n", [["o'neil"]]),
        ("*", None),
        ("zzzzzz", None),
        ("juno zzzzzz", None),
        ("\u0301", None),
    ],
)
async def test_what_was_typed_is_understood(database: Database, typed: str, meant: list[list[str]] | None) -> None:
    async with database.transaction() as session:
        await storage.search.learn(session, searchable("Juniper Juno Älva O'Neil back\\slash"))
        found = await storage.search.understand(session, typed)
    assert (found and [[word.text for word in each] for each in found.words]) == meant


async def test_many_words_that_begin_alike_are_asked_for_by_their_beginning(database: Database) -> None:
    async with database.transaction() as session:
        await storage.search.learn(session, " ".join(f"wo{number}" for number in range(100, 150)))
        found = await storage.search.understand(session, "wo")
        assert found
        assert found.words == ((storage.search.Word("wo", begun=True),),)


QUERIES = [
    Query(VIEWER, None, search="moon"),
    Query(VIEWER, None, search="mo ri"),
    Query(VIEWER, None, search="moon", tags=("sea",)),
    Query(VIEWER, None, search="rivver", without=("sea",)),
    Query(VIEWER, None, tags=("sea", "old")),
    Query(VIEWER, None, without=("sea",)),
]


@pytest.mark.parametrize("first", [pytest.param(1, marks=pytest.mark.long), 4])
@pytest.mark.parametrize("sort", ["featured", "popular", "newest", "name"])
async def test_pages_of_a_search_hold_everyone_once_in_one_order_both_ways(
    database: Database, monkeypatch: pytest.MonkeyPatch, sort: Sort, first: int
) -> None:
    """However few are looked through first: what the index finds then goes on where they ended."""
    monkeypatch.setattr(storage.character_pages, "FIRST", first)
    async with database.transaction() as session:
        await storage.users.touch_user(session, VIEWER, "viewer")
        await storage.users.touch_user(session, OTHER, "other")
        drawn = random.Random(1)  # noqa: S311
        made = [await _add(session, drawn) for _ in range(40)]
        for asked in QUERIES:
            query = replace(asked, sort=sort, limit=drawn.randrange(1, 6))
            forward = await _turned(session, query, backwards=False)
            backward = await _turned(session, query, backwards=True)
            assert [each.id for page in reversed(backward) for each in page] == [
                each.id for page in forward for each in page
            ]
            found = [each for page in forward for each in page]
            assert sorted(each.name for each in found) == sorted(
                name for name, tags in made if _fits(name, tags, query)
            )
            assert all(len(page) == query.limit for page in forward[:-1])
            if sort in ("featured", "popular"):
                order = [(not each.name.lower().startswith(query.search), -each.play_count) for each in found]
                assert order == sorted(order)


def _fits(name: str, tags: tuple[str, ...], query: Query) -> bool:
    words = [{"rivver": "river"}.get(word, word) for word in query.search.split()]
    return (
        all(any(one.startswith(word) for one in name.lower().split()) for word in words)
        and set(query.tags) <= set(tags)
        and not set(query.without) & set(tags)
    )


async def _add(session: Session, drawn: random.Random) -> tuple[str, tuple[str, ...]]:
    name = " ".join(drawn.sample(["Moon", "River", "Moor", "Rider", "Stone"], 2))
    tags = tuple(drawn.sample(["sea", "old", "odd"], drawn.randrange(4)))
    character_id = new_id()
    await storage.characters.add_character(
        session, character_id=character_id, owner_user_id=OTHER, frame=Frame(name, tags=tags), owner_name="other"
    )
    values = {"status": "published", "published_at": START, "newest_version": 1, "play_count": drawn.randrange(4)}
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**values))
    return name, tags


async def _turned(session: Session, query: Query, *, backwards: bool) -> list[Sequence[Character]]:
    pages: list[Sequence[Character]] = []
    cursor: Cursor | None = Cursor(9, 0, new_id()) if backwards else None
    while True:
        ways = {"before": cursor} if backwards else {"after": cursor}
        found = await storage.character_pages.list_page(session, query, **ways)
        if not found:
            return pages
        pages.append([character for character, _ in found])
        cursor = found[0][1] if backwards else found[-1][1]
