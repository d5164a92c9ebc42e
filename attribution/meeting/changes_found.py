"""What became of the deals between two meetings: those won, lost, opened, slipped, grown, shrunk, dated back, cancelled or gone.

The version that the last meeting pinned says how things stood then; where it is not kept, recorded changes say it (``deal_states``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from attribution.content import scope
from attribution.meeting import restatement
from attribution.meeting.block import Context
from attribution.meeting.deal_states import FIELDS, State, States, both, merged, reconstructed, states
from attribution.meeting.history import History, date_of, recorded
from attribution.meeting.quarters import Quarter, quarter_of
from attribution.meeting.restatement import Restated

WON, LOST, OPENED, REOPENED, SLIPPED, LATER, GROWN, SHRUNK, DATED_BACK, CANCELLED, CORRECTED, REDATED, ADDED, MERGED, GONE = (
    "won", "lost", "opened", "reopened", "slipped", "later", "grown", "shrunk", "dated back", "cancelled", "corrected", "re-dated", "added",
    "merged", "gone",
)  # fmt: skip
RATES, UNRATED = "rates", "no exchange rate"
# What moves the sum of open deals, in the order of its steps.
OPEN_STEPS = (OPENED, REOPENED, ADDED, GROWN, SHRUNK, RATES, WON, LOST, UNRATED, MERGED, GONE)


@dataclass(frozen=True)
class Event:
    """One deal and what became of it. ``state``: as it stands now (of a deal that is gone: as it stood); ``then``: as it stood."""

    kind: str
    state: State
    then: State | None
    amount: Decimal
    times: int = 0


@dataclass(frozen=True)
class Changes:
    """Everything since a day. ``seen_on``: the last day that the last meeting knew; ``today``: the last day that is known now.

    ``open_steps``: kind → what it changed in the sum of open deals; together they are the difference. ``is_pinned``: the version of
    the last meeting was there to compare with; ``has_log``: changes of deals are recorded.
    """

    since: date
    seen_on: date
    today: date
    quarter: Quarter
    events: Mapping[str, Sequence[Event]]
    open_then: Decimal
    open_now: Decimal
    open_steps: Mapping[str, Decimal]
    periods: tuple[Restated, ...]
    is_pinned: bool
    has_log: bool
    history: History
    then: States
    now: States

    def of(self, kind: str) -> Sequence[Event]:
        """The deals of one kind, the largest first."""
        return self.events.get(kind, ())

    @property
    def open_deals(self) -> int:
        """How many deals are open now."""
        return len([state for state in self.now.values() if state.is_open])

    def sum(self, kind: str) -> Decimal:
        """Their amounts."""
        return sum((event.amount for event in self.of(kind)), Decimal(0))


def changes(context: Context) -> Changes:
    """What became of the deals since the last meeting."""
    ds, before = context.ds, context.before
    fiscal_start = ds.settings.reporting.fiscal_year_starts
    if before is not None and before.settings.reporting.currency != ds.settings.reporting.currency:
        before = None  # amounts in two currencies cannot be compared
    seen_on = min(context.since, scope.today(before)) if before is not None else context.since
    today = max(min(context.held_on, scope.today(ds)), seen_on)
    earliest = restatement.first_day(seen_on, fiscal_start)
    if before is not None:
        now, then = both(ds, before, earliest)
        history = recorded(ds, FIELDS)
    else:
        now = states(ds, earliest)
        then, history = reconstructed(ds, now, earliest, seen_on)
    quarter = quarter_of(context.held_on, fiscal_start)
    elsewhere = merged(ds, then.keys() - now.keys())
    events = _events(now, then, history, seen_on, today, quarter, elsewhere)
    if before is None:
        events[GONE] = _gone_since(context)
    for listed in events.values():
        listed.sort(key=lambda event: (-abs(event.amount), event.state.deal_id))
    return Changes(
        since=context.since, seen_on=seen_on, today=today, quarter=quarter, events=events,
        open_then=sum((state.value for state in then.values() if state.is_open), Decimal(0)),
        open_now=sum((state.value for state in now.values() if state.is_open), Decimal(0)),
        open_steps=open_steps(then, now, seen_on, elsewhere),
        periods=restatement.restated(then, now, seen_on, fiscal_start, elsewhere),
        is_pinned=before is not None, has_log=bool(history.changes), history=history, then=then, now=now,
    )  # fmt: skip


def _events(
    now: States, then: States, history: History, seen_on: date, today: date, quarter: Quarter, elsewhere: Collection[str]
) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    first = seen_on + timedelta(days=1)

    def note(kind: str, state: State, old: State | None, amount: Decimal, times: int = 0) -> None:
        found.setdefault(kind, []).append(Event(kind, state, old, amount, times))

    for deal_id, state in now.items():
        old = then.get(deal_id)
        if state.amount is None:
            if old is not None and old.is_open and old.value:
                note(UNRATED, state, old, -old.value)
            continue
        if state.status in (WON, LOST) and state.closed_on is not None:
            if first <= state.closed_on <= today:
                note(state.status, state, old, state.value)
            elif (
                state.closed_on <= seen_on
                and old is not None
                and (old.status == "open" or (old.status, state.status) == (LOST, WON))
            ):
                note(DATED_BACK, state, old, state.value)
        if state.created_on is not None and first <= state.created_on <= today:
            note(OPENED, state, old, state.value)
        elif old is None and _is_by(state.created_on, seen_on) and _is_by(state.closed_on, seen_on):
            note(ADDED, state, old, state.value)
        if old is not None and old.status == WON and state.status == LOST:
            note(CANCELLED, state, old, -old.value)
        elif old is not None and old.status != "open" and state.is_open:
            note(REOPENED, state, old, state.value)
        elif old is not None and old.status == WON == state.status and old.closed_on != state.closed_on:
            note(REDATED, state, old, state.value)
        elif old is not None and old.status == WON == state.status and _corrected(state, old):
            note(CORRECTED, state, old, _corrected(state, old))
        if old is not None and old.is_open and state.is_open:
            _open_changes(state, old, history, quarter, note)
    for deal_id, old in then.items():
        if deal_id not in now:
            note(MERGED if deal_id in elsewhere else GONE, old, old, old.value)
    return found


def _open_changes(
    state: State, old: State, history: History, quarter: Quarter, note: Callable[[str, State, State, Decimal, int], None]
) -> None:
    """What changed in a deal that was and is open: its date, its amount."""
    if state.expected_on is not None and old.expected_on is not None and state.expected_on > old.expected_on:
        times = sum(1 for change in history.of(state.deal_id, "expected_close_on") if _is_later(change.old, change.new))
        leaves = old.expected_on <= quarter.last < state.expected_on
        note(SLIPPED if leaves else LATER, state, old, state.value, max(times, 1))
    difference = _corrected(state, old)
    if difference:
        note(GROWN if difference > 0 else SHRUNK, state, old, difference, 0)


def _is_by(moment: date | None, day: date) -> bool:
    return moment is None or moment <= day


def _is_later(old: str | None, new: str | None) -> bool:
    before, after = date_of(old), date_of(new)
    return before is not None and after is not None and after > before


def _corrected(state: State, old: State) -> Decimal:
    """What people changed in an amount; what the exchange rate changed is no change of the deal."""
    if state.currency == old.currency and state.original == old.original:
        return Decimal(0)
    return state.value - old.value


def open_steps(then: States, now: States, seen_on: date, elsewhere: Collection[str] = ()) -> dict[str, Decimal]:
    """Kind → what it changed in the sum of open deals, from their state on a day to another. Together they are the difference."""
    steps: dict[str, Decimal] = {}

    def add(kind: str, amount: Decimal) -> None:
        if amount:
            steps[kind] = steps.get(kind, Decimal(0)) + amount

    for deal_id in {*then, *now}:
        old, new = then.get(deal_id), now.get(deal_id)
        was_open, is_open = old is not None and old.is_open, new is not None and new.is_open
        if was_open and is_open:
            assert old is not None and new is not None
            by_hand = _corrected(new, old)
            add(GROWN if by_hand > 0 else SHRUNK, by_hand)
            add(RATES, new.value - old.value - by_hand)
        elif is_open:
            assert new is not None
            is_new = new.created_on is None or new.created_on > seen_on
            kind = (OPENED if is_new else ADDED) if old is None else RATES if old.status == "open" else REOPENED
            add(kind, new.value)
        elif was_open:
            assert old is not None
            add(
                (MERGED if deal_id in elsewhere else GONE) if new is None else UNRATED if new.amount is None else new.status,
                -old.value,
            )
    return {kind: steps[kind] for kind in OPEN_STEPS if kind in steps}


def _gone_since(context: Context) -> list[Event]:
    """Deals that the version before this one had and that are gone now: all that is known without the version of the last meeting."""
    rows = context.ds.rows("select deal_id, coalesce(name, deal_id), status, amount from checks.gone_deals order by deal_id")
    found = []
    for deal_id, name, status, amount in rows:
        state = State(deal_id, name, status or "open", amount, Decimal(amount or 0), None, None, None, None, title=name)
        found.append(Event(GONE, state, replace(state), state.value))
    return found
