"""Unused content: reasons, costs and decisions against plain Python over the sample's files, golden sentences, and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers.unused import Group, UnusedFacts, decisions_alt, next_step, unused, without_cost
from attribution.content.assets import Asset, known
from attribution.content.sales import Rated
from attribution.content.unused import Reading, Unused, decision_of, reasons_of
from attribution.filters import Filters
from attribution.views import state
from attribution.views import unused as view_of
from attribution.views.state import Choice
from attribution.views.unused import UnusedContent
from tests.app_page import NAUGHTY, said, text
from tests.sample_reading import Sample, read

PAGE = "pages/content/unused.py"
CHOICE = Choice(Filters(), "none", "w_shaped")
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def shown(sample: Any) -> UnusedContent:
    return view_of.view(sample, CHOICE, state.names_of(sample), known(sample))


# --- against the sample's files, in plain Python ----------------------------------------------------------------------


def costs() -> dict[str, Decimal]:
    """Piece → what it cost: the plan's or the spent production, whichever is larger, and whatever else was spent."""
    found = {row["asset_id"]: Decimal(row["cost"] or 0) for row in read("content_assets")}
    spent: dict[tuple[str, bool], Decimal] = {}
    for row in read("spend"):
        if row["asset_id"] and row["amount"].replace(".", "").isdigit():
            key = row["asset_id"], row["spend_kind"] in ("production", "")
            spent[key] = spent.get(key, Decimal(0)) + Decimal(row["amount"])
    return {
        asset: max(cost, spent.get((asset, True), Decimal(0))) + spent.get((asset, False), Decimal(0))
        for asset, cost in found.items()
    }


def test_reasons_and_costs_are_those_of_the_files(reading: Sample, shown: UnusedContent) -> None:
    plan = {row["asset_id"]: row for row in read("content_assets") if row["status"] in ("published", "to_revise")}
    touches = list(reading.touches.values())
    is_read = {touch["asset"] for touch in touches if touch["actor"] in ("buyer", "")}
    sent = {touch["asset"] for touch in touches if touch["actor"] == "sales"}
    won = {
        touch["asset"] for deal in reading.won for touch in reading.journeys[deal["deal_id"]] if touch["actor"] in ("buyer", "")
    }
    old = {
        key
        for key, row in plan.items()
        if row["status"] == "to_revise" or (TODAY - date.fromisoformat(row["published_on"])).days > 1095
    }
    expected = {
        "never_read": set(plan) - is_read, "no_winner": set(plan) & is_read - won, "never_sent": set(plan) - sent, "outdated": old,
    }  # fmt: skip
    cost = costs()
    for reason, pieces in expected.items():
        assert {entry.piece.asset.asset_id for entry in shown.entries if reason in entry.piece.reasons} == pieces, reason
        assert (shown.reasons[reason].pieces, shown.reasons[reason].cost) == (
            len(pieces),
            sum((cost[piece] for piece in pieces), Decimal(0)),
        )
    once = set().union(*expected.values())
    assert (shown.whole.pieces, shown.whole.cost) == (len(once), sum(cost[piece] for piece in once))
    assert sum(entry.cost for entry in shown.reasons.values()) > shown.whole.cost  # reasons share pieces
    assert sum(entry.cost for entry in shown.decisions.values()) == shown.whole.cost  # decisions do not
    assert sum(entry.pieces for entry in shown.decisions.values()) == shown.whole.pieces
    assert shown.public == len(plan) == 52


def test_readings_are_those_of_the_files(reading: Sample, shown: UnusedContent) -> None:
    statuses = {deal["deal_id"]: deal["status"] for deal in reading.deals}
    for entry in shown.entries:
        asset = entry.piece.asset.asset_id
        read_in = [
            deal
            for deal, touches in reading.journeys.items()
            if any(touch["asset"] == asset and touch["actor"] in ("buyer", "") for touch in touches)
        ]
        sent_in = [
            deal
            for deal, touches in reading.journeys.items()
            if any(touch["asset"] == asset and touch["actor"] == "sales" for touch in touches)
        ]
        outcomes = [statuses[deal] for deal in read_in]
        found = entry.piece.reading
        assert (found.won, found.lost, found.open) == (outcomes.count("won"), outcomes.count("lost"), outcomes.count("open"))
        assert found.sent_won == [statuses[deal] for deal in sent_in].count("won")
        amount = sum(reading.value(deal) for deal in reading.won if deal["deal_id"] in read_in)
        assert found.won_amount == pytest.approx(float(amount), abs=0.001)


