"""The restatement: why the won revenue of a past period is not the number that the last meeting saw, cause by cause, to the cent.

Compares two states of the same deals (``deal_states``). Every deal's difference is split over causes; their sum is the difference exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from attribution.meeting.deal_states import State, States, converted
from attribution.meeting.quarters import before as quarter_before
from attribution.meeting.quarters import fiscal_year, quarter_of

CANCELLED, REOPENED, CORRECTED, LATE, WON_AFTER_ALL, MOVED, MERGED, GONE, ADDED, CURRENCY, RATE = (
    "cancelled", "reopened", "corrected", "late", "won after all", "moved", "merged", "gone", "added", "currency", "rate",
)  # fmt: skip
# In the order in which they are shown.
CAUSES: dict[str, str] = {
    CANCELLED: "Cancellation",
    REOPENED: "Reopened",
    CORRECTED: "Amount corrected",
    LATE: "Booked late",
    WON_AFTER_ALL: "Lost then, won now",
    MOVED: "Close date moved",
    MERGED: "Merged into another deal",
    GONE: "Gone from the data",
    ADDED: "Added to the data later",
    CURRENCY: "Currency corrected",
    RATE: "Exchange rate",
}
CLOSED_QUARTERS = 4


@dataclass(frozen=True)
class Part:
    """What one cause changed in one deal."""

    cause: str
    deal_id: str
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Restated:
    """Won revenue of one period as it was seen, and as it is now. ``is_over``: the period had ended when it was seen."""

    name: str
    first: date
    last: date
    is_over: bool
    then: Decimal
    now: Decimal
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Decimal:
        """Now less then: the sum of the parts."""
        return self.now - self.then

    @property
    def moved(self) -> Decimal:
        """All changes, whatever their sign."""
        return sum((abs(amount) for _, amount, _ in self.by_cause()), Decimal(0))

    def by_cause(self) -> tuple[tuple[str, Decimal, tuple[Part, ...]], ...]:
        """(cause, what it changed in all, its parts, the largest first), in the order of CAUSES."""
        found = []
        for cause in CAUSES:
            parts = sorted(
                (part for part in self.parts if part.cause == cause), key=lambda part: (-abs(part.amount), part.deal_id)
            )
            if parts:
                found.append((cause, sum((part.amount for part in parts), Decimal(0)), tuple(parts)))
        return tuple(found)


def periods(seen_on: date, fiscal_start: int) -> tuple[tuple[str, date, date, bool], ...]:
    """(name, first day, last day, whether it had ended) of what a meeting with data up to a day saw as past: the last four quarters that
    were over, the running one and the fiscal year up to that day."""
    running = quarter_of(seen_on, fiscal_start)
    found = []
    if running.last == seen_on:
        found.append((running.name, running.first, running.last, True))
    else:
        found.append((f"{running.name} so far", running.first, seen_on, False))
    quarter = running
    while len([one for one in found if one[3]]) < CLOSED_QUARTERS:
        quarter = quarter_before(quarter, fiscal_start)
        found.append((quarter.name, quarter.first, quarter.last, True))
    first = fiscal_year(seen_on, fiscal_start)[0]
    if first == running.first:
        return tuple(found)
    name = str(first.year) if fiscal_start == 1 else f"{first.year}/{(first.year + 1) % 100:02d}"
    return (*found, (f"{name} so far", first, seen_on, False))


def first_day(seen_on: date, fiscal_start: int) -> date:
    """The first day of all these periods."""
    return min(first for _, first, _, _ in periods(seen_on, fiscal_start))


def restated(then: States, now: States, seen_on: date, fiscal_start: int, merged: Collection[str] = ()) -> tuple[Restated, ...]:
    """Every period that the meeting of a day saw as past, then and now. ``merged``: deals that are another deal now."""
    return tuple(restatement(then, now, *period, merged) for period in periods(seen_on, fiscal_start))


def restatement(
    then: States, now: States, name: str, first: date, last: date, is_over: bool = True, merged: Collection[str] = ()
) -> Restated:
    """One period then and now. A deal that is in neither's won revenue of the period has no part in it."""
    parts: list[Part] = []
    totals = [Decimal(0), Decimal(0)]
    for deal_id in sorted({*then, *now}):
        old, new = then.get(deal_id), now.get(deal_id)
        was_in = old is not None and old.was_won(first, last)
        is_in = new is not None and new.was_won(first, last)
        totals[0] += old.value if old is not None and was_in else 0
        totals[1] += new.value if new is not None and is_in else 0
        if was_in or is_in:
            known = new or old
            assert known is not None
            causes = _causes(old, new, was_in, is_in, deal_id in merged)
            parts += [Part(cause, deal_id, known.name, amount) for cause, amount in causes if amount]
    return Restated(name, first, last, is_over, totals[0], totals[1], tuple(parts))


def _causes(old: State | None, new: State | None, was_in: bool, is_in: bool, is_merged: bool) -> Sequence[tuple[str, Decimal]]:
    """What changed one deal's share of a period's won revenue. The amounts add up to its difference."""
    if was_in and not is_in:
        assert old is not None
        if new is None:
            return [(MERGED if is_merged else GONE, -old.value)]
        if new.status != "won":
            return [(CANCELLED if new.status == "lost" else REOPENED, -old.value)]
        return [(MOVED if new.amount is not None else RATE, -old.value)]
    assert new is not None
    if old is None:
        return [(ADDED, new.value)]
    if old.status != "won":
        return [(LATE if old.status == "open" else WON_AFTER_ALL, new.value)]
    moved = [] if was_in else [(MOVED, old.value)]
    if old.currency != new.currency or old.amount is None:
        return [*moved, (RATE if old.currency == new.currency else CURRENCY, new.value - old.value)]
    if old.rate == new.rate and old.original != new.original:
        return [*moved, (CORRECTED, new.value - old.value)]
    at_old_rate = converted(new.original, old.rate) if new.original != old.original else old.value
    return [*moved, (CORRECTED, at_old_rate - old.value), (RATE, new.value - at_old_rate)]
