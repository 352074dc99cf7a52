"""Wrapping data keys anew: from older master keys to the newest, a few rows at a time, while others read and write.

Each step is a transaction of its own. Whoever is killed in the middle leaves every row under one master key or the
other, both of which open it; the next run goes on with what is left.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from bot.errors import SettingsError
from storage.database import Database, Session
from storage.tables import Key
from storage.vault import MasterKey, Vault

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: `last` is the id it came to, None where nothing was left."""

    last: UUID | None
    rewrapped: int
    damaged: int


async def count_by_master(session: Session) -> dict[str, int]:
    """How many data keys each master key wraps, by its id."""
    rows = await session.execute(sa.select(Key.master_key_id, sa.func.count()).group_by(Key.master_key_id))
    return {row[0]: row[1] for row in rows}


def refuse_missing(vault: Vault, counts: dict[str, int]) -> None:
    """SettingsError when a data key is wrapped by a master key that the vault has not."""
    for missing in counts.keys() - {master.id for master in vault.masters}:
        raise SettingsError(
            f"MASTER_KEYS lacks the key {missing}, which wraps {counts[missing]:,} data keys of this database. "
            "Put it back, after the newest one, and rotate again. Nothing was changed."
        )


def unused(vault: Vault, counts: dict[str, int]) -> list[MasterKey]:
    """The master keys that wrap nothing any more; never the newest, which wraps what is made next."""
    return [master for master in vault.masters[1:] if not counts.get(master.id)]


async def rewrap_some(database: Database, *, after: UUID | None = None, limit: int = AT_ONCE) -> Step:
    """Wraps the next data keys under the newest master key, in one transaction; damaged ones are left as they are."""
    newest = database.vault.masters[0].id
    async with database.transaction() as session:
        # In the order of ids, so that two rotations wait for each other and do not lock each other out.
        query = sa.select(Key.id, Key.wrapped, Key.master_key_id).where(Key.master_key_id != newest)
        if after is not None:
            query = query.where(Key.id > after)
        rows = (await session.execute(query.order_by(Key.id).limit(limit).with_for_update())).all()
        anew = [(row.id, database.vault.rewrap(row.id, row.wrapped, row.master_key_id)) for row in rows]
        good = [(key_id, wrapped) for key_id, wrapped in anew if wrapped is not None]
        if good:
            given = (
                sa.func.unnest(
                    sa.cast([key_id for key_id, _ in good], sa.ARRAY(Key.id.type)),
                    sa.cast([wrapped for _, wrapped in good], sa.ARRAY(Key.wrapped.type)),
                )
                .table_valued(sa.column("id", Key.id.type), sa.column("wrapped", Key.wrapped.type), name="given")
                .render_derived()
            )
            await session.execute(
                sa.update(Key).where(Key.id == given.c.id).values(wrapped=given.c.wrapped, master_key_id=newest)
            )
    return Step(rows[-1].id if rows else None, len(good), len(rows) - len(good))
