"""Blocks of a meeting as they might be (invented company and numbers), to draw, freeze and close without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from attribution.meeting.block import Bar, Block, Cell, Figure, Grid, Picture, Record
from attribution.meeting.pack import MeetingPack, Part, Said, Todo

DAY = date(2026, 11, 19)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HOSTILE = f"</style></script><img src=x onerror=alert(1)> {{{{7*7}}}} \u202e=cmd|'/c calc'!A1 مرحبا {LONG}"


def changes() -> Block:
    """What changed since the last meeting, as in the picture of the looks."""
    listed = (
        ("↑ Won", "Marisol Frucht", "196,000", "content opened it; 164 days", "good"),
        ("↑ Won", "Tamm Terminal", "128,300", "second site; 71 days", "good"),
        ("↑ Won", "Gresham Paper", "78,000", "partner opened it; 233 days", "good"),
        ("↓ Lost", "Oderland Stahl", "74,000", "no answer on moving five sites", "bad"),
        ("↓ Lost", "Pine & Co", "44,000", "no decision after 190 days", "bad"),
        ("+ Opened", "Varga Cement", "162,000", "webinar of 28 Oct", "new"),
        ("+ Opened", "Lumen Retail", "134,500", "price page, three people", "new"),
        ("+ Opened", "Aster Chemie", "108,000", "called by sales", "new"),
        ("+ Opened", "Bluffton Mills", "81,000", "price page", "new"),
        ("+ Opened", "Sorel Vins", "55,000", "trade fair", "new"),
        ("→ Slipped", "Hafen Elbe Süd", "145,000", "18 Dec → 29 Jan, second time", "moved"),
        ("→ Slipped", "Corvo Ports", "88,000", "30 Nov → 12 Jan", "moved"),
        ("↑ Grown", "Nadel Textil", "+24,000", "€72,000 → €96,000", "good"),
        ("↓ Shrunk", "Oriel Dairy", "−9,500", "€71,000 → €61,500", "bad"),
    )
    return Block(
        answer="Since 5 Nov three deals were won (€402,300), two lost (€118,000) and five opened (€540,500); open deals are €3.95 M, up €34,700. "
        "Two deals worth €233,000 slipped out of this quarter. Q3 was €4.91 M on 5 Nov and is now €4.87 M.",
        figures=(
            Figure("Won", "€402,300", "3 deals", "Deals won since the last meeting."),
            Figure("Lost", "€118,000", "2 deals"),
            Figure("Opened", "€540,500", "5 deals"),
            Figure("Slipped out of Q4", "€233,000", "2 deals, still open"),
            Figure("Open deals", "€3,948,900", "↑ €34,700 (+0.9 %) against 5 Nov"),
        ),
        records_title="The 14 records, amounts in €",
        records=tuple(
            Record(
                group,
                name,
                amount,
                detail,
                "deals?deal=D-1",
                tone,
                f"D-{place}",
                (("segment", "Mid-market"), ("days", 10 * place)),
            )  # type: ignore[arg-type]
            for place, (group, name, amount, detail, tone) in enumerate(listed)
        ),
        picture=Picture(
            "Why Q3 is not the number you saw",
            "steps",
            (
                Bar("Cancellation", -61_000, "−€61,000", "Hansson Lager, 12 Nov", tone="bad"),
                Bar("Amount corrected", -10_500, "−€10,500", "Quill Foods, 9 Nov", tone="bad"),
                Bar("Booked late", 28_000, "+€28,000", "Ravn Freight, signed 30 Sep", tone="good"),
                Bar("Together", -43_500, "−€43,500", "−0.9 % of the quarter"),
            ),
            "Q3 fell by €43,500: one cancellation, one amount corrected, one deal booked late",
            "€",
            caption="Total unchanged: earlier visits added moved €37,200 from Unattributed to content (2 deals).",
        ),
        notes=("Compared with the data of 5 Nov 2026, pinned by that meeting.",),
    )


def plan() -> Block:
    """A plan with a goal and a likely range."""
    return Block(
        answer="Not yet: €1.61 M of the €2.40 M goal for Q4 is won, and €0.52 M more is expected (likely €0.38–0.69 M); €0.27 M is missing.",
        figures=(
            Figure("Won", "€1.61 M", "67 % of the goal"),
            Figure("Expected", "€0.52 M", "€0.38–0.69 M"),
            Figure("Missing", "€0.27 M"),
        ),
        picture=Picture(
            "Won and expected by team",
            "ranges",
            (
                Bar("All", 2_130_000, "€2.13 M", "likely range", 1_990_000, 2_300_000),
                Bar("New business", 1_500_000, "€1.50 M", "", 1_300_000, 1_800_000),
                Bar("Expansion", 630_000, "€0.63 M", "", 600_000, 700_000, tone="good"),
                Bar("No estimate", None, "–"),
            ),
            "Won and expected together fall short of the goal by €0.27 M",
            "€",
            goal=2_400_000,
            goal_words="the shared goal, €2.40 M",
        ),
        grids=(
            Grid(
                "Targets by team",
                ("Team", "Metric", "Target", "Now", "Share"),
                (
                    (Cell("Marketing"), Cell("Leads handed over"), Cell("150"), Cell("131"), Cell("87 %", tone="bad")),
                    (Cell("Sales"), Cell("Won"), Cell("€2.40 M"), Cell("€1.61 M"), Cell("67 %", tone="plain")),
                ),
                name_columns=2,
            ),
        ),
        marks=("4 of 76 open deals have no amount.",),
    )


def funnel() -> Block:
    """A table of the whole width."""
    stages = ("Inquiry", "Lead", "Marketing-qualified", "Sales-qualified", "Opportunity", "Won")
    rows = tuple(
        (
            Cell(stage),
            Cell(f"{900 // (place + 1)}"),
            Cell("€3.2 M"),
            Cell("41 %"),
            Cell("−3 pts", tone="bad"),
            Cell("12 days"),
            Cell("4"),
            Cell("2"),
        )
        for place, stage in enumerate(stages)
    )
    columns = ("Stage", "Leads", "Money", "Went on", "Against before", "Days", "Back", "Returned")
    return Block(
        answer="It leaks between marketing-qualified and sales-qualified: 41 % went on, 3 points fewer than in the 90 days before.",
        grids=(
            Grid("The funnel over 90 days", columns, rows, help=(("Went on", "of those that entered the stage 90 days ago."),)),
        ),
        picture=Picture(
            "Went on",
            "bars",
            tuple(
                Bar(stage, 90.0 - 12 * place, f"{90 - 12 * place} %", "of 40 leads") for place, stage in enumerate(stages[:-1])
            ),
            "Each stage loses a tenth",
        ),
    )


def missing() -> Block:
    """A block without its table."""
    return Block(
        "Nobody can say yet: no hand-over is in the data.",
        missing="Here stand promises kept and open. Add handoffs.csv with handoff_id, contact_id, handed_at, then build again.",
    )


def many(count: int = 5_000) -> Block:
    """More records than any page holds, with names that want to be code."""
    records = tuple(
        Record(
            "! Stuck",
            f"{HOSTILE} {place}",
            "€1,000",
            "older than 80 % of those that moved on" * (1 + place % 3),
            key=f"L-{place}",
            fields=(("days", place), ("note", "=1+1")),
        )
        for place in range(count)
    )
    return Block(f"{count:,} leads wait longer than usual.", records_title=f"The {count:,} records", records=records)


def pack(is_closed: bool = True) -> MeetingPack:
    """A whole meeting, closed or made ahead."""
    todos = (
        Todo(
            "Page on moving five sites",
            "Content lead",
            date(2026, 11, 27),
            "Win rate",
            "24 %",
            0.24,
            "D-3",
            "Oderland Stahl",
            "Changes",
            date(2026, 11, 19),
        ),
        Todo(
            "Call Pine & Co again in February",
            "Account executive",
            date(2027, 2, 2),
            block="Changes",
            meeting_on=date(2026, 11, 19),
        ),
    )
    parts = [
        Part("plan", "Are we on plan?", "Plan", 8, plan()),
        Part("changes", "What changed since the last meeting?", "Changes", 8, changes()),
        Part("funnel", "Where does the one funnel leak?", "Funnel", 8, funnel()),
        Part("promises", "Do we keep our promises?", "Promises", 6, missing()),
        Part("stuck", "What is stuck?", "Stuck", 7, many(40)),
        Part(
            "deals",
            "What did we win and lose?",
            "Deals",
            6,
            problem="This block could not be computed; the others are not touched by it.",
        ),
    ]
    if is_closed:
        parts[1] = Part(
            **{
                **vars(parts[1]),
                "note": "Hafen Elbe Süd: board meets only in January.\nNot a risk, a date.",
                "decisions": (Said("Expected Q4 is shown without the two slipped deals from today.", "Ruth"),),
                "actions": todos,
            }
        )
    return MeetingPack(
        held_on=date(2026, 11, 19),
        last_on=date(2026, 11, 5),
        data_up_to=date(2026, 11, 18),
        data_version="20261118T050000000000Z",
        rule="30 first contact · 30 lead · 30 deal opened · 10 the rest, agreed 12 Mar 2026 by the revenue team",
        currency="EUR",
        parts=tuple(parts),
        earlier=(Todo("Mend the form", "Marketing operations", date(2026, 11, 12), block="Fit", meeting_on=date(2026, 11, 5)),)
        if is_closed
        else (),
        closed_by="Ruth" if is_closed else "",
        closed_at="2026-11-19T10:02:00+00:00" if is_closed else "",
    )


def hostile_pack(records: int) -> MeetingPack:
    """Every word that a person or the data gives is hostile."""
    cell = Cell(HOSTILE, "javascript:alert(1)", "bad")
    todo = Todo(f"=1+1 {HOSTILE}", HOSTILE, DAY, HOSTILE, HOSTILE, 0.5, HOSTILE, HOSTILE, HOSTILE, DAY)
    block = replace(
        many(records),
        figures=(Figure(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "javascript:alert(1)"),),
        picture=Picture(HOSTILE, "bars", (Bar(HOSTILE, 1.0, HOSTILE, HOSTILE),), HOSTILE, caption=HOSTILE),
        grids=(Grid(HOSTILE, (HOSTILE, HOSTILE), ((cell, cell),), help=((HOSTILE, HOSTILE),), caption=HOSTILE),),
        marks=(HOSTILE,),
    )
    said = (Said(HOSTILE, HOSTILE),)
    part = Part("stuck", HOSTILE, HOSTILE, 7, block, note=f"{HOSTILE}\n\x00\x1b", decisions=said, actions=(todo,))
    return replace(pack(), parts=(part, part), rule=HOSTILE, closed_by=HOSTILE)
