"""The campaigns page: numbers against plain Python over the sample's files, families of campaigns, golden answers, and the page in every state."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
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
from attribution.campaigns import LEVELS, Campaign, related
from attribution.charts import campaigns as charts
from attribution.charts import theme
from attribution.charts.campaigns import Bar, Step
from attribution.charts.formats import unit_for
from attribution.charts.theme import DARK, LIGHT
from attribution.views import campaigns as view
from attribution.views import state
from attribution.views.campaign_tables import GROUPS, SUMS, as_file, deals, matching, table
from attribution.views.one_campaign import one_campaign as one_view
from attribution.views.state import Choice
from pages.components import downloads
from tests.app_page import NAUGHTY, said, text
from tests.sample_reading import Sample, read

PAGE = "pages/revenue/campaigns.py"
CHOICE = Choice(Filters(), "none", "last_touch")
# A parent with what is below it, a trade show, dinners, a webinar: what plain Python finds is compared for each.
FAMILIES = {"CMP-002": ("CMP-002", "CMP-006"), "CMP-037": ("CMP-037",), "CMP-041": ("CMP-041",), "CMP-031": ("CMP-031",)}


# --- families ---------------------------------------------------------------------------------------------------------


def named(ids: str) -> dict[str, Campaign]:
    return {key: Campaign(key, key) for key in ids}


def test_a_family_is_a_campaign_and_all_below_it() -> None:
    family = related(named("abcd"), {"b": "a", "c": "b"})
    assert family.campaigns["c"].path == ("a", "b", "c")
    assert (family.campaigns["c"].parent, family.campaigns["c"].depth, family.campaigns["a"].parent) == ("b", 2, "")
    assert family.members("a") == ("a", "b", "c")
    assert family.members("d") == ("d",)
    assert family.parents == ("a", "b")
    assert list(zip(*family.pairs("b"), strict=True)) == [("b", "b"), ("b", "c")]


def test_circles_and_unknown_parents_stand_on_their_own() -> None:
    family = related(named("abcdef"), {"a": "b", "b": "a", "c": "a", "d": "d", "e": "nobody", "f": "e"})
    assert family.circles == ("a", "b", "d")
    assert family.strangers == ("nobody",)
    assert family.members("a") == ("a", "c")  # who is below a circle stays below
    assert family.members("e") == ("e", "f")


def test_a_hostile_chain_is_cut_and_takes_no_time() -> None:
    found = {str(index): Campaign(str(index), "x") for index in range(20_001)}
    began = time.process_time()
    family = related(found, {str(index): str(index + 1) for index in range(20_000)})
    assert time.process_time() - began < 5
    assert max(len(entry.path) for entry in family.campaigns.values()) == LEVELS
    assert len(family.members("20000")) == 20_001
    around = related(found, {str(index): str((index + 1) % 20_001) for index in range(20_001)})
    assert len(around.circles) == 20_001


# --- numbers, against plain Python ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known(sample: Any) -> view.Known:
    """The sample's campaigns."""
    return view.known(sample)


@pytest.fixture(scope="module")
def shown(sample: Any, known: view.Known, names: state.Names) -> view.Campaigns:
    """All campaigns over all time, all credit to the last touch."""
    return view.campaigns(sample, CHOICE, "first_touch", "credited", known, names)


def entry(shown: view.Campaigns, campaign: str) -> view.Entry:
    found = shown.entry(campaign)
    assert found is not None
    return found


@pytest.mark.parametrize("campaign", FAMILIES)
def test_reach_is_what_the_files_say(reading: Sample, shown: view.Campaigns, campaign: str) -> None:
    life = entry(shown, campaign).life
    links: dict[str, set[str]] = {}
    for link in read("touch_links"):
        links.setdefault(link["touch_id"], set()).add(link["contact_id"])
    theirs = [touch for touch in reading.touches.values() if touch["campaign_id"] in FAMILIES[campaign]]
    reached = {
        person
        for touch in theirs
        for person in {reading.persons[touch["touch_id"]], *links.get(touch["touch_id"], set())}
        if person
    }
    firsts: dict[str, tuple[str, str]] = {}
    for touch in reading.touches.values():
        for person in {reading.persons[touch["touch_id"]], *links.get(touch["touch_id"], set())} - {""}:
            firsts[person] = min(firsts.get(person, ("9", "")), (touch["occurred_at"], touch["touch_id"]))
    met = [person for person, (_, touch) in firsts.items() if reading.touches[touch]["campaign_id"] in FAMILIES[campaign]]
    assert (life.touches, life.people, life.first_met) == (len(theirs), len(reached), len(met))
    assert life.first_on is not None
    days = [touch["occurred_at"][:10] for touch in theirs]
    spent = [row["spent_on"] for row in read("spend") if row["campaign_id"] in FAMILIES[campaign]]
    assert abs((life.first_on - date.fromisoformat(min(days + spent))).days) <= 1  # the files are in UTC, days in Berlin
    assert 0 < life.companies <= life.people + 50


