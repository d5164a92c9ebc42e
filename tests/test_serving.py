"""Own data put into service: the version before stays one step away, a failed build changes nothing, nobody builds at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from attribution import db
from attribution.errors import DatabaseError, DataError
from attribution.onboarding import serving, uploads
from tests.exports import TWO_DEALS, quietly, received


def built(tmp_path: Path, deals: str = TWO_DEALS, overrides: tuple[str, ...] = ()) -> str:
    folder, _ = received(tmp_path, ("deals.csv", deals.encode()))
    return serving.build(folder, tmp_path / "build", overrides, quietly).version


def test_the_data_before_stays_one_step_away(tmp_path: Path) -> None:
    database = tmp_path / "build"
    first = built(tmp_path)
    assert serving.before(database) is None
    one_version = ("database.keep_versions=1",)
    second = built(tmp_path, TWO_DEALS.replace("d1", "e1"), one_version)
    assert [version.name for version in serving.kept(database)] == [second, first], "kept although the settings keep one"
    assert serving.before(database).name == first  # type: ignore[union-attr]
    serving.switch(database, first)
    assert [(version.name, version.is_served) for version in serving.kept(database)] == [(second, False), (first, True)]
    assert serving.before(database).name == second, "back and forth"  # type: ignore[union-attr]
    third = built(tmp_path, TWO_DEALS.replace("d1", "f1"), one_version)
    assert serving.before(database).name == first  # type: ignore[union-attr]
    assert {version.name for version in serving.kept(database)} >= {first, third}
    assert len(db.pins(database)) == 1


def test_a_failed_build_leaves_everything_as_it_was(tmp_path: Path) -> None:
    database = tmp_path / "build"
    first = built(tmp_path)
    folder, _ = received(tmp_path, ("deals.csv", b"deal_id,created_at\nd,2025-01-01\n"))
    with pytest.raises(DataError, match="status"):
        serving.build(folder, database, (), quietly)
    assert [(version.name, version.is_served) for version in serving.kept(database)] == [(first, True)]
    assert db.pins(database) == {}


def test_a_version_that_is_gone_cannot_be_shown(tmp_path: Path) -> None:
    first = built(tmp_path)
    with pytest.raises(DatabaseError, match="no version"):
        serving.switch(tmp_path / "build", "20200101T000000000000Z")
    assert serving.kept(tmp_path / "build")[0].name == first


def test_versions_that_this_release_cannot_read_are_not_offered(tmp_path: Path) -> None:
    first, second, third = (built(tmp_path) for _ in range(3))
    with db.connect(tmp_path / "build" / f"data-{first}.duckdb") as connection:
        connection.execute("drop table marts.deals")
    (tmp_path / "build" / f"data-{second}.duckdb").write_bytes(b"no database")
    assert [version.name for version in serving.kept(tmp_path / "build")] == [third]


def test_a_second_build_is_refused_while_one_runs(tmp_path: Path) -> None:
    built(tmp_path)
    folder, _ = received(tmp_path, ("deals.csv", TWO_DEALS.encode()))
    with db.building(tmp_path / "build"), pytest.raises(DatabaseError, match="another build"):
        serving.build(folder, tmp_path / "build", (), quietly)


def test_the_folder_of_a_version_that_is_kept_is_not_cleared_away(tmp_path: Path) -> None:
    for _ in range(uploads.KEPT + 3):
        built(tmp_path)
    kept = {Path(version.data_folder) for version in serving.kept(tmp_path / "build")}
    assert kept <= set(uploads.root(tmp_path / "build").iterdir())
