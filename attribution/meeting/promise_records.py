"""The leads behind the promises: open ones first, the oldest on top; what came back and why; and all that a cell of the tables counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attribution.charts import formats
from attribution.meeting import listing, spans
from attribution.meeting.block import Context, Record, Tone
from attribution.meeting.handovers import BACK, Handover, earliest, handovers
from attribution.meeting.listing import with_rest
from attribution.meeting.persons import persons

MOST_OPEN, MOST_BACK, MOST_LATER = 100, 30, 30
State = tuple[str, Tone]

OPEN: State = ("○ Open", "plain")
CAME_BACK: State = ("↓ Came back", "moved")
LATER: State = ("→ Answered later", "moved")
KEPT: State = ("↑ Answered as promised", "good")
ANSWERED: State = ("→ Answered", "plain")
WITHOUT: State = ("→ No response recorded", "plain")


def records(context: Context, listed: Sequence[Handover]) -> tuple[Record, ...]:
    """Open promises of all time; and since the last meeting what came back, and what was answered later than promised."""
    since = spans.since_last(context)
    waiting = [entry for entry in listed if entry.is_open]
    back = [entry for entry in listed if entry.outcome in BACK and since.holds(entry.outcome_us or entry.handed_us)]
    later = [
        entry
        for entry in listed
        if entry.response_us is not None and since.holds(entry.response_us) and entry.is_in_time is False
    ]
    shown: list[tuple[Handover, State]] = [(entry, OPEN) for entry in waiting[:MOST_OPEN]]
    shown += [(entry, CAME_BACK) for entry in _latest(back)[:MOST_BACK]]
    shown += [(entry, LATER) for entry in _latest(later)[:MOST_LATER]]
    return _records(context, shown)


def behind(context: Context, word: str) -> tuple[Record, ...]:
    """All leads that a cell of the block's tables counts: ``month:2026-10:accepted``, ``team:Sales DACH:judged``, ``reason:no budget:now``."""
    if not context.ds.rows("select 1 from raw.handoffs limit 1"):
        return ()
    listed = handovers(context, earliest(context))
    kind, _, rest = word.partition(":")
    if kind in ("team", "reason"):
        span = spans.rolling(context)[1 if rest.endswith(":before") else 0]
        listed = tuple(entry for entry in listed if span.holds(entry.handed_us))
    found = chosen(listed, word)
    return with_rest(_records(context, [(entry, state_of(entry)) for entry in found[: listing.MOST]]), len(found))


def chosen(listed: Iterable[Handover], word: str) -> list[Handover]:
    """The hand-overs of a word: of a month, a team or a reason, and what became of them."""
    kind, _, rest = word.partition(":")
    name, _, what = rest.rpartition(":")
    return [entry for entry in listed if _is_of(entry, kind, name) and _became(entry, what)]


def _is_of(entry: Handover, kind: str, name: str) -> bool:
    if kind == "month":
        return entry.month == name
    if kind == "team":
        return entry.team == name
    return kind == "reason" and entry.outcome in BACK and (entry.reason or "no reason given") == name


def _became(entry: Handover, what: str) -> bool:
    if what == "deals":
        return entry.deal is not None
    if what == "won":
        return entry.deal is not None and entry.deal[1] == "won"
    if what == "open":
        return entry.is_open
    if what == "judged":
        return entry.is_in_time is not None
    return what in ("handed", "now", "before") or entry.outcome == what


def state_of(entry: Handover) -> State:
    """What became of a lead, in a word."""
    if entry.is_open:
        return OPEN
    if entry.outcome in BACK:
        return CAME_BACK
    if entry.response_us is None:
        return WITHOUT
    return ANSWERED if entry.is_in_time is None else KEPT if entry.is_in_time else LATER


def _latest(entries: Sequence[Handover]) -> list[Handover]:
    return sorted(entries, key=lambda entry: (-entry.handed_us, entry.handoff_id))


def _records(context: Context, shown: Sequence[tuple[Handover, State]]) -> tuple[Record, ...]:
    names, currency = persons(context.ds, (entry.contact_id for entry, _ in shown)), context.ds.settings.reporting.currency
    last, found = spans.last_day(context), []
    for entry, (group, tone) in shown:
        person = names[entry.contact_id]
        is_open = (group, tone) == OPEN
        hours = f"{entry.hours:.1f}".removesuffix(".0")
        waited = (
            formats.days((last - entry.handed_on).days)
            if is_open
            else f"{hours}{formats.SPACE}h"
            if entry.response_us is not None and entry.has_hours
            else ""
        )
        handed = f"since {formats.day(entry.handed_on)}" if is_open else f"handed over {formats.day(entry.handed_on)}"
        back = (
            f"{entry.outcome}: {entry.reason}"
            if entry.outcome in BACK and entry.reason
            else entry.outcome
            if entry.outcome in BACK
            else ""
        )
        deal = f"deal {entry.deal[1]}, {formats.money(entry.deal[2], currency)}" if entry.deal else ""
        said = [entry.owner or "nobody named", back, handed, person.company, deal]
        fields = (
            ("handoff_id", entry.handoff_id), ("contact_id", entry.contact_id), ("company", person.company), ("owner", entry.owner), ("team", entry.team),
            ("handed_on", entry.handed_on.isoformat()), ("handed_by", entry.sender), ("score", entry.score), ("attempts", entry.attempts),
            ("business_hours", round(entry.hours, 2) if entry.has_hours else None),
            ("promised_hours", entry.promised), ("answered", "no" if entry.response_us is None else "yes"),
            ("response_from", None if entry.response_us is None else "touch of sales" if entry.by_touch else "as supplied"),
            ("outcome", entry.outcome), ("reason", entry.reason), ("deal_id", entry.deal[0] if entry.deal else None),
        )  # fmt: skip
        found.append(
            Record(
                group, person.name, waited, "; ".join(part for part in said if part), person.link, tone, entry.handoff_id, fields
            )
        )
    return tuple(found)
