"""Carry out a plan: read each file, type its rows, set unreadable ones aside, remove duplicates, and account for every row."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime, time
from pathlib import Path

from attribution import db, schema
from attribution.connectors.columns import map_columns
from attribution.connectors.decide import Judgement, Seen, decide
from attribution.connectors.expressions import evaluate, names_in
from attribution.connectors.files import open_file
from attribution.connectors.keys import remove_duplicates
from attribution.connectors.plan import Block, Constant, Notice, Plan, Renamed, Scalar
from attribution.connectors.quoting import identifier, literal, shown
from attribution.connectors.record import (
    JudgedDifferentlyError,
    LoadedFile,
    found_document,
    judged_alike,
    planned_files,
    write_files,
)
from attribution.connectors.report import Line, create_tables, write_lines, write_notices
from attribution.connectors.rows import (
    Feed,
    Problem,
    columns_of,
    further_columns,
    json_object,
    loaded_columns,
    record_json,
    rounded_condition,
    tidy_columns,
    typed_query,
)
from attribution.connectors.source import Source, SourceColumn
from attribution.connectors.values import Decisions, present, stripped
from attribution.errors import DataError

_LONGEST_VALUE = 200
# Money that is rightly negative: refunds and corrections.
_MAY_BE_NEGATIVE = ("revenue_events", "finance_totals", "deal_lines")
# Columns with ids by the million.
_IDS = {"touches": ("touch_id", "contact_id", "visitor_id")}

Progress = Callable[[str], None]


def carry_out(plan: Plan, connection: db.Connection, time_zone: str, progress: Progress) -> None:
    """Load everything a plan names into ``raw.*``. Raises MappingError, AmbiguousInputError or DataError; nothing is guessed."""
    create_tables(connection)
    write_notices(connection, plan.notices)
    for notice in plan.notices:
        progress(notice.message)
    planned = planned_files(plan, schema.TABLE_NAMES)
    with scratch_folder(connection) as links:
        for table in schema.TABLES:
            files = [file for file in planned if file.table == table.name]
            create_raw_table(connection, table, with_feed=bool(files))
            if files:
                finish(connection, table, load_files(connection, plan, table, files, {}, time_zone, links), progress)


@contextmanager
def scratch_folder(connection: db.Connection) -> Iterator[Path]:
    """A folder for links to files, gone at the end of the block."""
    folder, prefix = db.scratch_beside(connection)
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as links:
        yield Path(links)


def create_raw_table(connection: db.Connection, table: schema.Table, with_feed: bool) -> None:
    """Create a raw table, empty; ``feed`` holds the place of a row's file until duplicates are removed."""
    ids = _IDS.get(table.name, ())
    columns = [
        f"{identifier(column.name)} {db.ID if column.name in ids else schema.STORAGE[column.type]}" for column in table.columns
    ]
    columns += [f"{name} {kind}" for name, kind in further_columns(table).items()]
    if with_feed:
        columns.append("feed integer")
    connection.execute(f"create or replace table raw.{identifier(table.name)} ({', '.join(columns)})")


def load_files(
    connection: db.Connection,
    plan: Plan,
    table: schema.Table,
    files: Sequence[LoadedFile],
    known: Mapping[tuple[int, str], LoadedFile],
    time_zone: str,
    links: Path,
) -> list[Line]:
    """Load the files of a table, but for those ``known`` from before, into ``raw.<table>``; return a line for each that was loaded.

    Raises JudgedDifferentlyError where the known files would have to be read in another way now.
    """
    lines: list[Line] = []
    for block in (block for block in plan.blocks if block.table == table.name):
        of_block = [file for file in files if file.block == block.number]
        lines += _load_block(connection, plan.folder, table, block, of_block, known, time_zone, links)
    return lines


def _load_block(
    connection: db.Connection,
    folder: Path,
    table: schema.Table,
    block: Block,
    files: Sequence[LoadedFile],
    known: Mapping[tuple[int, str], LoadedFile],
    time_zone: str,
    links: Path,
) -> list[Line]:
    expected = _expected_names(table, block)
    lines: list[Line] = []
    feeds: list[Feed] = []
    looked: list[Feed | Seen] = []
    try:
        for path, file in zip(block.files, files, strict=True):
            before = known.get((file.block, file.file))
            if before is not None:
                looked.append(Seen.from_document(before.part("seen")))
                continue
            source = open_file(connection, folder, path, block, expected, links)
            feed = _feed(connection, table, block, source, file.place)
            feeds.append(feed)
            feed.tidy = tidy_columns(connection, table, feed)
            looked.append(feed)
        judgement = decide(connection, table, block, looked, time_zone)
        judged = {"decisions": asdict(judgement.decisions), "detected": judgement.detected}
        of_block = [before for (number, _), before in known.items() if number == block.number]
        if not all(judged_alike(before, judged) for before in of_block):
            raise JudgedDifferentlyError(f"{table.name}: its dates or numbers read differently with the new files")
        for file, entry, seen in zip(files, looked, judgement.seen, strict=True):
            if isinstance(entry, Feed):
                line, notices = _load_file(connection, table, entry, judgement)
                found = found_document(asdict(seen), judged, notices)
                write_notices(connection, notices)
                write_files(connection, [replace(file, found=found)])
                lines.append(line)
    except db.Error as error:
        for feed in feeds:
            _refuse_damaged(connection, feed.source, error)
        raise
    finally:
        for feed in feeds:
            feed.source.close(connection)
            for name in feed.tables:
                connection.execute(f"drop table if exists {name}")
    return lines


