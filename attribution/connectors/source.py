"""A file that has been opened: a DuckDB relation of its rows with line numbers, and what was found out about it.

Every reader (text, JSON lines, XLSX, Parquet) returns a ``Source``. Its relation has ``source_row`` (where the record starts in the
file) and the columns ``c0, c1, …``; the names in the file are in ``columns``. Rows that have no readable shape at all are in ``rejected``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from attribution import db
from attribution.connectors.quoting import identifier

if TYPE_CHECKING:
    import pyarrow as pa

# A chunk of rows held in memory before it goes to DuckDB: bounded by cells here, by characters where the reader counts them.
CELLS_PER_CHUNK = 1_500_000
MOST_ROWS_PER_CHUNK = 100_000
_numbers = count(1)


@dataclass(frozen=True)
class SourceColumn:
    """A column of a file: its name there, its name in the relation, and its DuckDB type."""

    name: str
    identifier: str
    type: str


@dataclass
class Source:
    """An opened file. ``rejected`` is a table (source_row, problem, value, c0, c1 …) or None; ``dot_decimals``: numbers carry their type; ``header``: the
    names of all columns, where only some were kept."""

    file: str
    kind: str
    relation: str
    columns: tuple[SourceColumn, ...]
    rows_in: int
    rejected: str | None = None
    rejected_rows: int = 0
    short_rows: int = 0
    dot_decimals: bool = False
    detected: dict[str, object] = field(default_factory=dict)
    remarks: list[tuple[str, int]] = field(default_factory=list)
    tables: tuple[str, ...] = ()
    header: tuple[str, ...] = ()

    def find(self, name: str) -> SourceColumn | None:
        """Return the column of that name: as written, else the same but for case and surrounding blanks."""
        for column in self.columns:
            if column.name == name:
                return column
        wanted = name.strip().casefold()
        return next((column for column in self.columns if column.name.strip().casefold() == wanted), None)

    def close(self, connection: db.Connection) -> None:
        """Drop the tables this file was read into."""
        for name in self.tables:
            connection.execute(f"drop table if exists {name}")


def fold(name: str) -> str:
    """Return a column name as canonical files may write it: any case, blanks or hyphens for underscores."""
    return re.sub(r"[\s\-]+", "_", name.strip().strip("\ufeff").casefold())


def unique_names(names: Sequence[str]) -> list[str]:
    """Return header names that differ in any case: a name that occurs twice becomes ``amount (1)``, ``amount (2)``; a blank one ``column 5``."""
    trimmed = [name.strip().strip("\ufeff").strip() or f"column {index}" for index, name in enumerate(names, 1)]
    occurrences: dict[str, int] = {}
    for name in trimmed:
        occurrences[name.casefold()] = occurrences.get(name.casefold(), 0) + 1
    taken = {name.casefold() for name in trimmed}
    seen: dict[str, int] = {}
    result = []
    for name in trimmed:
        key = name.casefold()
        if occurrences[key] > 1:
            while True:
                seen[key] = seen.get(key, 0) + 1
                candidate = f"{name} ({seen[key]})"
                if candidate.casefold() not in taken:
                    break
            taken.add(candidate.casefold())
            name = candidate
        result.append(name)
    return result


def storable(text: str) -> bool:
    """Return whether the text is valid Unicode (bytes that could not be decoded are not)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class TextTable:
    """Rows of text on their way into DuckDB: good ones into one temporary table, unreadable ones into another, chunk by chunk."""

    def __init__(self, connection: db.Connection, names: Sequence[str], keep: Sequence[int] | None = None) -> None:
        number = next(_numbers)
        self.connection = connection
        self.names = list(names)
        self.keep = list(range(len(names))) if keep is None else list(keep)
        self.rows_name = f"temp.main.source_{number}"
        self.rejected_name = f"temp.main.rejected_{number}"
        self.rejected_rows = 0
        self.rows_in = 0
        self._rows_per_chunk = min(MOST_ROWS_PER_CHUNK, CELLS_PER_CHUNK // max(1, len(self.names)) + 1)
        self._rows: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._rejected: list[tuple[int, str, str, Sequence[str | None]]] = []
        columns = "".join(f", c{index} varchar" for index in self.keep)
        connection.execute(f"create or replace temp table source_{number} (source_row bigint{columns})")
        connection.execute(
            f"create or replace temp table rejected_{number} (source_row bigint, problem varchar, value varchar{columns})"
        )

    def add(self, line: int, fields: Sequence[str | None]) -> None:
        """Add a row that has one field per name."""
        self._rows.append(fields)
        self._lines.append(line)
        if len(self._rows) >= self._rows_per_chunk:
            self.flush()

    def reject(self, line: int, problem: str, value: str, fields: Sequence[str | None]) -> None:
        """Add a row that cannot be read as one, with the reason and the text in question."""
        self._rejected.append((line, problem, value, fields))
        if len(self._rejected) >= self._rows_per_chunk:
            self.flush()

    def widen(self, name: str) -> None:
        """Add a column that turned up after the first rows."""
        self.flush()
        self.keep.append(len(self.names))
        for table in (self.rows_name, self.rejected_name):
            self.connection.execute(f"alter table {table} add column c{len(self.names)} varchar")
        self.names.append(name)

    def finish(self, file: str, kind: str) -> Source:
        """Write what is left and return the opened file."""
        self.flush()
        columns = tuple(SourceColumn(self.names[index], f"c{index}", "VARCHAR") for index in self.keep)
        return Source(
            file,
            kind,
            self.rows_name,
            columns,
            self.rows_in,
            rejected=self.rejected_name,
            rejected_rows=self.rejected_rows,
            tables=(self.rows_name, self.rejected_name),
        )

    def flush(self) -> None:
        """Write the rows held in memory."""
        import pyarrow as pa  # only text files and sheets need it

        if self._rows:
            self.rows_in += len(self._rows)
            arrays = [pa.array(self._lines, pa.int64())]
            by_column: list[Sequence[str | None]] = list(zip(*self._rows, strict=True)) if self.names else []
            try:
                arrays += [pa.array(by_column[index], pa.string()) for index in self.keep]
            except UnicodeEncodeError:
                self._split_off_undecodable()
                return
            self._insert(self.rows_name, arrays, ["source_row", *(f"c{index}" for index in self.keep)])
            self._rows, self._lines = [], []
        if self._rejected:
            self.rows_in += len(self._rejected)
            self.rejected_rows += len(self._rejected)
            rejected_arrays = [pa.array([row[0] for row in self._rejected], pa.int64())]
            rejected_arrays += [pa.array([_replaced(str(row[part])) for row in self._rejected], pa.string()) for part in (1, 2)]
            for index in self.keep:
                rejected_arrays.append(pa.array([_field(row[3], index) for row in self._rejected], pa.string()))
            self._insert(
                self.rejected_name, rejected_arrays, ["source_row", "problem", "value", *(f"c{index}" for index in self.keep)]
            )
            self._rejected = []

    def _split_off_undecodable(self) -> None:
        """Move rows with bytes that are no text to the rejected ones, then write again."""
        self.rows_in -= len(self._rows)
        rows, lines, self._rows, self._lines = self._rows, self._lines, [], []
        for line, fields in zip(lines, rows, strict=True):
            broken = next((text for text in fields if text is not None and not storable(text)), None)
            if broken is None:
                self._rows.append(fields)
                self._lines.append(line)
            else:
                problem = "the row holds bytes that are no valid text in the file's encoding"
                self._rejected.append((line, problem, broken, fields))
        self.flush()

    def _insert(self, table: str, arrays: list[pa.Array], names: list[str]) -> None:
        import pyarrow as pa

        self.connection.register("incoming_rows", pa.Table.from_arrays(arrays, names=names))
        listed = ", ".join(identifier(name) for name in names)
        self.connection.execute(f"insert into {table} ({listed}) select {listed} from incoming_rows")
        self.connection.unregister("incoming_rows")


def _replaced(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _field(fields: Sequence[str | None], index: int) -> str | None:
    text = fields[index] if index < len(fields) else None
    return None if text is None else _replaced(text)
