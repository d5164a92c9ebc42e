"""The explore page: golden answers, numbers worked out from the sample's files, totals that tie out, refusals with ways that work, the page."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters, pivot
from attribution.answers.explore import Entry, ExploreFacts, alt, answer, title
from attribution.charts import explore as charts
from attribution.charts import heat, theme
from attribution.charts.marks import Form, Grid, Mark, Panel
from attribution.charts.theme import DARK, LIGHT, UNATTRIBUTED
from attribution.metrics import METRICS, metric
from attribution.query import DIMENSIONS
from attribution.views import explore as view
from attribution.views import explore_shown as shown
from attribution.views import explore_ways as ways
from attribution.views import state
from attribution.views.explore_ways import PRESETS, Question
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, THIN, said, text, thin
from tests.sample_reading import Sample

PAGE = "pages/revenue/explore.py"
CUTS = [entry.name for entry in DIMENSIONS]
LONG = (
    "A name that somebody wrote in full, with the region, the quarter, the product and the agency that made it, all in one field"
)
EVER = Choice(Filters(), "none", "w_shaped")
YEAR = Choice(Filters(period="last_12_months"), "year", "w_shaped")


MONEY = ExploreFacts(
    what="credited revenue", form=Form("money", "EUR"), one="channel", many="channels", kind="sum", total=9_160_000.0,
    ranked=(Entry("Sales", 3_610_000.0, 2_020_000.0), Entry("Organic search", 1_180_000.0, 1_110_000.0), Entry("Email", 460_000.0, 690_000.0)),
    cell=("Sales", "Enterprise", 2_860_000.0), deals=109, by_rule=True, against="the year before",
)  # fmt: skip
RATE = replace(
    MONEY, what="win rate", form=Form("share"), one="owner", many="owners", kind="rate", total=0.458, cell=None, deals=None, by_rule=False, codes=False,
    ranked=(Entry("Mira Falk", 0.65, 0.57, 20), Entry("Jo Berg", 0.30, 0.33, 20), Entry("New One", 1.0, None, 2)),
)  # fmt: skip
QUARTERS = replace(
    MONEY, one="quarter", many="quarters", times=True, running="Q4 2026 (so far)", codes=False, cell=None, against="",
    ranked=(Entry("Q1 2026", 1_600_000.0), Entry("Q2 2026", 2_540_000.0), Entry("Q3 2026", 2_420_000.0), Entry("Q4 2026 (so far)", 1_370_000.0)),
)  # fmt: skip
ANSWERS = {
    "an amount": (
        MONEY,
        "Under the agreed rule sales has the most credited revenue: **€3.61 M of €9.16 M** (39 %), then organic search with €1.18 M (13 %). "
        "The largest single cell is sales × enterprise with €2.86 M (31 %). Against the year before, sales changed most: €3.61 M, was €2.02 M.",
    ),
    "another rule, by one dimension": (
        replace(MONEY, agreed="", rule="linear", cell=None, against=""),
        "Under linear, which is not the agreed rule, sales has the most credited revenue: **€3.61 M of €9.16 M** (39 %), then organic search with "
        "€1.18 M (13 %).",
    ),
    "one value": (
        replace(MONEY, ranked=MONEY.ranked[:1], cell=None, against=""),
        "Under the agreed rule sales is the only channel with credited revenue: **€3.61 M of €9.16 M** (39 %).",
    ),
    "few deals are not ranked": (
        replace(MONEY, deals=4),
        "4 deals: too few to compare channels. Under the agreed rule sales has the most credited revenue: **€3.61 M of €9.16 M** (39 %).",
    ),
    "times": (
        QUARTERS,
        "Under the agreed rule Q2 2026 is the highest quarter of credited revenue: **€2.54 M of €9.16 M** (28 %). The last full one, Q3 2026, has "
        "€2.42 M (−4.7 % against Q2 2026).",
    ),
    "a rate": (
        RATE,
        "Win rate goes from **30 %** (Jo Berg) to **65 %** (Mira Falk); overall 46 %. 1 owner with fewer than 10 deals is left out of this comparison. "
        "Against the year before, Mira Falk changed most: 65 %, was 57 %.",
    ),
    "a rate of too few": (
        replace(RATE, ranked=RATE.ranked[2:]), "No owner has 10 deals or more: too few to compare win rate; overall 46 %."
    ),
    "the same rate everywhere": (
        replace(RATE, ranked=(Entry("A", 0.5, None, 20), Entry("B", 0.5, None, 20)), against=""), "Win rate is **50 %** for every owner."
    ),
    "took part in": (
        replace(
            MONEY, what="deals it took part in", form=Form("count"), kind="part", total=None, cell=None, by_rule=False,
            ranked=(Entry("Email", 36.0, 14.0), Entry("Events", 35.0, 34.0)),
        ),
        "Email took part in the most: **36 deals**, then events with 35. These cannot be added up: most deals meet several channels. Against the year "
        "before, email changed most: 36, was 14.",
    ),
    "no rate by it": (replace(RATE, ranked=()), "No owner is recorded for these deals; overall win rate is **46 %**."),
    "nothing": (replace(MONEY, ranked=(), total=0.0), "There is no credited revenue under these filters. Choose a longer period or clear a filter."),
    "nothing recorded": (replace(MONEY, ranked=()), "No channel is recorded for any of the €9.16 M credited revenue."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(answer(facts)) == sentence


def test_titles_are_made_from_the_choices() -> None:
    assert title(["Credited revenue"], ["Channel", "Quarter"]) == "Credited revenue by channel and quarter"
    assert title(["Win rate", "Deals won", "Deals lost"], ["Owner"]) == "Win rate, deals won and deals lost by owner"
    assert title(["Spend", "Deals won", "Deals lost", "Win rate"], ["CRM pipeline"]) == "Spend and 3 more figures by CRM pipeline"
    assert title(["Spend"], [NAUGHTY]).count("\\:red\\[") == 1
    assert alt("Spend by channel", [("Email", "€5"), ("Events", "€3")]) == "Spend by channel: Email €5, Events €3"


def test_names_cannot_become_markup() -> None:
    facts = replace(
        MONEY,
        codes=False,
        codes_across=False,
        ranked=(Entry(NAUGHTY, 9e6, 1.0),),
        cell=(NAUGHTY, NAUGHTY, 5.0),
        many=NAUGHTY,
        one=NAUGHTY,
    )
    assert ":red[" not in answer(facts)
    assert ":red[" not in answer(replace(facts, deals=2))


# --- numbers ----------------------------------------------------------------------------------------------------------


def asked(sample: Any, names: state.Names, question: Question, choice: Choice = EVER) -> view.Explore:
    """The view of a question."""
    return view.explore(sample, choice, question, names)


def by_key(found: view.Explore, name: str) -> dict[str, float | None]:
    """The figures of the rows by key."""
    assert found.figures is not None
    return {row.key or row.kind: value for row, value in zip(found.rows, found.figures[name], strict=True)}


def test_deals_and_rates_are_those_of_the_files(sample: Any, reading: Sample, names: state.Names) -> None:
    ended = [deal for deal in reading.deals if deal["status"] in ("won", "lost")]
    found = asked(sample, names, Question(("win_rate", "won_deals", "won_revenue"), "owner", top=60))
    for row, rate, won, revenue in zip(
        found.rows, found.figures["win_rate"], found.figures["won_deals"], found.figures["won_revenue"], strict=True
    ):  # type: ignore[index]
        own = [deal for deal in ended if deal["owner_id"] == row.key]
        theirs = [deal for deal in own if deal["status"] == "won"]
        assert won == len(theirs)
        assert rate == pytest.approx(len(theirs) / len(own))
        assert revenue == pytest.approx(float(reading.total(theirs)), abs=0.011)
    assert found.total is not None
    assert found.total["win_rate"] == pytest.approx(len([deal for deal in ended if deal["status"] == "won"]) / len(ended))


def test_cells_of_whole_deals_are_those_of_the_files(sample: Any, reading: Sample, names: state.Names) -> None:
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for deal in reading.won:
        year, month = deal["closed_at"][:4], int(deal["closed_at"][5:7])
        expected[deal["owner_id"], f"{year}-Q{(month - 1) // 3 + 1}"] += reading.value(deal)
    found = asked(sample, names, Question(("won_revenue",), "owner", "quarter", top=60))
    cells = found.cells["won_revenue"]  # type: ignore[index]
    seen = {
        (row.key, column.key): value
        for row, line in zip(found.rows, cells, strict=True)
        for column, value in zip(found.columns, line, strict=True)
    }
    for pair, amount in expected.items():
        assert seen[pair] == pytest.approx(float(amount), abs=0.02), pair
    assert sum(value or 0 for value in seen.values()) == pytest.approx(float(sum(expected.values())), abs=0.005)


def test_the_rest_of_what_several_took_part_in_is_counted_not_added(sample: Any, reading: Sample, names: state.Names) -> None:
    """Deals that any of the other channels took part in, from the files: fewer than the sum of each."""
    found = asked(sample, names, Question(("influenced_deals", "revenue"), "channel", top=5, sort="revenue:down"))
    kept = {row.key for row in found.rows if row.kind == "value"}
    assert len(kept) == 5
    others = [entry for entry in sample.known_values["channel"] if entry not in kept]
    single = sample.metrics(["influenced_deals"], ["channel"]).set_index("channel")["influenced_deals"]
    together = by_key(found, "influenced_deals")["other"]
    assert max(single.get(name, 0) for name in others) <= (together or 0) < sum(single.get(name, 0) for name in others)
    assert together == sample.metrics(["influenced_deals"], filters=Filters(channels=tuple(others)))["influenced_deals"].iloc[0]
    assert by_key(found, "influenced_deals")[UNATTRIBUTED] is None
    webinars = asked(sample, names, Question(("influenced_deals",), "channel", top=60))
    assert by_key(webinars, "influenced_deals")["webinars"] == len(reading.won_with("channel", "webinars"))
    assert webinars.total == {"influenced_deals": None}  # it cannot be added up


ADDITIVE = [entry.name for entry in METRICS if entry.additive]


@pytest.mark.parametrize(
    "choice",
    [EVER, YEAR, Choice(Filters(date_basis="touch", period="last_12_months"), "none", "linear")],
    ids=["ever", "year", "touches"],
)
def test_parts_of_what_can_be_added_sum_to_the_total(sample: Any, choice: Choice) -> None:
    here = choice.filters.resolved(sample.settings, sample.as_of)
    pairs = [(name, by) for name in ADDITIVE for by in CUTS if not pivot.missing(sample, name, [by], here)]
    assert len(pairs) > 100
    for by in CUTS:
        together = [name for name, other in pairs if other == by]
        order = ("" if by in pivot.TIMES else together[0], False)
        found = pivot.pivot(sample, together, [by], here, choice.model, [order], [4])
        whole = sample.metrics(together, [], here, choice.model).iloc[0]
        listed = sample.metrics(together, [by], here, choice.model)
        for name in together:
            parts = sum(figures[name] or 0.0 for figures in found.row_figures)
            assert parts == pytest.approx(float(whole[name] or 0), abs=0.01), (name, by)
            assert listed[name].astype(float).sum() == pytest.approx(float(whole[name] or 0), abs=0.01), (name, by)


@pytest.mark.parametrize(
    "by",
    [
        ("channel", "segment"),
        ("campaign", "quarter"),
        ("owner", "actor"),
        ("month", "channel"),
        ("deal", "touch"),
        ("asset", "topic"),
    ],
)
def test_cells_tie_out_with_their_rows_columns_and_the_whole(sample: Any, names: state.Names, by: tuple[str, str]) -> None:
    found = asked(sample, names, Question(("revenue", "deals"), *by, top=5), YEAR)
    assert found.cells is not None and found.figures is not None and found.total is not None
    whole = sample.metrics(["revenue", "deals"], [], YEAR.filters).iloc[0]
    for name in ("revenue", "deals"):
        for value, line in zip(found.figures[name], found.cells[name], strict=True):
            assert value == pytest.approx(sum(cell or 0 for cell in line), abs=0.001)
        assert found.total[name] == pytest.approx(float(whole[name]), abs=0.005)
    assert sum(value or 0 for value in found.column_figures) == pytest.approx(float(whole["revenue"]), abs=0.005)
    direct = sample.metrics(["revenue"], list(by), YEAR.filters)
    known = {(str(row[by[0]]), str(row[by[1]])): float(row["revenue"]) for row in direct.to_dict("records")}
    for row, line in zip(found.rows, found.cells["revenue"], strict=True):
        for column, value in zip(found.columns, line, strict=True):
            if row.kind == column.kind == "value":
                assert value == pytest.approx(known.get((row.key, column.key), 0.0), abs=0.011)


def test_ratios_of_rests_and_totals_are_ratios_of_sums(sample: Any, names: state.Names) -> None:
    found = asked(sample, names, Question(("roas", "revenue", "spend"), "campaign", top=5, sort="spend:down"))
    roas, revenue, spend = (by_key(found, name) for name in ("roas", "revenue", "spend"))
    assert roas["other"] == pytest.approx((revenue["other"] or 0) / (spend["other"] or 1), rel=1e-6)
    assert found.total is not None
    assert found.total["roas"] == pytest.approx(float(sample.metrics(["roas"])["roas"].iloc[0]))
    two = asked(sample, names, Question(("win_rate",), "owner", "segment", top=5))
    others = [row.key for row in asked(sample, names, Question(("win_rate",), "owner", top=60)).rows if row not in two.rows]
    row = sample.metrics(["win_rate"], ["segment"], Filters(owners=tuple(key for key in others if key))).set_index("segment")[
        "win_rate"
    ]
    place = next(place for place, mark in enumerate(two.rows) if mark.kind == "other")
    for column, value in zip(two.columns, two.cells["win_rate"][place], strict=True):  # type: ignore[index]
        assert value == pytest.approx(row[column.key])


def test_what_cannot_be_made_from_its_parts_is_left_out_and_said(sample: Any, names: state.Names) -> None:
    found = asked(sample, names, Question(("influenced_deals",), "asset", top=5))
    assert by_key(found, "influenced_deals")["other"] is None
    assert any("left out" in note for note in found.notes)
    assert any("no total" in note for note in found.notes)


def test_orders(sample: Any, names: state.Names) -> None:
    def labels(sort: str, columns: str = "") -> list[str]:
        return [
            row.label
            for row in asked(sample, names, Question(("won_deals",), "owner", columns, sort=sort, top=60)).rows
            if row.kind == "value"
        ]

    assert labels("won_deals:up") != labels("won_deals:down")
    assert labels("name") == sorted(labels("name"), key=str.lower)
    by_column = asked(sample, names, Question(("won_deals",), "owner", "segment", sort="@enterprise", top=60))
    place = next(place for place, mark in enumerate(by_column.columns) if mark.key == "enterprise")
    line = [cells[place] or 0 for cells in by_column.cells["won_deals"]]  # type: ignore[index]
    assert line == sorted(line, reverse=True)
    months = [row.key for row in asked(sample, names, Question(("won_deals",), "month")).rows]
    assert months == sorted(months)
    assert len(months) > 12


# --- what does not exist ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(segments=("enterprise",)), Filters(date_basis="touch")], ids=["all", "segment", "touches"]
)
def test_every_combination_works_or_says_why_with_ways_that_work(sample: Any, filters: Filters) -> None:
    refused = 0
    for entry in METRICS:
        for by in [*((one, "") for one in CUTS), ("channel", "segment"), ("segment", "month"), ("actor", "channel")]:
            question = Question((entry.name,), *by)
            no = ways.refused(sample, question, filters)
            if not no:
                sample.question([entry.name], question.by, filters)
                continue
            refused += 1
            assert "_" not in no[0].why
            assert 1 <= len(no[0].ways) <= 3, question
            for way in no[0].ways:
                if way.question:
                    sample.question(way.question.metrics, way.question.by, filters)
                assert way.question or way.date_basis or way.clear
    assert refused > 50


def test_refusals_in_words(sample: Any) -> None:
    def why(*question: Any, filters: Filters | None = None) -> tuple[str, list[str]]:
        found = ways.refused(sample, Question(*question), filters or Filters())[0]
        return found.why, [way.label for way in found.ways]

    assert why(("won_deals",), "channel") == (
        "Deals won cannot be shown by channel: a deal meets several channels, so a whole deal belongs to none of them alone.",
        ["Credited deals instead", "Deals won by segment", "Deals won by owner"],
    )
    assert why(("spend",), "segment") == (
        "Spend is known by channel, campaign, content, topic, month and quarter, not by segment.",
        ["Credited revenue instead", "Spend by channel", "Spend by month"],
    )
    assert why(("roi",), "channel", filters=Filters(segments=("enterprise",))) == (
        "Return on investment needs spend, which belongs to no deal, so it cannot be narrowed down to one segment; return on investment is left out.",
        ["Clear the filter segment", "Credited revenue instead"],
    )
    assert why(("win_rate",), "channel", "actor")[1] == ["Deals it took part in instead", "Win rate by segment"]
    assert why(("pipeline",), "month") == (
        "Credited pipeline has no month yet: an open deal has no close date.",
        ["Count by the date deals were opened"],
    )


def test_labels_can_be_told_apart(sample: Any) -> None:
    labels = list(ways.metric_labels().values())
    assert len(set(labels)) == len(labels)
    assert {*ways.LABELS, *ways.TWINS, *ways.TWINS.values(), *view.BASES} <= {entry.name for entry in METRICS}
    dimensions = list(ways.dimension_labels(sample).values())
    assert len(set(dimensions)) == len(dimensions)
    for _, question in PRESETS:
        assert not ways.refused(sample, question, Filters())
        assert question.look in view.looks(question)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("revenue", [("segment", "enterprise"), ("channel", "webinars")]),
        ("revenue", [("quarter", "2026-Q2"), ("channel", UNATTRIBUTED)]),
        ("pipeline", [("channel", "webinars")]),
        ("won_deals", [("owner", "")]),
        ("lost_deals", [("segment", "enterprise"), ("quarter", "2026-Q2")]),
    ],
)
def test_a_cell_leads_to_its_deals(sample: Any, names: state.Names, name: str, cells: list[tuple[str, str]]) -> None:
    from attribution.views.deals import behind

    marks = [(by, Mark(key, "value" if key else "none", key)) for by, key in cells]
    words = ways.to_deals(sample, name, marks)
    assert words is not None
    what = state.behind_from(words["behind"])
    assert what == json.loads(words["behind"])
    listed = behind(sample, EVER, tuple(what.items()))
    entry = metric(name)
    if entry.source == "credits":
        found = asked(sample, names, Question((name,), cells[0][0], cells[1][0] if len(cells) > 1 else "", top=60))
        row = next(place for place, mark in enumerate(found.rows) if mark.key == cells[0][1])
        value = found.figures[name][row]  # type: ignore[index]
        if len(cells) > 1:
            value = found.cells[name][row][next(place for place, mark in enumerate(found.columns) if mark.key == cells[1][1])]  # type: ignore[index]
        assert listed["credited"].sum() == pytest.approx(value, abs=0.02 * len(listed) + 0.01)


def test_figures_of_lost_deals_lead_to_the_deals_of_the_files(sample: Any, reading: Sample) -> None:
    from attribution.views.deals import behind

    owner = next(deal["owner_id"] for deal in reading.deals if deal["status"] == "lost")
    for name, statuses in (("lost_deals", {"lost"}), ("win_rate", {"won", "lost"})):
        words = ways.to_deals(sample, name, [("owner", Mark(owner, "value", owner))]) or {}
        listed = behind(sample, EVER, tuple(state.behind_from(words["behind"]).items()))
        theirs = {deal["deal_id"] for deal in reading.deals if deal["owner_id"] == owner and deal["status"] in statuses}
        assert set(listed["deal_id"]) == theirs
        assert list(listed["ended"]) == list(listed["status"])


def test_where_no_list_of_deals_is_behind_a_cell(sample: Any) -> None:
    other, value = Mark("", "other", "Other"), Mark("2026-01", "value", "Jan 2026")
    assert ways.to_deals(sample, "revenue", [("channel", other)]) is None
    assert ways.to_deals(sample, "revenue", [("touch", Mark("T1", "value", "T1"))]) is None
    assert ways.to_deals(sample, "revenue", [("month", Mark("", "none", "No month"))]) is None
    assert ways.to_deals(sample, "revenue", [("deal", Mark("D-1", "value", "D"))]) == {"deal": "D-1"}
    assert json.loads(
        (ways.to_deals(sample, "revenue", [("month", value), ("quarter", Mark("2026-Q1", "value", ""))]) or {})["behind"]
    ) == {"period": "2026-01"}


# --- tables and files -------------------------------------------------------------------------------------------------


def test_the_table_shows_what_is_drawn_and_ends_in_its_total(sample: Any, names: state.Names) -> None:
    found = asked(sample, names, Question(("revenue", "win_rate"), "segment"), YEAR)
    frame, forms, listed = shown.table(found, sample, "EUR")
    assert list(frame.columns) == ["Segment", "Credited revenue", "Win rate", "Share", "Year before"]
    assert frame["Segment"].iloc[-1] == "Total"
    assert frame["Credited revenue"].iloc[:-1].sum() == pytest.approx(frame["Credited revenue"].iloc[-1], abs=0.005)
    assert forms["Win rate"].kind == "share"
    assert len(listed) == len(frame)
    matrix, _, _ = shown.table(asked(sample, names, Question(("revenue",), "segment", "channel")), sample, "EUR")
    assert list(matrix.columns)[-1] == "Total"
    pairs, _, rows = shown.table(asked(sample, names, Question(("revenue", "deals"), "segment", "channel")), sample, "EUR")
    assert list(pairs.columns) == ["Segment", "Channel", "Credited revenue", "Credited deals"]
    assert rows[0][1] is not None


def test_the_file_with_everything_holds_every_combination(sample: Any, names: state.Names) -> None:
    full, cut = shown.full_file(sample, Filters(), "w_shaped", Question(("revenue",), "deal", "touch"), names)
    assert not cut
    assert list(full.columns) == ["Deal", "Deal id", "Touch", "Credited revenue"]
    whole = float(sample.metrics(["revenue"])["revenue"].iloc[0])
    assert full["Credited revenue"].sum() == pytest.approx(whole, abs=0.01)
    assert len(pivot.everything(sample, ["revenue"], ["deal", "touch"], Filters(), "w_shaped", 10)) == 10


# --- pictures ---------------------------------------------------------------------------------------------------------

ROWS = (Mark("webinars", "value", "Webinars"), Mark("x", "value", LONG), Mark(NAUGHTY, "value", NAUGHTY), Mark("", "other", "9 other"),
        Mark("", "none", "No channel"), Mark(UNATTRIBUTED, "unattributed", UNATTRIBUTED))  # fmt: skip
TIMES = tuple(Mark(f"2026-{month:02d}", "value", f"{name} 2026") for month, name in enumerate(("Jan", "Feb", "Mar"), start=1))
SLOTS = theme.channel_slots(["webinars"], ["sales"])


def grid(rows: tuple[Mark, ...], columns: tuple[Mark, ...], form: Form = MONEY.form) -> Grid:
    """A grid of some size."""
    cells = tuple(
        tuple(1000.0 * (row + 1) * (column + 1) if (row + column) % 4 else None for column in range(len(columns)))
        for row in range(len(rows))
    )
    sums = tuple(sum(value or 0 for value in line) for line in cells)
    return Grid(rows, columns, cells, form, sums, tuple(1.0 for _ in columns), sum(sums), form.unit(sums))


def figures(palette: theme.Palette, rows: tuple[Mark, ...]) -> dict[str, dict[str, Any]]:
    """Every picture of the page over the same rows."""
    panels = [
        Panel(NAUGHTY, Form(kind, "EUR"), tuple(float(place) for place in range(len(rows))), pale=(True,) * len(rows))
        for kind in ("money", "share", "days")
    ]
    series = [Panel(row.label, Form("money", "EUR"), (1.0, None, 3.0), column=row) for row in rows[:8]]
    return {
        "bars": charts.bars(rows, panels[:1], SLOTS, palette), "panels": charts.bars(rows, panels, None, palette, True),
        "stacked": charts.stacked(grid(rows, ROWS), SLOTS, palette, False), "months": charts.stacked(grid(TIMES, ROWS), None, palette, True),
        "columns": charts.columns(grid(TIMES, ()), palette), "lines": charts.lines(TIMES, series, SLOTS, palette, Form("money").unit([3.0])),
        "heat": heat.heat(grid(rows, ROWS), palette),
    }  # fmt: skip


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["some", "one", "sixty"])
def test_pictures_hold_together(palette: theme.Palette, size: str) -> None:
    rows = {"some": ROWS, "one": ROWS[:1], "sixty": tuple(Mark(f"c{place}", "value", f"{place} {LONG}") for place in range(60))}[
        size
    ]
    for name, figure in figures(palette, rows).items():
        drawn = go.Figure(figure)  # Plotly refuses what it does not know
        text = json.dumps([note.get("text") for note in figure["layout"].get("annotations", [])]) + json.dumps(
            [[trace.get("name"), [facts[4:] for facts in trace.get("customdata", [])]] for trace in figure["data"]]
        )
        assert "<b onmouseover" not in text, name
        assert drawn.layout.height >= 100
        if name in ("bars", "panels", "heat"):
            assert len(figure["layout"]["yaxis"]["ticktext"]) >= len(rows)
            assert all(len(label) <= 60 for label in figure["layout"]["yaxis"]["ticktext"])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_in_the_heat_table_can_be_read(palette: theme.Palette) -> None:
    columns = tuple(Mark(str(place), "value", str(place)) for place in range(40))
    cells = (tuple(float(place) for place in range(40)),)
    figure = heat.heat(Grid((Mark("a", "value", "A"),), columns, cells, Form("count")), palette)
    bars = figure["data"][0]
    for fill, ink, label in zip(bars["marker"]["color"], bars["textfont"]["color"], bars["text"], strict=True):
        assert label
        assert theme.contrast(fill, ink) >= 4.5
    lightness = [theme.contrast(fill, palette.background) for fill in bars["marker"]["color"]]
    assert lightness[1:] == sorted(lightness[1:])  # one hue, darker (lighter in the dark) with size


def test_colours_stay_with_their_channels() -> None:
    some, none = (
        charts.stacked(grid(ROWS, ROWS), SLOTS, LIGHT, False),
        charts.stacked(grid(ROWS, ROWS[::-1]), SLOTS, LIGHT, False),
    )
    assert (
        some["data"][0]["marker"]["color"]
        == none["data"][-1]["marker"]["color"]
        == theme.channel_colour("webinars", SLOTS, LIGHT)
    )
    assert some["data"][-1]["marker"]["pattern"]["shape"] == "/"


def test_small_cells_have_a_finer_unit() -> None:
    assert Form("money", "EUR").unit_of_cells([2_860_000.0, 600.0]).suffix == "k"
    assert Form("money", "EUR").unit_of_cells([2_860_000.0, 600_000.0]).suffix == "M"


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    words = text(test)
    assert test.title[0].value == "Credited revenue by segment and channel"
    assert "Under the agreed rule" in words
    assert "agreed 12 Mar 2026 by the revenue team" in words
    assert ":material/link_off:" not in words


@pytest.mark.parametrize("place", range(len(PRESETS)))
def test_every_starting_point_is_a_page(page: Callable[..., AppTest], sample_database: Path, sample: Any, place: int) -> None:
    name, question = PRESETS[place]
    test = page(sample_database)
    test.button(key=f"preset_{name}").click().run()
    text(test)
    labels, dimensions = ways.metric_labels(), ways.dimension_labels(sample)
    assert test.title[0].value == title([labels[metric] for metric in question.metrics], [dimensions[by] for by in question.by])


@pytest.mark.parametrize("query", [
    {"show": "won_revenue", "down": "Segment", "across": "Quarter", "look": "lines"},
    {"show": "Win rate", "down": "owner", "across": "segment", "look": "bars"},
    {"show": ["revenue", "roas", "influenced_deals"], "down": "campaign", "top": "5"}, {"show": "revenue", "down": "deal", "across": "touch"},
    {"show": "cycle_days", "down": "country", "sort": "name"}, {"show": "pipeline", "down": "month", "date_basis": "created"},
    {"show": "revenue", "down": "channel", "across": "month", "look": "heat", "top": "60", "period": "all"},
    {"show": "revenue", "down": "channel", "look": "table"},
    {"show": "revenue", "down": "segment", "across": "channel", "sort": "@email", "channel": "email"},
    {"show": "revenue", "down": "month", "date_basis": "touch"},
    {"show": "spend", "down": "quarter", "across": "month"}, {"show": "revenue", "down": "segment", "across": "segment"},
])  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    words = text(page(sample_database, **query))
    assert "which is not known here" not in words


@pytest.mark.parametrize("word", ["show", "down", "across", "look", "sort", "top"])
@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200])
def test_garbage_in_a_link_gives_the_default_and_one_notice(
    page: Callable[..., AppTest], sample_database: Path, word: str, garbage: str
) -> None:
    test = page(sample_database, **{word: garbage, "top": garbage})
    assert text(test).count(":material/link_off:") == 1
    assert test.title[0].value == "Credited revenue by segment and channel"


def test_what_does_not_exist_is_a_click_from_what_does(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, show="won_deals", down="channel")
    assert "a deal meets several channels" in said(text(test))
    test.button(key="way_0_0").click().run()
    text(test)
    assert test.title[0].value == "Credited deals by channel"
    test = page(sample_database, show="open_deals", down="month")
    test.button(key="way_0_0").click().run()
    assert test.title[0].value == "Open deals by month"
    assert "no close date" not in text(test)
    test = page(sample_database, show=["spend", "revenue"], down="channel", segment="enterprise")
    assert test.title[0].value == "Credited revenue by channel"
    test.button(key="way_0_0").click().run()
    assert test.title[0].value == "Spend and credited revenue by channel"


def test_a_filter_that_leaves_nothing_says_so(page: Callable[..., AppTest], sample_database: Path) -> None:
    words = text(page(sample_database, show="revenue", down="channel", **{"from": "1999-01-01", "to": "1999-02-01"}))
    assert "Nothing to show here" in words
    assert "1 Jan 1999" in words


@pytest.mark.parametrize("rows", THIN)
def test_thin_data_gives_designed_states(page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str) -> None:
    ds = thin(open_rows, rows)
    for query in (
        {},
        {"show": "revenue", "down": "deal", "across": "touch"},
        {"show": "win_rate", "down": "owner"},
        {"show": "spend", "down": "month"},
    ):
        text(page(ds.path.parent, **query))


def test_further_columns_of_deals_are_dimensions_too(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    deals = [
        {"deal_id": f"D{place}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": str(1000 * place),
         "region_of_sale": region, "Open": "x"}
        for place, region in enumerate(("North", "South", "", LONG), start=1)
    ]  # fmt: skip
    ds = open_rows({"deals": deals, "touches": []}, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    assert "region_of_sale" in ds.extra_dimensions
    test = page(ds.path.parent, show=["revenue", "won_deals"], down="region_of_sale")
    assert "too few to compare" in text(test)
    assert test.title[0].value == "Credited revenue and deals won by region of sale"
    text(page(ds.path.parent, show="revenue", down="region_of_sale", across="Open"))
