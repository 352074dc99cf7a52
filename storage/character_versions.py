"""The versions of characters, sealed, and the pictures that belong to them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.characters import CHARACTER, GUILD, Character, Frame, character_of, is_reviewed, select_characters
from storage.database import Session
from storage.ids import new_id
from storage.tables import Character as Row
from storage.tables import CharacterAsset, CharacterVersion, Listing
from storage.vault import Place


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
class Asset:
    """A further picture of a character: the address and name its card gives it, its kind, and the file kept."""

    uri: str
    name: str
    kind: str
    sha256: str


async def add_version(
    session: Session, *, character_id: UUID, frame: Frame, spec: str, spec_version: str, card: bytes, extensions: bytes
) -> tuple[UUID, int]:
    """Saves a character as its newest version, the words sealed; returns the version's id and number."""
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
            frame=asdict(frame),
            card=key.seal(Place("character_versions", "card", version_id), card),
            extensions=key.seal(Place("character_versions", "extensions", version_id), extensions),
        )
    )
    return version_id, number


async def find_version(
    session: Session, character_id: UUID, *, version_id: UUID | None = None, guild_id: int | None = None
) -> tuple[Character, Version | None] | None:
    """A character as a server shows it, with the version that is played there.

    Under review that is the approved one, else the one asked for, else the newest.
    """
    given = {"character_id": character_id, "guild_id": guild_id, "version_id": version_id}
    row = (await session.execute(_played(), given)).one_or_none()
    if row is None:
        return None
    character = character_of(row, guild_id)
    if row.version_id is None:
        return character, None
    await session.vault.load(session, [row.card])
    return character, Version(
        id=row.version_id,
        character_id=row.id,
        number=row.version_number,
        spec=row.spec,
        spec_version=row.spec_version,
        card=session.opened(Place("character_versions", "card", row.version_id), row.card),
        extensions=session.opened(Place("character_versions", "extensions", row.version_id), row.extensions),
    )


@cache
def _played() -> sa.Select[*tuple[Any, ...]]:
    newest = (
        sa.select(CharacterVersion.id)
        .where(CharacterVersion.character_id == CHARACTER)
        .order_by(CharacterVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    freely = sa.func.coalesce(sa.bindparam("version_id", type_=sa.Uuid()), newest)
    played = sa.case((is_reviewed(), Listing.approved_version_id), else_=freely)
    return (
        select_characters(GUILD)
        .add_columns(
            CharacterVersion.id.label("version_id"),
            CharacterVersion.number.label("version_number"),
            CharacterVersion.spec,
            CharacterVersion.spec_version,
            CharacterVersion.card,
            CharacterVersion.extensions,
        )
        .outerjoin(CharacterVersion, sa.and_(CharacterVersion.character_id == Row.id, CharacterVersion.id == played))
        .where(Row.id == CHARACTER)
    )


async def find_version_id(session: Session, character_id: UUID, number: int) -> UUID | None:
    """The id of a character's version by its number."""
    query = sa.select(CharacterVersion.id)
    query = query.where(CharacterVersion.character_id == character_id, CharacterVersion.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def find_roleplay_data(session: Session, version_id: UUID) -> bytes | None:
    """What was made of a version for scenes with others, as JSON; None before it was, or where its key is gone."""
    query = sa.select(CharacterVersion.roleplay_data).where(CharacterVersion.id == version_id)
    sealed = await session.scalar(query)
    if sealed is None:
        return None
    await session.vault.load(session, [sealed])
    return session.opened(Place("character_versions", "roleplay_data", version_id), sealed)


async def save_roleplay_data(session: Session, version_id: UUID, data: bytes) -> bool:
    """Keeps what was made of a version for scenes with others, sealed; False when there is no such version any more."""
    query = sa.select(CharacterVersion.character_id).where(CharacterVersion.id == version_id)
    character_id = (await session.execute(query.with_for_update(key_share=True))).scalar_one_or_none()
    if character_id is None:
        return False
    key = await session.key("character", character_id)
    sealed = key.seal(Place("character_versions", "roleplay_data", version_id), data)
    await session.execute(
        sa.update(CharacterVersion).where(CharacterVersion.id == version_id).values(roleplay_data=sealed)
    )
    return True


async def save_assets(session: Session, character_id: UUID, assets: Sequence[Asset]) -> None:
    """Keeps a character's further pictures."""
    if assets:
        rows = [{"character_id": character_id, **asdict(asset)} for asset in assets]
        await session.execute(insert(CharacterAsset).on_conflict_do_nothing(), rows)


async def list_assets(session: Session, character_id: UUID) -> list[Asset]:
    """A character's further pictures."""
    query = sa.select(CharacterAsset.uri, CharacterAsset.name, CharacterAsset.kind, CharacterAsset.sha256)
    rows = await session.execute(query.where(CharacterAsset.character_id == character_id).order_by(CharacterAsset.uri))
    return [Asset(*row) for row in rows]