@pytest.mark.parametrize("campaign", FAMILIES)
def test_deals_are_counted_once_and_credit_is_the_ledgers(reading: Sample, shown: view.Campaigns, campaign: str) -> None:
    found = entry(shown, campaign)
    touched = [
        deal
        for deal in reading.deals
        if any(touch["campaign_id"] in FAMILIES[campaign] for touch in reading.journeys[deal["deal_id"]])
    ]
    won = [deal for deal in touched if deal["status"] == "won"]
    assert (found.life.won, found.took_deals) == (len(won), len(won))
    assert found.life.lost == len([deal for deal in touched if deal["status"] == "lost"])
    assert found.life.open == len([deal for deal in touched if deal["status"] == "open"])
    assert found.took_part == pytest.approx(float(reading.total(won)))
    opened = [
        deal
        for deal in touched
        if (journey := reading.journeys[deal["deal_id"]]) and journey[0]["campaign_id"] in FAMILIES[campaign]
    ]
    assert found.life.opened == len(opened)
    last = [deal for deal in won if reading.journeys[deal["deal_id"]][-1]["campaign_id"] in FAMILIES[campaign]]
    first = [deal for deal in opened if deal["status"] == "won"]
    assert found.revenue == pytest.approx(float(reading.total(last)), abs=0.01)
    assert found.deals == pytest.approx(len(last), abs=1e-6)
    assert found.other == pytest.approx(float(reading.total(first)), abs=0.01)


@pytest.mark.parametrize("campaign", FAMILIES)
def test_spend_and_ratios_are_of_totals(reading: Sample, shown: view.Campaigns, campaign: str) -> None:
    found = entry(shown, campaign)
    spent = Decimal(0)
    for row in read("spend"):
        if row["campaign_id"] in FAMILIES[campaign] and re.fullmatch(r"-?[\d.]+", row["amount"]):
            spent += reading.euros(row["amount"], row["currency"], row["spent_on"])
    assert found.spend == found.life.spend == pytest.approx(float(spent), abs=0.005)
    assert found.roas == pytest.approx(found.revenue / float(spent))
    assert found.roi == pytest.approx(found.revenue / float(spent) - 1)
    assert found.cost_per_deal == (pytest.approx(float(spent) / found.deals) if found.deals else None)


def test_a_parent_adds_up_what_can_be_added_and_counts_the_rest_once(shown: view.Campaigns) -> None:
    parent, child = entry(shown, "CMP-002"), entry(shown, "CMP-006")
    assert (parent.below, child.below) == (1, 0)
    places = [listed.key for listed in shown.entries]
    assert places.index("CMP-006") == places.index("CMP-002") + 1
    assert parent.life.touches > child.life.touches
    assert parent.life.spend > child.life.spend
    assert "CMP-006" not in [drawn.key for drawn in shown.pictured]


@pytest.mark.parametrize("period", ["all", "last_12_months"])
def test_all_rows_add_up_to_the_crm(sample: Any, known: view.Known, names: state.Names, period: str) -> None:
    choice = Choice(Filters(period), "year", "w_shaped")
    here = choice.filters
    found = view.campaigns(sample, choice, "first_touch", "spend", known, names)
    total = {end.kind: end for end in found.ends}
    won = sample.metrics(["won_revenue", "spend", "roas"], filters=here).iloc[0]
    parts = [end for end in found.ends if end.kind != "total"]
    assert sum(end.revenue for end in parts) == pytest.approx(float(won["won_revenue"]), abs=0.005)
    assert total["total"].revenue == pytest.approx(float(won["won_revenue"]), abs=0.005)
    assert total["total"].spend == pytest.approx(float(won["spend"]), abs=0.005)
    assert total["total"].roas == pytest.approx(float(won["roas"]))  # as on the attribution page
    figures = {figure.name: figure.value for figure in found.figures}
    assert figures["revenue"] == pytest.approx(total["campaigns"].revenue, abs=0.005)
    assert figures["roas"] == pytest.approx(total["campaigns"].roas)
    tops = [listed for listed in found.entries if listed.campaign and not listed.campaign.parent]
    assert sum(listed.revenue for listed in tops) == pytest.approx(total["campaigns"].revenue, abs=0.005)
    assert sum(listed.spend or 0 for listed in tops) == pytest.approx(total["campaigns"].spend, abs=0.005)


