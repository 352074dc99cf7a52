"""Pages of characters, names and tags for completion: what somebody may find, in order, however many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.characters import Character, character_of, characters_of_server, select_characters
from storage.database import Session
from storage.offers import Filter, House, Query, Sort, find_house, is_listed, is_marked, is_offered, is_own
from storage.search import Meaning, as_typed, understand
from storage.tables import Character as Row
from storage.tables import Listing, User

__all__ = ["Cursor", "Filter", "Query", "Sort", "find_named", "list_names", "list_owned", "list_page", "list_tags"]

DEFAULT, FEATURED, NAMED, OFFERED, OWN = range(5)
"""The groups of a listing: the default assistant, what the server features, whose name begins with what is searched,
what else is published, one's own drafts."""
MANAGED = OWN + 1
"""The rank of cursors in what somebody decides about."""
POPULAR = 2_000
"""Among how many characters tags are counted: enough to know them, few enough for every key that is typed."""
FIRST = 2_000
"""How many characters are looked through in the order asked for, before the index of words or tags is asked."""
OWN_NAMES, FIRST_NAMES, HALF_HIDDEN = 200, 500, 200
"""How many are looked at for a name that holds what was typed: one's own newest, the most played, with its words."""
END = "\U0010ffff"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a listing: its group, the value sorted by (plays, microseconds since 1970, or a name), the id."""

    rank: int
    value: int | str
    id: UUID


async def list_page(
    session: Session, query: Query, *, after: Cursor | None = None, before: Cursor | None = None
) -> list[tuple[Character, Cursor]]:
    """A page of what somebody may start: the default assistant, the marketplace, then their own unpublished ones.

    `after` goes on behind a place, `before` ends in front of it. Each group is read by its index from that place
    on, so that every page costs the same.
    """
    query = replace(query, search=" ".join(query.search.split()))
    meant = await understand(session, query.search) if query.search else None
    if query.search and meant is None:
        return []
    house = await find_house(session, query.guild_id)
    groups = _groups(query, house)
    given = {"guild_id": query.guild_id, "default_id": house.default_id}
    cursor, backwards = before or after, before is not None
    found: list[tuple[Character, Cursor]] = []
    for rank in sorted(groups, reverse=backwards):
        if cursor is not None and (rank > cursor.rank if backwards else rank < cursor.rank):
            continue
        start = cursor if cursor is not None and cursor.rank == rank else None
        stretch = _Stretch(rank, query.sort, start, backwards=backwards, limit=query.limit - len(found))
        for row in await _read(session, given, groups[rank], _wanted(query, rank, meant), stretch):
            character = character_of(row, query.guild_id)
            found.append((character, Cursor(rank, _value(query.sort, row), character.id)))
        if len(found) == query.limit:
            break
    return found[::-1] if backwards else found


async def list_owned(
    session: Session, query: Query, *, after: Cursor | None = None, before: Cursor | None = None
) -> list[tuple[Character, Cursor]]:
    """A page of what somebody decides about, the newest first, as it is and not as a server shows it."""
    cursor, backwards = before or after, before is not None
    stretch = _Stretch(MANAGED, "newest", cursor, backwards=backwards, limit=query.limit)
    select = select_characters().where(is_own(query), Row.status != "deleted")
    select = select.where(*_from_start(stretch)).order_by(*_in_order(stretch)).limit(query.limit)
    found = [
        (character_of(row), Cursor(MANAGED, (row.created_at - EPOCH) // timedelta(microseconds=1), row.id))
        for row in await session.execute(select)
    ]
    return found[::-1] if backwards else found


async def list_names(
    session: Session, query: Query, typed: str, *, owned_only: bool = False
) -> Sequence[tuple[UUID, str, str]]:
    """For autocomplete: id, name and owner of what contains the typed text; one's own, then the most played.

    Among these, names that begin with it come first.
    """
    typed = " ".join(typed.lower().split())
    select = sa.select(Row.id, Row.name, sa.func.coalesce(User.username, "")).outerjoin(User)
    own = sa.select(Row.id, Row.name).where(is_own(query), Row.status != "deleted").order_by(Row.created_at.desc())
    own = own.limit(FIRST if owned_only else OWN_NAMES).subquery()
    holding = sa.select(own.c.id).where(sa.func.lower(own.c.name).contains(typed, autoescape=True))
    selects = [select.where(_is_one_of(holding)).order_by(Row.status != "published", *_most_played(Row))]
    if not owned_only:
        selects += _offered_names(select, is_offered(query, await find_house(session, query.guild_id)), typed)
    found: dict[UUID, tuple[UUID, str, str]] = {}
    for each in selects:
        beginning = sum(name.lower().startswith(typed) for _, name, _ in found.values())
        if beginning >= query.limit:
            break
        rows = await session.execute(each.limit(query.limit))
        found |= {row[0]: (row[0], row[1], row[2]) for row in rows if row[0] not in found}
    return sorted(found.values(), key=lambda one: not one[1].lower().startswith(typed))[: query.limit]


def _offered_names(
    select: sa.Select[UUID, str, str], offered: sa.ColumnElement[bool], typed: str
) -> list[sa.Select[UUID, str, str]]:
    """Where names are looked for, the best places first: among the most played, by beginning, by any word.

    There is no paging here, so what is found need not be all: no place costs more for a letter than for a name.
    """
    first = sa.select(Row.id, Row.name, Row.play_count).where(offered).order_by(*_most_played(Row)).limit(FIRST_NAMES)
    ids, name = (first := first.subquery()).c.id, sa.func.lower(first.c.name)
    begins = name.startswith(typed, autoescape=True)
    among = sa.select(ids).where(name.contains(typed, autoescape=True))
    selects = [
        select.where(_is_one_of(among.order_by(begins.desc(), *_most_played(first.c)).limit(25))).order_by(
            _begins(Row, typed).desc(), *_most_played(Row)
        )
    ]
    if typed:
        selects.append(select.where(offered, _begins(Row, typed)).order_by(_name(Row), Row.id))
    if (meant := as_typed(typed)) is not None:
        some = sa.select(Row.id, Row.name).where(offered, meant.in_index(Row.search)).limit(HALF_HIDDEN).subquery()
        inside = sa.select(some.c.id).where(sa.func.lower(some.c.name).contains(typed, autoescape=True))
        selects.append(select.where(_is_one_of(inside)))
    return selects


async def find_named(session: Session, query: Query, name: str, *, owned_only: bool = False) -> Character | None:
    """The character of exactly this name: one's own before others', then the one played most."""
    own, house = is_own(query), await find_house(session, query.guild_id)
    select = (
        select_characters(None if owned_only else query.guild_id)
        .where(
            own if owned_only else sa.or_(own, is_offered(query, house)),
            Row.status != "deleted",
            _name(Row) == sa.func.lower(name),
        )
        .order_by(own.desc().nulls_last(), Row.play_count.desc(), Row.id)
        .limit(1)
    )
    row = (await session.execute(select)).one_or_none()
    return character_of(row, query.guild_id) if row else None


async def list_tags(session: Session, query: Query, typed: str, *, limit: int = 25) -> list[str]:
    """For autocomplete: the tags most used among the characters played most, those that contain what was typed."""
    popular = (
        sa.select(Row.tags)
        .where(is_offered(query, await find_house(session, query.guild_id)))
        .order_by(Row.play_count.desc(), Row.id.desc())
        .limit(POPULAR)
        .subquery()
    )
    tag = sa.select(sa.func.unnest(popular.c.tags, type_=sa.Text).label("tag")).subquery().c.tag
    rows = await session.execute(
        sa.select(tag)
        .where(tag.contains(typed.lower(), autoescape=True))
        .group_by(tag)
        .order_by(sa.func.count().desc(), tag)
        .limit(limit)
    )
    return list(rows.scalars())


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a group: how it is sorted, from where, in which direction, how long."""

    rank: int
    sort: Sort
    start: Cursor | None
    backwards: bool
    limit: int

    @property
    def falls(self) -> bool:
        """Whether the values sorted by go down."""
        return (self.sort != "name") != self.backwards


