"""Loading a folder of files, for tests: query what was loaded, and see that every row is accounted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from attribution import db, schema
from attribution.connectors import load
from attribution.errors import ClosedLoopError

DEALS = "deal_id,created_at,closed_at,status,amount,currency\nd1,2024-01-02,2024-02-03,won,100.50,EUR\n"
MAPPED = '[[deals]]\nfile = "deals.csv"\n[deals.columns]\ndeal_id = "deal_id"\ncreated_at = "created_at"\nstatus = "status"\n'


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


def refused(folder: Path, files: dict[str, str | bytes], error: type[ClosedLoopError], *words: str) -> str:
    """Load the files, expect the error, and return its text, which holds all the words."""
    with pytest.raises(error) as caught:
        load_files(folder, files)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"
    return str(caught.value)
