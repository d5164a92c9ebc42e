"""The only place that imports duckdb: connections, drafts of new versions, running .sql files.

A new version is written beside the old one, verified, and only then named by ``CURRENT`` with one atomic rename; readers keep
the version they opened. Which files there are and which may go: versions.py; who is at work on them: leases.py.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from attribution.errors import DatabaseError
from attribution.leases import Lease as Lease
from attribution.leases import build_lock, cannot_be_written
from attribution.leases import lease as lease
from attribution.versions import CURRENT as CURRENT
from attribution.versions import Version as Version
from attribution.versions import current_path as current_path
from attribution.versions import (
    find_version,
    put_into_service,
    remove_companions,
    remove_drafts,
    remove_old,
    version_before,
    version_file,
)
from attribution.versions import in_service as in_service
from attribution.versions import is_single_file as is_single_file
from attribution.versions import is_version_file as is_version_file
from attribution.versions import lost_pointer as lost_pointer
from attribution.versions import pin as pin
from attribution.versions import pins as pins
from attribution.versions import readable_paths as readable_paths
from attribution.versions import unpin as unpin
from attribution.versions import versions as versions

Connection = duckdb.DuckDBPyConnection
Statement = duckdb.Statement
ENGINE = str(duckdb.__version__)
Error = duckdb.Error

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# Linux: let one file share the blocks of another (linux/fs.h).
_FICLONE = 0x40049409
# DuckDB writes three headers of 4096 bytes before the first block.
_FILE_HEADERS = 3 * 4096
_ROWS_AT_ONCE = 500
# How millions of ids that hardly repeat are stored. By itself DuckDB keeps a dictionary of all texts: for such ids that costs twice
# the time to write, and one row cannot be read without decoding the dictionary of its block; it is a third smaller.
ID = "varchar using compression zstd"
# How ids are stored that pages search and group by among millions: packed they are a sixth smaller or more, but reading them takes up to half
# as long again, and writing a fifth.
SEARCHED_ID = "varchar using compression uncompressed"
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")

SCHEMAS = ("raw", "config", "staging", "identity", "touches", "journeys", "credits", "marts", "checks")

# What differs between SQL dialects, in one place: a UTC timestamp as microseconds since 1970, the calendar day it falls on
# in a time zone (and the days near which its clocks are not changed, with how far they are ahead: asking the zone's rules for every
# touch would take a tenth of a build), an address without what does not tell pages apart, and money in another currency (exact
# integer arithmetic, rounded half-up to the cent once).
MACROS = """
create or replace macro to_us(moment) as epoch_us(moment);
create or replace macro from_us(moment_us) as make_timestamp(moment_us);
create or replace macro to_local_date(moment, time_zone) as
    case when time_zone = 'UTC' then cast(moment as date) else cast(timezone(time_zone, make_timestamptz(epoch_us(moment))) as date) end;
create or replace macro ahead_of_utc(moment, time_zone) as epoch_us(timezone(time_zone, make_timestamptz(epoch_us(moment)))) - epoch_us(moment);
create or replace macro steady_days(time_zone) as table
    select cast(day as date) as day, ahead_of_utc(day, time_zone) as ahead_us
    from range(timestamp '2000-01-01', timestamp '2050-01-01', interval 1 day) as days(day)
    where ahead_of_utc(day - interval 1 day, time_zone) = ahead_of_utc(day + interval 2 days, time_zone);
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
        if read_only and isinstance(path, Path):
            _refuse_truncated(connection, path)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        if not read_only:
            connection.execute(MACROS)
    except duckdb.Error as error:
        raise _unopened(path, error) from error
    return connection


def _unopened(path: Path | str, error: Error) -> DatabaseError:
    return DatabaseError(
        f"{path}: cannot be opened as a database ({str(error).splitlines()[0]}). "
        "If another build is running, wait for it; otherwise build it anew: python -m attribution build --db DATABASE."
    )


def _refuse_truncated(connection: Connection, path: Path) -> None:
    """A file that lost its end opens as long as its catalog lies before it: compare its length with what its header says."""
    if path.stat().st_size < _stated_size(connection):
        connection.close()
        raise duckdb.IOException("the file is shorter than it was when it was written")


def _stated_size(connection: Connection) -> int:
    """How long a file has to be for all blocks that its header counts."""
    row = connection.execute("select sum(block_size * total_blocks) + ? from pragma_database_size()", [_FILE_HEADERS]).fetchone()
    return int(row[0]) if row else 0


