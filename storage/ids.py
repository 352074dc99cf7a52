"""Ids of our own rows: uuidv7, so that they sort by time and indexes grow at one end."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh uuidv7 (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()
