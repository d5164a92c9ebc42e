"""What is loaded from canonical folders and mapped exports: types, times, keys, currencies, and an account of every row."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution import db, schema
from attribution.connectors import CONNECTORS, load
from tests.naughty_strings import NAUGHTY_STRINGS

DEALS = "deal_id,created_at,closed_at,status,amount,currency\nd1,2024-01-02,2024-02-03,won,100.50,EUR\n"


class Loaded:
    """A loaded folder: query it, and check that every row is accounted for."""

    def __init__(self, connection: db.Connection, sentences: list[str]) -> None:
        self.connection, self.sentences = connection, sentences

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        (row,) = self.rows(query)
        return row[0] if len(row) == 1 else row

    @property
    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.rows("select table_name, line, column_name, value, reason from raw.quarantine order by table_name, line")

    @property
    def notices(self) -> list[tuple[Any, ...]]:
        return self.rows("select severity, table_name, column_name, row_count from raw.notices order by all")

    def detected(self, table: str) -> dict[str, Any]:
        return json.loads(self.one(f"select any_value(detected) from raw.load_report where table_name = '{table}'"))

    def check_accounts(self) -> None:
        """Rows in = left out + loaded + duplicates + quarantined, for each block and file, and the tables agree with it."""
        report = self.rows(
            "select table_name, file, rows_in, left_out, loaded, duplicates, quarantined, block from raw.load_report"
        )
        for table, file, rows_in, left_out, loaded, duplicates, quarantined, block in report:
            assert rows_in == left_out + loaded + duplicates + quarantined, (table, file)
            query = "select count(*) from raw.quarantine where table_name = ? and file = ? and block = ?"
            assert self.connection.execute(query, [table, file, block]).fetchall() == [(quarantined,)]
        for table in schema.TABLE_NAMES:
            expected = sum(row[4] for row in report if row[0] == table)
            assert self.one(f'select count(*) from raw."{table}"') == expected


def load_files(folder: Path, files: Mapping[str, str | bytes], time_zone: str = "UTC") -> Loaded:
    """Write the files into the folder and load it."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    sentences: list[str] = []
    connection = db.connect()
    load(folder, connection, time_zone, sentences.append)
    loaded = Loaded(connection, sentences)
    loaded.check_accounts()
    return loaded


@pytest.fixture
def loading(tmp_path: Path) -> Callable[..., Loaded]:
    def run(files: Mapping[str, str | bytes], time_zone: str = "UTC") -> Loaded:
        return load_files(tmp_path, files, time_zone)

    return run


def test_a_canonical_folder_gives_every_table_with_all_columns(loading: Callable[..., Loaded]) -> None:
    loaded = loading({"deals.csv": DEALS})
    for table in schema.TABLES:
        columns = [row[0] for row in loaded.rows(f'describe raw."{table.name}"')]
        assert columns[: len(table.columns)] == [column.name for column in table.columns]
        assert columns[-3:] == ["source_file", "source_row", "extra"]
    assert loaded.rows("select deal_id, status, amount, currency, source_file, source_row, extra from raw.deals") == [
        ("d1", "won", Decimal("100.50"), "EUR", "deals.csv", 2, None)
    ]
    assert loaded.detected("deals") == {
        "separator": ",",
        "encoding": "utf-8",
        "header": True,
        "date_order": "ymd",
        "decimal": ".",
        "time_zone": "UTC",
        "dates_only": ["closed_at", "created_at"],
    }
    assert any("1 rows in = 0 left out + 1 loaded" in sentence for sentence in loaded.sentences)


def test_closing_and_creation_days_end_with_the_local_day(loading: Callable[..., Loaded]) -> None:
    loaded = loading({"deals.csv": DEALS}, "America/Sao_Paulo")
    assert loaded.rows("select created_at, created_until, created_on, closed_at, closed_on from raw.deals") == [
        (
            datetime(2024, 1, 2, 3),
            datetime(2024, 1, 3, 2, 59, 59, 999999),
            date(2024, 1, 2),
            datetime(2024, 2, 4, 2, 59, 59, 999999),
            date(2024, 2, 3),
        )
    ]


