"""Characters: the shared records, their sealed versions, and the pages of a picker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Character as Row
from storage.tables import CharacterVersion, Guild, Key, User
from storage.vault import Place

CharacterStatus = Literal["draft", "published", "unpublished", "deleted"]
Filter = Literal["everything", "marketplace", "server", "mine"]
Sort = Literal["popular", "newest", "name"]
DEFAULT_ASSISTANT = "prompter"
POPULAR = 2_000
"""Among how many characters tags are counted: enough to know them, few enough for every key that is typed."""


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
    is_default: bool = False


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


@dataclass(frozen=True, slots=True)
class Version:
    """A character at one saving; `card` and `extensions` are JSON, None when the key is gone."""

    id: UUID
    character_id: UUID
    number: int
    spec: str
    spec_version: str
    card: bytes | None
    extensions: bytes | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a sorted listing: group, the value sorted by, and the id."""

    rank: int
    value: int | float | str
    id: UUID


@dataclass(frozen=True, slots=True)
class Query:
    """What a page of characters should hold, seen by whom and where."""

    viewer_id: int
    guild_id: int | None
    filter: Filter = "everything"
    sort: Sort = "popular"
    search: str = ""
    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    limit: int = 5


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
    await session.execute(
        sa.insert(Row).values(
            id=character_id,
            owner_user_id=owner_user_id,
            stock=stock,
            source_sha256=source_sha256,
            **_columns(frame, owner_name),
        )
    )


async def save_frame(session: Session, character_id: UUID, frame: Frame, owner_name: str) -> None:
    """Replaces the readable columns."""
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**_columns(frame, owner_name)))


async def add_version(
    session: Session, *, character_id: UUID, spec: str, spec_version: str, card: bytes, extensions: bytes
) -> int:
    """Saves the words of a character as its newest version, sealed; returns its number."""
    raised = await session.execute(
        sa.update(Row)
        .where(Row.id == character_id)
        .values(newest_version=Row.newest_version + 1)
        .returning(Row.newest_version)
    )
    number = int(raised.scalar_one())
    key, version_id = await session.key("character", character_id), new_id()
    await session.execute(
        sa.insert(CharacterVersion).values(
            id=version_id,
            character_id=character_id,
            number=number,
            spec=spec,
            spec_version=spec_version,
            card=key.seal(Place("character_versions", "card", version_id), card),
            extensions=key.seal(Place("character_versions", "extensions", version_id), extensions),
        )
    )
    return number


async def find_character(session: Session, character_id: UUID, *, lock: bool = False) -> Character | None:
    """One character, whoever may see it; deleted ones too, as long as a chat plays them."""
    query = _select().where(Row.id == character_id)
    if lock:
        query = query.with_for_update(of=Row)
    row = (await session.execute(query)).one_or_none()
    return _character(row) if row else None


async def find_stock(session: Session, stock: str) -> Character | None:
    """The character that ships with the program under this name."""
    row = (await session.execute(_select().where(Row.stock == stock))).one_or_none()
    return _character(row) if row else None


async def find_imported(session: Session, *, owner_user_id: int, source_sha256: str) -> Character | None:
    """The character that a person made from this very file before."""
    row = (
        await session.execute(
            _select()
            .where(
                Row.owner_user_id == owner_user_id,
                Row.source_sha256 == source_sha256,
                Row.status != "deleted",
            )
            .limit(1)
        )
    ).one_or_none()
    return _character(row) if row else None


