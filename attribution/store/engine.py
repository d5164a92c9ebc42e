"""Connections to the store: SQLite (one file, write-ahead log) or Postgres, and what may go wrong with either, in words."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from attribution.errors import StoreError

WAIT_SECONDS = 5  # for somebody else's save: each takes milliseconds
WRITES = "closed_loop_writes"  # an execution option: this transaction will write


def make_engine(url: str, read_only: bool = False) -> Engine:
    """An engine for a store's URL; nothing is opened yet. ``read_only``: SQLite files are opened so that nothing is written beside them.

    Raises StoreError for a URL that cannot be read, or where the driver for Postgres is missing.
    """
    try:
        parsed = _parsed(url)
    except SQLAlchemyError as error:
        raise StoreError(
            "CLOSED_LOOP_STORE: this is no address of a store. Write postgresql://user:password@host/name."
        ) from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, read_only)
    try:
        engine = create_engine(parsed, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": WAIT_SECONDS})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            f"{place_words(parsed)}: the driver for Postgres is not installed. Install it: pip install 'psycopg[binary]', then start again."
        ) from error

    @event.listens_for(engine, "begin")
    def _wait_briefly(connection: Connection) -> None:
        connection.exec_driver_sql(f"set local lock_timeout = '{WAIT_SECONDS}s'")

    return engine


def _parsed(url: URL | str) -> URL:
    try:
        return make_url(url)
    except (SQLAlchemyError, ValueError) as error:
        raise StoreError(
            "CLOSED_LOOP_STORE: this is no address of a store. Write postgresql://user:password@host/name; in a password, @ is %40, : is %3A "
            "and / is %2F."
        ) from error


def _sqlite(url: URL, read_only: bool) -> Engine:
    path = file_of(url)
    assert path is not None

    def connect() -> sqlite3.Connection:
        # autocommit is left to SQLAlchemy, so that DDL of a migration is inside its transaction as well
        if not read_only:
            connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            connection.execute("pragma foreign_keys = on")
            return connection
        # a write-ahead log asks for files beside the store; where none can be made, nobody writes, and the file alone is the whole truth
        log = path.with_name(path.name + "-wal")
        mode = "mode=ro" if may_write(path.parent) or (log.exists() and log.stat().st_size) else "mode=ro&immutable=1"
        return sqlite3.connect(
            f"{path.as_uri()}?{mode}", uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )

    # A connection per piece of work costs 0.2 ms, and a file that was replaced is never written under its old name.
    engine = create_engine(url, creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


def may_write(path: Path) -> bool:
    """Whether this process, with the rights it has now, may write a file or into a folder."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers of an SQLite file never wait for who writes. It stays so for the file; call it while nobody else uses it."""
    with in_words(engine):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("pragma journal_mode = wal")
        finally:
            connection.close()


def file_of(url: URL | str) -> Path | None:
    """The file of an SQLite store; None for a server."""
    parsed = _parsed(url)
    return Path(parsed.database).absolute() if parsed.get_backend_name() == "sqlite" and parsed.database else None


def place_words(url: URL | str) -> str:
    """Where a store is, for people: its file, or the server without the password."""
    parsed = _parsed(url)
    path = file_of(parsed)
    if path is not None:
        return str(path)
    return f"Postgres {parsed.host or 'localhost'}{f':{parsed.port}' if parsed.port else ''}/{parsed.database or ''}"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that reads one state of the store. Raises StoreError in words."""
    with in_words(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all of it happens, or nothing. Raises StoreError in words."""
    with in_words(engine), engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """Let errors of the store's engine come out as StoreError that says where, what and what next."""
    place = place_words(engine.url)
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{place}: {_words(error)}") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"{place}: the store failed ({_short(error)}). {SAFE}") from error


SAFE = "The figures are not touched by this."
# What the engine says (a pattern over it) → what it means and what to do. The first that fits.
_MEANINGS = (
    (r"not a database|malformed|disk image|corrupt",
     "the store is damaged. Put a copy from your backup in its place; or move the file away, and the next start makes an empty one."),
    (r"database is locked|lock timeout|locknotavailable",
     f"somebody else has been writing for more than {WAIT_SECONDS} seconds. Nothing was saved; try again."),
    (r"disk is full|no space left|disk full", "the disk is full. Nothing was saved; free some space, then try again."),
    (r"readonly|read-only|unable to open|permission denied",
     "the store cannot be written. Change the permissions of the file and its folder, or name another place with CLOSED_LOOP_STORE."),
    (r'database ".*" does not exist', "the server has no such database. Make it (createdb NAME), or mend CLOSED_LOOP_STORE."),
    (r"no such table|undefinedtable",
     "the store lacks a table. Restart the app, which makes what is missing; where that does not help, restore a backup."),
    (r'authentication failed|no password supplied|role ".*" does not exist', "the server refuses the user or the password in CLOSED_LOOP_STORE."),
    (r"connection refused|could not translate|timeout expired|connection failed|server closed|not known|failed to resolve",
     "the server does not answer. Start it, or mend CLOSED_LOOP_STORE."),
)  # fmt: skip


def _words(error: DBAPIError) -> str:
    said = f"{type(error.orig).__name__} {error.orig}".lower()
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, said):
            return f"{meaning} {SAFE}"
    what = "cannot be reached" if isinstance(error, OperationalError) else "failed"
    return f"the store {what} ({_short(error.orig or error)}). {SAFE}"


def _short(error: Any) -> str:
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first[:160]
