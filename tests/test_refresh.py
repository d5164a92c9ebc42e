"""A refresh gives the same database as computing everything, and where it cannot, everything is computed and the reason said.

Equal means: every table, row by row, floats to 1e-9 (tests/same_tables.py), after whatever happens to a messy world
(tests/changing_world.py). benchmarks/refresh.py does the same with millions of touches.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import attribution
from attribution import db, schema
from attribution.build import STAGES, BuildResult, build
from attribution.errors import ClosedLoopError
from attribution.refresh import deals, delivery, origin, recompute, rules
from tests.changing_world import ChangingWorld
from tests.same_tables import differences

DEALS = "deal_id,created_at,closed_at,status,amount,currency,account_id\n"
TOUCHES = "touch_id,occurred_at,contact_id,channel,kind\n"


def quietly(_message: str) -> None:
    """Say nothing."""


def write_two_deals(data: Path) -> None:
    """A data folder whose tables take further files, with two won deals of two people."""
    data.mkdir()
    tables = {
        "deals": f"{DEALS}D1,2026-01-01,2026-02-01,won,100.00,EUR,A1\nD2,2026-01-01,2026-02-01,won,200.00,EUR,A2\n",
        "deal_contacts": "deal_id,contact_id\nD1,C1\nD2,C2\n",
        "contacts": "contact_id,account_id,created_at\nC1,A1,2026-01-01\nC2,A2,2026-01-01\n",
        "touches": f"{TOUCHES}T1,2026-01-05T10:00:00Z,C1,email,form\nT2,2026-01-06T10:00:00Z,C2,email,form\n",
    }
    for name, text in tables.items():
        (data / f"{name}-1.csv").write_text(text, encoding="utf-8")
    (data / "mapping.toml").write_text("".join(f'[[{name}]]\nfile = "{name}-*.csv"\n' for name in tables), encoding="utf-8")


class Builder:
    """Builds a folder into ``database``, and beside it once more in full from the same version before."""

    def __init__(self, data: Path, place: Path) -> None:
        self.data, self.database, self.beside = data, place / "build", place / "full"

    def build(self, **more: Any) -> BuildResult:
        return build(self.data, self.database, progress=quietly, **more)

    def both(self) -> tuple[BuildResult, list[str]]:
        """What the build did, and what differs from a build of everything."""
        shutil.rmtree(self.beside, ignore_errors=True)
        if self.database.exists():
            shutil.copytree(self.database, self.beside)
        done = self.build()
        full = build(self.data, self.beside, progress=quietly, full=True)
        return done, differences(done.path, full.path)


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the builder works, and what is there at first: two deals, and a database of them."""
    place = tmp_path_factory.mktemp("place")
    work, kept = place / "work", place / "kept"
    work.mkdir()
    write_two_deals(work / "data")
    Builder(work / "data", work).build()
    work.rename(kept)
    return work, kept


@pytest.fixture
def builder(built_once: tuple[Path, Path]) -> Builder:
    """A builder of two deals that were built once, always in the same place: of another folder there is no refresh."""
    work, kept = built_once
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(kept, work)
    return Builder(work / "data", work)


# -- the same as everything --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_a_refresh_is_a_build_of_everything(seed: int, tmp_path: Path) -> None:
    """Odd worlds write their files anew, even ones add files; three times one after another on the same database."""
    world = ChangingWorld(seed)
    write: Callable[[Path], None] = world.rewrite if seed % 2 else world.deliver
    builder = Builder(tmp_path / "data", tmp_path)
    write(builder.data)
    builder.build()
    for _ in range(3):
        happened = world.happens(only_adding=not seed % 2)
        write(builder.data)
        done, apart = builder.both()
        assert not apart, f"seed {seed}, after {happened}: {apart}"
        assert done.refreshed, f"seed {seed}, after {happened}: {done.did}"


def test_one_changed_deal_is_one_deal_recomputed(builder: Builder) -> None:
    (builder.data / "deals-2.csv").write_text(f"{DEALS}D1,2026-01-01,2026-02-01,won,150.00,EUR,A1\n", encoding="utf-8")
    done, apart = builder.both()
    assert (done.did, apart) == ("Refreshed: 1 of 2 deals were recomputed.", [])
    assert float(attribution.open(builder.database).metrics(["won_revenue"])["won_revenue"].iloc[0]) == 350


