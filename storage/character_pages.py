"""Pages of characters, names and tags for completion: what somebody may find, in order, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

import sqlalchemy as sa

from storage.characters import DEFAULT_ASSISTANT, Character, character_of, select_characters
from storage.database import Session
from storage.guilds import Policy
from storage.tables import Character as Row
from storage.tables import Guild, Listing, User

DEFAULT, FEATURED, OFFERED, OWN = range(4)
"""The groups of a listing: the default assistant, what the server features, what is published, one's own drafts."""
Filter = Literal["everything", "marketplace", "server", "mine"]
Sort = Literal["featured", "popular", "newest", "name"]
POPULAR = 2_000
"""Among how many characters tags are counted: enough to know them, few enough for every key that is typed."""
NEAR_ENOUGH = sa.text("SET LOCAL pg_trgm.word_similarity_threshold = 0.5")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a listing: its group, the value sorted by (plays, microseconds since 1970, or a name), the id."""

    rank: int
    value: int | str
    id: UUID


@dataclass(frozen=True, slots=True)
class Query:
    """What a page of characters should hold, seen by whom and where.

    `manages` tells whether the viewer decides about the server's own characters, `adults` whether 18+ may be shown.
    """

    viewer_id: int
    guild_id: int | None
    manages: bool = False
    adults: bool = False
    filter: Filter = "everything"
    sort: Sort = "featured"
    search: str = ""
    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    limit: int = 5


async def list_page(
    session: Session, query: Query, *, after: Cursor | None = None, before: Cursor | None = None
) -> list[tuple[Character, Cursor]]:
    """A page of what somebody may start: the default assistant, the marketplace, then their own unpublished ones.

    `after` goes on behind a place, `before` ends in front of it. Each group is read by its index from that place
    on, so that every page costs the same.
    """
    if query.search:
        await session.execute(NEAR_ENOUGH)
    house = await _find_house(session, query.guild_id)
    groups = _groups(query, house)
    cursor, backwards = before or after, before is not None
    found: list[tuple[Character, Cursor]] = []
    for rank in sorted(groups, reverse=backwards):
        if cursor is not None and (rank > cursor.rank if backwards else rank < cursor.rank):
            continue
        select = select_characters(query.guild_id, default=house.default_id).where(groups[rank], *_matches(query))
        start = cursor if cursor is not None and cursor.rank == rank else None
        select = _ordered(select, _column(query.sort, rank), query.sort, start, backwards=backwards).limit(
            query.limit - len(found)
        )
        for row in await session.execute(select):
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
    select = select_characters().where(_own(query), Row.status != "deleted", Row.newest_version > 0)
    select = _ordered(select, Row.created_at, "newest", cursor, backwards=backwards).limit(query.limit)
    found = [
        (character_of(row), Cursor(OWN, (row.created_at - EPOCH) // timedelta(microseconds=1), row.id))
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
    name = sa.func.lower(Row.name)
    # Names are searched too where they stand with all else that is searched: that column has the index.
    holds = (Row.search.contains(typed, autoescape=True), name.contains(typed, autoescape=True)) if typed else ()
    named = sa.select(Row.id, Row.name, sa.func.coalesce(User.username, "")).outerjoin(User).where(*holds)
    own = named.where(_own(query), Row.status != "deleted")
    selects = [own.order_by(Row.status != "published", Row.play_count.desc(), Row.id.desc())]
    if not owned_only:
        house = await _find_house(session, query.guild_id)
        others = named.where(_offered(query, house), ~_own(query))
        selects.append(others.order_by(Row.play_count.desc(), Row.id.desc()))
    found: list[tuple[UUID, str, str]] = []
    for each in selects:
        found += [(row[0], row[1], row[2]) for row in await session.execute(each.limit(query.limit))]
    found.sort(key=lambda one: not one[1].lower().startswith(typed))
    return found[: query.limit]


async def find_named(session: Session, query: Query, name: str, *, owned_only: bool = False) -> Character | None:
    """The character of exactly this name: one's own before others', then the one played most."""
    own, house = _own(query), await _find_house(session, query.guild_id)
    select = (
        select_characters(None if owned_only else query.guild_id)
        .where(
            own if owned_only else sa.or_(own, _offered(query, house)),
            Row.status != "deleted",
            sa.func.lower(Row.name) == sa.func.lower(name),
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
        .where(_offered(query, await _find_house(session, query.guild_id)))
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
class _House:
    """What a server says about listings: its assistant (else the one that ships with the program) and policy."""

    default_id: UUID | None
    policy: Policy


async def _find_house(session: Session, guild_id: int | None) -> _House:
    shipped = sa.select(Row.id).where(Row.stock == DEFAULT_ASSISTANT).scalar_subquery()
    chosen = sa.select(Guild.default_assistant_id).where(Guild.id == guild_id).scalar_subquery()
    policy = sa.select(Guild.policy).where(Guild.id == guild_id).scalar_subquery()
    row = (await session.execute(sa.select(sa.func.coalesce(chosen, shipped), policy))).one()
    return _House(row[0], cast("Policy", row[1] or "open"))


def _groups(query: Query, house: _House) -> dict[int, sa.ColumnElement[bool]]:
    offered = _offered(query, house)
    if query.filter == "marketplace":
        offered = sa.and_(offered, Row.visibility == "public")
    elif query.filter == "server":
        # Outside a server there is no such place, and NULL must not stand for one.
        offered = sa.and_(offered, Row.guild_id == (query.guild_id or 0))
    elif query.filter == "mine":
        offered = sa.and_(offered, _own(query))
    groups = {OFFERED: offered}
    if query.sort == "featured" and query.guild_id is not None:
        featured = _marked(query.guild_id, Listing.featured_at)
        groups |= {FEATURED: sa.and_(offered, featured), OFFERED: sa.and_(offered, ~featured)}
    if house.default_id is not None:
        groups = {rank: sa.and_(group, Row.id != house.default_id) for rank, group in groups.items()}
        groups[DEFAULT] = sa.and_(offered, Row.id == house.default_id)
    if query.filter in ("everything", "mine"):
        groups[OWN] = sa.and_(_own(query), Row.status.in_(("draft", "unpublished")), _is_listed(query, house))
    return groups


def _own(query: Query) -> sa.ColumnElement[bool]:
    own = _equals(Row.owner_user_id, query.viewer_id)
    if query.manages and query.guild_id is not None:
        return sa.or_(own, _equals(Row.owner_guild_id, query.guild_id))
    return own


def _equals(column: Any, value: int) -> sa.ColumnElement[bool]:
    """Equality that is false, not unknown, for NULL, so that it may be negated; the column's index still serves."""
    return sa.and_(column.is_not(None), column == value)


