"""The presets: what a spotlight may say to whom. Inside shows companies and amounts; partner and public show bands; persons are roles in all.

A preset decides how money, companies, persons and days are written while a spotlight is made. Names that somebody wrote into a title, a
comment or a headline are taken out by names.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from attribution.charts import formats
from attribution.charts.formats import SPACE
from attribution.errors import QueryError, near_name
from attribution.rounding import half_up
from attribution.spotlight.names import KnownNames
from attribution.spotlight.shown import Amount

STEPS = (1.0, 2.5, 5.0, 10.0)  # bands begin and end at these, times a power of ten
NOBODY = KnownNames()


@dataclass(frozen=True)
class Preset:
    """Who may read it: ``name`` in links and files, the stamp's two parts, and whether companies and amounts are masked, and days and titles too."""

    name: str
    label: str
    stamp: str
    is_masked: bool = False
    is_public: bool = False

    @property
    def advice(self) -> str:
        """What nobody but a reader can find before it leaves the company."""
        return (
            "Names that the data knows are taken out; nicknames, names that it does not know and rounded amounts in words of yours are not: read it first."
            if self.is_masked
            else ""
        )


PRESETS: tuple[Preset, ...] = (
    Preset("inside", "Inside", "Companies and amounts shown, persons as roles. Not to be passed on outside the company."),
    Preset(
        "partner", "Partner", "No company named, amounts as bands, persons as roles. For partners, not for publication.", True
    ),
    Preset("public", "Public", "No company and no person named, amounts as bands, no days. Free to pass on.", True, True),
)


def preset(name: str) -> Preset:
    """The preset of that name. QueryError with a near name otherwise."""
    names = [entry.name for entry in PRESETS]
    if name not in names:
        hint = near_name(name, names) or f" Known: {', '.join(names)}."
        raise QueryError(f"preset {name!r}: there is no preset of that name.{hint}")
    return PRESETS[names.index(name)]


@dataclass(frozen=True)
class Writer:
    """Writes money, companies, persons and days as the preset allows. ``known``: names that may not be said."""

    preset: Preset
    currency: str | None
    known: KnownNames = NOBODY

    def said(self, text: str | None, length: int = 500) -> str:
        """What somebody wrote, without names that may not be said, on one line, cut to a length."""
        return formats.short(self.known.replace(text or ""), length)

    def amount(self, value: Decimal | float) -> Amount:
        """Money: exact to the cent inside, else its band."""
        exact = half_up(value)
        if self.preset.is_masked:
            words = band(float(exact), self.currency)
            return Amount(words, words)
        text = formats.exact(float(exact), None)
        return Amount(self.money(exact), text[:-3], text[-3:], exact)

    def money(self, value: Decimal | float) -> str:
        """Money in a sentence: three digits inside, else its band."""
        return band(float(value), self.currency) if self.preset.is_masked else formats.money(float(value), self.currency)

    def full(self, value: Decimal) -> str:
        """Money in a headline: every digit inside, without cents that are none; else its band."""
        return self.money(value) if self.preset.is_masked else formats.exact(float(value), self.currency).removesuffix(".00")

    def credit(self, value: Decimal, whole: Decimal, weight: float) -> Amount:
        """What a piece is credited with: money inside, else its share of the deal."""
        if self.preset.is_masked:
            words = formats.share(weight if weight else float(value / whole) if whole else 0.0)
            return Amount(words, words)
        return self.amount(value)

    def company(self, deal: Mapping[str, Any]) -> str:
        """The company inside; else what kind of company it is."""
        if not self.preset.is_masked:
            return str(deal.get("account_name") or deal.get("name") or deal["deal_id"])
        size = formats.words(deal["segment"]) if deal.get("segment") else ""
        branch = formats.words(deal["industry"]) if deal.get("industry") else ""
        where = str(deal["country"]) if deal.get("country") and not self.preset.is_public else ""
        return ", ".join(part for part in (size, branch, where) if part) or "A customer"

    def role(self, title: str | None, role: str | None, persona: str | None) -> str:
        """A person as a role: the job title, in public only the part in buying."""
        known = (role, persona) if self.preset.is_public else (title, role, persona)
        return next((formats.words(entry) for entry in known if entry), "Buyer")

    def day(self, value: date, number: int) -> str:
        """A day of a deal: with its date inside, else as the number of days since the first."""
        return f"day {number}" if self.preset.is_masked else f"{formats.day(value, year=False)}, day {number}"


def band(value: float, currency: str | None) -> str:
    """The band that holds an amount: "€100 k to €250 k"; "no amount" for nothing."""
    size = abs(value)
    if size < 0.005:
        return "no amount"
    sign = formats.MINUS if value < 0 else ""
    if size < 100:
        return f"{sign}under{SPACE}{formats.money(100, currency)}"
    low = 100.0
    while size >= low * 10:
        low *= 10
    edges = [low * step for step in STEPS]
    place = next(index for index in range(len(edges) - 1) if size < edges[index + 1])
    return f"{sign}{_edge(edges[place], currency)} to {sign}{_edge(edges[place + 1], currency)}"


def _edge(value: float, currency: str | None) -> str:
    """An edge without needless decimals: €2.5 k, €100 k."""
    text = formats.money(value, currency)
    return re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(f".{SPACE}", SPACE).rstrip(".")


def band_top(value: float) -> float:
    """The upper edge of the band that holds an amount: what a masked bar is as long as."""
    size = max(abs(value), 100.0)
    low = 100.0
    while size >= low * 10:
        low *= 10
    return next(low * step for step in STEPS if size < low * step)
