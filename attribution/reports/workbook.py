"""A table as an XLSX file: numbers and dates as what they are, a frozen head, and a second sheet that says what it was made under.

Cells of text are written as text and marked so: a value such as "=1+1" is shown, never calculated. openpyxl is imported when a
file is asked for, not before.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pandas as pd

from attribution.metrics import METRICS
from attribution.query import DIMENSIONS

ABOUT = "About"
FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    *"\uff1d\uff0b\uff0d\uff20",
)  # the last four: the first four in full width
MAX_TEXT = 32_767  # characters in a cell
MAX_ROWS = 1_048_575  # in a sheet, its head left out
WIDEST = 60
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PRINTF = re.compile(r"^(?P<before>(?:[^%]|%%)*)%(?P<flags>[+,]*)(?:\.(?P<decimals>\d+))?[dfi](?P<after>(?:[^%]|%%)*)$")


@dataclass(frozen=True)
class Column:
    """How a column is written: its number format in printf style (as tables on the page take it), and what it means."""

    format: str = ""
    meaning: str = ""


def number_format(printf: str) -> str:
    """A spreadsheet's number format from printf style: ``€%,.2f`` is ``"€"#,##0.00``; General where it is not understood."""
    found = _PRINTF.match(printf)
    if found is None:
        return "General"
    digits = ("#,##0" if "," in found["flags"] else "0") + ("." + "0" * int(found["decimals"]) if found["decimals"] else "")
    if found["decimals"] == "0":
        digits = digits.rstrip(".")
    before, after = (_literal(found[part].replace("%%", "%")) for part in ("before", "after"))
    shown = f"{before}{digits}{after}"
    return f"+{shown};-{shown};{shown}" if "+" in found["flags"] else shown


def workbook(frame: pd.DataFrame, name: str, caption: str, columns: Mapping[str, Column] | None = None) -> bytes:
    """A frame as XLSX. ``caption``: filters, rule and data in words, parted by "; ". ``columns``: how single columns are written."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    columns = columns or {}
    book = openpyxl.Workbook(write_only=True)
    book.calculation = None  # nothing to calculate
    sheet = book.create_sheet(_sheet_name(name))
    strong, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")

    def cell(page: Any, value: Any, shown: str = "", head: bool = False) -> Any:
        made = WriteOnlyCell(page, value=None if isinstance(value, str) else value)
        if isinstance(value, str):
            made._value, made.data_type = value, "s"  # text whatever it begins with
            made.quotePrefix = value.lstrip(" ").startswith(FORMULA_STARTS)  # and still text when somebody edits the cell
        elif shown:
            made.number_format = shown
        if head:
            made.font, made.alignment = strong, wrapped
        return made

    def quick(value: Any, like: Any) -> Any:
        """A cell as ``cell`` makes it; plain text and empty cells need none, and the style of a column is looked up once."""
        if value is None or (isinstance(value, str) and value[:1].isalpha()):
            return value
        if isinstance(value, str):
            return cell(sheet, value)
        made = WriteOnlyCell(sheet, value=value)
        made._style = like._style
        return made

    names = [str(column) for column in frame.columns]
    values = [[_value(value) for value in frame.iloc[:, place].tolist()] for place in range(len(names))]
    formats = [_format_of(columns.get(column), listed) for column, listed in zip(names, values, strict=True)]
    for place, (column, listed, shown) in enumerate(zip(names, values, formats, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(column, listed, shown)
    sheet.freeze_panes = "A2"
    sheet.append([cell(sheet, _text(column), head=True) for column in names])
    likes = [cell(sheet, 0, shown) for shown in formats]
    for row in list(zip(*values, strict=True))[:MAX_ROWS]:
        sheet.append([quick(value, like) for value, like in zip(row, likes, strict=True)])

    about = book.create_sheet(ABOUT)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 28, 100
    about.append([cell(about, _text(name), head=True)])
    for part in caption.split("; "):
        about.append([None, cell(about, _text(part))])
    if len(frame) > MAX_ROWS:
        about.append([None, cell(about, f"Cut: a sheet holds {MAX_ROWS:,} of the {len(frame):,} rows. The CSV file has all.")])
    meanings = {column: meaning(column, columns.get(column)) for column in names}
    if any(meanings.values()):
        about.append([])
        about.append([cell(about, "What the columns mean", head=True)])
        for column, words in meanings.items():
            if words:
                about.append([cell(about, _text(column)), cell(about, _text(words))])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def meaning(column: str, given: Column | None = None) -> str:
    """What a column holds: as the page says it, else as the registries of metrics and dimensions do; empty where none knows it."""
    if given is not None and given.meaning:
        return given.meaning
    entries = [(entry.name, entry.label, entry.description) for entry in DIMENSIONS]
    entries += [(entry.name, entry.label, entry.description) for entry in METRICS]
    known = {word.lower(): description for name, label, description in entries for word in (label, name)}
    return known.get(column.lower(), "")


def _value(value: Any) -> Any:
    """A value as a spreadsheet knows it: number, date, moment, truth, text or nothing."""
    if isinstance(value, (list, tuple, set)):
        return _text(", ".join(str(item) for item in value))
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return _text(value)
    if hasattr(value, "item") and not isinstance(value, (pd.Timestamp, datetime)):
        value = value.item()  # a NumPy number
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return None if math.isnan(number) else round(number, 6) if math.isfinite(number) else str(number)
    if isinstance(value, datetime):
        moment = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
        moment = moment.replace(tzinfo=None) if moment.tzinfo is None else moment.astimezone(None).replace(tzinfo=None)
        return moment.date() if moment.time() == time() else moment
    if isinstance(value, date):
        return value
    return _text(str(value))


def _format_of(column: Column | None, values: list[Any]) -> str:
    """The number format of a column: the page's, else whole numbers without and others with two decimals; dates as "12 Mar 2026"."""
    known = [value for value in values if value is not None and not isinstance(value, (str, bool))]
    if not known:
        return ""
    if isinstance(known[0], datetime):
        return "d mmm yyyy hh:mm"
    if isinstance(known[0], date):
        return "d mmm yyyy hh:mm" if any(isinstance(value, datetime) for value in known) else "d mmm yyyy"
    if column is not None and column.format:
        return number_format(column.format)
    return "#,##0" if all(float(value).is_integer() for value in known) else "#,##0.00"


def _width(name: str, values: list[Any], shown: str) -> float:
    longest = max((len(str(value)) for value in values[:500] if value is not None), default=0)
    extra = shown.count(",") * 3 + 2 if shown else 0  # separators and a sign of currency
    return float(min(WIDEST, max(8, len(name) + 2, longest + extra + 2)))


def _text(value: str) -> str:
    """Text without what XLSX cannot hold, cut where a cell ends."""
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:MAX_TEXT]


def _literal(words: str) -> str:
    return '"' + words.replace('"', "") + '"' if words else ""


def _sheet_name(name: str) -> str:
    words = re.sub(r"[\[\]:*?/\\]+", " ", _text(name)).strip().strip("'")[:31].strip() or "Table"
    return f"{words[:27]} (1)" if words.lower() in (ABOUT.lower(), "history") else words
