"""Campaigns: their numbers against plain Python over the sample's files, and families of campaigns."""

from __future__ import annotations

import csv
import re
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from attribution import Filters
from attribution.campaigns import LEVELS, Campaign, related
from attribution.views import campaigns as view
from attribution.views import state
from attribution.views.campaign_tables import GROUPS, SUMS, as_file, deals, matching, table
from attribution.views.one_campaign import one_campaign as one_view
from attribution.views.state import Choice
from pages.components import downloads
from tests.sample_reading import Sample, read

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
    before = {figure.name: figure.before for figure in found.figures}["revenue"]
    assert total["campaigns"].before == (before if before is None else pytest.approx(before, abs=0.005))
    if period != "all":  # also what only campaigns of the year before earned
        year_before = state.compared_with(choice, sample)
        earned = sample.metrics(["won_revenue"], filters=year_before).iloc[0]["won_revenue"]
        assert total["total"].before == pytest.approx(float(earned), abs=0.005)


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
