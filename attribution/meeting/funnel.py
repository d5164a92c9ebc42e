"""Block 5, "Where does the one funnel leak?": from the first stage to the deal that is won, the last 90 days against the 90 before.

Its numbers are those of funnel_rows.py; here they become words, tables and lists.
"""

from __future__ import annotations

from attribution.charts import formats
from attribution.charts.formats import counted, money
from attribution.meeting import links, stages
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Bar, Block, Cell, Context, Figure, Grid, Picture, Tone
from attribution.meeting.funnel_records import RETURNS, behind, records
from attribution.meeting.funnel_rows import NAMES, OPENED, WON, Funnel, Rate, Row, funnel
from attribution.meeting.spans import Span
from attribution.meeting.words import DEFINITIONS

__all__ = ["behind", "block"]

MISSING = (
    "Here the funnel would stand, from the first inquiry to the deal that is won, with what moved on and what did not. It needs the table "
    "lifecycle_changes (contact_id, lifecycle_stage, entered_at): export the history of the lifecycle stage from the CRM as "
    "lifecycle_changes.csv and build again. Deals opened and won stand on the Deals page meanwhile."
)


def block(context: Context) -> Block:
    """Where the one funnel leaks."""
    if not context.ds.rows("select 1 from raw.lifecycle_changes limit 1"):
        return Block("No lifecycle stages are recorded, so the one funnel cannot be shown.", missing=MISSING)
    found = funnel(context)
    currency = context.ds.settings.reporting.currency
    unknown = stages.unknown(context.ds)
    notes = [
        "People are counted each time they enter a stage. They move on when their next stage is a later one, also when a stage is skipped.",
    ]
    if found.never:
        notes.append(f"Nobody is recorded as {' or '.join(stages.named(stage) for stage in found.never)}.")
    marks = []
    if unknown:
        listed = ", ".join(f"{stage} ({formats.count(number)})" for stage, number in list(unknown.items())[:5])
        marks.append(f"Stages that [stages] lifecycle does not know are left out: {listed}.")
    return Block(
        answer=answer(found, currency), figures=_figures(found, currency), records_title=_records_title(found), records=records(context, found),
        picture=_picture(found), grids=(_grid(found, currency), *_grid_of_returns(found)), notes=tuple(notes), marks=tuple(marks),
    )  # fmt: skip


def answer(found: Funnel, currency: str | None) -> str:
    """Where the funnel leaks, in two or three sentences."""
    by_stage = {row.stage: row for row in found.rows}
    opened, won = by_stage[OPENED], by_stage[WON]
    deals = f"{counted(opened.entered[0], 'deal')} opened ({money(opened.money[0], currency)})"
    wins = f"{formats.count(won.entered[0])} {'was' if won.entered[0] == 1 else 'were'} won ({money(won.money[0], currency)})"
    first = next((row for row in found.rows if row.stage not in NAMES), None)
    people = f"{counted(first.entered[0], stages.named(first.stage), stages.many(first.stage))} came in, " if first else ""
    return f"In the last {RATE_DAYS} days {people}{deals} and {wins}. {_leak(found)}"


def _leak(found: Funnel) -> str:
    leak, narrowest = found.leak, found.narrowest
    if narrowest is None:
        return f"No stage has {FEWEST_FOR_RATE} people or deals that had their time, so no rate is given."
    if leak is None or leak.is_chance:
        fall = ""
        if leak is not None and leak.rates is not None:
            now, before = leak.rates
            fall = f": the largest fall, after {_stage(leak)} ({formats.share(now.share)} against {formats.share(before.share)}), can be chance"
        head = f"No step lets through {'clearly ' if fall else ''}fewer than before{fall}."
        return f"{head} The narrowest step is the one after {_stage(narrowest)}: {_against(narrowest)}."
    return f"It leaks most after {_stage(leak)}: {_against(leak)}."


def _stage(row: Row) -> str:
    return row.name[:1].lower() + row.name[1:]


def _against(row: Row) -> str:
    if row.rates is None:
        return ""
    now, before = row.rates
    return f"{_of(now)} moved on within {formats.days(row.within)}, against {_of(before)} before"


def _of(rate: Rate) -> str:
    if rate.share is None:
        return f"{formats.count(rate.moved)} of {formats.count(rate.of)}"
    return f"{formats.count(rate.moved)} of {formats.count(rate.of)} ({formats.share(rate.share)})"


def _figures(found: Funnel, currency: str | None) -> tuple[Figure, ...]:
    """The first stage, the last before the deal, deals opened and won, and who came back."""
    people = [row for row in found.rows if row.stage not in NAMES]
    shown = [*dict.fromkeys([*people[:1], *people[-1:]])]
    now = found.windows[0]
    figures = [
        Figure(_plural(row), formats.count(row.entered[0]), _change(row.entered), f"People who became {stages.named(row.stage)} in the last {RATE_DAYS} days.")
        for row in shown
    ]  # fmt: skip
    for row in found.rows:
        if row.stage in NAMES:
            basis, status = ("created", "") if row.stage == OPENED else ("closed", "won")
            figures.append(
                Figure(
                    f"Deals {'opened' if row.stage == OPENED else 'won'}", money(row.money[0], currency),
                    f"{counted(row.entered[0], 'deal')}, {formats.count(row.entered[1])} before",
                    f"Deals by the day they were {'opened' if row.stage == OPENED else 'won'}, in the last {RATE_DAYS} days.",
                    links.deals_between(now.first, now.last, basis, status),
                )
            )  # fmt: skip
    for entry in found.returns:
        if entry.kind == "came back":
            figures.append(
                Figure(
                    "Came back", formats.count(entry.counts[0]), _change(entry.counts),
                    DEFINITIONS["came_back"],
                )
            )  # fmt: skip
    return tuple(figures[:5])


