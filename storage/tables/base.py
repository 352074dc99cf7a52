"""What all tables share: how Python types become columns, and how constraints are named."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The base of every table: how Python types become columns, and how constraints are named."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: sa.BigInteger,
        str: sa.Text,
        bytes: BYTEA,
        UUID: PgUuid(as_uuid=True),
        datetime: sa.DateTime(timezone=True),
        list[str]: ARRAY(sa.Text),
        list[float]: ARRAY(sa.REAL),
        dict[str, Any]: JSONB,
    }


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """A CHECK that holds a text column to these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def newest_or_most(column: str) -> Any:
    """A column of an index from the highest value down."""
    return sa.desc(column)  # pyright: ignore[reportUnknownVariableType]


def made_at() -> Mapped[datetime]:
    """A column with the time at which the row was made."""
    return mapped_column(server_default=sa.func.now())
