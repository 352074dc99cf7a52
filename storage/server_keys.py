"""Servers' own keys for the operator's model endpoint, sealed with the key of the server that they belong to."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import SecretStr

from storage.database import Session
from storage.tables import Guild, User
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class ServerKey:
    """The key with which the models speak in a server."""

    guild_id: int
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """That a server has a key: who set it (None: somebody who has left) and when, and since when it is refused."""

    set_by: int | None
    username: str | None
    set_at: datetime | None
    refused_at: datetime | None


def sealed_place(guild_id: int) -> Place:
    """Where the key of a server is sealed."""
    return Place("guilds", "api_key", guild_id)


async def save_key(session: Session, guild_id: int, secret: SecretStr, *, set_by: int) -> None:
    """Keeps a server's key in the place of an earlier one; the server and the person must have rows."""
    key = await session.key("guild", guild_id)
    sealed = key.seal(sealed_place(guild_id), secret.get_secret_value().encode())
    await session.execute(
        sa.update(Guild)
        .where(Guild.id == guild_id)
        .values(api_key=sealed, api_key_set_by=set_by, api_key_set_at=sa.func.now(), api_key_refused_at=None)
    )


async def find_key(session: Session, guild_id: int) -> ServerKey | None:
    """A server's key; None where it has none."""
    sealed = await session.scalar(sa.select(Guild.api_key).where(Guild.id == guild_id))
    await session.vault.load(session, [sealed])
    return opened_key(session, guild_id, sealed)


def opened_key(session: Session, guild_id: int | None, sealed: bytes | None) -> ServerKey | None:
    """A server's key out of its column, once the server's own key is loaded; None where there is none."""
    if guild_id is None or sealed is None:
        return None
    opened = session.opened(sealed_place(guild_id), sealed)
    return ServerKey(guild_id, SecretStr(opened.decode())) if opened else None


async def forget_key(session: Session, guild_id: int) -> bool:
    """Removes a server's key; False when it had none."""
    gone = await session.execute(
        sa.update(Guild)
        .where(Guild.id == guild_id, Guild.api_key.is_not(None))
        .values(api_key=None, api_key_set_by=None, api_key_set_at=None, api_key_refused_at=None)
        .returning(Guild.id)
    )
    return gone.first() is not None


async def find_record(session: Session, guild_id: int) -> KeyRecord | None:
    """What may be told of a server's key; None where it has none."""
    query = (
        sa.select(Guild.api_key_set_by, User.username, Guild.api_key_set_at, Guild.api_key_refused_at)
        .outerjoin(User, User.id == Guild.api_key_set_by)
        .where(Guild.id == guild_id, Guild.api_key.is_not(None))
    )
    row = (await session.execute(query)).one_or_none()
    return KeyRecord(*row) if row else None


async def note_refusal(session: Session, guild_id: int) -> int | None:
    """Remembers that a server's key is refused; who should be told of it, None where they were or nobody is."""
    noted = await session.execute(
        sa.update(Guild)
        .where(Guild.id == guild_id, Guild.api_key.is_not(None), Guild.api_key_refused_at.is_(None))
        .values(api_key_refused_at=sa.func.now())
        .returning(Guild.api_key_set_by)
    )
    return noted.scalar_one_or_none()
