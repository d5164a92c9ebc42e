"""From exports to a mapping: suggestions that lead to the right totals, what nothing decides is asked, and what is written is what a build reads."""

from __future__ import annotations

import tomllib
from pathlib import Path

import openpyxl
import pytest

from attribution import db, schema
from attribution.build import build
from attribution.connectors import mapping
from attribution.connectors.plan import Constant, Expression, Renamed
from attribution.errors import ClosedLoopError
from attribution.onboarding import checking, draft, looking, matching, serving, suggesting, vocabulary, work
from attribution.onboarding.draft import Draft, Feed, StatusWords
from tests import exports
from tests.exports import TWO_DEALS, looked, quietly

_EUR = ('reporting.currency="EUR"',)


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
    (tmp_path / "deals.csv").write_text(TWO_DEALS)
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
    (tmp_path / "deals.csv").write_text(TWO_DEALS.replace("d2,", "d2,") + "d3,2025-01-05,2025-02-01,Vielleicht,20\n")
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
    (tmp_path / "deals.csv").write_text(TWO_DEALS)
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


def test_reading_a_file_in_another_way_keeps_what_was_chosen_for_the_others(tmp_path: Path) -> None:
    exports.plain_crm(tmp_path)
    now = looked(tmp_path)
    now = now.changed(now.draft.with_column("accounts.csv", "accounts", "industry", None))
    options = {"sales_teams.csv": looking.Options(skip=1, header=False)}
    again = work.looked_again(now, work.look_with(tmp_path, options, looking.look_at))
    assert again.draft.feed("accounts.csv", "accounts") == now.draft.feed("accounts.csv", "accounts")
    assert again.draft.feeds_of("sales_teams.csv") != now.draft.feeds_of("sales_teams.csv")
    assert suggesting.is_ambiguous(again.draft.feeds[0], again.look.parts[0]) == (False, False)  # type: ignore[union-attr]
