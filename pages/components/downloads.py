"""Tables as files. Every file says which filters it was made under, and no cell of it can run as a formula."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import streamlit as st

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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


def download(frame: pd.DataFrame, name: str, caption: str, key: str) -> None:
    """An icon button that saves a table under the filters that are set."""
    st.download_button(
        "Download CSV",
        data=lambda: csv_bytes(frame, caption),
        file_name=f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"download_{key}",
        help=f"{name}, {len(frame)} rows",
    )


def _cell(value: object) -> object:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if round(value, 2) != round(value, 6) else f"{value:.2f}"
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ")
    if isinstance(value, (list, tuple)):
        return guarded(", ".join(str(item) for item in value))
    return guarded(value)
