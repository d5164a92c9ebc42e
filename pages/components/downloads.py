"""Tables as files, CSV and XLSX. Every file says which filters it was made under, and no cell of it can run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from attribution.reports.workbook import FORMULA_STARTS, Column, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def guarded(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS) else value


def csv_bytes(frame: pd.DataFrame, caption: str) -> bytes:
    """A frame as CSV (UTF-8 with a byte order mark, so that spreadsheets read names right), the caption as its last row.

    Money keeps two decimals and other numbers up to six; text cells and headers are guarded against formula injection.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(str(name)) for name in frame.columns])
    for row in frame.itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    writer.writerow([])
    writer.writerow([guarded(caption)])
    return ("\ufeff" + text.getvalue()).encode()


def xlsx_bytes(frame: pd.DataFrame, name: str, caption: str, columns: Mapping[str, Any] | None = None) -> bytes:
    """A frame as XLSX, its numbers written as the table on the page writes them, the caption and definitions on a second sheet."""
    return workbook(frame, name, caption, {column: _column(given) for column, given in (columns or {}).items()})


def download(frame: pd.DataFrame, name: str, caption: str, key: str, columns: Mapping[str, Any] | None = None) -> None:
    """Two buttons that save a table under the filters that are set: as CSV and as XLSX.

    ``columns`` is the column configuration of the table on the page: the file takes its heads, number formats and explanations from it.
    """
    heads = {
        name: str(given["label"]) for name, given in (columns or {}).items() if isinstance(given, Mapping) and given.get("label")
    }
    frame, columns = frame.rename(columns=heads), {heads.get(name, name): given for name, given in (columns or {}).items()}
    rows = f"{len(frame):,} rows" if len(frame) != 1 else "1 row"
    with st.container(horizontal=True, wrap=False, gap="small", width="content", key=f"downloads_{key}"):
        st.download_button(
            "CSV", data=lambda: csv_bytes(frame, caption), file_name=f"{file_name(name)}.csv", mime="text/csv",
            icon=":material/download:", type="tertiary", on_click="ignore", key=f"download_{key}", help=f"Save as CSV: {name}, {rows}",
        )  # fmt: skip
        st.download_button(
            "XLSX", data=lambda: xlsx_bytes(frame, name, caption, columns), file_name=f"{file_name(name)}.xlsx", mime=XLSX,
            icon=":material/download:", type="tertiary", on_click="ignore", key=f"download_xlsx_{key}",
            help=f"Save for Excel and LibreOffice: {name}, {rows}",
        )  # fmt: skip


def file_name(name: str) -> str:
    """A title as the name of a file, without its ending."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "table"


def _column(given: Any) -> Column:
    """What a table's column configuration says about numbers and meaning. ``given``: a st.column_config object, a label or None."""
    if not isinstance(given, Mapping):
        return Column()
    kind = given.get("type_config") or {}
    shown = str(kind.get("format") or "") if kind.get("type") in ("number", "progress") else ""
    return Column(shown, str(given.get("help") or ""))


def _cell(value: object) -> object:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if round(value, 2) != round(value, 6) else f"{value:.2f}"
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ")
    if isinstance(value, (list, tuple)):
        return guarded(", ".join(str(item) for item in value))
    return guarded(value)