_Wanted = Callable[[Any], list[sa.ColumnElement[bool]]]
"""Conditions on characters, be they of the table or of a part of it."""


def _groups(query: Query, house: House) -> dict[int, sa.ColumnElement[bool]]:
    offered = is_offered(query, house)
    if query.filter == "marketplace":
        offered = sa.and_(offered, Row.visibility == "public")
    elif query.filter == "server":
        # Outside a server there is no such place, and NULL must not stand for one.
        offered = sa.and_(offered, Row.guild_id == (query.guild_id or 0))
    elif query.filter == "mine":
        offered = sa.and_(offered, is_own(query))
    groups = {OFFERED: offered}
    if query.sort == "featured" and query.guild_id is not None:
        featured = is_marked(query.guild_id, Listing.featured_at)
        groups |= {FEATURED: sa.and_(offered, featured), OFFERED: sa.and_(offered, ~featured)}
    if query.search and query.sort in ("featured", "popular"):
        groups[NAMED] = groups[OFFERED]
    if house.default_id is not None and not (query.search or query.tags):
        groups = {rank: sa.and_(group, Row.id != house.default_id) for rank, group in groups.items()}
        groups[DEFAULT] = sa.and_(offered, Row.id == house.default_id)
    if query.filter in ("everything", "mine"):
        groups[OWN] = sa.and_(is_own(query), Row.status.in_(("draft", "unpublished")), is_listed(query, house))
    return groups


def _is_one_of(ids: sa.Select[UUID]) -> sa.ColumnElement[bool]:
    return Row.id == sa.any_(sa.func.array(ids.scalar_subquery()))


def _wanted(query: Query, rank: int, meant: Meaning | None) -> _Wanted:
    """What a group's characters must have of words and tags to be on the page."""
    named = meant is not None and query.sort in ("featured", "popular")

    def conditions(entity: Any) -> list[sa.ColumnElement[bool]]:
        where: list[sa.ColumnElement[bool]] = []
        if rank == NAMED:
            where.append(_begins(entity, query.search))
        elif meant is not None:
            where.append(meant.in_index(Row.search) if entity is Row else meant.in_text(entity.search))
            where += [~_begins(entity, query.search)] if named and rank == OFFERED else []
        if query.tags:
            where.append(entity.tags.contains(list(query.tags)))
        if query.without:
            where.append(~entity.tags.overlap(list(query.without)))
        return where

    return conditions


