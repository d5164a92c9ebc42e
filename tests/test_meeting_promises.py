"""The meeting's block about promises between marketing and sales against the sample's files in plain Python."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.meeting import promises
from attribution.meeting.block import Context
from attribution.meeting.first_response import FirstResponses
from attribution.meeting.frozen import to_json
from attribution.meeting.handovers import earliest, handovers
from attribution.meeting.spans import to_us
from attribution.people import handed as of_one
from tests.flow_reading import BERLIN, DAY, HOUR, Flow, end_of, lies_in, moment, windows
from tests.meetings import HELD, LAST_MEETING
from tests.sample_reading import FOLDER, read

MICROSECOND = timedelta(microseconds=1)
HOLIDAYS = tomllib.loads((FOLDER / "attribution.toml").read_text(encoding="utf-8")).get("meeting", {}).get("holidays", [])


def working_hours(start: datetime, end: datetime, zone: str) -> float:
    """Hours between 9 and 17 on weekdays that are no holidays, day by day."""
    total, day = timedelta(), start.astimezone(ZoneInfo(zone)).date()
    while day <= end.astimezone(ZoneInfo(zone)).date():
        opens, closes = (datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC) for hour in (9, 17))
        if day.weekday() < 5 and day not in HOLIDAYS:
            total += max(min(end, closes) - max(start, opens), timedelta())
        day += DAY
    return total / HOUR


def test_every_response_and_its_business_hours(flow: Flow, this_meeting: Context) -> None:
    zones = {row["owner_id"]: row["time_zone"] for row in read("people")}
    touched = defaultdict(list)
    linked = defaultdict(set)
    for row in read("touch_links"):
        linked[row["touch_id"]].add(flow.one(row["contact_id"]))
    for touch in flow.touches.values():
        if touch["actor"] == "sales":
            for person in {flow.one(flow.persons[touch["touch_id"]])} | linked[touch["touch_id"]]:
                touched[person].append(moment(touch["occurred_at"]))
    handed = defaultdict(list)
    rows = {row["handoff_id"]: row for row in read("handoffs")}
    for row in rows.values():
        handed[flow.one(row["contact_id"])].append(moment(row["handed_at"]))
    now, listed = (
        end_of(this_meeting.held_on) - MICROSECOND,
        {entry.handoff_id: entry for entry in handovers(this_meeting, earliest(this_meeting))},
    )
    for key, row in rows.items():
        person, start = flow.one(row["contact_id"]), moment(row["handed_at"])
        until = min((later for later in handed[person] if later > start), default=now)
        supplied = [moment(row["first_response_at"])] if row["first_response_at"] else []
        seen = [when for when in touched[person] if start <= when < until]
        first = min([*supplied, *seen], default=None)
        is_open = first is None and row["outcome"] in ("pending", "")
        if key not in listed:
            assert not is_open and not lies_in(start, (earliest(this_meeting), this_meeting.held_on))
            continue
        entry = listed[key]
        assert (entry.response_us is None, entry.is_open, entry.by_touch) == (
            first is None,
            is_open,
            bool(seen) and first == min(seen),
        )
        assert entry.hours == pytest.approx(working_hours(start, first or now, zones[row["owner_id"]]), abs=1e-6)
        assert entry.promised == 8, "the definition that was agreed on 1 January 2025 wins over the settings"


def test_an_answer_from_before_the_hand_over_took_no_time(sample: Any) -> None:
    handed_us = to_us(moment("2026-11-18T12:00:00+00:00"))
    row = ("H-1", handed_us, None, None, None, None, "accepted", None, None, handed_us - HOUR // MICROSECOND)
    judged = FirstResponses(sample, handed_us).judged(row, None)
    assert (judged.hours, judged.is_in_time, judged.by_touch) == (0, True, False)


def test_what_is_decided_after_the_meeting_is_not_known_there(sample: Any) -> None:
    handed_us = to_us(moment("2026-11-18T12:00:00+00:00"))
    row = ("H-1", handed_us, None, None, None, None, "rejected", handed_us + 1, "too small", None)
    before, after = (FirstResponses(sample, handed_us + later).judged(row, None) for later in (0, 1))
    assert (before.outcome, before.outcome_us, before.reason, before.is_open) == ("waiting", None, None, True)
    assert (after.outcome, after.outcome_us, after.reason, after.is_open) == ("rejected", handed_us + 1, "too small", False)


def test_an_answer_belongs_to_the_latest_hand_over_before_it(sample: Any) -> None:
    """On the page of one person: of several hand-overs without a supplied answer, the touch of sales answers the last."""
    ids = [
        row[0] for row in sample.rows("select contact_id from raw.handoffs where first_response_at is null order by 1 limit 2")
    ]
    last_us = of_one.handed(sample, ids, [])[-1].handed_us
    answered = [entry.by_touch for entry in of_one.handed(sample, ids, [last_us])]
    assert len(answered) > 1 and answered == [False] * (len(answered) - 1) + [True]


def test_promises_in_sum(flow: Flow, this_meeting: Context) -> None:
    rows, block = read("handoffs"), promises.block(this_meeting)
    months = Counter(f"{moment(row['handed_at']).astimezone(BERLIN):%Y-%m}" for row in rows)
    recent = [row for row in rows if lies_in(moment(row["handed_at"]), windows(this_meeting.held_on)[0])]
    accepted, decided = (
        len([row for row in recent if row["outcome"] in outcomes])
        for outcomes in (("accepted",), ("accepted", "rejected", "recycled"))
    )
    said = [figure.value for figure in block.figures]
    assert said[:2] == [f"{months['2026-10']} of 60", f"{accepted} of {decided} ({round(100 * accepted / decided)}\u00a0%)"]
    grid = block.grids[0]
    assert [row[1].words for row in grid.rows] == ["60", "60", "60", "100"], "the targets of marketing for hand-overs"
    assert [int(row[2].words) for row in grid.rows] == [months[month] for month in ("2026-11", "2026-10", "2026-09", "2026-08")]
    assert sum(int(row[1].words) for row in block.grids[1].rows) == len(recent), "every lead belongs to a team"
    august = [row for row in rows if f"{moment(row['handed_at']).astimezone(BERLIN):%Y-%m}" == "2026-08"]
    won = {row["deal_id"] for row in august if row["deal_id"] and flow.named[flow.one(row["deal_id"])]["status"] == "won"}
    assert grid.rows[3][8].words.startswith(f"{len(won)} (")
    assert block.records[0].group == "○ Open"
    opened = [str(dict(record.fields)["handed_on"]) for record in block.records if record.group == "○ Open"]
    assert opened == sorted(opened)
    assert "breach" not in to_json(block).lower()


def test_where_every_day_is_a_holiday_nobody_is_late_or_in_time(sample: Any) -> None:
    first = date(2026, 5, 1)
    closed = sample.with_settings({"meeting.holidays": [first + number * DAY for number in range(365)]})
    block = promises.block(Context(closed, HELD[0], LAST_MEETING))
    assert "Whether they were answered in time cannot be told: no day has business hours." in block.answer
    assert "as promised" not in block.answer
    assert block.marks[0].startswith("No business hour lies in the last 90 days")
    assert [figure.value for figure in block.figures][2:4] == ["–", "–"]
    assert block.picture is None
    assert not [record for record in block.records if record.group in ("→ Answered later", "↑ Answered as promised")]
