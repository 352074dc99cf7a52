"""Which post on Discord shows which message of a chat, and which part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.tables import ShownMessage


@dataclass(frozen=True, slots=True)
class Shown:
    """A post on Discord and the part of a message that it shows."""

    discord_message_id: int
    message_id: UUID
    part: int
    channel_id: int
    webhook_id: int | None


SHOWN = (
    ShownMessage.discord_message_id,
    ShownMessage.message_id,
    ShownMessage.part,
    ShownMessage.channel_id,
    ShownMessage.webhook_id,
)


async def list_shown(session: Session, message_id: UUID, chat_id: UUID) -> list[Shown]:
    """The posts that show a message in a chat, first part first; the latest, where it was shown several times."""
    here = sa.and_(ShownMessage.message_id == message_id, ShownMessage.chat_id == chat_id)
    begins = sa.select(sa.func.max(ShownMessage.discord_message_id)).where(here, ShownMessage.part == 0)
    rows = await session.execute(
        sa.select(*SHOWN)
        .where(here, ShownMessage.discord_message_id >= sa.func.coalesce(begins.scalar_subquery(), 0))
        .order_by(ShownMessage.part)
    )
    return [Shown(*row) for row in rows]


async def list_shown_anywhere(session: Session, message_id: UUID) -> dict[UUID, list[Shown]]:
    """Every post that shows a message, by chat."""
    rows = await session.execute(
        sa.select(ShownMessage.chat_id, *SHOWN).where(ShownMessage.message_id == message_id).order_by(ShownMessage.part)
    )
    found: dict[UUID, list[Shown]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Shown(*row[1:]))
    return found


async def find_shown(session: Session, discord_message_id: int) -> tuple[UUID, Shown] | None:
    """The chat in which a post shows something, and what."""
    row = (
        await session.execute(
            sa.select(ShownMessage.chat_id, *SHOWN).where(ShownMessage.discord_message_id == discord_message_id)
        )
    ).one_or_none()
    return (row[0], Shown(*row[1:])) if row else None


async def find_newest_shown(session: Session, chat_id: UUID) -> int | None:
    """The newest post of a chat (Discord's ids rise with time)."""
    newest = sa.select(sa.func.max(ShownMessage.discord_message_id)).where(ShownMessage.chat_id == chat_id)
    return (await session.execute(newest)).scalar_one_or_none()


async def list_claimed(session: Session, discord_message_ids: Sequence[int]) -> set[int]:
    """Which of these posts are known to show something."""
    rows = await session.execute(
        sa.select(ShownMessage.discord_message_id).where(ShownMessage.discord_message_id.in_(discord_message_ids))
    )
    return set(rows.scalars())


async def show(session: Session, chat_id: UUID, shown: Shown) -> None:
    """Remembers that a post shows this part; a post shows one thing at a time."""
    row = insert(ShownMessage).values(
        discord_message_id=shown.discord_message_id,
        chat_id=chat_id,
        message_id=shown.message_id,
        part=shown.part,
        channel_id=shown.channel_id,
        webhook_id=shown.webhook_id,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[ShownMessage.discord_message_id],
            set_={"message_id": row.excluded.message_id, "part": row.excluded.part},
        )
    )


async def reshow(session: Session, shown: Sequence[Shown], *, shows: UUID) -> tuple[Shown, ...]:
    """These posts now show another message."""
    posts = [each.discord_message_id for each in shown]
    await session.execute(
        sa.update(ShownMessage).where(ShownMessage.discord_message_id.in_(posts)).values(message_id=shows)
    )
    return tuple(replace(each, message_id=shows) for each in shown)


async def unshow(session: Session, discord_message_ids: Sequence[int]) -> None:
    """Forgets posts that are no longer there."""
    await session.execute(sa.delete(ShownMessage).where(ShownMessage.discord_message_id.in_(discord_message_ids)))
