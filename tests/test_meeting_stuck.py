"""The meeting's blocks about what is stuck and what content next against the sample's files in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from attribution.meeting import content, stuck
from attribution.meeting.block import Context
from attribution.meeting.waiting import of_deals, of_people
from tests.flow_reading import DAY, FORWARD, HOUR, Flow, end_of, lies_in, moment
from tests.meetings import LAST_MEETING
from tests.sample_reading import read

# --- stuck -------------------------------------------------------------------------------------------------------------------


def stays_of_deals(flow: Flow, last: date) -> tuple[dict[tuple[str, str], list[int]], dict[str, tuple[str, str, int]]]:
    """(stage, segment) → days of those that moved on; open deal → stage, segment, days."""
    order = ("discovery", "qualification", "evaluation", "proposal", "negotiation", "closed lost", "closed won")
    entered: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
    for row in read("deal_stage_changes"):
        if moment(row["entered_at"]) < end_of(last):
            entered[flow.one(row["deal_id"])].append(
                (moment(row["entered_at"]), order.index(row["deal_stage"]), row["deal_stage"])
            )
    accounts = {row["deal_id"]: row["segment"] for row in flow.deals}
    segments = {key: accounts[key] for key in accounts}
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    here: dict[str, tuple[str, str, int]] = {}
    for deal_id, listed in entered.items():
        listed.sort()
        if deal_id not in flow.named:
            continue
        for (start, rank, stage), (end, following, name) in pairwise(listed):
            if following > rank and name != "closed lost" and end - start > HOUR:
                moved[stage, segments[deal_id]].append((end - start) // DAY)
        if not flow.closed(flow.named[deal_id], last):
            here[deal_id] = (listed[-1][2], segments[deal_id], (end_of(last) - timedelta(microseconds=1) - listed[-1][0]) // DAY)
    return moved, here


def longest(moved: dict[tuple[str, str], list[int]], here: dict[str, tuple[str, str, int]]) -> set[str]:
    """What is there longer than four of five."""
    found = set()
    for key, (stage, segment, days) in here.items():
        peers = moved[stage, segment]
        if len(peers) < 10:
            peers = [stay for (other, _), stays in moved.items() if other == stage for stay in stays]
        if len(peers) >= 10 and 10 * len([stay for stay in peers if stay < days]) >= 8 * len(peers):
            found.add(key)
    return found


def test_stuck_deals(flow: Flow, this_meeting: Context) -> None:
    by_company = {
        row[0]: row[1] or "" for row in this_meeting.ds.rows("select deal_id, segment from marts.deals")
    }  # fourteen deals have no company of their own: which one they get is tested elsewhere
    for deal in flow.deals:
        deal["segment"] = by_company[deal["deal_id"]]
    moved, here = stays_of_deals(flow, this_meeting.held_on)
    queue = of_deals(this_meeting)
    assert set(queue.here.key) == set(here)
    expected = longest(moved, here)
    assert set(queue.stuck.key) == expected
    amount = float(flow.total([flow.named[key] for key in expected]))
    assert float(queue.stuck.amount.sum()) == pytest.approx(amount, abs=0.005)
    assert list(queue.stuck.amount) == sorted(queue.stuck.amount, reverse=True)
    open_deals = this_meeting.ds.metric_rows(["open_deals", "open_amount"])[0]
    assert (len(queue.here), round(queue.here.amount.sum(), 2)) == (
        open_deals["open_deals"],
        round(open_deals["open_amount"] or 0, 2),
    )


def test_stuck_leads(flow: Flow, some_meeting: Context) -> None:
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    here: dict[str, tuple[str, str, int]] = {}
    now = end_of(some_meeting.held_on) - timedelta(microseconds=1)
    for person, stage, entered, _, following, when in flow.steps(end_of(some_meeting.held_on)):
        segment = flow.segment_of.get(person, "")
        if stage in FORWARD[:5] and following is None:
            here[person] = (stage, segment, (now - entered) // DAY)
        elif stage in FORWARD[:5] and when and following in FORWARD[FORWARD.index(stage) + 1 :] and when - entered > HOUR:
            moved[stage, segment].append((when - entered) // DAY)
    queue = of_people(some_meeting)
    assert set(queue.here.key) == set(here)
    assert set(queue.stuck.key) == longest(moved, here)


def test_what_was_put_aside_stays_away(this_meeting: Context) -> None:
    before = stuck.block(this_meeting)
    first = before.records[0]
    hidden = stuck.block(
        Context(
            this_meeting.ds,
            this_meeting.held_on,
            this_meeting.last_on,
            dismissals=(SimpleNamespace(about=first.key, until_on=date(2026, 12, 3)),),
        )
    )
    assert first.key not in {record.key for record in hidden.records}
    assert int(hidden.figures[1].value) == int(before.figures[1].value) - 1
    assert any("1\u00a0record put aside" in note for note in hidden.notes)
    fields = dict(first.fields)
    assert {"id", "owner", "stage", "days", "percentile", "amount", "suggestion"} <= set(fields)
    assert fields["suggestion"] in ("push", "recycle", "close")


# --- content -----------------------------------------------------------------------------------------------------------------


def test_content_next(flow: Flow, this_meeting: Context) -> None:
    block = content.block(this_meeting)
    unanswered = [row for row in read("questions") if not row["asset_id"]]
    waiting = {flow.one(row["deal_id"]) for row in unanswered if row["deal_id"]}
    deals = [deal for deal in flow.deals if deal["deal_id"] in waiting and deal["status"] == "open"]
    said = [figure.value for figure in block.figures]
    assert said[0] == str(len(unanswered))
    assert block.figures[1].note == f"{len(deals)}\u00a0deals"
    assert said[1] == f"€{float(flow.total(deals)) / 1e6:.2f}\u00a0M"
    assets = read("content_assets")
    making = [row for row in assets if row["status"] == "in_production"]
    assert (said[2], block.figures[2].note) == (
        str(len(making)),
        f"{len([row for row in making if '' < row['due_on'] < str(this_meeting.held_on)])} late",
    )
    new = [
        row
        for row in assets
        if str(LAST_MEETING) < row["published_on"] <= str(this_meeting.held_on)
        and row["status"] not in ("in_production", "requested")
    ]
    assert said[3] == str(len(new))
    given = [
        row for row in read("content_feedback") if lies_in(moment(row["given_at"]), (LAST_MEETING + DAY, this_meeting.held_on))
    ]
    assert f"{len(given)}\u00a0comments from sales" in block.answer
    read_now: dict[str, set[str]] = defaultdict(set)
    for deal in flow.deals:
        if deal["status"] == "open":
            for touch in flow.journeys[deal["deal_id"]]:
                is_recent = lies_in(moment(touch["occurred_at"]), (this_meeting.held_on - 13 * DAY, this_meeting.held_on))
                if touch["actor"] in ("buyer", "") and touch["asset"] and is_recent:
                    read_now[touch["asset"]].add(deal["deal_id"])
    assert {piece.asset_id: piece.deals for piece in content.reading(this_meeting)} == {
        key: len(found) for key, found in read_now.items()
    }
    assert {piece.asset_id: round(piece.amount, 2) for piece in content.reading(this_meeting)} == {
        key: float(flow.total([flow.named[deal_id] for deal_id in found])) for key, found in read_now.items()
    }
