"""Look at a folder: which files it holds, how each is written, and what its columns hold. Files are read by the loader's own readers.

A file larger than ``LOOK_BYTES`` is looked at from its beginning only; the check in step 3 reads all of it.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl

from attribution import db, schema
from attribution.connectors import dates, mapping, numbers
from attribution.connectors.encoding import open_binary
from attribution.connectors.files import ending, is_accompanying, list_files, open_file, stem
from attribution.connectors.plan import Block, Options
from attribution.connectors.quoting import shown
from attribution.connectors.source import Source, SourceColumn
from attribution.connectors.source import fold as canonical_fold
from attribution.connectors.values import as_text, present, stripped
from attribution.errors import AmbiguousInputError, ClosedLoopError, DataError
from attribution.onboarding import vocabulary

LOOK_BYTES = 48 * 1024 * 1024
PREVIEW_ROWS = 8
LONGEST_CELL = 120
_COMMONEST = 60
_SKETCH = 2000  # smallest hashes kept of a column's values: enough to tell whether two columns hold the same keys
_MOST_SHEETS = 20
_MOST_TITLE_ROWS = 12
_MOST_FILES = 200
MOST_COLUMNS = 2000

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([T ,].*)?|(19|20)\d{6}|1\d{9}|1\d{12}|1\d{15}"
)
_WORD_DATE = re.compile(r"(\w{3}, )?(\d{1,2}[ -])?[A-Za-z]{3,9}\.?[ -]?(\d{1,2},? )?\d{4}.*")
_NUMBER = re.compile(r"[+−-]?[\d.,' \u00a0\u202f’]*\d[\d.,]*([eE][+-]?\d+)?")
_MONEY = re.compile(r"([€$£¥]|R\$|[A-Z]{3})\s?[+-]?[\d.,' ]*\d|[+-]?[\d.,' ]*\d\s?([€$£¥]|[A-Z]{3})")
_EMAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.\w{2,}")
_TRUTH = {"true", "false", "yes", "no", "0", "1", "t", "f", "y", "n"}


@dataclass(frozen=True)
class Column:
    """One column of a file: how many of the rows are filled, its commonest values, and the shares (0–1) of values that look like a date, a number…"""

    name: str
    filled: int
    distinct: int
    values: tuple[tuple[str, int], ...]
    like_dates: float
    like_numbers: float
    money: float
    emails: float
    truths: float
    lists: float
    sketch: frozenset[int] = field(repr=False, default=frozenset())
    is_sketch_whole: bool = True
    order: dates.OrderEvidence = field(default_factory=dates.OrderEvidence)
    mark: numbers.MarkEvidence = field(default_factory=numbers.MarkEvidence)

    @property
    def examples(self) -> tuple[str, ...]:
        """A few filled values, commonest first."""
        return tuple(value for value, _ in self.values if value)[:3]


@dataclass(frozen=True)
class Part:
    """A file, or one sheet of a workbook. ``problem``: why it cannot be read, in words; it then has no columns."""

    file: str
    sheet: str | None = None
    rows: int = 0
    is_whole: bool = True
    columns: tuple[Column, ...] = ()
    preview: tuple[tuple[str, ...], ...] = ()
    detected: Mapping[str, object] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    rejected: int = 0
    problem: str | None = None

    @property
    def name(self) -> str:
        """What the part is called: the file, and the sheet where there are several."""
        return self.file if self.sheet is None else f"{self.file} · {self.sheet}"

    def column(self, name: str) -> Column | None:
        """The column of that name; None where there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def is_key(self, column: Column) -> bool:
        """Whether every row has its own value there."""
        return self.rows > 0 and column.filled == self.rows and column.distinct == self.rows


@dataclass(frozen=True)
class Look:
    """What a folder holds. ``kind``: ``canonical`` (files named after the tables, nothing to map), ``mapped`` (has a mapping.toml), ``export``."""

    folder: Path
    kind: str
    parts: tuple[Part, ...]
    others: tuple[str, ...] = ()


