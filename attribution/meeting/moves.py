"""The figures that an action can be meant to move, measured over the same kind of days then and now.

They are entries of the metrics registry, and the meeting's own (measures.py), computed as their block computes them. What happens in days (won
revenue, win rate) is measured over the last 90 days that the meeting knows; what stands (open deals, open promises) as of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.content import scope
from attribution.errors import UnknownNameError
from attribution.filters import ALL_TIME, Filters
from attribution.meeting import amounts, measures, spans
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Context
from attribution.meeting.measures import Measure
from attribution.metrics import Metric, metric

if TYPE_CHECKING:
    from attribution.dataset import Dataset

MOVABLE = (
    "won_revenue", "won_deals", "lost_deals", "win_rate", "mean_deal", "cycle_days", "open_deals", "open_amount", "sourced_share",
    "influenced_share", "attributed_share", "spend", "cost_per_deal",
)  # fmt: skip
STANDING = ("open_deals", "open_amount")
# A share or an average of fewer deals than ten says more about chance than about the action: metric → what it is counted over.
_COUNTED_OVER = {
    "win_rate": ("won_deals", "lost_deals"),
    "mean_deal": ("won_deals",),
    "cycle_days": ("won_deals",),
    "sourced_share": ("won_deals",),
    "influenced_share": ("won_deals",),
    "attributed_share": ("won_deals",),
    "cost_per_deal": ("won_deals",),
}


@dataclass(frozen=True)
class Measured:
    """A metric over some days; ``value`` is None where it cannot be told, ``first`` where it is measured as of ``last``."""

    name: str
    value: float | None
    first: date | None
    last: date

    @property
    def days(self) -> str:
        """Over which days, in words."""
        return f"{RATE_DAYS} days to {formats.day(self.last)}" if self.first else f"as of {formats.day(self.last)}"


def offered(ds: Dataset) -> tuple[str, ...]:
    """The names of all figures that this data can tell."""
    return (*MOVABLE, *measures.offered(ds))


def measured(context: Context, names: Sequence[str]) -> dict[str, Measured]:
    """Figures as the meeting knows them now, by name; a name that nobody knows is left out."""
    entries = {name: entry for name in dict.fromkeys(names) if (entry := entry_of(name))}
    found = _of_registry(context, [name for name, entry in entries.items() if isinstance(entry, Metric)])
    facts = measures.Facts(context)
    for name, entry in entries.items():
        if isinstance(entry, Measure):
            found[name] = Measured(name, *measures.value(entry, facts))
    return {name: found[name] for name in entries}


def _of_registry(context: Context, known: Sequence[str]) -> dict[str, Measured]:
    ds, last = context.ds, spans.last_day(context)
    first = last - timedelta(days=RATE_DAYS - 1)
    flowing = [name for name in known if name not in STANDING]
    bases = [base for name in flowing for base in _COUNTED_OVER.get(name, ())]
    days = Filters(period="custom", date_from=first, date_to=last)
    asked = list(dict.fromkeys((*flowing, *bases)))
    found = dict(ds.metric_rows(asked, filters=days)[0]) if asked else {}
    for name, base in _COUNTED_OVER.items():
        if name in found and sum(found[one] or 0 for one in base) < FEWEST_FOR_RATE:
            found[name] = None
    standing = [name for name in known if name in STANDING]
    found |= ds.metric_rows(standing, filters=ALL_TIME)[0] if standing else {}
    return {
        name: Measured(name, found.get(name), None, scope.today(ds))
        if name in STANDING
        else Measured(name, found.get(name), first, last)
        for name in known
    }


def entry_of(name: str) -> Metric | Measure | None:
    """What is known of a figure; None for a name that nobody knows (any more)."""
    if found := measures.measure(name):
        return found
    try:
        return metric(name)
    except UnknownNameError:
        return None


def label(name: str) -> str:
    """The metric's name on screen."""
    entry = entry_of(name)
    return entry.label if entry else formats.words(name, "")


def in_words(name: str, value: float | None, currency: str | None) -> str:
    """A metric's value as people read it; a dash where it cannot be told."""
    entry = entry_of(name)
    if value is None or entry is None:
        if value is None:
            return formats.DASH
        return formats.count(value) if float(value).is_integer() else formats.ratio(value)  # a share of 0.42 is not 0
    if entry.format == "hours":
        return amounts.hours(value)
    if entry.format == "times":
        return f"{formats.ratio(value)}{formats.SPACE}×"
    return formats.days(value) if entry.format == "days" else formats.figure(entry.format, value, currency)


def change_in_words(name: str, then: float | None, now: float | None, currency: str | None) -> tuple[str, bool | None]:
    """("+€0.3 M", whether that is a rise to the better) of a metric; ("", None) where there is nothing to compare."""
    entry = entry_of(name)
    if entry is None or then is None or now is None:
        return "", None
    gap = now - then
    if entry.format == "share":
        size, is_same = formats.points(gap), abs(gap) < 0.0005
    else:
        size, is_same = in_words(name, abs(gap), currency), abs(gap) < 0.005
    if is_same:
        return "the same", None
    return f"{'+' if gap > 0 else formats.MINUS}{size}", None if not entry.better else (gap > 0) == (entry.better == "up")