def test_midnight_is_a_time_only_where_other_rows_have_times(loading: Callable[..., Loaded]) -> None:
    header = "deal_id,created_at,closed_at,status\n"
    only_midnights = loading(
        {"deals.csv": header + "a,2024-01-02 00:00,2024-02-03T00:00:00Z,won\nb,2024-01-02 10:30,2024-02-04T00:00:00Z,lost\n"}
    )
    assert only_midnights.rows(
        "select deal_id, created_at, created_until, created_on, closed_at, closed_on from raw.deals order by 1"
    ) == [
        (
            "a",
            datetime(2024, 1, 2),
            datetime(2024, 1, 2, 0, 0, 59, 999999),
            None,
            datetime(2024, 2, 3, 23, 59, 59, 999999),
            date(2024, 2, 3),
        ),
        (
            "b",
            datetime(2024, 1, 2, 10, 30),
            datetime(2024, 1, 2, 10, 30, 59, 999999),
            None,
            datetime(2024, 2, 4, 23, 59, 59, 999999),
            date(2024, 2, 4),
        ),
    ]


def test_touches_of_a_day_keep_it_in_every_zone(tmp_path: Path) -> None:
    header = "touch_id,occurred_at,channel,kind,contact_id\n"
    touches = header + "a,2024-03-04,email,open,c1\nb,2024-03-04 23:30,email,open,c1\nc,2024-03-04T23:30:00Z,email,open,c1\n"
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": touches}, "America/Sao_Paulo")
    assert loaded.rows("select touch_id, occurred_at, occurred_on from raw.touches order by 1") == [
        ("a", datetime(2024, 3, 4, 3), date(2024, 3, 4)),
        ("b", datetime(2024, 3, 5, 2, 30), None),
        ("c", datetime(2024, 3, 4, 23, 30), None),
    ]
    midnights = header + "a,2024-03-04T00:00:00Z,email,open,c1\nb,2024-03-05 00:00,email,open,c1\n"
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": midnights}, "America/Sao_Paulo")
    assert loaded.rows("select touch_id, occurred_at, occurred_on from raw.touches order by 1") == [
        ("a", datetime(2024, 3, 4, 3), date(2024, 3, 4)),
        ("b", datetime(2024, 3, 5, 3), date(2024, 3, 5)),
    ]
    assert loaded.detected("touches")["dates_only"] == ["occurred_at"]


def test_touches_of_a_day_in_parquet(tmp_path: Path) -> None:
    days = [date(2024, 3, 4)] * 3000
    columns = {"channel": ["email"] * 3000, "kind": ["open"] * 3000, "contact_id": ["c1"] * 3000}
    pq.write_table(
        pa.table({"touch_id": [str(number) for number in range(3000)], "occurred_at": days} | columns),
        tmp_path / "touches.parquet",
    )
    loaded = load_files(tmp_path, {"deals.csv": DEALS}, "Asia/Tokyo")
    found = "select distinct occurred_at, occurred_on from raw.touches order by 1"
    assert loaded.rows(found) == [(datetime(2024, 3, 3, 15), date(2024, 3, 4))]
    # One time of day at the very end, after the rows that are looked at first: then midnight is a time.
    moments = [datetime(2024, 3, 4)] * 2999 + [datetime(2024, 3, 4, 1)]
    pq.write_table(
        pa.table({"touch_id": [str(number) for number in range(3000)], "occurred_at": moments} | columns),
        tmp_path / "touches.parquet",
    )
    loaded = load_files(tmp_path, {"deals.csv": DEALS}, "Asia/Tokyo")
    assert loaded.rows(found) == [(datetime(2024, 3, 3, 15), None), (datetime(2024, 3, 3, 16), None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-04T05:06:07", "2024-03-04 07:06:07"),
        ("2024-03-04 05:06", "2024-03-04 07:06:00"),
        ("2024-03-04T05:06:07.123456Z", "2024-03-04 05:06:07.123456"),
        ("2024-03-04T05:06:07+02:00", "2024-03-04 03:06:07"),
        ("2024-03-04 05:06:07 -0330", "2024-03-04 08:36:07"),
        ("2024-03-04 05:06:07 UTC", "2024-03-04 05:06:07"),
        ("2024-03-04T05:06:07+02", "2024-03-04 03:06:07"),
        ("13/3/2024 5:06 PM", None),
        ("3/14/2024 5:06 PM", "2024-03-14 19:06:00"),
        ("3/14/2024 12:00 AM", "2024-03-14 02:00:00"),
        ("3/14/2024 12:30 pm", "2024-03-14 14:30:00"),
        ("20240304", "2024-03-04 02:00:00"),
        ("1709528767", "2024-03-04 05:06:07"),
        ("1709528767123", "2024-03-04 05:06:07.123"),
        ("1709528767123456", "2024-03-04 05:06:07.123456"),
        ("4 Mar 2024", "2024-03-04 02:00:00"),
        ("Mar 4, 2024 5:06 PM", "2024-03-04 19:06:00"),
        ("2024/3/4", "2024-03-04 02:00:00"),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("tomorrow", None),
        ("12345", None),
        ("2024-03-04 25:00", None),
        ("3/14/2024 13:00 PM", None),
        ("3/14/24", None),
        ("2023-02-29T10:00:00Z", None),
    ],
)
def test_shapes_of_times(tmp_path: Path, text: str, expected: str | None) -> None:
    # The other rows decide that the month comes first; the zone without offset is two hours behind UTC.
    rows = "".join(f"t{number},12/{13 + number % 15}/2024 11:00,email,open,c1\n" for number in range(200))
    touches = f'touch_id,occurred_at,channel,kind,contact_id\nx,"{text}",email,open,c1\n' + rows
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": touches}, "America/Noronha")
    found = loaded.rows("select cast(occurred_at as varchar) from raw.touches where touch_id = 'x'")
    assert found == ([(expected,)] if expected else [])
    if not expected:
        assert loaded.quarantine[0][1:4] == (2, "occurred_at", text)


