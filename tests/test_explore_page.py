"""The explore page: golden answers, pictures, and the page in every state."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers.explore import Entry, ExploreFacts, alt, answer, title
from attribution.charts import explore as charts
from attribution.charts import heat, theme
from attribution.charts.marks import Form, Grid, Mark, Panel
from attribution.charts.theme import DARK, LIGHT, UNATTRIBUTED
from attribution.views import explore_ways as ways
from attribution.views.explore_ways import PRESETS
from tests.app_page import NAUGHTY, THIN, said, text, thin

PAGE = "pages/revenue/explore.py"
LONG = (
    "A name that somebody wrote in full, with the region, the quarter, the product and the agency that made it, all in one field"
)
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
        replace(MONEY, agreed="not agreed", rule="linear", cell=None, against=""),
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