def test_one_campaign_alone_is_the_registrys(sample: Any, known: view.Known, names: state.Names) -> None:
    choice = Choice(Filters("last_12_months"), "none", "w_shaped")
    found = view.campaigns(sample, choice, "first_touch", "credited", known, names)
    metrics = [
        "revenue",
        "influenced_revenue",
        "influenced_deals",
        "influenced_pipeline",
        "pipeline",
        "spend",
        "roas",
        "roi",
        "cost_per_deal",
    ]
    frame = sample.metrics(metrics, ["campaign"], choice.filters).set_index("campaign")
    for listed in found.entries:
        if listed.below or listed.key not in frame.index:
            continue
        row = frame.loc[listed.key]
        assert listed.revenue == pytest.approx(row["revenue"], abs=0.01)
        assert listed.pipeline == pytest.approx(row["pipeline"], abs=0.01)
        assert (listed.took_part, listed.took_deals) == (pytest.approx(float(row["influenced_revenue"])), row["influenced_deals"])
        assert listed.took_pipeline == pytest.approx(float(row["influenced_pipeline"]))
        for name in ("roas", "roi", "cost_per_deal"):
            if listed.revenue >= 1:
                value = getattr(listed, name)
                assert (value is None) == (row[name] != row[name])
                assert value is None or value == pytest.approx(row[name], rel=0.01)


def test_a_family_is_what_a_filter_on_its_campaigns_says(sample: Any, known: view.Known, names: state.Names) -> None:
    choice = Choice(Filters("last_12_months"), "none", "w_shaped")
    parent = entry(view.campaigns(sample, choice, "first_touch", "credited", known, names), "CMP-002")
    asked = replace(choice.filters, campaigns=FAMILIES["CMP-002"])
    row = sample.metrics(
        ["revenue", "influenced_revenue", "influenced_deals", "influenced_pipeline", "spend"], filters=asked
    ).iloc[0]
    assert parent.revenue == pytest.approx(row["revenue"], abs=0.01)
    assert (parent.took_part, parent.took_deals) == (pytest.approx(float(row["influenced_revenue"])), row["influenced_deals"])
    assert parent.took_pipeline == pytest.approx(float(row["influenced_pipeline"]))
    assert parent.spend == pytest.approx(float(row["spend"]))


def test_filters_on_deals_leave_spend_out(sample: Any, known: view.Known, names: state.Names) -> None:
    choice = Choice(Filters("last_12_months", segments=("enterprise",)), "year", "w_shaped")
    found = view.campaigns(sample, choice, "first_touch", "return", known, names)
    assert not found.spend_known
    assert [figure.name for figure in found.figures] == ["revenue", "pipeline"]
    assert any("Spend belongs to no deal" in line for line in found.notes)
    assert all(listed.spend is None and listed.roas is None for listed in found.entries)
    assert "Spend" not in table(found.entries, found.ends, "Other", "money", found.spend_known, found.against)


@pytest.mark.parametrize("campaign", [*FAMILIES, "CMP-049", "CMP-777"])
def test_one_campaign_ties_out(sample: Any, known: view.Known, names: state.Names, shown: view.Campaigns, campaign: str) -> None:
    one = one_view(sample, CHOICE, "first_touch", known, shown, campaign, names)
    assert one is not None
    assert sum(one.amounts) == pytest.approx(one.in_all, abs=0.02)
    assert one.in_all == pytest.approx(one.entry.revenue, abs=0.01)  # over all time
    assert one.deals["Credited"].sum() == pytest.approx(one.in_all, abs=0.005)
    assert len(one.deals) == one.entry.life.deals
    assert one.deals["Opened by it"].sum() == one.entry.life.opened
    assert len(one.people) == one.entry.life.first_met
    assert one.channels["Touches"].sum() == one.assets["Touches"].sum() == one.entry.life.touches
    assert one.channels["Credited"].sum() == pytest.approx(one.in_all, abs=0.02)
    assert [step.value for step in one.steps] == [
        one.entry.life.touches, one.entry.life.people, one.entry.life.deals, one.entry.life.won
    ]  # fmt: skip
    assert list(deals(one.deals, "First contact")["Status"].unique()) == [
        {"won": "Won", "lost": "Lost", "open": "Open"}[status] for status in one.deals["Status"].unique()
    ]


