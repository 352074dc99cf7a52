"""Ids of our own rows: uuidv7, so that they sort by time and indexes grow at one end."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh uuidv7 (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()


def time_of(row_id: UUID) -> datetime:
    """When an id of ours was made: its first 48 bits are milliseconds since 1970."""
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)


def first_id_at(moment: datetime) -> UUID:
    """The lowest id that could have been made at a moment: ids made before are lower, later ones higher."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
