"""Files: XLSX holds what the page shows, as numbers and dates; its second sheet says under which filters; nothing in it runs."""

from __future__ import annotations

import io
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import streamlit as st

from attribution.charts import formats
from attribution.reports.workbook import Column, meaning, number_format, workbook
from pages.components import downloads
from tests.naughty_strings import NAUGHTY_STRINGS

CAPTION = "1 Jan 2026 to 31 Mar 2026, by close date (Europe/Berlin); channel email; credit rule 50 · 50; data up to 20 Nov 2026"


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def column(sheet: Any, place: int) -> list[Any]:
    return [row[place] for row in sheet.iter_rows(min_row=2)]


def test_numbers_and_dates_are_what_they_are() -> None:
    frame = pd.DataFrame(
        {"Deal": ["a", "b"], "Amount": [1234.5, None], "Exact": [Decimal("0.10"), Decimal("0.20")], "Deals": [1, 2],
         "Closed": [date(2026, 3, 1), None], "At": pd.to_datetime(["2026-03-01 10:30", None]), "Open": [True, False], "Who": [["x", "y"], []]}
    )  # fmt: skip
    book = read(workbook(frame, "Deals: won / lost?", CAPTION, {"Amount": Column(formats.money_column("EUR"))}))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["Deals  won   lost", "About"]
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == list(frame.columns)
    assert all(cell.font.bold for cell in sheet[1])
    assert [cell.value for cell in sheet[2]] == [
        "a", 1234.5, 0.1, 1, datetime(2026, 3, 1), datetime(2026, 3, 1, 10, 30), True, "x, y",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == ["b", None, 0.2, 2, None, None, False, None]
    assert [cell.number_format for cell in sheet[2]][1:6] == [
        '"€"#,##0.00',
        "#,##0.00",
        "#,##0",
        "d mmm yyyy",
        "d mmm yyyy hh:mm",
    ]
    assert 8 <= sheet.column_dimensions["B"].width <= 60


@pytest.mark.parametrize(
    ("printf", "expected"),
    [
        ("€%,.2f", '"€"#,##0.00'), ("%.1f %%", '0.0" %"'), ("%d deals", '0" deals"'), ("%+,.2f", "+#,##0.00;-#,##0.00;#,##0.00"),
        ("%+.0f %%", '+0" %";-0" %";0" %"'), ("%,.0f %%", '#,##0" %"'), ("R$%,.2f", '"R$"#,##0.00'), ("localized", "General"), ("", "General"),
    ],
)  # fmt: skip
def test_formats_of_the_page_become_formats_of_the_sheet(printf: str, expected: str) -> None:
    assert number_format(printf) == expected


def test_the_second_sheet_says_filters_and_definitions() -> None:
    frame = pd.DataFrame({"Won revenue": [1.0], "Mine": [2.0], "Nobody knows": [3.0]})
    about = read(downloads.xlsx_bytes(frame, "About", CAPTION, {"Mine": st.column_config.NumberColumn(help="What is mine")}))[
        "About"
    ]
    cells = [[cell.value for cell in row] for row in about.iter_rows()]
    words = [cell for row in cells for cell in row if cell]
    assert words[0] == "About"
    assert CAPTION.split("; ") == words[1:5]
    assert ["Won revenue", meaning("Won revenue")] in cells
    assert ["Mine", "What is mine"] in cells
    assert "Nobody knows" not in words


def test_no_cell_runs_as_a_formula_and_hostile_text_is_kept() -> None:
    hostile = [
        "=1+1",
        "+x",
        "-y",
        "@z",
        " =spaced",
        "\ttab",
        "#N/A",
        '=HYPERLINK("http://x")',
        *NAUGHTY_STRINGS,
        "x" * 40_000,
        "\x00\x01\x0b",
    ]
    frame = pd.DataFrame({"=Name": hostile, "n": range(len(hostile))})
    book = read(downloads.xlsx_bytes(frame, "=cmd|'[x]:*?/\\", "=1+1; @x"))
    sheet = book.worksheets[0]
    assert all(cell.data_type in ("s", "n", "inlineStr") for page in book.worksheets for row in page.iter_rows() for cell in row)
    values = column(sheet, 0)
    assert [cell.value for cell in values[:8]] == hostile[:8]
    assert all(cell.quotePrefix for cell in values[:6])
    assert [len(cell.value) for cell in values[-2:]] == [32_767, 3]


def test_no_table_is_saved_past_the_guard() -> None:
    settings = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text())
    assert settings["client"]["disableDataExport"] is True  # the table's own download writes cells as they are


def test_an_empty_table_is_a_file_too() -> None:
    for frame in (pd.DataFrame(), pd.DataFrame({"Deal": [], "Amount": []})):
        assert read(downloads.xlsx_bytes(frame, "", "", {"Amount": None, "Deal": "Deal"})).sheetnames[1] == "About"


def test_a_long_list_is_written_and_sums(sample: Any) -> None:
    deals = sample.deals()
    book = read(downloads.xlsx_bytes(deals, "Deals", CAPTION))
    place = list(deals.columns).index("amount")
    assert round(sum(cell.value or 0 for cell in column(book.worksheets[0], place)), 2) == round(deals["amount"].sum(), 2)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    (tmp_path / "table.xlsx").write_bytes(downloads.xlsx_bytes(pd.DataFrame({"Amount": [1.5, 2.5]}), "Table", CAPTION))
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "csv", "--outdir", tmp_path, tmp_path / "table.xlsx"], check=True, timeout=120
    )
    assert (tmp_path / "table.csv").read_text().split() == ["Amount", "1.50", "2.50"]


def test_names_of_files() -> None:
    names: Callable[[str], str] = downloads.file_name
    assert names("Won revenue by month") == "won-revenue-by-month"
    assert names("../../etc/passwd") == "etc-passwd"
    assert names("日本") == "table"
    assert len(names("x" * 500)) == 80
