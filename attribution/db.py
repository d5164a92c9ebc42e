"""The only place that imports duckdb: connections, the versions of a database and its CURRENT pointer, running .sql files.

A database is a folder (``build/`` by default) with one file per version and a text file ``CURRENT`` that names the one in
service, or a single file ending in ``.duckdb``. A new version is written beside the old one, verified, and only then
named by ``CURRENT`` with one atomic rename; readers keep the version they opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from attribution.errors import DatabaseError

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error

CURRENT = "CURRENT"
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")

SCHEMAS = ("raw", "config", "staging", "identity", "touches", "journeys", "credits", "marts", "checks")

# What differs between SQL dialects, in one place: a UTC timestamp as microseconds since 1970, the calendar day it falls on
# in a time zone, an address without what does not tell pages apart, and money in another currency (exact integer arithmetic, rounded half-up to the cent once).
MACROS = """
create or replace macro to_us(moment) as epoch_us(moment);
create or replace macro from_us(moment_us) as make_timestamp(moment_us);
create or replace macro to_local_date(moment, time_zone) as
    case when time_zone = 'UTC' then cast(moment as date) else cast(timezone(time_zone, timezone('UTC', moment)) as date) end;
create or replace macro bare_address(url) as
    rtrim(regexp_replace(regexp_replace(url, '^([A-Za-z][A-Za-z0-9+.-]*:)?//', ''), '[?#].*$', ''), '/');
create or replace macro normalised_address(url) as
    regexp_replace(lower(split_part(bare_address(url), '/', 1)), '^www[.]', '')
    || substr(bare_address(url), length(split_part(bare_address(url), '/', 1)) + 1);
create or replace macro to_units(rate) as cast(rate * 10000000000 as hugeint);
create or replace macro convert_money(amount, source_units, target_units) as
    case
        when source_units = target_units then cast(amount as decimal(18, 2))
        else cast(
            sign(amount) * cast(
                (2 * cast(abs(amount) * 100 as hugeint) * target_units + source_units) // (2 * source_units) as decimal(20, 0)
            ) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
        )
    end;
"""


def connect(path: Path | str = ":memory:", read_only: bool = False) -> Connection:
    """Open a DuckDB file (or memory) in UTC, with the shims that the .sql files use.

    Raises DatabaseError where the file is missing, damaged or locked by another process.
    """
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        if not read_only:
            connection.execute(MACROS)
    except duckdb.Error as error:
        raise DatabaseError(
            f"{path}: cannot be opened as a database ({str(error).splitlines()[0]}). "
            "If another build is running, wait for it; otherwise build it anew: python -m attribution build --db DATABASE."
        ) from error
    return connection


def create_schemas(connection: Connection) -> None:
    """Create the schemas of all layers."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")


def quoted(path: Path | str) -> str:
    """A path as a SQL string literal (ATTACH and COPY take no parameters)."""
    return "'" + str(path).replace("'", "''") + "'"


def create_relation(connection: Connection, schema: str, name: str, statement: str, is_view: bool = False) -> None:
    """Create a table (or view) from a SELECT. Schema and name are the registry's own, never user data."""
    _check_identifiers(schema, name)
    connection.execute(f"create or replace {'view' if is_view else 'table'} {schema}.{name} as\n{statement}")


def write_rows(connection: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Create a small table ``schema.name`` from Python rows. ``columns``: name → SQL type."""
    _check_identifiers(*table.split("."), *columns)
    connection.execute(f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if rows:
        connection.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)


def _check_identifiers(*names: str) -> None:
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} is no identifier of ours")


@contextmanager
def attached(connection: Connection, path: Path, name: str) -> Iterator[None]:
    """Attach another database file read-only under ``name`` for the length of a block."""
    _check_identifiers(name)
    connection.execute(f"attach {quoted(path)} as {name} (read_only)")
    try:
        yield
    finally:
        connection.execute(f"detach {name}")


def mirror(connection: Connection, catalog: str, schema: str) -> None:
    """Make every table and view of an attached database's schema visible under the same name here."""
    _check_identifiers(catalog, schema)
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by table_name",
        [catalog, schema],
    ).fetchall()
    for (name,) in names:
        _check_identifiers(name)
        connection.execute(f"create or replace view {schema}.{name} as select * from {catalog}.{schema}.{name}")


