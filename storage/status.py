"""How the program stands: what is being written, and on which servers and tables."""

import redis.exceptions
import sqlalchemy as sa

from storage.cache import Cache, reachable
from storage.database import Session
from storage.tables import Generation


async def count_replies(session: Session, status: str) -> int:
    """How many replies are being written ("streaming") or wait for another one ("queued"), in all processes."""
    # As text of the statement, so that the partial index of this status is found.
    counted = sa.select(sa.func.count()).where(Generation.status == sa.literal_column(f"'{status}'"))
    return int((await session.execute(counted)).scalar_one())


async def find_versions(session: Session) -> tuple[str, str]:
    """The version of Postgres ("18.1"), and the revision of the tables ("0006")."""
    server = (await session.execute(sa.text("SHOW server_version"))).scalar_one()
    revision = (await session.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one()
    return str(server).split(" ", 1)[0], str(revision)


async def find_cache_version(cache: Cache) -> str:
    """What the cache is, and its version ("Valkey 8.1.1"); Unavailable when it does not answer."""
    try:
        with reachable():
            told: dict[str, str] = await cache.client.info("server")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportGeneralTypeIssues]
    except redis.exceptions.ResponseError:
        return "Redis"  # a hosted one may keep its version to itself
    name = told.get("server_name", "redis").title()
    return f"{name} {told.get(f'{name.lower()}_version') or told.get('redis_version', '')}".strip()
