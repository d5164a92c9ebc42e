"""Bad input: what cannot be loaded is refused with where, what and what next, or set aside row by row; it never crashes and never vanishes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution import db
from attribution.connectors import load
from attribution.errors import AmbiguousInputError, ClosedLoopError, DataError, MappingError
from tests.loading import DEALS, MAPPED, Loaded, load_files, refused

HEADER = "deal_id,created_at,closed_at,status,amount,name\n"
GOOD = "g,2024-01-02,2024-02-03,won,10,fine\n"


def test_folders_that_are_none(tmp_path: Path) -> None:
    refused(tmp_path, {}, DataError, "empty", "deals.csv")
    refused(tmp_path / "nowhere", {}, DataError, "no such folder")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", {}, DataError, "not a folder")


def test_a_folder_without_deals_says_what_is_there(tmp_path: Path) -> None:
    refused(
        tmp_path, {"deal.csv": DEALS, "touches.csv": "x\n"}, DataError, "no deals file", "touches.csv", "Did you mean 'deal.csv'"
    )


def test_unknown_files_are_named_with_a_near_table(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touchs.csv": "x\n", "photo.png": b"\x89PNG", "README.md": "hello"})
    messages = [message for (message,) in loaded.rows("select message from raw.notices where severity = 'info' order by message")]
    assert len(messages) == 2
    assert "photo.png" in messages[0]
    assert "touchs.csv" in messages[1] and "'touches'" in messages[1]


def test_files_that_a_mapping_does_not_name_are_said(tmp_path: Path) -> None:
    files = {"deals.csv": DEALS, "mapping.toml": MAPPED, "touches.csv": "x\n", "README.txt": "hello", "attribution.toml": ""}
    loaded = load_files(tmp_path, files)
    message = "touches.csv: not named in mapping.toml, so it was not loaded"
    assert loaded.rows("select message from raw.notices where severity = 'info'") == [(message,)]
    assert message in loaded.sentences


def test_two_files_for_one_table(tmp_path: Path) -> None:
    refused(tmp_path, {"deals.csv": DEALS, "deals.tsv": DEALS}, AmbiguousInputError, "deals.csv and deals.tsv", "[[deals]]")


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", DataError, ("deals.csv", "empty")),
        (b"\n\n\n", DataError, ("empty",)),
        (
            b"deal_id,create_at,status\nd,2024-01-01,open\n",
            DataError,
            ("required column 'created_at'", "Did you mean 'create_at'", "created_at ="),
        ),
        (b"d1,2024-01-01,open\nd2,2024-01-02,open\n", AmbiguousInputError, ("header", "csv = { header = false }")),
        (
            b"deal_id,created_at,status,status\nd,2024-01-01,open,won\n",
            AmbiguousInputError,
            ("'status' occurs more than once", "status (2)"),
        ),
        (
            b"deal_id,created_at,status,Created At\nd,2024-01-01,open,2024-01-01\n",
            AmbiguousInputError,
            ("both mean deals.created_at",),
        ),
        (
            b"deal_id,created_at,status\nd,03/04/2018,open\ne,05/06/2018,open\n",
            AmbiguousInputError,
            ("3 April 2018", "4 March 2018", 'date_order = "dmy"', 'date_order = "mdy"'),
        ),
        (
            b"deal_id,created_at,status\nd,13/04/2018,open\ne,05/16/2018,open\n",
            AmbiguousInputError,
            ("contradict", "13/04/2018", "05/16/2018"),
        ),
        (
            b"deal_id,created_at,status,amount\nd,2024-01-01,open,1.234\ne,2024-01-01,open,7\n",
            AmbiguousInputError,
            ("'1.234' is 1.234", "or 1234", 'decimal = "."', 'decimal = ","'),
        ),
        (b'deal_id,created_at,status,amount\nd,2024-01-01,open,"1,234"\n', AmbiguousInputError, ("two ways", 'decimal = "."')),
        (
            b'deal_id,created_at,status,amount\nd,2024-01-01,open,"1,5"\ne,2024-01-01,open,1.5\n',
            AmbiguousInputError,
            ("contradict",),
        ),
        (
            "deal_id,created_at,status,name\nd,2024-01-01,open,é\n".encode() + b"e,2024-01-01,open,\xe9\n",
            AmbiguousInputError,
            ("encoding", "latin-1"),
        ),
        (b'"deal_id,created_at,status\nd,2024-01-01,open\n', DataError, ("header", "quote")),
        (b"PK\x03\x04rest", DataError, ("XLSX", ".xlsx")),
        (
            b"Closed deals, exported 2024-03-04\n\ndeal_id,created_at,status\nd,2024-01-01,open\n",
            AmbiguousInputError,
            ("row 1 looks like a title, not a header", "row 3", "csv = { skip = 2 }"),
        ),
        (b"Closed deals\ndeal_id;created_at;status\nd;2024-01-01;open\n", AmbiguousInputError, ("title", "csv = { skip = 1 }")),
        (bytes(range(256)) * 20, DataError, ("binary file, not text",)),
        (b"\xd0\xcf\x11\xe0rest", DataError, (".xls", "Save it as .xlsx")),
        (b"PAR1rest", DataError, ("Parquet", ".parquet")),
        (b"\x1f\x8bnot really", DataError, ("damaged",)),
        (b"deal_id;a,created_at;b,status;c\n1;2,2;2,3;2\n", DataError, ("created_at",)),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, error: type[ClosedLoopError], words: tuple[str, ...]) -> None:
    refused(tmp_path, {"deals.csv": content}, error, "deals.csv", *words)


@pytest.mark.parametrize("name", ["deals.xlsx", "deals.parquet", "deals.csv.gz", "deals.jsonl"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    refused(tmp_path, {name: b"garbage\x00\xff"}, ClosedLoopError, name)


def test_a_gz_file_that_is_no_gzip(tmp_path: Path) -> None:
    refused(tmp_path, {"deals.csv.gz": b"garbage\x00\xff" * 9}, DataError, "not gzip")
    assert load_files(tmp_path, {"deals.csv.gz": DEALS}).one("select count(*) from raw.deals") == 1


def test_a_title_above_the_header_of_a_sheet(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["Closed\ndeals"], [], ["deal_id", "created_at", "status"], ["a", "2024-01-02", "open"]):
        sheet.append(row)
    workbook.save(tmp_path / "deals.xlsx")
    refused(tmp_path, {}, AmbiguousInputError, "looks like a title", "csv = { skip = 2 }")
    loaded = load_files(tmp_path, {"mapping.toml": '[[deals]]\nfile = "deals.xlsx"\ncsv = { skip = 2 }\n'})
    assert loaded.rows("select deal_id, source_row from raw.deals") == [("a", 4)]


def test_only_a_header_is_an_empty_table(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": HEADER})
    assert loaded.one("select rows_in from raw.load_report") == 0
    assert "deals.csv: has a header and no row" in loaded.one("select message from raw.notices")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",2024-01-01,,open,1,x", "deal_id", "required and is blank"),
        ("d,,,open,1,x", "created_at", "required and is blank"),
        ("d,2024-02-30,,open,1,x", "created_at", "date"),
        ("d,2024-01-01,soon,open,1,x", "closed_at", "date"),
        ("d,2024-01-01,,closed,1,x", "status", "open, won, lost"),
        ("d,2024-01-01,,won,1,x", "closed_at", "no closed_at"),
        ("d,2024-01-01,,lost,1,x", "closed_at", "no closed_at"),
        ("d,2024-01-01,,open,ten,x", "amount", "not an amount"),
        ("d,2024-01-01,,open,nan,x", "amount", "not an amount"),
        ("d,2024-01-01,,open,inf,x", "amount", "not an amount"),
        ("d,2024-01-01,,open,1e30,x", "amount", "too large"),
        ("d,2024-01-01,,open,99999999999999999999,x", "amount", "too large"),
        ("d,2024-01-01,,open,EUR 5,x", "amount", "currency sign or letters"),
        ("d,2024-01-01,,open,€5,x", "amount", "replace(…"),
        ("d,2024-01-01,,open,5 kr,x", "amount", "currency sign or letters"),
        ("d,2024-01-01,,open,1--2,x", "amount", "digits with a decimal point"),
        ("d,2024-01-01,,open,0x10,x", "amount", "not an amount"),
        ("d,2024-01-01,,open,1_000,x", "amount", "not an amount"),
        ("d,2024-01-01,,open,1,x,more", None, "7 fields and the header 6"),
        ('d,2024-01-01,,open,1,"x', None, "quote"),
        ("d,2024-01-01,,open,1,x\udce9", None, "no valid text"),
    ],
)
def test_rows_that_go_to_quarantine(tmp_path: Path, row: str, column: str | None, reason: str) -> None:
    good = [f"g{number},2024-01-02,2024-02-03,won,10.5,größer\n" for number in range(10)]
    content = HEADER + "".join(good[:5]) + row + "\n" + "".join(good[5:])
    loaded = load_files(tmp_path, {"deals.csv": content.encode("utf-8", "surrogateescape")})
    assert [(line, name) for _, line, name, _, _ in loaded.quarantine] == [(7, column)]
    assert reason in loaded.quarantine[0][4]
    assert loaded.one("select count(*) from raw.deals") == 10
    assert ("warning", "deals", None, 1) in loaded.notices


def test_rates_that_nothing_can_be_divided_by(tmp_path: Path) -> None:
    rates = "rate_on,currency,units_per_base\n2024-01-01,USD,0\n2024-01-01,GBP,-0.8\n2024-01-01,SEK,11.2\n"
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "fx_rates.csv": rates})
    assert loaded.rows("select currency from raw.fx_rates") == [("SEK",)]
    assert [entry[1:4] for entry in loaded.quarantine] == [(2, "units_per_base", "0"), (3, "units_per_base", "-0.8")]
    assert "more than 0" in loaded.quarantine[0][4]


def test_formulas_without_a_saved_value_are_no_blanks(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (
        ["deal_id", "created_at", "status", "amount", "note"],
        ["a", "2024-01-02", "open", "=1+1", "x"],
        ["b", "2024-01-02", "open", 5, "x"],
        ["c", "2024-01-02", "open", None, "=1+1"],
        ["=1+1", "=1+1", "=1+1", "=1+1", "=1+1"],
    ):
        sheet.append(row)
    workbook.save(tmp_path / "deals.xlsx")
    loaded = load_files(tmp_path, {})
    assert loaded.rows("select deal_id, amount from raw.deals order by 1") == [("b", Decimal(5)), ("c", Decimal(0))]
    assert [entry[1] for entry in loaded.quarantine] == [2, 5]
    assert "formulas without a saved value" in loaded.quarantine[0][4] and loaded.quarantine[0][3] == "amount"
    assert loaded.rows("select row_count from raw.notices where message like '%further columns are blank: formulas%'") == [(1,)]


def test_quarantine_keeps_the_record_as_read(tmp_path: Path) -> None:
    loaded = load_files(
        tmp_path, {"deals.csv": HEADER + "d,2024-01-01,,Won,12.5," + "x" * 500 + "\n" + "e,2024-01-01,,open," + "y" * 500 + ",\n"}
    )
    records = loaded.rows(
        "select record::json->>'deal_id', record::json->>'status', record::json->>'amount', length(value) from raw.quarantine order by line"
    )
    assert records == [("d", "won", "12.50", 0), ("e", "open", "y" * 500, 200)]


def test_short_rows_are_filled_and_counted(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": HEADER + "d,2024-01-01,,open\n" + GOOD})
    assert loaded.rows("select deal_id, amount, name from raw.deals order by 1") == [("d", 0, None), ("g", 10, "fine")]
    assert loaded.one("select short_rows from raw.load_report") == 1
    assert ("warning", "deals", None, 1) in loaded.notices


def test_negative_amounts_and_early_closes_load_with_a_warning(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": HEADER + "d,2024-03-01,2024-02-01,won,-5,x\n" + GOOD})
    assert loaded.one("select sum(amount) from raw.deals") == 5
    assert [notice for notice in loaded.notices if notice[0] == "warning"] == [
        ("warning", "deals", "amount", 1),
        ("warning", "deals", "closed_at", 1),
    ]


def test_a_few_dates_of_the_wrong_order_are_set_aside(tmp_path: Path) -> None:
    rows = "".join(f"d{number},{13 + number % 15}/04/2018,,open,1,x\n" for number in range(200))
    loaded = load_files(tmp_path, {"deals.csv": HEADER + rows + "bad,04/25/2018,,open,1,x\n"})
    assert loaded.one("select count(*) from raw.deals") == 200
    assert loaded.quarantine[0][2:4] == ("created_at", "04/25/2018")


@pytest.mark.parametrize(
    ("body", "names", "quarantined"),
    [
        ('a,"say ""hi"", twice"\nb,x\n', ['say "hi", twice', "x"], []),
        ('a,"say \\"hi\\", twice"\nb,x\n', ['say "hi", twice', "x"], []),
        ('a,"say \\"hi\\"\ntwice"\nb,x\n', ['say "hi"\ntwice', "x"], []),
        ('a,6" pipe\nb,x\n', ['6" pipe', "x"], []),
        ('a,"x"y\nb,z\n', ["xy", "z"], []),
        ('a,"never closed\nb,x\nc,y\n', ["x", "y"], [2]),
        ('a,"never closed\nb,x\nc,"y"\n', ["x", "y"], [2]),
        ('a,"never closed\nb,"x, y"\nc,"never too\nd,z\n', ["x, y", "z"], [2, 4]),
        ('a,"two\nlines"\nb,x\n', ["two\nlines", "x"], []),
        ('a,"C:\\"\nb,x\n', ["C:\\", "x"], []),
        ("a,x\x00y\nb,z\n", ["xy", "z"], []),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes(tmp_path: Path, body: str, names: list[str], quarantined: list[int], end: str) -> None:
    mapping = '[[people]]\nfile = "p.csv"\n[[deals]]\nfile = "deals.csv"\n'
    content = ("owner_id,name\n" + body).replace("\n", end)
    loaded = load_files(tmp_path, {"mapping.toml": mapping, "deals.csv": DEALS, "p.csv": content.encode()})
    assert loaded.rows("select name from raw.people order by owner_id") == [(name.replace("\n", end),) for name in names]
    assert [line for table, line, *_ in loaded.quarantine if table == "people"] == quarantined


def test_the_wrong_separator_is_named(tmp_path: Path) -> None:
    mapping = MAPPED.replace("[deals.columns]", 'csv = { separator = ";" }\n[deals.columns]')
    refused(tmp_path, {"deals.csv": DEALS, "mapping.toml": mapping}, MappingError, "separator ';' is probably wrong")


def test_without_header_columns_are_numbered(tmp_path: Path) -> None:
    mapping = '[[deals]]\nfile = "x.csv"\ncsv = { header = false }\n[deals.columns]\ndeal_id = "column 1"\ncreated_at = "column 2"\nstatus = "column 3"\n'
    loaded = load_files(tmp_path, {"mapping.toml": mapping, "x.csv": "d1,2024-01-01,open\nd2,2024-01-02,open\n"})
    assert loaded.rows("select deal_id, source_row from raw.deals order by 1") == [("d1", 1), ("d2", 2)]


FRAGMENTS = st.sampled_from(
    [
        "d1",
        "d2",
        "2024-01-01",
        "03/04/2018",
        "13/04/2018",
        "won",
        "open",
        "1.234",
        "1,5",
        "-7",
        "nan",
        '"',
        '""',
        '\\"',
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r\n",
        "\r",
        "\0",
        "\ufeff",
        "é",
        "🎯",
        " ",
        "x" * 50,
        "deal_id",
        "status",
        "created_at",
        "closed_at",
        "amount",
        "1709528767",
        "null",
        "a\u2028b",
        "\x1c",
        "=1",
        "'",
        "--",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(FRAGMENTS, max_size=60).map("".join).map(str.encode) | st.binary(max_size=300),
    st.sampled_from([True, True, True, False]),
)
def test_any_bytes_load_or_are_refused(tmp_path: Path, body: bytes, with_header: bool) -> None:
    """No bytes crash the loader, and whatever loads is accounted for row by row."""
    (tmp_path / "deals.csv").write_bytes(HEADER.encode() + body if with_header else body)
    connection = db.connect()
    try:
        load(tmp_path, connection, "UTC", lambda sentence: None)
    except ClosedLoopError as error:
        assert "deals.csv" in str(error)
    else:
        Loaded(connection, []).check_accounts()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3-Jan-26", "the year has two digits"),
        ("3 Jan 26", "the year has two digits"),
        ("3 January 26 10:30", "the year has two digits"),
        ("Jan 3, 26", "strptime"),
        ("31.01.26", "the year has two digits"),
        ("1/31/26", "export four-digit years"),
        ("1/31/26 5:06 PM", "the year has two digits"),
        ("03-Jan-126", "the year is not plausible"),
        ("0026-01-03", "the year is not plausible"),
        ("9999-12-31", "the year is not plausible"),
        ("1899-12-31", "the year is not plausible"),
        ("Jan 3 10:30", "not a date"),
    ],
)
def test_years_are_never_guessed(tmp_path: Path, text: str, reason: str) -> None:
    touches = f'touch_id,occurred_at,channel,kind,contact_id\nx,"{text}",email,open,c1\ny,2200-12-31,email,open,c1\nz,1900-01-01,email,open,c1\n'
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": touches})
    assert [entry[1:4] for entry in loaded.quarantine] == [(2, "occurred_at", text)]
    assert reason in loaded.quarantine[0][4]


def test_implausible_years_of_typed_columns(tmp_path: Path) -> None:
    table = pa.table({"deal_id": ["a", "b"], "created_at": [date(2024, 1, 2), date(26, 1, 2)], "status": ["open", "open"]})
    pq.write_table(table, tmp_path / "deals.parquet")
    loaded = load_files(tmp_path, {})
    assert loaded.rows("select deal_id from raw.deals") == [("a",)]
    assert "not plausible" in loaded.quarantine[0][4]
