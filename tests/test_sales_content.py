"""Sales content: sendings, their stages and outcomes against plain Python, what to send next and why, golden sentences, and the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers.sales_content import (
    Late,
    SalesFacts,
    alike_words,
    basis,
    being_made,
    recommendation,
    refused,
    sales_content,
    used_by,
    waits,
    why,
)
from attribution.answers.sales_content import said as opinions
from attribution.content.assets import known
from attribution.content.recommend import Alike, Pick, Reason, Recommendation, by_chance, recommend
from attribution.content.sales import CLOSE, NOTHING, Rated, sendings
from attribution.filters import Filters
from attribution.views import sales_content as view_of
from attribution.views import state
from attribution.views.sales_content import SalesContent
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, said, text
from tests.sample_reading import Sample, read

PAGE = "pages/content/sales_content.py"
CHOICE = Choice(Filters(), "none", "w_shaped")


@pytest.fixture(scope="module")
def shown(sample: Any) -> SalesContent:
    return view_of.view(sample, CHOICE, state.names_of(sample), known(sample))


@pytest.fixture(scope="module")
def entered(reading: Sample) -> dict[str, list[tuple[str, str]]]:
    """Deal → (moment, stage), in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in read("deal_stage_changes"):
        found.setdefault(row["deal_id"], []).append((row["entered_at"], row["deal_stage"]))
    return {deal: sorted(stages) for deal, stages in found.items()}


# --- against the sample's files, in plain Python ----------------------------------------------------------------------


def sent_in(reading: Sample) -> dict[str, set[str]]:
    """Piece → the deals in whose journey sales sent it."""
    found: dict[str, set[str]] = {}
    for deal, touches in reading.journeys.items():
        for touch in touches:
            if touch["actor"] == "sales" and touch["asset"]:
                found.setdefault(touch["asset"], set()).add(deal)
    return found


def test_sendings_are_those_of_the_files(reading: Sample, shown: SalesContent) -> None:
    expected = sent_in(reading)
    statuses = {deal["deal_id"]: deal["status"] for deal in reading.deals}
    assert len(expected) == shown.pieces == 10
    assert shown.deals == len(set().union(*expected.values()))
    for row in shown.fates:
        outcomes = [statuses[deal] for deal in expected[row.key]]
        assert row.parts == (outcomes.count("won"), outcomes.count("open"), outcomes.count("lost"))
    touches = {
        touch["touch_id"]
        for found in reading.journeys.values()
        for touch in found
        if touch["actor"] == "sales" and touch["asset"]
    }
    assert {sending.touch_id for sending in shown.sent} <= touches  # repeats of a day count once
    days = {
        (touch["touch_id"][:0], reading.touches[key]["occurred_at"][:10]) for key in touches for touch in [reading.touches[key]]
    }
    assert days
    assert (
        shown.recorded
        == len([touch for touch in reading.touches.values() if touch["actor"] == "sales" and touch["asset"]])
        == 167
    )


def test_the_next_step_is_that_of_the_files(
    reading: Sample, shown: SalesContent, entered: dict[str, list[tuple[str, str]]]
) -> None:
    statuses = {deal["deal_id"]: deal["status"] for deal in reading.deals}
    for sending in shown.sent:
        moment = reading.touches[sending.touch_id]["occurred_at"]
        before = [stage for when, stage in entered[sending.deal_id] if when <= moment]
        after = [stage for when, stage in entered[sending.deal_id] if when > moment]
        assert sending.stage == (before[-1] if before else None)
        if after and not after[0].startswith("closed"):
            assert sending.before == after[0]
        else:
            assert sending.before == (NOTHING if statuses[sending.deal_id] == "open" else CLOSE)
    assert shown.grid.whole == len(shown.sent)
    assert sum(value or 0 for value in shown.grid.column_totals) == len(shown.sent)
    table = view_of.grid_table(shown)
    assert int(table["Sendings"].iloc[-1]) == int(table["Sendings"].iloc[:-1].sum()) == len(shown.sent)


