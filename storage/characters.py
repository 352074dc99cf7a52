"""Characters: the shared records and their sealed versions."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storage.database import Session
from storage.guilds import Policy
from storage.search import learn, searchable
from storage.tables import Character as Row
from storage.tables import CharacterVersion, Guild, Key, Listing, User

CharacterStatus = Literal["draft", "published", "unpublished", "deleted"]
DEFAULT_ASSISTANT = "prompter"


@dataclass(frozen=True, slots=True)
class Character:
    """What everybody may know of a character they can see; the words are in its versions."""

    id: UUID
    owner_user_id: int | None
    owner_guild_id: int | None
    owner_name: str
    status: CharacterStatus
    visibility: Literal["public", "guild"]
    guild_id: int | None
    name: str
    nickname: str
    short_description: str
    tags: tuple[str, ...]
    category: str
    licence: str
    age_rating: str
    definition_visibility: Literal["public", "author"]
    avatar: str | None
    newest_version: int
    play_count: int
    stock: str | None
    published_at: datetime | None
    taken_down: str | None
    """Why the operator took it down; None when they did not."""
    is_default: bool = False
    is_featured: bool = False
    is_blocked: bool = False
    is_listed: bool = True
    """Whether the server asked for shows it under its policy; outside servers everything is shown."""
    policy: Policy = "open"
    approved_version: int | None = None
    """The number of the version that the server approved."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The readable columns of a character, as they are saved."""

    name: str
    nickname: str = ""
    short_description: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    licence: str = ""
    age_rating: str = "unrated"
    definition_visibility: Literal["public", "author"] = "public"
    avatar: str | None = None


async def add_character(
    session: Session,
    *,
    character_id: UUID,
    owner_user_id: int,
    frame: Frame,
    owner_name: str,
    stock: str | None = None,
    source_sha256: str | None = None,
) -> None:
    """A draft without a version yet."""
    columns = frame_columns(frame, owner_name)
    await learn(session, columns["search"])
    await session.execute(
        sa.insert(Row).values(
            id=character_id, owner_user_id=owner_user_id, stock=stock, source_sha256=source_sha256, **columns
        )
    )


async def save_frame(session: Session, character_id: UUID, frame: Frame, owner_name: str) -> None:
    """Replaces the readable columns."""
    columns = frame_columns(frame, owner_name)
    await learn(session, columns["search"])
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**columns))


async def find_character(
    session: Session, character_id: UUID, *, guild_id: int | None = None, lock: bool = False
) -> Character | None:
    """One character as a server shows it, whoever may see it; deleted ones too, as long as a chat plays them."""
    query = _one_locked() if lock else _one()
    row = (await session.execute(query, {"character_id": character_id, "guild_id": guild_id})).one_or_none()
    return character_of(row, guild_id) if row else None


async def list_stock(session: Session) -> set[str]:
    """Which of the characters that ship with the program are there, whatever became of them."""
    rows = await session.execute(sa.select(Row.stock).where(Row.stock.is_not(None)))
    return {stock for stock in rows.scalars() if stock is not None}


async def find_imported(session: Session, *, owner_user_id: int, source_sha256: str) -> Character | None:
    """The character that a person made from this very file before."""
    row = (
        await session.execute(
            select_characters()
            .where(
                Row.owner_user_id == owner_user_id,
                Row.source_sha256 == source_sha256,
                Row.status != "deleted",
            )
            .limit(1)
        )
    ).one_or_none()
    return character_of(row) if row else None


async def give_to_guild(session: Session, character_id: UUID, guild_id: int) -> None:
    """A character becomes a server's own: its admins decide about it, and it is shown there alone."""
    await session.execute(
        sa.update(Row)
        .where(Row.id == character_id)
        .values(owner_user_id=None, owner_guild_id=guild_id, visibility="guild", guild_id=guild_id)
    )


async def set_visibility(session: Session, character_id: UUID, guild_id: int | None) -> None:
    """Shows a character in one server alone, or everywhere."""
    visibility = "public" if guild_id is None else "guild"
    await session.execute(sa.update(Row).where(Row.id == character_id).values(visibility=visibility, guild_id=guild_id))


async def take_down(session: Session, character_id: UUID, reason: str | None) -> None:
    """The operator takes a character down for a reason, or (None) lets its author publish it again."""
    gone = {
        "taken_down_at": sa.func.now(),
        "status": sa.case((Row.status == "deleted", "deleted"), else_="unpublished"),
    }
    values = gone if reason is not None else {"taken_down_at": None}
    await session.execute(sa.update(Row).where(Row.id == character_id).values(taken_down_reason=reason or "", **values))


async def set_status(session: Session, character_id: UUID, status: CharacterStatus) -> None:
    """Publishes, takes back or deletes a character."""
    values: dict[str, Any] = {"status": status}
    if status == "published":
        values["published_at"] = sa.func.coalesce(Row.published_at, sa.func.now())
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**values))


async def count_play(session: Session, character_id: UUID) -> None:
    """One more chat was started with a character."""
    await session.execute(sa.update(Row).where(Row.id == character_id).values(play_count=Row.play_count + 1))


async def forget_character(session: Session, character_id: UUID) -> None:
    """Removes a deleted character for good: its row, its versions and the key to them."""
    await session.execute(sa.delete(Row).where(Row.id == character_id))
    await session.execute(sa.delete(Key).where(Key.scope == "character", Key.subject == str(character_id)))


async def rename_owner(session: Session, owner_user_id: int, username: str) -> None:
    """Lets the characters of somebody who has another username now be found by that."""
    rows = await session.execute(
        sa.select(Row.id, Row.name, Row.nickname, Row.short_description, Row.tags).where(
            Row.owner_user_id == owner_user_id
        )
    )
    found = [{"id": row.id, "search": searchable(*row[1:4], *row.tags, username)} for row in rows]
    if found:
        await learn(session, searchable(username))
        await session.execute(sa.update(Row), found)


