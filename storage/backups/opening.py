"""Whether what is sealed in a database opens: every value of every sealed column, once."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from storage.backups.telling import Telling
from storage.database import Database, Session
from storage.tables import Key, Table
from storage.vault import Place, Vault

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """How many values open, how many stay closed because their key is gone, and what is damaged, by column."""

    open: int
    closed: int
    damaged: Mapping[str, int]


def sealed_columns() -> dict[sa.Table, list[str]]:
    """The tables with sealed columns, and those columns; the row of a sealed value is its table's one key column."""
    columns = {
        table: [column.name for column in table.columns if isinstance(column.type, sa.LargeBinary)]
        for table in Table.metadata.sorted_tables
        if table.name != Key.__tablename__
    }
    return {table: names for table, names in columns.items() if names}


async def open_all(database: Database, telling: Telling) -> Opened:
    """Opens every sealed value of a database whose tables are this program's."""
    columns = sealed_columns()
    counted, damaged = Counter[str](), Counter[str]()
    async with database.transaction() as session:
        total = 0
        for table in columns:
            total += int((await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())
    with telling("Checking that words open", total) as step:
        for table, names in columns.items():
            async for rows in _pages(database, table, names):
                # A vault of its own for each page: all keys of a large database would not fit into memory.
                page = Database(database.engine, Vault(database.vault.masters))
                async with page.transaction() as session:
                    await page.vault.load(session, [value for row in rows for value in row[1:]])
                async with page.transaction() as session:
                    for row in rows:
                        for name, sealed in zip(names, row[1:], strict=True):
                            if sealed is not None:
                                what = _try(session, Place(table.name, name, row[0]), sealed)
                                counted[what] += 1
                                damaged.update([f"{table.name}.{name}"] if what == "damaged" else [])
                step(len(rows))
    return Opened(counted["open"], counted["closed"], damaged)


def _try(session: Session, place: Place, sealed: bytes) -> str:
    try:
        return "closed" if session.opened(place, sealed) is None else "open"
    except InvalidTag:
        return "damaged"


async def _pages(database: Database, table: sa.Table, names: list[str]) -> AsyncIterator[list[tuple[Any, ...]]]:
    (key,) = table.primary_key.columns
    query = sa.select(key, *(table.c[name] for name in names)).order_by(key).limit(AT_ONCE)
    last: object = None
    while True:
        async with database.transaction() as session:
            after = query if last is None else query.where(key > last)
            rows = [tuple(row) for row in await session.execute(after)]
        if not rows:
            return
        last = rows[-1][0]
        yield rows
