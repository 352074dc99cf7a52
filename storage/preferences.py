"""What a person prefers, beside the settings of chats: the time zone in which their clock goes."""

import sqlalchemy as sa

from storage.database import Session
from storage.tables import User

TIME_ZONE = "time_zone"


async def find_time_zone(session: Session, user_id: int | None) -> str | None:
    """The name of a person's time zone, as IANA has it; None where they chose none."""
    query = sa.select(User.preferences[TIME_ZONE].as_string()).where(User.id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def save_time_zone(session: Session, user_id: int, name: str | None) -> None:
    """Remembers a person's time zone, who must have a row; None forgets it."""
    kept = User.preferences.op("-")(TIME_ZONE)
    changed = kept if name is None else kept.op("||")(sa.func.jsonb_build_object(TIME_ZONE, name))
    await session.execute(sa.update(User).where(User.id == user_id).values(preferences=changed))
