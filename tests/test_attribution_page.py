"""The attribution page: golden answers, pictures, tables that tie out, what-ifs, and the page in every state."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers.credit import CreditFacts, Moved, compared_alt, credit, credit_alt, credit_title, nth, ordinal, what_if
from attribution.answers.words import Credited
from attribution.charts import credit as charts
from attribution.charts import theme
from attribution.charts.credit import Row
from attribution.charts.theme import DARK, LIGHT, UNATTRIBUTED
from attribution.query import DIMENSIONS
from attribution.views import credit as view
from attribution.views import state
from attribution.views import what_if as what_if_view
from attribution.views.credit import Question
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, THIN, said, text, thin

PAGE = "pages/revenue/attribution.py"
CUTS = [entry.name for entry in DIMENSIONS if entry.name not in view.TOO_FINE]


FULL = CreditFacts(
    currency="EUR", measure="revenue", many="channels", total=18_422_663.43, deals=164, total_before=14_960_000.0, against="the year before",
    rule="30 30 30 10", second="First contact", ranked=(
        Credited("Organic search", 4_121_284.16, 4_930_000.0, 2_842_000.0), Credited("Webinars", 2_607_968.23, 880_000.0, 2_000_000.0),
        Credited("Paid search", 2_340_914.05, 3_020_000.0, 2_000_000.0),
    ),
)  # fmt: skip
START = "Under the agreed rule **€4.12 M of €18.4 M won** is credited to organic search (22 %; the year before 19 %), €2.61 M to webinars (14 %)."
ANSWERS = {
    "everything there": (
        FULL,
        f"{START} By first contact it leads too; the two differ most on webinars: €2.61 M here, €880 k there.",
    ),
    "another would lead": (
        replace(FULL, ranked=(*FULL.ranked[:2], replace(FULL.ranked[2], other=9_000_000.0))),
        f"{START} By first contact paid search would lead with **€9.00 M**, not €2.34 M.",
    ),
    "both nearly say the same": (
        replace(FULL, ranked=(FULL.ranked[0], *(replace(entry, other=entry.amount + 1) for entry in FULL.ranked[1:]))),
        f"{START} By first contact it leads too, with **€4.93 M**.",
    ),
    "both say the same": (
        replace(FULL, ranked=tuple(replace(entry, other=entry.amount) for entry in FULL.ranked)),
        f"{START} By first contact every amount is the same.",
    ),
    "another rule, nothing to compare with": (
        replace(FULL, agreed="not agreed", second="", total_before=None, against="", ranked=(Credited("LinkedIn ads", 18_422_663.43),)),
        "Under 30 30 30 10, which is not the agreed rule, **€18.4 M of €18.4 M won** is credited to LinkedIn ads (100 %).",
    ),
    "a filter leaves one": (
        replace(FULL, parts=True, total=4_120_000.0, ranked=FULL.ranked[:1]),
        "Under the agreed rule organic search is credited with **€4.12 M**: the filters leave nothing else to compare it with. "
        "By first contact it would be **€4.93 M**.",
    ),
    "deals": (
        replace(FULL, measure="deals", total=164.0, second="", against="", ranked=(Credited("Email", 41.36), Credited("Events", 20.0))),
        "Under the agreed rule **41.4 of 164 deals won** is credited to email (25 %), 20 to events (12 %).",
    ),
    "open deals": (
        replace(FULL, measure="pipeline", total=9_400_000.0, second="", against="", ranked=(Credited("Email", 3_100_000.0),)),
        "Under the agreed rule **€3.10 M of €9.40 M in open deals** is credited to email (33 %).",
    ),
    "whole deals": (
        replace(FULL, many="countries", of_touch=False, codes=False, second="", ranked=(Credited("Germany", 9e6, None, 7e6), Credited("Austria", 3e6))),
        "**€9.00 M of €18.4 M won** comes from Germany (49 %; the year before 47 %), €3.00 M from Austria (16 %). "
        "Countries belong to whole deals: no rule changes this.",
    ),
    "few deals are not ranked": (
        replace(FULL, deals=4, total=310_000.0, ranked=(Credited("Events", 120_000.0, 1.0),)),
        "4 deals: too few to compare channels. Under the agreed rule €120 k of €310 k won is credited to events.",
    ),
    "nothing won": (
        replace(FULL, deals=0, total=0.0, ranked=()),
        "No deal was won under these filters, so there is nothing to share. Choose a longer period or clear a filter.",
    ),
    "nothing recorded": (
        replace(FULL, many="campaigns", ranked=()), "None of the €18.4 M won can be credited to campaigns: nothing is recorded for them."
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(credit(facts)) == sentence


def test_names_cannot_become_markup() -> None:
    text = credit(replace(FULL, many=NAUGHTY, ranked=(Credited(NAUGHTY, 9e6, 1.0),), codes=False))
    assert "\\:red\\[a\\] \\[b\\]\\(c\\)" in text
    assert " :red[" not in text
    assert ":red[" not in credit_title(NAUGHTY, "revenue", True)


MOVES = (
    Moved("Organic search", 4.12e6, 2.71e6, 1, 3),
    Moved("Webinars", 2.61e6, 3.52e6, 2, 1),
    Moved("Email", 1.87e6, 2.79e6, 4, 2),
)
WHAT_IFS = {
    "another leads": (
        FULL, MOVES, 1.62e6, 390_000.0,
        "**Webinars would lead**; organic search would be third. €1.62 M of €18.4 M (8.8 %) would go elsewhere. €390 k more would be unattributed.",
    ),
    "the same leads": (FULL, (Moved("Email", 2e6, 3e6, 1, 1),), 1e6, 0.0, "**Email would still lead.** €1.00 M of €18.4 M (5.4 %) would go elsewhere."),
    "less is left over": (
        replace(FULL, unattributed=5e5), (Moved("Email", 2e6, 2.5e6, 1, 1),), 5e5, 0.0,
        "**Email would still lead.** €500 k of €18.4 M (2.7 %) would go elsewhere. €500 k less would be unattributed.",
    ),
    "nothing moves": (FULL, (Moved("Email", 2e6, 2e6, 1, 1),), 0.0, 0.0, "Nothing would change: every amount stays where it is."),
    "whole deals": (replace(FULL, of_touch=False, many="segments"), MOVES, 0.0, 0.0, "Nothing would change: segments belong to whole deals."),
    "few deals": (
        replace(FULL, deals=4), MOVES, 1e6, 0.0, "4 deals: too few to compare channels. €1.00 M of €18.4 M (5.4 %) would go elsewhere."
    ),
    "no deals": (replace(FULL, deals=0), (), 0.0, 0.0, "There is nothing to share under these filters."),
}  # fmt: skip


@pytest.mark.parametrize("case", WHAT_IFS)
def test_what_if_in_a_sentence(case: str) -> None:
    facts, moves, moved, left, sentence = WHAT_IFS[case]
    assert said(what_if(facts, moves, moved, left)) == sentence


def test_titles_places_and_alternative_texts() -> None:
    assert credit_title("channels", "revenue", True) == "Which channels earned the revenue?"
    assert credit_title("sides", "deals", True) == "Whose actions earned the won deals?"
    assert credit_title("segments", "revenue", False) == "Which segments brought the revenue?"
    assert credit_title("topics", "pipeline", True) == "Which topics stand behind the open deals?"
    assert [ordinal(place) for place in (1, 3, 11, 22)] == ["first", "third", "11th", "22nd"]
    assert [nth(place) for place in (1, 2, 3, 4, 11, 12, 13, 21)] == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st"]
    assert said(credit_alt("channels", [("Email", 0.25), ("Events", None)])) == "Credit by channels: Email 25 %, Events –"
    text = compared_alt("channels", ("this", "that"), [("Email", 5.0, 9.0), ("Events", 5.0, None)])
    assert text == "channels by this and by that: furthest apart is Email, 5 against 9"


ROWS = (
    Row("webinars", "Webinars", 2_600_000.0, share=0.52, other=900_000.0),
    Row("sales", "Sales", 1_400_000.0, share=0.28, other=3_000_000.0),
    Row("", "3 other channels", 400_000.0, "other", 0.08, 400_000.0),
    Row("", "No channel", 300_000.0, "none", 0.06, 400_000.0),
    Row(UNATTRIBUTED, UNATTRIBUTED, 300_000.0, "unattributed", 0.06, 300_000.0),
)
SLOTS = theme.channel_slots(["webinars"], ["sales"])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("slots", [SLOTS, None], ids=["channels", "others"])
def test_both_pictures_share_their_rows(palette: theme.Palette, slots: dict[str, int | None] | None) -> None:
    unit = charts.unit_of("revenue", [row.amount for row in ROWS], "EUR")
    bars = charts.bars(ROWS, slots, palette, unit)
    dots = charts.dumbbell(ROWS, slots, palette, unit, ("the agreed rule", "first contact"), "{} under both rules")
    for figure in (bars, dots):
        go.Figure(figure)  # Plotly refuses what it does not know
        assert figure["layout"]["yaxis"]["ticktext"] == [row.label for row in ROWS]
    assert bars["layout"]["yaxis"]["range"] == dots["layout"]["yaxis"]["range"] == [4.5, -0.5]
    assert bars["layout"]["height"] == dots["layout"]["height"]
    assert bars["layout"]["xaxis"]["range"][0] == 0  # bars start at zero
    plain, hatched = bars["data"]
    assert plain["y"] == [0, 1, 2]  # what has no value is a number without a bar
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert [note["text"].replace("\u00a0", " ") for note in bars["layout"]["annotations"]][:2] == [
        "<b>2.60</b>  52 %",
        "<b>1.40</b>  28 %",
    ]
    texts = [note["text"] for note in dots["layout"]["annotations"]]
    assert "0.30 under both rules" in texts
    assert "0.30, not 0.40" in texts
    assert dots["data"][0]["x"][:2] == [900_000.0, 2_600_000.0]
    assert dots["data"][0]["marker"]["color"][0] == palette.background  # hollow: the other rule


def test_labels_of_users_cannot_break_out_of_a_picture() -> None:
    row = Row(NAUGHTY, NAUGHTY, -5.0, share=None, other=0.0)
    unit = charts.unit_of("revenue", [-5.0], None)
    for figure in (charts.bars([row], None, LIGHT, unit), charts.dumbbell([row], None, LIGHT, unit, (NAUGHTY, NAUGHTY), "")):
        go.Figure(figure)
        shown = (
            figure["layout"]["yaxis"]["ticktext"]
            + [note["text"] for note in figure["layout"]["annotations"]]
            + [figure["data"][0]["hovertemplate"]]
        )
        assert not any("<b onmouseover" in text for text in shown)


CHOICE = Choice(Filters(period="last_12_months"), "year", "w_shaped")


@pytest.mark.parametrize("by", CUTS)
def test_every_dimension_ties_out(sample: Any, names: state.Names, by: str) -> None:
    whole = sample.metrics(["won_revenue", "won_deals", "open_amount"], filters=CHOICE.filters).iloc[0]
    for measure, total in (("revenue", "won_revenue"), ("deals", "won_deals"), ("pipeline", "open_amount")):
        question = Question(by, measure, "first_touch")
        found = view.credit(sample, CHOICE, question, names)
        assert found.total.amount == pytest.approx(float(whole[total]), abs=0.005)
        assert sum(row.amount for row in found.rows) == pytest.approx(found.total.amount, abs=0.005)
        assert sum(row.amount for row in found.every) == pytest.approx(found.total.amount, abs=0.005)
        assert len(found.rows) <= view.MOST_ROWS
        if found.depends:
            assert sum(row.other or 0 for row in found.rows) == pytest.approx(found.total.other or 0, abs=0.005)
        table = view.table(found, found.every, question, "First contact")
        assert table["Credited"].iloc[:-1].sum() == pytest.approx(table["Credited"].iloc[-1], abs=0.005)
        assert "Took part in" not in table or table["Took part in"].isna().iloc[-1]  # it cannot be added up


def test_spend_and_its_ratio_are_of_the_totals(sample: Any, names: state.Names) -> None:
    found = view.credit(sample, CHOICE, Question("channel"), names)
    whole = sample.metrics(["spend", "roas"], filters=CHOICE.filters).iloc[0]
    assert found.total.spend == pytest.approx(float(whole["spend"]), abs=0.01)
    assert found.total.per_spend == pytest.approx(float(whole["roas"]), rel=1e-6)
    enterprise = replace(CHOICE, filters=replace(CHOICE.filters, segments=("enterprise",)))
    assert not view.credit(sample, enterprise, Question("channel"), names).spent  # spend belongs to no deal


def test_months_of_a_row_add_up_to_it(sample: Any, names: state.Names) -> None:
    found = view.credit(sample, CHOICE, Question("channel"), names)
    months = view.monthly(sample, CHOICE, Question("channel"), found.months)
    assert len(found.months) == 12
    for row in found.every:
        assert sum(months.get(row.key, ())) == pytest.approx(row.amount, abs=0.05)


def test_words_name_dimensions_of_the_registry() -> None:
    assert set(view.WORDS) | set(view.CODES) <= {entry.name for entry in DIMENSIONS}


def test_a_what_if_is_what_a_build_with_these_settings_would_say(sample: Any, names: state.Names) -> None:
    start = what_if_view.first_rule(sample.settings, "w_shaped", "first_touch")
    assert start.model == "last_touch"
    assert start.overrides(sample.settings) == ()  # nothing to recompute at first
    rule = replace(start, model="time_decay", lookback_days=30, half_life_days=7, actors=("buyer",))
    overrides = dict(rule.overrides(sample.settings))
    assert overrides == {"journeys.lookback_days": 30, "journeys.actors": ("buyer",), "models.time_decay.half_life_days": 7}
    other = sample.with_settings(overrides)
    found = what_if_view.what_if(sample, other, CHOICE, Question("channel"), rule, names)
    left = other.credit("time_decay", ["channel"], ["revenue"], CHOICE.filters).set_index("channel")["revenue"][UNATTRIBUTED]
    assert found.shifts[-1].label == "Unattributed"
    assert found.shifts[-1].value == what_if_view.formats.money(float(left), "EUR")
    assert "more would be unattributed" in found.answer
    assert not found.agreed
    assert len(found.shifts) <= what_if_view.FIGURES
    agreed = replace(start, model=sample.settings.reporting.model)
    same = what_if_view.what_if(sample, sample, CHOICE, Question("channel"), agreed, names)
    assert (same.agreed, same.shifts) == (True, ())


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    test = page(sample_database, period="all")
    words = text(test)
    assert test.title[0].value == "Which channels earned the revenue?"
    assert "Under the agreed rule" in words
    assert "agreed 12 Mar 2026 by the revenue team" in words
    assert "not the agreed rule" in words  # the what-if
    assert len(test.metric) == what_if_view.FIGURES
    table = next(element.value for element in test.dataframe if "Credited" in element.value)
    won = float(sample.metrics(["won_revenue"]).iloc[0]["won_revenue"])
    assert table["Credited"].iloc[-1] == pytest.approx(won, abs=0.005)


@pytest.mark.parametrize("by", CUTS)
def test_every_dimension_is_a_page(page: Callable[..., AppTest], sample_database: Path, by: str) -> None:
    words = text(page(sample_database, by=by))
    assert f"Every {view.words_of(by, next(entry.label for entry in DIMENSIONS if entry.name == by))[0]} in numbers" in words


@pytest.mark.parametrize("query", [{"measure": "deals"}, {"measure": "pipeline"}, {"measure": "Open deals"}, {"against": "linear"}, {"model": "linear"},
                                   {"compare": "none", "by": "segment"}, {"date_basis": "touch"}, {"date_basis": "created", "by": "month"},
                                   {"channel": "email", "by": "segment"}, {"segment": "enterprise", "by": "campaign"}])  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    text(page(sample_database, **query))


@pytest.mark.parametrize("word", ["by", "measure", "against"])
@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200, "deal"])
def test_garbage_in_a_link_gives_the_default_and_a_notice(
    page: Callable[..., AppTest], sample_database: Path, word: str, garbage: str
) -> None:
    test = page(sample_database, **{word: garbage})
    assert ":material/link_off:" in text(test)
    assert test.title[0].value == "Which channels earned the revenue?"


def test_another_rule_is_recomputed_and_nothing_is_saved(page: Callable[..., AppTest], sample_database: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in sample_database.iterdir()}
    test = page(sample_database)
    first = [element.value for element in test.metric]
    test.select_slider(key="if_lookback").set_value(30).run()
    assert "unattributed" in text(test)
    assert [element.value for element in test.metric] != first
    assert {path.name: path.stat().st_mtime_ns for path in sample_database.iterdir()} == before


@pytest.mark.parametrize("rows", THIN)
def test_thin_data_gives_designed_states(page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str) -> None:
    ds = thin(open_rows, rows)
    for by in ("channel", "campaign", "segment"):
        words = text(page(ds.path.parent, by=by))
        assert ("Nothing to share here" in words) == (rows in ("only lost", "only open"))
        assert "too few to compare" in words or rows != "one deal" or by != "channel"


@pytest.mark.parametrize(
    "behind",
    [
        {"country": "Germany"},
        {"actor": "sales"},
        {"channel": "webinars", "status": "open"},
        {"pipeline": "New business", "status": "open"},
        {"topic": ""},
    ],
)
def test_every_bar_leads_to_its_deals(sample: Any, behind: dict[str, str]) -> None:
    from attribution.views.deals import behind as deals_behind

    assert state.behind_from(json.dumps(behind)) == behind
    by = next(name for name in behind if name != "status")
    measure = "pipeline" if "status" in behind else "revenue"
    amounts = {
        row.key: row.amount
        for row in view.every_row(sample, "w_shaped", Question(by, measure), Filters(), state.names_of(sample))
    }
    listed = deals_behind(sample, Choice(Filters(), "none", "w_shaped"), tuple(behind.items()))
    assert listed["credited"].sum() == pytest.approx(amounts[behind[by]], abs=0.02 * len(listed))
    assert set(listed["status"]) == {behind.get("status", "won")}
