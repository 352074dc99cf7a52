"""The connection to Postgres, and transactions on it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg.exceptions as pg  # pyright: ignore[reportMissingTypeStubs]
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.errors import Unavailable
from storage.vault import DataKey, Place, Scope, Vault

OLDEST_POSTGRES = 150000
UNREACHABLE = "The database does not answer right now. Nothing was changed; please try again in a moment."


AWAY: tuple[type[BaseException], ...] = (
    OSError,
    asyncio.TimeoutError,
    PoolTimeout,
    pg.PostgresConnectionError,
    pg.CannotConnectNowError,
    pg.AdminShutdownError,
    pg.CrashShutdownError,
    pg.TooManyConnectionsError,
    pg.InterfaceError,
)


class Session(AsyncSession):
    """A transaction under way, and the vault that seals and opens for it."""

    vault: Vault

    async def key(self, scope: Scope, subject: object) -> DataKey:
        """The data key of a person, tree, character or server."""
        return await self.vault.key(self, scope, subject)  # pyright: ignore[reportArgumentType]

    def opened(self, place: Place, sealed: bytes) -> bytes | None:
        """What is sealed at a place; its key must be loaded, None when that is gone."""
        return self.vault.open(self, place, sealed)


class Database:
    """Postgres, through one pool of connections."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault
        self._sessions = async_sessionmaker(engine, class_=Session, expire_on_commit=False)

    @classmethod
    def connect(cls, url: str, vault: Vault, *, pool_size: int = 20) -> "Database":
        """A pool for a `postgresql://` address; nothing is opened before the first query."""
        engine = create_async_engine(
            engine_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,  # an exception's text must not carry what was to be stored
            connect_args={"timeout": 5, "command_timeout": 30},
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return cls(engine, vault)

    def watch_locks(self, waited: Callable[[float], None]) -> None:
        """Tells from now on how many seconds each statement took that locks rows."""

        def before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.endswith("FOR UPDATE"):
                connection.info["locks_since"] = time.perf_counter()

        def after(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.endswith("FOR UPDATE"):
                waited(time.perf_counter() - connection.info["locks_since"])

        event.listen(self.engine.sync_engine, "before_cursor_execute", before)
        event.listen(self.engine.sync_engine, "after_cursor_execute", after)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Session]:
        """One transaction: committed at the end, rolled back at an exception.

        Raises Unavailable where the database is not there.
        """
        session = self._sessions()
        session.vault = self.vault
        try:
            async with session, session.begin():
                yield session
                await session.flush()
            self.vault.remember(session)
        except (OperationalError, InterfaceError, DBAPIError, OSError, TimeoutError) as error:
            if is_unreachable(error):
                raise Unavailable(UNREACHABLE) from error
            raise

    async def check(self) -> int:
        """The server's version number (180006); Unavailable when it does not answer."""
        async with self.transaction() as session:
            return int((await session.execute(sa.text("SHOW server_version_num"))).scalar_one())

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Has the pool connect anew where the server has hung up; costs no question to the server, as a ping would."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def engine_url(url: str) -> str:
    """A user's address as SQLAlchemy wants it."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def is_unreachable(error: BaseException) -> bool:
    """Whether an exception says that the server is away rather than that the query is wrong."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause = error.orig.__cause__ if error.orig else None
        return is_unreachable(cause) if cause else isinstance(error, InterfaceError)
    return isinstance(error, AWAY)