def test_a_contact_who_moves_touches_the_deals_of_both_companies(builder: Builder) -> None:
    """D3 and D4 have nobody of their own, so everybody at their company counts (deal_else_account)."""
    added = f"{DEALS}D3,2026-01-01,2026-02-01,won,10.00,EUR,A1\nD4,2026-01-01,2026-02-01,won,20.00,EUR,A2\n"
    (builder.data / "deals-2.csv").write_text(added, encoding="utf-8")
    builder.build()
    (builder.data / "contacts-2.csv").write_text("contact_id,account_id,created_at\nC1,A2,2026-01-01\n", encoding="utf-8")
    done, apart = builder.both()
    assert (done.did, apart) == ("Refreshed: 3 of 4 deals were recomputed.", [])  # D1 for its person, D3 that lost, D4 that won
    with db.open_as(done.path, "built").cursor() as connection:
        rows = connection.execute("select deal_id, touch_id from built.credits.weights order by all").fetchall()
    assert rows == [("D1", "T1"), ("D2", "T2"), ("D4", "T1"), ("D4", "T2")]


def test_a_later_file_may_hold_the_first_touch_of_a_person(builder: Builder) -> None:
    (builder.data / "touches-2.csv").write_text(
        f"{TOUCHES}T0,2026-01-05T10:00:00Z,C1,search,visit\nT3,2026-01-06T10:00:00Z,C2,search,visit\n", encoding="utf-8"
    )
    done, apart = builder.both()
    assert (done.refreshed, apart) == (True, [])
    with db.open_as(done.path, "built").cursor() as connection:
        rows = connection.execute("select contact_id, touch_count, first_kind from built.touches.people order by all").fetchall()
    assert rows == [("C1", 2, "visit"), ("C2", 2, "form")]  # of two touches at the same moment the lower id is the first


@pytest.mark.parametrize(("of_t2", "of_t3"), [("C1", "C2"), ("C2", "C1")])
def test_a_touch_of_two_people_is_counted_once_where_one_loses_and_one_gains_another(
    builder: Builder, of_t2: str, of_t3: str
) -> None:
    touches, mapping = builder.data / "touches-1.csv", builder.data / "mapping.toml"
    touches.write_text(
        f"{TOUCHES}T1,2026-01-05T10:00:00Z,C1,event,meeting\nT2,2026-01-06T10:00:00Z,{of_t2},email,form\n", encoding="utf-8"
    )
    (builder.data / "touch_links-1.csv").write_text("touch_id,contact_id\nT1,C2\n", encoding="utf-8")
    mapping.write_text(f'{mapping.read_text(encoding="utf-8")}[[touch_links]]\nfile = "touch_links-*.csv"\n', encoding="utf-8")
    builder.build()
    touches.write_text(touches.read_text(encoding="utf-8").replace("email,form", "email,call"), encoding="utf-8")
    (builder.data / "touches-2.csv").write_text(f"{TOUCHES}T3,2026-01-07T10:00:00Z,{of_t3},email,form\n", encoding="utf-8")
    done, apart = builder.both()
    assert (done.refreshed, apart) == (True, [])


