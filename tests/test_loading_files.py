"""Loading: every kind of file, encodings and separators, naughty strings and names, large cells."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from attribution import db
from tests.loading import DEALS, load_files
from tests.naughty_strings import NAUGHTY_STRINGS

ROWS = [
    {
        "deal_id": "d1",
        "created_at": datetime(2024, 1, 2, 3, 4, 5),
        "closed_at": datetime(2024, 2, 3),
        "status": "won",
        "amount": 1.234,
        "name": 'Ünïcode, "x"',
    },
    {
        "deal_id": "d2",
        "created_at": datetime(2024, 1, 2, 3, 4),
        "closed_at": None,
        "status": "open",
        "amount": None,
        "name": None,
    },
]


def _csv(rows: list[dict[str, Any]], separator: str = ",") -> str:
    def cell(value: Any) -> str:
        return "" if value is None else '"' + str(value).replace('"', '""') + '"'

    return (
        "\n".join(
            [
                separator.join(cell(name) for name in rows[0]),
                *(separator.join(cell(value) for value in row.values()) for row in rows),
            ]
        )
        + "\n"
    )


def _write(folder: Path, name: str) -> None:
    path = folder / name
    if name.endswith(".parquet"):
        columns = "deal_id varchar, created_at timestamp, closed_at timestamp, status varchar, amount double, name varchar"
        with db.connect() as connection:
            connection.execute(f"create table deals ({columns})")
            for row in ROWS:
                connection.execute("insert into deals values (?, ?, ?, ?, ?, ?)", list(row.values()))
            connection.execute(f"copy deals to '{path}' (format parquet)")
    elif name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        book.active.append(list(ROWS[0]))
        for row in ROWS:
            book.active.append(list(row.values()))
        book.save(path)
    elif "jsonl" in name or "ndjson" in name:
        text = "\n".join(json.dumps({key: value for key, value in row.items() if value is not None}, default=str) for row in ROWS)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    else:
        text = _csv(ROWS, "\t" if name.startswith("deals.tsv") else ",").replace('"1.234"', '"1.2340"')
        encoded = text.encode("utf-16" if "tsv" in name else "utf-8-sig")
        path.write_bytes(gzip.compress(encoded) if name.endswith(".gz") else encoded)


@pytest.mark.parametrize(
    "name", ["deals.csv", "DEALS.CSV.GZ", "deals.tsv", "deals.jsonl", "deals.ndjson.gz", "deals.xlsx", "deals.parquet"]
)
def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    _write(tmp_path, name)
    loaded = load_files(tmp_path, {})
    assert loaded.rows("select deal_id, created_at, closed_at, closed_on, status, amount, name from raw.deals order by 1") == [
        (
            "d1",
            datetime(2024, 1, 2, 3, 4, 5),
            datetime(2024, 2, 3, 23, 59, 59, 999999),
            date(2024, 2, 3),
            "won",
            Decimal("1.23"),
            'Ünïcode, "x"',
        ),
        ("d2", datetime(2024, 1, 2, 3, 4), None, None, "open", Decimal(0), None),
    ]
    assert ("info", "deals", "amount", 1) in loaded.notices


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    text = _csv([{"deal_id": "d1", "name": "Café Größe", "created_at": "2024-01-02", "status": "Open"}], separator)
    loaded = load_files(tmp_path, {"deals.csv": text.encode(encoding)})
    assert loaded.one("select name from raw.deals") == "Café Größe"
    assert loaded.detected("deals")["separator"] == separator
    assert loaded.detected("deals")["encoding"] == encoding


def test_naughty_strings_stay_as_written(tmp_path: Path) -> None:
    rows = [
        {"touch_id": f"t{n}", "occurred_at": "2024-01-01", "channel": s, "kind": s, "campaign_id": s, "contact_id": s}
        for n, s in enumerate(NAUGHTY_STRINGS)
    ]
    people = [{"owner_id": f"p{n}", "name": s, s + " column": s} for n, s in enumerate(NAUGHTY_STRINGS)][:1]
    people = [{"owner_id": f"p{n}", "name": s} for n, s in enumerate(NAUGHTY_STRINGS)]
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": _csv(rows), "people.csv": _csv(people)})
    expected = [(s, s, s, s) for s in NAUGHTY_STRINGS]
    assert (
        loaded.rows(
            "select channel, kind, campaign_id, contact_id from raw.touches order by cast(substr(touch_id, 2) as integer)"
        )
        == expected
    )
    assert loaded.rows("select name from raw.people order by cast(substr(owner_id, 2) as integer)") == [
        (s,) for s in NAUGHTY_STRINGS
    ]


def test_naughty_file_and_column_names(tmp_path: Path) -> None:
    """Files and columns of any name load, as text and as Parquet: quotes, patterns, newlines and emoji are only characters."""
    names = [text for text in NAUGHTY_STRINGS if "/" not in text and len(text.encode()) < 200]
    blocks, expected = [], []
    for number, name in enumerate(names):
        files = (f"{name}.csv", f"{name}.parquet") if number % 4 == 0 else (f"{name}.csv",)
        for file in files:
            deal = f"d{len(blocks)}"
            if file.endswith(".csv"):
                (tmp_path / file).write_text(_csv([{name.strip(): deal, "c": "2024-01-01"}]), encoding="utf-8", newline="")
            else:
                with db.connect() as connection:
                    plain, quoted = tmp_path / "plain", name.strip().replace('"', '""')
                    connection.execute(
                        f"""copy (select '{deal}' as "{quoted}", '2024-01-01' as c) to '{plain}' (format parquet)"""
                    )
                plain.rename(tmp_path / file)
            quoted_name, quoted_file = (json.dumps(text, ensure_ascii=False) for text in (name.strip(), file))
            columns = f'deal_id = {quoted_name}\ncreated_at = "c"\nstatus = {{ value = "open" }}'
            blocks.append(f"[[deals]]\nfile = {quoted_file}\n[deals.columns]\n{columns}\n")
            expected.append((deal, file))
    loaded = load_files(tmp_path, {"mapping.toml": "".join(blocks)})
    assert sorted(loaded.rows("select deal_id, source_file from raw.deals")) == sorted(expected)


def test_a_large_cell_loads_and_line_numbers_are_exact(tmp_path: Path) -> None:
    body = "line\r\n" * 40_000 + "end"
    text = f'deal_id,name,created_at,status\nd1,"{body}",2024-01-01,open\n\nd2,x,2024-01-01,open\n'
    loaded = load_files(tmp_path, {"deals.csv": text})
    assert loaded.rows("select deal_id, length(name), source_row from raw.deals order by 1") == [
        ("d1", len(body), 2),
        ("d2", 1, 40_004),
    ]
