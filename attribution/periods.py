"""The dates of a named period, counted back from the last day of the data, never from the clock."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from attribution.errors import QueryError


def day(value: date) -> str:
    """A date as people write it: 12 Mar 2026."""
    return f"{value.day} {calendar.month_abbr[value.month]} {value.year}"


def since_last_meeting(meeting: date | None, today: date) -> tuple[date, date]:
    """From the day after the last meeting. Raises QueryError that says what is missing."""
    if meeting is None:
        raise QueryError(
            "period 'since_last_meeting': no meeting is recorded. Close one on the page Meeting, or write its day into attribution.toml, for example "
            "last_meeting_on = 2026-03-12 under [reporting], and build again."
        )
    if meeting >= today:
        raise QueryError(
            f"period 'since_last_meeting': the last meeting ({day(meeting)}) is not before the last day of the data ({day(today)}), "
            "so there is nothing since. Load newer data, or choose another period."
        )
    return meeting + timedelta(days=1), today


def period_dates(period: str, today: date, fiscal_start: int) -> tuple[date, date]:
    """First and last day of a named period, both included. ``fiscal_start``: the month (1–12) in which the fiscal year begins."""
    month = today.replace(day=1)
    quarter = month.replace(month=3 * ((month.month - 1) // 3) + 1)
    year = date(today.year - (1 if today.month < fiscal_start else 0), fiscal_start, 1)
    match period:
        case "this_month":
            return month, today
        case "last_month":
            return add_months(month, -1), month - timedelta(days=1)
        case "this_quarter":
            return quarter, today
        case "last_quarter":
            return add_months(quarter, -3), quarter - timedelta(days=1)
        case "this_fiscal_year":
            return year, today
        case "last_fiscal_year":
            return add_months(year, -12), year - timedelta(days=1)
        case "last_90_days":
            return today - timedelta(days=89), today
        case _:  # last_12_months: twelve whole months; the running one is only counted when it is complete
            last = today if today == month_end(today) else month - timedelta(days=1)
            return add_months(last.replace(day=1), -11), last


def add_months(value: date, months: int) -> date:
    """The same day so many months later (earlier where negative); the month's last day where it has no such day."""
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(value.day, calendar.monthrange(year, month + 1)[1]))


def month_end(value: date) -> date:
    """The last day of the month that holds a day."""
    return value.replace(day=calendar.monthrange(value.year, value.month)[1])
