"""How numbers, dates and names are written on every screen and in every file. Pure; no database, no Streamlit.

Money is compact with three significant digits (€1.24 M) in sentences and charts and exact to the cent in tables. A unit
never breaks off its number: they are joined by a no-break space. Groups of three digits are parted by a comma in
counts, money and tables alike (a table of Streamlit knows no other mark), dates read "12 Mar 2026".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

SPACE = "\u00a0"  # between a number and its unit
MINUS = "\u2212"
DASH = "\u2013"  # no value

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$", "INR": "₹"}
SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"), (1.0, ""))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Unit:
    """The scale of a chart's numbers: written once in its head ("€ M"), so that labels are bare numbers."""

    scale: float
    suffix: str
    currency: str | None
    decimals: int

    @property
    def head(self) -> str:
        """ "€ M", "€ k" or "€"; empty for bare amounts without a scale."""
        return SPACE.join(part for part in (symbol(self.currency), self.suffix) if part)

    def label(self, value: float) -> str:
        """The bare number in this unit, with a real minus sign."""
        return _signed(f"{abs(value) / self.scale:,.{self.decimals}f}", value, self.decimals)


def unit_for(values: list[float], currency: str | None) -> Unit:
    """The unit in which the largest of the values has at most three digits before the point, and two after it where it has less."""
    largest = max((abs(value) for value in values if _known(value)), default=0.0)
    for scale, suffix in SCALES:
        if largest >= scale * 0.9995 or scale == 1.0:
            size = largest / scale
            return Unit(scale, suffix, currency, 0 if scale == 1.0 or size >= 100 else 2)
    raise AssertionError("SCALES ends at 1")


def symbol(currency: str | None) -> str:
    """€ for EUR; the code itself where there is no sign; empty where no currency is known."""
    return SYMBOLS.get(currency or "", currency or "")


def money(value: float | None, currency: str | None = "EUR", sign: bool = False) -> str:
    """Compact money with three significant digits: €1.24 M, €86.5 k, −€950. ``sign`` puts + before a gain."""
    if not _known(value):
        return DASH
    assert value is not None
    size = abs(float(value))
    scale, suffix = next(entry for entry in SCALES if size >= entry[0] * 0.9995 or entry[0] == 1.0)
    digits = _three_digits(size / scale, whole=scale == 1.0)
    text = f"{_prefix(currency)}{digits}{SPACE + suffix if suffix else ''}"
    return _with_sign(text, value, sign, nothing=digits.strip("0.") == "")


def exact(value: float | None, currency: str | None = "EUR") -> str:
    """Money to the cent: €186,400.00."""
    if not _known(value):
        return DASH
    assert value is not None
    return _with_sign(f"{_prefix(currency)}{abs(float(value)):,.2f}", value, False, nothing=round(float(value), 2) == 0)


def money_column(currency: str | None) -> str:
    """The format of an exact money column in a table (printf style, as Streamlit's number columns take it)."""
    return f"{_prefix(currency).replace('%', '%%')}%,.2f"


def deals_column(values: Iterable[float | None]) -> str:
    """The format of a column of deals: whole where each is whole, with a decimal where credit shares them."""
    return "%,d" if all(value is None or value != value or float(value).is_integer() for value in values) else "%,.1f"


def money_width(largest: float | None, currency: str | None) -> int:
    """The width in px of a table's column of exact money, for its largest amount."""
    return max(94, 24 + 7 * len(exact(largest, currency)))


def share(value: float | None) -> str:
    """A share of 1 as "25 %", with one decimal below 10 % and where rounding would say 100 %."""
    if not _known(value):
        return DASH
    assert value is not None
    percent = float(value) * 100
    near_all = 99 <= abs(percent) < 99.95  # 99.6 % is not "100 %"
    decimals = 1 if (round(abs(percent), 1) < 10 and percent) or near_all else 0
    return _signed(f"{abs(percent):.{decimals}f}", percent, decimals) + SPACE + "%"


def ratio(value: float | None) -> str:
    """How many times, with three digits: "0.34", "13.7", "349"."""
    if not _known(value):
        return DASH
    size = abs(float(value or 0))
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return _signed(f"{size:,.{decimals}f}", float(value or 0), decimals)


def points(value: float) -> str:
    """A difference of two shares in percentage points, without its sign: "1.8 pts"."""
    return f"{abs(value) * 100:.1f}{SPACE}pts"


def figure(kind: str, value: float | None, currency: str | None) -> str:
    """A metric's value by its format (money, share, ratio, else a count). Days are a bare count: the metric's name has the unit."""
    match kind:
        case "money":
            return money(value, currency)
        case "share":
            return share(value)
        case "ratio":
            return ratio(value)
        case _:
            return count(value)


def count(value: float | None) -> str:
    """A count: 12,408."""
    return DASH if not _known(value) else f"{round(float(value or 0)):,}".replace("-", MINUS)


def days(value: float | None) -> str:
    """Whole days: "118 days", "1 day"."""
    if not _known(value):
        return DASH
    whole = round(float(value or 0))
    return f"{count(whole)}{SPACE}{'day' if whole == 1 else 'days'}"