def _fill_up(path: Path) -> None:
    """Give a finished file the length that its header states. DuckDB cuts free blocks off the end after it has counted them; such a
    file could not be told from one that lost its end."""
    connection = connect(str(path), read_only=True)
    try:
        stated = _stated_size(connection)
    finally:
        connection.close()
    if path.stat().st_size < stated:
        os.truncate(path, stated)


def create_schemas(connection: Connection) -> None:
    """Create the schemas of all layers."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")


def quoted(path: Path | str) -> str:
    """A path as a SQL string literal (ATTACH and COPY take no parameters)."""
    return "'" + str(path).replace("'", "''") + "'"


def create_relation(
    connection: Connection,
    schema: str,
    name: str,
    statement: str,
    is_view: bool = False,
    ids: Mapping[str, str] | None = None,
    key: str = "",
) -> None:
    """Create a table (or view) from a SELECT. Schema and name are the registry's own, never user data. ``ids``: columns of type ID or
    SEARCHED_ID; ``key``: the column that gets an index."""
    _check_identifiers(schema, name)
    if not ids:
        connection.execute(f"create or replace {'view' if is_view else 'table'} {schema}.{name} as\n{statement}")
        if key:
            connection.execute(f"create index {name}_{key} on {schema}.{name} ({key})")
        return
    columns = connection.execute(f"describe\n{statement}").fetchall()
    listed = ", ".join(f"{column} {ids.get(column, kind)}" for column, kind, *_ in columns)
    connection.execute(f"create or replace table {schema}.{name} ({listed})")
    connection.execute(f"insert into {schema}.{name}\n{statement}")


def scratch_beside(connection: Connection) -> tuple[str | None, str]:
    """(folder, first part of the name) for temporary files of whoever fills this connection: beside its file, so that they go with a killed build's draft."""
    row = connection.execute(
        "select path from duckdb_databases() where path is not null order by database_name = current_database() desc, database_name limit 1"
    ).fetchone()
    return (str(Path(row[0]).parent), f"{Path(row[0]).name}-") if row and row[0] else (None, "closed-loop-")


def write_rows(connection: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Create a small table ``schema.name`` from Python rows. ``columns``: name → SQL type."""
    _check_identifiers(*table.split("."), *columns)
    connection.execute(f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    for start in range(0, len(rows), _ROWS_AT_ONCE):  # a statement for each row would take a hundred times longer
        some = rows[start : start + _ROWS_AT_ONCE]
        places = ", ".join([f"({', '.join('?' * len(columns))})"] * len(some))
        connection.execute(f"insert into {table} values {places}", [value for row in some for value in row])


def asking(connection: Connection) -> Callable[[str, Sequence[Any]], Mapping[str, Any]]:
    """How to ask this connection: statement and parameters → one numpy array per column."""

    def ask(sql: str, parameters: Sequence[Any] = ()) -> Mapping[str, Any]:
        return connection.execute(sql, list(parameters)).fetchnumpy()

    return ask


def write_columns(connection: Connection, table: str, columns: Mapping[str, tuple[str, list[Any]]]) -> None:
    """Create a table ``schema.name`` from whole columns, which is quick for many rows. ``columns``: name → (SQL type, values)."""
    _check_identifiers(*table.split("."), *columns)
    parts = ", ".join(f"unnest(cast(? as {kind}[])) as {name}" for name, (kind, _) in columns.items())
    connection.execute(f"create or replace table {table} as select {parts}", [values for _, values in columns.values()])


def _check_identifiers(*names: str) -> None:
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name!r} is no identifier of ours")


def open_as(path: Path, name: str) -> Connection:
    """A connection of its own to a file, attached read-only under ``name``. Raises DatabaseError.

    Whoever opens the same path twice in one process gets the file that was there the first time, whatever has replaced it since;
    an attached file is the one that is there now.
    """
    _check_identifiers(name)
    connection = connect()
    try:
        connection.execute(f"attach {quoted(path)} as {name} (read_only)")
    except duckdb.Error as error:
        raise _unopened(path, error) from error
    return connection


@contextmanager
def attached(connection: Connection, path: Path, name: str, writable: bool = False) -> Iterator[None]:
    """Attach another database file under ``name`` for the length of a block, read-only unless it is a draft to be written.

    A draft needs no log of what is written: if its build breaks off, it is thrown away.
    """
    _check_identifiers(name)
    connection.execute(f"attach {quoted(path)} as {name} ({'recovery_mode no_wal_writes' if writable else 'read_only'})")
    try:
        yield
    finally:
        connection.execute(f"detach {name}")


@contextmanager
def within(connection: Connection, name: str) -> Iterator[None]:
    """Let names mean the tables of an attached database for the length of a block, then those in memory again."""
    _check_identifiers(name)
    connection.execute(f"use {name}")
    try:
        yield
    finally:
        connection.execute("use memory")


def copy_version(source: Path, target: Path) -> None:
    """Copy a version's file; where the file system can, the copy shares its blocks until they are written. Raises DatabaseError or OSError."""
    connect(source, read_only=True).close()  # refuses a file that lost its end
    with source.open("rb") as read, target.open("wb") as written:
        try:
            fcntl.ioctl(written.fileno(), _FICLONE, read.fileno())
            return
        except (OSError, AttributeError):  # another file system, or another system
            pass
    shutil.copyfile(source, target)


def mirror(connection: Connection, catalog: str, schema: str) -> None:
    """Make every table and view of an attached database's schema visible under the same name here."""
    _check_identifiers(catalog, schema)
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by table_name",
        [catalog, schema],
    ).fetchall()
    for (name,) in names:
        mirror_table(connection, catalog, f"{schema}.{name}", f"{schema}.{name}")