def damaged(path: Path) -> DatabaseError:
    """The error for a file that opens but is no complete version of ours."""
    return DatabaseError(
        f"{path}: this is not a complete Closed Loop database. Build one: python -m attribution build --db DATABASE."
    )


def is_single_file(database: Path) -> bool:
    """Whether a database is one ``.duckdb`` file instead of a folder of versions."""
    return database.suffix == ".duckdb"


def current_path(database: Path) -> Path:
    """The file of the version in service; the newest one where CURRENT points to nothing. Raises DatabaseError where there is none."""
    return readable_paths(database)[0]


def readable_paths(database: Path) -> list[Path]:
    """The version in service, then the others, newest first: what to try when the first turns out to be damaged.

    Raises DatabaseError where there is none.
    """
    if is_single_file(database):
        if database.is_file():
            return [database]
        raise DatabaseError(f"{database}: there is no such database. Build it: python -m attribution build --db {database}")
    versions = list(reversed(_versions(database)))
    if not versions:
        raise DatabaseError(f"{database}: there is no database here yet. Build it: python -m attribution build --db {database}")
    try:
        named = database / (database / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return versions
    return [named, *(path for path in versions if path != named)] if named in versions else versions


def _versions(database: Path) -> list[Path]:
    """All version files of a folder, oldest first (their names sort by time)."""
    return sorted(database.glob("data-*.duckdb")) if database.is_dir() else []


@dataclass(frozen=True)
class Draft:
    """A version being written: its file is not in service until ``put_into_service``."""

    database: Path
    version: str
    path: Path
    built_at: datetime
    previous: Path | None

    def put_into_service(self, keep_versions: int) -> Path:
        """Name the draft the version in service (one atomic rename), remove versions older than the newest few, return its file."""
        if is_single_file(self.database):
            self.path.replace(self.database)
            return self.database
        final = self.database / f"data-{self.version}.duckdb"
        self.path.replace(final)
        pointer = self.database / f"{CURRENT}.new"
        pointer.write_text(final.name + "\n", encoding="utf-8")
        pointer.replace(self.database / CURRENT)
        for old in _versions(self.database)[:-keep_versions]:
            if old != final:
                old.unlink(missing_ok=True)
        return final


def _refuse_foreign_file(database: Path) -> None:
    """A build replaces its file: never one that is not ours. Raises DatabaseError."""
    if not is_single_file(database) or not database.exists() or database.stat().st_size == 0:
        return
    try:
        connection = connect(database, read_only=True)
        try:
            connection.execute("select version from config.build").fetchall()
        finally:
            connection.close()
    except (DatabaseError, Error) as error:
        raise DatabaseError(
            f"{database}: this file is there already and is no Closed Loop database, so it is not overwritten. "
            "Choose another name with --db, or move the file away."
        ) from error


@contextmanager
def building(database: Path) -> Iterator[Draft]:
    """Hold the build's lock and hand out a draft; the draft's file is removed if it was not put into service.

    Raises DatabaseError where another build holds the lock or the folder cannot be written.
    """
    folder = database.parent if is_single_file(database) else database
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".{database.name}.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise DatabaseError(
            f"{database}: another build is running on this database. Wait until it has finished, then try again."
        ) from error
    except OSError as error:
        raise DatabaseError(
            f"{database}: cannot be written ({error.strerror or error}). Choose another place with --db, or change the folder's permissions."
        ) from error
    try:
        for litter in folder.glob(f".{database.name}-draft-*"):
            litter.unlink(missing_ok=True)
        _refuse_foreign_file(database)
        built_at = datetime.now(UTC).replace(tzinfo=None)
        version = built_at.strftime("%Y%m%dT%H%M%S%fZ")
        path = folder / f".{database.name}-draft-{version}.duckdb"
        try:
            previous: Path | None = current_path(database)
        except DatabaseError:
            previous = None
        try:
            yield Draft(database, version, path, built_at, previous)
        finally:
            path.unlink(missing_ok=True)
            path.with_name(path.name + ".wal").unlink(missing_ok=True)
    finally:
        lock.release()