def files_in(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the files of a folder that may hold data, and the names of those that cannot be read. Raises DataError."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "there is no such folder on this server"
        raise DataError(f"{folder}: {what}. Type the path of the folder that holds your exports.")
    listed = [path for path in list_files(folder) if path.name != mapping.FILE_NAME and not is_accompanying(path)]
    readable = [path for path in listed if ending(path)]
    if not readable and not (folder / mapping.FILE_NAME).is_file():
        raise DataError(
            f"{folder}: holds no file that can be read. CSV, TSV, JSON lines, Parquet and XLSX can, text files also packed as .gz."
        )
    if len(readable) > _MOST_FILES:
        raise DataError(f"{folder}: holds {len(readable):,} files; at most {_MOST_FILES} are looked at. Choose a smaller folder.")
    return readable, [path.name for path in listed if not ending(path)]


def kind_of(folder: Path, parts: tuple[Part, ...]) -> str:
    """Return ``mapped``, ``canonical`` or ``export``; canonical files must also have the columns that their tables require."""
    if (folder / mapping.FILE_NAME).is_file():
        return "mapped"
    tables = {stem(Path(part.file)).casefold(): part for part in parts}
    for name, part in tables.items():
        if name in schema.TABLE_NAMES:
            names = {canonical_fold(column.name) for column in part.columns}
            if not set(schema.table(name).required) <= names:
                return "export"
    return "canonical" if set(schema.REQUIRED_TABLES) <= set(tables) else "export"


def look_at(path: Path, options: Options = Options()) -> tuple[Part, ...]:  # noqa: B008  frozen
    """Look at one file: one part, or one per filled sheet of a workbook. What cannot be read becomes a part with its problem."""
    sheets: list[str | None] = [options.sheet]
    if ending(path) == ".xlsx" and options.sheet is None:
        try:
            sheets = [*_sheets(path)]
        except ClosedLoopError as error:
            return (Part(path.name, problem=str(error)),)
    parts = [_look(path, replace(options, sheet=sheet), sheet if len(sheets) > 1 else None) for sheet in sheets]
    filled = [part for part in parts if part.problem is None or len(parts) == 1]
    return tuple(filled or parts[:1])


def _sheets(path: Path) -> list[str]:
    try:
        workbook = openpyxl.load_workbook(path, read_only=True)
        names = [sheet.title for sheet in workbook.worksheets][:_MOST_SHEETS]
        workbook.close()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, SyntaxError, TypeError, EOFError) as error:
        raise DataError(
            f"{path.name}: cannot be opened as an XLSX workbook ({shown(str(error))}). Save it again as .xlsx."
        ) from error
    return names


def _look(path: Path, options: Options, sheet: str | None) -> Part:
    with tempfile.TemporaryDirectory(prefix="closed-loop-look-") as place, db.connect() as connection:
        try:
            head, is_whole = _head(path, Path(place))
            source, options = _opened(connection, head, options, Path(place))
            if len(source.columns) > MOST_COLUMNS:
                raise DataError(
                    f"{path.name}: has {len(source.columns):,} columns; at most {MOST_COLUMNS:,} are looked at. Export fewer."
                )
            return _described(connection, source, path, options, sheet, is_whole)
        except AmbiguousInputError as error:
            # The lines to add to a mapping.toml are boxes here.
            return Part(
                path.name,
                sheet,
                options=options,
                problem=f"{str(error).split(' Add to ')[0]} Say it under “How this file is written”.",
            )
        except ClosedLoopError as error:
            return Part(path.name, sheet, options=options, problem=str(error))
        except db.Error as error:
            return Part(path.name, sheet, options=options, problem=f"{path.name}: cannot be read ({shown(str(error), 200)}).")


def _head(path: Path, place: Path) -> tuple[Path, bool]:
    """The file, or its beginning where it is a large text file."""
    if ending(path) in (".parquet", ".xlsx"):
        return path, True
    with open_binary(path, path.name) as stream:
        try:
            start = stream.read(LOOK_BYTES)
            if not stream.read(1):
                return path, True
        except (OSError, EOFError):
            return path, True  # the loader's reader says what is wrong with it
    head = place / path.name.removesuffix(".gz").removesuffix(".GZ")
    head.write_bytes(start[: start.rfind(b"\n") + 1])
    return head, False


def _opened(connection: db.Connection, path: Path, options: Options, place: Path) -> tuple[Source, Options]:
    """Open a file; where it has a title above its header, find the header."""
    try:
        return _open(connection, path, options, place), options
    except AmbiguousInputError:
        if options.skip or options.header is not None:
            raise
        names_below = False
        for skip in range(1, _MOST_TITLE_ROWS + 1):
            tried = replace(options, skip=skip)
            try:
                source = _open(connection, path, tried, place)
            except ClosedLoopError:
                continue
            if sum(vocabulary.fold(column.name) in vocabulary.known_names() for column in source.columns) > 1:
                if source.rows_in:
                    return source, tried
                names_below = True
        if names_below:  # a list of column names, such as a data dictionary, looks like a header and has nothing below
            options = replace(options, header=True)
            return _open(connection, path, options, place), options
        raise


