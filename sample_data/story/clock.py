"""Days, working hours and months of the fictional company in Berlin; everything is written in UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from story.dice import Dice

TRACKING_STARTS = date(2024, 2, 1)
AS_OF = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 17, 30)
MONTHS: tuple[date, ...] = tuple(date(2024 + (11 + index) // 12, (11 + index) % 12 + 1, 1) for index in range(24))

# Share of a day's events per local hour, 7 to 20 o'clock, and per weekday from Monday.
BUYER_HOURS = {
    7: 3.0,
    8: 7.0,
    9: 11.0,
    10: 12.0,
    11: 11.0,
    12: 6.0,
    13: 8.0,
    14: 11.0,
    15: 10.0,
    16: 8.0,
    17: 5.0,
    18: 3.0,
    19: 2.5,
    20: 2.5,
}
SALES_HOURS = {8: 6.0, 9: 13.0, 10: 15.0, 11: 13.0, 12: 4.0, 13: 9.0, 14: 14.0, 15: 12.0, 16: 9.0, 17: 4.0}
WEEKDAY_SHARE = (1.0, 1.15, 1.15, 1.05, 0.8, 0.1, 0.12)
# Demand by calendar month: summer and Christmas are quiet.
SEASON = {1: 1.05, 2: 1.05, 3: 1.1, 4: 1.0, 5: 0.98, 6: 1.0, 7: 0.85, 8: 0.78, 9: 1.1, 10: 1.15, 11: 1.1, 12: 0.75}


def is_holiday(day: date) -> bool:
    """Tell whether the offices are closed (the days between the years included)."""
    return (day.month, day.day) in (
        (1, 1),
        (5, 1),
        (10, 3),
        (12, 24),
        (12, 25),
        (12, 26),
        (12, 27),
        (12, 28),
        (12, 29),
        (12, 30),
        (12, 31),
    )


def is_workday(day: date) -> bool:
    """Tell whether people work on that day."""
    return day.weekday() < 5 and not is_holiday(day)


def next_workday(day: date) -> date:
    """Return the day itself or the first workday after it."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def previous_workday(day: date) -> date:
    """Return the day itself or the last workday before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def to_utc(local: datetime) -> datetime:
    """Turn Berlin time into UTC (summer time from the last Sunday of March to that of October)."""
    starts = datetime.combine(_last_sunday(local.year, 3), time(3))
    ends = datetime.combine(_last_sunday(local.year, 10), time(3))
    return local - timedelta(hours=2 if starts <= local < ends else 1)


def at(day: date, dice: Dice, hours: dict[int, float]) -> datetime:
    """Return a UTC moment on that local day within the given hours."""
    return to_utc(datetime.combine(day, time(dice.weighted(hours), dice.whole(0, 59), dice.whole(0, 59))))


def buyer_moment(first: date, last: date, dice: Dice) -> datetime:
    """Return a moment at which a buyer looks something up: mostly in office hours, now and then at the weekend."""
    span = max(0, (last - first).days)
    day = first
    for _ in range(12):
        day = first + timedelta(days=dice.whole(0, span))
        if dice.unit() * 1.15 < WEEKDAY_SHARE[day.weekday()] * (0.25 if is_holiday(day) else 1.0):
            break
    return at(day, dice, BUYER_HOURS)


def sales_moment(first: date, last: date, dice: Dice) -> datetime:
    """Return a moment at which a salesperson works (a workday in or near the range)."""
    span = max(0, (last - first).days)
    day = first + timedelta(days=dice.whole(0, span))
    day = next_workday(day)
    if day > last:
        day = previous_workday(last)
    return at(day, dice, SALES_HOURS)


def add_work_hours(moment: datetime, hours: float) -> datetime:
    """Add business hours (08–18 UTC-ish, workdays) to a UTC moment."""
    minutes = int(hours * 60)
    while True:
        day = next_workday(moment.date())
        if day != moment.date() or moment.hour < 7:
            moment = datetime.combine(day, time(7, moment.minute, moment.second))
        closes = datetime.combine(moment.date(), time(17))
        left = int((closes - moment).total_seconds() // 60)
        if left >= minutes:
            return moment + timedelta(minutes=minutes)
        minutes -= max(0, left)
        moment = datetime.combine(moment.date() + timedelta(days=1), time(7, moment.minute, moment.second))


def stamp(moment: datetime | None) -> str:
    """Write a UTC moment as ISO 8601 with a Z (blank for none)."""
    return "" if moment is None else moment.isoformat(timespec="seconds") + "Z"


def month_of(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """Return the last day of the month, at most as-of."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return min(AS_OF, following - timedelta(days=1))