def test_a_dot_alone_means_day_first(loading: Callable[..., Loaded]) -> None:
    loaded = loading({"deals.csv": "deal_id;created_at;status;amount\nd;03.04.2024;open;1.234,50\n"})
    assert loaded.rows("select created_on, amount from raw.deals") == [(date(2024, 4, 3), Decimal("1234.50"))]
    assert {"separator": ";", "date_order": "dmy", "decimal": ","}.items() <= loaded.detected("deals").items()


@pytest.mark.parametrize("word", ["", "  ", "(not set)", "undefined", "NULL", "None", "nil", "Select", "n/a", "\u00a0N/A "])
def test_missing_words_and_defaults(tmp_path: Path, word: str) -> None:
    header = "touch_id,occurred_at,channel,kind,actor,campaign_id,utm_source\n"
    touches = header + f"t1,2024-01-01,{word},call,{word},{word},{word}\nt2,2024-01-01, Paid ,call,Sales,C1,Google\n"
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": touches})
    assert loaded.rows("select channel, actor, campaign_id, utm_source from raw.touches order by touch_id") == [
        ("unknown", "buyer", None, None),
        ("Paid", "sales", "C1", "google"),
    ]


def test_values_are_typed_and_ids_stay_text(loading: Callable[..., Loaded]) -> None:
    loaded = loading(
        {
            "deals.csv": DEALS,
            "accounts.csv": 'account_id,name,employees,Heat\n007,ACME ,"1,250,000",hot\n8,,12.0,\n',
            "contacts.csv": "Contact ID,E-Mail,email\nC1,x,Ann@Example.COM \n",
            "deal_contacts.csv": "deal_id,contact_id,is_primary\nd1,C1,Yes\nd1,C2,0\nd1,C3,\n",
            "fx_rates.csv": "rate_on,currency,units_per_base\n2024-01-01,usd,1.117\n2024-01-02,usd,1.118\n",
        }
    )
    assert loaded.rows("select account_id, name, employees, extra from raw.accounts order by 1") == [
        ("007", "ACME", 1_250_000, '{"Heat":"hot"}'),
        ("8", None, 12, None),
    ]
    assert loaded.rows("select contact_id, email, extra from raw.contacts") == [("C1", "ann@example.com", '{"E-Mail":"x"}')]
    assert loaded.rows("select contact_id, is_primary from raw.deal_contacts order by 1") == [
        ("C1", True),
        ("C2", False),
        ("C3", None),
    ]
    assert loaded.rows("select currency, units_per_base from raw.fx_rates order by rate_on") == [
        ("USD", Decimal("1.117")),
        ("USD", Decimal("1.118")),
    ]


