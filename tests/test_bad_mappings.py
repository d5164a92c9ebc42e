"""Mappings that are refused, with their place and the way out, and expressions that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from attribution.errors import MappingError
from tests.loading import DEALS, MAPPED, load_files, refused


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("not toml", ("valid TOML",)),
        ("", ("no [[deals]] block",)),
        (MAPPED.replace("[[deals]]", "[[deal]]"), ("unknown table", "'deals'")),
        ("timezone = 'UTC'\n" + MAPPED, ("'timezone'", "'time_zone'")),
        ("time_zone = 'Europe/Berln'\n" + MAPPED, ("time zone", "Europe/Berlin")),
        ("time_zone = 'localtime'\n" + MAPPED, ("unknown time zone 'localtime'", "Europe/Berlin")),
        ("time_zone = 3\n" + MAPPED, ("time_zone", "must be a text")),
        ("currency = 'Euro'\n" + MAPPED, ("currency is 'Euro'", "three letters", 'currency = "EUR"')),
        (MAPPED.replace("[deals.columns]", 'currency = "€"\n[deals.columns]'), ("no. 1", "three letters")),
        (MAPPED + 'currency = { value = "Dollar" }\n', ("no. 1", "three letters")),
        (MAPPED.replace("file =", "fil ="), ("no. 1", "file")),
        (MAPPED.replace("deals.csv", "deal.csv"), ("no file", "deals.csv")),
        (MAPPED.replace("deals.csv", "../deals.csv"), ("inside the data folder",)),
        (MAPPED.replace("deals.csv", "/etc/passwd"), ("inside the data folder",)),
        (MAPPED.replace('status = "status"', 'statu = "status"'), ("unknown column 'statu'", "'status'")),
        (MAPPED.replace('status = "status"', ""), ("required column 'status' is not mapped",)),
        (MAPPED.replace('status = "status"', 'status = "state"'), ("no column 'state'", "'status'")),
        (MAPPED.replace('status = "status"', 'status = { valu = "won" }'), ("columns.status", "value")),
        (MAPPED.replace('status = "status"', "status = 3"), ("columns.status", "sql")),
        (MAPPED.replace("[deals.columns]", 'csv = { seperator = ";" }\n[deals.columns]'), ("seperator", "separator")),
        (MAPPED.replace("[deals.columns]", 'csv = { separator = ";;" }\n[deals.columns]'), ("separator", "one character")),
        (MAPPED.replace("[deals.columns]", 'csv = { date_order = "ydm" }\n[deals.columns]'), ("date_order", "'ymd'")),
        (MAPPED.replace("[deals.columns]", 'csv = { encoding = "utf-9" }\n[deals.columns]'), ("encoding", "utf-8")),
        (MAPPED + '[deals.extra]\nname = "name"\n', ("extra.name", "[deals.columns]")),
        (MAPPED + "[deals.extra]\nx = { sqll = 'name' }\n", ("extra.x", "{ sql =")),
        (MAPPED + "[deals.extra]\nx = { sql = 'count(*)' }\n", ("extra.x", "count")),
        (MAPPED + "[deals.extra]\nx = { sql = 'no_such || 1' }\n", ("extra.x", "no_such")),
        (MAPPED.replace("[deals.columns]", 'where = "no_such = 1"\n[deals.columns]'), ("where", "no_such")),
        (MAPPED.replace("[deals.columns]", "where = \"statu = 'x'\"\n[deals.columns]"), ("where", "'status'")),
        (
            MAPPED.replace('status = "status"', 'status = { sql = "cast(deal_id as integer)" }'),
            ("status", "try_cast", "deals.csv"),
        ),
    ],
)
def test_mappings_that_are_refused(tmp_path: Path, mapping: str, words: tuple[str, ...]) -> None:
    refused(tmp_path, {"deals.csv": DEALS, "mapping.toml": mapping}, MappingError, "mapping.toml", *words)


@pytest.mark.parametrize(
    "expression",
    [
        "(select content from read_text('/etc/passwd'))",
        "(select 1)",
        "exists(select 1 from deals)",
        "read_csv('/etc/passwd')",
        "read_text('/etc/passwd')",
        "deal_id) from source; copy (select 1) to '/tmp/x.csv'; select (1",
        "1; attach '/tmp/x.db'",
        "deal_id, status",
        "deal_id) , (status",
        "*",
        "columns(*)",
        "deal_id) from read_csv('/etc/passwd') where (true",
        "deal_id from source --",
        "(with x as (select 1) select * from x)",
        "deal_id) union all select ('x'",
        "count(*)",
        "sum(1)",
        "row_number() over ()",
        "random()",
        "now()",
        "current_date",
        "uuid()",
        "$1",
        "?",
        "",
        "getenv('HOME')",
        "deal_id) from source limit (1",
        "load 'x'",
        "glob('/etc/*')",
        "set_config('x')",
        "pragma_version()",
        "(from read_text('/etc/passwd'))",
        "deal_id) from (select 1) as source(deal_id) where (true",
        "list(deal_id)",
        "deal_id) from source group by (1",
        "query('select 1')",
        "sniff_csv('/etc/passwd')",
        "nextval('x')",
        "parquet_metadata('/x')",
        "1 -- )",
    ],
)
@pytest.mark.parametrize("place", ["sql", "where"])
def test_hostile_expressions_are_refused(tmp_path: Path, expression: str, place: str) -> None:
    quoted = '"' + expression.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if place == "sql":
        mapping = MAPPED.replace('status = "status"', f"status = {{ sql = {quoted} }}")
    else:
        mapping = MAPPED.replace("[deals.columns]", f"where = {quoted}\n[deals.columns]")
    if expression == "1 -- )":  # a comment is harmless: it ends with its line
        load_files(tmp_path, {"deals.csv": DEALS, "mapping.toml": mapping})
        return
    refused(
        tmp_path,
        {"deals.csv": DEALS, "mapping.toml": mapping},
        MappingError,
        "mapping.toml [[deals]] no. 1",
        place if place == "where" else "status",
    )
