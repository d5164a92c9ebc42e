"""The days that a block looks at: rolling windows that end with the meeting's data, as days and as microseconds of UTC.

Like every relative period they count back from the last day of the data, never from the clock; a meeting held earlier than that day
sees what was known on its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attribution.content import scope
from attribution.meeting.block import RATE_DAYS, Context

if TYPE_CHECKING:
    from attribution.dataset import Dataset

DAY_US = 86_400_000_000
SECOND_US = 1_000_000


@dataclass(frozen=True)
class Span:
    """Some days, both ends included; in UTC microseconds from ``from_us`` up to, but without, ``before_us``."""

    first: date
    last: date
    from_us: int
    before_us: int

    def holds(self, moment_us: int) -> bool:
        """Whether a moment is in it."""
        return self.from_us <= moment_us < self.before_us


def to_us(moment: datetime) -> int:
    """A moment in microseconds of UTC since 1970; without a zone it is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def of_days(ds: Dataset, first: date, last: date) -> Span:
    """Two days and all between them, as the settings' time zone cuts them."""
    zone = ZoneInfo(ds.settings.reporting.time_zone)
    return Span(first, last, *(to_us(datetime.combine(day, time(), zone)) for day in (first, last + timedelta(days=1))))


def last_day(context: Context) -> date:
    """The last day that the meeting looks at: that of the data, or its own where that is earlier."""
    return min(context.held_on, scope.today(context.ds))


def now_us(context: Context) -> int:
    """The moment up to which the meeting looks."""
    today = last_day(context)
    return min(to_us(context.ds.as_of), of_days(context.ds, today, today).before_us - 1)


def rolling(context: Context, ended: int = 0) -> tuple[Span, Span]:
    """The last 90 days and the 90 before them; ``ended``: how many days ago the last ones ended."""
    last = last_day(context) - timedelta(days=ended)
    first = last - timedelta(days=RATE_DAYS - 1)
    earlier = first - timedelta(days=1)
    return of_days(context.ds, first, last), of_days(context.ds, earlier - timedelta(days=RATE_DAYS - 1), earlier)


def since_last(context: Context) -> Span:
    """The days after the last meeting; an empty span where there are none."""
    first, last = context.since + timedelta(days=1), last_day(context)
    return of_days(context.ds, first, max(last, first - timedelta(days=1)))


def local_day(ds: Dataset, moment_us: int) -> date:
    """The day of a moment in the settings' time zone."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment_us)
    return moment.astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()