def test_months_outside_the_period_are_pale(sample: Any, known: view.Known, names: state.Names) -> None:
    choice = Choice(Filters("last_12_months"), "none", "w_shaped")
    listed = view.campaigns(sample, choice, "first_touch", "credited", known, names)
    one = one_view(sample, choice, "first_touch", known, listed, "CMP-041", names)
    assert one is not None
    inside = sum(amount for amount, here in zip(one.amounts, one.inside, strict=True) if here)
    assert inside == pytest.approx(one.entry.revenue, abs=0.05)
    assert not all(one.inside)
    assert one.entry.is_stopped  # the dinners of 2025 were paid before
    assert not entry(listed, "CMP-005").is_stopped


def test_orders_and_search(sample: Any, known: view.Known, names: state.Names) -> None:
    for order, size in {
        "credited": lambda listed: listed.revenue, "spend": lambda listed: listed.spend or 0, "people": lambda listed: listed.life.people,
        "start": lambda listed: listed.started.toordinal() if listed.started else 0, "return": lambda listed: listed.roas if listed.roas is not None else -1,
    }.items():  # fmt: skip
        found = view.campaigns(sample, CHOICE, "first_touch", order, known, names)
        sizes = [size(listed) for listed in found.entries if listed.campaign and not listed.campaign.parent]
        assert sizes == sorted(sizes, reverse=True)
    assert set(view.ORDERS) == {"credited", "spend", "people", "start", "return"}
    assert {listed.key for listed in matching(found.entries, "cfo DINNERS")} == {"CMP-041", "CMP-042"}
    assert matching(found.entries, "no such thing") == []
    for group in GROUPS:
        shown = table(found.entries, found.ends, "First contact", group, True, "the year before")
        assert len(shown) == len(found.entries) + (len(found.ends) if group != "reach" else 0)


def test_a_sum_has_no_people_and_a_file_reads_without_the_page(shown: view.Campaigns, names: state.Names) -> None:
    everything = as_file(table(shown.entries, shown.ends, "First contact", "all", True, ""), names.channel_labels)
    sums = everything.tail(len(shown.ends))
    assert sums["Campaign"].tolist()[-1] == "Total"
    assert (
        sums[["Touches", "People", "Won", "Still open", "Took part in", "Share open", "Spent in all", "Age"]]
        .isna()
        .all(axis=None)
    )
    assert sums["Credited"].notna().all()
    assert {"Paid search", "Webinars"} <= set(everything["Channel"].dropna())
    rows = list(csv.reader(downloads.csv_bytes(everything, f"All time; {SUMS}").decode("utf-8-sig").splitlines()))
    first = dict(zip(rows[0], rows[1], strict=True))
    life = shown.entries[0].life
    assert (first["People"], first["Won"]) == (str(life.people), str(life.won))
    assert first["Age"].isdigit()
    assert first["Started"] == str(shown.entries[0].started)
    total = dict(zip(rows[0], rows[-3], strict=True))
    assert (total["Campaign"], total["Touches"], total["People"]) == ("Total", "", "")
    assert "A parent includes the campaigns below it" in rows[-1][0]


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
        replace(FULL, agreed="", rule="Last contact", second="", share_before=None, against="", spend=None, campaigns=1, ranked=FULL.ranked[:1]),
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


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, shown: view.Campaigns) -> None:
    test = page(sample_database, period="all", model="last_touch")
    words = text(test)
    assert test.title[0].value == "What did our campaigns bring?"
    assert "not the agreed rule" in words
    assert "Too early to judge" in words
    assert len(test.metric) == 5
    numbers = next(element.value for element in test.dataframe if "Credited deals" in element.value)
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