def test_keys_occur_once_and_the_last_row_wins(loading: Callable[..., Loaded]) -> None:
    loaded = loading(
        {
            "deals.csv": "deal_id,created_at,status,amount\na,2024-01-01,open,1\na,2024-01-01,open,2\na,2024-01-01,open,1.00\n"
            "b,2024-01-01,open,5\nb,2024-01-01,open,6\n",
            "touch_links.csv": "touch_id,contact_id,account_id,deal_id\nt1,c1,,\nt1,c1,,\nt1,,a1,\nt1,,a1,n/a\n",
            "spend.csv": "spent_on,channel,amount\n2024-01-01,ads,5\n2024-01-01,ads,5\n",
        }
    )
    assert loaded.rows("select deal_id, amount, source_row from raw.deals order by 1") == [
        ("a", Decimal(1), 4),
        ("b", Decimal(6), 6),
    ]
    assert loaded.rows("select duplicates, conflicting_duplicates from raw.load_report where table_name = 'deals'") == [(3, 2)]
    assert loaded.one("select count(*) from raw.touch_links") == 2
    assert loaded.one("select count(*) from raw.spend") == 2
    assert ("warning", "deals", "deal_id", 2) in loaded.notices


MAPPING = """
time_zone = "America/Sao_Paulo"
currency = "brl"
[[deals]]
file = "won *.csv"
csv = { separator = ";", decimal = ",", date_order = "dmy" }
where = "stage <> 'Test'"
[deals.columns]
deal_id = "mql_id"
status = { value = "won" }
created_at = "opened"
closed_at = "won date"
amount = { sql = "replace(\\"Price\\", 'R$', '')" }
[deals.extra]
product = "line"
[[deals]]
file = "open.csv"
[deals.columns]
deal_id = "id"
status = { value = "open" }
created_at = { sql = "try_cast(day as date)" }
amount = { value = 12.345 }
currency = "money"
"""


def test_a_mapping_unites_blocks(loading: Callable[..., Loaded]) -> None:
    loaded = loading(
        {
            "mapping.toml": MAPPING,
            "won 1.csv": "mql_id;opened;won date;stage;Price;line;other\nm1;01/02/2024;03/02/2024;Won;R$1.234,5;x;y\nm2;01/02/2024;03/02/2024;Test;R$1,00;;\n",
            "won 2.csv": "mql_id;opened;won date;stage;Price;line\nm3;01/02/2024;04/02/2024;Won;R$7;z\n",
            "open.csv": "id,day,money\nm1,2024-05-06,usd\nm4,2024-05-07,\n",
            "ignored.csv": "x\n1\n",
        }
    )
    assert loaded.rows("select deal_id, status, amount, currency, source_file, source_row, extra from raw.deals order by 1") == [
        ("m1", "open", Decimal("12.35"), "USD", "open.csv", 2, None),
        ("m3", "won", Decimal("7"), "BRL", "won 2.csv", 2, '{"product":"z"}'),
        ("m4", "open", Decimal("12.35"), "BRL", "open.csv", 3, None),
    ]
    report = "select block, file, rows_in, left_out, loaded, duplicates, conflicting_duplicates, quarantined from raw.load_report order by block, file"
    assert loaded.rows(report) == [
        (1, "won 1.csv", 2, 1, 0, 1, 1, 0),
        (1, "won 2.csv", 1, 0, 1, 0, 0, 0),
        (2, "open.csv", 2, 0, 2, 0, 0, 0),
    ]
    assert loaded.rows("select closed_on, closed_at from raw.deals where deal_id = 'm3'") == [
        (date(2024, 2, 4), datetime(2024, 2, 5, 2, 59, 59, 999999))
    ]


def test_a_mapping_block_without_columns_reads_canonical_names(loading: Callable[..., Loaded]) -> None:
    loaded = loading(
        {
            "mapping.toml": '[[deals]]\nfile = "x.csv"\ncsv = { date_order = "dmy" }\n',
            "x.csv": DEALS.replace("2024-01-02", "01/02/2024"),
        }
    )
    assert loaded.one("select created_on from raw.deals") == date(2024, 2, 1)


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