def counted(value: float, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 deal", "12 deals"."""
    return f"{count(value)}{SPACE}{one if round(value) == 1 else many or one + 's'}"


def day(value: object, year: bool = True) -> str:
    """A date as "12 Mar 2026" (or "12 Mar")."""
    moment = _date(value)
    if moment is None:
        return DASH
    return f"{moment.day} {MONTHS[moment.month - 1]}" + (f" {moment.year}" if year else "")


def month(value: str) -> str:
    """A month or quarter key as people read it: "2026-03" → "Mar 2026", "2026-Q1" → "Q1 2026"."""
    year, _, rest = str(value).partition("-")
    if re.fullmatch(r"Q[1-4]", rest):
        return f"{rest} {year}"
    if re.fullmatch(r"(0[1-9]|1[0-2])", rest):
        return f"{MONTHS[int(rest) - 1]} {year}"
    return str(value)


def span(start: date | None, end: date | None) -> str:
    """A period in words: "Nov 2025 – Oct 2026" for whole months, else "3 Nov 2025 – 9 Feb 2026"."""
    if start is None and end is None:
        return "all time"
    if start is None:
        return f"up to {day(end)}"
    if end is None:
        return f"since {day(start)}"
    if start.day == 1 and _is_month_end(end):
        if (start.year, start.month) == (end.year, end.month):
            return f"{MONTHS[start.month - 1]} {start.year}"
        if start.month == 1 and end.month == 12:
            return str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
        if start.year == end.year:
            return f"{MONTHS[start.month - 1]} – {MONTHS[end.month - 1]} {end.year}"
        return f"{MONTHS[start.month - 1]} {start.year} – {MONTHS[end.month - 1]} {end.year}"
    return f"{day(start)} – {day(end)}"


ACRONYMS = {
    "seo",
    "sem",
    "ppc",
    "crm",
    "sms",
    "pr",
    "abm",
    "sdr",
    "bdr",
    "smb",
    "roi",
    "sql",
    "mql",
    "api",
    "qr",
    "tv",
    "vip",
    "it",
    "hr",
}


def words(name: str | None, missing: str = "(none)") -> str:
    """A code as words for the screen: "paid_search" and "paid search" → "Paid search". Names that people wrote themselves stay as they are."""
    if name is None or (isinstance(name, float) and math.isnan(name)) or not str(name).strip():
        return missing
    text = str(name)
    if not re.fullmatch(r"[a-z0-9]+([ _-][a-z0-9]+)*", text) or text.isdigit():
        return text
    parts = [part.upper() if part in ACRONYMS else part for part in text.split("_")]
    return " ".join([capital(parts[0]), *parts[1:]])


def plain(label: object) -> str:
    """A user's label made safe inside Markdown: it shows exactly as written (links, colours, emoji and formulas stay text)."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$:<>@&=\-])", r"\\\1", _on_one_line(label))


def short(label: object, length: int = 40) -> str:
    """A label cut to a length, with an ellipsis at the cut; a word in brackets at its end stays: it tells namesakes apart."""
    text = _on_one_line(label)
    if len(text) <= length:
        return text
    word = _BRACKETS.search(text)
    kept = word[0] if word and len(word[0]) <= length * 0.75 else ""
    return text[: length - 1 - len(kept)].rstrip() + "…" + kept


def chart_text(label: object, length: int = 40) -> str:
    """A user's label for Plotly, which reads a few HTML tags: cut and escaped."""
    return short(label, length).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def capital(text: str) -> str:
    """A text with a capital first letter, the rest as it is: "iPhone ads" becomes "IPhone ads", "email" "Email"."""
    return text[:1].upper() + text[1:]


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"; empty for none."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def share_ticks(most: float, step: float) -> dict[str, Any]:
    """Ticks of a Plotly axis of shares from 0 to ``most`` (at most 1), one each ``step``, written as shares are everywhere."""
    ticks = [round(place * step, 4) for place in range(round(1 / step) + 1)]
    shown = [tick for tick in ticks if tick <= most]
    return {"tickvals": shown, "ticktext": [share(tick) for tick in shown]}


def on_two_lines(label: object, length: int) -> str:
    """A user's label for Plotly on at most two lines of a length."""
    first, rest = _filled(_on_one_line(label), length)
    if len(rest) > length:
        first, rest = _filled(short(label, 2 * length - 2), length)
    return "<br>".join(chart_text(line, length) for line in (first, rest) if line)


def _filled(text: str, length: int) -> tuple[str, str]:
    """(the words that fit one line, the others)."""
    left, first = text.split(), ""
    while left and len(f"{first} {left[0]}".strip()) <= length:
        first = f"{first} {left.pop(0)}".strip()
    return first, " ".join(left)


# Marks that turn the direction of writing: inside a sentence they would turn the rest of it as well, figures included.
_DIRECTIONS = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


# What a label may end with, and the gaps inside one; a unit stays with its number.
_BRACKETS = re.compile(r" \([^()]+\)$")
_GAPS = re.compile(rf"[^\S{SPACE}]+")


def _on_one_line(label: object) -> str:
    return _GAPS.sub(" ", str(label).translate(_DIRECTIONS)).strip()


def _known(value: float | None) -> bool:
    try:
        return value is not None and math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _prefix(currency: str | None) -> str:
    sign = symbol(currency)
    return sign + SPACE if len(sign) > 2 else sign


def _three_digits(size: float, whole: bool) -> str:
    if whole:
        return f"{size:.0f}" if size >= 99.95 or round(size, 2) == round(size) else f"{size:.2f}"
    return f"{size:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"


def _with_sign(text: str, value: float, sign: bool, nothing: bool) -> str:
    if nothing:
        return text
    return MINUS + text if value < 0 else "+" + text if sign else text


def _signed(text: str, value: float, decimals: int) -> str:
    return MINUS + text if round(value, decimals) < 0 and text.strip("0.,") else text


def _date(value: object) -> date | None:
    if value is None or str(value) == "NaT":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _is_month_end(moment: date) -> bool:
    return date.fromordinal(moment.toordinal() + 1).day == 1
