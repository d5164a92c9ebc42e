"""The meeting's block about deals won and lost: the same as on the other pages, and two deals side by side."""

from __future__ import annotations

from typing import Any

import pytest

from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.meeting import changes, deals
from attribution.meeting.block import Context
from tests.meetings import LAST_MEETING, TODAY, day_of, is_plain, local
from tests.sample_reading import Sample


def test_deals_won_and_lost_are_those_of_the_other_pages(this_meeting: Context, reading: Sample, sample: Any) -> None:
    made = deals.block(this_meeting)
    those = [
        deal for deal in reading.deals if deal["status"] != "open" and (day_of(deal, "closed_at") or LAST_MEETING) > LAST_MEETING
    ]
    assert {record.key for record in made.records} == {deal["deal_id"] for deal in those}
    by_id = {deal["deal_id"]: deal for deal in those}
    for record in made.records:
        fields, row, journey = dict(record.fields), by_id[record.key], reading.journeys[record.key]
        assert fields["exact_amount"] == pytest.approx(float(reading.value(row)))
        assert fields["days_open"] == ((day_of(row, "closed_at") or TODAY) - (day_of(row, "created_at") or TODAY)).days
        assert fields["days_from_first_touch"] == ((day_of(row, "closed_at") or TODAY) - local(journey[0]["occurred_at"])).days
        assert fields["people"] == len({reading.persons[touch["touch_id"]] for touch in journey} - {""})
        assert fields["content_read"] == len(
            {touch["asset"] for touch in journey if touch["asset"] and touch["actor"] in ("", "buyer")}
        )
        sellers = [touch for touch in journey if touch["actor"] in ("sales", "partner", "service")]
        assert fields["calls_and_meetings"] == len(
            [touch for touch in sellers if touch["kind"] in ("call", "meeting", "demo", "workshop")]
        )
        assert (fields["loss_reason"] or "", fields["competitor"] or "") == (row["loss_reason"], row["competitor"])
    window = Filters(period="last_90_days")
    overview = sample.metric_rows(["win_rate", "won_deals", "lost_deals"], [], window)[0]
    figures = {figure.label: figure for figure in made.figures}
    assert figures["Win rate, 90 days"].value == f"{round(100 * overview['win_rate'])}\xa0%"
    assert made.picture is not None and sum(bar.value or 0 for bar in made.picture.bars) == overview["lost_deals"]
    assert figures["Won"].value == changes.block(this_meeting).figures[0].value, "two blocks, one number"
    assert is_plain(made)


def test_few_deals_give_counts_and_no_rate(corrected: Context) -> None:
    figures = {figure.label: figure.value for figure in deals.block(corrected).figures}
    assert figures["Win rate, 90 days"] == "2 of 2" and figures["Median days to win, 90 days"] == "only 2\xa0wins"


def test_two_deals_side_by_side(this_meeting: Context, reading: Sample) -> None:
    grid = deals.side_by_side(this_meeting, "D-0440", "D-0001")
    facts = {row[0].words: [cell.words for cell in row[1:]] for row in grid.rows}
    assert facts["Outcome"] == ["Open, qualification", "Won on 23 Dec 2024"]
    assert facts["Touches that count"][1] == str(len({
        (reading.persons[touch["touch_id"]], touch["channel"], touch["campaign_id"], touch["asset"], touch["kind"], local(touch["occurred_at"]))
        for touch in reading.journeys["D-0001"]
    }))  # fmt: skip
    assert facts["Stages"][0] == "discovery → qualification"
    assert all(len(row) == 3 for row in grid.rows) and len(grid.columns) == 3
    with pytest.raises(QueryError, match="no such deal"):
        deals.side_by_side(this_meeting, "D-0440", "D-9999")
