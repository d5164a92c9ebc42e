"""Weeks as the settings begin them, named as ISO 8601 names them: "2026-W46" is the week that holds most of that ISO week's days."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from attribution.errors import QueryError

_FIRST_DAYS = {"monday": 0, "sunday": 6, "saturday": 5}


def week_of(day: date, week_starts: str = "monday") -> tuple[date, date]:
    """First and last day of the week that holds a day."""
    first = day - timedelta(days=(day.weekday() - _FIRST_DAYS[week_starts]) % 7)
    return first, first + timedelta(days=6)


def week_dates(week: str, week_starts: str = "monday") -> tuple[date, date]:
    """First and last day of "2026-W46". QueryError for anything else."""
    match = re.fullmatch(r"([0-9]{4})-?W([0-9]{2})", week.strip().upper())
    if match:
        try:
            # The Thursday decides to which year an ISO week belongs; it lies in the same week whatever day weeks begin on.
            return week_of(date.fromisocalendar(int(match[1]), int(match[2]), 4), week_starts)
        except (ValueError, OverflowError):
            pass
    raise QueryError(f"week {week!r}: it must be a year and the number of a week. Write it like 2026-W09.")


def week_key(first: date) -> str:
    """The name of the week that begins on a day: "2026-W46"."""
    year, number, _ = (first + timedelta(days=3)).isocalendar()
    return f"{year}-W{number:02d}"


def week_words(first: date) -> str:
    """A week for people: "Week 46, 9 to 15 November 2026"."""
    last = first + timedelta(days=6)
    number = int(week_key(first)[-2:])
    begins = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        begins += f" {calendar.month_name[first.month]}" + (f" {first.year}" if first.year != last.year else "")
    return f"Week {number}, {begins} to {last.day} {calendar.month_name[last.month]} {last.year}"