def _open(connection: db.Connection, path: Path, options: Options, place: Path) -> Source:
    links = place / "links"
    links.mkdir(exist_ok=True)
    expected = vocabulary.known_names() | {name.replace("_", " ") for name in vocabulary.known_names()}
    block = Block("deals", 1, path.name, (path,), options=options, from_mapping=True)
    return open_file(connection, path.parent, path, block, expected, links)


def _described(
    connection: db.Connection, source: Source, path: Path, options: Options, sheet: str | None, is_whole: bool
) -> Part:
    rows = source.rows_in - source.rejected_rows
    columns = tuple(_column(connection, source, column) for column in source.columns)
    listed = ", ".join(f"left({as_text(column.identifier, column.type)}, {LONGEST_CELL})" for column in source.columns)
    found = (
        connection.execute(f"select {listed} from {source.relation} order by source_row limit {PREVIEW_ROWS}").fetchall()
        if listed
        else []
    )
    preview = tuple(tuple("" if cell is None else " ".join(str(cell).split()) for cell in row) for row in found)
    return Part(path.name, sheet, rows, is_whole, columns, preview, dict(source.detected), options, source.rejected_rows)


def _column(connection: db.Connection, source: Source, column: SourceColumn) -> Column:
    """Look at one column: counts, commonest values, kinds of values, and a sketch of which values there are."""
    text = as_text(column.identifier, column.type)
    # One column at a time as a table: cleaning it once instead of in each query makes exports of hundreds of columns four times as fast.
    connection.execute(
        f"create or replace temp table cleaned as select {present(stripped('t'))} as v from (select {text} as t from {source.relation})"
    )
    cells = "cleaned"
    counted = connection.execute(f"select count(v), count(distinct v) from {cells}").fetchall()[0]
    commonest = connection.execute(
        f"select left(coalesce(v, ''), {LONGEST_CELL}), count(*) from {cells} group by v order by 2 desc, 1 limit {_COMMONEST}"
    ).fetchall()
    hashes = connection.execute(
        f"select hash(v) from {cells} where v is not null group by v order by 1 limit {_SKETCH}"
    ).fetchall()
    values = [str(value) for value, _ in commonest if value]
    is_date, is_number = _share(values, _is_date), _share(values, _NUMBER.fullmatch)
    order, mark = dates.OrderEvidence(), numbers.MarkEvidence()
    if is_date > 0.5 and column.type == "VARCHAR":
        order = dates.OrderEvidence(*connection.execute(dates.order_evidence_query("v", cells)).fetchall()[0])
    if is_number > 0.5 and column.type == "VARCHAR" and not source.dot_decimals:
        mark = numbers.MarkEvidence(*connection.execute(numbers.mark_evidence_query("v", cells, False)).fetchall()[0])
    return Column(
        column.name, int(counted[0]), int(counted[1]), tuple((str(value), int(count)) for value, count in commonest),
        like_dates=1.0 if column.type in ("DATE", "TIMESTAMP") or "TIMESTAMP" in column.type else is_date, like_numbers=is_number,
        money=_share(values, lambda value: _NUMBER.fullmatch(value) or _MONEY.fullmatch(value)), emails=_share(values, _EMAIL.fullmatch),
        truths=_share(values, lambda value: value.casefold() in _TRUTH), lists=_share(values, lambda value: ";" in value),
        sketch=frozenset(int(value) for (value,) in hashes), is_sketch_whole=len(hashes) < _SKETCH, order=order, mark=mark,
    )  # fmt: skip


def _is_date(value: str) -> object:
    return _DATE.fullmatch(value) or _WORD_DATE.fullmatch(value)


def _share(values: list[str], test: Callable[[str], object]) -> float:
    return sum(1 for value in values if test(value)) / len(values) if values else 0.0


def contained(inner: Column, outer: Column) -> float:
    """Return which share of one column's values occurs in another, from their sketches (0–1)."""
    limits = [max(column.sketch) for column in (inner, outer) if not column.is_sketch_whole]
    limit = min(limits) if limits else None
    seen = [value for value in inner.sketch if limit is None or value <= limit]
    return sum(1 for value in seen if value in outer.sketch) / len(seen) if seen else 0.0
