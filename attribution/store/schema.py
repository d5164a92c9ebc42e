"""The tables of a store, brought up to date when it is opened: one process at a time, whole or not at all.

SQLite: a lock file beside the store, and one transaction. Postgres: an advisory lock inside the transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, inspect, text

from attribution.errors import StoreError
from attribution.store.engine import file_of, place_words, reading, use_write_ahead_log, writing

VERSION_TABLE = "store_version"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_KEY = 0x436C6F70  # any number that nobody else takes in this database
_WAIT_SECONDS = 60
_ONE_THREAD = threading.Lock()  # Alembic keeps what it works on in module globals


def up_to_date(engine: Engine, migrations: Path = MIGRATIONS) -> bool:
    """Whether the tables are those of this program. Raises StoreError for a store of a newer program, or of another one."""
    with reading(engine) as connection:
        return _at(connection) == _head_checked(connection, migrations)


def migrate(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Bring the tables to what this program needs. Raises StoreError; the store is unchanged then."""
    with _alone(engine):
        if engine.dialect.name == "sqlite":
            use_write_ahead_log(engine)
        _upgrade(engine, migrations)


def _upgrade(engine: Engine, migrations: Path) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        if _at(connection) != _head_checked(connection, migrations):
            config = _config(migrations)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _head_checked(connection: Connection, migrations: Path) -> str:
    """The newest revision that this program knows, if the store is not beyond it and nobody else's."""
    script = ScriptDirectory.from_config(_config(migrations))
    at, head = _at(connection), str(script.get_current_head())
    place = place_words(connection.engine.url)
    if at is not None and at not in {revision.revision for revision in script.walk_revisions()}:
        raise StoreError(
            f"{place}: the store was written by a newer Closed Loop (its tables are at {at[:40]!r}, this program knows them up to {head!r}). "
            "Update the program; or name another store with CLOSED_LOOP_STORE. Nothing was changed."
        )
    if at is None and (strangers := inspect(connection).get_table_names()):
        raise StoreError(
            f"{place}: there are tables in it that are not Closed Loop's ({', '.join(sorted(strangers)[:3])}). Name a database of its own with "
            "CLOSED_LOOP_STORE. Nothing was changed."
        )
    return head


def _at(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Only one thread and, for a file, one process changes tables."""
    path = file_of(engine.url)
    with _ONE_THREAD:
        if path is None:
            yield
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_SECONDS)
            lock.acquire()
        except Timeout as error:
            raise StoreError(
                f"{path}: another process has been changing its tables for a minute. Wait, then try again."
            ) from error
        except OSError as error:
            raise StoreError(
                f"{path}: the store cannot be written ({error.strerror or error}). Change the permissions of its folder, or name another place "
                "with CLOSED_LOOP_STORE. The figures are not touched by this."
            ) from error
        try:
            yield
        finally:
            lock.release()
