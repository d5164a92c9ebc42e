"""Quarters of the fiscal year: their dates, their names, and the same day of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from attribution.periods import add_months


@dataclass(frozen=True)
class Quarter:
    """Three months. ``name``: "Q4 2026", or "Q1 2026/27" where the fiscal year starts in another month than January."""

    first: date
    last: date
    name: str

    @property
    def short(self) -> str:
        """ "Q4"."""
        return self.name.partition(" ")[0]

    def day(self, offset: int) -> date:
        """The day that lies so many days after the first; never after the last."""
        return min(self.first + timedelta(days=offset), self.last)

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the quarter."""
        return day is not None and self.first <= day <= self.last


def quarter_of(day: date, fiscal_start: int) -> Quarter:
    """The quarter of the fiscal year in which a day lies. ``fiscal_start``: the month in which the fiscal year starts."""
    months = (day.month - fiscal_start) % 12
    first = add_months(day.replace(day=1), -(months % 3))
    year = fiscal_year(day, fiscal_start)[0].year
    named = str(year) if fiscal_start == 1 else f"{year}/{(year + 1) % 100:02d}"
    return Quarter(first, add_months(first, 3) - timedelta(days=1), f"Q{months // 3 + 1} {named}")


def before(quarter: Quarter, fiscal_start: int) -> Quarter:
    """The quarter before."""
    return quarter_of(quarter.first - timedelta(days=1), fiscal_start)


def fiscal_year(day: date, fiscal_start: int) -> tuple[date, date]:
    """First and last day of the fiscal year in which a day lies."""
    first = date(day.year - (1 if day.month < fiscal_start else 0), fiscal_start, 1)
    return first, add_months(first, 12) - timedelta(days=1)