async def find_version(session: Session, character_id: UUID, *, version_id: UUID | None = None) -> Version | None:
    """A character's newest version, or the one asked for."""
    query = sa.select(
        CharacterVersion.id,
        CharacterVersion.character_id,
        CharacterVersion.number,
        CharacterVersion.spec,
        CharacterVersion.spec_version,
        CharacterVersion.card,
        CharacterVersion.extensions,
    ).where(CharacterVersion.character_id == character_id)
    if version_id is not None:
        query = query.where(CharacterVersion.id == version_id)
    else:
        query = query.order_by(CharacterVersion.number.desc()).limit(1)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    await session.vault.load(session, [row.card])
    return Version(
        id=row.id,
        character_id=row.character_id,
        number=row.number,
        spec=row.spec,
        spec_version=row.spec_version,
        card=session.opened(Place("character_versions", "card", row.id), row.card),
        extensions=session.opened(Place("character_versions", "extensions", row.id), row.extensions),
    )


async def list_page(
    session: Session, query: Query, *, after: Cursor | None = None, before: Cursor | None = None
) -> list[tuple[Character, Cursor]]:
    """A page of what somebody may start: the default assistant, the marketplace, then their own.

    `after` goes on behind a place, `before` ends in front of it; both cost the same on every page.
    """
    rank, value = _rank(query.viewer_id, query.guild_id), _sort_value(query.sort)
    place = sa.tuple_(rank, value, _tie(query.sort))
    select = _select(query.guild_id, rank.label("rank"), value.label("value")).where(*_matches(query))
    if after is not None:
        select = select.where(place > _bound(after, query.sort))
    if before is not None:
        select = select.where(place < _bound(before, query.sort))
    order = (rank, value, _tie(query.sort))
    backwards = before is not None
    rows = (
        await session.execute(
            select.order_by(*(column.desc() if backwards else column.asc() for column in order)).limit(query.limit)
        )
    ).all()
    found = [(_character(row), Cursor(row.rank, row.value, row.id)) for row in rows]
    return found[::-1] if backwards else found


async def list_names(
    session: Session, query: Query, typed: str, *, owned_only: bool = False
) -> Sequence[tuple[UUID, str, str]]:
    """For autocomplete: id, name and owner of what begins with or contains what was typed."""
    like = typed.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    name = sa.func.lower(Row.name)
    select = (
        sa.select(Row.id, Row.name, sa.func.coalesce(User.username, ""))
        .outerjoin(User, User.id == Row.owner_user_id)
        .where(
            Row.owner_user_id == query.viewer_id if owned_only else _visible(query),
            Row.status != "deleted",
            name.like(f"%{like}%"),
        )
        .order_by(name.like(f"{like}%").desc(), Row.play_count.desc(), name, Row.id)
        .limit(query.limit)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(select)]


async def find_named(session: Session, query: Query, name: str, *, owned_only: bool = False) -> Character | None:
    """The character of exactly this name: one's own before others', then the one played most."""
    row = (
        await session.execute(
            _select(query.guild_id)
            .where(
                Row.owner_user_id == query.viewer_id if owned_only else _visible(query),
                Row.status != "deleted",
                sa.func.lower(Row.name) == sa.func.lower(name),
            )
            .order_by((Row.owner_user_id == query.viewer_id).desc().nulls_last(), Row.play_count.desc(), Row.id)
            .limit(1)
        )
    ).one_or_none()
    return _character(row) if row else None


async def list_tags(session: Session, query: Query, typed: str, *, limit: int = 25) -> list[str]:
    """For autocomplete: the tags most used among the characters played most, those that contain what was typed."""
    popular = (
        sa.select(Row.tags)
        .where(Row.status == "published", _visible(query))
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


async def set_status(session: Session, character_id: UUID, status: CharacterStatus) -> None:
    """Publishes, takes back or deletes a character."""
    values: dict[str, Any] = {"status": status}
    if status == "published":
        values["published_at"] = sa.func.coalesce(Row.published_at, sa.func.now())
    await session.execute(sa.update(Row).where(Row.id == character_id).values(**values))


async def set_avatar(session: Session, character_id: UUID, avatar: str) -> None:
    """Gives a character another face."""
    await session.execute(sa.update(Row).where(Row.id == character_id).values(avatar=avatar))


async def count_play(session: Session, character_id: UUID) -> None:
    """One more chat was started with a character."""
    await session.execute(sa.update(Row).where(Row.id == character_id).values(play_count=Row.play_count + 1))


async def forget_character(session: Session, character_id: UUID) -> None:
    """Removes a deleted character for good: its row, its versions and the key to them."""
    await session.execute(sa.delete(Row).where(Row.id == character_id))
    await session.execute(sa.delete(Key).where(Key.scope == "character", Key.subject == str(character_id)))


def _columns(frame: Frame, owner_name: str) -> dict[str, Any]:
    searched = (frame.name, frame.nickname, frame.short_description, *frame.tags, owner_name)
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
        "search": " ".join(part for part in searched if part).lower(),
    }