def frame_columns(frame: Frame, owner_name: str) -> dict[str, Any]:
    """The values of a character's readable columns."""
    return {
        "name": frame.name,
        "nickname": frame.nickname,
        "short_description": frame.short_description,
        "tags": list(frame.tags),
        "category": frame.category,
        "licence": frame.licence,
        "age_rating": frame.age_rating,
        "definition_visibility": frame.definition_visibility,
        "avatar": frame.avatar,
        "search": searchable(frame.name, frame.nickname, frame.short_description, *frame.tags, owner_name),
    }


CHARACTER = sa.bindparam("character_id", type_=sa.Uuid())
GUILD = sa.bindparam("guild_id", type_=sa.BigInteger)
"""Parameters of queries that are built once: building one takes longer than Postgres needs to answer it."""


@cache
def characters_of_server() -> sa.Select[*tuple[Any, ...]]:
    """`select_characters` with the parameters `guild_id` and `default_id`, for queries that go on from it."""
    return select_characters(GUILD, default=sa.bindparam("default_id", type_=sa.Uuid()))


@cache
def _one() -> sa.Select[*tuple[Any, ...]]:
    return select_characters(GUILD).where(Row.id == CHARACTER)


@cache
def _one_locked() -> sa.Select[*tuple[Any, ...]]:
    return _one().with_for_update(of=Row)


def select_characters(
    guild_id: int | sa.BindParameter[int] | None = None, *, default: UUID | sa.BindParameter[UUID] | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """The columns of a Character as a server shows it; `default` saves asking which is its default assistant."""
    named = default if isinstance(default, sa.BindParameter) else sa.literal(default, sa.Uuid())
    chosen = sa.func.coalesce(named, Guild.default_assistant_id)
    shipped = sa.func.coalesce(Row.stock, "") == DEFAULT_ASSISTANT
    approved = aliased(CharacterVersion)
    return (
        sa.select(
            Row.id,
            Row.owner_user_id,
            Row.owner_guild_id,
            sa.func.coalesce(User.username, "").label("owner_name"),
            Row.status,
            Row.visibility,
            Row.guild_id,
            Row.name,
            Row.nickname,
            Row.short_description,
            Row.tags,
            Row.category,
            Row.licence,
            Row.age_rating,
            Row.definition_visibility,
            Row.avatar,
            Row.newest_version,
            Row.play_count,
            Row.stock,
            Row.published_at,
            sa.case((Row.taken_down_at.is_not(None), Row.taken_down_reason)).label("taken_down"),
            sa.case((chosen.is_not(None), Row.id == chosen), else_=shipped).label("is_default"),
            Listing.featured_at.is_not(None).label("is_featured"),
            Listing.blocked_at.is_not(None).label("is_blocked"),
            sa.func.coalesce(Guild.policy, "open").label("policy"),
            approved.number.label("approved_version"),
            sa.case((is_reviewed(), approved.frame)).label("approved_frame"),
            Row.created_at,
            sa.func.lower(Row.name).label("lower_name"),
        )
        .outerjoin(User, User.id == Row.owner_user_id)
        .outerjoin(Guild, Guild.id == guild_id)
        .outerjoin(Listing, sa.and_(Listing.guild_id == guild_id, Listing.character_id == Row.id))
        .outerjoin(approved, approved.id == Listing.approved_version_id)
    )


def is_reviewed() -> sa.ColumnElement[bool]:
    """Whether a server plays what it approved, not what is newest; of a query that joins Guild."""
    return sa.and_(sa.func.coalesce(Guild.policy, "open") == "review", Row.owner_guild_id.is_distinct_from(Guild.id))


def character_of(row: sa.Row[*tuple[Any, ...]], guild_id: int | None = None) -> Character:
    """The character of a row of `select_characters`; where a server reviews, as it was when it was approved."""
    own = row.owner_guild_id is not None and row.owner_guild_id == guild_id
    listed = own or row.policy == "open" or (row.policy == "review" and row.approved_version is not None)
    character = Character(
        id=row.id,
        owner_user_id=row.owner_user_id,
        owner_guild_id=row.owner_guild_id,
        owner_name=row.owner_name,
        status=row.status,
        visibility=row.visibility,
        guild_id=row.guild_id,
        name=row.name,
        nickname=row.nickname,
        short_description=row.short_description,
        tags=tuple(row.tags),
        category=row.category,
        licence=row.licence,
        age_rating=row.age_rating,
        definition_visibility=row.definition_visibility,
        avatar=row.avatar,
        newest_version=row.newest_version,
        play_count=row.play_count,
        stock=row.stock,
        published_at=row.published_at,
        taken_down=row.taken_down,
        is_default=row.is_default,
        is_featured=row.is_featured,
        is_blocked=row.is_blocked,
        is_listed=listed and not row.is_blocked,
        policy=row.policy,
        approved_version=row.approved_version,
    )
    return _as_approved(character, row.approved_frame) if row.approved_frame else character


def _as_approved(character: Character, frame: dict[str, Any]) -> Character:
    """What stands on the card is what was approved too; of two age ratings the stricter one holds."""
    rating = "adult" if character.age_rating == "adult" else str(frame["age_rating"])
    return replace(
        character,
        name=frame["name"],
        nickname=frame["nickname"],
        short_description=frame["short_description"],
        tags=tuple(frame["tags"]),
        category=frame["category"],
        avatar=frame["avatar"],
        age_rating=rating,
    )
