"""What is offered to whom: the viewer, the place and its server's decisions, as conditions on characters."""

from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

import sqlalchemy as sa

from storage.characters import DEFAULT_ASSISTANT
from storage.database import Session
from storage.guilds import Policy
from storage.tables import Character as Row
from storage.tables import CharacterVersion, Guild, Listing

Filter = Literal["everything", "marketplace", "server", "mine"]
Sort = Literal["featured", "popular", "newest", "name"]


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


@dataclass(frozen=True, slots=True)
class House:
    """What a server says about listings: its assistant (else the one that ships with the program) and policy."""

    default_id: UUID | None
    policy: Policy


async def find_house(session: Session, guild_id: int | None) -> House:
    """What this server says; outside of servers everything is open."""
    row = (await session.execute(HOUSE, {"guild_id": guild_id})).one()
    return House(row[0], cast("Policy", row[1] or "open"))


def _house() -> sa.Select[*tuple[Any, ...]]:
    here = Guild.id == sa.bindparam("guild_id", type_=sa.BigInteger())
    shipped = sa.select(Row.id).where(Row.stock == DEFAULT_ASSISTANT).scalar_subquery()
    chosen = sa.select(Guild.default_assistant_id).where(here).scalar_subquery()
    return sa.select(sa.func.coalesce(chosen, shipped), sa.select(Guild.policy).where(here).scalar_subquery())


HOUSE = _house()


def is_own(query: Query) -> sa.ColumnElement[bool]:
    """Whether the viewer decides about a character: their own, or their server's where they manage it."""
    own = _equals(Row.owner_user_id, query.viewer_id)
    if query.manages and query.guild_id is not None:
        return sa.or_(own, _equals(Row.owner_guild_id, query.guild_id))
    return own


def _equals(column: Any, value: int) -> sa.ColumnElement[bool]:
    """Equality that is false, not unknown, for NULL, so that it may be negated; the column's index still serves."""
    return sa.and_(column.is_not(None), column == value)


def is_offered(query: Query, house: House) -> sa.ColumnElement[bool]:
    """What is published for this viewer in this place."""
    here = sa.or_(Row.visibility == "public", Row.guild_id == (query.guild_id or 0), is_own(query))
    where = [Row.status == "published", here, is_listed(query, house)]
    if not query.adults:
        where.append(Row.age_rating != "adult")
        if house.policy == "review" and query.guild_id is not None:
            where.append(sa.or_(_equals(Row.owner_guild_id, query.guild_id), ~_approved_for_adults(query.guild_id)))
    return sa.and_(*where)


def is_listed(query: Query, house: House) -> sa.ColumnElement[bool]:
    """What the server shows under its policy."""
    if query.guild_id is None:
        return sa.true()
    own = _equals(Row.owner_guild_id, query.guild_id)
    unblocked = ~is_marked(query.guild_id, Listing.blocked_at)
    if house.policy == "closed":
        return sa.and_(own, unblocked)
    if house.policy == "review":
        return sa.and_(sa.or_(is_marked(query.guild_id, Listing.approved_version_id), own), unblocked)
    return unblocked


def is_marked(guild_id: int, decision: Any) -> sa.ColumnElement[bool]:
    """The characters about which a server decided: read once, as an array, not looked up for every row."""
    ids = sa.select(Listing.character_id).where(Listing.guild_id == guild_id, decision.is_not(None))
    return Row.id == sa.any_(sa.func.array(ids.scalar_subquery()))


def _approved_for_adults(guild_id: int) -> sa.ColumnElement[bool]:
    """The characters that a server shows as 18+ because the version it approved is, however mild they are today."""
    ids = (
        sa.select(Listing.character_id)
        .join(CharacterVersion, CharacterVersion.id == Listing.approved_version_id)
        .where(Listing.guild_id == guild_id, CharacterVersion.frame["age_rating"].astext == "adult")
    )
    return Row.id == sa.any_(sa.func.array(ids.scalar_subquery()))
