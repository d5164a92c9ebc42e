"""The data page: golden answers, coverage against the sample's CSVs read plainly, what is missing, and the page in every state."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters, coverage
from attribution.answers.health import HealthFacts, health, thin_ice, thin_ice_of_deal
from attribution.charts import health as charts
from attribution.charts import theme
from attribution.charts.health import CoverageBar, detected_words
from attribution.checks import CHECKS, count_rows, offending_rows
from attribution.coverage import DealCoverage, TouchCoverage, Unread, WonDeals
from attribution.views import health as view
from pages.components import downloads
from tests.app_page import words as text
from tests.sample_reading import Sample, read

PAGE = "pages/data/health.py"
QUESTION = "Can we trust these numbers?"

GOOD = HealthFacts(
    "EUR", WonDeals(190, 16_300_000.0, 10, 3, 2, 21_809.9), Unread(0, 0.0, 0, 190), TouchCoverage(25_640, 150, 4_583, 2_091), TouchCoverage(4_962, 36, 788),
)  # fmt: skip


def said(text: str) -> str:
    """A sentence with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


ANSWERS = {
    "all well": (
        GOOD,
        "**Yes.** **All 190 won deals** could be read. **99.9 %** of won revenue has at least one touch. "
        "Of 25,640 touches 0.6 % have no channel, 18 % came directly, and 8.2 % belong to nobody we know.",
    ),
    "one deal unread": (
        replace(GOOD, unread=Unread(1, 8_400.0, 1, 191)),
        "**With care.** **190 of 191 won deals** could be read; 1 deal (€8.40 k) was not. **99.9 %** of won revenue has at least one touch. "
        "Of 25,640 touches 0.6 % have no channel, 18 % came directly, and 8.2 % belong to nobody we know.",
    ),
    "unread without an amount": (
        replace(GOOD, unread=Unread(2, 0.0, 0, 192), touches=TouchCoverage(10, 0, 10, 10)),
        "**With care.** **190 of 192 won deals** could be read; 2 deals were not. **99.9 %** of won revenue has at least one touch. "
        "Of 10 touches 0 % have no channel, 100 % came directly, and 100 % belong to nobody we know.",
    ),
    "some amounts unknown, too many unread": (
        replace(GOOD, unread=Unread(34, 8_400.0, 1, 224)),
        "**Not yet.** **190 of 224 won deals** could be read; 34 deals (at least €8.40 k) were not. **99.9 %** of won revenue has at least one "
        "touch. Of 25,640 touches 0.6 % have no channel, 18 % came directly, and 8.2 % belong to nobody we know.",
    ),
    "in the dark": (
        replace(GOOD, won=replace(GOOD.won, revenue_without_touches=8_150_000.0)),
        "**Not yet.** **All 190 won deals** could be read. **50 %** of won revenue has at least one touch. "
        "Of 25,640 touches 0.6 % have no channel, 18 % came directly, and 8.2 % belong to nobody we know.",
    ),
    "no touches": (
        replace(GOOD, won=WonDeals(1, 0.0, 1, 1, 1, 0.0), touches=TouchCoverage(0, 0, 0), journeys=TouchCoverage(0, 0, 0)),
        "**Not yet.** **The only won deal** could be read. No touch was loaded, so nothing can be credited.",
    ),
    "nothing won": (
        replace(GOOD, won=WonDeals(0, 0.0, 0, 0, 0, 0.0), touches=TouchCoverage(4, 0, 0), journeys=TouchCoverage(0, 0, 0)),
        "**Not yet.** No won deal was loaded. Of 4 touches 0 % have no channel, 0 % came directly, and 0 % belong to nobody we know.",
    ),
    "nothing at all": (
        HealthFacts(None, WonDeals(0, 0.0, 0, 0, 0, 0.0), Unread(0, 0.0, 0, 190), TouchCoverage(0, 0, 0), TouchCoverage(0, 0, 0)),
        "There is nothing to judge yet: no won deal and no touch was loaded.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_the_answer(case: str) -> None:
    facts, expected = ANSWERS[case]
    assert said(health(facts)) == expected


def test_thin_ice_is_said_from_its_limit_on_and_not_before() -> None:
    fine, journeys = WonDeals(100, 1000.0, 24, 4, 4, 49.0), TouchCoverage(100, 0, 32)
    assert thin_ice(fine, journeys, Unread(1, 5.0, 1, 101)) == ()
    thin = thin_ice(WonDeals(100, 1000.0, 25, 9, 5, 80.0), TouchCoverage(100, 13, 20), Unread(2, 5.0, 2, 102))
    assert [said(message) for message in thin] == [
        "2 of all 102 won deals could not be read.",
        "8.0 % of won revenue has no touch.",
        "25 % of won deals name no contact: their journeys take everybody at the company.",
        "5.0 % of won deals have no amount and earn nothing for anybody.",
        "33 % of the touches that count are direct or have no channel.",
    ]
    assert said(thin_ice(WonDeals(100, 1000.0, 0, 5, 0, 1.0), journeys)[0]) == "5.0 % of won deals have no touch."
    assert thin_ice(WonDeals(0, 0.0, 0, 0, 0, 0.0), TouchCoverage(0, 0, 0), Unread(0, 0.0, 0, 190)) == ()


def test_thin_ice_of_one_deal() -> None:
    assert thin_ice_of_deal(DealCoverage(True, 5.0, TouchCoverage(3, 0, 0))) == ()
    assert [said(message) for message in thin_ice_of_deal(DealCoverage(False, 0.0, TouchCoverage(4, 1, 1)))] == [
        "no contact is named on this deal: its journey takes everybody at the company.",
        "The deal has no amount, so there is nothing to share out.",
        "50 % of the touches that count are direct or have no channel.",
    ]


# --- coverage against the files, read with nothing but csv ---------------------------------------------------------------


def test_coverage_of_won_deals_is_that_of_the_files(sample: Any, reading: Sample) -> None:
    found = coverage.won_deals(sample)
    with_people = {row["deal_id"] for row in read("deal_contacts")}
    dark = [deal for deal in reading.won if not reading.journeys[deal["deal_id"]]]
    assert found.deals == len(reading.won)
    assert found.revenue == pytest.approx(float(reading.total(reading.won)), abs=0.005)
    assert found.without_contacts == len([deal for deal in reading.won if deal["deal_id"] not in with_people])
    assert found.without_amount == len([deal for deal in reading.won if not reading.value(deal)])
    assert found.without_touches == len(dark)
    assert found.revenue_without_touches == pytest.approx(float(reading.total(dark)), abs=0.005)
    unread = coverage.unread_won_deals(sample)
    assert unread == Unread(1, 8400.0, 1, len(reading.won) + 1)


def test_coverage_of_touches_is_that_of_the_files(sample: Any, reading: Sample) -> None:
    found = coverage.all_touches(sample)
    linked = {row["touch_id"] for row in read("touch_links")}
    nobody = [
        touch for touch in reading.touches.values()
        if not reading.persons[touch["touch_id"]] and not touch["account_id"] and not touch["deal_id"] and touch["touch_id"] not in linked
    ]  # fmt: skip
    assert found.touches == len(reading.touches)
    assert found.direct == len([touch for touch in reading.touches.values() if touch["channel"] == "direct"])
    missing = ("", "(not set)", "undefined", "null", "none", "nil", "select", "n/a", "unknown")
    assert found.unknown == len([touch for touch in reading.touches.values() if touch["channel"].strip().lower() in missing])
    assert found.nobody == len(nobody)
    anonymous = sum(
        count_rows(sample, check) for check in CHECKS if check.name in ("touches_of_nobody", "touches_without_anybody")
    )
    assert anonymous == len(nobody), "the two checks together list exactly those"


def test_coverage_under_filters_adds_up(sample: Any) -> None:
    whole = coverage.won_deals(sample)
    segments = [*sample.known_values["segment"], ""]
    parts = [coverage.won_deals(sample, Filters(segments=(segment,))) for segment in segments]
    assert sum(part.deals for part in parts) == whole.deals
    assert sum(part.without_contacts for part in parts) == whole.without_contacts
    touched = coverage.won_deals(sample, Filters(channels=("webinars",)))
    assert 0 < touched.deals < whole.deals
    assert touched.without_touches == 0
    assert coverage.journey_touches(sample).touches == len(
        sample.frame("select 1 from marts.credits as c join marts.deals as d using (deal_id) where d.status = 'won'")
    )


def test_rows_tie_out_and_every_check_lists_what_it_counts(sample: Any) -> None:
    rows = coverage.rows_read(sample)
    assert rows.rows_in == rows.left_out + rows.loaded + rows.duplicates + rows.unread
    assert rows.unread == len(coverage.unread_rows(sample)) == sum(coverage.unread_by_table(sample).values())
    assert set(coverage.unread_rows(sample, "deals")["table_name"]) == {"deals"}
    assert coverage.unread_rows(sample, "'; drop table x; --").empty
    for check in CHECKS:
        assert len(offending_rows(sample, check)) == min(count_rows(sample, check), 1000), check.name
    amounts = offending_rows(sample, next(check for check in CHECKS if check.name == "won_without_contacts"))["amount"]
    assert list(amounts) == sorted(amounts, reverse=True)


def test_a_touch_that_names_nobody_is_found(open_rows: Callable[..., Any]) -> None:
    touch = {"occurred_at": "2026-01-01T10:00:00Z", "channel": "email", "kind": "click", "visitor_id": "", "contact_id": ""}
    rows = {
        "deals": [{"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}],
        "touches": [touch | {"touch_id": "T1"}, touch | {"touch_id": "T2", "visitor_id": "v"}, touch | {"touch_id": "T3"}],
        "touch_links": [{"touch_id": "T3", "deal_id": "D1"}],
    }
    ds = open_rows(rows)
    by_name = {check.name: check for check in CHECKS}
    assert list(offending_rows(ds, by_name["touches_without_anybody"])["touch_id"]) == ["T1"]
    assert list(offending_rows(ds, by_name["touches_of_nobody"])["touch_id"]) == ["T2"]
    assert coverage.all_touches(ds) == TouchCoverage(3, 0, 0, 2)
    assert coverage.of_deal(ds, "D1") == DealCoverage(False, 1000.0, TouchCoverage(1, 0, 0))
    missed = {(need.table, need.column) for need in coverage.missing(ds)}
    assert {("contacts", ""), ("campaigns", ""), ("touches", "campaign_id"), ("deals", "owner_id")} <= missed
    assert not {("touches", ""), ("deals", ""), ("deals", "amount"), ("contacts", "email"), ("fx_rates", "")} & missed
    assert "targets" in coverage.unused_tables(ds)


def test_needs_name_tables_and_columns_that_exist_and_how_to_supply_them() -> None:
    from attribution.schema import TABLES

    tables = {table.name: table for table in TABLES}
    for need in coverage.NEEDS:
        assert need.table in tables
        assert not need.column or tables[need.table].column(need.column)
        assert need.table in coverage.how_to_supply(need)
    assert coverage.how_to_supply(coverage.Need("campaigns", "", "", "")) == ("campaigns.csv with campaign_id, name")


# --- words and pictures -------------------------------------------------------------------------------------------------


def test_what_was_detected_is_said_in_words() -> None:
    assert detected_words('{"separator": ";", "encoding": "utf-8", "header": true, "date_order": "dmy", "decimal": ","}') == (
        "semicolon · UTF-8 · day-month-year · decimal comma"
    )
    assert detected_words('{"dates_only": ["closed_at"], "time_zone": "Europe/Berlin", "header": false, "separator": "\\t"}') == (
        "tab · no header · Europe/Berlin · closed at: days only"
    )
    assert said(detected_words('{"sheet": "Deals", "other_sheets": ["a", "b"]}')) == "sheet “Deals” · not read: 2 sheets"
    for garbage in (None, "", "[]", "{", "5"):
        assert detected_words(garbage) == ""


def test_the_picture_starts_at_zero_and_marks_what_is_beyond_its_limit() -> None:
    bars = [CoverageBar("Of won deals", "No contact", 3, 10, 0.25, "a"), CoverageBar("Of touches", "<b>No</b>", 1, 10, 0.25, "b")]
    figure = charts.coverage(bars, theme.LIGHT)
    track, share = figure["data"]
    assert share["x"] == [0.3, 0.1]
    assert track["x"] == [1.0, 1.0]
    assert figure["layout"]["xaxis"]["range"] == [0, 1]
    assert share["marker"]["color"] == [theme.LIGHT.accent, theme.LIGHT.step]
    assert [line["x0"] for line in figure["layout"]["shapes"]] == [0.25, 0.25]
    assert figure["layout"]["yaxis"]["ticktext"][1] == "&lt;b&gt;No&lt;/b&gt;"
    assert list(charts.coverage_table(bars)["Share"]) == [30.0, 10.0]


def test_the_load_report_ends_in_its_total(sample: Any) -> None:
    table = charts.load_table(sample.load_report())
    assert table["Table"].iloc[-1] == "Total"
    for head in ("Rows in", "Loaded", "Duplicates", "Left out", "Not read"):
        assert table[head].iloc[:-1].sum() == table[head].iloc[-1]
    assert not table["How it was read"].str.contains("{", regex=False).any()


# --- the page -----------------------------------------------------------------------------------------------------------


def no_error(test: AppTest) -> None:
    """No traceback and no failed page."""
    assert not test.exception
    assert "This page failed" not in text(test)
    assert "could not be answered" not in text(test)


def test_the_page_over_the_sample(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    test = page(sample_database)
    no_error(test)
    assert test.title[0].value == QUESTION
    assert view.health(sample).answer in text(test)
    assert len(test.metric) == 5
    assert all(check.label in text(test) for check in CHECKS), "every check is named, whether it found rows or not"
    tables = [element.value for element in test.dataframe]
    assert any("Why" in table and len(table) == 7 for table in tables)
    assert any("How it was read" in table and table["Rows in"].iloc[-1] == table["Rows in"].iloc[:-1].sum() for table in tables)
    assert "Every table and column that a page asks for is there." in text(test)


@pytest.mark.parametrize("check", [check.name for check in CHECKS])
def test_every_check_opens_its_rows_by_link(page: Callable[..., AppTest], sample_database: Path, sample: Any, check: str) -> None:
    test = page(sample_database, check=check)
    no_error(test)
    found = count_rows(sample, next(entry for entry in CHECKS if entry.name == check))
    if found:
        assert any(len(element.value) == min(found, 1000) for element in test.dataframe)


def test_rows_open_and_close_on_a_click_and_unread_rows_are_filtered(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    before = len(test.dataframe)
    test.button(key="rows_won_without_contacts").click().run()
    no_error(test)
    assert len(test.dataframe) == before + 1
    test.button(key="rows_won_without_contacts").click().run()
    assert len(test.dataframe) == before
    test.session_state["unread_table"] = "touches"
    test.run()
    no_error(test)
    table = next(element.value for element in test.dataframe if "Why" in element.value)
    assert set(table["Table"]) == {"Touches"}


@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200, "../../x", "nan"])
def test_garbage_in_the_link(page: Callable[..., AppTest], sample_database: Path, garbage: str) -> None:
    test = page(sample_database, check=garbage, segment=garbage)
    no_error(test)
    assert test.title[0].value == QUESTION
    assert "which there is not; it was left out" in text(test)


def folder_of(path: Path, deals: list[dict[str, str]], touches: list[dict[str, str]]) -> Path:
    """A data folder of these deals and touches."""
    path.mkdir()
    heads = {
        "deals": ["deal_id", "name", "created_at", "closed_at", "status", "amount"],
        "touches": ["touch_id", "occurred_at", "deal_id", "channel", "kind"],
    }
    for table, rows in (("deals", deals), ("touches", touches)):
        with (path / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, heads[table])
            writer.writeheader()
            writer.writerows(rows)
    (path / "attribution.toml").write_text('[reporting]\ncurrency = "EUR"\nas_of = 2026-03-01\n', encoding="utf-8")
    return path


DEAL = {"deal_id": "D1", "name": "One", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
TOUCH = {"touch_id": "T1", "occurred_at": "2026-01-01 10:00:00", "deal_id": "D1", "channel": "email", "kind": "click"}


def test_without_data_it_says_what_would_be_here(page: Callable[..., AppTest], tmp_path: Path) -> None:
    test = page(tmp_path / "build", folder_of(tmp_path / "data", [], []))
    no_error(test)
    assert "No won deal and no touch yet" in text(test)
    assert "nothing to judge yet" in text(test)
    assert "Nothing to mend: no check found a row." in text(test)
    assert "Every row of every file could be read." in text(test)


def test_hostile_rows_stay_text(page: Callable[..., AppTest], tmp_path: Path) -> None:
    bad = "=cmd|' /C calc'!A0 <b>[x](http://evil) :red[$5]"
    deals = [DEAL, DEAL | {"deal_id": "D2", "name": bad, "amount": bad}, DEAL | {"deal_id": "D3", "closed_at": "", "name": bad}]
    test = page(tmp_path / "build", folder_of(tmp_path / "data <b>[x](y)", deals, [TOUCH]), check="quarantined_deals")
    no_error(test)
    assert "[x](" not in text(test)
    frame = next(element.value for element in test.dataframe if "Why" in element.value)
    assert isinstance(frame, pd.DataFrame)
    assert "'=cmd" in downloads.csv_bytes(frame, "all").decode("utf-8-sig")


def test_overview_and_deals_say_where_they_stand_on_thin_ice(page: Callable[..., AppTest], tmp_path: Path) -> None:
    deals = [DEAL, DEAL | {"deal_id": "D2", "amount": "9000"}]
    test = page(tmp_path / "build", folder_of(tmp_path / "data", deals, [TOUCH]))
    test.switch_page("pages/revenue/overview.py").run()
    no_error(test)
    assert "Thin ice:" in text(test)
    assert "90" in next(line for line in text(test).splitlines() if "Thin ice:" in line)
    test.query_params["deal"] = "D1"
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)
    assert "Thin ice: no contact is named on this deal" in text(test)
