"""Block 6, "Do we keep our promises?": leads that marketing hands over, and how soon sales answers them, by lead.

Its numbers are counted from handovers.py; here they become words, tables and lists. Open promises are told soberly: who, since when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from attribution.charts import formats
from attribution.charts.formats import counted, money
from attribution.meeting import spans
from attribution.meeting.amounts import hours as _hours
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Bar, Block, Cell, Context, Figure, Grid, Picture, Tone
from attribution.meeting.first_response import FIRST_RESPONSE, Promise, promised_on, promises
from attribution.meeting.handovers import BACK, Handover, Kept, earliest, handovers, kept, months
from attribution.meeting.promise_records import behind, chosen, records
from attribution.meeting.words import DEFINITIONS
from attribution.periods import add_months

__all__ = ["behind", "block"]

PER_MONTH = {"month": 1, "quarter": 3, "year": 12}
MISSING = (
    "Here the hand-overs would stand: delivered against promised, what sales accepted and sent back, and how soon each lead was answered. It "
    "needs the table handoffs (handoff_id, contact_id, handed_at; further owner_id, first_response_at, outcome, outcome_at, reason): export who "
    "handed which lead to whom as handoffs.csv and build again."
)
NO_HOURS = (
    f"No business hour lies in the last {RATE_DAYS} days: every day is a holiday or no business day ([meeting] holidays, business_days). So "
    "nobody can be called late or in time."
)


def block(context: Context) -> Block:
    """Whether marketing and sales keep what they promised each other."""
    ds = context.ds
    if not ds.rows("select 1 from raw.handoffs limit 1"):
        return Block("No hand-overs are recorded, so promises cannot be told.", missing=MISSING)
    listed = handovers(context, earliest(context))
    found = kept(context, listed)
    recent = found.recent
    promise = promised_on(promises(ds), spans.last_day(context))
    monthly = promised_leads(context)
    marks = []
    if recent and not recent[0].has_hours:
        marks.append(NO_HOURS)
    if recent and (unseen := len([entry for entry in recent if entry.response_us is not None and not entry.by_touch])):
        answered = len([entry for entry in recent if entry.response_us is not None])
        marks.append(
            f"{formats.count(unseen)} of {counted(answered, 'first response')} are as supplied: no touch of sales is recorded at that moment or before."
        )
    return Block(
        answer=answer(context, listed, found, promise, monthly), figures=_figures(context, listed, found, promise, monthly),
        records_title="Open promises, oldest first",
        records=records(context, listed), picture=_picture(found, promise),
        grids=(_by_month(context, listed, monthly), *_by_team(recent), *_by_reason(context, listed)), notes=(_note(promise),), marks=tuple(marks),
    )  # fmt: skip


def promised_leads(context: Context) -> dict[str, float]:
    """Month ("2026-10") → leads that marketing promised: ``[meeting] leads_per_month``, else the targets of marketing for hand-overs."""
    shown = months(context)
    if context.ds.settings.meeting.leads_per_month is not None:
        return dict.fromkeys(shown, float(context.ds.settings.meeting.leads_per_month))
    rows = context.ds.rows(
        "select period_start_on, period, sum(target) from raw.targets where team = 'marketing' and metric = 'handoffs' and owner_id is null "
        "and segment is null and target > 0 group by period_start_on, period"
    )
    found: dict[str, float] = {}
    for first, period, target in sorted(
        rows, key=lambda row: -PER_MONTH.get(row[1], 0)
    ):  # a month's own target comes last and wins
        length = PER_MONTH.get(period, 0)
        found.update({f"{add_months(first, place):%Y-%m}": float(target) / length for place in range(length)})
    return {month: found[month] for month in shown if month in found}


# -- the answer -------------------------------------------------------------------------------------------------------------


def answer(context: Context, listed: Sequence[Handover], found: Kept, promise: Promise, monthly: dict[str, float]) -> str:
    """Delivered, answered, open, in three sentences."""
    running, last = months(context)[:2]
    by_month = Counter(entry.month for entry in listed)
    parts = []
    for month in (last, running):
        words = (
            f"{formats.count(by_month[month])} of {formats.count(monthly[month])} promised"
            if month in monthly
            else counted(by_month[month], "lead")
        )
        parts.append(f"{words} in {formats.month(month)}{' so far' if month == running else ''}")
    told = [f"Marketing handed over {formats.listed(parts)}."]
    if judged := found.judged:
        in_time = (
            f"{_of(sum(judged), len(judged))} {'was' if sum(judged) == 1 else 'were'} answered within {_hours(promise.hours)}"
        )
        told.append(f"Of {counted(len(judged), 'lead')} of the last {RATE_DAYS} days {in_time}, as promised.")
    elif found.recent and not found.recent[0].has_hours:
        told.append("Whether they were answered in time cannot be told: no day has business hours.")
    if found.waiting:
        oldest = formats.day(found.waiting[0].handed_on)
        told.append(f"{counted(len(found.waiting), 'promise is', 'promises are')} open, the oldest since {oldest}.")
    else:
        told.append("No promise is open.")
    return " ".join(told)


def _of(part: int, whole: int) -> str:
    """ "12 (80 %)" where the whole is large enough for a rate, else "4 of 5"."""
    return f"{formats.count(part)} ({formats.share(part / whole)})" if whole >= FEWEST_FOR_RATE else formats.count(part)


def _out_of(part: int, whole: int) -> str:
    if not whole:
        return formats.DASH
    share = f" ({formats.share(part / whole)})" if whole >= FEWEST_FOR_RATE else ""
    return f"{formats.count(part)} of {formats.count(whole)}{share}"


def _note(promise: Promise) -> str:
    said = (
        f"agreed by {promise.definition}, since {formats.day(promise.from_on)}"
        if promise.from_on
        else "[meeting] first_response_hours of the settings"
    )
    return (
        f"First response: the first touch of sales with the person after the hand-over, or the moment supplied where that is earlier or no touch is "
        f"recorded; in business hours of who received the lead. Promise: {_hours(promise.hours)} ({said}; a definition of {FIRST_RESPONSE} wins over "
        "the settings from its day on, and each lead is judged by what was promised on its day). Open: nobody answered and nobody decided."
    )


# -- figures, picture, tables -----------------------------------------------------------------------------------------------


def _figures(
    context: Context, listed: Sequence[Handover], found: Kept, promise: Promise, monthly: dict[str, float]
) -> tuple[Figure, ...]:
    running, last = months(context)[:2]
    by_month = Counter(entry.month for entry in listed)
    aims = {month: f" of {formats.count(monthly[month])}" if month in monthly else "" for month in (running, last)}
    return (
        Figure(
            f"Delivered in {formats.month(last)}", f"{formats.count(by_month[last])}{aims[last]}",
            f"{formats.month(running)} so far: {formats.count(by_month[running])}{aims[running]}",
            DEFINITIONS["delivered"],
        ),
        Figure(
            "Accepted", _out_of(found.accepted, len(found.decided)), f"{formats.count(found.back)} came back, {formats.count(found.undecided)} waiting",
            f"In the last {RATE_DAYS} days. {DEFINITIONS['accepted']}",
        ),
        Figure(
            "Answered as promised", _out_of(sum(found.judged), len(found.judged)), f"within {_hours(promise.hours)}",
            f"In the last {RATE_DAYS} days. {DEFINITIONS['answered_as_promised']}",
        ),
        Figure(
            "First response", formats.DASH if found.median_hours is None else _hours(found.median_hours),
            f"median of {counted(len(found.answered), 'lead')}", f"{DEFINITIONS['first_response']} Half of the leads waited longer.",
        ),
        Figure(
            "Open promises", formats.count(len(found.waiting)),
            f"the oldest since {formats.day(found.waiting[0].handed_on)}" if found.waiting else "nobody waits",
            DEFINITIONS["open_promise"],
        ),
    )  # fmt: skip


def _picture(found: Kept, promise: Promise) -> Picture | None:
    """How soon leads were answered: within the promise and beyond it."""
    if not found.recent or not found.recent[0].has_hours:
        return None
    limits = [part * promise.hours for part in (0.25, 0.5, 1, 2, 5)]
    bars, lower = [], 0.0
    answered = found.answered
    for limit in limits:
        number = len([hours for hours in answered if hours <= limit and (hours > lower or not lower)])
        name = f"up to {limit:g} h" if not lower else f"{lower:g} to {limit:g} h"
        bars.append(_bar(name, number, "good" if limit <= promise.hours else "moved"))
        lower = limit
    bars.append(_bar(f"more than {lower:g} h", len([hours for hours in answered if hours > lower]), "moved"))
    bars.append(_bar("open", len([entry for entry in found.recent if entry.is_open]), "plain"))
    kept = sum(bar.value or 0 for bar in bars[:3])
    return Picture(
        "Hours to the first response", "bars", tuple(bars),
        f"{formats.count(kept)} of {counted(len(answered), 'answered lead')} were answered within {_hours(promise.hours)}.", "leads",
        caption=f"Business hours; leads of the last {RATE_DAYS} days; the first three bars are within the promise. Decided on without an answer: left out.",
    )  # fmt: skip


def _bar(name: str, number: int, tone: Tone) -> Bar:
    return Bar(name, number, formats.count(number), tone=tone)


def _by_month(context: Context, listed: Sequence[Handover], monthly: dict[str, float]) -> Grid:
    rows, currency = [], context.ds.settings.reporting.currency
    for place, month in enumerate(months(context)):

        def cell(what: str, month: str = month) -> Cell:
            found = chosen(listed, f"month:{month}:{what}")
            return Cell(formats.count(len(found)), behind=f"month:{month}:{what}" if found else "")

        won = [entry.deal[2] for entry in chosen(listed, f"month:{month}:won") if entry.deal]
        deals = {entry.deal[0] for entry in chosen(listed, f"month:{month}:deals") if entry.deal}
        rows.append(
            (
                Cell(formats.month(month) + (" *" if not place else "")), Cell(formats.count(monthly[month]) if month in monthly else formats.DASH),
                cell("handed"), cell("accepted"), cell("rejected"), cell("recycled"), cell("waiting"),
                Cell(formats.count(len(deals)), behind=f"month:{month}:deals" if deals else ""),
                Cell(f"{formats.count(len(won))} ({money(sum(won), currency)})" if won else "0", behind=f"month:{month}:won" if won else ""),
            )
        )  # fmt: skip
    return Grid(
        "Delivered, by month",
        ("Month", "Promised", "Delivered", "Accepted", "Rejected", "Recycled", "Waiting", "Deals", "Won"),
        tuple(rows),
        help=(
            ("Month", "The month of the hand-over; * is not over yet."),
            ("Recycled", "Given back to marketing to be nurtured."), ("Waiting", "Sales has not decided yet."),
            ("Deals", "Deals these leads became (deal_id of the hand-over; where none is given, the first deal opened with the person since)."),
        ),
    )  # fmt: skip


def _by_team(recent: Sequence[Handover]) -> tuple[Grid, ...]:
    teams = sorted({entry.team for entry in recent if entry.team})
    if len(teams) < 2:
        return ()
    rows = []
    for team in teams:
        found = Kept(tuple(entry for entry in recent if entry.team == team), ())
        tried = [entry.attempts for entry in found.recent if entry.attempts is not None]
        waiting = len([entry for entry in found.recent if entry.is_open])
        rows.append(
            (
                Cell(team), Cell(formats.count(len(found.recent)), behind=f"team:{team}:handed"),
                Cell(_out_of(sum(found.judged), len(found.judged)), behind=f"team:{team}:judged" if found.judged else ""),
                Cell(formats.DASH if found.median_hours is None else f"{found.median_hours:.1f}{formats.SPACE}h"),
                Cell(f"{median(tried):g}" if len(tried) >= FEWEST_FOR_RATE else formats.DASH),
                Cell(formats.count(waiting), behind=f"team:{team}:open" if waiting else ""),
            )
        )  # fmt: skip
    return (
        Grid(
            f"By team, {RATE_DAYS} days", ("Team", "Leads", "As promised", "Median", "Attempts", "Open"), tuple(rows),
            help=(("Median", "Business hours until the first response."), ("Attempts", "Median number of attempts to reach the lead, as supplied.")),
            caption=f"No percentage and no median below {FEWEST_FOR_RATE} leads.",
        ),
    )  # fmt: skip


def _by_reason(context: Context, listed: Sequence[Handover]) -> tuple[Grid, ...]:
    windows = spans.rolling(context)
    counts = [Counter(_reasons(entry for entry in listed if span.holds(entry.handed_us))) for span in windows]
    reasons = sorted({*counts[0], *counts[1]}, key=lambda reason: (-counts[0][reason], -counts[1][reason], reason))[:6]
    if not reasons:
        return ()
    rows = tuple(
        (
            Cell(reason), Cell(formats.count(counts[0][reason]), behind=f"reason:{reason}:now" if counts[0][reason] else ""),
            Cell(formats.count(counts[1][reason]), behind=f"reason:{reason}:before" if counts[1][reason] else ""),
        )
        for reason in reasons
    )  # fmt: skip
    return (Grid("Why leads came back", ("Reason", f"{RATE_DAYS} days", f"{RATE_DAYS} before"), rows),)


def _reasons(entries: Iterable[Handover]) -> list[str]:
    return [entry.reason or "no reason given" for entry in entries if entry.outcome in BACK]
