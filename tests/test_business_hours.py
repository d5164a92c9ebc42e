"""Business hours against an oracle that walks every minute, in several time zones and over changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attribution.config import Meeting
from attribution.meeting.business_hours import DAYS, business_hours
from attribution.meeting.spans import to_us

# Changes of the clock: an hour ahead and back, half an hour (Lord Howe), at midnight (Beirut), by a day (Samoa left out 30 Dec 2011).
CHANGES = (
    ("Europe/Berlin", "2026-03-29T01:00"), ("Europe/Berlin", "2026-10-25T01:00"), ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"), ("Australia/Lord_Howe", "2026-04-04T15:00"), ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Asia/Beirut", "2026-03-28T22:00"), ("Pacific/Apia", "2011-12-30T10:00"), ("Asia/Kathmandu", "2026-06-01T00:00"), ("UTC", "2026-06-01T00:00"),
)  # fmt: skip


def oracle(settings: Meeting, zone: str, start: datetime, end: datetime) -> int:
    """Count the minutes that the clock on the wall shows within business hours."""
    minutes, moment = 0, start
    while moment < end:
        shown = moment.astimezone(ZoneInfo(zone))
        is_open = round(settings.business_from * 60) <= shown.hour * 60 + shown.minute < round(settings.business_to * 60)
        if DAYS[shown.weekday()] in settings.business_days and shown.date() not in settings.holidays and is_open:
            minutes += 1
        moment += timedelta(minutes=1)
    return minutes


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    quarters = sorted(draw(st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True)))
    return Meeting(
        business_days=tuple(draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))),
        business_from=quarters[0] / 4, business_to=quarters[1] / 4,
    )  # fmt: skip


@settings(max_examples=60)
@given(meetings(), st.sampled_from(CHANGES), st.integers(-3000, 3000), st.integers(0, 4000), st.integers(-2, 2))
@example(Meeting(business_days=DAYS, business_from=2.5, business_to=3.25), CHANGES[0], -600, 1500, 9)
@example(Meeting(business_days=DAYS, business_from=2.25, business_to=2.5), CHANGES[1], -600, 1500, 9)
@example(Meeting(business_days=DAYS, business_from=0, business_to=24), CHANGES[7], -3000, 4000, 0)
def test_every_minute(meeting: Meeting, change: tuple[str, str], before: int, length: int, holiday: int) -> None:
    zone, moment = change
    start = datetime.fromisoformat(moment).replace(tzinfo=UTC) + timedelta(minutes=before)
    end = start + timedelta(minutes=length)
    meeting = meeting.model_copy(update={"holidays": (start.date() + timedelta(days=holiday),)})
    found = business_hours(meeting, zone).hours(to_us(start), to_us(end))
    assert found * 60 == pytest.approx(oracle(meeting, zone, start, end), abs=1e-9)


def test_weekends_holidays_and_years() -> None:
    """Handed over on a Friday at 16:30, answered on the Tuesday after a holiday at 9:15; seconds count; later days are read when asked for."""
    meeting = Meeting(holidays=(date(2026, 4, 6),))
    hours = business_hours(meeting, "Europe/Berlin")
    friday, tuesday = datetime(2026, 4, 3, 14, 30, tzinfo=UTC), datetime(2026, 4, 7, 7, 15, 30, tzinfo=UTC)
    assert hours.hours(to_us(friday), to_us(tuesday)) == pytest.approx(0.5 + 0.25 + 30 / 3600)
    assert hours.hours(to_us(tuesday), to_us(friday)) == pytest.approx(-0.75 - 30 / 3600)
    later = datetime(2029, 4, 3, 14, 30, tzinfo=UTC)
    following = (friday + timedelta(days=number) for number in range(1, (later - friday).days + 1))
    assert hours.hours(to_us(friday), to_us(later)) == 8 * sum(day.weekday() < 5 for day in following) - 8
