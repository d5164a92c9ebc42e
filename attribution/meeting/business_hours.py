"""Business hours between two moments, exact to the microsecond, in any time zone and across changes of the clock.

A minute is a business minute when the clock on the wall shows a time from ``business_from`` up to ``business_to`` on a business day that is
no holiday. Where a change of the clock skips or repeats such a minute, it counts as often as it was shown.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attribution.meeting.spans import to_us

if TYPE_CHECKING:
    from attribution.config import Meeting

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR_US = 3_600_000_000
_MINUTE = timedelta(minutes=1)


@dataclass
class BusinessHours:
    """The business hours of one time zone. ``opens`` and ``closes`` are those of the days read so far, ``before`` what was open before each."""

    zone: ZoneInfo
    days: frozenset[int]
    from_minute: int
    to_minute: int
    holidays: frozenset[date]
    _opens: list[int] = field(default_factory=list)
    _closes: list[int] = field(default_factory=list)
    _before: list[int] = field(default_factory=list)
    _read: tuple[date, date] | None = None

    def hours(self, start_us: int, end_us: int) -> float:
        """Business hours from one moment to a later one (UTC microseconds); negative where the second is earlier."""
        self._read_days(min(start_us, end_us), max(start_us, end_us))
        return (self._open_until(end_us) - self._open_until(start_us)) / HOUR_US

    def _open_until(self, moment_us: int) -> int:
        """Open microseconds from the first day read up to a moment."""
        place = bisect_right(self._opens, moment_us) - 1
        if place < 0:
            return 0
        return self._before[place] + min(moment_us, self._closes[place]) - self._opens[place]

    def _read_days(self, first_us: int, last_us: int) -> None:
        """Lay out the days from one moment to another, once; a year more on either side, so that a list of moments reads few times."""
        if self._opens and self._opens[0] <= first_us and last_us <= self._closes[-1]:
            return
        first, last = self._day(first_us), self._day(last_us)
        if self._read and self._read[0] <= first and last <= self._read[1]:
            return
        known = self._read or (first, last)
        begin, end = min(first, known[0]) - timedelta(days=366), max(last, known[1]) + timedelta(days=366)
        self._opens, self._closes, self._before, total = [], [], [], 0
        for number in range((end - begin).days + 1):
            for opens, closes in self._open(begin + timedelta(days=number)):
                self._opens.append(opens)
                self._closes.append(closes)
                self._before.append(total)
                total += closes - opens
        self._read = (begin, end)

    def _day(self, moment_us: int) -> date:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment_us)).astimezone(self.zone).date()

    def _open(self, day: date) -> list[tuple[int, int]]:
        """The open stretches of one day."""
        if day.weekday() not in self.days or day in self.holidays:
            return []
        midnight = datetime.combine(day, time(), self.zone)
        following = datetime.combine(day + timedelta(days=1), time(), self.zone)
        if midnight.utcoffset() == following.utcoffset() and midnight.replace(fold=1).utcoffset() == midnight.utcoffset():
            start = to_us(midnight)
            return [(start + self.from_minute * HOUR_US // 60, start + self.to_minute * HOUR_US // 60)]
        return self._minute_by_minute(
            day, midnight.astimezone(UTC) - timedelta(hours=3), following.astimezone(UTC) + timedelta(hours=3)
        )

    def _minute_by_minute(self, day: date, start: datetime, end: datetime) -> list[tuple[int, int]]:
        """A day on which the clock changes: what it shows decides, minute by minute."""
        stretches: list[tuple[int, int]] = []
        moment = start
        while moment < end:
            shown = moment.astimezone(self.zone)
            if shown.date() == day and self.from_minute <= shown.hour * 60 + shown.minute < self.to_minute:
                here = to_us(moment)
                if stretches and stretches[-1][1] == here:
                    stretches[-1] = (stretches[-1][0], here + HOUR_US // 60)
                else:
                    stretches.append((here, here + HOUR_US // 60))
            moment += _MINUTE
        return stretches


def business_hours(settings: Meeting, time_zone: str) -> BusinessHours:
    """The business hours of the settings in one time zone."""
    return BusinessHours(
        ZoneInfo(time_zone), frozenset(DAYS.index(name) for name in settings.business_days), round(settings.business_from * 60),
        round(settings.business_to * 60), frozenset(settings.holidays),
    )  # fmt: skip
