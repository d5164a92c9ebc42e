"""Which store a program uses: CLOSED_LOOP_STORE, else a file beside the database, so that deleting the database loses nothing written.

An environment variable and no line of attribution.toml: settings are copied into each version of the analytics data, and the
address of a Postgres server holds its password.
"""

from __future__ import annotations

import os
from pathlib import Path

from attribution.errors import StoreError

VARIABLE = "CLOSED_LOOP_STORE"
ENDING = ".store.sqlite"
_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")


def store_url(database: Path | str = "build", said: str | None = None) -> str:
    """The URL of the store that goes with a database: what was said, else CLOSED_LOOP_STORE, else ``<database>.store.sqlite`` beside it.

    ``said`` may be a path or a URL (sqlite or postgresql). Raises StoreError for another kind of URL.
    """
    asked = (said or os.environ.get(VARIABLE) or "").strip()
    if not asked:
        database = Path(database).absolute()
        return sqlite_url(database.with_name(database.name.removesuffix(".duckdb") + ENDING))
    if "://" not in asked:
        return sqlite_url(Path(asked).expanduser().absolute())
    kind, rest = asked.split("://", 1)
    if kind in _SERVERS:
        return f"postgresql+psycopg://{rest}"
    if kind == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return asked
    raise StoreError(
        f"{VARIABLE}: a store cannot be of the kind {kind!r}. Write a file (store.sqlite), sqlite:///store.sqlite, or a Postgres server: "
        "postgresql://user:password@host/name."
    )


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path}"