def test_a_large_cell_loads_and_line_numbers_are_exact(loading: Callable[..., Loaded]) -> None:
    body = "line\r\n" * 40_000 + "end"
    text = f'deal_id,name,created_at,status\nd1,"{body}",2024-01-01,open\n\nd2,x,2024-01-01,open\n'
    loaded = loading({"deals.csv": text})
    assert loaded.rows("select deal_id, length(name), source_row from raw.deals order by 1") == [
        ("d1", len(body), 2),
        ("d2", 1, 40_004),
    ]


def test_loading_twice_gives_the_same(tmp_path: Path) -> None:
    connection = db.connect()
    (tmp_path / "deals.csv").write_text(DEALS * 1 + "d1,2024-01-02,2024-02-03,won,7,EUR\nd2,x,,open,,\n")
    contents = []
    for _ in range(2):
        load(tmp_path, connection, "UTC", lambda sentence: None)
        contents.append(
            [
                connection.execute(f"select * from raw.{name}").fetchall()
                for name in ("deals", "load_report", "quarantine", "notices")
            ]
        )
    assert contents[0] == contents[1]


def test_rows_are_kept_apart_when_many(loading: Callable[..., Loaded]) -> None:
    rows = "".join(f"t{number},2024-01-01 10:{number % 60:02}:00,email,open,c{number}\n" for number in range(45_000))
    loaded = loading({"deals.csv": DEALS, "touches.csv": "touch_id,occurred_at,channel,kind,contact_id\n" + rows})
    assert loaded.rows("select count(*), count(distinct touch_id), min(source_row), max(source_row) from raw.touches") == [
        (45_000, 45_000, 2, 45_001)
    ]


def test_every_connector_says_what_it_is() -> None:
    assert [connector.name for connector in CONNECTORS] == ["mapping", "folder"]
    assert all(connector.label and connector.summary for connector in CONNECTORS)


def test_several_ids_in_one_cell_become_rows_that_are_all_accounted_for(loading: Callable[..., Loaded]) -> None:
    mapping = """
        [[deals]]
        file = "hubspot.csv"
        where = "stage <> 'Test'"
        [deals.columns]
        deal_id = "id"
        created_at = "created"
        status = { value = "open" }
        [[deal_contacts]]
        file = "hubspot.csv"
        where = "stage <> 'Test'"
        [deal_contacts.columns]
        deal_id = "id"
        contact_id = { sql = "unnest(string_split(nullif(contacts, 'nobody'), ';'))" }
    """
    rows = "id,created,stage,contacts\nd1,2024-01-02,A,c1;c2;c1\nd2,2024-01-02,Test,c3;c4\nd3,2024-01-02,B,c5;;c6\nd4,2024-01-02,B,nobody\n"
    loaded = loading({"hubspot.csv": rows, "mapping.toml": mapping})
    assert loaded.rows("select deal_id, contact_id, source_row from raw.deal_contacts order by all") == [
        ("d1", "c1", 2),
        ("d1", "c2", 2),
        ("d3", "c5", 4),
        ("d3", "c6", 4),
    ]
    assert [entry[:3] for entry in loaded.quarantine] == [("deal_contacts", 4, "contact_id")]
    report = "select rows_in, left_out, loaded, duplicates, quarantined from raw.load_report where table_name = 'deal_contacts'"
    assert loaded.one(report) == (8, 2, 4, 1, 1)
    assert any("8 rows in = 2 left out" in line and "4 rows in the file became 8" in line for line in loaded.sentences)
    assert loaded.one("select rows_in from raw.load_report where table_name = 'deals'") == 4


@pytest.mark.parametrize(
    "columns", ["", '[deals.columns]\ndeal_id = "deal_id"\ncreated_at = "created_at"\nstatus = { sql = "\'open\'" }\n']
)
def test_further_columns_can_be_expressions(loading: Callable[..., Loaded], columns: str) -> None:
    mapping = '[[deals]]\nfile = "deals.csv"\n' + columns + '[deals.extra]\nsize = { sql = "upper(size)" }\nsame = "size"\n'
    rows = "deal_id,created_at,status,size\nd1,2024-01-02,open,small\nd2,2024-01-02,open,\n"
    loaded = loading({"deals.csv": rows, "mapping.toml": mapping})
    extras = [json.loads(extra) if extra else None for (extra,) in loaded.rows("select extra from raw.deals order by deal_id")]
    assert extras == [{"size": "SMALL", "same": "small"}, None]