def test_ratings_are_those_of_the_files(shown: SalesContent) -> None:
    rows = read("content_feedback")
    ratings = [int(row["rating"]) for row in rows if row["rating"]]
    assert shown.average == pytest.approx(sum(ratings) / len(ratings))
    assert len(shown.comments) == len([row for row in rows if row["comment"]])
    for entry in shown.rated:
        mine = [row for row in rows if row["asset_id"] == entry.asset_id]
        given = [int(row["rating"]) for row in mine if row["rating"]]
        assert (entry.said, entry.ratings, entry.used) == (
            len(mine),
            len(given),
            len([row for row in mine if row["was_used"] == "true"]),
        )
        assert entry.average == (pytest.approx(sum(given) / len(given)) if given else None)
        assert sum(times for _, times in entry.reasons) == len(
            [row for row in mine if row["was_used"] == "false" and row["reason"]]
        )


def test_what_is_being_made_is_the_plan(shown: SalesContent) -> None:
    plan = {row["asset_id"]: row for row in read("content_assets")}
    assert {piece.asset_id for piece in shown.requested} == {key for key, row in plan.items() if row["status"] == "requested"}
    assert [piece.asset_id for piece in shown.in_production] == ["A-056", "A-055", "A-057"]  # by the day they are due
    assert [(piece.asset_id, piece.late_days) for piece in shown.late] == [("A-056", 7)]
    names = {row["owner_id"]: row["name"] for row in read("people")}
    for piece in (*shown.requested, *shown.in_production):
        row = plan[piece.asset_id]
        assert (piece.question, piece.asked_by) == (row["buyer_question"], names[row["requested_by"]])
        asked = [entry for entry in read("questions") if entry["text"] == row["buyer_question"] and not entry["asset_id"]]
        assert piece.waiting == len(asked)


def test_filters_select_days_and_deals(sample: Any, reading: Sample) -> None:
    chosen = Filters(date_from=date(2026, 1, 1), date_to=date(2026, 6, 30), segments=("enterprise",), date_basis="created")
    enterprise = {deal["deal_id"] for deal in reading.deals if deal["segment"] == "enterprise"}
    found = sendings(sample, chosen)
    assert found
    assert all(date(2026, 1, 1) <= sending.sent_on <= date(2026, 6, 30) and sending.deal_id in enterprise for sending in found)
    assert {sending.deal_id for sending in found} == {
        deal for deal in enterprise for touch in reading.journeys[deal]
        if touch["actor"] == "sales" and touch["asset"] and "2026-01-01" <= touch["occurred_at"][:10] <= "2026-06-30"
    }  # fmt: skip


def test_a_recommendation_counts_deals_like_it(sample: Any, reading: Sample, entered: dict[str, list[tuple[str, str]]]) -> None:
    found = recommend(sample, "D-0440")
    assert found is not None
    assert (found.segment, found.stage) == ("enterprise", "qualification")
    since: dict[str, str] = {}
    for deal, stages in entered.items():
        for when, stage in reversed(stages):
            if stage == found.stage:
                since[deal] = when
    deals = sample.deals(Filters(segments=("enterprise",)))  # some deals have their company from their people
    alike = {
        deal: status for deal, status in zip(deals["deal_id"], deals["status"], strict=True) if deal in since and status != "open"
    }
    assert (found.alike.won, found.alike.lost) == (list(alike.values()).count("won"), list(alike.values()).count("lost"))
    for pick in found.picks:
        users = [
            status for deal, status in alike.items()
            if any(touch["asset"] == pick.asset_id and touch["occurred_at"] >= since[deal] for touch in reading.journeys[deal])
        ]  # fmt: skip
        assert (pick.won_with, pick.lost_with) == (users.count("won"), users.count("lost"))
    used = {touch["asset"] for touch in reading.journeys["D-0440"]}
    assert not used & {pick.asset_id for pick in found.picks}
    asked = {row["text"]: row for row in read("questions") if row["deal_id"] == "D-0440"}
    for pick in found.picks:
        if pick.answers:
            assert asked[pick.answers.text]["asset_id"] in ("", pick.asset_id)


def test_unknown_and_closed_deals(sample: Any) -> None:
    assert recommend(sample, "D-9999") is None
    found = recommend(sample, "D-0001")
    assert found is not None
    assert (found.status, found.picks) == ("won", ())


