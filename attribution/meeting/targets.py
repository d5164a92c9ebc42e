"""What is aimed at: targets of the shared goal, of teams and of salespeople, each with what was reached so far and how much of the time is gone.

Reads ``raw.targets``. What counts towards a metric: the metrics of deals in the registry (won_revenue, won_deals …) by their date, amounts of
deals by the day they were opened (pipeline_created), contacts by the day they became a lead (leads), hand-overs by their day, and counts of
``raw.activity_counts`` (visitors …). A count that may not be added up is only taken where it was counted for the same period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from attribution.filters import Filters
from attribution.metrics import METRICS
from attribution.periods import add_months

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.meeting.quarters import Quarter

MONTHS = {"month": 1, "quarter": 3, "year": 12}
SHARED = "shared"
_OF_DEALS = {entry.name: entry for entry in METRICS if entry.source == "deals" and entry.additive and entry.statuses != ("open",)}


@dataclass(frozen=True)
class Target:
    """One target that a day lies in. ``reached`` None: nothing in the data counts it. ``gone``: share of its days that have passed."""

    team: str
    metric: str
    first: date
    last: date
    period: str
    owner_id: str | None
    owner: str | None
    segment: str | None
    target: float
    reached: float | None
    gone: float

    @property
    def part(self) -> float | None:
        """What was reached as a share of the target."""
        return self.reached / self.target if self.reached is not None and self.target else None

    @property
    def is_money(self) -> bool:
        """Whether it is an amount."""
        return is_money(self.metric)


@dataclass(frozen=True)
class Goal:
    """The shared goal of a quarter, and from which rows it comes: "quarter", "months" or "segments"."""

    amount: float
    of: str


_RUNNING = """
select
    targets.team, targets.metric, targets.period_start_on, targets.period, targets.owner_id, people.name, targets.segment, sum(targets.target)
