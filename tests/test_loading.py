"""Loading: tables with all columns, times and days in every zone, typed values, keys, mappings and their blocks."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution import db, schema
from attribution.connectors import CONNECTORS, load, rows
from attribution.errors import DataError
from tests.loading import DEALS, load_files


def test_a_canonical_folder_gives_every_table_with_all_columns(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": DEALS})
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


def test_closing_and_creation_days_end_with_the_local_day(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": DEALS}, "America/Sao_Paulo")
    assert loaded.rows("select created_at, created_until, created_on, closed_at, closed_on from raw.deals") == [
        (
            datetime(2024, 1, 2, 3),
            datetime(2024, 1, 3, 2, 59, 59, 999999),
            date(2024, 1, 2),
            datetime(2024, 2, 4, 2, 59, 59, 999999),
            date(2024, 2, 3),
        )
    ]


def test_midnight_is_a_time_only_where_other_rows_have_times(tmp_path: Path) -> None:
    header = "deal_id,created_at,closed_at,status\n"
    only_midnights = load_files(
        tmp_path,
        {"deals.csv": header + "a,2024-01-02 00:00,2024-02-03T00:00:00Z,won\nb,2024-01-02 10:30,2024-02-04T00:00:00Z,lost\n"},
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


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Casablanca", "Pacific/Apia", "Australia/Lord_Howe", "UTC"])
def test_days_without_a_change_of_clocks_are_read_as_the_rules_of_the_zone_say(zone: str) -> None:
    with db.connect() as connection:
        found = connection.execute(
            """
            with moments as (select moment from range(timestamp '1999-12-30', timestamp '2050-01-03', interval 5 hour) as moments(moment))
            select
                count(*),
                count(case when to_local_date(moment, $zone) <> cast(moment + to_microseconds(ahead_us) as date) then 1 end),
                count(case when make_timestamp(epoch_us(timezone($zone, moment))) <> moment - to_microseconds(ahead_us) then 1 end)
            from moments
            inner join steady_days($zone) on cast(moment as date) = day
            """,
            {"zone": zone},
        ).fetchall()
    assert found[0][0] > 80_000
    assert found[0][1:] == (0, 0)


def test_a_column_of_few_values_is_cleaned_where_one_of_them_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_MANY_ROWS", 4)
    monkeypatch.setattr(rows, "_FIRST_ROWS", 2)
    pq.write_table(
        pa.table(
            {
                "touch_id": ["t1", "t2", "t3", "t4 "],
                "occurred_at": [datetime(2024, 3, 4, 5)] * 4,
                "contact_id": ["c1", "c1", "c1", "c1"],
                "channel": ["email", "email", "email", " email"],
                "kind": ["open", "open", "open", "open"],
                "campaign_id": ["k", None, "k", "n/a"],
            }
        ),
        tmp_path / "touches.parquet",
    )
    loaded = load_files(tmp_path, {"deals.csv": DEALS})
    assert loaded.rows("select touch_id, contact_id, channel, kind, campaign_id from raw.touches order by 1") == [
        ("t1", "c1", "email", "open", "k"),
        ("t2", "c1", "email", "open", None),
        ("t3", "c1", "email", "open", "k"),
        ("t4", "c1", "email", "open", None),
    ]


def test_damage_in_a_column_of_few_values_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_MANY_ROWS", 1)
    touches, many = tmp_path / "touches.parquet", 5_000
    columns = {
        "touch_id": [f"t{number}" for number in range(many)], "occurred_at": [datetime(2024, 3, 4, 5)] * many, "contact_id": ["c1"] * many,
        "channel": ["email"] * many, "kind": ["open"] * many,
    }  # fmt: skip
    pq.write_table(pa.table(columns), touches)
    place = pq.ParquetFile(touches).metadata.row_group(0).column(3).dictionary_page_offset
    damaged = bytearray(touches.read_bytes())
    damaged[place : place + 40] = bytes(letter ^ 0x5A for letter in damaged[place : place + 40])
    touches.write_bytes(damaged)
    with pytest.raises(DataError, match=r"touches\.parquet: is damaged and cannot be read to its end"):
        load_files(tmp_path, {"deals.csv": DEALS})


def test_a_large_file_may_have_no_text_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_MANY_ROWS", 1)
    pq.write_table(pa.table({"deal_id": [1, 2], "contact_id": [7, 8]}), tmp_path / "deal_contacts.parquet")
    loaded = load_files(tmp_path, {"deals.csv": DEALS})
    assert loaded.rows("select deal_id, contact_id from raw.deal_contacts order by 1") == [("1", "7"), ("2", "8")]


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


def test_a_dot_alone_means_day_first(tmp_path: Path) -> None:
    loaded = load_files(tmp_path, {"deals.csv": "deal_id;created_at;status;amount\nd;03.04.2024;open;1.234,50\n"})
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


def test_values_are_typed_and_ids_stay_text(tmp_path: Path) -> None:
    loaded = load_files(
        tmp_path,
        {
            "deals.csv": DEALS,
            "accounts.csv": 'account_id,name,employees,Heat\n007,ACME ,"1,250,000",hot\n8,,12.0,\n',
            "contacts.csv": "Contact ID,E-Mail,email\nC1,x,Ann@Example.COM \n",
            "deal_contacts.csv": "deal_id,contact_id,is_primary\nd1,C1,Yes\nd1,C2,0\nd1,C3,\n",
            "fx_rates.csv": "rate_on,currency,units_per_base\n2024-01-01,usd,1.117\n2024-01-02,usd,1.118\n",
        },
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


def test_keys_occur_once_and_the_last_row_wins(tmp_path: Path) -> None:
    loaded = load_files(
        tmp_path,
        {
            "deals.csv": "deal_id,created_at,status,amount\na,2024-01-01,open,1\na,2024-01-01,open,2\na,2024-01-01,open,1.00\n"
            "b,2024-01-01,open,5\nb,2024-01-01,open,6\n",
            "touch_links.csv": "touch_id,contact_id,account_id,deal_id\nt1,c1,,\nt1,c1,,\nt1,,a1,\nt1,,a1,n/a\n",
            "spend.csv": "spent_on,channel,amount\n2024-01-01,ads,5\n2024-01-01,ads,5\n",
        },
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


def test_a_mapping_unites_blocks(tmp_path: Path) -> None:
    loaded = load_files(
        tmp_path,
        {
            "mapping.toml": MAPPING,
            "won 1.csv": "mql_id;opened;won date;stage;Price;line;other\nm1;01/02/2024;03/02/2024;Won;R$1.234,5;x;y\nm2;01/02/2024;03/02/2024;Test;R$1,00;;\n",
            "won 2.csv": "mql_id;opened;won date;stage;Price;line\nm3;01/02/2024;04/02/2024;Won;R$7;z\n",
            "open.csv": "id,day,money\nm1,2024-05-06,usd\nm4,2024-05-07,\n",
            "ignored.csv": "x\n1\n",
        },
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


def test_a_mapping_block_without_columns_reads_canonical_names(tmp_path: Path) -> None:
    loaded = load_files(
        tmp_path,
        {
            "mapping.toml": '[[deals]]\nfile = "x.csv"\ncsv = { date_order = "dmy" }\n',
            "x.csv": DEALS.replace("2024-01-02", "01/02/2024"),
        },
    )
    assert loaded.one("select created_on from raw.deals") == date(2024, 2, 1)


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


def test_rows_are_kept_apart_when_many(tmp_path: Path) -> None:
    rows = "".join(f"t{number},2024-01-01 10:{number % 60:02}:00,email,open,c{number}\n" for number in range(45_000))
    loaded = load_files(tmp_path, {"deals.csv": DEALS, "touches.csv": "touch_id,occurred_at,channel,kind,contact_id\n" + rows})
    assert loaded.rows("select count(*), count(distinct touch_id), min(source_row), max(source_row) from raw.touches") == [
        (45_000, 45_000, 2, 45_001)
    ]


def test_every_connector_says_what_it_is() -> None:
    assert len({connector.name for connector in CONNECTORS}) == len(CONNECTORS)
    assert CONNECTORS[-1].name == "folder", "it takes what no other recognises"
    assert all(connector.label and connector.summary for connector in CONNECTORS)


def test_several_ids_in_one_cell_become_rows_that_are_all_accounted_for(tmp_path: Path) -> None:
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
    loaded = load_files(tmp_path, {"hubspot.csv": rows, "mapping.toml": mapping})
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
def test_further_columns_can_be_expressions(tmp_path: Path, columns: str) -> None:
    mapping = '[[deals]]\nfile = "deals.csv"\n' + columns + '[deals.extra]\nsize = { sql = "upper(size)" }\nsame = "size"\n'
    rows = "deal_id,created_at,status,size\nd1,2024-01-02,open,small\nd2,2024-01-02,open,\n"
    loaded = load_files(tmp_path, {"deals.csv": rows, "mapping.toml": mapping})
    extras = [json.loads(extra) if extra else None for (extra,) in loaded.rows("select extra from raw.deals order by deal_id")]
    assert extras == [{"size": "SMALL", "same": "small"}, None]
