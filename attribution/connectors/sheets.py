"""Read a sheet of an XLSX workbook into DuckDB as text; dates and numbers keep their meaning."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from attribution import db
from attribution.connectors.detect import MOST_TITLE_ROWS, check_header, check_title, count_expected, toml_text
from attribution.connectors.plan import Options
from attribution.connectors.source import Source, TextTable, fold, unique_names
from attribution.errors import AmbiguousInputError, DataError, unknown

UNSAVED = "formulas without a saved value; open the file in Excel, save it there, and build again"
_BLOCK = 1 << 20
# What openpyxl and the libraries under it raise for a damaged file, sometimes in the middle of its rows.
_BROKEN = (
    OSError, ValueError, LookupError, ArithmeticError, AttributeError, TypeError, SyntaxError, EOFError, NotImplementedError, RuntimeError,
    struct.error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip


def read_sheet(
    connection: db.Connection, path: Path, file: str, options: Options, expected: Collection[str], table_name: str, add_line: str
) -> Source:
    """Read one sheet: the one named in the mapping, else the one named after the table, else the only one with rows.

    Raises AmbiguousInputError where several sheets have rows and none is named, DataError where the workbook cannot be opened.
    """
    import openpyxl  # a tenth of a second that only workbooks need

    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return _read(connection, workbook, path, file, options, expected, table_name, add_line)
        finally:
            workbook.close()
    except _BROKEN as error:
        raise DataError(
            f"{file}: cannot be opened as an XLSX workbook ({error}). Save it again as .xlsx, or export it as CSV."
        ) from error


def _read(
    connection: db.Connection,
    workbook: Any,
    path: Path,
    file: str,
    options: Options,
    expected: Collection[str],
    table_name: str,
    add_line: str,
) -> Source:
    name = _choose(workbook, file, options.sheet, table_name, add_line)
    rows = _rows(workbook[name], options.skip)
    line, first = next(rows, (0, []))
    while line and not any(first):
        line, first = next(rows, (0, []))
    if not line:
        raise DataError(f"{file}: the sheet {name!r} is empty. Fill it, or take the file out of the folder.")
    while first and not first[-1]:
        first.pop()
    header = options.header
    if header is None:
        rest = list(islice(rows, MOST_TITLE_ROWS))
        rows = chain(rest, rows)
        above = [(number - 1, "\t".join(cells)) for number, cells in [(line, first), *rest] if any(cells)]
        check_title(above, expected, file, add_line)
        check_header(first, expected, file, add_line)
        header = True
    names = unique_names(first) if header else [f"column {number}" for number in range(1, len(first) + 1)]
    if not header:
        rows = chain([(line, first)], rows)
    table = TextTable(connection, names)
    width = len(names)
    wanted = {fold(name) for name in expected}
    unsaved = _unsaved_formulas(path, workbook[name])
    lost = 0
    for line, cells in rows:
        blank = [names[index] for index in unsaved.get(line, ()) if index < width]
        if any(fold(column) in wanted for column in blank):
            table.reject(line, UNSAVED, ", ".join(blank), cells)
            continue
        lost += bool(blank)
        if not any(cells):
            continue
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) > width:
            surplus = ", ".join(repr(cell) for cell in cells[width:])
            table.reject(line, f"the row has {len(cells)} cells and the header {width}", surplus, cells)
        else:
            table.add(line, cells + [""] * (width - len(cells)))
    source = table.finish(file, "xlsx")
    source.dot_decimals = True
    if lost:
        source.remarks.append((f"cells of further columns are blank: {UNSAVED}", lost))
    source.detected = {"sheet": name, "header": header}
    if count_expected(names, expected) == 0 and len(workbook.sheetnames) > 1:
        source.detected["other_sheets"] = [sheet for sheet in workbook.sheetnames if sheet != name]
    return source


def _unsaved_formulas(path: Path, sheet: Any) -> dict[int, list[int]]:
    """Return where formulas stand whose value was not saved (line → column indexes); such cells look blank, and are not."""
    from openpyxl.utils.cell import coordinate_to_tuple

    found: dict[int, list[int]] = {}
    part = str(getattr(sheet, "_worksheet_path", ""))
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return found
        with archive.open(part) as stream:
            carried, has_formulas = b"", False
            while not has_formulas and (block := stream.read(_BLOCK)):
                has_formulas = b"<f>" in carried + block or b"<f " in carried + block or b":f>" in carried + block
                carried = block[-8:]
        if not has_formulas:
            return found
        with archive.open(part) as stream:
            for _, element in ElementTree.iterparse(stream):
                tag = str(element.tag).rpartition("}")[2]
                if tag == "c":
                    parts = {str(child.tag).rpartition("}")[2]: child for child in element}
                    # A formula may rightly give an empty text; it is then saved as a text.
                    saved = "is" in parts or ("v" in parts and (parts["v"].text or element.get("t") == "str"))
                    if "f" in parts and not saved and element.get("r"):
                        line, column = coordinate_to_tuple(element.get("r", ""))
                        found.setdefault(line, []).append(column - 1)
                elif tag == "row":
                    element.clear()
    return found


def _choose(workbook: Any, file: str, wanted: str | None, table_name: str, add_line: str) -> str:
    names: list[str] = [sheet.title for sheet in workbook.worksheets]
    if wanted is not None:
        if wanted not in names:
            raise DataError(unknown("sheet", wanted, names, file))
        return wanted
    named = [name for name in names if name.strip().casefold().replace(" ", "_") == table_name]
    if len(named) == 1:
        return named[0]
    filled = [name for name in names if any(any(cells) for _, cells in _rows(workbook[name], 0))]
    if len(filled) > 1:
        lines = " or ".join(f"sheet = {toml_text(name)}" for name in filled[:4])
        raise AmbiguousInputError(
            f"{file}: several sheets hold rows ({', '.join(filled)}), and none is called {table_name}. {add_line} {lines}"
        )
    if not filled:
        raise DataError(f"{file}: no sheet holds any rows. Fill it, or take the file out of the folder.")
    return filled[0]


def _rows(sheet: Any, skip: int) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if line > skip:
            yield line, [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    """Return a cell as text: ISO dates, numbers to the 15 digits that a spreadsheet keeps, no exponent for whole ones."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    return str(cell).replace("\0", "")