def test_what_is_learned_follows_from_the_changed_deals_alone(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels go, come and change places in the journey of the one deal that is read again; the other one's is not."""
    (builder.data / "touches-2.csv").write_text(f"{TOUCHES}T3,2026-01-04T10:00:00Z,C1,ads,visit\n", encoding="utf-8")
    builder.build()
    learned: list[Any] = []
    again = recompute.fitting.fit_again

    def and_noted(*given: Any) -> Any:
        learned.append(again(*given))
        return learned[-1]

    monkeypatch.setattr(recompute.fitting, "fit_again", and_noted)
    changed = f"{TOUCHES}T1,2026-01-03T10:00:00Z,C1,events,visit\nT4,2026-01-02T10:00:00Z,C1,ads,visit\n"
    (builder.data / "touches-3.csv").write_text(changed, encoding="utf-8")
    (builder.data / "deals-2.csv").write_text(f"{DEALS}D1,2026-01-01,2026-02-01,lost,100.00,EUR,A1\n", encoding="utf-8")
    done, apart = builder.both()
    assert (done.did, apart) == ("Refreshed: 1 of 2 deals were recomputed.", [])
    assert learned and learned[-1]["moves"]["value"][1] == ["ads", "events"]


def test_a_row_that_three_files_tell_differently_is_counted_as_in_a_build_of_everything(builder: Builder) -> None:
    row = "D1,2026-01-01,2026-02-01,won,{}.00,EUR,A1\n"
    for number, amounts in (("2", [150]), ("3", [100, 100]), ("0", [150]), ("4", [150])):
        text = DEALS + "".join(row.format(amount) for amount in amounts)
        (builder.data / f"deals-{number}.csv").write_text(text, encoding="utf-8")
        done, apart = builder.both()
        assert done.refreshed and not apart, (number, done.did, apart)
    report = attribution.open(builder.database).load_report()
    lines = report[report["table_name"] == "deals"].set_index("file")[["loaded", "duplicates", "conflicting_duplicates"]]
    assert lines.loc["deals-0.csv"].tolist() == [0, 1, 0]
    assert lines.loc["deals-1.csv"].tolist() == [1, 1, 1]
    assert lines.loc["deals-3.csv"].tolist() == [0, 2, 2]
    assert lines.loc["deals-4.csv"].tolist() == [1, 0, 0]


def test_old_files_are_read_again_where_new_ones_change_what_their_dates_mean(builder: Builder) -> None:
    """A column of midnights is a column of days, until a file has times of day."""
    (builder.data / "deals-2.csv").write_text(f"{DEALS}D3,2026-01-01,2026-02-01 14:00,won,5.00,EUR,A1\n", encoding="utf-8")
    done, apart = builder.both()
    assert done.refreshed and not apart, (done.did, apart)


def test_rows_that_cannot_be_read_are_counted_over_old_and_new_files(builder: Builder) -> None:
    (builder.data / "touches-2.csv").write_text(
        f"{TOUCHES}T3,no time at all,C1,email,form\nT4,2026-01-07T10:00:00Z,C1,email,form\nT5,2026-01-08T10:00:00Z\n",
        encoding="utf-8",
    )
    done, apart = builder.both()
    assert done.refreshed and not apart, (done.did, apart)
    notices = attribution.open(builder.database).frame("select message from raw.notices")["message"].tolist()
    assert any(message.startswith("touches-2.csv: rows could not be read") for message in notices)


# -- which of the two --------------------------------------------------------------------------------------------------------


def test_where_no_file_has_changed_a_version_is_made_all_the_same(builder: Builder) -> None:
    before = db.current_path(builder.database)
    done, apart = builder.both()
    assert (done.did, apart) == ("Refreshed: 0 of 2 deals were recomputed, no file has changed.", [])
    assert before.exists() and done.path != before
    assert done.path == db.current_path(builder.database)


def test_damage_is_not_copied_where_no_file_has_changed(builder: Builder) -> None:
    path = db.current_path(builder.database)
    content = bytearray(path.read_bytes())
    for start in range(20_000, len(content), 5_000):
        content[start] ^= 255
    path.write_bytes(content)
    done = builder.build()
    assert not done.refreshed and done.path != path
    assert db.versions(builder.database)[0].in_service


def test_a_lost_pointer_is_mended_by_a_build_of_the_same_files(builder: Builder) -> None:
    (builder.database / "CURRENT").unlink()
    done = builder.build()
    assert done.did == "Everything was computed: CURRENT did not name a version."
    assert not db.lost_pointer(builder.database)


def test_a_setting_that_changes_no_figure_is_a_refresh_of_no_deal(builder: Builder) -> None:
    done = builder.build(overrides=["database.keep_versions=5"])
    assert done.did == "Refreshed: 0 of 2 deals were recomputed, no file has changed."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda b: {"overrides": ["journeys.lookback_days=30"]}, r"the settings changed \(journeys.lookback_days\)"),
        (lambda b: {"full": True}, "it was asked for"),
        (lambda b: (b.data / "contacts-1.csv").rename(b.data / "contacts-2.csv") and {}, "contacts-1.csv is not read any more"),
        (
            lambda b: (
                (b.data / "mapping.toml").write_text((b.data / "mapping.toml").read_text() + "where = \"kind = 'form'\"\n") and {}
            ),
            r"touches-1.csv is read in another way \(mapping.toml changed\)",
        ),
        (lambda b: altered(b, "update config.origin set program = 'another'"), "the program changed"),
        (lambda b: altered(b, "update config.origin set engine = '1.0'"), "was built with DuckDB 1.0"),
        (
            lambda b: altered(b, f"update config.origin set refreshes = {origin.MOST_REFRESHES}"),
            "the last 100 builds were refreshes",
        ),
        (lambda b: altered(b, "update config.build set format = 1"), "built by another release"),
        (lambda b: altered(b, "drop table config.origin"), "a refresh stopped"),
        (lambda b: new_touch(b) and altered(b, "drop table journeys.gaps"), "a refresh stopped"),
        (lambda b: new_touch(b) and altered(b, "delete from credits.totals"), "a refresh stopped"),
    ],
)
def test_in_doubt_everything_is_computed_and_the_reason_said(
    builder: Builder, change: Callable[[Builder], Any], reason: str
) -> None:
    done = builder.build(**change(builder))
    assert not done.refreshed
    assert re.match(rf"Everything was computed: .*{reason}", done.did), done.did
    left = [path.name for path in builder.database.iterdir() if "draft" in path.name]
    assert not left


