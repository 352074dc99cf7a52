"""Runs the migrations: on a connection that is handed in, or from Alembic's own command line.

There `DATABASE_URL` names the database; without it the embedded one under `DATA_DIR` is started.
"""

import asyncio
import os
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import embedded
from storage import queue
from storage.database import engine_url
from storage.tables import Table

LOCK_TIMEOUT = "5s"


def migrate(connection: Connection) -> None:
    """Brings the database of this connection to the revision asked for, or compares it."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        compare_server_default=True,
        include_name=lambda name, kind, _: kind != "table" or name not in queue.TABLES,
    )
    with context.begin_transaction():
        context.run_migrations()


async def from_command_line() -> None:
    """Migrates the database of the environment."""
    url = os.environ.get("DATABASE_URL")
    if url:
        await at(url)
        return
    data_dir = Path(os.environ.get("DATA_DIR", "data"))
    async with embedded.running(data_dir, postgres=True, valkey=False, model=False) as engines:
        await at(str(engines.database_url))


async def at(url: str) -> None:
    """Migrates the database at an address."""
    engine = create_async_engine(engine_url(url))
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    migrate(handed_in)
else:
    asyncio.run(from_command_line())