def mirror_table(connection: Connection, catalog: str, name: str, shown_as: str) -> None:
    """Make one table ``schema.name`` of an attached database visible here, under the same name or another."""
    _check_identifiers(*name.split("."), *shown_as.split("."))
    connection.execute(f"create or replace view {shown_as} as select * from {catalog}.{name}")


def gone(path: Path) -> DatabaseError:
    """The error for a version whose file is not there (any more)."""
    return DatabaseError(f"{path}: there is no such file; a later build has removed this version. Open the database anew.")


def damaged(path: Path) -> DatabaseError:
    """The error for a file that opens but is no complete version of ours."""
    return DatabaseError(
        f"{path}: this is not a complete Closed Loop database. Build one: python -m attribution build --db DATABASE."
    )


@dataclass(frozen=True)
class Draft:
    """A version being written: its file is not in service until ``put_into_service``."""

    database: Path
    version: str
    path: Path
    built_at: datetime
    previous: Path | None

    def put_into_service(self, keep_versions: int) -> Path:
        """Name the draft the version in service (one atomic rename), remove what nobody needs any more, return its file.

        Raises DatabaseError where the disk does not take it; the version before then serves on.
        """
        try:
            _fill_up(self.path)
            if is_single_file(self.database):
                self.path.replace(self.database)
                return self.database
            final = version_file(self.database, self.version)
            self.path.replace(final)
            try:
                put_into_service(self.database, final)
            except OSError:
                final.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise cannot_be_written(self.database, error) from error
        remove_old(self.database, keep_versions)
        return final

    def discard(self) -> None:
        """Remove what was written to the draft so far: it will be written anew."""
        self.path.unlink(missing_ok=True)
        remove_companions(self.path)


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

    Raises DatabaseError where another build holds the lock, the folder cannot be written, or the disk is full.
    """
    folder = database.parent if is_single_file(database) else database
    with build_lock(folder, database):
        remove_drafts(folder, database)
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
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise cannot_be_written(database, error) from error
        finally:
            remove_drafts(folder, database)


def roll_back(database: Path, version: str | None) -> Version:
    """Put an earlier version into service: the one named, else the newest one older than the one that serves. Return it.

    Raises DatabaseError for a name that is not there, and for a version that cannot be read from the first byte to the last.
    """
    with build_lock(database, database) if versions(database) else nullcontext():
        target = find_version(database, version) if version else version_before(database)
        try:
            read_all(target.path)
        except (DatabaseError, Error) as error:
            what = str(error.__cause__ or error).splitlines()[0]
            others = ", ".join(other.name for other in versions(database) if other.name != target.name)
            raise DatabaseError(
                f"{target.path}: this version is damaged ({what}), so it was not put into service. "
                f"Name another one: {others or 'there is none, so build anew'}."
            ) from error
        try:
            put_into_service(database, target.path)
        except OSError as error:
            raise cannot_be_written(database, error) from error
    return replace(target, in_service=True)


def read_all(path: Path) -> None:
    """Read every value of a version's file, so that DuckDB compares each block with its checksum. Raises an Error or DatabaseError."""
    connection = connect(path, read_only=True)
    try:
        connection.execute("select version from config.build").fetchall()
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
        for schema, name in tables:
            _check_identifiers(schema, name)
            connection.execute(f"select bit_xor(hash(every_column)) from {schema}.{name} as every_column").fetchall()
    finally:
        connection.close()
