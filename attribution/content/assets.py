"""Every piece of content: what it cost, whom it reached, and what it is credited with. ``assets`` answers, one ``Asset`` each.

Money and deals follow the filters; cost and reach are since publication, whatever the filters. Cost is production plus all else that
was spent on the piece. Its production is known from content_assets.cost, from spend of the kind production, or from both: then they are
the same money, and the larger counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attribution.cubes import STORED_LEDGER
from attribution.filters import ALL_TIME, Filters
from attribution.periods import add_months
from attribution.query import deal_condition

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# The rule by which a piece pays back: each touch of a deal counts the same.
PAYBACK_MODEL = "linear"
PUBLIC = ("published", "to_revise")


@dataclass(frozen=True)
class Asset:
    """One piece of content. Money in the reporting currency; ``credit`` and ``credit_pipeline``: rule → amount, as in ``Dataset.credit``.

    ``views`` are page views counted by a tool (``has_counts``), else touches; ``readers``: people with a touch; ``leads``: people whom its touch
    made a lead; ``sent``: touches of sales; ``roi``: (credited − cost) ÷ cost under the first rule, None without cost or where filters
    keep a part of the deals, touches or days (cost is of the whole life); ``payback_months``: whole months from publication until linear
    revenue of all time reached the cost.
    """

    asset_id: str
    title: str
    url: str | None = None
    format: str | None = None
    topic: str | None = None
    funnel_stage: str | None = None
    status: str | None = None
    published_on: date | None = None
    age_days: int | None = None
    author: str | None = None
    owner_id: str | None = None
    cost: Decimal | None = None
    upkeep: Decimal | None = None
    views: int = 0
    has_counts: bool = False
    touches: int = 0
    buyer_touches: int = 0
    readers: int = 0
    accounts: int = 0
    leads: int = 0
    sent: int = 0
    first_on: date | None = None
    last_on: date | None = None
    last_read_on: date | None = None
    won_deals: int = 0
    lost_deals: int = 0
    open_deals: int = 0
    influenced_revenue: float = 0.0
    influenced_pipeline: float = 0.0
    credit: Mapping[str, float] = field(default_factory=dict)
    credit_pipeline: Mapping[str, float] = field(default_factory=dict)
    credit_deals: Mapping[str, float] = field(default_factory=dict)
    roi: float | None = None
    payback_months: int | None = None
    buyer_question: str | None = None
    is_sales_content: bool = False
    due_on: date | None = None
    requested_by: str | None = None
    is_planned: bool = True

    @property
    def is_public(self) -> bool:
        """Whether buyers can read it: published, or published and due to be revised; without a status, where it has a day or a touch."""
        return self.status in PUBLIC if self.status else self.published_on is not None or self.touches > 0

    @property
    def since(self) -> date | None:
        """The day it was published, else of its first touch."""
        return self.published_on or self.first_on


# Rule → content → measure → value.
Credits = Mapping[str, Mapping[str, Mapping[str, float]]]

CREDIT_MEASURES = ("revenue", "deals", "pipeline")

# A production amount in spend and content_assets.cost are one and the same money; whatever else was spent comes on top.
PLANNED = """
    with spent as (
        select
            asset_id,
            sum(case when coalesce(spend_kind, 'production') = 'production' then amount end) as production,
            sum(case when coalesce(spend_kind, 'production') <> 'production' then amount end) as upkeep
        from staging.spend
        where asset_id is not null
        group by asset_id
    ),

    counted as (
        select asset_id, cast(sum(views) as bigint) as views
        from (
            select asset_id, month_on, max(views) as views
            from (
                select asset_id, date_trunc('month', observed_on) as month_on, period, sum(value) as views
                from raw.activity_counts
                where metric = 'page_views' and coalesce(aggregation, 'sum') = 'sum' and asset_id is not null
                group by asset_id, date_trunc('month', observed_on), period
            ) as by_period
            group by asset_id, month_on
        ) as by_month
        group by asset_id
    ),

    named as (
        select asset_id from staging.content_assets
        union
        select asset_id from marts.asset_reach
        union
        select asset_id from spent
        union
        select asset_id from counted
    )

    select
        named.asset_id, assets.title, assets.url, assets.format, assets.topic, assets.funnel_stage, assets.status, assets.published_on,
        coalesce(people.name, assets.owner_id), assets.owner_id, assets.cost, spent.production, spent.upkeep, counted.views, reach.touches,
        reach.buyer_touches, reach.readers, reach.accounts, reach.leads, reach.sent, reach.first_on, reach.last_on, reach.last_read_on,
        assets.buyer_question, assets.is_sales_content, assets.due_on, coalesce(askers.name, assets.requested_by),
        assets.asset_id is not null
    from named
    left join staging.content_assets as assets on named.asset_id = assets.asset_id
    left join raw.people as people on assets.owner_id = people.owner_id
    left join raw.people as askers on assets.requested_by = askers.owner_id
    left join spent on named.asset_id = spent.asset_id
    left join counted on named.asset_id = counted.asset_id
    left join marts.asset_reach as reach on named.asset_id = reach.asset_id
    order by named.asset_id"""


@dataclass(frozen=True)
class Known:
    """What does not depend on filters or rules: each piece as planned with its reach, its cost, its payback, and the last day of the data."""

    rows: tuple[tuple[Any, ...], ...]
    costs: Mapping[str, Decimal | None]
    paybacks: Mapping[str, int]
    today: date


def known(ds: Dataset) -> Known:
    """Read once per version of the data."""
    labels = ds.labels("asset")
    rows = tuple((asset_id, labels.get(asset_id, title), *row) for asset_id, title, *row in ds.rows(PLANNED))
    costs = {row[0]: cost_of(*row[10:13]) for row in rows}
    today = ds.as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()
    return Known(rows, costs, paybacks(ds, costs, {row[0]: row[7] or row[20] for row in rows}), today)


def assets(ds: Dataset, filters: Filters = ALL_TIME, models: Sequence[str] = (), found: Known | None = None) -> tuple[Asset, ...]:
    """Every piece of content that content_assets, a touch, an amount spent or a counted view names, by id.

    ``models``: the rules of ``credit`` (default: the agreed rule and the second), the first being that of ``roi``. ``found``: what is known already.
    """
    rules = tuple(dict.fromkeys(models or (ds.settings.reporting.model, ds.settings.reporting.second_model)))
    return under(ds, filters, {rule: credited(ds, rule, filters) for rule in rules}, found or known(ds))


def under(ds: Dataset, filters: Filters, credits: Credits, found: Known) -> tuple[Asset, ...]:
    """The pieces with credits that are there already: rule → content → measure → value."""
    here = ds.resolve(filters)
    took = took_part(ds, here)
    is_whole = not (here.select_deals_by_field or here.channels or here.campaigns or here.date_from or here.date_to)
    listed = []
    for row in found.rows:
        asset_id, cost, since = row[0], found.costs[row[0]], row[7] or row[20]
        by_rule = {rule: values.get(asset_id, {}) for rule, values in credits.items()}
        revenue = {rule: values.get("revenue", 0.0) for rule, values in by_rule.items()}
        first = next(iter(revenue.values()), 0.0)
        won, lost, still_open, influenced, pipeline = took.get(asset_id, (0, 0, 0, 0.0, 0.0))
        listed.append(
            Asset(
                asset_id=asset_id, title=row[1] or asset_id, url=row[2], format=row[3], topic=row[4], funnel_stage=row[5], status=row[6],
                published_on=row[7], age_days=(found.today - since).days if since and since <= found.today else None, author=row[8],
                owner_id=row[9], cost=cost, upkeep=row[12], views=row[13] if row[13] is not None else row[14] or 0,
                has_counts=row[13] is not None, touches=row[14] or 0, buyer_touches=row[15] or 0, readers=row[16] or 0, accounts=row[17] or 0,
                leads=row[18] or 0, sent=row[19] or 0, first_on=row[20], last_on=row[21], last_read_on=row[22],
                won_deals=won, lost_deals=lost, open_deals=still_open, influenced_revenue=influenced, influenced_pipeline=pipeline,
                credit=revenue, credit_pipeline={rule: values.get("pipeline", 0.0) for rule, values in by_rule.items()},
                credit_deals={rule: values.get("deals", 0.0) for rule, values in by_rule.items()},
                roi=(first - float(cost)) / float(cost) if cost and is_whole else None, payback_months=found.paybacks.get(asset_id),
                buyer_question=row[23], is_sales_content=bool(row[24]), due_on=row[25], requested_by=row[26], is_planned=row[27],
            )
        )  # fmt: skip
    return tuple(listed)


def cost_of(planned: Decimal | None, production: Decimal | None, upkeep: Decimal | None) -> Decimal | None:
    """Production, the larger of the two places that may know it, plus everything else; None where nothing is known."""
    known = [amount for amount in (planned, production) if amount is not None]
    if not known and upkeep is None:
        return None
    return max(known, default=Decimal(0)) + (upkeep or Decimal(0))


def credited(ds: Dataset, model: str, filters: Filters) -> dict[str, dict[str, float]]:
    """Content → measure → value under a rule, rounded as ``Dataset.credit`` rounds. "" holds touches without content, "Unattributed" what no touch earned."""
    found: dict[str, dict[str, float]] = {}
    for row in ds.credit_rows(model, ["asset"], CREDIT_MEASURES, filters):
        values = found.setdefault(row["asset"] or "", dict.fromkeys(CREDIT_MEASURES, 0.0))
        for name in CREDIT_MEASURES:
            values[name] += row[name]
    return found


def took_part(ds: Dataset, here: Filters) -> dict[str, tuple[int, int, int, float, float]]:
    """Content → deals won, lost and open in whose journey it was used, and the whole amounts of those won and open. ``here``: resolved."""
    where = deal_condition(here)
    uses, parameters = uses_of(here)
    rows = ds.rows(
        "select credits.asset_id, count(case when deals.status = 'won' then 1 end), count(case when deals.status = 'lost' then 1 end), "
        "count(case when deals.status = 'open' then 1 end), cast(sum(case when deals.status = 'won' then deals.amount else 0 end) as double), "
        "cast(sum(case when deals.status = 'open' then deals.amount else 0 end) as double) "
        f"from {uses} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id where {where.sql} group by credits.asset_id",
        [*parameters, *where.parameters],
    )
    return {row[0]: row[1:] for row in rows}


def uses_of(here: Filters) -> tuple[str, tuple[object, ...]]:
    """SQL of one row per deal and content of its journey (columns of marts.asset_uses), and its parameters: the mart itself unless
    filters keep single touches."""
    if not here.select_credits:
        return "marts.asset_uses", ()
    credits = here.where_credits()
    return (
        "(select deal_id, asset_id, count(*) as touches, min(occurred_us) as first_us, max(occurred_us) as last_us, "
        "min(case when actor = 'buyer' then occurred_us end) as first_buyer_us, min(case when actor = 'sales' then occurred_us end) as first_sent_us "
        f"from {STORED_LEDGER} as credits where asset_id is not null and {credits.sql} group by deal_id, asset_id)",
        credits.parameters,
    )


def paybacks(ds: Dataset, costs: Mapping[str, Decimal | None], since: Mapping[str, date | None]) -> dict[str, int]:
    """Content → whole months from its publication until its linear revenue reached its cost; not there while it has not."""
    listed = [key for key, cost in costs.items() if cost and since.get(key)]
    if not listed:
        return {}
    column = ds.settings.model(PAYBACK_MODEL).column
    rows = ds.rows(
        "with costs as (select unnest(cast(? as varchar[])) as asset_id, unnest(cast(? as double[])) as cost), "
        "earned as ("
        f"select credits.asset_id as asset_id, deals.closed_on as closed_on, sum(credits.{column} * cast(deals.amount as double)) as revenue "
        "from marts.credits_by_asset as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id "
        "where deals.status = 'won' group by credits.asset_id, deals.closed_on), "
        "running as (select asset_id, closed_on, sum(revenue) over (partition by asset_id order by closed_on) as revenue from earned) "
        "select running.asset_id, min(running.closed_on) from running inner join costs on running.asset_id = costs.asset_id "
        "where running.revenue >= costs.cost - 0.005e0 group by running.asset_id",
        [listed, [float(costs[key] or 0) for key in listed]],
    )
    return {asset_id: months_between(since[asset_id], reached) for asset_id, reached in rows}


def months_between(first: date | None, last: date) -> int:
    """The least number of whole months after ``first`` that reaches ``last``; 0 where it is not later."""
    if first is None or last <= first:
        return 0
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) >= last else months + 1


def whole_months(first: date | None, last: date) -> int:
    """How many whole months have passed; 0 without a first day."""
    if first is None or last <= first:
        return 0
    reached = months_between(first, last)
    return reached if add_months(first, reached) == last else reached - 1
