"""What one process at a time does: a lock in Postgres that ends with its transaction, or with the process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from storage.database import Database


@asynccontextmanager
async def alone(database: Database, work: str) -> AsyncGenerator[None]:
    """Waits until no other process does this work, and keeps them from it inside the block."""
    async with database.transaction() as session:
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"dramatis {work}", 0))))
        yield
