"""The money of campaigns under filters: credit and spend from the metrics' registry, and what whole families took part in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from attribution.answers.words import ENOUGH_DEALS
from attribution.campaigns import MEMBERS, Family
from attribution.cubes import source
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.query import deal_condition

ADDED = ("revenue", "deals", "pipeline", "spend")
TOOK_PART = ("influenced_revenue", "influenced_deals", "influenced_pipeline")


def by_campaign(ds: Dataset, model: str, filters: Filters, spend_known: bool) -> dict[str, dict[str, float]]:
    """Campaign → figure → value. "" holds what has no campaign; money adds up to its rounded total."""
    credited = ds.credit_rows(model, ["campaign"], ["revenue", "deals", "pipeline"], filters)
    others = ds.metric_rows([*TOOK_PART, *(["spend"] if spend_known else [])], ["campaign"], filters, model)
    found: dict[str, dict[str, float]] = {}
    for row in (*credited, *others):
        values = found.setdefault(row["campaign"] or "", dict.fromkeys((*ADDED, *TOOK_PART), 0.0))
        for name, value in row.items():
            if name in values:
                values[name] += value or 0.0
    return found


def under_the_other(ds: Dataset, model: str, filters: Filters) -> dict[str, float]:
    """Campaign → credited revenue under another rule."""
    found: dict[str, float] = {}
    for row in ds.credit_rows(model, ["campaign"], ["revenue"], filters):
        found[row["campaign"] or ""] = found.get(row["campaign"] or "", 0.0) + row["revenue"]
    return found


def took_part(ds: Dataset, here: Filters, parents: Sequence[str], relations: Family) -> dict[str, dict[str, float]]:
    """What whole families took part in: each deal once, however many of their campaigns it met. One campaign alone is the registry's."""
    if not parents:
        return {}
    where = deal_condition(ds.resolve(here)) & here.where_credits()
    rows = ds.rows(
        f"with {MEMBERS}, "
        "met as (select distinct credits.campaign_id as campaign_id, deals.deal_id as deal_id, deals.status as status, deals.amount as amount "
        f"from {source('credits.campaign_id', where.sql)} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id where {where.sql}), "
        "once as (select distinct members.top_id as top_id, met.deal_id as deal_id, met.status as status, met.amount as amount "
        "from met inner join members on met.campaign_id = members.campaign_id) "
        "select top_id, cast(sum(case when status = 'won' then amount else 0 end) as double), count(case when status = 'won' then 1 end), "
        "cast(sum(case when status = 'open' then amount else 0 end) as double) from once group by top_id",
        [*relations.pairs(parents), *where.parameters],
    )
    met = {row[0]: dict(zip(TOOK_PART, (row[1], float(row[2]), row[3]), strict=True)) for row in rows}
    return {parent: met.get(parent) or dict.fromkeys(TOOK_PART, 0.0) for parent in parents}


def spent_before(ds: Dataset, here: Filters) -> dict[str, tuple[float, date]]:
    """Campaign → what was spent before the period, and the last day on which money was spent up to its end."""
    assert here.date_from is not None
    where = replace(here, date_from=None, period="custom" if here.date_to else "all").where_spend()
    rows = ds.rows(
        "select campaign_id, cast(sum(case when spent_on < ? then amount else 0 end) as double), max(spent_on) from staging.spend as spend "
        f"where campaign_id is not null and {where.sql} group by campaign_id",
        [here.date_from, *where.parameters],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def is_stopped(spent: float | None, before: float, last: date | None, here: Filters, today: date) -> bool:
    """Whether most money was spent before the period, and none in its second half."""
    if not here.date_from or last is None or before <= (spent or 0.0):
        return False
    end = min(here.date_to or today, today)
    return last < here.date_from + (end - here.date_from) / 2


def median_cycle(ds: Dataset, here: Filters) -> float | None:
    """Median days from opening to close of the won deals of all time that the filters on deals keep; None with too few."""
    whole = replace(here, period="all", date_from=None, date_to=None, date_basis="closed", channels=(), campaigns=())
    row = ds.metric_rows(["cycle_days", "won_deals"], [], whole)[0]
    return row["cycle_days"] or None if row["won_deals"] >= ENOUGH_DEALS else None
