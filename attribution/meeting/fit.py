"""Block 1, "Are we fit to talk?": how far the data reaches, what it covers, which checks found something, and which blocks rest on thin data.

The figures are those of the page Data health (coverage.py, checks.py): of everything that was loaded, whatever the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attribution import coverage
from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.checks import CHECKS
from attribution.content import scope
from attribution.errors import ClosedLoopError
from attribution.meeting.block import Bar, Block, Cell, Context, Figure, Grid, Picture, Record
from attribution.meeting.careful import marks, not_kept
from attribution.meeting.covered import SIGNS, Covered, covered
from attribution.meeting.words import DEFINITIONS
from attribution.views.health import GRAVITY, coverage_bars

HEALTH = "health"


def block(context: Context) -> Block:
    """Are we fit to talk?"""
    ds = context.ds
    now, then = covered(ds), _covered_then(context)
    day = scope.today(ds)
    careful = marks(context)
    records = _findings(now, then, context)
    return Block(
        answer=_answer(now, day, context, careful),
        figures=_figures(now, then, day, context),
        records_title=f"{counted(len(records), 'check')} found something to mend"
        if records
        else "No check found anything to mend",
        records=records,
        picture=_picture(now),
        grids=tuple(grid for grid in (_compared(now, then, context), _careful(careful)) if grid),
        notes=_notes(context, then),
    )


# -- the answer and its figures ----------------------------------------------------------------------------------------------


def _answer(now: Covered, day: date, context: Context, careful: Mapping[str, tuple[str, ...]]) -> str:
    grave = sum(1 for entry in CHECKS if entry.severity == "error" and entry.name in now.failed)
    if not now.won.deals and not now.touches.touches:
        return f"Not yet: the data (up to {formats.day(day)}) holds no won deal and no touch."
    verdict = "With care" if grave or careful else "Yes"
    reaches = f"{verdict}: the data reaches to {formats.day(day)}, {_age(day, context.held_on)}"
    read = now.won.deals + now.unread.deals
    deals = (
        f"{share(now.won.deals / read)} of {counted(read, 'won deal')} could be read and "
        f"{share(now.share_with_touches)} have a touch"
        if now.won.deals
        else "no won deal is in it"
    )
    thin = f" {counted(len(careful), 'block')} rest{'s' if len(careful) == 1 else ''} on thin data and say{'s' if len(careful) == 1 else ''} so."
    return f"{reaches}; {deals}.{thin if careful else ''}"


def _figures(now: Covered, then: Covered | None, day: date, context: Context) -> tuple[Figure, ...]:
    won, crm = now.won, now.won.deals + now.unread.deals
    touched = won.deals - won.without_touches
    grave = sum(1 for entry in CHECKS if entry.severity == "error" and entry.name in now.failed)
    new = sorted(set(now.failed) - set(then.failed)) if then else []
    since = f", {len(new)} new since {formats.day(context.last_on, year=False)}" if then and new else ""
    return (
        Figure(
            "Data up to",
            formats.day(day),
            _age(day, context.held_on),
            "The last day that the data knows, in the settings’ time zone.",
            HEALTH,
        ),
        Figure(
            "Won deals read",
            share(coverage.share_of(won.deals, crm)),
            f"{formats.count(won.deals)} of {formats.count(crm)}",
            "Won rows of the CRM that could be read and converted; the others are in no figure.",
            f"{HEALTH}?check=quarantined_deals",
        ),
        Figure(
            "Won deals with touches",
            share(now.share_with_touches),
            f"{formats.count(touched)} of {formats.count(won.deals)}",
            DEFINITIONS["won_with_touches"],
            f"{HEALTH}?check=won_without_touches",
        ),
        Figure(
            "Touches matched",
            share(now.touches.share_matched),
            f"{formats.count(now.touches.touches - now.touches.nobody)} of {formats.count(now.touches.touches)}",
            DEFINITIONS["touches_matched"],
            f"{HEALTH}?check=touches_of_nobody",
        ),
        Figure(
            "Findings to mend",
            formats.count(len(now.failed)),
            f"{grave} grave, of {len(CHECKS)} checks{since}",
            "Checks of the page Data health that found rows, without those that are only good to know.",
            HEALTH,
        ),
    )


def _age(day: date, held_on: date) -> str:
    days = (held_on - day).days
    if days == 0:
        return "the day of the meeting"
    return f"{formats.days(abs(days))} {'before' if days > 0 else 'after'} the meeting"


# -- what was found, and what changed -----------------------------------------------------------------------------------------


def _findings(now: Covered, then: Covered | None, context: Context) -> tuple[Record, ...]:
    """Checks that found rows, the grave ones first, then by rows."""
    records = []
    for severity, sign in SIGNS.items():
        found = [entry for entry in CHECKS if entry.severity == severity and entry.name in now.failed]
        for entry in sorted(found, key=lambda one: -now.failed[one.name]):
            rows, before = now.failed[entry.name], then.failed.get(entry.name, 0) if then else None
            changed = (
                ""
                if before is None or before == rows
                else f" ({formats.day(context.last_on, year=False)}: {formats.count(before)})"
            )
            records.append(
                Record(
                    f"{sign} {GRAVITY[severity]}",
                    entry.label,
                    counted(rows, "row"),
                    f"{entry.what}{changed}",
                    f"{HEALTH}?check={entry.name}",
                    "bad" if severity == "error" else "moved",
                    entry.name,
                    (("rows", rows), ("rows_before", before), ("what_to_do", entry.next)),
                )
            )
    return tuple(records)


def _picture(now: Covered) -> Picture | None:
    bars = [bar for bar in coverage_bars(now.won, now.unread, now.touches) if bar.count]
    if not bars:
        return None
    marks_ = tuple(
        Bar(
            bar.label,
            bar.share * 100,
            share(bar.share),
            f"{formats.count(bar.count)} of {formats.count(bar.whole)} {bar.group.removeprefix('Of ')}",
            tone="bad" if bar.is_thin else "plain",
            link=f"{HEALTH}?check={bar.check}" if bar.check else HEALTH,
        )
        for bar in bars
    )
    beyond = [bar.label.lower() for bar in bars if bar.is_thin]
    message = f"beyond its limit: {', '.join(beyond)}" if beyond else "nothing is beyond its limit"
    return Picture(
        "Not covered",
        "bars",
        marks_,
        f"What the data does not cover, as shares; {message}",
        "%",
        caption="Coloured: beyond the limit from which figures rest on thin data." if beyond else "Nothing is beyond its limit.",
        most=100.0,
    )


def _compared(now: Covered, then: Covered | None, context: Context) -> Grid | None:
    """Coverage then and now; nothing without the data of the last meeting."""
    if then is None:
        return None
    rows = []
    for label, of in (
        ("Won deals read", lambda one: coverage.share_of(one.won.deals, one.won.deals + one.unread.deals)),
        ("Won deals with touches", lambda one: one.share_with_touches),
        ("Won deals with a contact", lambda one: coverage.share_of(one.won.deals - one.won.without_contacts, one.won.deals)),
        ("Touches matched", lambda one: one.touches.share_matched),
        ("Touches with a channel", lambda one: coverage.share_of(one.touches.touches - one.touches.unknown, one.touches.touches)),
    ):
        before, after = of(then), of(now)
        change, tone = "", "plain"
        if before is not None and after is not None:
            points = after - before
            is_same = abs(points) < 0.0005
            change = "the same" if is_same else f"{'+' if points > 0 else formats.MINUS}{formats.points(points)}"
            tone = "plain" if is_same else "good" if points > 0 else "bad"
        rows.append((Cell(label), Cell(share(before)), Cell(share(after)), Cell(change, tone=tone)))  # type: ignore[arg-type]
    return Grid("Coverage then and now", ("", formats.day(context.last_on, year=False), "Now", "Change"), tuple(rows))


def _careful(careful: Mapping[str, tuple[str, ...]]) -> Grid | None:
    """Which blocks rest on thin data, and why."""
    if not careful:
        return None
    from attribution.meeting.agenda import AGENDA

    names = {item.key: item.short for item in AGENDA}
    order = [key for key in names if key in careful] or list(careful)
    return Grid(
        "Take with care",
        ("Block", "Why"),
        tuple((Cell(names.get(key, formats.words(key))), Cell(" ".join(careful[key]))) for key in order),
        name_columns=2,
    )


def _notes(context: Context, then: Covered | None) -> tuple[str, ...]:
    if context.last_on is None:
        return ("This is the first meeting: from the next one on, coverage is compared with today’s.",)
    if then is None:
        return (f"{not_kept(context)}, so coverage cannot be compared.",)
    return ()


def _covered_then(context: Context) -> Covered | None:
    if context.before is None:
        return None
    try:
        return covered(context.before)
    except ClosedLoopError:
        return None  # of a release that laid its tables out differently
