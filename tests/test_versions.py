"""Versions: which ones stay, which one serves, and what a reader, a second build, a full disk or a killed process does to them."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import attribution
from attribution import db
from attribution.build import BuildResult, build
from attribution.errors import DatabaseError
from tests.conftest import REPOSITORY

posix = pytest.mark.skipif(os.name != "posix", reason="locks, limits and kill -9 as POSIX has them")

HEADER = "deal_id,created_at,closed_at,status,amount,currency\n"
KEEP_TWO = ("database.keep_versions=2",)


def write_deals(folder: Path, amount: int) -> None:
    """One won deal: the amount tells the versions apart."""
    folder.mkdir(exist_ok=True)
    (folder / "deals.csv").write_text(f"{HEADER}D1,2026-01-01,2026-02-01,won,{amount}.00,EUR\n", encoding="utf-8")


@pytest.fixture
def versions_of(tmp_path: Path) -> Callable[..., BuildResult]:
    """A function: build one deal of this amount as the next version of ``build``, of which the newest two are kept."""

    def make(amount: int, name: str = "build", overrides: tuple[str, ...] = KEEP_TWO) -> BuildResult:
        write_deals(tmp_path / "data", amount)
        return build(tmp_path / "data", tmp_path / name, overrides=overrides, progress=lambda _message: None)

    return make


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildResult, BuildResult]:
    """Versions of 100 and 200, not to be changed."""
    place = tmp_path_factory.mktemp("twice")
    made = []
    for amount in (100, 200):
        write_deals(place / "data", amount)
        made.append(build(place / "data", place / "build", progress=lambda _message: None))
    return made[0], made[1]


@pytest.fixture
def two_versions(built_twice: tuple[BuildResult, BuildResult], tmp_path: Path) -> list[BuildResult]:
    """The two in a ``build`` of one's own."""
    shutil.copytree(built_twice[0].path.parent, tmp_path / "build")
    return [replace(made, path=tmp_path / "build" / made.path.name) for made in built_twice]


def won(dataset: Any) -> float:
    """What the one deal of a version brought."""
    return float(dataset.metrics(["won_revenue"])["won_revenue"].iloc[0])


def files(database: Path) -> list[str]:
    """The names of all files of a database, hidden ones too; the locks that stay are left out."""
    return sorted(path.name for path in database.iterdir() if path.suffix != ".lock")