def altered(builder: Builder, statement: str) -> dict[str, Any]:
    """Do something to the version in service, as no build would."""
    connection = db.connect(db.current_path(builder.database))
    connection.execute(statement)
    connection.close()
    return {}


def new_touch(builder: Builder) -> bool:
    """Deliver one touch."""
    return bool(
        (builder.data / "touches-2.csv").write_text(f"{TOUCHES}T9,2026-01-09T10:00:00Z,C1,email,form\n", encoding="utf-8")
    )


def test_another_folder_is_computed_from_the_start(builder: Builder, tmp_path: Path) -> None:
    shutil.copytree(builder.data, tmp_path / "other")
    done = build(tmp_path / "other", builder.database, progress=quietly)
    assert done.did == "Everything was computed: the version in service was built from another folder."


def test_too_much_is_computed_from_the_start(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "SMALL_DEALS", 0)
    (builder.data / "deals-2.csv").write_text(f"{DEALS}D1,2026-01-01,2026-02-01,won,150.00,EUR,A1\n", encoding="utf-8")
    assert builder.build().did == "Everything was computed: 1 of 2 deals are touched by what changed."
    monkeypatch.setattr(delivery, "MOST_BYTES_COMPARED", 10)
    (builder.data / "touches-1.csv").write_text(f"{TOUCHES}T1,2026-01-05T11:00:00Z,C1,email,form\n", encoding="utf-8")
    assert "the files of touches changed otherwise than by new ones" in builder.build().did


def test_data_that_a_build_refuses_are_refused_and_the_old_version_serves(builder: Builder) -> None:
    version = db.current_path(builder.database)
    (builder.data / "deals-2.csv").write_text("deal_id,created_at\nD3,2026-01-01\n", encoding="utf-8")
    with pytest.raises(ClosedLoopError, match="status"):
        builder.build()
    assert db.current_path(builder.database) == version


def test_the_command_line_says_which_it_did(builder: Builder, run_cli: Callable[..., Any]) -> None:
    command = ("build", "--data", builder.data, "--db", builder.database)
    new_touch(builder)
    done = run_cli(*command)
    assert "Refreshed: 1 of 2 deals were recomputed. Version 20" in done.stderr
    assert "touches,1,touches-1.csv,2,0,2,0" in done.stdout and "touches,1,touches-2.csv,1,0,1,0" in done.stdout
    assert "Everything was computed: it was asked for." in run_cli(*command, "--full").stderr


# -- the rules ---------------------------------------------------------------------------------------------------------------


def test_rules_and_stages_agree(builder: Builder) -> None:
    """A rule is for a table of the stages that has its key; a table by deal has a deal_id; everything that a rule names is there."""
    tables = {f"{stage.schema}.{table.name}": table for stage in STAGES for table in stage.tables}
    raw = {f"raw.{table.name}" for table in schema.TABLES}
    with db.open_as(db.current_path(builder.database), "built").cursor() as connection:
        columns = {
            name: {row[0] for row in connection.execute(f"describe built.{name}").fetchall()}
            for name, table in tables.items()
            if not table.is_view
        }
    for name, rule in rules.RULES.items():
        assert rule.key in columns[name], name
        assert not tables[name].by_deal and {read for read in rule.slices if "." in read} <= {*tables, *raw}, name
    assert set(rules.WHOLE_ONLY_IF) <= set(tables)
    assert all("deal_id" in columns[name] for name, table in tables.items() if table.by_deal)
    assert set(deals.SEEN_IN_AFFECTED_DEALS) <= {*tables, *raw}
    queries = [*deals.AFFECTED_DEALS, *(query for rule in rules.RULES.values() for query in rule.affected)]
    named = {place.replace("_", ".", 1) for query in queries for place in re.findall(r"\bchanged\.(\w+)", query)}
    assert named <= {*tables, *raw}, named - {*tables, *raw}
