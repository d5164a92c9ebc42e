"""Results on standard output: table for people, CSV and JSON for programs. The same rows always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
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


def frame_of(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a DataFrame to render. Commands come here for it, so that those without a table (a build) need no pandas."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def render(frame: pd.DataFrame, kind: str) -> str:
    """A DataFrame as text in one of FORMATS, ending with a newline."""
    if kind == "json":
        return json.dumps(records(frame), ensure_ascii=False, indent=2) + "\n"
    rows = [
        [cell(str(name), value) for name, value in zip(frame.columns, row, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]
    if kind == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([str(name) for name in frame.columns])
        writer.writerows(rows)
        return text.getvalue()
    return _table([str(name) for name in frame.columns], rows)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain objects: numbers as in the CSV, a missing value is null."""
    result = []
    for row in frame.itertuples(index=False, name=None):
        entry: dict[str, Any] = {}
        for name, value in zip(frame.columns, row, strict=True):
            text = cell(str(name), value)
            if text == "" and not isinstance(value, str):
                entry[str(name)] = None
            elif isinstance(value, bool) or type(value).__name__ == "bool_":
                entry[str(name)] = bool(value)
            elif isinstance(value, (int, float, Decimal)) or hasattr(value, "item"):
                entry[str(name)] = float(text) if "." in text or "e" in text else int(text)
            else:
                entry[str(name)] = text
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
