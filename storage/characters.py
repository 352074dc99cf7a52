"""Characters: the shared records and their sealed versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import new_id
from storage.tables import Character as Row
from storage.tables import CharacterVersion, Key, User
from storage.vault import Place

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
    """A character at one saving; `card` and `extensions` are JSON, None when the key is gone; the avatar is today's."""

    id: UUID
    character_id: UUID
    number: int
    spec: str
    spec_version: str
    card: bytes | None
    extensions: bytes | None
    avatar: str | None


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
    query = select_characters().where(Row.id == character_id)
    if lock:
        query = query.with_for_update(of=Row)
    row = (await session.execute(query)).one_or_none()
    return character_of(row) if row else None


async def find_stock(session: Session, stock: str) -> Character | None:
    """The character that ships with the program under this name."""
    row = (await session.execute(select_characters().where(Row.stock == stock))).one_or_none()
    return character_of(row) if row else None


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
        Row.avatar,
    )
    query = query.join(Row, Row.id == CharacterVersion.character_id)
    query = query.where(CharacterVersion.character_id == character_id)
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
        avatar=row.avatar,
    )


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


def select_characters(is_default: sa.ColumnElement[bool] | None = None) -> sa.Select[*tuple[Any, ...]]:
    """The columns of a Character; the default assistant is the shipped one unless told otherwise."""
    shipped = sa.func.coalesce(Row.stock, "") == DEFAULT_ASSISTANT
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
        sa.func.coalesce(shipped if is_default is None else is_default, sa.false()).label("is_default"),
        Row.created_at,
        sa.func.lower(Row.name).label("lower_name"),
    ).outerjoin(User, User.id == Row.owner_user_id)


def character_of(row: sa.Row[*tuple[Any, ...]]) -> Character:
    """The character of a row of `select_characters`."""
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
