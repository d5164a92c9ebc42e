"""The campaigns page: golden answers, pictures, and the page in every state."""

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
from attribution.answers.campaigns import (
    CampaignsFacts,
    OneFacts,
    bars_alt,
    campaigns,
    earlier_line,
    funnel_alt,
    months_alt,
    one_campaign,
    outcomes_alt,
    too_early,
    young_line,
)
from attribution.answers.words import Credited
from attribution.charts import campaigns as charts
from attribution.charts import theme
from attribution.charts.campaigns import Bar, Step
from attribution.charts.formats import unit_for
from attribution.charts.theme import DARK, LIGHT
from attribution.views import campaigns as view
from attribution.views import state
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, said, text

PAGE = "pages/revenue/campaigns.py"
CHOICE = Choice(Filters(), "none", "last_touch")


# --- words ------------------------------------------------------------------------------------------------------------

FULL = CampaignsFacts(
    currency="EUR", total=9_156_796.0, credited=2_743_045.0, deals=109, campaigns=29, spend=536_824.0, share_before=0.26, against="the year before",
    rule="30 30 30 10", second="First contact",
    ranked=(Credited("Search competitors", 382_363.0, 641_584.0), Credited("CFO dinners", 320_119.0, 402_470.0)),
)  # fmt: skip
START = "Under the agreed rule **€2.74 M of €9.16 M won** (30 %; the year before 26 %) is credited to 29 campaigns, most to Search competitors: **€382 k**."
ANSWERS = {
    "everything there": (FULL, f"{START} Campaigns cost €537 k: €5.11 is credited per € spent. By first contact it leads too, with **€642 k**."),
    "another leads": (
        replace(FULL, spend=None, ranked=(FULL.ranked[0], replace(FULL.ranked[1], other=900_000.0))),
        f"{START} By first contact CFO dinners would lead with **€900 k**.",
    ),
    "not the agreed rule, one campaign": (
        replace(FULL, agreed="not agreed", rule="Last contact", second="", share_before=None, against="", spend=None, campaigns=1, ranked=FULL.ranked[:1]),
        "Under Last contact, which is not the agreed rule, **€2.74 M of €9.16 M won** (30 %) is credited to 1 campaign, Search competitors.",
    ),
    "few deals": (
        replace(FULL, deals=4),
        "4 deals: too few to compare campaigns. Under the agreed rule €2.74 M of €9.16 M won is credited to campaigns, €382 k of it to Search competitors.",
    ),
    "nothing won": (
        replace(FULL, deals=0, spend=12_000.0),
        "No deal was won under these filters, so nothing is credited to campaigns. They cost €12.0 k.",
    ),
    "nothing credited": (replace(FULL, ranked=(), spend=None), "None of the €9.16 M won is credited to a campaign."),
    "parts of deals": (
        replace(FULL, parts=True, spend=None, second=""),
        START.replace("won**", "credited**"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(campaigns(facts)) == sentence


ONE = OneFacts(
    name="CFO dinners 2025", currency="EUR", total=9_156_796.0, credited=320_119.0, other=402_470.0, deals=2.445, took_part=14, touched=44,
    open_touched=4, started=date(2025, 2, 20), in_all=331_783.0, spend_in_all=20_393.0, second="First contact",
)  # fmt: skip
LEAD = (
    "Under the agreed rule **€320 k of €9.16 M won** (3.5 %) is credited to CFO dinners 2025: its share of the 14 won deals it took part in comes to "
    "2.4 deals."
)
SINCE = "It cost €20.4 k since it started on 20 Feb 2025 and is credited with €332 k: €16.27 per € spent."
ONES = {
    "everything there": (ONE, f"{LEAD} By first contact it would be **€402 k**. {SINCE}"),
    "its whole life": (
        replace(ONE, second="", is_whole_life=True),
        f"{LEAD} It cost €20.4 k since it started on 20 Feb 2025: €16.27 per € spent.",
    ),
    "a parent, next to nothing": (
        replace(ONE, credited=953.0, deals=0.006, other=0.0, below=2, spend_in_all=None),
        "Under the agreed rule **€953 of €9.16 M won** (less than 0.1 %) is credited to CFO dinners 2025 (with 2 campaigns below it): its share of the "
        "14 won deals it took part in comes to less than 0.1 deals. By first contact it would be nothing.",
    ),
    "nothing credited": (
        replace(ONE, credited=0.0, took_part=1, second="", spend_in_all=None),
        "Under the agreed rule nothing won under these filters is credited to CFO dinners 2025, though it took part in 1 won deal.",
    ),
    "no deal": (
        replace(ONE, credited=0.0, touched=0),
        "No deal has met CFO dinners 2025 so far. It cost €20.4 k since it started on 20 Feb 2025.",
    ),
}


@pytest.mark.parametrize("case", ONES)
def test_answer_about_one(case: str) -> None:
    facts, sentence = ONES[case]
    assert said(one_campaign(facts)) == sentence


def test_too_early_is_said_only_where_it_is_true() -> None:
    today = date(2026, 11, 20)
    young = "It is 39 days old, and half of the won deals took 71 days or more from opening to close."
    still = "10 of the 29 deals it touched are still open, so its credit can still grow."

    def words(*given: Any) -> list[str]:
        return [said(line) for line in too_early("It", *given)]

    assert words(date(2026, 10, 12), today, 71.0, 0, 0) == [young]
    assert words(date(2026, 10, 12), today, 71.0, 29, 10) == [young, still]
    assert words(date(2026, 10, 12), today, 39.0, 29, 9) == []  # as old as the median, less than a third open
    assert words(date(2026, 10, 12), today, None, 0, 0) == []
    assert words(None, today, 71.0, 1, 1) == ["The only deal it touched is still open, so its credit can still grow."]
    assert words(date(2027, 3, 3), today, 71.0, 4, 4) == ["It starts on 3 Mar 2027."]
    assert said(young_line(1, 2, 71.0)) == (
        "Too early to judge: 1 campaign is younger than 71 days, and half of the won deals took that long or longer; "
        "2 campaigns have a third or more of their touched deals still open."
    )
    assert young_line(0, 0, 71.0) == earlier_line(0, 5.0, "EUR") == ""
    assert said(earlier_line(1, 60_000.0, "EUR")) == (
        "1 campaign that has stopped spent most of its money (€60.0 k) before this period: what it brings per € spent can only be told since its start."
    )


def test_alternative_texts() -> None:
    assert (
        said(bars_alt([("Dinners", 5_000.0, 900.0), ("Fair", 0.0, None)], "EUR"))
        == "Credited revenue and spend: Dinners €5.00 k for €900, Fair €0"
    )
    assert outcomes_alt([("Dinners", 2, 1, 3)]) == "Deals touched: Dinners 2 won, 1 open, 3 lost"
    assert (
        said(months_alt("Fair", [("2026-01", 0.0), ("2026-02", 9.0)], "EUR"))
        == "Fair: credited revenue in 1 month, most in Feb 2026: €9"
    )
    assert funnel_alt([("Touches", 9), ("People reached", 4)]) == "9 touches, then 4 people reached"


def test_names_cannot_become_markup() -> None:
    text = campaigns(replace(FULL, ranked=(Credited(NAUGHTY, 9e6, 1.0), FULL.ranked[0]))) + one_campaign(
        replace(ONE, name=NAUGHTY)
    )
    assert " :red[" not in text
    assert "\\:red\\[a\\]" in text


# --- pictures ---------------------------------------------------------------------------------------------------------

BARS = (
    Bar("a", NAUGHTY, 400_000.0, 90_000.0, 4.44, 9, 3, 5, True),
    Bar("b", "Fair", 0.0, 64_000.0, 0.0),
    Bar("c", "Stopped", 100.0, 5.0, 20.0, 1, 0, 0, False, True),
    Bar("d", "Unpaid", 5_000.0),
)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_pictures(palette: theme.Palette) -> None:
    unit = charts.unit_of(BARS, "EUR")
    figures = [charts.credit_and_spend(BARS, palette, unit), charts.outcomes(BARS, palette)]
    for figure in figures:
        go.Figure(figure)  # Plotly refuses what it does not know
        assert figure["layout"]["yaxis"]["range"] == [4.0, -1.0]  # the same rows at the same height, with room for five
        assert figure["layout"]["height"] == charts.height(BARS)
        texts = [*figure["layout"]["yaxis"]["ticktext"], *(note["text"] for note in figure["layout"]["annotations"])]
        assert not any("<b onmouseover" in text for text in texts)
    labels = [said(note["text"]) for note in figures[0]["layout"]["annotations"]]
    assert labels == ["<b>400</b>  4.44", "<b>0</b>  0.00", "<b>0</b>  spent earlier", "<b>5</b>  "]
    assert figures[0]["data"][1]["x"] == [90_000.0, 64_000.0, 5.0]  # spend, where there is any
    assert [said(note["text"]) for note in figures[1]["layout"]["annotations"]] == [
        "18 % open",
        "no deal yet",
        "all decided",
        "no deal yet",
    ]
    for keys in (
        [],
        ["2026-02"],
        [f"202{year}-{month:02d}" for year in range(4, 7) for month in range(1, 13)],
        ["2025-Q4", "2026-Q1"],
    ):
        amounts = [float(place) for place in range(len(keys))]
        months = charts.months(keys, amounts, [True] * len(keys), palette, unit_for(amounts, "EUR"))
        go.Figure(months)
        assert len(months["layout"]["xaxis"]["tickvals"]) <= 8
    go.Figure(charts.funnel([Step("Touches", 0), Step("People reached", 0, "in 0 companies")], palette))


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample: Any, sample_database: Path, names: state.Names) -> None:
    shown = view.campaigns(sample, CHOICE, "first_touch", "credited", view.known(sample), names)
    test = page(sample_database, period="all", model="last_touch")
    words = text(test)
    assert test.title[0].value == "What did our campaigns bring?"
    assert "not the agreed rule" in words
    assert "Too early to judge" in words
    assert len(test.metric) == 5
    numbers = next(element.value for element in test.dataframe if "Credited deals" in element.value)
    assert list(numbers)[:2] == ["Campaign", "Credited"], "a phone shows a name and its credit"
    assert numbers["Credited"].iloc[-1] == pytest.approx(shown.ends[-1].revenue, abs=0.005)
    assert len(numbers) == len(shown.entries) + len(shown.ends)
    assert "↳ Search" in " ".join(numbers["Campaign"])


def test_search_and_columns(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, columns="Reach")
    assert any("First met us here" in element.value for element in test.dataframe)
    test.text_input(key="campaign_search").set_value("dinners").run()
    assert [len(element.value) for element in test.dataframe] == [2]
    test.text_input(key="campaign_search").set_value(NAUGHTY).run()
    assert "No campaign has" in text(test)


def test_one_campaign_and_back(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, one="CMP-002")
    words = text(test)
    assert test.title[0].value == "What did Search generic DACH bring?"
    assert "with 1 campaign below it" in said(words)
    assert "since its start" in words
    assert "counted in the figures above" in words
    test.selectbox(key="campaign_picker").set_value("CMP-037").run()
    assert test.title[0].value == "What did Finanzforum Cologne 2025 bring?"
    assert "200 people" not in words
    test.button(key="all_campaigns").click().run()
    assert test.title[0].value == "What did our campaigns bring?"


@pytest.mark.parametrize("query", [{"over": "life"}, {"over": "since each start", "one": "CMP-041"}, {"order": "start"}, {"against": "linear"},
                                   {"segment": "enterprise"}, {"segment": "enterprise", "one": "CMP-002"}, {"date_basis": "touch"},
                                   {"channel": "email"}, {"campaign": "CMP-006"}, {"one": "CMP-777"}, {"one": "CMP-049"}, {"compare": "none"},
                                   {"campaign": "CMP-777", "period": "last_month"}])  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    text(page(sample_database, **query))


@pytest.mark.parametrize("word", ["one", "over", "order", "against", "columns"])
@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200])
def test_garbage_in_a_link_gives_the_default(
    page: Callable[..., AppTest], sample_database: Path, word: str, garbage: str
) -> None:
    test = page(sample_database, **{word: garbage})
    words = text(test)
    assert test.title[0].value == "What did our campaigns bring?"
    assert ":material/link_off:" in words or word == "columns"