def test_filters_select_the_deals_that_count_as_bought(sample: Any, shown: UnusedContent) -> None:
    names, found = state.names_of(sample), known(sample)
    small = view_of.view(sample, replace(CHOICE, filters=Filters(segments=("small business",))), names, found)
    assert small.reasons["no_winner"].pieces > shown.reasons["no_winner"].pieces
    assert small.reasons["never_sent"] == shown.reasons["never_sent"]
    this = view_of.view(sample, replace(CHOICE, filters=Filters(period="this_month")), names, found)
    assert [entry.piece for entry in this.entries] == [entry.piece for entry in shown.entries]  # never means never


def test_tables_tie_out(shown: UnusedContent) -> None:
    table = view_of.table(shown.entries, shown.whole)
    assert table["Cost"].iloc[-1] == pytest.approx(table["Cost"].iloc[:-1].sum()) == pytest.approx(float(shown.whole.cost))
    assert view_of.decisions_table(shown)["Cost"].iloc[-1] == float(shown.whole.cost)
    assert view_of.decisions_table(shown)["Cost"].iloc[:-1].sum() == pytest.approx(float(shown.whole.cost))
    assert len({entry.piece.decision for entry in shown.first}) >= 3
    assert view_of.chosen(shown, "", (), "") == shown.entries
    assert all(entry.piece.decision == "revise" for entry in view_of.chosen(shown, "revise", (), ""))
    assert view_of.chosen(shown, "", ("never_read",), "") == ()
    assert {entry.title for entry in view_of.chosen(shown, "", (), "benchmark 2025")} == {
        "Benchmark report 2025: how long 388 finance teams take"
    }


def test_the_age_is_a_setting(sample: Any) -> None:
    assert sample.settings.content.outdated_after_days == 1095
    young = Asset("A", "A", status="published", age_days=1096, buyer_touches=1, sent=1)
    assert reasons_of(young, Reading(won=1), 1095) == ("outdated",)
    assert reasons_of(young, Reading(won=1), 1096) == ()


# --- decisions and words ----------------------------------------------------------------------------------------------