def _select(guild_id: int | None = None, *more: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
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
        _is_default(guild_id).label("is_default"),
        *more,
    ).outerjoin(User, User.id == Row.owner_user_id)


def _is_default(guild_id: int | None) -> sa.ColumnElement[bool]:
    of_program = sa.func.coalesce(Row.stock, "") == DEFAULT_ASSISTANT
    if guild_id is None:
        return of_program
    chosen = sa.select(Guild.default_assistant_id).where(Guild.id == guild_id).scalar_subquery()
    return sa.func.coalesce(Row.id == chosen, of_program)


def _rank(viewer_id: int, guild_id: int | None) -> sa.ColumnElement[int]:
    return sa.case(
        (sa.and_(_is_default(guild_id), Row.status == "published"), 0),
        (sa.and_(Row.owner_user_id == viewer_id, Row.status != "published"), 2),
        else_=1,
    )


def _sort_value(sort: Sort) -> sa.ColumnElement[Any]:
    if sort == "popular":
        return -Row.play_count
    if sort == "newest":
        return -sa.cast(sa.func.extract("epoch", sa.func.coalesce(Row.published_at, Row.created_at)), sa.Float)
    return sa.func.lower(Row.name)


def _tie(_sort: Sort) -> sa.ColumnElement[UUID]:
    return sa.type_coerce(Row.id, sa.Uuid())


def _bound(cursor: Cursor, sort: Sort) -> sa.Tuple:
    value: sa.ColumnElement[Any] = {
        "popular": sa.literal(cursor.value, sa.BigInteger),
        "newest": sa.literal(cursor.value, sa.Float),
        "name": sa.literal(cursor.value, sa.Text),
    }[sort]
    return sa.tuple_(sa.literal(cursor.rank, sa.Integer), value, sa.literal(cursor.id, sa.Uuid()))


def _visible(query: Query) -> sa.ColumnElement[bool]:
    here = sa.or_(Row.visibility == "public", Row.guild_id == query.guild_id)
    return sa.or_(sa.and_(Row.status == "published", here), Row.owner_user_id == query.viewer_id)


def _matches(query: Query) -> list[sa.ColumnElement[bool]]:
    where = [Row.status != "deleted", Row.newest_version > 0, _visible(query)]
    if query.filter == "marketplace":
        where.append(sa.and_(Row.status == "published", Row.visibility == "public"))
    elif query.filter == "server":
        # Outside a server there is no such place, and NULL must not stand for one.
        here = sa.false() if query.guild_id is None else Row.guild_id == query.guild_id
        where.append(sa.and_(Row.status == "published", here))
    elif query.filter == "mine":
        where.append(Row.owner_user_id == query.viewer_id)
    if query.tags:
        where.append(Row.tags.contains(list(query.tags)))
    if query.without:
        where.append(~Row.tags.overlap(list(query.without)))
    for word in query.search.lower().split()[:8]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        # A typo still finds: some word of the record is near enough to the one asked for.
        near = sa.func.word_similarity(word, Row.search) >= 0.5
        where.append(sa.or_(Row.search.like(f"%{escaped}%"), near))
    return where


def _character(row: sa.Row[*tuple[Any, ...]]) -> Character:
    return Character(
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
        is_default=row.is_default,
    )
