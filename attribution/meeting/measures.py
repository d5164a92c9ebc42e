"""The meeting's own figures that an action can be meant to move, each computed by the functions of its block, so that the numbers are the same.

A figure of the metrics registry (won revenue, win rate) is an entry there; here stands what only a block of the meeting counts. What a figure
means is said once, in words.py. The share that moves on from a stage is one figure per stage: ``moved_on:sales_qualified``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from attribution.meeting import spans, stages, stuck
from attribution.meeting.block import RATE_DAYS, Context
from attribution.meeting.covered import Covered, covered
from attribution.meeting.funnel_rows import NAMES, OPENED, Row, funnel
from attribution.meeting.handovers import Kept, earliest, handovers, kept
from attribution.meeting.plan_facts import Plan, plan
from attribution.meeting.waiting import DEAL, LEAD, Queue
from attribution.meeting.words import DEFINITIONS

if TYPE_CHECKING:
    from attribution.dataset import Dataset

MOVED_ON = "moved_on:"


class Facts:
    """What the blocks of one meeting count, each counted when it is first asked for."""

    def __init__(self, context: Context) -> None:
        """``context``: that of the meeting."""
        self.context = context

    @cached_property
    def kept(self) -> Kept:
        """Hand-overs, as "Do we keep our promises?" counts them."""
        return kept(self.context, handovers(self.context, earliest(self.context)))

    @cached_property
    def plan(self) -> Plan:
        """The quarter, as "Are we on plan?" counts it."""
        return plan(self.context)

    @cached_property
    def stages(self) -> dict[str, Row]:
        """Stage → what "Where does the one funnel leak?" counts of it."""
        return {row.stage: row for row in funnel(self.context).rows}

    @cached_property
    def queues(self) -> dict[str, Queue]:
        """Deals and leads that wait, as "What is stuck?" counts them."""
        return stuck.queues(self.context)

    @cached_property
    def covered(self) -> Covered:
        """What the data covers, as "Are we fit to talk?" counts it."""
        return covered(self.context.ds)

    def stuck(self, kind: str) -> int | None:
        """How many deals or leads are stuck."""
        return len(self.queues[kind].stuck) if kind in self.queues else None


@dataclass(frozen=True)
class Measure:
    """One figure. ``word``: its definition in words.py. ``table``: without a row in it nobody can tell. ``is_standing``: as of a day, else over
    90 days."""

    name: str
    label: str
    word: str
    table: str
    value: Callable[[Facts], float | None]
    format: Literal["hours", "share", "count", "money", "times"] = "count"
    better: Literal["up", "down", ""] = "down"
    is_standing: bool = True

    @property
    def description(self) -> str:
        """What it means, for a hover."""
        return DEFINITIONS[self.word]


_HANDOFFS = "raw.handoffs"
MEASURES: tuple[Measure, ...] = (
    Measure("first_response", "Hours to first response", "first_response", _HANDOFFS, lambda of: of.kept.median_hours, "hours", is_standing=False),
    Measure(
        "answered_as_promised", "Answered as promised", "answered_as_promised", _HANDOFFS, lambda of: of.kept.in_time_share, "share", "up", False
    ),
    Measure("accepted", "Hand-overs accepted", "accepted", _HANDOFFS, lambda of: of.kept.accepted_share, "share", "up", False),
    Measure("leads_waiting", "Leads waiting for a decision", "leads_waiting", _HANDOFFS, lambda of: of.kept.undecided, is_standing=False),
    Measure("open_promises", "Open promises", "open_promise", _HANDOFFS, lambda of: len(of.kept.waiting)),
    Measure("plan_coverage", "Open deals ÷ still to win", "coverage", "raw.targets", lambda of: of.plan.coverage, "times", "up"),
    Measure(
        "value_at_risk", "Stuck value", "value_at_risk", "raw.deal_stage_changes",
        lambda of: of.queues[DEAL].at_risk if DEAL in of.queues else None, "money",
    ),
    Measure("stuck_deals", "Stuck deals", "stuck", "raw.deal_stage_changes", lambda of: of.stuck(DEAL)),
    Measure("stuck_leads", "Stuck leads", "stuck", "raw.lifecycle_changes", lambda of: of.stuck(LEAD)),
    Measure("won_with_touches", "Won deals with touches", "won_with_touches", "marts.deals", lambda of: of.covered.share_with_touches, "share", "up"),
    Measure("touches_matched", "Touches matched", "touches_matched", "touches.touches", lambda of: of.covered.touches.share_matched, "share", "up"),
)  # fmt: skip
_BY_NAME = {entry.name: entry for entry in MEASURES}


def measure(name: str) -> Measure | None:
    """The figure of a name; None where there is none."""
    return _of_stage(name.removeprefix(MOVED_ON)) if name.startswith(MOVED_ON) else _BY_NAME.get(name)


def offered(ds: Dataset) -> tuple[str, ...]:
    """The figures that this data can tell, those of the funnel by its stages."""
    entered = {row[0] for row in ds.rows("select distinct lifecycle_stage from raw.lifecycle_changes")}
    steps = [f"{MOVED_ON}{stage}" for stage in (*(stage for stage in stages.lifecycle(ds).of_people if stage in entered), OPENED)]
    found = [entry for name in (*_BY_NAME, *steps) if (entry := measure(name))]
    tables = {table: bool(ds.rows(f"select 1 from {table} limit 1")) for table in {entry.table for entry in found}}
    return tuple(entry.name for entry in found if tables[entry.table])


def value(entry: Measure, facts: Facts) -> tuple[float | None, date | None, date]:
    """(its value now, None where it cannot be told; the first day it is counted over, None where it stands; the last)."""
    context = facts.context
    last = spans.last_day(context)
    if not context.ds.rows(f"select 1 from {entry.table} limit 1"):
        return None, None, last
    found = entry.value(facts)
    if entry.name.startswith(MOVED_ON):  # of those who had their time: they entered earlier
        row = facts.stages.get(entry.name.removeprefix(MOVED_ON))
        if row is not None and row.cohorts:
            return found, row.cohorts[0].first, row.cohorts[0].last
    return found, None if entry.is_standing else last - timedelta(days=RATE_DAYS - 1), last


def _of_stage(stage: str) -> Measure:
    def moved_on(of: Facts) -> float | None:
        row = of.stages.get(stage)
        return row.rates[0].share if row and row.rates else None

    label = "Deals opened that are won" if stage == OPENED else f"Share going on from {NAMES.get(stage) or stages.named(stage)}"
    table = "marts.deals" if stage == OPENED else "raw.lifecycle_changes"
    return Measure(f"{MOVED_ON}{stage}", label, "moved_on", table, moved_on, "share", "up", is_standing=False)
