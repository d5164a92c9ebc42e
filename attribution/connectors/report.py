"""What the loader says about itself: raw.load_report, raw.quarantine, raw.notices, and the files and superseded rows behind them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from attribution import db
from attribution.connectors.plan import Notice

_TABLES = """
create schema if not exists raw;
create or replace table raw.load_report (
    table_name varchar, block bigint, file varchar, rows_in bigint, left_out bigint, loaded bigint, duplicates bigint,
    conflicting_duplicates bigint, quarantined bigint, short_rows bigint, detected varchar
);
create or replace table raw.quarantine (
    table_name varchar, block bigint, file varchar, line bigint, column_name varchar, value varchar, reason varchar, record varchar
);
create or replace table raw.notices (severity varchar, table_name varchar, column_name varchar, message varchar, row_count bigint);
create or replace table raw.loaded_files (
    table_name varchar, block bigint, block_words varchar, file varchar, place bigint, bytes bigint, sha256 varchar, found varchar
);
create or replace table raw.superseded_rows (
    table_name varchar, file varchar, key_hash ubigint, content_hash ubigint, is_conflicting boolean
);
"""
# Of a table of millions of rows a hash in text form is all that is compared between two builds.
REPORTS = ("load_report", "quarantine", "notices", "loaded_files", "superseded_rows")


@dataclass
class Line:
    """One line of the load report: what became of the rows of one file in one block; ``place`` of the file among those of the table."""

    table: str
    block: int
    file: str
    rows_in: int = 0
    left_out: int = 0
    loaded: int = 0
    duplicates: int = 0
    conflicting_duplicates: int = 0
    quarantined: int = 0
    short_rows: int = 0
    detected: dict[str, object] = field(default_factory=dict)
    place: int = 0

    def sentence(self) -> str:
        """Return the line as printed during a build."""
        words = (
            f"{self.table} ← {self.file}: {self.rows_in:,} rows in = {self.left_out:,} left out + {self.loaded:,} loaded + "
            f"{self.duplicates:,} duplicates + {self.quarantined:,} quarantined"
        )
        found = ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in self.detected.items())
        return words + (f" ({found})" if found else "")


def create_tables(connection: db.Connection) -> None:
    """Create these tables anew, empty."""
    connection.execute(_TABLES)


def write_lines(connection: db.Connection, lines: Iterable[Line]) -> None:
    """Add lines to the load report."""
    for line in lines:
        connection.execute(
            "insert into raw.load_report values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                line.table,
                line.block,
                line.file,
                line.rows_in,
                line.left_out,
                line.loaded,
                line.duplicates,
                line.conflicting_duplicates,
                line.quarantined,
                line.short_rows,
                json.dumps(line.detected, ensure_ascii=False, sort_keys=True),
            ],
        )


def read_lines(connection: db.Connection, catalog: str) -> list[Line]:
    """Return the lines of a database's load report."""
    rows = connection.execute(
        "select table_name, block, file, rows_in, left_out, loaded, duplicates, conflicting_duplicates, quarantined, short_rows, detected "
        f"from {catalog}.raw.load_report"
    ).fetchall()
    lines = []
    for *counts, detected in rows:
        line = Line(*counts)
        line.detected = json.loads(detected)
        lines.append(line)
    return lines


def write_notices(connection: db.Connection, notices: Iterable[Notice]) -> None:
    """Add notices."""
    for notice in notices:
        values = [notice.severity, notice.table, notice.column, notice.message, notice.rows]
        connection.execute("insert into raw.notices values (?, ?, ?, ?, ?)", values)
