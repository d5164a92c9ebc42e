"""The store's tables as they are now. Change them together with a new file in migrations/versions; a test compares the two.

A text that people work on together is a table with a key, a ``version`` that counts its saves, and what they write; every save is
kept in a second table, the refused ones too. Further records (those of a meeting) follow the same pattern.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)  # fmt: skip


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: with its zone in Postgres, without one in SQLite, which knows none; always with it in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; SQLite keeps it bare."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)


def _written() -> list[Column[Any]]:
    """What people write for one spotlight."""
    return [
        Column("deal_ids", JSON, nullable=False),
        Column("words", JSON, nullable=False),
        Column("saved_by", String(120), nullable=False),
        Column("saved_at", Moment, nullable=False),
    ]


# One row per month: the spotlight that is being written for it.
SPOTLIGHT_DRAFTS = Table(
    "spotlight_drafts",
    METADATA,
    Column("month", String(7), primary_key=True),
    Column("version", Integer, nullable=False),
    *_written(),
)

# One row per save of a draft, the refused ones too (is_refused): what somebody wrote is never lost to somebody else's save.
SPOTLIGHT_SAVES = Table(
    "spotlight_saves",
    METADATA,
    Column("save_id", Integer, primary_key=True, autoincrement=True),
    Column("month", String(7), nullable=False, index=True),
    Column("based_on", Integer, nullable=False),
    Column("is_refused", Boolean, nullable=False),
    *_written(),
)

# One row per issue that was published, with its files as they went out. Never changed.
SPOTLIGHT_ISSUES = Table(
    "spotlight_issues",
    METADATA,
    Column("issue_id", Integer, primary_key=True, autoincrement=True),
    Column("month", String(7), nullable=False, index=True),
    Column("preset", String(20), nullable=False),
    Column("deal_ids", JSON, nullable=False),
    Column("words", JSON, nullable=False),
    Column("headline", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("plain", Text, nullable=False),
    Column("data_version", String(40), nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("published_by", String(120), nullable=False),
    Column("published_at", Moment, nullable=False),
)
