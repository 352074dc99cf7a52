"""A connection for work on whole tables: the driver's own, for COPY, without the time limits of a question."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, cast

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import Unavailable
from storage.database import engine_url, is_unreachable

AWAY = "The database does not answer. Is DATABASE_URL right, and is it running?"
# Text that any server from Postgres 15 on reads as this one wrote it, and as long as it takes.
PLAIN = """
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0
"""


class Connection(Protocol):
    """What is used of asyncpg's connection."""

    def transaction(self, *, isolation: str = ..., readonly: bool = ...) -> AbstractAsyncContextManager[object]:
        """A transaction for as long as the block."""
        ...

    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[Any]]:
        """The rows of an answer."""
        ...

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first value of an answer."""
        ...

    async def execute(self, query: str, *args: object) -> str:
        """Runs statements."""
        ...

    async def copy_from_query(self, query: str, *, output: Callable[[bytes], Awaitable[None]]) -> str:
        """Hands over an answer as COPY writes it."""
        ...

    async def copy_to_table(
        self, table_name: str, *, source: AsyncIterable[bytes], columns: Sequence[str], schema_name: str | None = ...
    ) -> str:
        """Takes in what COPY wrote; the answer ends with the number of rows."""
        ...

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[tuple[object, ...]] | AsyncIterable[tuple[object, ...]],
        columns: Sequence[str],
        schema_name: str | None = ...,
    ) -> str:
        """Takes in rows."""
        ...


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Connection]:
    """One connection to a `postgresql://` address; Unavailable where nobody answers."""
    engine = create_async_engine(engine_url(url), poolclass=NullPool, connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            yield cast("Connection", raw.driver_connection)
    except Exception as error:
        if is_unreachable(error):
            raise Unavailable(AWAY) from error
        raise
    finally:
        await engine.dispose()


def quoted(*names: str) -> str:
    """Names as SQL takes them, with commas between."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
