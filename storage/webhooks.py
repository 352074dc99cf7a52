"""The webhooks through which characters speak."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from storage.database import Session
from storage.guilds import touch_guild
from storage.tables import Webhook as Row
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Webhook:
    """A channel's webhook."""

    channel_id: int
    webhook_id: int
    token: str


async def find_webhook(session: Session, channel_id: int) -> Webhook | None:
    """The channel's webhook, if we made one and can still read its token."""
    row = (
        await session.execute(sa.select(Row.webhook_id, Row.token).where(Row.channel_id == channel_id))
    ).one_or_none()
    if row is None:
        return None
    await session.vault.load(session, [row.token])
    token = session.opened(Place("webhooks", "token", channel_id), row.token)
    return Webhook(channel_id, row.webhook_id, token.decode()) if token else None


async def save_webhook(session: Session, webhook: Webhook, guild_id: int) -> None:
    """Remembers the channel's webhook in place of an earlier one."""
    await touch_guild(session, guild_id)
    key = await session.key("guild", guild_id)
    row = insert(Row).values(
        channel_id=webhook.channel_id,
        guild_id=guild_id,
        webhook_id=webhook.webhook_id,
        token=key.seal(Place("webhooks", "token", webhook.channel_id), webhook.token.encode()),
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[Row.channel_id],
            set_={"webhook_id": row.excluded.webhook_id, "token": row.excluded.token},
        )
    )


async def forget_webhook(session: Session, *, channel_id: int, webhook_id: int) -> None:
    """Forgets a webhook that is no longer on Discord."""
    await session.execute(sa.delete(Row).where(Row.channel_id == channel_id, Row.webhook_id == webhook_id))