def _offered(query: Query, house: _House) -> sa.ColumnElement[bool]:
    """What is published for this viewer in this place."""
    here = sa.or_(Row.visibility == "public", Row.guild_id == (query.guild_id or 0), _own(query))
    where = [Row.status == "published", here, _is_listed(query, house)]
    if not query.adults:
        where.append(Row.age_rating != "adult")
    return sa.and_(*where)


def _is_listed(query: Query, house: _House) -> sa.ColumnElement[bool]:
    """What the server shows under its policy."""
    if query.guild_id is None:
        return sa.true()
    own = _equals(Row.owner_guild_id, query.guild_id)
    unblocked = ~_marked(query.guild_id, Listing.blocked_at)
    if house.policy == "closed":
        return sa.and_(own, unblocked)
    if house.policy == "review":
        return sa.and_(sa.or_(_marked(query.guild_id, Listing.approved_version_id), own), unblocked)
    return unblocked


def _marked(guild_id: int, decision: Any) -> sa.ColumnElement[bool]:
    """The characters about which a server decided: read once, as an array, not looked up for every row."""
    ids = sa.select(Listing.character_id).where(Listing.guild_id == guild_id, decision.is_not(None))
    return Row.id == sa.any_(sa.func.array(ids.scalar_subquery()))


def _matches(query: Query) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [Row.newest_version > 0]
    if query.tags:
        where.append(Row.tags.contains(list(query.tags)))
    if query.without:
        where.append(~Row.tags.overlap(list(query.without)))
    for word in query.search.lower().split()[:8]:
        # A typo still finds: some word of the record is near enough to the one asked for. The operator, unlike
        # the function, is answered by the index.
        near = sa.literal(word, sa.Text).op("<%", is_comparison=True)(Row.search)
        where.append(sa.or_(Row.search.contains(word, autoescape=True), near))
    return where


def _ordered(
    select: sa.Select[*tuple[Any, ...]], column: Any, sort: Sort, start: Cursor | None, *, backwards: bool
) -> sa.Select[*tuple[Any, ...]]:
    """The rows from a place on, in the order of an index: plays and times fall, names rise."""
    falls = (sort != "name") != backwards
    if start is not None:
        place = sa.tuple_(column, Row.id)
        bound = sa.tuple_(_bound(sort, start.value), sa.literal(start.id, sa.Uuid()))
        select = select.where(place < bound if falls else place > bound)
    return select.order_by(*(each.desc() if falls else each.asc() for each in (column, Row.id)))


def _column(sort: Sort, rank: int) -> Any:
    if sort == "newest":
        # What is published has a time of that, and its index; a draft may have been published once or never.
        return sa.func.coalesce(Row.published_at, Row.created_at) if rank == OWN else Row.published_at
    return sa.func.lower(Row.name) if sort == "name" else Row.play_count


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


# semantics settled
