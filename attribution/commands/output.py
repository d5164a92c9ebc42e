"""Results on standard output: table for people, CSV and JSON for programs. The same rows always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attribution.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("table", "csv", "json")

# How many decimals a column is written with, by its name; metrics know their own.
_DECIMALS = {
    **{entry.name: {"money": 2, "deals": 6, "ratio": 6, "share": 6}.get(entry.format) for entry in METRICS},
    "amount": 2,
    "original_amount": 2,
    "credit": 2,
    "revenue": 2,
    "deals": 6,
    "influenced_deals": 6,
    "weight": 9,
    "share": 9,
}


@dataclass(frozen=True)
class Table:
    """Columns and rows to write: what a command has that needs no DataFrame, and so none of the third of a second that pandas takes to load."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.rows)


def _parts(frame: pd.DataFrame | Table) -> tuple[list[str], Iterable[Sequence[Any]]]:
    """Names of the columns, and the rows."""
    rows = frame.rows if isinstance(frame, Table) else frame.itertuples(index=False, name=None)
    return [str(name) for name in frame.columns], rows


def cell(name: str, value: Any) -> str:
    """One value as CSV text: '.' decimals, ISO dates, a missing value is empty."""
    if value is None or _is_missing(value):
        return ""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "true" if value else "false"
    if isinstance(value, datetime) and name.endswith("_on"):
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep="T", timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    decimals = 2 if name.startswith("credit_") else _DECIMALS.get(name)
    if decimals is not None and isinstance(value, (int, float, Decimal)):
        return f"{value:.{decimals}f}".replace("-0." + "0" * decimals, "0." + "0" * decimals)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _is_missing(value: Any) -> bool:
    """Whether a cell of a DataFrame is one of its missing values."""
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, (float, Decimal)) and value != value)


def render(frame: pd.DataFrame | Table, kind: str) -> str:
    """A table as text in one of FORMATS, ending with a newline."""
    if kind == "json":
        return json.dumps(records(frame), ensure_ascii=False, indent=2) + "\n"
    names, found = _parts(frame)
    rows = [[cell(name, value) for name, value in zip(names, row, strict=True)] for row in found]
    if kind == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
        return text.getvalue()
    return _table(names, rows)


def records(frame: pd.DataFrame | Table) -> list[dict[str, Any]]:
    """The rows as plain objects: numbers as in the CSV, a missing value is null."""
    result = []
    names, found = _parts(frame)
    for row in found:
        entry: dict[str, Any] = {}
        for name, value in zip(names, row, strict=True):
            text = cell(name, value)
            if text == "" and not isinstance(value, str):
                entry[name] = None
            elif isinstance(value, bool) or type(value).__name__ == "bool_":
                entry[name] = bool(value)
            elif isinstance(value, (int, float, Decimal)) or hasattr(value, "item"):
                entry[name] = float(text) if "." in text or "e" in text else int(text)
            else:
                entry[name] = text
        result.append(entry)
    return result


def _table(names: list[str], rows: list[list[str]]) -> str:
    """A plain aligned table; numbers to the right."""
    from rich.cells import cell_len

    widths = [max([cell_len(name), *(cell_len(_line(row[index])) for row in rows)]) for index, name in enumerate(names)]
    right = [bool(rows) and all(_is_number(row[index]) for row in rows) for index in range(len(names))]

    def line(values: list[str]) -> str:
        parts = []
        for index, value in enumerate(values):
            space = " " * (widths[index] - cell_len(value))
            parts.append(space + value if right[index] else value + space)
        return "  ".join(parts).rstrip()

    body = [line([_line(value) for value in row]) for row in rows]
    return "\n".join([line(names), "  ".join("─" * width for width in widths), *body]) + "\n"


def _line(text: str) -> str:
    """One line of at most 100 characters: a terminal is no place for a cell with line breaks."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 100 else flat[:99] + "…"


def _is_number(text: str) -> bool:
    return text == "" or text.replace(".", "", 1).replace("-", "", 1).isdigit()