def test_a_version_stays_as_long_as_somebody_reads_it(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    first = versions_of(100)
    reader = attribution.open(tmp_path / "build")
    for amount in (200, 300):
        versions_of(amount)
    assert first.path.exists()
    assert won(reader) == 100
    what_if = reader.with_settings({"journeys.lookback_days": 30})
    assert (what_if.version, won(what_if)) == (first.version, 100)
    assert won(attribution.open(tmp_path / "build")) == 300
    reader.close()
    versions_of(500)
    assert first.path.exists(), "the what-if still reads it"
    what_if.close()
    last = versions_of(600)
    assert not first.path.exists()
    assert len(files(tmp_path / "build")) == 3, files(tmp_path / "build")
    assert last.path.exists()


@posix
def test_a_reader_in_another_process_keeps_its_version_until_it_dies(
    versions_of: Callable[..., BuildResult], tmp_path: Path
) -> None:
    first = versions_of(100)
    program = (
        f"import attribution, sys; d = attribution.open({str(tmp_path / 'build')!r}); print(1, flush=True); sys.stdin.read()"
    )
    reader = subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert reader.stdout and reader.stdin and reader.stdout.readline()
    for amount in (200, 300):
        versions_of(amount)
    assert first.path.exists()
    reader.kill()
    reader.communicate()
    versions_of(500)
    assert not first.path.exists()


def test_a_pinned_version_stays_until_nobody_needs_it(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    database = tmp_path / "build"
    first = versions_of(100)
    db.pin(database, first.version, "Spotlight of March")
    db.pin(database, first.version, "Revenue meeting, 2 April")
    for amount in (200, 300):
        versions_of(amount)
    entry = db.versions(database)[-1]
    assert (entry.name, entry.pinned_for) == (first.version, ("Spotlight of March", "Revenue meeting, 2 April"))
    db.unpin(database, first.version, "Spotlight of March")
    versions_of(500)
    assert first.path.exists()
    db.unpin(database, first.version)
    versions_of(600)
    assert not first.path.exists()
    assert db.pins(database) == {}
    db.unpin(database, first.version)


def test_pins_that_cannot_be_read_lose_nothing(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    database = tmp_path / "build"
    first = versions_of(100)
    (database / "pins.json").write_text('{"broken', encoding="utf-8")
    for amount in (200, 300):
        versions_of(amount)
    assert first.path.exists()
    with pytest.raises(DatabaseError, match=r"pins\.json.*Mend the file"):
        db.pin(database, first.version, "Spotlight")
    (database / "pins.json").unlink()
    versions_of(500)
    assert not first.path.exists()


def test_only_a_version_that_is_there_can_be_pinned(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    there = versions_of(100)
    with pytest.raises(DatabaseError, match=rf"no version '2020'.*{there.version} \(in service\)"):
        db.pin(tmp_path / "build", "2020", "Spotlight")
    versions_of(100, "one.duckdb")
    with pytest.raises(DatabaseError, match="single file keeps one version"):
        db.pin(tmp_path / "one.duckdb", there.version, "Spotlight")


def test_rollback_returns_to_an_earlier_version(
    versions_of: Callable[..., BuildResult], tmp_path: Path, run_cli: Callable[..., Any]
) -> None:
    database = tmp_path / "build"
    built = [versions_of(amount, overrides=()) for amount in (100, 200, 300)]
    before = db.in_service(database)
    done = run_cli("build", "--db", database, "--rollback", "--format", "csv")
    assert f"Version {built[1].version} of" in done.stderr
    assert done.stdout.splitlines() == [
        "version,in_service,pinned_for",
        f"{built[2].version},,",
        f"{built[1].version},yes,",
        f"{built[0].version},,",
    ]
    assert won(attribution.open(database)) == 200
    assert db.in_service(database) != before, "open pages see it with their next click"
    run_cli("build", "--db", database, "--rollback", built[2].version)
    assert won(attribution.open(database)) == 300
    db.roll_back(database, built[0].version)
    with pytest.raises(DatabaseError, match="no version older than"):
        db.roll_back(database, None)
    assert won(attribution.open(database)) == 100
    assert versions_of(400, overrides=()).path == db.current_path(database)


def test_rollback_to_nothing_and_to_a_damaged_version_is_refused(
    versions_of: Callable[..., BuildResult], tmp_path: Path, run_cli: Callable[..., Any]
) -> None:
    database = tmp_path / "build"
    with pytest.raises(DatabaseError, match="no database here yet"):
        db.roll_back(database, None)
    first, second = versions_of(100), versions_of(200)
    refused = run_cli("build", "--db", database, "--rollback", first.version[:-3], expect=1).stderr
    assert f"Did you mean '{first.version}'" in refused and f"{second.version} (in service)" in refused
    content = bytearray(first.path.read_bytes())
    for start in range(20_000, len(content), 5_000):
        content[start] ^= 255
    first.path.write_bytes(content)
    refused = run_cli("build", "--db", database, "--rollback", expect=1).stderr
    assert "this version is damaged" in refused and f"Name another one: {second.version}" in refused
    assert won(attribution.open(database)) == 200
    assert "build takes no argument" in run_cli("build", first.version, "--db", database, expect=2).stderr


@pytest.mark.parametrize("length", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_version_gives_way_to_the_last_good_one(
    two_versions: list[BuildResult], tmp_path: Path, length: float
) -> None:
    good, bad = two_versions
    os.truncate(bad.path, int(bad.path.stat().st_size * length))
    dataset = attribution.open(tmp_path / "build")
    assert (dataset.version, won(dataset)) == (good.version, 100)
    assert bad.version in dataset.notice and "last good version" in dataset.notice
    assert dataset.with_settings({"journeys.lookback_days": 30}).notice == dataset.notice


@pytest.mark.parametrize("pointer", ["data-nothing.duckdb\n", "", "../../etc/passwd", "\ufffd\0", None])
def test_a_pointer_to_nothing_gives_way_to_the_newest_version(
    two_versions: list[BuildResult],
    versions_of: Callable[..., BuildResult],
    tmp_path: Path,
    run_cli: Callable[..., Any],
    pointer: str | None,
) -> None:
    database = tmp_path / "build"
    (database / "CURRENT").unlink()
    if pointer is not None:
        (database / "CURRENT").write_text(pointer, encoding="utf-8")
    dataset = attribution.open(database)
    assert won(dataset) == 200
    assert "CURRENT" in dataset.notice and "--rollback VERSION" in dataset.notice
    assert db.in_service(database), "the app must not take this for a first run"
    assert "Warning: " in run_cli("credit", "--db", database).stderr
    versions_of(300)
    assert attribution.open(database).notice == ""


def test_a_single_file_that_is_replaced_answers_anew_while_old_readers_go_on(
    versions_of: Callable[..., BuildResult], tmp_path: Path
) -> None:
    path = tmp_path / "one.duckdb"
    versions_of(100, path.name)
    old, before = attribution.open(path), db.in_service(path)
    versions_of(200, path.name)
    assert db.in_service(path) != before
    assert (won(old), won(attribution.open(path))) == (100, 200)
    with pytest.raises(DatabaseError, match="a new version took its place"):
        old.with_settings({"journeys.lookback_days": 30})


@posix
def test_a_second_build_says_who_is_at_it(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    database = tmp_path / "build"
    versions_of(100)
    with (
        db.building(database),
        pytest.raises(DatabaseError, match=rf"another build .* \(process {os.getpid()}, since 20\d\d-.* UTC\)"),
    ):
        versions_of(200)
    assert len(files(database)) == 2
    (database / ".build.owner").write_text("half a li", encoding="utf-8")
    assert won(attribution.open(versions_of(300).path.parent)) == 300


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))
sys.argv = ["attribution", "build", "--data", {data!r}, "--db", {database!r}]
from attribution.__main__ import main
main()
"""


@posix
@pytest.mark.parametrize("kilobytes", [0, 1, 300, 700, 1_500])
def test_a_full_disk_leaves_the_old_version_and_no_litter(
    versions_of: Callable[..., BuildResult], tmp_path: Path, kilobytes: int
) -> None:
    database = tmp_path / "build"
    versions_of(100)
    before = files(database)
    program = LIMITED.format(bytes=kilobytes * 1024, data=str(tmp_path / "data"), database=str(database))
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    message = done.stderr.splitlines()[-1]
    assert message.startswith("Error: ") and ("disk" in message), done.stderr
    assert "Traceback" not in done.stderr
    assert files(database) == before
    assert won(attribution.open(database)) == 100
    assert won(attribution.open(versions_of(200).path.parent)) == 200


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_rights_is_named_and_still_read(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    database = tmp_path / "build"
    versions_of(100)
    database.chmod(0o555)
    try:
        with pytest.raises(DatabaseError, match="cannot be written"):
            versions_of(200)
        assert won(attribution.open(database)) == 100
    finally:
        database.chmod(0o755)


def test_what_killed_builds_left_goes_with_the_next_one(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    database = tmp_path / "build"
    versions_of(100)
    before = files(database)
    spilled = database / ".build-draft-20260101T000000000000Z.duckdb.tmp"
    spilled.mkdir()
    for path in (spilled / "block", database / ".build-draft-2026.duckdb", database / ".build-draft-2026.duckdb.wal"):
        path.write_bytes(b"left over")
    (database / "CURRENT.new").write_text("half", encoding="utf-8")
    (database / ".build.owner").write_text(json.dumps({"process": 1, "since": "long ago"}), encoding="utf-8")
    versions_of(200)
    assert len(files(database)) == len(before) + 1, files(database)


@posix
def test_kill_at_random_moments(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    """benchmarks/kill_build.py does the same fifty times over more data."""
    database = tmp_path / "build"
    chance = random.Random(20260302)
    versions_of(100)
    command = [sys.executable, "-m", "attribution", "build", "--data", str(tmp_path / "data"), "--db", str(database)]
    start = time.monotonic()
    subprocess.run([*command, "--full"], cwd=REPOSITORY, capture_output=True, check=True)
    whole = time.monotonic() - start
    for turn in range(4):  # by turns a build of everything and a refresh, which a setting without figures calls for
        how = ["--full"] if turn % 2 else ["--set", f"database.keep_versions={4 + turn}"]
        process = subprocess.Popen([*command, *how], cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        dataset = attribution.open(database)
        assert (won(dataset), dataset.notice) == (100, "")
        dataset.close()
    versions_of(200)
    assert won(attribution.open(database)) == 200
    left = [name for name in files(database) if not name.startswith("data-")]
    assert left == ["CURRENT"]


def test_a_copied_database_reads_on(versions_of: Callable[..., BuildResult], tmp_path: Path) -> None:
    versions_of(100)
    shutil.copytree(tmp_path / "build", tmp_path / "elsewhere")
    assert won(attribution.open(tmp_path / "elsewhere")) == 100
