"""Files that somebody's own data may hold: that cannot be read, that are odd, that are large."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from attribution.errors import DataError
from attribution.onboarding import looking
from tests.exports import TWO_DEALS, looked

WIDE = ",".join(
    f"column number {number} with a name of one hundred and twenty characters or nearly so as some systems write them {number}"
    for number in range(300)
)
ODD = {
    "empty.csv": (b"", "empty"),
    "blank.csv": (b"\n\n", "empty"),
    "report.csv": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3" + bytes(range(256)) * 20, "PDF"),
    "photo.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture"),
    "book.csv": (b"PK\x03\x04" + bytes(400), "XLSX or ZIP"),
    "broken.xlsx": (b"PK\x03\x04" + bytes(400), "XLSX"),
    "no.parquet": (b"hello", "Parquet"),
    "cut.csv.gz": (gzip.compress(b"a,b\n1,2\n" * 5000)[:60], "cannot be read to its end"),
    "numbers.csv": (b"1,2,3\n4,5,6\n", "looks like data"),
    "binary.tsv": (bytes(range(1, 9)) * 500, "binary"),
}


@pytest.mark.parametrize("name", ODD)
def test_files_that_cannot_be_read_say_why_in_words(name: str, tmp_path: Path) -> None:
    content, word = ODD[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "deals.csv").write_text(TWO_DEALS)
    now = looked(tmp_path)
    part = next(part for part in now.look.parts if part.file == name) if now.look else None
    assert part and part.problem and word in part.problem and part.columns == ()
    assert now.draft.feeds_of(name) == () and now.draft.feeds_of("deals.csv")


def test_odd_files_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "header.csv").write_text("deal_id,created_at,status\n")
    (tmp_path / "wide.csv").write_text(WIDE + "\n" + ",".join("x" * 300) + "\n")
    (tmp_path / "latin.csv").write_bytes("Deal ID;Created;Stage;Währung\n1;01.02.2025;Gewonnen;€\n".encode("cp1252"))
    (tmp_path / "formulas.csv").write_text(
        "deal_id,created_at,status,name\n1,2025-01-01,open,\"=cmd|' /C calc'!A0\"\n2,2025-01-01,open,@SUM(1)\n"
    )
    parts = {part.file: part for part in looked(tmp_path).look.parts}  # type: ignore[union-attr]
    assert all(part.problem is None for part in parts.values())
    assert (parts["header.csv"].rows, len(parts["wide.csv"].columns), parts["latin.csv"].detected["encoding"]) == (
        0,
        300,
        "cp1252",
    )
    assert parts["formulas.csv"].preview[0][3].startswith("=cmd")


@pytest.mark.parametrize("kind", ["nowhere", "file", "empty", "unreadable"])
def test_folders_that_are_none(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / kind
    if kind == "file":
        folder.write_text("x")
    elif kind != "nowhere":
        folder.mkdir()
    if kind == "unreadable":
        (folder / "photo.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"no such folder|not a folder|no file that can be read"):
        looked(folder)


def test_a_large_file_is_looked_at_from_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_BYTES", 5_000)
    (tmp_path / "deals.csv").write_text(
        "deal_id,created_at,status\n" + "".join(f"d{number},2025-01-01,open\n" for number in range(1000))
    )
    part = looking.look_at(tmp_path / "deals.csv")[0]
    assert not part.is_whole and 0 < part.rows < 1000 and part.rejected == 0
