"""From exports to a mapping: uploads that mean harm, files as systems really write them, suggestions that lead to the right totals, and the way back."""

from __future__ import annotations

import gzip
import io
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution import db, schema
from attribution.build import build
from attribution.connectors import mapping
from attribution.connectors.plan import Constant, Expression, Renamed
from attribution.errors import ClosedLoopError, DatabaseError, DataError
from attribution.onboarding import checking, draft, looking, matching, serving, suggesting, uploads, vocabulary, work
from attribution.onboarding.draft import Draft, Feed, StatusWords
from tests import exports

DEALS = "deal_id,created_at,closed_at,status,amount\nd1,2025-01-02,2025-02-03,won,10\nd2,2025-01-05,,open,20\n"


def looked(folder: Path) -> work.Work:
    """A visitor's work after looking at a folder."""
    return work.begin(work.Work(), work.look_with(folder, {}, looking.look_at))


_EUR = ('reporting.currency="EUR"',)


def quietly(_message: str) -> None:
    """Progress that nobody reads."""


# -- suggestions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("export", ["hubspot", "salesforce", "salesforce_report", "plain_crm", "leads_crm"])
def test_the_suggested_mapping_gives_the_right_totals_without_a_change(export: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    truth: exports.Truth = getattr(exports, export)(data)
    now = looked(data)
    assert now.questions == ()
    database = tmp_path / "build"
    folder = checking.prepare(data, now.draft, database)
    check = checking.check(folder)
    assert (check.won, check.lost, check.open, check.amount) == (truth.won, truth.lost, truth.open, truth.amount)
    assert (check.touches.touches, check.touches.nobody) == (truth.touches, 0)
    serving.build(folder, database, (), quietly)
    version = serving.kept(database)[0]
    assert (version.won, version.amount) == (truth.won, truth.amount)
    assert sorted(path.name for path in data.iterdir()) == sorted(part.file for part in now.look.parts if now.look), (
        "the source is untouched"
    )


def test_the_check_says_what_the_build_will_report(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    exports.salesforce_report(data)
    folder = checking.prepare(data, looked(data).draft, tmp_path / "build")
    check = checking.check(folder)
    result = build(folder, tmp_path / "build", progress=quietly)
    with db.connect(result.path, read_only=True) as connection:
        report = connection.execute(
            "select table_name, file, rows_in, left_out, loaded, duplicates, quarantined from staging.load_report order by table_name, block, file"
        ).fetchall()
        unread = connection.execute("select file, line, reason from staging.quarantine order by line").fetchall()
    assert [tuple(vars(line).values()) for line in check.lines] == report
    assert all(line.rows_in == line.left_out + line.loaded + line.duplicates + line.quarantined for line in check.lines)
    assert sum(entry.rows for entry in check.unread) == len(unread) == 3
    assert (check.unread[0].file, check.unread[0].line, check.unread[0].reason) == unread[0]


def test_people_named_in_one_cell_are_all_kept(tmp_path: Path) -> None:
    exports.hubspot(tmp_path)
    now = looked(tmp_path)
    meetings = next(part.name for part in now.look.parts if "meetings" in part.file) if now.look else ""
    assert {feed.table for feed in now.draft.feeds_of(meetings)} == {"touches", "touch_links"}
    check = checking.check(checking.prepare(tmp_path, now.draft, tmp_path / "build"))
    loaded = {(line.table, line.file.split("-")[4]): line.loaded for line in check.lines}
    assert loaded["touch_links", "meetings"] == 40
    assert loaded["deal_contacts", "deals"] == sum(2 if number % 4 else 1 for number in range(exports.DEALS))


def test_contacts_that_nobody_names_are_left_out_with_the_reason(tmp_path: Path) -> None:
    exports.leads_crm(tmp_path)
    now = looked(tmp_path)
    assert now.draft.feeds_of("contacts.csv.gz") == ()
    assert "no touch and no deal names these people" in now.reasons["contacts.csv.gz"]
    assert now.draft.feed("leads.csv.gz", "contacts").columns["contact_id"] == Renamed("lead_id")  # type: ignore[union-attr]


def test_the_same_deals_twice_count_once_and_the_clearer_file_is_taken(tmp_path: Path) -> None:
    exports.plain_crm(tmp_path)
    now = looked(tmp_path)
    assert now.reasons["variant_us_dates.csv.gz"] == "holds the same deals as sales_pipeline.csv"


def test_ad_costs_are_read_without_their_titles_and_totals(tmp_path: Path) -> None:
    spent = exports.ads(tmp_path)
    (tmp_path / "deals.csv").write_text(DEALS)
    now = looked(tmp_path)
    check = checking.check(checking.prepare(tmp_path, now.draft, tmp_path / "build"), _EUR)
    assert now.draft.feed("google_ads.csv", "spend").options.skip == 2  # type: ignore[union-attr]
    assert now.draft.feed("meta_ads.csv", "spend").columns["currency"] == Constant("USD")  # type: ignore[union-attr]
    lines = {line.file: line for line in check.lines}
    assert (lines["google_ads.csv"].loaded, lines["google_ads.csv"].left_out, lines["meta_ads.csv"].rows_in) == (20, 1, 10)
    with db.connect(
        build(checking.prepare(tmp_path, now.draft, tmp_path / "build"), tmp_path / "build", None, _EUR, quietly).path,
        read_only=True,
    ) as made:
        assert made.execute("select cast(sum(amount) as double) from raw.spend").fetchall() == [(spent,)]


def test_words_of_a_status() -> None:
    words = {
        "won": ["Won", "closedwon", "Closed Won", "6 - Closed/Won", "gewonnen", "Ganado"],
        "lost": ["Lost", "closedlost", "Closed Lost", "verloren", "Cancelled"],
        "open": ["Prospecting", "Negotiation/Review", "Contract sent", "open"],
        None: ["", "xyz", "42"],
    }
    for status, said in words.items():
        assert {word: vocabulary.status_of(word) for word in said} == dict.fromkeys(said, status)


def test_a_word_that_is_not_listed_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS.replace("d2,", "d2,") + "d3,2025-01-05,2025-02-01,Vielleicht,20\n")
    (tmp_path / "mapping.toml").write_text(
        draft.to_toml(
            Draft((Feed("deals.csv", None, "deals", {name: Renamed(name) for name in ("deal_id", "created_at", "closed_at", "amount")}
                        | {"status": StatusWords("status", (("won", "won"), ("open", "open")))}),))
        )
    )  # fmt: skip
    check = checking.check(tmp_path)
    assert (check.won, check.open, check.unread[0].value) == (1, 1, "Vielleicht")


# -- dates and numbers that nothing decides ---------------------------------------------------------------------------------


def test_dates_that_can_be_read_in_two_ways_are_asked(tmp_path: Path) -> None:
    rows = "".join(
        f"d{number},0{number}/0{number + 1}/2025,0{number}/0{number + 2}/2025,won,1.{number}00\n" for number in range(1, 7)
    )
    (tmp_path / "deals.csv").write_text("deal_id,created_at,closed_at,status,amount\n" + rows)
    now = looked(tmp_path)
    now = work.replace(now, by_hand=True)
    assert len(now.questions) == 2
    assert now.ambiguous("date_order") == (("deals.csv", "01/02/2025"),)
    with pytest.raises(ClosedLoopError, match="two ways"):
        checking.check(checking.prepare(tmp_path, now.draft, tmp_path / "build"))
    now = now.changed(now.draft.with_options("deals.csv", date_order="dmy", decimal=","))
    assert now.questions == ()
    check = checking.check(checking.prepare(tmp_path, now.draft, tmp_path / "build"))
    assert (check.won, check.amount) == (6, 8100.0)


# -- mapping.toml ---------------------------------------------------------------------------------------------------------


NASTY = (
    'Deal "name"',
    "back\\slash",
    "line\nbreak",
    "ümläut €",
    "a.b",
    "x = { sql }",
    "tab\tbed",
    "'quoted'",
    "\U000e0001tag",
    "]]",
    "# no comment",
)


def test_what_is_written_is_what_a_build_reads(tmp_path: Path) -> None:
    (tmp_path / "any [1] file.csv").write_text("a\n1\n")
    columns = {
        "deal_id": Renamed("id"),
        "created_at": Expression('"x" || \'é"\\\''),
        "status": StatusWords("st'atus", (("Wön'", "won"), ("", "open"))),
    }
    for number, name in enumerate(NASTY):
        feed = Feed(
            "any [1] file.csv", None, "deals", {**columns, "name": Renamed(name)}, {name: name, "plain": "id"}, "\"a\" <> 'x'"
        )
        feed = Feed(
            **{
                **vars(feed),
                "options": looking.Options(
                    separator="\t", decimal=",", encoding="utf-8", header=True, date_order="dmy", skip=number
                ),
            }
        )
        text = draft.to_toml(Draft((feed,), "EUR", "Europe/Berlin"))
        document = tomllib.loads(text)
        block = document["deals"][0]
        assert (document["currency"], document["time_zone"], block["file"]) == ("EUR", "Europe/Berlin", "any [1] file.csv")
        assert block["columns"]["name"] == name and block["extra"] == {name: name, "plain": "id"}
        assert block["columns"]["created_at"] == {"sql": '"x" || \'é"\\\''}
        assert block["csv"].get("skip", 0) == number


def test_a_written_mapping_becomes_the_same_plan(tmp_path: Path) -> None:
    exports.hubspot(tmp_path)
    now = looked(tmp_path)
    folder = checking.prepare(tmp_path, now.draft, tmp_path / "build")
    plan = mapping.read(folder)
    wanted = {(feed.table, feed.file): feed for feed in now.draft.feeds}
    assert {(block.table, block.files[0].name) for block in plan.blocks} == set(wanted)
    for block in plan.blocks:
        feed = wanted[block.table, block.files[0].name]
        assert set(block.columns or {}) == set(feed.columns)
        assert all(
            origin == (block.columns or {})[name]
            for name, origin in feed.columns.items()
            if isinstance(origin, Renamed | Constant | Expression)
        )
        assert (block.where, block.options) == (feed.where, feed.options)


def test_a_folder_is_canonical_only_with_the_columns_its_names_promise(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    assert looked(tmp_path).look.kind == "canonical"  # type: ignore[union-attr]
    (tmp_path / "contacts.csv").write_text("Record ID,First Name,Last Name,Email\n1,A,B,a@b.de\n")
    now = looked(tmp_path)
    assert now.look and now.look.kind == "export" and now.maps
    assert now.draft.feed("contacts.csv", "contacts").columns["contact_id"] == Renamed("Record ID")  # type: ignore[union-attr]
    (tmp_path / "mapping.toml").write_text('[[deals]]\nfile = "deals.csv"\n')
    assert looked(tmp_path).look.kind == "mapped"  # type: ignore[union-attr]


def test_a_sheet_of_a_workbook_is_a_part_of_its_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Deals"
    for row in [
        ("Deal ID", "Created", "Closed", "Stage", "Value"),
        ("a", "2025-01-01", "2025-02-02", "Won", 12.5),
        ("b", "2025-01-01", "", "Open", 3),
    ]:
        book.active.append(row)
    people = book.create_sheet("People we know")
    for row in [("Contact ID", "Email", "First Name", "Last Name"), ("1", "a@x.de", "Ann", "Lee")]:
        people.append(row)
    book.create_sheet("empty")
    book.save(tmp_path / "crm.xlsx")
    now = looked(tmp_path)
    assert {part.name for part in now.look.parts} == {"crm.xlsx · Deals", "crm.xlsx · People we know"}  # type: ignore[union-attr]
    check = checking.check(checking.prepare(tmp_path, now.draft, tmp_path / "build"))
    assert (check.won, check.amount, {line.table for line in check.lines}) == (1, 12.5, {"deals", "contacts"})


def test_every_table_of_the_vocabulary_is_a_table_with_these_columns() -> None:
    for name in vocabulary.tables():
        known = {column.name for column in schema.table(name).columns}
        assert set(vocabulary._SYNONYMS[name]) <= known, name
        assert set(schema.table(name).required) - {"status", "alias_kind"} <= set(vocabulary._SYNONYMS[name]) | {"kind"}, name
    for name, columns in matching._SIGNATURE.items():
        assert set(columns) <= {column.name for column in schema.table(name).columns}, name


def test_keys_of_large_columns_are_compared_by_a_sketch(tmp_path: Path) -> None:
    for name, numbers in (("a", range(30_000)), ("b", range(15_000, 60_000)), ("c", range(90_000, 95_000))):
        (tmp_path / f"{name}.csv").write_text("key\n" + "".join(f"k{number}\n" for number in numbers))
    one, other, third = (looking.look_at(tmp_path / f"{name}.csv")[0].columns[0] for name in "abc")
    assert abs(looking.contained(one, other) - 0.5) < 0.05
    assert looking.contained(one, third) == 0.0


# -- files that are none --------------------------------------------------------------------------------------------------

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
    (tmp_path / "deals.csv").write_text(DEALS)
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


# -- uploads --------------------------------------------------------------------------------------------------------------


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


def received(tmp_path: Path, *files: tuple[str, bytes]) -> tuple[Path, list[str]]:
    folder = uploads.fresh_folder(tmp_path / "build")
    return folder, uploads.receive(folder, [(name, io.BytesIO(content)) for name, content in files])


def test_uploads_land_in_a_private_folder_of_their_own(tmp_path: Path) -> None:
    folder, names = received(tmp_path, ("../deals.csv", DEALS.encode()), ("DEALS.csv", DEALS.encode()))
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
        received(tmp_path, ("deals.csv", DEALS.encode()), (name, content(tmp_path)))
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
    folders = [received(tmp_path, ("deals.csv", DEALS.encode()))[0] for _ in range(6)]
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
    (tmp_path / "secret.csv").write_text(DEALS)
    for hostile in (
        '[[deals]]\nfile = "../../../secret.csv"\n',
        f'[[deals]]\nfile = "{tmp_path}/secret.csv"\n',
        '[[deals]]\nfile = "deals.csv"\n[deals.columns]\ncreated_at = "created_at"\nstatus = "status"\n'
        "deal_id = { sql = \"(select content from read_text('/etc/passwd'))\" }\n",
    ):
        folder, _ = received(tmp_path, ("deals.csv", DEALS.encode()), ("mapping.toml", hostile.encode()))
        with pytest.raises(ClosedLoopError):
            checking.check(folder)


# -- switch and back ------------------------------------------------------------------------------------------------------


def built(tmp_path: Path, deals: str = DEALS, overrides: tuple[str, ...] = ()) -> str:
    folder, _ = received(tmp_path, ("deals.csv", deals.encode()))
    return serving.build(folder, tmp_path / "build", overrides, quietly).version


def test_the_data_before_stays_one_step_away(tmp_path: Path) -> None:
    database = tmp_path / "build"
    first = built(tmp_path)
    assert serving.before(database) is None
    one_version = ("database.keep_versions=1",)
    second = built(tmp_path, DEALS.replace("d1", "e1"), one_version)
    assert [version.name for version in serving.kept(database)] == [second, first], "kept although the settings keep one"
    assert serving.before(database).name == first  # type: ignore[union-attr]
    serving.switch(database, first)
    assert [(version.name, version.is_served) for version in serving.kept(database)] == [(second, False), (first, True)]
    assert serving.before(database).name == second, "back and forth"  # type: ignore[union-attr]
    third = built(tmp_path, DEALS.replace("d1", "f1"), one_version)
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
    folder, _ = received(tmp_path, ("deals.csv", DEALS.encode()))
    with db.building(tmp_path / "build"), pytest.raises(DatabaseError, match="another build"):
        serving.build(folder, tmp_path / "build", (), quietly)


def test_the_folder_of_a_version_that_is_kept_is_not_cleared_away(tmp_path: Path) -> None:
    for _ in range(uploads.KEPT + 3):
        built(tmp_path)
    kept = {Path(version.data_folder) for version in serving.kept(tmp_path / "build")}
    assert kept <= set(uploads.root(tmp_path / "build").iterdir())


def test_reading_a_file_in_another_way_keeps_what_was_chosen_for_the_others(tmp_path: Path) -> None:
    exports.plain_crm(tmp_path)
    now = looked(tmp_path)
    now = now.changed(now.draft.with_column("accounts.csv", "accounts", "industry", None))
    options = {"sales_teams.csv": looking.Options(skip=1, header=False)}
    again = work.looked_again(now, work.look_with(tmp_path, options, looking.look_at))
    assert again.draft.feed("accounts.csv", "accounts") == now.draft.feed("accounts.csv", "accounts")
    assert again.draft.feeds_of("sales_teams.csv") != now.draft.feeds_of("sales_teams.csv")
    assert suggesting.is_ambiguous(again.draft.feeds[0], again.look.parts[0]) == (False, False)  # type: ignore[union-attr]