from raw.targets as targets
left join raw.people as people on targets.owner_id = people.owner_id
where targets.period in ('month', 'quarter', 'year') and targets.period_start_on <= ? and targets.target is not null
group by targets.team, targets.metric, targets.period_start_on, targets.period, targets.owner_id, people.name, targets.segment
order by targets.team, targets.metric, targets.period, targets.segment, people.name, targets.owner_id, targets.period_start_on
"""
_SHARED = """
select period_start_on, period, segment, sum(target)
from raw.targets
where team = 'shared' and metric = ? and owner_id is null and period_start_on between ? and ? and target > 0
group by period_start_on, period, segment
"""
_LEADS = """
select count(*)
from (
    select
        coalesce(contact_ids.contact_id, changes.contact_id) as person_id,
        min(to_local_date(changes.entered_at, reporting.time_zone)) as entered_on
    from raw.lifecycle_changes as changes
    left join identity.contact_ids as contact_ids on changes.contact_id = contact_ids.alias
    cross join (select time_zone from config.reporting) as reporting
    where changes.lifecycle_stage = 'lead'
    group by coalesce(contact_ids.contact_id, changes.contact_id)
) as leads
where entered_on between ? and ?
"""
_HANDOFFS = """
select count(*)
from raw.handoffs
cross join (select time_zone from config.reporting) as reporting
where to_local_date(handed_at, reporting.time_zone) between ? and ?
"""
_OPENED = "select cast(coalesce(sum(amount), 0) as double) from marts.deals where created_on between ? and ?"
# Sums add up over days; what may not be added up counts where one row is about the very period.
_COUNTED = """
select aggregation, period, observed_on, sum(value)
from raw.activity_counts
where metric = ? and observed_on between ? and ? and (coalesce(aggregation, 'sum') = 'sum' or (channel is null and campaign_id is null and asset_id is null))
group by aggregation, period, observed_on
"""


def is_money(metric: str) -> bool:
    """Whether a metric of a target is an amount."""
    if metric in _OF_DEALS:
        return _OF_DEALS[metric].format == "money"
    return metric.endswith(("revenue", "amount", "pipeline", "pipeline_created"))


def goal(ds: Dataset, quarter: Quarter) -> Goal | None:
    """The shared goal of a quarter: its own row, else its three months, else its segments. None where none of them is complete."""
    rows = ds.rows(_SHARED, [ds.settings.meeting.goal_metric, quarter.first, quarter.last])
    for period, of_segments, words in (("quarter", False, "quarter"), ("month", False, "months"), ("quarter", True, "segments")):
        found = {
            (first, segment): target
            for first, kind, segment, target in rows
            if kind == period and (segment is not None) == of_segments and (period == "month" or first == quarter.first)
        }
        if found and (period != "month" or len(found) == 3):
            return Goal(float(sum(found.values())), words)
    return None


def running(ds: Dataset, today: date, held_on: date) -> tuple[Target, ...]:
    """Every target whose period the day of the meeting lies in; reached up to ``today``, the last day that is known."""
    found = []
    of_deals = _OfDeals(ds)
    for team, metric, first, period, owner_id, owner, segment, target in ds.rows(_RUNNING, [held_on]):
        end = add_months(first, MONTHS[period]) - timedelta(days=1)
        if end < held_on:
            continue
        gone = max((min(today, end) - first).days + 1, 0) / ((end - first).days + 1)
        reached = None
        if today >= first and metric in _OF_DEALS:
            reached = of_deals.reached(metric, first, min(end, today), owner_id, segment)
        elif today >= first and owner_id is None and segment is None:
            reached = _reached(ds, metric, first, min(end, today), period)
        found.append(Target(team, metric, first, end, period, owner_id, owner, segment, float(target), reached, gone))
    return tuple(found)


class _OfDeals:
    """Metrics of deals between two days, by owner or segment: one question for all salespeople."""

    def __init__(self, ds: Dataset) -> None:
        self.ds = ds
        self.asked: dict[tuple[str, date, date, str], dict[str | None, float]] = {}

    def reached(self, metric: str, first: date, last: date, owner_id: str | None, segment: str | None) -> float:
        if owner_id is not None and segment is not None:
            if owner_id not in self.ds.known_values["owner"] or segment not in self.ds.known_values["segment"]:
                return 0.0  # nobody has a deal there
            filters = Filters(date_from=first, date_to=last, owners=(owner_id,), segments=(segment,))
            return float(self.ds.metric_rows([metric], [], filters)[0][metric] or 0.0)
        by = "owner" if owner_id is not None else "segment" if segment is not None else ""
        key = (metric, first, last, by)
        if key not in self.asked:
            rows = self.ds.metric_rows([metric], [by] if by else [], Filters(date_from=first, date_to=last))
            self.asked[key] = {row[by] if by else None: float(row[metric] or 0.0) for row in rows}
        return self.asked[key].get(owner_id if owner_id is not None else segment, 0.0)


def _reached(ds: Dataset, metric: str, first: date, last: date, period: str) -> float | None:
    if metric in ("pipeline_created", "opened_amount"):
        return float(ds.rows(_OPENED, [first, last])[0][0])
    for word, table, sql in (("leads", "raw.lifecycle_changes", _LEADS), ("handoffs", "raw.handoffs", _HANDOFFS)):
        if metric == word:
            return float(ds.rows(sql, [first, last])[0][0]) if ds.rows(f"select 1 from {table} limit 1") else None
    return _counted(ds.rows(_COUNTED, [metric, first, last]), first, period)


def _counted(rows: list[tuple[Any, ...]], first: date, period: str) -> float | None:
    whole = [value for aggregation, kind, day, value in rows if kind == period and day == first]
    if whole:
        return float(max(whole))
    sums: dict[str, float] = {}
    for aggregation, kind, _, value in rows:
        if aggregation in (None, "sum"):
            sums[kind] = sums.get(kind, 0.0) + float(value)
    return next((sums[kind] for kind in ("day", "week", "month") if kind in sums), None)
