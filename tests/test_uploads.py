"""Files that a visitor uploads: safe names, files that grow or lie, limits, folders of their own, and mappings that reach outside."""

from __future__ import annotations

import gzip
import io
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution.errors import ClosedLoopError, DataError
from attribution.onboarding import checking, uploads
from tests.exports import TWO_DEALS, received


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("deals.csv", "deals.csv"),
        ("Closed Deals 2025.XLSX", "Closed Deals 2025.xlsx"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\windows\\system32\\x.csv", "x.csv"),
        ("/etc/cron.d/x.csv.gz", "x.csv.gz"),
        ("....csv", "file.csv"),
        (".hidden.csv", "hidden.csv"),
        ("con.csv", "file_con.csv"),
        ("a\0b\nc;rm -rf $HOME`x`.csv", "a_b_c_rm -rf _HOME_x.csv"),
        ("<script>alert(1)</script>.csv", "script.csv"),
        ("Angebote für März.csv", "Angebote für März.csv"),
        ("x" * 300 + ".parquet", "x" * 92 + ".parquet"),
        ("a*[b]?.csv", "a_b.csv"),
        ("MAPPING.toml", "mapping.toml"),
        ("\u202egnp.csv", "gnp.csv"),
    ],
)
def test_names_become_safe(given: str, safe: str) -> None:
    found = uploads.safe_name(given)
    assert found == safe
    assert "/" not in found and "\\" not in found and not found.startswith(".") and len(found) <= 100


@pytest.mark.parametrize(
    "given", ["x.exe", "x", "deals.csv.exe", "x.parquet.gz", "attribution.toml", "x.toml", "a.csv/..", "deals.csv\0.png", ""]
)
def test_other_endings_are_refused(given: str) -> None:
    with pytest.raises(DataError, match="kind of file"):
        uploads.safe_name(given)


def test_names_that_meet_are_told_apart() -> None:
    assert uploads.safe_name("a/deals.csv", ["Deals.csv"]) == "deals-2.csv"
    assert uploads.safe_name("deals.csv.gz", ["deals.csv.gz", "deals-2.csv.gz"]) == "deals-3.csv.gz"


def test_uploads_land_in_a_private_folder_of_their_own(tmp_path: Path) -> None:
    folder, names = received(tmp_path, ("../deals.csv", TWO_DEALS.encode()), ("DEALS.csv", TWO_DEALS.encode()))
    assert folder.parent == tmp_path / "build" / "uploads"
    assert names == ["deals.csv", "DEALS-2.csv"] == sorted((path.name for path in folder.iterdir()), key=len)
    assert folder.stat().st_mode & 0o777 == 0o700 and (folder / "deals.csv").stat().st_mode & 0o777 == 0o600


def bomb_xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (60 * uploads.MEGABYTE))
    return out.getvalue()


def entity_xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    return out.getvalue()


def endless_parquet(tmp_path: Path) -> bytes:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": pa.array([1]).take(pa.array([0] * 3_000_000))}), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bomb.csv.gz", lambda _: gzip.compress(b"a" * 5_000_000), "unpacked"),
        ("bomb.csv", lambda _: gzip.compress(b"a" * 5_000_000), "unpacked"),
        ("twice.csv.gz", lambda _: gzip.compress(b"a" * 900_000) * 4, "unpacked"),
        ("bomb.xlsx", lambda _: bomb_xlsx(), "larger than a workbook"),
        ("entities.xlsx", lambda _: entity_xlsx(), "document type"),
        ("many.parquet", endless_parquet, "more than can be uploaded"),
        ("large.csv", lambda _: b"x" * 3_000_000, "larger than 2 MB"),
    ],
)
def test_files_that_grow_are_refused_and_leave_nothing(
    name: str, content: Callable[[Path], bytes], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 3_000_000)
    monkeypatch.setattr(uploads, "MOST_MEGABYTES", 2)
    monkeypatch.setattr(uploads, "MOST_PARQUET_CELLS", 1_000_000)
    with pytest.raises(DataError, match=words):
        received(tmp_path, ("deals.csv", TWO_DEALS.encode()), (name, content(tmp_path)))
    assert list((tmp_path / "build" / "uploads").iterdir()) == []


def test_limits_of_an_upload_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_TOGETHER", 100)
    with pytest.raises(DataError, match="together"):
        received(tmp_path, ("a.csv", b"x" * 60), ("b.csv", b"x" * 60))
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    with pytest.raises(DataError, match="More than 1 files"):
        received(tmp_path, ("a.csv", b"x"), ("b.csv", b"x"))
    with pytest.raises(DataError, match="No file with data"):
        received(tmp_path, ("mapping.toml", b""))


def test_the_browser_is_told_the_same_limit() -> None:
    config = tomllib.loads((Path(__file__).parent.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] == uploads.MOST_MEGABYTES


def test_abandoned_uploads_are_cleared_away_but_nothing_else(tmp_path: Path) -> None:
    database = tmp_path / "build"
    folders = [received(tmp_path, ("deals.csv", TWO_DEALS.encode()))[0] for _ in range(6)]
    place = uploads.root(database)
    (place / "mine").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (place / "20200101T000000000000Z").symlink_to(outside)
    removed = uploads.clear_away(database, [str(folders[0])], keep=2)
    assert removed == [folder.name for folder in reversed(folders[1:4])]
    assert {path.name for path in place.iterdir()} == {
        folders[0].name,
        folders[4].name,
        folders[5].name,
        "mine",
        "20200101T000000000000Z",
    }
    assert outside.is_dir()


def test_an_uploaded_mapping_cannot_reach_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(TWO_DEALS)
    for hostile in (
        '[[deals]]\nfile = "../../../secret.csv"\n',
        f'[[deals]]\nfile = "{tmp_path}/secret.csv"\n',
        '[[deals]]\nfile = "deals.csv"\n[deals.columns]\ncreated_at = "created_at"\nstatus = "status"\n'
        "deal_id = { sql = \"(select content from read_text('/etc/passwd'))\" }\n",
    ):
        folder, _ = received(tmp_path, ("deals.csv", TWO_DEALS.encode()), ("mapping.toml", hostile.encode()))
        with pytest.raises(ClosedLoopError):
            checking.check(folder)