def test_chance_is_fishers() -> None:
    assert by_chance(3, 3, 0, 3) == pytest.approx(0.05)  # one way of twenty
    assert by_chance(0, 5, 0, 5) == 1.0
    assert by_chance(7, 62, 0, 29) == pytest.approx(math.comb(62, 7) / math.comb(91, 7))
    assert by_chance(50_000, 100_000, 50_000, 100_000) == pytest.approx(0.5, abs=0.01)


# --- words ------------------------------------------------------------------------------------------------------------

LATE = Late("What a pilot takes", 7, "Kaspar Wendt")
WANTED = Late("When we are wrong", asked_by="Tilda", waiting=2, deals=1, amount=148_470.0)
FULL = SalesFacts("EUR", 52, 10, 76, 23, 18, 11, 3, (LATE,), (WANTED, LATE), "in this period")
ANSWERS = {
    "everything there": (
        FULL,
        "Sales sent **10 of 52 published pieces** in this period, 76 times in 52 deals: 23 won, 18 lost, 11 still open. **1 of 3 pieces in production is "
        "late**: ask Kaspar Wendt for “What a pilot takes” (7 days). 2 pieces are asked for and not begun: begin with “When we are wrong”, for which 1 open "
        "deal worth **€148 k** waits.",
    ),
    "nothing late, one asked for": (
        replace(FULL, late=(), requested=(replace(WANTED, deals=0, amount=0.0),), won=1, lost=0, open=0, sent=1, when=""),
        "Sales sent **10 of 52 published pieces**, once in 1 deal: 1 won. 3 pieces are in production, none of them late. 1 piece is asked for and not begun: "
        "“When we are wrong”, asked twice by buyers without an answer.",
    ),
    "the only one is late, without author": (
        replace(FULL, making=1, late=(replace(LATE, author=""),), requested=(), sent=0),
        "No sending of a piece by sales is recorded in this period in the deals that the filters select. **The piece in production is late**: chase “What a "
        "pilot takes” (7 days).",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(sales_content(facts)) == sentence


PICK = Pick("A", "Prices", None, "article", "cost", None, 7, 0, None)
ALIKE = Alike("enterprise", "proposal", 62, 29)
DEAL = Recommendation("D1", "Acme", "open", 400_000.0, "enterprise", "proposal", "Bo", None, ALIKE, (ALIKE,), (PICK,), (), 3)


def test_why_a_piece_is_recommended() -> None:
    rating = Rated("A", "Prices", 8, 8, 4.375, 8, 0, (), ())
    asked = Reason("What does it cost?", date(2026, 11, 10), "proven", 6)

    def reasons(pick: Pick, alike: Alike = ALIKE) -> list[str]:
        return [said(reason) for reason in why(pick, alike)]

    assert reasons(PICK) == ["Used by 7 of 62 won deals like this and 0 of 29 lost ones."]
    assert reasons(replace(PICK, answers=asked, rating=rating))[::2] == [
        "Named 6 times elsewhere as the answer to “What does it cost?”, asked here on 10 Nov 2026 and not answered.",
        "Sales rates it 4.4 of 5 (8 ratings).",
    ]
    assert reasons(replace(PICK, answers=replace(asked, how="made", asked_on=None)), Alike(None, None, 2, 0)) == [
        "Made for “What does it cost?”, asked here and not answered."
    ]
    assert reasons(replace(PICK, answers=replace(asked, how="named")))[0] == (
        "Named as the answer to “What does it cost?”, asked here on 10 Nov 2026, but neither sent nor read in this deal."
    )
    assert used_by(replace(PICK, won_with=3, lost_with=1), ALIKE).endswith("lost ones, which may be chance.")
    assert used_by(replace(PICK, won_with=2, lost_with=3), ALIKE).endswith("no more often by those that were won.")
    assert used_by(replace(PICK, won_with=0), ALIKE).endswith("it is new to deals like this.")


def test_what_to_send_next_in_words() -> None:
    few = (Alike("enterprise", "proposal", 2, 9), Alike(None, "proposal", 4, 12))

    def words(found: Recommendation) -> str:
        return said(recommendation(found, "EUR"))

    assert words(DEAL) == "Send **“Prices”** next in Acme (€400 k, proposal)."
    assert words(replace(DEAL, alike=few[1], tried=few, picks=(), open_questions=("Why?", "When?"))) == (
        "Nothing can be recommended for Acme (€400 k, proposal). Only 2 deals that came to “proposal” were won in enterprise and 4 in any segment: too few to "
        "learn from, 5 are needed. No piece answers “Why?” and 1 more question: ask for one."
    )
    assert words(replace(DEAL, picks=())).endswith(
        "was used more often by the 62 won enterprise deals that came to “proposal” than by those that were lost."
    )
    assert words(replace(DEAL, status="lost", closed_on=date(2026, 1, 3))) == (
        "Acme was lost on 3 Jan 2026: there is nothing left to send. Choose an open deal."
    )
    assert refused(()) == "No deal was won: too few to learn from, 5 are needed."
    assert said(basis(DEAL)) == (
        "Learned from 62 won enterprise deals that came to “proposal”, and 29 lost ones: what they used from that stage on. 3 pieces that its people have "
        "used already are left out. What won deals used need not be why they were won."
    )
    wide = Alike(None, "proposal", 9, 12)
    assert "Deals of any segment, because only 2 were won in enterprise." in said(
        basis(replace(DEAL, alike=wide, tried=(few[0], wide)))
    )
    assert basis(replace(DEAL, alike=few[1])) == ""
    assert "what they used since they were opened." in said(basis(replace(DEAL, alike=Alike(None, None, 9, 12))))
    assert alike_words(Alike(None, None, 1, 0)) == "1 won deal"


def test_small_words() -> None:
    assert said(being_made(7, date(2026, 11, 13))) == "7 days late"
    assert said(being_made(-3, date(2026, 11, 23))) == "due 23 Nov 2026"
    assert being_made(None, None) == "no date yet"
    assert waits(0, 0, 0.0, "EUR") == ""
    assert said(waits(1, 0, 0.0, "EUR")) == "Asked once without an answer; no open deal waits."
    assert said(waits(4, 2, 214_471.0, "EUR")) == "Asked 4 times without an answer; 2 open deals worth €214 k wait."
    assert said(opinions(2, 3, 3.34, (("A", 4.5), ("B", 2.0)))) == (
        "Sales gave 3 ratings of 2 pieces: **3.3 of 5** on average, best for “A” (4.5), worst for “B” (2.0)."
    )
    assert opinions(0, 0, None, ()) == "Nobody in sales has rated a piece here."


def test_names_cannot_become_markup() -> None:
    naughty = replace(DEAL, deal=NAUGHTY, stage=NAUGHTY, picks=(replace(PICK, title=NAUGHTY),), open_questions=(NAUGHTY,))
    words = sales_content(replace(FULL, late=(replace(LATE, title=NAUGHTY, author=NAUGHTY),))) + recommendation(naughty, "EUR")
    words += recommendation(replace(naughty, picks=(), alike=replace(ALIKE, segment=NAUGHTY)), "EUR")
    assert ":red[" not in words.replace("\\:red\\[", "")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, shown: SalesContent) -> None:
    test = page(sample_database, period="all")
    words = text(test)
    assert test.title[0].value == "What did sales send, and what should it send next?"
    assert said(shown.answer) in said(words)
    assert "7 days late" in said(words)
    assert "What to send next" in words
    sent = next(element.value for element in test.dataframe if "Stage then" in element.value)
    assert len(sent) == len(shown.sent)


def test_a_deal_is_chosen_by_link_and_by_box(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, deal="D-0440")
    assert "Pontneuf Software" in said(text(test))
    test.selectbox(key="send_deal").set_value("D-0453").run()
    assert test.query_params["deal"] in ("D-0453", ["D-0453"])
    assert "Named as the answer to" in said(text(test))
    assert "was won on" in said(text(page(sample_database, deal="D-0001")))


@pytest.mark.parametrize(
    "query",
    [
        {"segment": "enterprise"},
        {"channel": "email"},
        {"owner": "U-13"},
        {"date_basis": "touch"},
        {"segment": "small business", "deal": "D-0440"},
    ],
)
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    text(page(sample_database, **query))


@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200])
def test_garbage_in_a_link_gives_the_default(page: Callable[..., AppTest], sample_database: Path, garbage: str) -> None:
    words = text(page(sample_database, deal=garbage))
    assert ":material/link_off:" in words
    assert "Send **" in words


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    words = text(page(sample_database, **{"from": "2020-01-01", "to": "2020-02-01"}))
    assert "No sending of a piece by sales is recorded in this period" in said(words)
    assert "No sending here" in words
    assert "7 days late" in said(words)  # what is being made does not depend on the period


SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}
ROW = {
    "deal_id": "D1",
    "name": NAUGHTY,
    "created_at": "2026-01-05",
    "closed_at": "",
    "status": "open",
    "amount": "1000",
    "deal_stage": NAUGHTY,
}


def test_without_stages_deals_of_the_segment_are_alike(open_rows: Callable[..., Any]) -> None:
    closed = [{**ROW, "deal_id": f"W{number}", "status": "won", "closed_at": "2026-02-20"} for number in range(5)]
    closed += [{**ROW, "deal_id": "L1", "status": "lost", "closed_at": "2026-02-20"}]
    touch = {"channel": "email", "kind": "click", "asset_id": "A"}
    days = ("2026-01-06", "2026-01-07", "2026-01-08", "2026-01-01")  # the last one is from before the deal was opened
    rows = {
        "deals": [ROW, *closed],
        "touches": [
            {**touch, "touch_id": f"T{number}", "deal_id": f"W{number}", "occurred_at": f"{day} 10:00:00"}
            for number, day in enumerate(days)
        ],
        "content_assets": [
            {"asset_id": "A", "title": "Prices", "status": "published"},
            {"asset_id": "B", "title": "Nobody's", "status": "published"},
        ],
    }
    found = recommend(open_rows(rows, SETTINGS), "D1")
    assert found is not None
    assert found.alike == Alike(None, None, 5, 1)
    assert [(pick.asset_id, pick.won_with, pick.lost_with) for pick in found.picks] == [("A", 3, 0)]


