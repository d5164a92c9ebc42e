"""Saving a text that several people write: a save carries the version it was written over, and loses to nobody silently.

The one definition for all texts of this kind; a table has a key, ``version`` and what is written (tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.exc import IntegrityError


def put(connection: Connection, table: Table, key: Mapping[str, Any], based_on: int, values: Mapping[str, Any]) -> bool:
    """Save values over version ``based_on`` of a row (0: there is none yet); return whether nobody was faster."""
    matches = [table.c[name] == value for name, value in key.items()]
    if based_on == 0:
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(**key, version=1, **values))
            return True
        except IntegrityError:
            return False
    changed = connection.execute(
        update(table).where(*matches, table.c.version == based_on).values(version=based_on + 1, **values)
    )
    return changed.rowcount == 1


def get(connection: Connection, table: Table, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A row as it is now; None where it was never saved."""
    row = connection.execute(select(table).where(*(table.c[name] == value for name, value in key.items()))).one_or_none()
    return None if row is None else dict(row._mapping)
