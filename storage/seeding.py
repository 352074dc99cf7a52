"""Characters in bulk, for measuring: rows by COPY, each with a key and a sealed version of its own as any other has.

Their owners have negative ids, which Discord never gives, so that they are told from people.
"""

import secrets
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from storage.characters import Frame, frame_columns
from storage.database import Database, Session
from storage.ids import new_id
from storage.search import learn
from storage.tables import Character, CharacterVersion, Key, Table, User
from storage.vault import KEY_BYTES, DataKey, Place

OWNERS_AT_ONCE = 5_000
MANY = 50_000
PATIENCE = 3600
_NAMES = ("ix_characters_words", "ix_characters_tags")
_INDEXES = [each for each in Table.metadata.tables["characters"].indexes if each.name in _NAMES]
# What waits to enter the indexes may grow larger than usual: sorting much at once is what makes it quick.
ROOM = sa.select(
    sa.func.set_config("work_mem", "64MB", True),
    sa.func.set_config("gin_pending_list_limit", "32MB", True),
    sa.func.set_config("synchronous_commit", "off", True),
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A published character as it is to stand in the database; `owner` counts from 0."""

    owner: int
    owner_name: str
    frame: Frame
    play_count: int
    published_at: datetime
    spec: str
    spec_version: str
    card: bytes
    extensions: bytes


async def count_seeded(session: Session) -> int:
    """How many characters were seeded before."""
    query = sa.select(sa.func.count()).select_from(Character).where(Character.owner_user_id < 0)
    return int((await session.execute(query)).scalar_one())


async def has_others(session: Session) -> bool:
    """Whether there are characters that people made: neither seeded ones nor those that ship with the program."""
    theirs = sa.or_(Character.owner_user_id >= 0, Character.owner_guild_id.is_not(None))
    return bool((await session.execute(sa.select(sa.exists().where(theirs, Character.stock.is_(None))))).scalar_one())


async def add_owners(session: Session, usernames: Iterable[str]) -> None:
    """The owners of seeded characters, the first of them number 0; those that are there stay as they are."""
    rows = [{"id": _owner_id(number), "username": username} for number, username in enumerate(usernames)]
    for start in range(0, len(rows), OWNERS_AT_ONCE):
        await session.execute(insert(User).on_conflict_do_nothing(), rows[start : start + OWNERS_AT_ONCE])


async def add_published(session: Session, characters: Sequence[Seeded]) -> None:
    """Adds characters with their keys and versions; all of them or, where the transaction ends early, none."""
    await session.execute(ROOM)
    master = session.vault.masters[0]
    keys: list[tuple[object, ...]] = []
    rows: list[dict[str, Any]] = []
    versions: list[tuple[object, ...]] = []
    for each in characters:
        character_id, version_id, key_id = new_id(), new_id(), new_id()
        raw = secrets.token_bytes(KEY_BYTES)
        key = DataKey(key_id, AESGCM(raw))
        keys.append((key_id, "character", str(character_id), master.wrap(key_id, raw), master.id))
        rows.append(
            {
                "id": character_id,
                "owner_user_id": _owner_id(each.owner),
                "status": "published",
                "newest_version": 1,
                "play_count": each.play_count,
                "created_at": each.published_at,
                "published_at": each.published_at,
                **frame_columns(each.frame, each.owner_name),
            }
        )
        versions.append(
            (
                version_id,
                character_id,
                1,
                each.spec,
                each.spec_version,
                orjson.dumps(each.frame).decode(),
                key.seal(Place("character_versions", "card", version_id), each.card),
                key.seal(Place("character_versions", "extensions", version_id), each.extensions),
                each.published_at,
            )
        )
    await _copy(session, Key, ("id", "scope", "subject", "wrapped", "master_key_id"), keys)
    await _copy(session, Character, tuple(rows[0]), [tuple(row.values()) for row in rows])
    await learn(session, " ".join(row["search"] for row in rows))
    columns = ("id", "character_id", "number", "spec", "spec_version", "frame", "card", "extensions", "created_at")
    await _copy(session, CharacterVersion, columns, versions)


@asynccontextmanager
async def bulk(database: Database, count: int) -> AsyncGenerator[None]:
    """A block in which so many characters are added; at its end what plans and searches go by is in order again.

    For many, the indexes of words and tags are made anew at the end: adding a million characters to them one by one
    takes several times as long as all the rest. Until then searches are slow.
    """
    anew = [index for index in _INDEXES if count >= MANY]
    async with database.transaction() as session:
        for index in anew:
            await session.execute(sa.schema.DropIndex(index, if_exists=True))
    try:
        yield
    finally:
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = (await alone.get_raw_connection()).driver_connection
            dialect = database.engine.dialect
            # Also where nothing was taken away now: a run that was killed may have left them missing.
            for index in _INDEXES:
                made = sa.schema.CreateIndex(index, if_not_exists=True).compile(dialect=dialect)
                await driver.execute(str(made), timeout=PATIENCE)
            for table in (Character, CharacterVersion, Key, User):
                await driver.execute(f"VACUUM (ANALYZE) {table.__tablename__}", timeout=PATIENCE)


async def _copy(session: Session, table: type[Any], columns: Sequence[str], rows: list[tuple[object, ...]]) -> None:
    raw = await (await session.connection()).get_raw_connection()
    connection: Any = raw.driver_connection
    await connection.copy_records_to_table(table.__tablename__, columns=columns, records=rows)


def _owner_id(number: int) -> int:
    return -1 - number
