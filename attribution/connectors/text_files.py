"""Read CSV, TSV and other delimited text into DuckDB as text, with the line each record starts on."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from attribution import db
from attribution.connectors.detect import MOST_TITLE_ROWS, SEPARATORS, check_header, check_title, find_separator
from attribution.connectors.encoding import check_encoding, find_encoding, open_text
from attribution.connectors.plan import Options
from attribution.connectors.quotes import UNCLOSED, Broken, RecordReader
from attribution.connectors.quoting import shown
from attribution.connectors.source import Source, TextTable, unique_names
from attribution.errors import DataError

_SAMPLE_CHARACTERS = 1 << 18
_CHARACTERS_PER_CHUNK = 1 << 26


def read_text_file(
    connection: db.Connection, path: Path, file: str, options: Options, expected: Collection[str], project: bool, add_line: str
) -> Source:
    """Read a delimited text file. ``expected`` are the names looked for; with ``project`` only these columns are kept.

    Rows with fewer fields than the header are filled with blanks and counted; rows with more, or with a quote that is never closed, are
    rejected. ``add_line`` says where a csv option goes. Raises AmbiguousInputError (separator, header, encoding) and DataError.
    """
    encoding = check_encoding(options.encoding, file) if options.encoding else find_encoding(path, file, add_line)
    try:
        return _read(connection, path, file, options, expected, project, add_line, encoding)
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise DataError(
            f"{file}: cannot be read to its end as {encoding} ({error}). The file is damaged or in another encoding."
        ) from error


def _read(
    connection: db.Connection,
    path: Path,
    file: str,
    options: Options,
    expected: Collection[str],
    project: bool,
    add_line: str,
    encoding: str,
) -> Source:
    with open_text(path, file, encoding) as stream:
        sample = stream.read(_SAMPLE_CHARACTERS)
        complete = not stream.read(1)
    with open_text(path, file, encoding) as stream:
        first_line = sample.split("\n", 1)[0].strip().strip("\ufeff")
        stated = first_line.lower().startswith("sep=") and len(first_line) == 5
        skip = options.skip + (1 if stated else 0)
        separator = options.separator or (first_line[4] if stated else None)
        if options.header is None:
            lines = list(enumerate(sample.splitlines()))[skip : skip + MOST_TITLE_ROWS]
            check_title([(number, text) for number, text in lines if text.strip()], expected, file, add_line)
        if separator is None:
            separator = find_separator(_without_lines(sample, skip), complete, expected, file, add_line)
        for _ in range(skip):
            stream.readline()
        reader = RecordReader(stream, separator, file)
        reader.line = skip
        records = iter(reader)
        line, first = next(records, (1, None))
        if first is None:
            raise DataError(
                f"{file}: the file is empty; not even a header is there. Export it again, or take it out of the folder."
            )
        if isinstance(first, Broken):
            raise DataError(f"{file}: line {line}: the header has a quote that is not closed: {shown(first.text)}")
        first[0] = first[0].removeprefix("\ufeff")
        header = options.header
        if header is None:
            check_header(first, expected, file, add_line)
            header = True
        names = unique_names(first) if header else [f"column {number}" for number in range(1, len(first) + 1)]
        if not header:
            records = chain([(line, first)], records)
        table = TextTable(connection, names, _wanted(names, expected) if project else None)
        short_rows = _copy(records, reader, table)
    source = table.finish(file, "text")
    source.short_rows = short_rows
    source.header = tuple(names)
    source.detected = {"separator": separator, "encoding": encoding, "header": header}
    for count, words in (
        (reader.repaired, "rows had quotes escaped with a backslash or placed oddly and were read nevertheless"),
        (reader.zero_bytes, "lines held NUL characters, which were removed"),
    ):
        if count:
            source.remarks.append((words, count))
    return source


def describe(separator: str) -> str:
    """Return the separator in a word."""
    return SEPARATORS.get(separator, repr(separator))


def _copy(records: Iterator[tuple[int, list[str] | Broken]], reader: RecordReader, table: TextTable) -> int:
    """Put the records into the table and return how many were shorter than the header."""
    width = len(table.names)
    reader.width = width
    short_rows, written = 0, 0
    for line, fields in records:
        if reader.characters - written > _CHARACTERS_PER_CHUNK:
            table.flush()
            written = reader.characters
        if isinstance(fields, Broken):
            table.reject(line, UNCLOSED, fields.text, [])
        elif len(fields) == width:
            table.add(line, fields)
        elif len(fields) < width:
            short_rows += 1
            table.add(line, fields + [""] * (width - len(fields)))
        else:
            surplus = ", ".join(repr(text) for text in fields[width:])
            table.reject(
                line,
                f"the row has {len(fields)} fields and the header {width}: a separator too many, or text without quotes",
                surplus,
                fields,
            )
    return short_rows


def _wanted(names: list[str], expected: Collection[str]) -> list[int]:
    """Return the positions of the columns that are looked for, however they are written."""
    folded = {name.strip().casefold() for name in expected}
    return [index for index, name in enumerate(names) if name.strip().casefold() in folded]


def _without_lines(sample: str, skip: int) -> str:
    return "".join(sample.splitlines(keepends=True)[skip:])
