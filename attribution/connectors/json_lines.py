"""Read JSON lines (one object per line) into DuckDB as text."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from attribution import db
from attribution.connectors.encoding import check_encoding, find_encoding, open_text
from attribution.connectors.plan import Options
from attribution.connectors.source import Source, TextTable
from attribution.errors import DataError


def read_json_lines(connection: db.Connection, path: Path, file: str, options: Options, add_line: str) -> Source:
    """Read a file with one JSON object per line; its columns are the keys of all objects. Values within values stay JSON text.

    A line that is no object is rejected. Numbers are kept as written, so ids and amounts lose no digit. Raises DataError.
    """
    encoding = check_encoding(options.encoding, file) if options.encoding else find_encoding(path, file, add_line)
    table = TextTable(connection, [], [])
    known: dict[str, int] = {}
    records = 0
    try:
        with open_text(path, file, encoding) as stream:
            for line, text in enumerate(stream, 1):
                text = text.strip().strip("\ufeff\0")
                if not text:
                    continue
                records += 1
                try:
                    record = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
                except (ValueError, RecursionError):
                    table.reject(line, "the line is not valid JSON", text, [])
                    continue
                if not isinstance(record, dict):
                    table.reject(line, "the line is JSON, but not an object with named values", text, [])
                    continue
                row: list[str | None] = [None] * len(known)
                for name, value in record.items():
                    position = known.get(name.casefold())
                    if position is None:
                        position = known[name.casefold()] = len(known)
                        _widen(table, name)
                        row.append(None)
                    row[position] = _text(value)
                table.add(line, row)
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise DataError(f"{file}: cannot be read to its end ({error}). The file is damaged; export it again.") from error
    if not records:
        raise DataError(f"{file}: the file is empty. Export it again, or take it out of the folder.")
    source = table.finish(file, "json lines")
    source.dot_decimals = True
    source.detected = {"encoding": encoding}
    return source


def _widen(table: TextTable, name: str) -> None:
    table.widen(
        name.strip().strip("\ufeff").encode("utf-8", "replace").decode("utf-8").replace("\0", "")
        or f"column {len(table.names) + 1}"
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False).replace("\0", "")