ASSET = Asset(
    "A", "Prices", status="published", funnel_stage="middle", published_on=TODAY - timedelta(days=1200), age_days=1200, cost=Decimal(900),
    buyer_touches=30, readers=25, last_read_on=TODAY - timedelta(days=9),
)  # fmt: skip
READ = Reading(won=4, lost=2, won_amount=1_234_567.0)
RATED = Rated("A", "Prices", 3, 0, None, 0, 3, (("too long", 2), ("outdated", 1)), ())
CASES: dict[str, tuple[Asset, tuple[str, ...], Reading, str, str]] = {
    "young": (replace(ASSET, age_days=40), ("never_sent",), READ, "wait", "Wait until 21 Dec 2026: it is 40 days old, too young to judge."),
    "nobody read it": (
        replace(ASSET, buyer_touches=0), ("never_read", "never_sent", "outdated"), Reading(), "retire",
        "Retire it, or link to it where buyers look: nobody has read it in 1,200 days.",
    ),
    "old and still read": (ASSET, ("outdated",), READ, "revise", "Revise it: it is 1,200 days old, and buyers still read it: 4 won deals worth €1.23 M did."),
    "to be revised": (
        replace(ASSET, status="to_revise", due_on=date(2026, 12, 11), age_days=30), ("outdated",), Reading(won=1, won_amount=5.0), "revise",
        "Revise it by 11 Dec 2026: it is marked for revision, and buyers still read it: 1 won deal worth €5 did.",
    ),
    "old and only sent": (
        ASSET, ("no_winner", "outdated"), Reading(lost=9, sent_won=2), "revise",
        "Revise it: it is 1,200 days old, and sales sent it in 2 won deals, where no reading is recorded.",
    ),
    "old and not read of late": (
        replace(ASSET, last_read_on=date(2025, 11, 19)), ("outdated",), READ, "retire",
        "Retire it: it is 1,200 days old, last read on 19 Nov 2025, 4 won deals worth €1.23 M read it.",
    ),
    "old and never won": (
        ASSET, ("no_winner", "outdated"), Reading(lost=1), "retire",
        "Retire it: it is 1,200 days old, last read on 11 Nov 2026, no won deal read it (1 lost one did).",
    ),
    "read and never won": (
        ASSET, ("no_winner",), Reading(lost=5), "change", "Change or retire it: none of the 5 closed deals whose buyers read it was won.",
    ),
    "sent and won, not read": (
        ASSET, ("no_winner",), Reading(lost=9, sent_won=1), "leave",
        "Leave it as it is: sales sent it in 1 won deal; that nobody read it there may only mean that nobody logged it.",
    ),
    "too few": (ASSET, ("no_winner", "never_sent"), Reading(lost=1), "show", "Show it to more buyers: only 1 closed deal has met it, too few to judge."),
    "nobody met it": (ASSET, ("no_winner",), Reading(open=2), "show", "Show it to more buyers: no closed deal has met it, too few to judge."),
    "for sales": (ASSET, ("never_sent",), READ, "give", "Give it to sales: buyers in 4 won deals worth €1.23 M found it by themselves, sales never sent it."),
    "made to be found": (
        replace(ASSET, funnel_stage="top"), ("never_sent",), READ, "leave",
        "Leave it as it is: it is made to be found, and 25 people read it; sales need not send it.",
    ),
    "made to be found, and not found": (
        replace(ASSET, funnel_stage="top", readers=1), ("never_sent",), READ, "show", "Show it to more buyers, or retire it: 1 person read it in 1,200 days.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_piece_has_one_decision_and_a_sentence(case: str) -> None:
    asset, reasons, met, decision, sentence = CASES[case]
    assert decision_of(asset, reasons, met, TODAY, 71.0) == decision
    assert said(next_step(Unused(asset, reasons, decision, met), "EUR", TODAY, 71.0)) == sentence
    with_words = said(next_step(Unused(asset, reasons, decision, met, RATED), "EUR", TODAY, 71.0))
    assert with_words == (sentence if decision in ("wait", "leave") else f"{sentence} Sales says “too long” (2 times).")


def test_sales_is_told_where_to_begin(reading: Sample, shown: UnusedContent) -> None:
    piece = Unused(ASSET, ("never_sent",), "give", READ, None, (2, 286_350.0))
    told = "Begin with the 2 open deals (€286 k) that asked about “Versus”."
    assert said(next_step(piece, "EUR", TODAY, 71.0, "Versus")).endswith(f"sales never sent it. {told}")
    assert said(next_step(replace(piece, waiting=(1, 5.0)), "EUR", TODAY, 71.0, "Versus")).endswith(
        "Begin with the open deal (€5) that asked about “Versus”."
    )
    assert "Begin" not in next_step(piece, "EUR", TODAY, 71.0)
    amounts = {deal["deal_id"]: reading.value(deal) for deal in reading.deals if deal["status"] == "open"}
    for entry in shown.entries:
        topic = entry.piece.asset.topic
        asked = [row for row in read("questions") if row["topic"] == topic != "other" and not row["asset_id"]]
        deals = {row["deal_id"] for row in asked} & set(amounts)
        expected = (len(deals), pytest.approx(float(sum(amounts[deal] for deal in deals)), abs=0.005))
        assert entry.piece.waiting == (expected if entry.piece.decision == "give" else (0, 0.0))


def test_reasons_are_judged_one_by_one() -> None:
    asset = replace(ASSET, age_days=10, sent=3)
    assert reasons_of(asset, READ, 1095) == ()
    assert reasons_of(asset, Reading(lost=3), 1095) == ("no_winner",)
    assert reasons_of(replace(asset, buyer_touches=0, sent=0), Reading(), 1095) == ("never_read", "never_sent")


GROUPS = (
    Group("revise", 9, 10_652.5, "Old"), Group("give", 14, 25_890.0, "Guide"), Group("leave", 8, 26_270.0, "Found"), Group("show", 1, 0.0, "New"),
)  # fmt: skip
FULL = UnusedFacts("EUR", 52, 36, 66_622.5, 115_000.0, GROUPS, 8, 26_270.0)
ANSWERS = {
    "everything there": (
        FULL,
        "**36 of 52 published pieces** are not used as they could be; **€66.6 k** of €115 k went into them. **14 to give to sales** (€25.9 k), first “Guide”; "
        "**9 to revise** (€10.7 k), first “Old”; **1 to show to more buyers**, first “New”. "
        "8 more (€26.3 k) are too young to judge or may stay as they are.",
    ),
    "one, without cost": (
        replace(FULL, pieces=1, cost=0.0, groups=GROUPS[3:], calm=1, calm_cost=0.0),
        "**1 of 52 published pieces** is not used as it could be. **1 to show to more buyers**, first “New”. "
        "1 more is too young to judge or may stay as it is.",
    ),
    "nothing to do": (
        replace(FULL, pieces=0, cost=0.0, groups=GROUPS[2:3]),
        "None of 52 published pieces calls for a decision now: 8 (€26.3 k) are too young to judge or may stay as they are.",
    ),
    "all used": (
        replace(FULL, pieces=0, cost=0.0, groups=(), calm=0),
        "All 52 published pieces are read, were read by somebody who bought, are sent by sales, and are up to date.",
    ),
    "nothing published": (replace(FULL, public=0), "No published content is recorded."),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(unused(facts)) == sentence


def test_small_words() -> None:
    assert without_cost(0) == ""
    assert said(without_cost(1)).startswith("Of 1 piece no cost is known, so it counts as nothing")
    assert said(decisions_alt([("Revise", 9, 10_652.5)], "EUR")) == "What to do with unused content: revise 9 pieces, €10.7 k"
    assert " :red[" not in unused(replace(FULL, groups=(Group("give", 1, 1.0, NAUGHTY),)))


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, shown: UnusedContent) -> None:
    test = page(sample_database)
    words = text(test)
    assert test.title[0].value == "Which content is not used, and what to do with it?"
    assert said(shown.answer) in said(words)
    assert "2 retired pieces are left out" in said(words)
    assert [metric.label for metric in test.metric] == ["Cost sunk", "Never read", "Read, no deal won", "Never sent", "Outdated"]
    table = test.dataframe[0].value
    assert len(table) == len(shown.entries) + 1
    calm = sum(table["Decision"].isin(["Wait", "Leave as it is"]))
    assert f"{len(shown.entries) - calm} of 52 published pieces" in said(words) and f"{calm} more" in said(words)
    assert table["Cost"].iloc[-1] == pytest.approx(float(shown.whole.cost))


def test_search_reasons_and_decisions(page: Callable[..., AppTest], sample_database: Path, shown: UnusedContent) -> None:
    test = page(sample_database)
    test.selectbox(key="decision").set_value("give").run()
    assert len(test.dataframe[0].value) == shown.decisions["give"].pieces
    test.multiselect(key="reasons").set_value(["never_read"]).run()
    assert "No piece is left" in text(test)
    test.multiselect(key="reasons").set_value([]).run()
    test.text_input(key="piece_search").set_value(NAUGHTY).run()
    assert "No piece is left" in text(test)


def test_a_piece_opens_on_the_content_page(page: Callable[..., AppTest], sample_database: Path, shown: UnusedContent) -> None:
    test = page(sample_database)
    test.session_state["open_piece"] = shown.entries[0].piece.asset.asset_id
    test.run()
    assert test.title[0].value != "Which content is not used, and what to do with it?"


@pytest.mark.parametrize(
    "query",
    [
        {"segment": "enterprise"},
        {"channel": "email"},
        {"date_basis": "touch"},
        {"from": "2020-01-01", "to": "2020-02-01"},
        {"segment": "<script>"},
    ],
)
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    words = text(page(sample_database, **query))
    assert "of 52 published pieces" in said(words)


SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}
DEAL = {"deal_id": "D1", "name": "One", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}


def test_without_a_plan_the_page_says_what_to_supply(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    touch = {
        "touch_id": "T1",
        "occurred_at": "2026-01-01 10:00:00",
        "deal_id": "D1",
        "channel": "email",
        "kind": "click",
        "asset_id": "A",
    }
    ds = open_rows({"deals": [DEAL], "touches": [touch]}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "No content is planned in this data" in words
    assert "`content_assets.csv`" in words


def test_hostile_and_thin_content(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    piece = {
        "title": NAUGHTY,
        "status": "published",
        "published_on": "2020-01-01",
        "owner_id": NAUGHTY,
        "topic": NAUGHTY,
        "cost": "",
    }
    rows = {
        "deals": [DEAL],
        "touches": [
            {
                "touch_id": "T1",
                "occurred_at": "2026-01-01 10:00:00",
                "deal_id": "D1",
                "channel": "email",
                "kind": "click",
                "asset_id": "B",
            }
        ],
        "content_assets": [
            {**piece, "asset_id": NAUGHTY},
            {**piece, "asset_id": "B"},
            {**piece, "asset_id": "C", "published_on": "", "status": ""},
            {**piece, "asset_id": "D", "status": "requested"},
            {**piece, "asset_id": "E", "published_on": "2026-02-27"},
        ],
        "content_feedback": [
            {"asset_id": NAUGHTY, "owner_id": "U", "given_at": "2026-02-02", "was_used": "false", "reason": NAUGHTY}
        ],
    }
    ds = open_rows(rows, SETTINGS)
    words = text(page(ds.path.parent))
    assert "2 of 3 published pieces" in said(words) and "1 more is too young" in said(words)
    assert "no cost is known" in words
    assert " :red[a]" not in words
    nothing = open_rows(
        {"deals": [DEAL], "touches": [], "content_assets": [{**piece, "asset_id": "D", "status": "requested"}]}, SETTINGS
    )
    assert "has no published piece yet" in text(page(nothing.path.parent))
