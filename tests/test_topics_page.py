"""The topics page: golden answers, gaps, heat tables that add up, and the page in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers.topics import TopicsFacts, heat_alt, made_alt, topics
from attribution.charts import heat
from attribution.charts import topics as charts
from attribution.charts.theme import DARK, LIGHT
from attribution.content.assets import known
from attribution.views import topics as view
from attribution.views.choices import EVERY
from attribution.views.state import Choice, names_of
from tests.app_page import NAUGHTY, THIN, said, text, thin

PAGE = "pages/content/topics.py"


FULL = TopicsFacts(
    currency="EUR", pieces=52, on_five=36, credited=1_528_000.0, credited_on_five=1_242_000.0, cost=117_000.0, cost_on_five=94_770.0,
    gaps=(("versus", "top"), ("reviews", "top")), asked_most=("cost", 140, 58),
)  # fmt: skip
LEAD = (
    "**36 of 52 published pieces** (69 %) are on the five topics that buyers ask about (cost, problems, versus, reviews, best), with 81 % of what content "
    "cost."
)
EARN = "Under the agreed rule they earn **€1.24 M of €1.53 M** that is credited to content (81 %)."
ANSWERS = {
    "everything there": (
        FULL,
        f"{LEAD} {EARN} Nothing is published on versus at the top and reviews at the top. "
        "Buyers ask most about cost: 140 questions, 58 of them without a piece that answers.",
    ),
    "many gaps, no cost, nothing credited": (
        replace(FULL, gaps=FULL.gaps * 3, cost=0.0, credited=0.0, asked_most=("cost", 1, 0)),
        "**36 of 52 published pieces** (69 %) are on the five topics that buyers ask about (cost, problems, versus, reviews, best). Nothing won under these "
        "filters is credited to content. Nothing is published on versus at the top, reviews at the top, versus at the top and 3 more. "
        "Buyers ask most about cost: 1 question, each with a piece that answers.",
    ),
    "no gap, another rule": (
        replace(FULL, gaps=(), asked_most=None, agreed="not agreed", rule="Last contact", on_five=1),
        "**1 of 52 published pieces** (1.9 %) is on the five topics that buyers ask about (cost, problems, versus, reviews, best), with 81 % of what content "
        "cost. Under Last contact, which is not the agreed rule, they earn **€1.24 M of €1.53 M** that is credited to content (81 %). "
        "Each of them has something published at the top, the middle and the bottom of the funnel.",
    ),
    "nothing published": (replace(FULL, pieces=0), "Nothing is published yet, so there is nothing to compare."),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(topics(facts)) == sentence


def test_names_cannot_become_markup() -> None:
    assert " :red[" not in topics(replace(FULL, gaps=((NAUGHTY, "top"),), asked_most=(NAUGHTY, 3, 1)))


def test_alternative_texts() -> None:
    assert (
        said(heat_alt("Credited", [("Cost", "Top", 5.0), ("Best", "Top", 9.0)], "EUR"))
        == "Credited in 2 cells, most in Best, Top: €9"
    )
    assert heat_alt("Pieces", [("Cost", "Top", 0.0)], None) == "Pieces: nothing in any cell"
    assert (
        made_alt([("Q1 2025", 2, 1), ("Q2 2025", 0, 4)]) == "Published from Q1 2025 to Q2 2025: 2 on the five topics, 5 on others"
    )


@pytest.fixture(scope="module")
def shown(sample: Any) -> view.TopicsView:
    """The sample's topics over all time."""
    return view.view(sample, Choice(Filters(), "none", "w_shaped"), "first_touch", known(sample), names_of(sample))


@pytest.mark.parametrize("measure", view.MEASURES)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_heat_tables(shown: view.TopicsView, measure: str, palette: Any) -> None:
    for segment in shown.segments:
        go.Figure(heat.heat(view.by_stage(shown, measure, segment, "EUR"), palette))
    grid = view.by_segment(shown, measure, "EUR")
    go.Figure(heat.heat(grid, palette))
    stages = view.by_stage(shown, measure, EVERY, "EUR")
    if measure in ("revenue", "cost", "used_in"):  # a piece counts in every segment that used it
        assert grid.whole == pytest.approx(stages.whole, abs=0.3)
    assert len(view.grid_table(grid, "Topic")) == len(grid.rows) + (1 if grid.row_totals else 0)


def test_gaps_are_what_nothing_is_published_on(shown: view.TopicsView) -> None:
    there = {(cell.topic, cell.stage) for cell in shown.found.whole if cell.pieces}
    nothing = {(gap.topic, gap.stage) for gap in shown.gaps if not gap.segment}
    assert not there & nothing
    assert nothing == {("versus", "top"), ("reviews", "top"), ("best", "bottom")}
    assert all((gap.topic, gap.stage) in there for gap in shown.gaps if gap.segment)
    go.Figure(
        charts.made(
            [(entry.quarter, float(entry.on_five), float(entry.others)) for entry in shown.made], LIGHT, ("Five", "Others")
        )
    )


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    assert test.title[0].value == "Do we write about what buyers ask?"
    assert "36 of 52 published pieces" in said(text(test))
    assert {"What is missing", "Earned per unit of cost"} <= {
        column for element in test.dataframe for column in element.value.columns
    }


@pytest.mark.parametrize("query", [{"measure": "pieces"}, {"measure": "per_cost", "in_segment": "enterprise"}, {"in_segment": "No segment"},
                                   {"cell": "cost middle"}, {"cell": "best *"}, {"cell": "versus top"}, {"period": "last_month"},
                                   {"segment": "enterprise"}, {"channel": "email"},
                                   {"from": "2020-01-01", "to": "2020-02-01"}])  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    words = text(page(sample_database, **query))
    assert ("There is no piece here" in words) == (query.get("cell") == "versus top")


def test_garbage_in_a_link_gives_the_default(page: Callable[..., AppTest], sample_database: Path) -> None:
    for word in ("measure", "in_segment", "cell"):
        assert "36 of 52 published pieces" in said(text(page(sample_database, **{word: "<script>alert(1)</script>"})))


@pytest.mark.parametrize("rows", THIN)
def test_without_topics_the_page_says_what_is_missing(
    page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str
) -> None:
    words = text(page(thin(open_rows, rows).path.parent))
    assert "No topics in this data" in words
    assert "funnel_stage" in words


def test_hostile_topics_and_segments(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    rows = {
        "accounts": [{"account_id": "AC", "name": "x", "segment": NAUGHTY}],
        "deals": [
            {
                "deal_id": "D1",
                "account_id": "AC",
                "created_at": "2026-01-05",
                "closed_at": "2026-02-05",
                "status": "won",
                "amount": "1000",
            }
        ],
        "touches": [
            {
                "touch_id": "T1",
                "occurred_at": "2026-01-01 10:00:00",
                "deal_id": "D1",
                "channel": "email",
                "kind": "click",
                "asset_id": "A",
            }
        ],
        "content_assets": [
            {"asset_id": "A", "title": NAUGHTY, "topic": "Cost", "funnel_stage": NAUGHTY, "cost": "10", "status": "published"},
            {"asset_id": "B", "title": "No stage", "topic": NAUGHTY, "funnel_stage": "", "cost": "", "status": "requested"},
        ],
        "questions": [{"question_id": "Q1", "asked_at": "2026-01-02", "text": NAUGHTY, "topic": NAUGHTY}],
    }
    ds = open_rows(rows, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    for query in ({}, {"cell": "cost *"}, {"in_segment": NAUGHTY}):
        assert ":red[a]" not in text(page(ds.path.parent, **query))