SENT = {"occurred_at": "2026-02-01 10:00:00", "channel": "sales", "kind": "email", "actor": "sales"}


def test_without_content_the_page_says_what_to_supply(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    ds = open_rows({"deals": [ROW], "touches": []}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "No content in this data" in words
    assert "`content_assets.csv`" in words


def test_hostile_and_thin_content(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [ROW, {**ROW, "deal_id": "D2", "status": "won", "closed_at": "2026-02-20"}],
        "touches": [
            {**SENT, "touch_id": "T1", "deal_id": "D1", "asset_id": NAUGHTY, "owner_id": NAUGHTY},
            {**SENT, "touch_id": "T2", "deal_id": "D2", "asset_id": "unknown", "owner_id": ""},
        ],
        "content_assets": [
            {"asset_id": NAUGHTY, "title": NAUGHTY, "status": "published", "buyer_question": "", "requested_by": "", "due_on": ""},
            {"asset_id": "P", "title": NAUGHTY * 20, "status": "in_production", "buyer_question": NAUGHTY, "requested_by": NAUGHTY, "due_on": "2026-02-01"},
            {"asset_id": "R", "title": "x" * 300, "status": "requested", "buyer_question": "", "requested_by": "", "due_on": ""},
        ],
        "content_feedback": [
            {"asset_id": NAUGHTY, "owner_id": NAUGHTY, "given_at": "2026-02-02", "rating": "1", "was_used": "false", "reason": NAUGHTY, "comment": NAUGHTY}
        ],
        "questions": [{"question_id": "Q1", "asked_at": "2026-02-01", "deal_id": "D1", "text": NAUGHTY}],
    }  # fmt: skip
    ds = open_rows(rows, SETTINGS)
    words = text(page(ds.path.parent, period="all"))
    assert " :red[a]" not in words
    assert "28 days late" in said(words)
    assert "too few to learn from, 5 are needed" in said(words)
    assert "1 open deal worth" in said(words)
    text(page(ds.path.parent, period="all", deal="D2"))