async def _read(
    session: Session,
    given: dict[str, Any],
    group: sa.ColumnElement[bool],
    wanted: _Wanted,
    stretch: _Stretch,
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The rows of a stretch: first which they are, then all about these, as the `given` server shows them."""
    if wanted(Row):
        chosen = sa.any_(sa.func.array(_ids_of_wanted(group, wanted, stretch)))
    else:
        ids = sa.select(Row.id).where(group, *_from_start(stretch))
        ids = ids.order_by(*_in_order(stretch)).limit(stretch.limit)
        chosen = sa.any_(sa.func.array(ids.scalar_subquery()))
    rows = characters_of_server().where(Row.id == chosen).order_by(*_in_order(stretch))
    return (await session.execute(rows, given)).all()


def _ids_of_wanted(group: sa.ColumnElement[bool], wanted: _Wanted, stretch: _Stretch) -> sa.ScalarSelect[UUID]:
    """The ids of a stretch of a group, of those wanted.

    Left to itself, the planner walks the index of the order and looks at every character until it has a page of
    those wanted: through a million of them where there are few. Or it fetches all that are wanted, to sort them:
    hundreds of thousands for a common word. Which one is right depends on how words go together, and that it
    cannot know. So the first of the order are looked through, and only if a page is not among them, all wanted
    ones are fetched, which then are few.
    """
    place = _place(stretch).label("place")
    here = sa.select(Row.id, place, Row.name, Row.search, Row.tags).where(group, *_from_start(stretch))
    first = here.order_by(*_in_order(stretch)).limit(FIRST).subquery().c
    near = sa.select(first.id).where(*wanted(first)).order_by(*_in_order(stretch, first.place, first.id))
    near = near.limit(stretch.limit).cte("near").prefix_with("MATERIALIZED")
    too_few = sa.select(sa.func.count()).select_from(near).scalar_subquery() < stretch.limit
    # Materialized: in one piece with the order, the planner would walk that one's index again.
    hits = sa.select(Row.id, place).where(too_few, group, *wanted(Row), *_from_start(stretch))
    hits = hits.cte("hits").prefix_with("MATERIALIZED").c
    far = sa.select(hits.id).order_by(*_in_order(stretch, hits.place, hits.id)).limit(stretch.limit).subquery()
    return sa.union_all(sa.select(near.c.id), sa.select(far.c.id)).scalar_subquery()


def _from_start(stretch: _Stretch) -> list[sa.ColumnElement[bool]]:
    """The condition that a row lies behind the place where a stretch starts."""
    if stretch.start is None:
        return []
    row = sa.tuple_(_place(stretch), Row.id)
    bound = sa.tuple_(_bound(stretch.sort, stretch.start.value), sa.literal(stretch.start.id, sa.Uuid()))
    return [row < bound if stretch.falls else row > bound]


def _in_order(stretch: _Stretch, place: Any = None, row_id: Any = Row.id) -> list[Any]:
    """The order of an index: plays and times fall, names rise."""
    order = (_place(stretch) if place is None else place, row_id)
    return [each.desc() if stretch.falls else each.asc() for each in order]


def _place(stretch: _Stretch) -> Any:
    """What a stretch is sorted by."""
    if stretch.rank == MANAGED:
        return Row.created_at
    if stretch.sort == "newest":
        # What is published has a time of that, and its index; a draft may have been published once or never.
        return sa.func.coalesce(Row.published_at, Row.created_at) if stretch.rank == OWN else Row.published_at
    return _name(Row) if stretch.sort == "name" else Row.play_count


def _name(entity: Any) -> sa.ColumnElement[str]:
    """The name as the index of names has it: by code point, for an index in a language's order knows no prefixes."""
    return sa.func.lower(entity.name).collate("C")


def _begins(entity: Any, typed: str) -> sa.ColumnElement[bool]:
    """Whether a name begins with what was typed, as a range of the index of names."""
    start = typed.lower()
    return sa.and_(_name(entity) >= start, _name(entity) < start + END)


def _most_played(entity: Any) -> tuple[Any, Any]:
    return entity.play_count.desc(), entity.id.desc()


def _bound(sort: Sort, value: int | str) -> sa.ColumnElement[Any]:
    if sort == "newest":
        return sa.literal(EPOCH + timedelta(microseconds=int(value)), sa.DateTime(timezone=True))
    return sa.literal(value, sa.Text if sort == "name" else sa.BigInteger)


def _value(sort: Sort, row: sa.Row[*tuple[Any, ...]]) -> int | str:
    if sort == "name":
        return row.lower_name
    if sort == "newest":
        return ((row.published_at or row.created_at) - EPOCH) // timedelta(microseconds=1)
    return row.play_count
