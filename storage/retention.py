"""What is kept for how long: servers that the bot has left, and rows that nobody reads any more."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.database import Session
from storage.ids import first_id_at
from storage.tables import Character, Chat, Generation, Guild, Key, Notice

IS_PRESENT = Guild.left_at.is_(None)


async def mark_left(session: Session, guild_id: int) -> None:
    """The bot is no longer in a server, from now on unless it was so before."""
    await session.execute(sa.update(Guild).where(Guild.id == guild_id, IS_PRESENT).values(left_at=sa.func.now()))


async def mark_back(session: Session, guild_id: int) -> None:
    """The bot is in a server again."""
    await session.execute(sa.update(Guild).where(Guild.id == guild_id, ~IS_PRESENT).values(left_at=None))


async def compare(session: Session, present: Collection[int], *, shard_id: int, shard_count: int) -> None:
    """Marks servers of a shard that were left, or came back, while nobody looked.

    A server's shard is told from its id as Discord does: `(id >> 22) % shard_count`.
    """
    here = Guild.id.op(">>", return_type=sa.BigInteger())(sa.literal(22, sa.Integer)) % shard_count == shard_id
    listed = sa.func.unnest(sa.cast(sa.literal(list(present), sa.ARRAY(sa.BigInteger)), sa.ARRAY(sa.BigInteger)))
    is_listed = Guild.id.in_(sa.select(listed))
    await session.execute(sa.update(Guild).where(here, IS_PRESENT, ~is_listed).values(left_at=sa.func.now()))
    await session.execute(sa.update(Guild).where(here, ~IS_PRESENT, is_listed).values(left_at=None))


async def list_left(session: Session, *, longer_than: timedelta) -> list[int]:
    """Servers that the bot left so long ago."""
    rows = await session.execute(sa.select(Guild.id).where(Guild.left_at < sa.func.now() - longer_than))
    return list(rows.scalars())


async def is_left(session: Session, guild_id: int, *, longer_than: timedelta) -> bool:
    """Whether the bot left a server so long ago; if so, it is not back before this transaction ends."""
    left = sa.select(Guild.id).where(Guild.id == guild_id, Guild.left_at < sa.func.now() - longer_than)
    return (await session.execute(left.with_for_update())).first() is not None


async def list_chats(session: Session, guild_id: int, *, limit: int) -> list[UUID]:
    """Some chats of a server, ended and deleted ones too."""
    rows = await session.execute(sa.select(Chat.id).where(Chat.guild_id == guild_id).order_by(Chat.id).limit(limit))
    return list(rows.scalars())


async def list_owned(session: Session, guild_id: int, *, limit: int) -> list[UUID]:
    """Some characters that belong to a server itself."""
    owned = sa.select(Character.id).where(Character.owner_guild_id == guild_id)
    return list((await session.execute(owned.order_by(Character.id).limit(limit))).scalars())


async def keep_for_owners(session: Session, guild_id: int) -> list[tuple[UUID, int, str]]:
    """Takes people's own characters back that were shown in a server alone, so that they outlive it.

    Returns those that were published there: id, owner and name.
    """
    published = Character.status == "published"
    mine = sa.and_(Character.guild_id == guild_id, Character.owner_user_id.is_not(None))
    shown = await session.execute(
        sa.select(Character.id, Character.owner_user_id, Character.name).where(mine, published).with_for_update()
    )
    rows = [(row.id, row.owner_user_id, row.name) for row in shown]
    await session.execute(
        sa.update(Character)
        .where(mine)
        .values(
            visibility="public",
            guild_id=None,
            status=sa.case((published, "unpublished"), else_=Character.status),
        )
    )
    return rows


async def delete_guild(session: Session, guild_id: int) -> None:
    """Removes a server's row with what hangs on it (settings, listings, bans, webhooks, lore), and its key."""
    await session.execute(sa.delete(Guild).where(Guild.id == guild_id))
    await session.execute(sa.delete(Key).where(Key.scope == "guild", Key.subject == str(guild_id)))


async def forget_generations(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Removes some generations that ended long ago: their replies know all that is worth knowing."""
    done = sa.and_(Generation.status == "done", Generation.lease_until.is_(None))
    return await _forget(session, Generation, done, older_than, limit)


async def forget_notices(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Removes some notices that were left long ago and have been read."""
    return await _forget(session, Notice, Notice.read_at.is_not(None), older_than, limit)


async def _forget(
    session: Session, table: Any, which: sa.ColumnElement[bool], older_than: timedelta, limit: int
) -> int:
    # Ids begin with their time, so the primary key finds the old ones.
    is_old = table.id < first_id_at(datetime.now(UTC) - older_than)
    some = sa.select(table.id).where(is_old, which).order_by(table.id).limit(limit).with_for_update(skip_locked=True)
    gone = await session.execute(sa.delete(table).where(table.id.in_(some)).returning(table.id))
    return len(gone.all())
