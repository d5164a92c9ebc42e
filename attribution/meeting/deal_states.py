"""Deals as they stand in one version of the data, and as they stood on an earlier day where only the present version is there.

Reads ``staging.all_deals`` (also deals whose money could not be converted) with names and openings of ``marts.deals``. Where no version of
the earlier day is kept, recorded changes are undone: what was deleted or added since cannot be known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from attribution.meeting.history import History, date_of, decimal_of, recorded

if TYPE_CHECKING:
    from attribution.dataset import Dataset

CENT = Decimal("0.01")
# What sources call the fields that matter here, in their logs of changes.
CLOSED_FIELDS = ("closed_at", "closed_on", "close_date", "closedate")
FIELDS = ("amount", "expected_close_on", "status", *CLOSED_FIELDS)
STATUSES = ("open", "won", "lost")


@dataclass(frozen=True)
class State:
    """One deal. ``amount`` in the reporting currency, None where its money could not be converted; ``rate``: one unit of its own in it.

    ``name``: its company, else its own; ``closed_on`` None while it is open.
    """

    deal_id: str
    name: str
    status: str
    amount: Decimal | None
    original: Decimal
    currency: str | None
    rate: Decimal | None
    created_on: date | None
    closed_on: date | None
    expected_on: date | None = None
    title: str = ""

    @property
    def value(self) -> Decimal:
        """The amount, 0 where it is not known."""
        return self.amount if self.amount is not None else Decimal(0)

    @property
    def is_open(self) -> bool:
        """Whether it counts among the open deals."""
        return self.status == "open" and self.amount is not None

    def was_won(self, first: date, last: date) -> bool:
        """Whether it was won between two days."""
        return self.status == "won" and self.amount is not None and self.closed_on is not None and first <= self.closed_on <= last


States = Mapping[str, State]

_STATES = """
select
    deals.deal_id, coalesce(marts.account_name, deals.name, deals.deal_id), deals.status, deals.amount, coalesce(deals.original_amount, 0),
    deals.original_currency, deals.exchange_rate, deals.created_on, deals.closed_on, deals.expected_close_on, coalesce(deals.name, deals.deal_id)
from staging.all_deals as deals
left join marts.deals as marts on deals.deal_id = marts.deal_id
where {which}
order by deals.deal_id
"""

# Closed deals that entered their last stage after a day that lies behind their close: they were booked late.
_LATE = """
select distinct deals.deal_id
from raw.deal_stage_changes as changes
cross join (select time_zone from config.reporting) as reporting
left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
inner join marts.deals as deals on coalesce(deal_ids.deal_id, changes.deal_id) = deals.deal_id
where deals.status <> 'open' and deals.closed_on between ? and ? and changes.deal_stage = deals.deal_stage
    and to_local_date(changes.entered_at, reporting.time_zone) > ?
"""


def states(ds: Dataset, since: date) -> dict[str, State]:
    """The open deals of a version, and those that closed on a day or later."""
    return _read(ds, "deals.status = 'open' or deals.closed_on >= ?", [since])


def of_ids(ds: Dataset, ids: Iterable[str]) -> dict[str, State]:
    """Some deals of a version, whatever became of them."""
    wanted = sorted(ids)
    return _read(ds, "list_contains(cast(? as varchar[]), deals.deal_id)", [wanted]) if wanted else {}


def both(now: Dataset, before: Dataset, since: date) -> tuple[dict[str, State], dict[str, State]]:
    """(deals now, deals then) of two versions: every deal that is open or closed lately in one of them, as it is in each."""
    here, there = states(now, since), states(before, since)
    return {**here, **of_ids(now, there.keys() - here.keys())}, {**there, **of_ids(before, here.keys() - there.keys())}


def merged(ds: Dataset, ids: Iterable[str]) -> frozenset[str]:
    """Of some deals those that a version knows as another deal."""
    wanted = sorted(ids)
    sql = "select alias from identity.deal_ids where list_contains(cast(? as varchar[]), alias)"
    return frozenset(row[0] for row in ds.rows(sql, [wanted])) if wanted else frozenset()


def reconstructed(ds: Dataset, now: States, since: date, seen_on: date) -> tuple[dict[str, State], History]:
    """Deals as they stood at the end of a day, from recorded changes, and these changes. ``now``: as they stand, ``since`` a day on."""
    history = recorded(ds, FIELDS)
    late = {row[0] for row in ds.rows(_LATE, [since, seen_on, seen_on])}
    found = {}
    for deal_id, state in now.items():
        then = _as_of(state, history, seen_on, deal_id in late)
        if then is not None:
            found[deal_id] = then
    return found, history


def _as_of(state: State, history: History, seen_on: date, booked_late: bool) -> State | None:
    """A deal as it stood at the end of a day; None where it was not there yet."""
    if state.created_on is not None and state.created_on > seen_on:
        return None
    status, closed_on = state.status, state.closed_on
    for field in CLOSED_FIELDS:
        is_known, then = history.on(state.deal_id, field, seen_on)
        if is_known and any(change.on > seen_on for change in history.of(state.deal_id, field)):
            closed_on = date_of(then)
    is_known, then = history.on(state.deal_id, "status", seen_on)
    if is_known and then is not None and then.strip().lower() in STATUSES:
        status = then.strip().lower()
    if booked_late or (status != "open" and (closed_on is None or closed_on > seen_on)):
        status = "open"
    original, amount = state.original, state.amount
    is_known, then = history.on(state.deal_id, "amount", seen_on)
    if is_known and any(change.on > seen_on for change in history.of(state.deal_id, "amount")):
        original = decimal_of(then) or Decimal(0)
        amount = converted(original, state.rate) if state.amount is not None else None
    expected_on = state.expected_on
    is_known, then = history.on(state.deal_id, "expected_close_on", seen_on)
    if is_known:
        expected_on = date_of(then)
    return replace(
        state, status=status, closed_on=None if status == "open" else closed_on, original=original, amount=amount, expected_on=expected_on
    )  # fmt: skip


def converted(original: Decimal, rate: Decimal | None) -> Decimal:
    """An amount at a rate, to the cent."""
    return (original * (rate if rate is not None else Decimal(1))).quantize(CENT, rounding=ROUND_HALF_UP)


def _read(ds: Dataset, which: str, parameters: Sequence[Any]) -> dict[str, State]:
    found = {}
    for row in ds.rows(_STATES.format(which=which), parameters):
        deal_id, name, status, amount, original, currency, rate, created_on, closed_on, expected_on, title = row
        found[deal_id] = State(
            deal_id, name, status, amount, original, currency, Decimal(repr(rate)) if rate is not None else None, created_on, closed_on,
            expected_on, title,
        )  # fmt: skip
    return found