def _plural(row: Row) -> str:
    words = stages.many(row.stage)
    return formats.capital(words)


def _change(pair: tuple[int, int]) -> str:
    return f"{formats.count(pair[1])} in the {RATE_DAYS} before"


def _picture(found: Funnel) -> Picture | None:
    """Which part moves on, stage by stage, with its likely range."""
    bars = []
    for row in found.rows:
        if row.rates and row.rates[0].share is not None:
            now, before = row.rates
            low, high = now.likely
            earlier = formats.share(before.share) if before.share is not None else f"{before.moved} of {before.of}"
            tone: Tone = "plain" if row.is_chance or row.fall is None else "bad" if row.fall < 1 else "good"
            bars.append(
                Bar(
                    row.name.removesuffix(" lead"), round(100 * now.moved / now.of, 1), formats.share(now.share),
                    f"{earlier} before; of {formats.count(now.of)}",
                    round(100 * low, 1), round(100 * high, 1), tone,
                )
            )  # fmt: skip
    if not bars:
        return None
    said = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
    return Picture(
        "Which part moves on", "ranges", tuple(bars), f"Part of each stage that moved on: {said}.", "%",
        caption="Dot: those who had their time; line: the likely range (90 %). Coloured where the change is more than chance. A deal moves on when it is won.",
    )  # fmt: skip


def _grid(found: Funnel, currency: str | None) -> Grid:
    rows = []
    for row in found.rows:
        cells = [Cell(row.name.removesuffix(" lead")), *_entered(row, found.windows), Cell(money(row.money[0], currency))]
        for place, word in enumerate(("now", "before")):
            rate = row.rates[place] if row.rates else None
            tone: Tone = "bad" if place == 0 and row.fall is not None and row.fall < 1 and not row.is_chance else "plain"
            link = ""
            if row.stage == OPENED and row.cohorts:
                link = links.deals_between(row.cohorts[place].first, row.cohorts[place].last, "created")
            behind = f"moved:{row.stage}:{word}" if rate and not link else ""
            cells.append(Cell(_short(rate) if rate else formats.DASH, link, tone, behind))
        cells.append(Cell(f"{row.within}{formats.SPACE}d" if row.rates else formats.DASH))
        cells.append(Cell(_medians(row)))
        rows.append(tuple(cells))
    return Grid(
        f"Stages, {RATE_DAYS} days",
        ("Stage", "Entered", "Before", "Deals since", "Moved on", "Earlier", "Within", "Median"), tuple(rows),
        help=(
            ("Entered", DEFINITIONS["entered"]),
            ("Before", f"The same in the {RATE_DAYS} days before."),
            ("Deals since", DEFINITIONS["deals_since"]),
            ("Moved on", DEFINITIONS["moved_on"]),
            ("Earlier", f"The same of those who entered in the {RATE_DAYS} days before."),
            ("Within", DEFINITIONS["within"]),
            ("Median", DEFINITIONS["median_days"]),
        ),
        caption=(
            f"Moved on: of those who entered in the {RATE_DAYS} days that ended so long ago as “Within” says, and in the {RATE_DAYS} days before. "
            "Both had the same time, so they can be compared; who entered later is not finished and not judged yet."
        ),
    )  # fmt: skip


def _entered(row: Row, windows: tuple[Span, Span]) -> list[Cell]:
    cells = []
    for number, span, word in zip(row.entered, windows, ("now", "before"), strict=True):
        link = ""
        if row.stage in NAMES:
            link = links.deals_between(span.first, span.last, *(("created", "") if row.stage == OPENED else ("closed", "won")))
        cells.append(Cell(formats.count(number), link, behind="" if link or not number else f"entered:{row.stage}:{word}"))
    return cells


def _short(rate: Rate) -> str:
    """ "46 % of 147"; "4 of 9" where they are too few for a percentage."""
    return f"{formats.share(rate.share) if rate.share is not None else formats.count(rate.moved)} of {formats.count(rate.of)}"


def _medians(row: Row) -> str:
    """ "6 d (13)"; a dash where too few moved on."""
    now, before = (None if value is None else "<1" if value < 0.5 else formats.count(value) for value in row.days)
    if now is None and before is None:
        return formats.DASH
    return f"{now or formats.DASH}{formats.SPACE}d{f' ({before})' if before else ''}"


def _grid_of_returns(found: Funnel) -> tuple[Grid, ...]:
    rows = tuple(
        (
            Cell(RETURNS.get(entry.kind) or stages.name(entry.kind)),
            Cell(", ".join(f"{reason} {formats.count(number)}" for reason, number in entry.reasons[:3]) or formats.DASH),
            *(
                Cell(formats.count(number), behind=f"returns:{entry.kind}:{word}" if number else "")
                for number, word in zip(entry.counts, ("now", "before"), strict=True)
            ),
        )
        for entry in found.returns
    )
    if not rows:
        return ()
    return (Grid("Out and back", ("", "Reasons named most", f"{RATE_DAYS} days", f"{RATE_DAYS} before"), rows, name_columns=2),)


def _records_title(found: Funnel) -> str:
    leak = found.focus
    return f"Not moved on from {_stage(leak)}, and who came back" if leak else "Who came back"
