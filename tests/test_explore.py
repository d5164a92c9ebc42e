"""Explore: numbers worked out from the sample's files, totals that tie out, refusals with ways that work, tables and files."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from attribution import Filters, pivot
from attribution.charts.marks import Mark
from attribution.charts.theme import UNATTRIBUTED
from attribution.metrics import METRICS, metric
from attribution.query import DIMENSIONS
from attribution.views import explore as view
from attribution.views import explore_shown as shown
from attribution.views import explore_ways as ways
from attribution.views import state
from attribution.views.explore_ways import PRESETS, Question
from attribution.views.state import Choice
from tests.sample_reading import Sample

CUTS = [entry.name for entry in DIMENSIONS]
EVER = Choice(Filters(), "none", "w_shaped")
YEAR = Choice(Filters(period="last_12_months"), "year", "w_shaped")


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
