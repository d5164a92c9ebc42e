"""Block 1, "Are we fit to talk?": how far the data reaches, what it covers, which checks found something, and which blocks rest on thin data.

The figures are those of the page Data health (coverage.py, checks.py): of everything that was loaded, whatever the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from zoneinfo import ZoneInfo

from attribution import coverage
from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.checks import CHECKS
from attribution.coverage import TouchCoverage, Unread, WonDeals
from attribution.dataset import Dataset
from attribution.errors import ClosedLoopError
from attribution.meeting import moves
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Bar, Block, Cell, Context, Figure, Grid, Picture, Record
from attribution.views.health import GRAVITY, coverage_bars

HEALTH = "health"
# Over a weekend data is three days old without anybody's fault; beyond that "since the last meeting" misses days.
OLD_AFTER_DAYS = 3
# A forecast that knows no date of a third of its deals is a guess.
THIN_WITHOUT_EXPECTED_CLOSE = 0.33
SIGNS = {"error": "✕", "warning": "!"}


@dataclass(frozen=True)
class Covered:
    """What one version of the data covers, of everything that was loaded. ``failed``: check → rows it found (errors and warnings)."""

    won: WonDeals
    unread: Unread
    touches: TouchCoverage
    failed: Mapping[str, int]


def covered(ds: Dataset) -> Covered:
    """What a version of the data covers."""
    report = ds.checks()
    failed = {
        str(name): int(rows)
        for name, severity, rows in zip(report["check"], report["severity"], report["rows"], strict=True)
        if rows and severity in SIGNS
    }
    return Covered(coverage.won_deals(ds), coverage.unread_won_deals(ds), coverage.all_touches(ds), failed)


def block(context: Context) -> Block:
    """Are we fit to talk?"""
    ds = context.ds
    now, then = covered(ds), _covered_then(context)
    day = data_day(ds)
    careful = marks(context)
    records = _findings(now, then, context)
    return Block(
        answer=_answer(now, day, context, careful),
        figures=_figures(now, then, day, context),
        records_title=f"{counted(len(records), 'check')} found something" if records else "No check found anything",
        records=records,
        picture=_picture(now),
        grids=tuple(grid for grid in (_compared(now, then, context), _careful(careful)) if grid),
        notes=_notes(context, then),
    )


def data_day(ds: Dataset) -> date:
    """The last day that the data knows, in the time zone of the settings."""
    return ds.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()


# -- which blocks rest on thin data ------------------------------------------------------------------------------------------


def marks(context: Context) -> Mapping[str, tuple[str, ...]]:
    """Block → why to be careful with it, from what the data lacks; blocks that nothing is said about are left out."""
    ds = context.ds
    held = ds.rows(
        """
        select
            (select count(*) from raw.handoffs), (select count(*) from raw.handoffs where first_response_at is not null),
            (select count(*) from raw.lifecycle_changes), (select count(*) from raw.deal_stage_changes),
            (select count(*) from raw.deal_changes), (select count(*) from raw.questions),
            (select count(*) from raw.content_feedback), (select count(*) from raw.content_assets),
            (select count(*) from raw.targets where metric = ?),
            (select count(*) from marts.deals where status = 'open'),
            (select count(*) from marts.deals where status = 'open' and expected_close_on is null),
            (select count(*) from marts.deals where status = 'open' and coalesce(amount, 0) = 0),
            (select count(*) from marts.deals where status in ('won', 'lost') and closed_on > ? - ? and closed_on <= ?)
        """,
        [ds.settings.meeting.goal_metric, data_day(ds), RATE_DAYS, data_day(ds)],
    )[0]
    handed, answered, lifecycle, stages, changes, questions, feedback, assets, targets, open_, undated, unpriced, closed = held
    won, unread = coverage.won_deals(ds), coverage.unread_won_deals(ds)
    found: dict[str, list[str]] = {}

    def mark(keys: str, when: bool, words: str) -> None:
        for key in keys.split() if when else ():
            found.setdefault(key, []).append(words)

    age = (context.held_on - data_day(ds)).days
    mark(
        "plan changes promises stuck deals content",
        age > OLD_AFTER_DAYS,
        f"The data ends {formats.days(age)} before the meeting.",
    )
    mark(
        "plan changes deals",
        _is_thin(unread.deals, unread.won_rows, coverage.THIN_UNREAD_DEALS),
        f"{formats.count(unread.deals)} of {counted(unread.won_rows, 'won deal')} could not be read.",
    )
    mark("plan", not targets, f"No target for {moves.label(ds.settings.meeting.goal_metric).lower()} is supplied (targets.csv).")
    mark(
        "plan",
        _is_thin(undated, open_, THIN_WITHOUT_EXPECTED_CLOSE),
        f"{formats.count(undated)} of {counted(open_, 'open deal')} have no expected close date.",
    )
    mark(
        "plan stuck",
        _is_thin(unpriced, open_, coverage.THIN_DEALS_WITHOUT_AMOUNT),
        f"{formats.count(unpriced)} of {counted(open_, 'open deal')} have no amount.",
    )
    mark(
        "plan",
        closed < FEWEST_FOR_RATE,
        f"Only {counted(closed, 'deal')} closed in the last {RATE_DAYS} days: win rates are rough.",
    )
    mark(
        "changes",
        not changes,
        "Changes of deals are not supplied (deal_changes.csv): slipped, grown and shrunk deals cannot be seen.",
    )
    mark(
        "changes",
        context.last_on is not None and context.before is None,
        "The data of the last meeting is no longer kept: past numbers cannot be compared.",
    )
    mark("plan changes funnel stuck", not stages, "Stages of deals are not supplied (deal_stage_changes.csv).")
    mark("funnel stuck", not lifecycle, "Stages of leads are not supplied (lifecycle_changes.csv).")
    mark("promises", not handed, "Hand-overs are not supplied (handoffs.csv).")
    mark("promises", bool(handed) and not answered, "No hand-over says when sales first responded.")
    mark(
        "deals",
        _is_thin(won.without_touches, won.deals, coverage.THIN_WITHOUT_TOUCHES),
        f"{share(won.share_without_touches)} of won deals have no touch.",
    )
    mark(
        "deals",
        _is_thin(won.without_contacts, won.deals, coverage.THIN_DEALS_WITHOUT_CONTACTS),
        f"{share(won.share_without_contacts)} of won deals name no contact.",
    )
    mark("content", not assets, "Content is not supplied (content_assets.csv).")
    mark("content", not questions, "Buyers’ questions are not supplied (questions.csv).")
    mark("content", bool(assets) and not feedback, "Sales’ word on content is not supplied (content_feedback.csv).")
    return {key: tuple(words) for key, words in found.items()}


def _is_thin(part: int, whole: int, limit: float) -> bool:
    return bool(whole) and part / whole >= limit


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
        f"{share(coverage.share_of(now.won.deals - now.won.without_touches, now.won.deals))} have a touch"
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
            share(coverage.share_of(touched, won.deals)),
            f"{formats.count(touched)} of {formats.count(won.deals)}",
            "Won deals with at least one touch in their journey. The others are Unattributed under every rule.",
            f"{HEALTH}?check=won_without_touches",
        ),
        Figure(
            "Touches matched",
            share(now.touches.share_matched),
            f"{formats.count(now.touches.touches - now.touches.nobody)} of {formats.count(now.touches.touches)}",
            "Touches matched to a known person, company or deal. The others are anonymous and in no journey.",
            f"{HEALTH}?check=touches_of_nobody",
        ),
        Figure(
            "Checks that found something",
            formats.count(len(now.failed)),
            f"{grave} grave, of {len(CHECKS)}{since}",
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
        "What the data does not cover",
        "bars",
        marks_,
        f"What the data does not cover, as shares; {message}",
        "%",
        caption="Coloured: beyond the limit from which figures rest on thin data." if beyond else "Nothing is beyond its limit.",
    )


def _compared(now: Covered, then: Covered | None, context: Context) -> Grid | None:
    """Coverage then and now; nothing without the data of the last meeting."""
    if then is None:
        return None
    rows = []
    for label, of in (
        ("Won deals read", lambda one: coverage.share_of(one.won.deals, one.won.deals + one.unread.deals)),
        ("Won deals with touches", lambda one: coverage.share_of(one.won.deals - one.won.without_touches, one.won.deals)),
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
    return Grid("Coverage since the last meeting", ("", formats.day(context.last_on, year=False), "Now", "Change"), tuple(rows))


def _careful(careful: Mapping[str, tuple[str, ...]]) -> Grid | None:
    """Which blocks rest on thin data, and why."""
    if not careful:
        return None
    from attribution.meeting.agenda import AGENDA

    names = {item.key: item.short for item in AGENDA}
    order = [key for key in names if key in careful] or list(careful)
    return Grid(
        "Blocks to take with care",
        ("Block", "Why"),
        tuple((Cell(names.get(key, formats.words(key))), Cell(" ".join(careful[key]))) for key in order),
        name_columns=2,
    )


def _notes(context: Context, then: Covered | None) -> tuple[str, ...]:
    if context.last_on is None:
        return ("This is the first meeting: from the next one on, coverage is compared with today’s.",)
    if then is None:
        return (f"The data of the meeting on {formats.day(context.last_on)} is no longer kept, so coverage cannot be compared.",)
    return ()


def _covered_then(context: Context) -> Covered | None:
    if context.before is None:
        return None
    try:
        return covered(context.before)
    except ClosedLoopError:
        return None  # of a release that laid its tables out differently