def _load_file(connection: db.Connection, table: schema.Table, feed: Feed, judgement: Judgement) -> tuple[Line, list[Notice]]:
    """Insert a file's rows; return its line of the report, not yet complete, and what a person should know about it."""
    source = feed.source
    line = Line(table.name, feed.block.number, source.file, feed.rows_in, feed.left_out, short_rows=source.short_rows)
    line.place = feed.number
    line.detected = source.detected | judgement.detected
    if feed.added:
        line.detected["rows"] = f"{source.rows_in:,} rows in the file became {feed.rows_in:,}"
    line.quarantined, notices = _insert(connection, table, feed, judgement.decisions)
    notices += [Notice("warning", table.name, None, f"{source.file}: {words}", rows) for words, rows in source.remarks]
    if not source.rows_in:
        notices.append(
            Notice("info", table.name, None, f"{source.file}: has a header and no row; export it again if there should be some")
        )
    return line, notices


def _refuse_damaged(connection: db.Connection, source: Source, error: db.Error) -> None:
    """Raise DataError where a file that DuckDB reads as it goes (Parquet) turns out to be damaged in the middle."""
    try:
        connection.execute(f"select bit_xor(hash(every_column)) from {source.relation} as every_column").fetchall()
    except db.Error:
        reason = re.sub(r'"[^"]*"', lambda _path: shown(source.file), str(error).splitlines()[0])
        raise DataError(f"{source.file}: is damaged and cannot be read to its end ({reason}). Export it anew.") from error


def _expected_names(table: schema.Table, block: Block) -> set[str]:
    """Return the names of columns to look for in the block's files."""
    extra = {origin.column for origin in block.extra.values() if isinstance(origin, Renamed)}
    if block.columns is None:
        return {column.name for column in table.columns} | names_in(block) | extra
    renamed = {origin.column for origin in block.columns.values() if isinstance(origin, Renamed)}
    return renamed | extra | names_in(block)


def _feed(connection: db.Connection, table: schema.Table, block: Block, source: Source, number: int) -> Feed:
    mapped = map_columns(table, block, source)
    relation, columns, extra, left_out, added, tables = source.relation, mapped.columns, mapped.extra, 0, 0, []
    if mapped.expressions or block.where is not None:
        carried = {f"column {name}": place for name, place in columns.items()} | {
            f"extra {name}": place for name, place in extra.items()
        }
        evaluated = evaluate(connection, block, source, carried, mapped.expressions)
        relation, left_out, added, tables = evaluated.relation, evaluated.left_out, evaluated.added, [evaluated.table]
        columns = {name: evaluated.columns[f"column {name}"] for name in columns}
        extra = {name: evaluated.columns[f"extra {name}"] for name in extra}
        for name in mapped.expressions:
            target, place = (extra, name.removeprefix("extra.")) if name.startswith("extra.") else (columns, name)
            target[place] = evaluated.columns[name]
    columns |= {name: _constant(origin) for name, origin in mapped.constants.items()}
    return Feed(number, block, source, relation, columns, extra, left_out, added, tables)


def _constant(origin: Constant) -> SourceColumn:
    """Return a constant as a column: an expression with a type."""
    value: Scalar = origin.value
    if isinstance(value, bool):
        return SourceColumn("", "true" if value else "false", "BOOLEAN")
    if isinstance(value, int):
        return SourceColumn("", f"cast({literal(str(value))} as decimal(38, 0))", "DECIMAL(38,0)")
    if isinstance(value, float):
        return SourceColumn("", f"cast({literal(repr(value))} as double)", "DOUBLE")
    text = value.isoformat() if isinstance(value, date | datetime | time) else value
    return SourceColumn("", literal(text), "VARCHAR")