DEAL = {"deal_id": "D1", "name": "One", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
TOUCH = {
    "touch_id": "T1",
    "occurred_at": "2026-01-01 10:00:00",
    "deal_id": "D1",
    "contact_id": "P1",
    "channel": "email",
    "kind": "click",
}
SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}


def test_without_campaigns_the_page_says_what_is_missing(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    ds = open_rows({"deals": [DEAL], "touches": [TOUCH]}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "No campaigns in this data" in words
    assert "`campaigns` is not there" in words
    assert "`campaign_id`" in words
    assert "Channels work without it" in words


def test_ids_alone_are_enough(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    ds = open_rows({"deals": [DEAL], "touches": [{**TOUCH, "campaign_id": NAUGHTY}]}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "ids instead of names" in words
    assert ":red[a]" not in words
    assert "too few to compare" in words
    assert "1 of the 1" not in text(page(ds.path.parent, one=NAUGHTY))


def test_hostile_families_and_thin_data(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [
            DEAL,
            {**DEAL, "deal_id": "D2", "status": "lost"},
            {**DEAL, "deal_id": "D3", "status": "open", "closed_at": ""},
        ],
        "touches": [
            {**TOUCH, "touch_id": f"T{number}", "deal_id": f"D{number}", "campaign_id": campaign}
            for number, campaign in enumerate(("A", "B", "C"), start=1)
        ],
        "campaigns": [
            {"campaign_id": "A", "name": NAUGHTY, "parent_campaign_id": "B", "starts_on": "2026-02-25"},
            {"campaign_id": "B", "name": NAUGHTY, "parent_campaign_id": "A", "starts_on": ""},
            {"campaign_id": "C", "name": "x" * 120, "parent_campaign_id": "gone", "starts_on": "2027-01-01"},
            {"campaign_id": "E", "name": "Never seen", "parent_campaign_id": "C", "starts_on": ""},
        ],
        "spend": [{"spent_on": "2026-01-01", "campaign_id": "S", "amount": "5"}],
    }
    ds = open_rows(rows, SETTINGS)
    known = view.known(ds)
    assert set(known.family.campaigns) == {"A", "B", "C", "E", "S"}
    assert known.family.members("C") == ("C", "E")
    assert (known.lives["A"].won, known.lives["B"].lost, known.lives["C"].open) == (1, 1, 1)
    words = text(page(ds.path.parent))
    assert "lead back to themselves" in words
    assert "not among the campaigns" in words
    for campaign in known.family.campaigns:
        text(page(ds.path.parent, one=campaign))
    assert "starts on 1 Jan 2027" in said(text(page(ds.path.parent, one="C")))


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    words = text(page(sample_database, **{"from": "2020-01-01", "to": "2020-02-01"}))
    assert "No deal was won under these filters" in words
    assert "What became of their deals" in words
    assert "Credited and spent" not in words  # there is no money to draw
