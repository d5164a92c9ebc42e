"""The content page and the topics page: golden answers, pictures, tables, and the pages in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers.content import (
    ContentFacts,
    PieceFacts,
    chance_line,
    content,
    dumbbell_alt,
    earned_alt,
    exposed,
    lifts_alt,
    piece,
    rules_alt,
    scatter_alt,
)
from attribution.answers.words import Credited
from attribution.charts import asset as asset_charts
from attribution.charts import content as charts
from attribution.charts import theme
from attribution.charts.asset import Curve, Part
from attribution.charts.content import Dot, Lift
from attribution.charts.formats import unit_for
from attribution.charts.theme import DARK, LIGHT
from attribution.content.assets import known
from attribution.views import content as view
from attribution.views import content_tables
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, THIN, said, text, thin

PAGE = "pages/content/content.py"
CHOICE = Choice(Filters(), "none", "w_shaped")


# --- words ------------------------------------------------------------------------------------------------------------

FULL = ContentFacts(
    currency="EUR", total=9_160_000.0, credited=1_530_000.0, deals=109, costed=52, earned=42, half_paid=12, costs=117_000.0, share_before=0.18,
    against="the year before", rule="30 30 30 10", second="First contact",
    ranked=(Credited("Fast close", 151_130.0, 479_680.0), Credited("Checklist", 80_158.0, 235_900.0)),
)  # fmt: skip
LEAD = "Under the agreed rule **€1.53 M of €9.16 M won** (17 %; the year before 18 %) is credited to content, most to “Fast close”: **€151 k**."
EARNS = "**42 of 52 pieces** with a known cost have earned it since publication, half of them within 12 months."
ANSWERS = {
    "everything there": (FULL, f"{LEAD} {EARNS} By first contact it leads too, with **€480 k**."),
    "another leads, all earned": (
        replace(FULL, costed=42, ranked=(FULL.ranked[0], replace(FULL.ranked[1], other=900_000.0))),
        f"{LEAD} All 42 pieces with a known cost have earned it since publication, half of them within 12 months. "
        "By first contact “Checklist” would lead with **€900 k**.",
    ),
    "no cost, another rule": (
        replace(FULL, costed=0, agreed="not agreed", rule="Last contact", second="", share_before=None),
        "Under Last contact, which is not the agreed rule, **€1.53 M of €9.16 M won** (17 %) is credited to content, most to “Fast close”: **€151 k**.",
    ),
    "few deals": (
        replace(FULL, deals=4),
        "4 deals: too few to compare content. Under the agreed rule €1.53 M of €9.16 M won is credited to content, €151 k of it to “Fast close”.",
    ),
    "nothing won": (
        replace(FULL, total=0.0, ranked=(), costed=3, earned=0, half_paid=None),
        "Nothing was won under these filters, so no content is credited with anything. **0 of 3 pieces** with a known cost have earned it since publication.",
    ),
    "nothing credited": (replace(FULL, ranked=(), costed=1, earned=1), "None of the €9.16 M won is credited to content. The one piece with "
        "a known cost has earned it since publication."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(content(facts)) == sentence


ONE = PieceFacts(
    label="What does it cost?", currency="EUR", total=9_160_000.0, credited=55_200.0, other=0.0, took_part=22, took_amount=1_670_000.0, touched=60,
    published_on=date(2025, 5, 20), age_months=18, in_all=65_600.0, won_in_all=26, amount_in_all=2_005_039.35, cost=2_285.5, payback=5, readers=109,
    second="First contact",
)  # fmt: skip
PAID = "It cost €2.29 k and had paid for itself within 5 months, each touch of a deal counting the same."
SINCE = "In the 18 months since it was published it took part in 26 won deals worth **€2.01 M** and is credited with **€65.6 k** of it."
ONES = {
    "everything there": (
        ONE,
        "Under the agreed rule it has earned **€55.2 k of €9.16 M won** (0.6 %) under these filters: its share of 22 won deals worth **€1.67 M**. "
        f"{SINCE} By first contact it would be nothing. {PAID}",
    ),
    "its whole life": (
        replace(ONE, is_whole_life=True, second="", payback=None),
        "Under the agreed rule it has earned **€55.2 k of €9.16 M won** (0.6 %) in 18 months: its share of 22 won deals worth **€1.67 M**. "
        "It cost €2.29 k and has not paid for itself yet, each touch of a deal counting the same.",
    ),
    "nothing here": (replace(ONE, credited=0.0), f"{SINCE} {PAID}"),
    "never won": (
        replace(ONE, credited=0.0, in_all=0.0, won_in_all=0, touched=3, cost=None),
        "Since it was published on 20 May 2025 it took part in 3 deals, none of them won. What it cost is not known.",
    ),
    "no deal": (
        replace(ONE, credited=0.0, touched=0, cost=0.0),
        "Since it was published on 20 May 2025 no deal has met it.",
    ),
    "nobody": (
        replace(ONE, credited=0.0, touched=0, readers=0, published_on=None, cost=None),
        "In all nobody is known to have read it. What it cost is not known.",
    ),
    "not there yet": (
        replace(ONE, credited=0.0, touched=0, readers=0, status="in_production", cost=300.0),
        "“What does it cost?” is in production: nobody can have read it yet. It has cost €300 so far.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONES)
def test_answer_about_one(case: str) -> None:
    facts, sentence = ONES[case]
    assert said(piece(facts)) == sentence


def test_exposure_in_words() -> None:
    lead = "Of the deals that got to that point (within 30 days of opening), 19 of 88 won ones and 5 of 96 lost ones had used it"
    assert said(exposed(19, 88, 5, 96, 4.15, 1.88, 9.14, True, "within 30 days of opening")) == (
        f"{lead}: 4.15 times as often, likely 1.88 to 9.14 times. No proof of a cause: those who buy may simply read more."
    )
    assert said(exposed(19, 88, 5, 96, 4.15, 0.9, 9.14, True, "within 30 days of opening")) == (
        f"{lead}: 4.15 times as often, likely 0.90 to 9.14 times, so there may be no difference."
    )
    assert said(exposed(19, 88, 5, 96, 4.15, 1.88, 9.14, False, "within 30 days of opening")) == f"{lead}: too few to compare."
    assert "only those that were won" in exposed(12, 88, 0, 96, None, 1.88, 99.0, True, "x")
    assert said(chance_line(24, 7)) == "7 pieces stand out of 24 compared; about 2 would by chance alone."
    assert chance_line(1, 1) == ""


def test_alternative_texts() -> None:
    assert said(scatter_alt([("A", 100.0, 5_000.0), ("B", 100.0, 0.0)], "EUR")) == (
        "Cost and credit of 2 pieces of content: 1 earned their cost; most credit: A, €5.00 k for €100"
    )
    assert said(dumbbell_alt([("A", 1_000.0, 50.0)], "EUR")) == "Credited under two rules: A €1.00 k and €50"
    assert said(lifts_alt([("A", 2.0, True), ("B", None, False)])) == (
        "Used by won deals against lost ones: A 2.00 times, B only by won deals (may be no difference)"
    )
    assert said(earned_alt("A", [("Linear", 7.0)], "EUR")) == "A: earned so far €7 (Linear)"
    assert said(rules_alt("A", [("First", 7.0), ("Last", 0.0)], "EUR")) == "A: from €0 (Last) to €7 (First)"


def test_names_cannot_become_markup() -> None:
    sentences = content(replace(FULL, ranked=(Credited(NAUGHTY, 9e6, 1.0), FULL.ranked[0]))) + piece(
        replace(ONE, label=NAUGHTY, touched=0, readers=0, credited=0.0, status="requested")
    )
    assert " :red[" not in sentences
    assert "\\:red\\[a\\]" in sentences


# --- pictures ---------------------------------------------------------------------------------------------------------

DOTS = (
    Dot("a", NAUGHTY, 1_000.0, 250_000.0),
    Dot("b", "Costly", 40_000.0, 900.0),
    Dot("c", "Nothing", 500.0, 0.0, True),
    Dot("d", "A cent", 0.01, 0.02),
)
LIFTS = (
    Lift("a", NAUGHTY, 0.2, 0.05, 4.0, 1.5, 9.0, True),
    Lift("b", "Only won", 0.2, 0.0, None, 1.1, 300.0, True),
    Lift("c", "x" * 90, 0.1, 0.1, 1.0, 0.4, 2.2, False),
)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_pictures(palette: theme.Palette) -> None:
    figures = [charts.cost_and_credit(some, palette, "EUR") for some in (DOTS, DOTS[:1], DOTS[2:3])]
    figures += [charts.lifts(some, palette) for some in (LIFTS, LIFTS[:1])]
    days = (date(2025, 1, 1), date(2025, 6, 1))
    unit = unit_for([5_000.0], "EUR")
    curves = (Curve("Linear", days, (0.0, 5_000.0)), Curve(NAUGHTY, days, (0.0, 4_990.0)))
    figures += [
        asset_charts.earned(curves, 800.0, date(2025, 5, 1), days[0], days[1], palette, unit),
        asset_charts.earned(curves[:1], None, None, None, days[1], palette, unit),
        asset_charts.rules((Part("a", NAUGHTY, 5.0, True), Part("b", "Last", 0.0)), palette, unit),
    ]
    for figure in figures:
        go.Figure(figure)  # Plotly refuses what it does not know
        axis = figure["layout"]["yaxis"].get("ticktext", [])
        assert not any(
            "<b onmouseover" in str(part) for part in [*axis, *(note["text"] for note in figure["layout"]["annotations"])]
        )
    marks = figures[0]["data"][0]
    assert marks["y"][2] < min(marks["y"][0], marks["y"][1])  # nothing stands on the bottom line
    assert marks["marker"]["color"][0] == palette.accent
    assert marks["marker"]["color"][1] == palette.background
    assert said(figures[3]["layout"]["annotations"][1]["text"]) == "<b>only won</b>  20 % · 0 %"
    labels = sorted(note["y"] for note in figures[5]["layout"]["annotations"] if str(note["text"]).startswith("<b>"))
    assert labels[1] - labels[0] >= 250  # ends that would touch are pushed apart


# --- the view and its tables ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(sample: Any) -> view.Content:
    """All content over all time."""
    found = known(sample)
    life = view.since_publication(sample, "w_shaped", "first_touch", found)
    return view.content(sample, CHOICE, "first_touch", "credited", ("30", "within 30 days of opening"), found, life)


def test_the_last_row_is_the_crms_total(sample: Any, shown: view.Content) -> None:
    won = float(sample.metrics(["won_revenue"])["won_revenue"][0])
    assert shown.ends[-1].revenue == pytest.approx(won, abs=0.005)
    parts = [entry for entry in shown.ends if entry.kind in ("all", "none", "unattributed")]
    assert sum(entry.revenue for entry in parts) == pytest.approx(won, abs=0.005)
    assert parts[0].revenue == pytest.approx(sum(entry.revenue for entry in shown.entries), abs=0.005)
    for entry in shown.entries:
        assert entry.revenue == pytest.approx(entry.whole or 0.0, abs=0.005)  # over all time both are the same
    assert shown.earned <= shown.costed <= 54


@pytest.mark.parametrize("order", view.ORDERS)
def test_orders(sample: Any, order: str) -> None:
    found = known(sample)
    life = view.since_publication(sample, "w_shaped", "first_touch", found)
    choice = replace(CHOICE, filters=Filters(period="last_12_months"))
    entries = view.content(sample, choice, "first_touch", order, ("30", ""), found, life).entries
    sizes = {
        "credited": [entry.revenue for entry in entries],
        "whole": [entry.whole or 0.0 for entry in entries],
        "cost": [entry.cost or 0.0 for entry in entries],
        "readers": [entry.asset.readers for entry in entries if entry.asset],
        "views": [entry.asset.views for entry in entries if entry.asset],
    }.get(order, [])
    assert list(sizes) == sorted(sizes, reverse=True)
    assert len({entry.key for entry in entries}) == 60


def test_tables_and_search(shown: view.Content) -> None:
    for group in content_tables.GROUPS:
        frame = content_tables.table(shown.entries, shown.ends, "First contact", group, {})
        assert len(frame) == len(shown.entries) + (len(shown.ends) if group in ("money", "all") else 0)
        assert not frame.columns.duplicated().any()
    frame = content_tables.table(shown.entries, shown.ends, "First contact", "all", {})
    assert frame["Credited"].iloc[-1] == shown.ends[-1].revenue
    assert frame["Readers"].iloc[-1] is None or frame["Readers"].isna().iloc[-1]
    wanted = {"Cost", "Views", "Readers", "Companies", "Leads", "Credited", "Credited, open deals", "Took part in", "ROI", "Paid back", "Age", "Author",
              "Format", "Topic", "Funnel stage", "Earned since publication", "Lift"}  # fmt: skip
    assert wanted <= set(frame.columns)
    assert [entry.key for entry in content_tables.matching(shown.entries, "close software cost")] == ["A-007"]
    assert (
        len(content_tables.matching(shown.entries, "lioba versus"))
        < len(content_tables.matching(shown.entries, "lioba"))
        < len(shown.entries)
    )


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, shown: view.Content) -> None:
    test = page(sample_database, period="all")
    words = text(test)
    assert test.title[0].value == "Which content earns its cost?"
    assert "is credited to content" in words
    assert "by chance alone" in words
    assert "No proof of a cause" in words
    assert len(test.metric) == 5
    numbers = next(element.value for element in test.dataframe if "Earned since publication" in element.value)
    assert numbers["Credited"].iloc[-1] == pytest.approx(shown.ends[-1].revenue, abs=0.005)


def test_search_columns_and_points(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, columns="Won and lost", point="stage proposal")
    assert any("What it says" in element.value for element in test.dataframe)
    assert "before stage Proposal" in text(test)
    test.text_input(key="content_search").set_value("checklist").run()
    assert [len(element.value) for element in test.dataframe] == [1]
    test.text_input(key="content_search").set_value(NAUGHTY).run()
    assert "No piece has" in text(test)


def test_one_piece_and_back(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, one="A-007", period="all")
    words = said(text(test))
    assert test.title[0].value.startswith("What has “What does month")
    assert "26 won deals worth **€2.01 M**" in words
    assert "in 18 months" in words
    assert "60 deals since publication" in words
    assert "Buyers' questions that it answers" in words
    test.selectbox(key="asset_picker").set_value("A-060").run()
    assert "nobody can have read it yet" in text(test)
    test.button(key="all_content").click().run()
    assert test.title[0].value == "Which content earns its cost?"


@pytest.mark.parametrize("query", [{"order": "lift"}, {"against": "linear"}, {"against": "w_shaped"}, {"point": "0"}, {"point": "365"},
                                   {"segment": "enterprise"},
                                   {"date_basis": "touch"}, {"channel": "email", "one": "A-007"}, {"one": "A-777"}, {"one": "A-053"}, {"compare": "none"},
                                   {"one": "A-010", "period": "last_month", "point": "stage negotiation"}])  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    text(page(sample_database, **query))


@pytest.mark.parametrize("word", ["one", "order", "against", "point"])
@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200])
def test_garbage_in_a_link_gives_the_default(
    page: Callable[..., AppTest], sample_database: Path, word: str, garbage: str
) -> None:
    test = page(sample_database, **{word: garbage})
    assert test.title[0].value == "Which content earns its cost?"
    assert ":material/link_off:" in text(test)


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    words = text(page(sample_database, **{"from": "2020-01-01", "to": "2020-02-01"}))
    assert "Nothing was won under these filters" in words
    assert "Too few deals to compare" in words


DEAL = {"deal_id": "D1", "name": "One", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
TOUCH = {"touch_id": "T1", "occurred_at": "2026-01-01 10:00:00", "deal_id": "D1", "channel": "email", "kind": "click"}
SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}


@pytest.mark.parametrize("rows", THIN)
def test_without_content_the_page_says_what_is_missing(
    page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str
) -> None:
    words = text(page(thin(open_rows, rows).path.parent))
    assert "No content in this data" in words
    assert "content_assets.csv" in words


def test_ids_alone_are_enough(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    """No content_assets, no cost, no page views: what is missing is said."""
    ds = open_rows({"deals": [DEAL], "touches": [{**TOUCH, "asset_id": NAUGHTY}]}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "too few to compare content" in words
    assert "No piece has a cost" in words
    assert "No page views were counted" in words
    assert "not in content_assets" in said(words)
    assert ":red[a]" not in words
    words = text(page(ds.path.parent, one=NAUGHTY))
    assert ":red[a]" not in words
    assert "What it cost is not known" in words


def test_hostile_titles_and_odd_rows(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [
            DEAL,
            {**DEAL, "deal_id": "D2", "status": "lost"},
            {**DEAL, "deal_id": "D3", "status": "open", "closed_at": ""},
        ],
        "touches": [
            {**TOUCH, "touch_id": f"T{number}", "deal_id": f"D{number}", "asset_id": asset}
            for number, asset in ((1, "A"), (2, "B"), (3, "C"))
        ],
        "content_assets": [
            {
                "asset_id": "A",
                "title": NAUGHTY,
                "cost": "10",
                "published_on": "2026-02-25",
                "topic": NAUGHTY,
                "status": "retired",
            },
            {"asset_id": "B", "title": "x" * 120, "cost": "0", "published_on": "", "topic": "cost", "status": ""},
            {"asset_id": "C", "title": "Free", "cost": "", "published_on": "2027-01-01", "topic": "best", "status": "published"},
            {
                "asset_id": "Unattributed",
                "title": "Unattributed",
                "cost": "5",
                "published_on": "2025-01-01",
                "topic": "",
                "status": "published",
            },
        ],
        "content_feedback": [{"asset_id": "A", "owner_id": "U1", "given_at": "2026-02-01", "rating": "4", "comment": NAUGHTY}],
        "questions": [{"question_id": "Q1", "asked_at": "2026-01-02", "text": NAUGHTY, "topic": "cost", "asset_id": "A"}],
    }
    ds = open_rows(rows, SETTINGS)
    assert ":red[a]" not in text(page(ds.path.parent))
    for asset in ("A", "B", "C", "Unattributed"):
        assert ":red[a]" not in text(page(ds.path.parent, one=asset))
