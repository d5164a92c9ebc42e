"""Fuzzing: whatever lies in the folder, the loaders refuse it in words or account for every row. benchmarks/fuzz.py tries many more."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attribution import settings_file
from attribution.errors import ClosedLoopError
from tests import fuzzing

MAPPING = '[[deals]]\nfile = "export.csv"\n[deals.columns]\ndeal_id = "Id"\ncreated_at = "Created"\nstatus = { if = "Won", then = "won" }\n'


@pytest.mark.parametrize("ending", fuzzing.ENDINGS)
def test_the_file_that_is_damaged_below_can_be_read(tmp_path: Path, ending: str) -> None:
    loaded = fuzzing.survives(tmp_path, {f"deals{ending}": fuzzing.good_file(ending)})
    assert loaded is not None
    assert loaded.one("select count(*) from raw.deals") == 3


@pytest.mark.parametrize("ending", fuzzing.ENDINGS)
@settings(max_examples=6)
@example(seed=5131)  # a workbook that asks for version 18.5 of zip
@example(seed=3401489143)  # a Parquet file whose damage shows when its rows are read
@given(seed=st.integers(0, 2**32))
def test_damaged_files_of_every_kind(tmp_path: Path, ending: str, seed: int) -> None:
    damaged = fuzzing.damaged(fuzzing.good_file(ending), seed)
    loaded = fuzzing.survives(tmp_path, {f"deals{ending}": damaged})
    if loaded:
        loaded.connection.close()


@pytest.mark.parametrize("ending", fuzzing.ENDINGS)
@settings(max_examples=4)
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"{", b'"']),
)
def test_random_bytes_under_every_ending(tmp_path: Path, ending: str, content: bytes, start: bytes) -> None:
    loaded = fuzzing.survives(tmp_path, {"deals.csv": fuzzing.good_file(".csv"), f"touches{ending}": start + content})
    if loaded:
        assert loaded.one("select count(*) from raw.deals") == 3
        loaded.connection.close()


@pytest.mark.parametrize("ending", fuzzing.ENDINGS)
@pytest.mark.parametrize("content", fuzzing.ENDINGS)
def test_every_kind_under_the_name_of_another(tmp_path: Path, ending: str, content: str) -> None:
    loaded = fuzzing.survives(tmp_path, {f"deals{ending}": fuzzing.good_file(content)})
    if loaded:
        assert loaded.one("select count(*) from raw.deals") + loaded.one("select count(*) from raw.quarantine") == 3


@settings(max_examples=30)
@given(
    made=fuzzing.tables(),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_random_tables_as_csv(
    tmp_path: Path, made: tuple[str, list[str], list[list[str]]], separator: str, quoting: int, end: str, encoding: str
) -> None:
    table, header, rows = made
    files = {f"{table}.csv": fuzzing.as_csv(header, rows, separator, quoting, end, encoding)}
    if table != "deals":
        files["deals.csv"] = fuzzing.good_file(".csv")
    loaded = fuzzing.survives(tmp_path, files)
    if loaded:
        loaded.connection.close()


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), text=st.text(max_size=200), is_damaged=st.booleans())
def test_random_mappings(tmp_path: Path, seed: int, text: str, is_damaged: bool) -> None:
    mapping = fuzzing.damaged(MAPPING.encode(), seed) if is_damaged else text.encode("utf-8", "replace")
    loaded = fuzzing.survives(tmp_path, {"export.csv": b"Id,Created,Won\n1,2024-01-01,yes\n", "mapping.toml": mapping})
    if loaded:
        loaded.connection.close()


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), text=st.binary(max_size=200), is_damaged=st.booleans())
def test_random_settings(tmp_path: Path, seed: int, text: bytes, is_damaged: bool) -> None:
    good = (Path(settings_file.__file__).parent.parent / "attribution.toml").read_bytes()
    (tmp_path / "attribution.toml").write_bytes(fuzzing.damaged(good, seed) if is_damaged else text)
    try:
        settings_file.read_settings(tmp_path, None, [])
    except ClosedLoopError as error:
        assert "attribution.toml" in str(error)
