"""Money and small numbers as the meeting's blocks write them: whole amounts in lists, cents only where there are some."""

from __future__ import annotations

from datetime import date

from attribution.charts import formats
from attribution.charts.formats import counted

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def whole(value: float, currency: str | None, sign: bool = False) -> str:
    """Money without cents: "€402,300"; ``sign`` puts + before a gain."""
    text = formats.exact(round(float(value)), currency).removesuffix(".00")
    return f"+{text}" if sign and round(float(value)) > 0 else text


def exact(value: float, currency: str | None, sign: bool = False) -> str:
    """Money to the cent, cents only where there are some: "€61,000", "+€28,000.50"."""
    text = formats.exact(value, currency).removesuffix(".00")
    return f"+{text}" if sign and round(float(value), 2) > 0 else text


def bare(value: float, sign: bool = False) -> str:
    """A whole amount without its currency, for lists whose title names it: "196,000", "−9,500"."""
    return whole(value, None, sign)


def number(count: int, one: str, many: str | None = None) -> str:
    """A small count as a word with its noun: "three deals", "no deal", "14 deals"."""
    return f"{WORDS[count]} {one if count < 2 else many or one + 's'}" if count < len(WORDS) else counted(count, one, many)


def word(count: int) -> str:
    """A small count as a word: "three", "14"."""
    return WORDS[count] if count < len(WORDS) else formats.count(count)


def day(moment: date | None, beside: date) -> str:
    """A date without its year where that is the year of the day beside it: "5 Nov"."""
    return formats.day(moment, year=moment is not None and moment.year != beside.year)


def hours(value: float) -> str:
    """ "8 business hours"; with one decimal where they are not whole and few."""
    said = formats.count(value) if value >= 100 or round(value, 1) == round(value) else f"{value:.1f}"
    return f"{said}{formats.SPACE}business {'hour' if said == '1' else 'hours'}"