def _insert(connection: db.Connection, table: schema.Table, feed: Feed, decisions: Decisions) -> tuple[int, list[Notice]]:
    """Insert a feed's readable rows and quarantine the others; return how many were quarantined, and notices."""
    notices = []
    query, problems = typed_query(table, feed, decisions)
    relation = f"({query})"
    if any(feed.is_text(column) and column.type not in ("id", "text") for column in columns_of(table, feed)):
        connection.execute(f"create or replace temp table typed_rows as {query}")
        relation = "typed_rows"
    loaded = loaded_columns(table, feed, decisions)
    inserted = _count(
        connection,
        f"insert into raw.{identifier(table.name)} ({', '.join(identifier(name) for name in loaded)}, feed) "
        f"select {', '.join(loaded.values())}, {feed.number} from {relation} where problem is null",
    )
    if inserted < feed.rows_in - feed.source.rejected_rows - feed.left_out:
        _quarantine(connection, table, feed, relation, problems)
    for column in table.columns:
        condition = rounded_condition(table, feed, column, decisions)
        if condition:
            rows = _count(connection, f"select count(*) from {relation} where problem is null and {condition}")
            if rows:
                words = f"{feed.source.file}: amounts with more than two decimals were rounded half up to the cent"
                notices.append(Notice("info", table.name, column.name, words, rows))
    connection.execute("drop table if exists typed_rows")
    if feed.source.rejected_rows:
        _quarantine_rejected(connection, table, feed)
    quarantined = _count(
        connection,
        "select count(*) from raw.quarantine where table_name = ? and block = ? and file = ?",
        [table.name, feed.block.number, feed.source.file],
    )
    return quarantined, notices


def _quarantine(connection: db.Connection, table: schema.Table, feed: Feed, relation: str, problems: list[Problem]) -> None:
    """Write the rows with a problem to quarantine."""
    names, reasons = (
        "[" + ", ".join("null" if text is None else literal(text) for text in texts) + "]"
        for texts in ([problem.column for problem in problems], [problem.reason for problem in problems])
    )
    shown = " ".join(f"when {number} then {problem.value}" for number, problem in enumerate(problems, 1))
    connection.execute(
        f"insert into raw.quarantine select ?, ?, ?, source_row, {names}[problem], left(case problem {shown} end, {_LONGEST_VALUE}), "
        f"{reasons}[problem], {record_json(table, feed)} from {relation} where problem is not null order by source_row",
        [table.name, feed.block.number, feed.source.file],
    )


def _quarantine_rejected(connection: db.Connection, table: schema.Table, feed: Feed) -> None:
    """Write the rows that have no readable shape to quarantine, with what can be told of them."""
    pairs = [
        (name, present(stripped(place.identifier)))
        for name, place in feed.columns.items()
        if any(place.identifier == column.identifier for column in feed.source.columns)
    ]
    connection.execute(
        f"insert into raw.quarantine select ?, ?, ?, source_row, null, left(value, {_LONGEST_VALUE}), problem, {json_object(pairs)} "
        f"from {feed.source.rejected} order by source_row",
        [table.name, feed.block.number, feed.source.file],
    )


def finish(connection: db.Connection, table: schema.Table, lines: Sequence[Line], progress: Progress) -> None:
    """Remove duplicates, complete the accounts, and note what a person should know about the table."""
    name = f"raw.{identifier(table.name)}"
    duplicates = remove_duplicates(connection, table, {line.place: line.file for line in lines})
    loaded = dict(connection.execute(f"select feed, count(*) from {name} group by feed").fetchall())
    for line in lines:
        line.loaded = int(loaded.get(line.place, 0))
        if line.place in duplicates:
            line.duplicates, line.conflicting_duplicates = duplicates[line.place].rows, duplicates[line.place].conflicting
        progress(line.sentence())
    connection.execute(f"alter table {name} drop column feed")
    write_lines(connection, lines)
    write_notices(connection, table_notices(connection, table, lines, name))


def table_notices(connection: db.Connection, table: schema.Table, lines: Sequence[Line], name: str) -> list[Notice]:
    """What a person should know about a table whose accounts are complete; its rows are in the table ``name``."""
    notices = []
    for line in lines:
        if line.short_rows:
            words = f"{line.file}: rows are shorter than the header; their missing last fields were read as blank"
            notices.append(Notice("warning", table.name, None, words, line.short_rows))
        if line.conflicting_duplicates:
            words = (
                f"{line.file}: rows have the key ({', '.join(table.key)}) of a later row but other content; the last one counts"
            )
            notices.append(Notice("warning", table.name, table.key[0], words, line.conflicting_duplicates))
        if line.quarantined:
            notices.append(
                Notice(
                    "warning", table.name, None, f"{line.file}: rows could not be read and are in quarantine", line.quarantined
                )
            )
    return notices + _warnings(connection, table, name)


def _warnings(connection: db.Connection, table: schema.Table, name: str) -> list[Notice]:
    notices = []
    for column in table.columns:
        if column.type == "money" and table.name not in _MAY_BE_NEGATIVE:
            rows = _count(connection, f"select count(*) from {name} where {identifier(column.name)} < 0")
            if rows:
                notices.append(
                    Notice(
                        "warning",
                        table.name,
                        column.name,
                        f"{table.name}.{column.name} is negative; the rows are loaded as they are",
                        rows,
                    )
                )
    if table.name == "deals":
        rows = _count(connection, f"select count(*) from {name} where closed_at < created_at")
        if rows:
            notices.append(
                Notice(
                    "warning",
                    "deals",
                    "closed_at",
                    "deals were closed before they were created; they are loaded as they are",
                    rows,
                )
            )
    return notices


def _count(connection: db.Connection, query: str, parameters: list[object] | None = None) -> int:
    row = connection.execute(query, parameters or []).fetchone()
    return int(row[0]) if row else 0
