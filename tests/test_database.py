"""Versions: the old one serves until the new one is verified, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import attribution
from attribution import db, verify
from attribution.build import STAGES, build
from attribution.errors import ClosedLoopError, DatabaseError, DataError, SettingsError, VerificationError
from attribution.opened import MOST_STATEMENTS_REMEMBERED
from tests.conftest import REPOSITORY

DEALS = "deal_id,created_at,closed_at,status,amount,currency\nD1,2026-01-01,2026-02-01,won,100.00,EUR\nD2,2026-01-05,2026-02-03,won,50.00,EUR\n"


def quietly(_message: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS, encoding="utf-8")
    return data


def won_total(database: Path) -> float:
    dataset = attribution.open(database)
    total: float = dataset.metrics(["won_revenue"])["won_revenue"].iloc[0]
    dataset.close()
    return float(total)


def test_building_twice_gives_the_same_bytes(folder: Path, tmp_path: Path, run_process: Callable[..., Any]) -> None:
    database = tmp_path / "build"
    outputs = []
    for _ in range(2):
        build(folder, database, progress=quietly)
        outputs.append(run_process("credit", "--db", database, "--model", "all", "--by", "deal,month").stdout)
    assert outputs[0] == outputs[1]
    assert len(list(database.glob("data-*.duckdb"))) == 2


def test_ids_of_touches_are_packed_without_a_dictionary(sample_database: Path) -> None:
    with db.open_as(db.current_path(sample_database), "built") as connection:
        for table in ("raw.touches", "touches.touches", "journeys.deal_touches", "credits.weights"):
            packed = f"select distinct compression from pragma_storage_info('built.{table}') where column_name = 'touch_id' and segment_type = 'VARCHAR'"
            assert connection.execute(packed).fetchall() == [("ZSTD",)], table


def test_tables_whose_single_rows_are_asked_for_have_an_index(sample_database: Path) -> None:
    keyed = {(stage.schema, table.name, table.key) for stage in STAGES for table in stage.tables if table.key}
    with closing(attribution.open(sample_database)) as ds:
        found = ds.rows("select schema_name, table_name, expressions from duckdb_indexes()")
    assert keyed and {(schema, table, column.strip("[]")) for schema, table, column in found} == keyed


def test_only_the_newest_versions_are_kept(folder: Path, tmp_path: Path) -> None:
    for _ in range(4):
        result = build(folder, tmp_path / "build", overrides=["database.keep_versions=2"], progress=quietly)
    kept = sorted((tmp_path / "build").glob("data-*.duckdb"))
    assert len(kept) == 2
    assert kept[-1] == result.path


def test_a_single_file_is_a_database_too(folder: Path, tmp_path: Path) -> None:
    build(folder, tmp_path / "one.duckdb", progress=quietly)
    build(folder, tmp_path / "one.duckdb", progress=quietly)
    assert won_total(tmp_path / "one.duckdb") == 150
    assert [path.name for path in tmp_path.glob("[!.]*.duckdb*")] == ["one.duckdb"]


def test_a_file_that_is_not_ours_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    foreign, text = tmp_path / "foreign.duckdb", tmp_path / "text.duckdb"
    connection = db.connect(foreign)
    connection.execute("create table theirs as select 1 as kept")
    connection.close()
    text.write_text("hello", encoding="utf-8")
    for path in (foreign, text):
        with pytest.raises(DatabaseError, match="not overwritten"):
            build(folder, path, progress=quietly)
    assert db.connect(foreign, read_only=True).execute("select kept from theirs").fetchall() == [(1,)]
    assert text.read_text(encoding="utf-8") == "hello"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda folder: (folder / "deals.csv").unlink(), DataError),
        (lambda folder: (folder / "attribution.toml").write_text("[journeys]\ngrain = 'hour'\n"), SettingsError),
        (lambda folder: (folder / "deals.csv").write_text(DEALS.replace("50.00,EUR", "50.00,USD")), SettingsError),
    ],
)
def test_a_failed_build_leaves_the_old_version_serving(
    folder: Path, tmp_path: Path, change: Callable[[Path], Any], error: type[Exception]
) -> None:
    database = tmp_path / "build"
    build(folder, database, progress=quietly)
    change(folder)
    with pytest.raises(error):
        build(folder, database, progress=quietly)
    assert won_total(database) == 150
    assert not list(database.glob(".*draft*"))


def test_numbers_that_do_not_add_up_are_not_put_into_service(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "build"
    build(folder, database, progress=quietly)
    broken = verify.Rule("nobody is won", "count(*)", "marts.deals where status = 'won'")
    monkeypatch.setattr(verify, "RULES", (*verify.RULES, broken))
    (folder / "deals.csv").write_text(DEALS.replace("50.00", "60.00"), encoding="utf-8")
    with pytest.raises(VerificationError, match="nobody is won"):
        build(folder, database, progress=quietly)
    assert won_total(database) == 150


def test_a_damaged_version_gives_way_to_the_last_good_one(folder: Path, tmp_path: Path) -> None:
    database = tmp_path / "build"
    good = build(folder, database, progress=quietly)
    bad = build(folder, database, progress=quietly)
    bad.path.write_bytes(b"not a database")
    dataset = attribution.open(database)
    assert dataset.version == good.version
    assert "last good version" in dataset.notice
    (database / db.CURRENT).write_text("data-nothing.duckdb\n", encoding="utf-8")
    assert attribution.open(database).version == good.version


def test_no_database_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="python -m attribution build"):
        attribution.open(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatabaseError, match="python -m attribution build"):
        attribution.open(tmp_path / "empty")
    db.connect(tmp_path / "other.duckdb").close()
    with pytest.raises(DatabaseError, match="not a complete Closed Loop database"):
        attribution.open(tmp_path / "other.duckdb")


def test_a_second_build_says_that_another_is_running(folder: Path, tmp_path: Path) -> None:
    database = tmp_path / "build"
    build(folder, database, progress=quietly)
    with FileLock(database / f".{database.name}.lock"), pytest.raises(DatabaseError, match="another build is running"):
        build(folder, database, progress=quietly)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_killed_build_leaves_the_old_version_and_no_litter(folder: Path, tmp_path: Path) -> None:
    database = tmp_path / "build"
    build(folder, database, progress=quietly)
    for attempt in range(3):
        command = [sys.executable, "-m", "attribution", "build", "--data", str(folder), "--db", str(database)]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not list(database.glob(".*draft*")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert won_total(database) == 150
    build(folder, database, progress=quietly)
    assert won_total(database) == 150
    assert not list(database.glob(".*draft*"))


def test_deals_gone_at_the_source_are_reported(folder: Path, tmp_path: Path) -> None:
    database = tmp_path / "build"
    build(folder, database, progress=quietly)
    (folder / "deals.csv").write_text("\n".join(DEALS.splitlines()[:2]) + "\n", encoding="utf-8")
    result = build(folder, database, progress=quietly)
    assert result.gone_deals == 1
    assert won_total(database) == 100
    checks = attribution.open(database).checks().set_index("check")
    assert checks.loc["gone_deals", "rows"] == 1
    assert build(folder, database, progress=quietly).gone_deals == 0


def test_another_folder_is_no_refresh(folder: Path, tmp_path: Path) -> None:
    build(folder, tmp_path / "build", progress=quietly)
    other = tmp_path / "other"
    other.mkdir()
    (other / "deals.csv").write_text(DEALS.replace("D1", "E1").replace("D2", "E2"), encoding="utf-8")
    assert build(other, tmp_path / "build", progress=quietly).gone_deals == 0


def test_a_place_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(DatabaseError, match="cannot be written"):
        build(folder, tmp_path / "file" / "build", progress=quietly)


def test_a_what_if_leaves_the_database_untouched_and_equals_a_build(sample: Any, sample_database: Path, tmp_path: Path) -> None:
    overrides = ["journeys.lookback_days=120", "journeys.join_rule=account", "models.custom.mine.last=100"]
    before = sample.path.read_bytes()
    what_if = sample.with_settings(overrides)
    rebuilt = build(REPOSITORY / "sample_data", tmp_path / "build", overrides=overrides, progress=quietly)
    built = attribution.dataset.Dataset(rebuilt.path)
    for model in ("w_shaped", "mine"):
        expected = built.credit(model, ["channel", "month"], ["revenue", "deals", "pipeline", "sourced_revenue"])
        assert what_if.credit(model, ["channel", "month"], ["revenue", "deals", "pipeline", "sourced_revenue"]).equals(expected)
    assert sample.path.read_bytes() == before


@pytest.mark.parametrize("setting", ["reporting.currency=USD", "reporting.time_zone=UTC", "reporting.as_of=2026-01-01"])
def test_a_what_if_on_how_files_are_read_is_refused(sample: Any, setting: str) -> None:
    with pytest.raises(ClosedLoopError, match="can only change in a build"):
        sample.with_settings([setting])


def test_too_little_memory_says_which_setting_gives_more(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"Out of Memory.*database\.memory_limit = '12MB'.*--set database\.memory_limit"):
        build(REPOSITORY / "sample_data", tmp_path / "build", None, ["database.memory_limit=12MB"], lambda _message: None)


def test_a_database_of_another_layout_says_build_again(folder: Path, tmp_path: Path) -> None:
    """After an upgrade: not a missing table in the middle of a page, but what to do."""
    path = tmp_path / "old.duckdb"
    build(folder, path, progress=quietly)
    with db.connect(path) as connection:
        connection.execute("update config.build set format = format - 1")
    with pytest.raises(DatabaseError, match=r"built by another version of Closed Loop.*Build it again"):
        attribution.open(path)
    with db.connect(path) as connection:
        connection.execute("alter table config.build drop column format")
    with pytest.raises(DatabaseError, match="Build it again"):
        attribution.open(path)


def test_parsed_statements_make_room_for_others(sample_database: Path) -> None:
    numbers = [*range(MOST_STATEMENTS_REMEMBERED + 1), 0, MOST_STATEMENTS_REMEMBERED]
    with closing(attribution.open(sample_database)) as ds:
        assert [ds.rows(f"select {number} + ?", [1])[0][0] for number in numbers] == [number + 1 for number in numbers]
        assert len(ds._statements) == MOST_STATEMENTS_REMEMBERED
