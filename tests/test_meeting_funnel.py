"""The meeting's block about the funnel against the sample's files in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import median

import pytest

from attribution.filters import Filters
from attribution.meeting.block import Context
from attribution.meeting.funnel_rows import OPENED, WON, Rate
from attribution.meeting.funnel_rows import funnel as count_funnel
from tests.flow_reading import BERLIN, DAY, FORWARD, OUT, Flow, end_of, lies_in, moment, windows


def four_of_five(days: Sequence[float]) -> int:
    """In how many whole days four of five of them passed."""
    found = sorted(days)[math.ceil(0.8 * len(days)) - 1]
    return min(180, max(7, math.ceil(found)))


def test_the_funnel_of_people(flow: Flow, some_meeting: Context) -> None:
    last = some_meeting.held_on
    rows = {row.stage: row for row in count_funnel(some_meeting).rows}
    steps = list(flow.steps(end_of(last)))
    assert set(rows) == {"lead", "marketing_qualified", "sales_accepted", "sales_qualified", OPENED, WON}
    for stage in FORWARD[1:5]:
        here = [step for step in steps if step[1] == stage]
        later = FORWARD[FORWARD.index(stage) + 1 :]
        moves = [(step[2], step[5]) for step in here if step[5] is not None and step[4] in later]
        within = four_of_five([(when - entered) / DAY for entered, when in moves if lies_in(when, (last - 365 * DAY, last))])
        row = rows[stage]
        assert row.within == within
        for place, days in enumerate(windows(last)):
            assert row.entered[place] == len([step for step in here if lies_in(step[2], days)])
            assert row.left[place] == len([step for step in here if step[4] in (*OUT, "won_back") and lies_in(step[5], days)])
            stays = [(when - entered) / DAY for entered, when in moves if lies_in(when, days)]
            assert row.days[place] == pytest.approx(median(stays))
            cohort = (days[0] - (within + 1) * DAY, days[1] - (within + 1) * DAY)
            in_time = [entered for entered, when in moves if lies_in(entered, cohort) and when - entered <= within * DAY]
            assert row.rates is not None
            assert row.rates[place] == Rate(len(in_time), len([step for step in here if lies_in(step[2], cohort)]))


def test_deals_of_the_funnel_are_those_of_the_other_pages(flow: Flow, some_meeting: Context) -> None:
    last = some_meeting.held_on
    rows = {row.stage: row for row in count_funnel(some_meeting).rows}
    cycles = {
        deal["deal_id"]: (date.fromisoformat(deal["closed_at"]) - moment(deal["created_at"]).astimezone(BERLIN).date()).days
        for deal in flow.won
        if flow.closed(deal, last)
    }
    recent = [
        cycles[deal["deal_id"]] for deal in flow.won if flow.closed(deal, last) and deal["closed_at"] >= str(last - 365 * DAY)
    ]
    within = four_of_five(recent)
    assert rows[OPENED].within == within
    for place, days in enumerate(windows(last)):
        won = [deal for deal in flow.won if lies_in(date.fromisoformat(deal["closed_at"]), days)]
        opened = [deal for deal in flow.deals if lies_in(moment(deal["created_at"]), days)]
        assert rows[WON].entered[place] == len(won)
        assert rows[WON].money[place] == float(flow.total(won))
        assert rows[OPENED].entered[place] == len(opened)
        shown = some_meeting.ds.metric_rows(["won_deals", "won_revenue"], filters=Filters(date_from=days[0], date_to=days[1]))[0]
        assert (shown["won_deals"], shown["won_revenue"]) == (rows[WON].entered[place], rows[WON].money[place])
        created = some_meeting.ds.deals(Filters(date_from=days[0], date_to=days[1], date_basis="created"))
        assert (len(created), round(created.amount.sum(), 2)) == (len(opened), rows[OPENED].money[place])
        cohort = (days[0] - (within + 1) * DAY, days[1] - (within + 1) * DAY)
        entered = [deal["deal_id"] for deal in flow.deals if lies_in(moment(deal["created_at"]), cohort)]
        rates = rows[OPENED].rates
        assert rates is not None
        assert rates[place] == Rate(len([key for key in entered if cycles.get(key, 999) <= within]), len(entered))


def test_money_of_people_is_of_deals_opened_since_each_once(flow: Flow, this_meeting: Context) -> None:
    """Against the deals that the app counts for each person."""
    people = defaultdict(set)
    for deal_id, contact_id in this_meeting.ds.rows("select deal_id, contact_id from journeys.deal_people"):
        people[contact_id].add(deal_id)
    row = next(row for row in count_funnel(this_meeting).rows if row.stage == "sales_qualified")
    for place, days in enumerate(windows(this_meeting.held_on)):
        found = {
            deal_id
            for person, stage, entered, *_ in flow.steps(end_of(this_meeting.held_on))
            if stage == "sales_qualified" and lies_in(entered, days)
            for deal_id in people[person]
            if moment(flow.named[deal_id]["created_at"]) > entered - DAY
        }
        assert (row.deals[place], row.money[place]) == (len(found), float(flow.total([flow.named[key] for key in found])))


def test_out_and_back_again(flow: Flow, some_meeting: Context) -> None:
    found = {entry.kind: entry.counts for entry in count_funnel(some_meeting).returns}
    steps = list(flow.steps(end_of(some_meeting.held_on)))
    for place, days in enumerate(windows(some_meeting.held_on)):
        counts = Counter(step[1] for step in steps if lies_in(step[2], days))
        here = [(step[1], step[3]) for step in steps if lies_in(step[2], days) and step[1] in FORWARD]
        assert found["recycled"][place] == counts["recycled"]
        assert found["disqualified"][place] == counts["disqualified"]
        assert found["came back"][place] == len([1 for _, before in here if before in OUT])
        back = [1 for stage, before in here if before in FORWARD and FORWARD.index(before) > FORWARD.index(stage)]
        assert found["moved back"][place] == len(back)
